"""Run the tests on every other Python that the package claims to support, and list those that this machine lacks.

The classifiers in `pyproject.toml` are the claim. The minor version after them is also tested where it is installed.

    VENV=.venv python -m tools.interpreters make test

runs `make test PYTHON=/path/python3.12 VENV=.venv-3.12`, and the same for each other interpreter. A claimed version
that is missing is an error only if `LAGO_TEST_INTERPRETERS=required`, as in the gate.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
CLASSIFIER = "Programming Language :: Python :: 3."


def claimed() -> list[str]:
    """Return the minor versions that the classifiers name, oldest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    minors = (line.removeprefix(CLASSIFIER) for line in project["classifiers"] if line.startswith(CLASSIFIER))
    return [f"3.{minor}" for minor in sorted(map(int, minors))]


def candidates(version: str) -> Iterator[str]:
    """Find commands and paths where an interpreter of this version may be."""
    name = f"python{version}"
    if on_path := shutil.which(name):
        yield on_path
    # A shim of pyenv on the path fails unless the version is selected, so look where pyenv keeps its versions.
    root = os.environ.get("PYENV_ROOT") or output(["pyenv", "root"])
    if root:
        installed = Path(root, "versions").glob(f"{version}.*/bin/{name}")
        yield from map(str, sorted(installed, key=lambda path: _numbers(path.parts[-3]), reverse=True))
    if found := output(["uv", "python", "find", "--no-project", version]):
        yield found


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def find(version: str) -> str | None:
    """Return the path of an interpreter of this version that works, or None."""
    script = "import sys; print(sys.executable, '.'.join(map(str, sys.version_info[:2])))"
    for candidate in candidates(version):
        path, _, found = output([candidate, "-c", script]).rpartition(" ")
        if found == version:
            return path
    return None


def output(command: list[str]) -> str:
    """Return the last line that a command prints, or nothing if it is missing or fails."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip().rpartition("\n")[2] if done.returncode == 0 else ""


def main() -> int:
    """Run the given command with each interpreter; return the exit code."""
    command = sys.argv[1:]
    own = f"3.{sys.version_info.minor}"
    claims = claimed()
    following = f"3.{_numbers(claims[-1])[1] + 1}"
    results: dict[str, str] = {own: "runs this script: `make test` uses it"}
    missing: list[str] = []
    failed = False
    for version in [*claims, following]:
        if version == own:
            continue
        python = find(version)
        if python is None:
            missing.append(version)
            results[version] = "is not installed" if version in claims else "is not installed, and not claimed"
            continue
        print(f"Python {version}: {python}", flush=True)
        variables = [f"PYTHON={python}", f"VENV={os.environ['VENV']}-{version}"]
        began = time.monotonic()
        done = subprocess.run([*command, *variables], cwd=ROOT, check=False)
        failed |= done.returncode != 0
        outcome = "passed" if done.returncode == 0 else f"FAILED with exit code {done.returncode}"
        results[version] = f"{outcome} after {time.monotonic() - began:.0f} s"
    for version, result in sorted(results.items(), key=lambda item: _numbers(item[0])):
        print(f"Python {version} {result}")
    required = os.environ.get("LAGO_TEST_INTERPRETERS") == "required"
    return 1 if failed or (required and set(missing) & set(claims)) else 0


if __name__ == "__main__":
    sys.exit(main())
