"""The checks of a release see what they are for: licences, known vulnerabilities, and what users install."""

import json
import re
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from lago_async.version import __version__
from tools import interpreters, release

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("Apache-2.0 OR GPL-3.0-only", True),
        ("MIT AND (GPL-2.0-only OR BSD-3-Clause)", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("Apache-2.0 WITH LLVM-exception AND GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT AND GPL-3.0-only)", False),
        ("LGPL-3.0-or-later", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_a_licence_is_allowed_if_each_of_its_parts_is(licence: str, allowed: bool) -> None:
    assert release.is_allowed(licence) is allowed


def test_users_install_the_runtime_dependencies_and_no_tool_of_ours() -> None:
    runtime, everything = release.closure(), release.closure(release.extras())
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert {re.split(r"[<>=]", name)[0] for name in declared} <= set(runtime) < set(everything)
    assert {"opentelemetry-api", "pyarrow", "rich"} <= set(everything)
    assert not {"pytest", "mypy", "ruff", "sphinx", "lago-async"} & set(everything)
    assert all(release.licences().values())


class Foreign(metadata.Distribution):
    """A distribution with given metadata."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        return ROOT


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: GPL", "MIT OR Apache-2.0"),
        ("License: Apache 2", "Apache-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License\nClassifier: Typing :: Typed", "BSD-3-Clause"),
        ("License: a text of our own", "a text of our own"),
        ("Name: nothing", "unknown"),
    ],
)
def test_the_licence_is_read_from_whatever_the_metadata_has(text: str, licence: str) -> None:
    assert release.licence_of(Foreign(text)) == licence


def test_a_dependency_with_another_licence_ends_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "licence_of", lambda each: "GPL-3.0-only" if each.name == "attrs" else "MIT")
    with pytest.raises(release.ReleaseError, match="attrs: GPL-3.0-only$"):
        release.licences()


def report(*dependencies: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


SAFE: Mapping[str, object] = {"name": "attrs", "version": "1", "vulns": []}
UNKNOWN: Mapping[str, object] = {"name": "yarl", "skip_reason": "not found"}
VULNERABLE: Mapping[str, object] = {
    "name": "aiohttp",
    "version": "3.14",
    "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}],
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "skipped: the database cannot be reached (no route to the host)"),
        ("not JSON", "skipped: the database cannot be reached (no route to the host)"),
        (report(UNKNOWN), "skipped: the database cannot be reached (it knows none of the dependencies)"),
        (report(SAFE), "1 dependencies without a known vulnerability"),
        (report(SAFE, UNKNOWN), "1 dependencies without a known vulnerability, 1 not audited"),
    ],
)
def test_an_audit_that_could_not_look_says_that_it_was_skipped(text: str, words: str) -> None:
    assert release.verdict_of(text, "a first line\nno route to the host\n") == words


def test_a_known_vulnerability_ends_the_release() -> None:
    with pytest.raises(release.ReleaseError, match="^known vulnerabilities: aiohttp 3.14: PYSEC-1, PYSEC-2$"):
        release.verdict_of(report(SAFE, UNKNOWN, VULNERABLE), "")


def test_a_folder_with_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.whl").touch()
    assert release.main(["build", str(tmp_path)]) == 1
    assert "is not empty: remove what is in it" in capsys.readouterr().err


def test_the_page_of_versions_has_the_pythons_that_are_tested() -> None:
    page = (ROOT / "docs/versioning.md").read_text(encoding="utf-8")
    assert f"| Python | {', '.join(interpreters.claimed())} |" in page


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    sources = [*(ROOT / "lago_async").rglob("*.py"), *(ROOT / "lago_sync").rglob("*.py")]
    found = [path.name for path in sources if f'"{__version__}"' in path.read_text(encoding="utf-8")]
    assert found == ["version.py"]
