"""The tutorial's program runs as it is shown, and prints what the page says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "tutorial.md").read_text(encoding="utf-8")
PROGRAM = "".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))


def printed(program: str) -> str:
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def blocking(program: str) -> str:
    """Change the program as the page says: import from lago_sync, delete async and await."""
    program = program.replace("from lago_async import", "from lago_sync import")
    program = re.sub(r"\b(?:async|await) ", "", program)
    return program.replace("asyncio.run(main())", "main()")


@pytest.mark.parametrize("face", [str, blocking], ids=["async", "blocking"])
def test_the_program_of_the_tutorial_prints_what_the_page_says(face: type[str]) -> None:
    (expected,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert printed(face(PROGRAM)) == expected
