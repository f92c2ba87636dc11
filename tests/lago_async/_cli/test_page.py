"""docs/cli.md is true: its examples print what it says, and its tables have all codes and options."""

import re
import shlex
from pathlib import Path
from typing import Any

from lago_async._cli.exit_codes import ExitCode
from lago_async._cli.script import EXTRA_MISSING
from lago_async.sandbox import Sandbox
from lago_async.version import __version__
from tests.lago_async._cli.conftest import Lago

PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_every_example_prints_what_the_page_says(lago: Lago, sandbox: Sandbox) -> None:
    plan: Any = {
        "name": "Pro",
        "code": "pro",
        "interval": "monthly",
        "amount_cents": 1,
        "amount_currency": "EUR",
        "pay_in_advance": False,
    }
    sandbox.perform("create_plan", plan)
    examples = re.findall(
        r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)), re.MULTILINE
    )
    assert len(examples) == 6
    for command, expected in examples:
        program, *arguments = shlex.split(command)
        assert program == "lago"
        ended = lago(*arguments)
        shown = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", ended.out + ended.err)
        shown = re.sub(rf"lago-async/{re.escape(__version__)} Python/\S+", "AGENT", shown)
        assert shown == expected, command


def test_the_page_has_every_exit_code() -> None:
    listed = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert [int(code) for code in listed] == sorted(ExitCode)
    assert int(ExitCode.EXTRA_MISSING) == EXTRA_MISSING


def test_every_command_and_every_option_of_the_page_exists(lago: Lago) -> None:
    for code in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        for line in code.splitlines():
            words = shlex.split(line.partition(" <")[0].partition(" > ")[0], comments=True)
            if words[:1] != ["lago"] or words[1] == "completion":
                continue
            ended = lago(*[word for word in words[1:] if not word.startswith("-")][:2], "--help")
            if words[1] == "--profile":
                ended = lago(words[3], "--help")
            assert ended.code == 0, line
            for option in (word for word in words[1:] if word.startswith("--") and word not in ("--help", "--profile")):
                assert option in ended.out, line
