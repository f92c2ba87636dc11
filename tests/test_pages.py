"""The code on the pages for users runs as it stands, in its order, against the sandbox."""

import ast
import inspect
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import lago_async
import lago_sync
from lago_async.sandbox import Sandbox, add_demo_data
from tests.test_tutorial import blocking

DOCS = Path(__file__).parent.parent / "docs"

# Pages whose code finds `client` and `sandbox`. The code of the other pages with code is run by the tests named here.
WITH_CLIENT = (
    "models.md",
    "observability.md",
    "telemetry.md",
    "how-to/bulk.md",
    "how-to/calls.md",
    "how-to/embedded.md",
    "how-to/errors.md",
    "how-to/export.md",
    "how-to/files.md",
    "how-to/lists.md",
    "how-to/logging.md",
    "how-to/proxies.md",
    "how-to/rate-limits.md",
    "how-to/retries.md",
    "how-to/self-hosted.md",
)
ASYNC_ONLY = {"models.md", "observability.md"}


def code_of(page: str) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL))


@pytest.fixture(autouse=True)
def _restored_log() -> Iterator[None]:
    """Take back what a page does to the logger."""
    logger = logging.getLogger("lago_async")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.fixture(scope="module")
def demo() -> Iterator[Sandbox]:
    """Return a sandbox with the customer `acme` and three months of usage, to fork."""
    with Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC), premium=True) as sandbox:
        add_demo_data(sandbox, datetime(2026, 4, 11, tzinfo=UTC))
        yield sandbox


@pytest.mark.parametrize("page", WITH_CLIENT)
async def test_the_code_of_a_page_runs(page: str, demo: Sandbox) -> None:
    code = compile(code_of(page), page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with (
        demo.fork() as sandbox,
        lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client,
    ):
        names: dict[str, Any] = {"client": client, "sandbox": sandbox, "__name__": "page"}
        running = eval(code, names)
        if running is not None:
            await running


@pytest.mark.parametrize("page", [page for page in WITH_CLIENT if page not in ASYNC_ONLY])
def test_the_code_of_a_page_runs_without_await(page: str, demo: Sandbox) -> None:
    # The page on the sandbox names this difference.
    source = blocking(code_of(page)).replace(".settled()", ".wait_until_settled()")
    assert "await" not in source
    with demo.fork() as sandbox, lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        exec(compile(source, page, "exec"), {"client": client, "sandbox": sandbox, "__name__": "page"})


def test_every_setting_is_in_the_table_and_no_other() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    shown = set(re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in lines)))
    assert shown == set(inspect.signature(lago_sync.LagoClient).parameters)
    variables = set(re.findall(r"LAGO_\w+", "\n".join(lines)))
    assert variables == {
        "LAGO_API_KEY",
        "LAGO_API_URL",
        "LAGO_INGEST_URL",
        "LAGO_TIMEOUT",
        "LAGO_MAX_RETRIES",
        "LAGO_TRUST_ENV",
        "LAGO_UVLOOP",
    }


def test_every_error_is_in_the_tree_and_no_other() -> None:
    tree = (
        (DOCS / "how-to" / "errors.md").read_text(encoding="utf-8").partition("## The tree")[2].partition("```\n\n")[0]
    )
    named = set(re.findall(r"\b([A-Z]\w+Error)\b", tree))
    errors = {
        name
        for name in dir(lago_async)
        if isinstance(getattr(lago_async, name), type) and issubclass(getattr(lago_async, name), lago_async.LagoError)
    }
    assert named == errors


def test_every_page_is_in_the_menu_of_the_site() -> None:
    menus = re.findall(r"```\{toctree\}\n(.*?)```", (DOCS / "index.md").read_text(encoding="utf-8"), re.DOTALL)
    listed = {line for menu in menus for line in menu.splitlines() if re.fullmatch(r"[\w/-]+", line)}
    pages = {
        path.relative_to(DOCS).with_suffix("").as_posix()
        for path in DOCS.rglob("*.md")
        if path.relative_to(DOCS).parts[0] != "reference"
    }
    assert listed - {"reference/index"} == pages - {"index"}
