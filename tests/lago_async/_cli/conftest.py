"""A console script that tests call in this process, with an environment and a folder of its own."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from lago_async._cli.script import main
from lago_async.sandbox import Sandbox

KEY = "key-0000-SECRET-1111"


@attrs.frozen
class Ended:
    """The output of a command, and its exit code."""

    code: int
    out: str
    err: str


Lago = Callable[..., Ended]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a configuration of its own, and no setting of the developer's."""
    for name in [name for name in os.environ if name.startswith(("LAGO_", "_LAGO"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


@pytest.fixture
def lago(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lago:
    """Return the console script as a function: ``lago("customers", "find", "cus_1")``."""

    def run(*arguments: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        try:
            code = main(arguments)
        except SystemExit as stop:  # of argparse
            code = stop.code if isinstance(stop.code, int) else 1
        found = capfd.readouterr()
        return Ended(code, found.out, found.err)

    return run


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Run a sandbox that the environment leads to."""
    with Sandbox(api_key=KEY, premium=True) as sandbox:
        monkeypatch.setenv("LAGO_API_KEY", KEY)
        monkeypatch.setenv("LAGO_API_URL", sandbox.url)
        yield sandbox
