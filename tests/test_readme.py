"""The code in the README works as shown."""

import inspect
import os
import re
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

import lago_async
import lago_sync
from lago_async.sandbox import Sandbox, add_demo_data

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(source: str, sandbox: Sandbox) -> str:
    settings = {"LAGO_API_KEY": sandbox.api_key, "LAGO_API_URL": sandbox.url}
    command = [sys.executable, "-W", "error", "-c", source]
    done = subprocess.run(
        command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("block", [0, 1], ids=["async", "blocking"])
def test_the_first_screen_runs_as_it_stands(block: int) -> None:
    source = BLOCKS[block].replace("cus_1", "acme").replace("sub_1", "acme-main")
    if "await" in source:
        imports, _, body = source.partition("\n\n")
        source = (
            f"import asyncio\n{imports}\n\nasync def main():\n{textwrap.indent(body, '    ')}\n\nasyncio.run(main())"
        )
    with Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC)) as sandbox:
        add_demo_data(sandbox, datetime(2026, 4, 11, tzinfo=UTC))
        lines = run(source, sandbox).splitlines()
    assert lines[0].endswith(" EUR")
    assert [line[:10] for line in lines[1:]] == ["2026-03-01", "2026-02-01", "2026-01-01"]


def test_bulk_runs_as_it_is_shown() -> None:
    usage, prepared = (block for block in BLOCKS if "bulk." in block)
    body = usage + textwrap.indent("external_ids = ['acme', 'acme']\n" + prepared + "print(len(customers))\n", "    ")
    source = f"import asyncio\n\nasync def main():\n{textwrap.indent(body, '    ')}\n\nasyncio.run(main())"
    with Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC)) as sandbox:
        add_demo_data(sandbox, datetime(2026, 4, 11, tzinfo=UTC))
        lines = run(source, sandbox).splitlines()
    assert [line.split()[:3] for line in lines[:-1]] == [
        ["acme", "acme-main", f"2026-0{month}-01"] for month in (3, 2, 1)
    ]
    assert lines[-1] == "2"


def test_both_faces_are_shown_alike_but_for_await() -> None:
    plain = BLOCKS[0].replace("lago_async", "lago_sync").replace("await ", "").replace("async ", "")
    assert plain == BLOCKS[1]


def test_every_setting_is_in_the_table_and_no_other() -> None:
    table = README.partition("## Configuration")[2].partition("\n\nOne client")[0]
    shown = set(
        re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `")))
    )
    assert shown == set(inspect.signature(lago_sync.LagoClient).parameters)
    variables = set(re.findall(r"LAGO_\w+", table))
    assert variables == {
        "LAGO_API_KEY",
        "LAGO_API_URL",
        "LAGO_INGEST_URL",
        "LAGO_TIMEOUT",
        "LAGO_MAX_RETRIES",
        "LAGO_TRUST_ENV",
        "LAGO_UVLOOP",
    }


def test_every_error_is_in_the_tree_and_in_its_place() -> None:
    tree = README.partition("## Errors")[2].partition("```\n\nAn error says")[0]
    named = set(re.findall(r"\b([A-Z]\w+Error)\b", tree))
    errors = {
        name
        for name in dir(lago_async)
        if isinstance(getattr(lago_async, name), type) and issubclass(getattr(lago_async, name), lago_async.LagoError)
    }
    assert named == errors


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (Path(__file__).parent.parent / target).exists(), target


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")
    for name in set(re.findall(r"make (\w+) ", README)):
        assert re.search(rf"^{name}:", makefile, re.MULTILINE), name
