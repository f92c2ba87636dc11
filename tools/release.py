"""Check what a release would publish, and write the bill of materials.

    python -m tools.release check          # two builds, their contents, the licences, known vulnerabilities
    python -m tools.release build dist     # the same, and leave both archives and the bill of materials in a folder

Nothing here needs the network, except for the database of vulnerabilities: without it, that check says that it was
skipped. The extra `release` has the tools.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import venv
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT: Final = Path(__file__).parent.parent

_FOR_MAINTAINERS: Final = frozenset({"bench", "dev", "docs", "release"})
"""Extras that no user installs."""

_ALLOWED: Final = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "PSF-2.0", "Unlicense",
    "Zlib",
})  # fmt: skip
"""Licences that ask for no more than a notice."""

_EPOCH: Final = "1577836800"  # 2020-01-01: the times in the archives say nothing, so that any checkout builds the same
_AUDIT_LIMIT: Final = 25  # seconds


class ReleaseError(Exception):
    """A release that must not be published."""


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def extras() -> list[str]:
    """Return the extras that users install."""
    return sorted(set(_project()["optional-dependencies"]) - _FOR_MAINTAINERS)


def closure(names: Iterable[str] = ()) -> dict[str, metadata.Distribution]:
    """Return the installed distributions that ours needs, with the given extras, by their normalized names.

    Raises:
        ReleaseError: One is not installed.
    """
    project = _project()
    declared: list[str] = [*project["dependencies"]]
    for name in names:
        declared += project["optional-dependencies"][name]
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in declared]
    while waiting:
        requirement, of_extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": of_extra}):
            continue
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen or name == "lago-async":  # an extra of ours may name another, which is in `names`
                continue
            seen.add((name, extra))
            try:
                found[name] = metadata.distribution(name)
            except metadata.PackageNotFoundError:
                raise ReleaseError(f"{name} is not installed: install the extra `release` first") from None
            waiting += [(Requirement(text), extra) for text in found[name].requires or ()]
    return dict(sorted(found.items()))


# --- the archives -----------------------------------------------------------------------------------------------------


def _run(command: Sequence[object], **environment: str) -> str:
    """Run a tool and return what it prints.

    Raises:
        ReleaseError: It failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=ROOT, env={**os.environ, **environment}, text=True, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(f"{command[0]} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def build_twice(folder: Path, other: Path) -> dict[str, str]:
    """Build both archives two times, in surroundings that differ, and return their digests.

    Raises:
        ReleaseError: A build failed, or the two differ.
    """
    results: list[dict[str, str]] = []
    for target, surroundings in (
        (folder, {"TZ": "UTC", "PYTHONHASHSEED": "1"}),
        (other, {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2"}),
    ):
        command = ["hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", target]
        _run(command, SOURCE_DATE_EPOCH=os.environ.get("SOURCE_DATE_EPOCH", _EPOCH), **surroundings)
        results.append(digests(target))
    first, second = results
    if first != second:
        raise ReleaseError(f"two builds of the same files differ: {first} and {second}")
    return first


# --- the dependencies -------------------------------------------------------------------------------------------------


def licence_of(distribution: metadata.Distribution) -> str:
    """Return the licence of a distribution: an SPDX expression, or what else its metadata says."""
    fields = HeaderParser().parsestr(distribution.read_text("METADATA") or "")
    expression = fields.get("License-Expression")
    if expression:
        return expression
    classifiers: list[str] = fields.get_all("Classifier", [])
    classified = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: OSI Approved ::")]
    text = fields.get("License", "").strip().partition("\n")[0]
    return _SPDX.get(text, text) or " AND ".join(_SPDX.get(name, name) for name in classified) or "unknown"


_SPDX: Final[Mapping[str, str]] = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "PSF": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def is_allowed(licence: str) -> bool:
    """Tell whether an SPDX expression asks for no more than a notice: all of its parts, or one of each alternative."""
    return all(
        any(choice.strip(" ()") in _ALLOWED for choice in part.split(" OR "))
        for part in re.sub(r" WITH \S+", "", licence).split(" AND ")  # an exception only permits more
    )


def licences() -> dict[str, str]:
    """Return the licence of each dependency, those of the extras included.

    Raises:
        ReleaseError: One is not allowed.
    """
    found = {name: licence_of(each) for name, each in closure(extras()).items()}
    refused = [f"{name}: {licence}" for name, licence in found.items() if not is_allowed(licence)]
    if refused:
        raise ReleaseError(f"licences that are not in the list of tools/release.py: {'; '.join(refused)}")
    return found


def write_bill_of_materials(path: Path) -> int:
    """Write the bill of materials of the runtime dependencies, CycloneDX in JSON; return the number of components.

    The tool describes an environment. Ours has more than users get, so it is shown one that has the metadata of the
    runtime dependencies and nothing else.
    """
    with tempfile.TemporaryDirectory() as name:
        venv.create(name, with_pip=False)
        scheme = sysconfig.get_preferred_scheme("prefix")
        site = Path(sysconfig.get_path("purelib", scheme, {"base": name, "platbase": name}))
        for distribution in closure().values():
            source = Path(str(distribution.locate_file(""))) / _folder_of(distribution)
            (site / source.name).symlink_to(source, target_is_directory=True)
        python = Path(sysconfig.get_path("scripts", scheme, {"base": name, "platbase": name})) / "python"
        command = ["cyclonedx_py", "environment", "--pyproject", ROOT / "pyproject.toml", "--mc-type", "library"]
        _run([*command, "--output-reproducible", "--of", "JSON", "-o", path, python])
    components: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["components"]
    listed = {canonicalize_name(component["name"]) for component in components}
    if listed != set(closure()):
        raise ReleaseError(
            f"the bill of materials lists {sorted(listed)}, and the dependencies are {sorted(closure())}"
        )
    return len(components)


def _folder_of(distribution: metadata.Distribution) -> str:
    files = distribution.files or []
    return next(file.parts[0] for file in files if file.name == "METADATA")


def audit(limit: float = _AUDIT_LIMIT) -> str:
    """Look all dependencies up in the database of known vulnerabilities, and return the result in words.

    Raises:
        ReleaseError: One has a known vulnerability.
    """
    pinned = "".join(f"{name}=={each.version}\n" for name, each in closure(extras()).items())
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(pinned, encoding="utf-8")
        command = [
            sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps", "--disable-pip",
            "--format", "json", "--progress-spinner", "off", "--timeout", "5",
        ]  # fmt: skip
        try:
            done = subprocess.run(command, text=True, capture_output=True, check=False, timeout=limit)
        except subprocess.TimeoutExpired:
            return f"skipped: the database cannot be reached (no answer within {limit:g} seconds)"
    return verdict_of(done.stdout, done.stderr)


def verdict_of(report: str, log: str) -> str:
    """Return in words what an audit has found.

    Raises:
        ReleaseError: A dependency has a known vulnerability.
    """
    try:
        dependencies: list[Mapping[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        reason = log.strip().rpartition("\n")[2]
        return f"skipped: the database cannot be reached ({reason})"
    known = [each for each in dependencies if "skip_reason" not in each]
    vulnerable = [
        f"{each['name']} {each['version']}: {', '.join(vulnerability['id'] for vulnerability in each['vulns'])}"
        for each in known
        if each["vulns"]
    ]
    if vulnerable:
        raise ReleaseError(f"known vulnerabilities: {'; '.join(vulnerable)}")
    if not known:
        return "skipped: the database cannot be reached (it knows none of the dependencies)"
    missing = len(dependencies) - len(known)
    return f"{len(known)} dependencies without a known vulnerability" + (f", {missing} not audited" if missing else "")


# --- the commands -----------------------------------------------------------------------------------------------------


def check(folder: Path) -> None:
    """Build into an empty folder, and check everything that is published.

    Raises:
        ReleaseError: A check failed.
    """
    with tempfile.TemporaryDirectory() as other:
        built = build_twice(folder, Path(other))
    for name, digest in built.items():
        print(f"{name}: two builds, one digest, sha256 {digest}")
    archives = [folder / name for name in built]
    _run(["twine", "check", "--strict", *archives])
    print("twine: metadata and README are accepted")
    _run(["check_wheel_contents", *(path for path in archives if path.suffix == ".whl")])
    print("check-wheel-contents: the wheel has both packages and nothing else")
    found = licences()
    print(f"licences: {', '.join(sorted(set(found.values())))} ({len(found)} dependencies, with all extras)")
    components = write_bill_of_materials(folder / "lago-async.cdx.json")
    print(f"bill of materials: {components} components, CycloneDX")
    print(f"pip-audit: {audit()}")


def build_release(folder: Path) -> None:
    """Build and check a release, and leave it in a folder that is empty or does not exist.

    Raises:
        ReleaseError: The folder has files, or a check failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ReleaseError(f"{folder} is not empty: remove what is in it, or name another folder")
    check(folder.absolute())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description="Check or build a release.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="check what a release would publish")
    build = commands.add_parser("build", help="check it, and keep the archives and the bill of materials")
    build.add_argument("folder", type=Path, help="a folder that is empty or does not exist")
    given = parser.parse_args(arguments)
    try:
        if given.command == "check":
            with tempfile.TemporaryDirectory() as folder:
                check(Path(folder))
        else:
            build_release(given.folder)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
