"""The tool for mutation tests: a mutant is what the tests import, and the tool stops where it is not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULE = "lago_async/_codec/hints.py"
SCRIPT = """
import sys
from pathlib import Path
from tools.mutation import survives

module, before, after, tests = sys.argv[1:]
source = Path(module).read_text("utf-8")
assert before in source
print(survives(Path(module), source.replace(before, after), [tests]))
"""


def examined(before: str, after: str, tests: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT, MODULE, before, after, tests]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.parametrize(("after", "expected"), [("== 1", "True"), ("== 2", "False")])
def test_a_mutant_that_breaks_the_rule_is_killed_and_the_module_itself_is_not(after: str, expected: str) -> None:
    assert examined("== 1", after, "tests/lago_async/_codec/test_hints.py").stdout.strip() == expected


def test_tests_that_do_not_import_the_mutant_are_an_error() -> None:
    ended = examined("== 1", "== 2", "tests/test_mutants.py")
    assert ended.returncode == 1
    assert ended.stderr.strip() == f"{MODULE}: its tests do not import the mutant: tests/test_mutants.py"
