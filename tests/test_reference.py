"""Every example of the reference runs as it is shown, on both faces, or is refused as the reference says."""

import ast
import asyncio
import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeAlias

import pytest

import lago_async
import lago_sync
from lago_async import ENDPOINTS, LagoApiError
from lago_async._table.rows import Row
from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import build, expected_status
from tools.site import examples, reference, refusals

EXAMPLE = re.compile(rf"```python\n# {re.escape(reference.EXAMPLE)}\n(.*?)```", re.DOTALL)
Runner: TypeAlias = Callable[[Sandbox, str, dict[str, Any]], None]
IDS = {name: key for key, name in examples.VARIABLES.items()}


def shown() -> list[tuple[Row, str]]:
    """Return each operation with its example, as the pages have it."""
    pages = reference.pages()
    found: list[tuple[Row, str]] = []
    rows = {f"{row.resource}.{row.function.__name__}": row for row in ENDPOINTS.rows}
    for name, page in pages.items():
        if name.startswith("operations/"):
            for part in page.split("\n## `")[1:]:
                (code,) = EXAMPLE.findall(part)
                found.append((rows[part.partition("`")[0]], code))
    return found


async def on_asyncio(sandbox: Sandbox, code: str, names: dict[str, Any]) -> None:
    async with lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=0) as client:
        compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        await eval(compiled, {**names, "client": client})


def run_async(sandbox: Sandbox, code: str, names: dict[str, Any]) -> None:
    asyncio.run(on_asyncio(sandbox, code, names))


def run_blocking(sandbox: Sandbox, code: str, names: dict[str, Any]) -> None:
    with lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=0) as client:
        exec(compile(examples.blocking(code), "example", "exec"), {**names, "client": client})


def status_of(
    run: Callable[[Sandbox, str, dict[str, Any]], None], world: Sandbox, row: Row, code: str, names: dict[str, Any]
) -> int:
    """Run an example in a copy of the world, or in the world itself if it only reads, and return its status."""
    with nullcontext(world) if row.method == "GET" else world.fork() as sandbox:
        try:
            run(sandbox, code, names)
        except LagoApiError as error:
            return error.status_code
    return 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_example_runs_on_both_faces_or_is_refused_as_it_says() -> None:
    operations = shown()
    assert {row.name for row, _ in operations} == {row.name for row in ENDPOINTS.rows}
    wrong: list[str] = []
    with Sandbox(now=START, premium=True, features={"order_forms"}) as world:
        ids = build(world)
        with lago_sync.LagoClient(api_key=world.api_key, base_url=world.url) as client:
            client.taxes.create({"name": "L", "code": "logged", "rate": 1})
            received: list[Any] = list(world.requests)
            ids["request"] = received[-1].headers["X-Request-Id"]  # a request that the logs record
            ids["activity"] = client.activity_logs.find_all().page().items[0].activity_id
        for row, code in operations:
            names = {name: ids[IDS[name]] for name in examples.variables(code)}
            statuses = [status_of(run, world, row, code, names) for run in (run_async, run_blocking)]
            if statuses != [expected_status(row.name)] * 2:
                wrong.append(f"{row.name}: {statuses}")
            told = {each.status for each in refusals.refusals(row)} if examples.refusal(row) else {200}
            if not told.issuperset(statuses):
                wrong.append(f"{row.name}: {statuses}, but the reference says {told}")
    assert wrong == []


def test_every_refusal_that_is_documented_is_in_the_table_of_codes() -> None:
    page = reference.pages()["error_codes"]
    codes = set(re.findall(r"^- `(\w+)`, ", page, re.MULTILINE))
    documented = {each.code for row in ENDPOINTS.rows for each in refusals.refusals(row) if each.code is not None}
    assert codes == documented
    assert {"customer_not_found", "validation_errors", "no_active_subscription", "feature_unavailable"} <= codes


def test_an_example_is_short_enough_to_read_and_names_its_ids() -> None:
    for row, code in shown():
        assert max(map(len, code.splitlines())) <= examples.WIDTH + 10, row.name
        assert "Variable" not in code
        compile(examples.blocking(code), row.name, "exec")
