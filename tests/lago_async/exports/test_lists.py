"""Exports of lists on both faces against a real server: what is in the files, how they resume, what they refuse."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import lago_async.exports
import lago_sync.exports
from lago_async import ENDPOINTS, LagoApiError, LagoArgumentError, bulk, to_dict
from lago_async.exports import ExportConflictError, ListExportSummary, ListProgress
from lago_async.exports._request import is_list
from lago_async.sandbox import RawResponse, Sandbox
from lago_async.usage._paths import files_of
from lago_sync import bulk as sync_bulk
from tests.conftest import IMPATIENT, Face, NewFace
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import build, expected_status
from tests.sample_calls import arguments
from tests.test_every_operation import ROWS

CUSTOMERS = 120


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(now=START, premium=True, features={"order_forms"}) as running:
        yield running


@pytest.fixture
async def face(sandbox: Sandbox, new_face: NewFace) -> Face:
    return await new_face(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=IMPATIENT)


async def export(face: Face, path: str, out: Path, *args: object, **more: Any) -> ListExportSummary:
    """Export a list on either face; what the operation takes is in ``query``."""
    query = more.pop("query", {})
    row = ROWS[path]
    operation = face.operation(path)
    if row.endpoint.paged:
        source = operation(*args, **query)
    else:
        source = (bulk if face.name == "async" else sync_bulk).prepare(operation, *args, **query)
    function: Callable[..., Any] = (lago_async if face.name == "async" else lago_sync).exports.export_list
    summary: ListExportSummary = await face.run(function, source, out, **more)
    return summary


def add_customers(sandbox: Sandbox, numbers: range) -> None:
    for number in numbers:
        sandbox.perform("create_customer", {"external_id": f"c{number}", "name": f"Customer {number}"})


def lines(out: Path) -> list[Any]:
    return [json.loads(line) for line in out.read_bytes().splitlines()]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_every_list_of_the_table_is_exported_as_the_server_sends_it(
    sandbox: Sandbox, face: Face, tmp_path: Path
) -> None:
    ids = build(sandbox)
    exported = 0
    for path, row in ROWS.items():
        if not is_list(ENDPOINTS[row.name]) or "logs" in path:
            continue
        positional, query = arguments(row, ids)
        out = tmp_path / f"{row.name}.ndjson"
        if expected_status(row.name) != 200:
            with pytest.raises(LagoApiError):
                await export(face, path, out, *positional, query=query)
            assert not out.exists()
            continue
        summary = await export(face, path, out, *positional, query=query)
        if row.endpoint.paged:
            items = await face.items(path, *positional, **query)
        else:
            items = await face(path, *positional, **query)
        assert summary.rows == len(items) == len(lines(out))
        assert (summary.no_rows is None) == (summary.rows > 0)
        for found, item in zip(lines(out), items, strict=True):
            expected = to_dict(item)
            for name, value in found.items():
                timed = isinstance(value, str) and value.endswith("Z")
                assert timed or value == expected[name] or str(value) == str(expected[name]), (path, name)
        exported += 1
    assert exported > 45


@pytest.mark.parametrize("suffix", ["ndjson", "csv", "parquet", "xlsx"])
async def test_interrupted_after_each_page_it_resumes_and_has_every_row_once(
    suffix: str, sandbox: Sandbox, face: Face, tmp_path: Path
) -> None:
    add_customers(sandbox, range(CUSTOMERS))
    out, calm = tmp_path / f"customers.{suffix}", tmp_path / "calm" / f"customers.{suffix}"

    class StopError(Exception):
        pass

    def stop(progress: ListProgress) -> None:
        if progress.rows - progress.skipped > 20:
            raise StopError

    runs = 0
    while True:
        try:
            summary = await export(face, "customers.find_all", out, query={"per_page": 32}, on_progress=stop)
            break
        except StopError:
            runs += 1
            assert not out.exists()
            assert runs < 20
    assert runs > 2
    await export(face, "customers.find_all", calm)
    assert (summary.rows, summary.changed) == (CUSTOMERS, False)
    assert summary.skipped > 60
    if suffix != "parquet":
        assert out.read_bytes() == calm.read_bytes()
    again = await export(face, "customers.find_all", out)
    assert (again.untouched, again.rows, again.skipped) == (True, CUSTOMERS, CUSTOMERS)
    out.write_bytes(out.read_bytes()[:-5])
    with pytest.raises(ExportConflictError, match="is not the file that was published"):
        await export(face, "customers.find_all", out)


@pytest.mark.parametrize("suffix", ["ndjson", "csv", "parquet", "xlsx"])
async def test_a_list_is_divided_by_the_month_in_which_its_objects_were_made(
    suffix: str, sandbox: Sandbox, face: Face, tmp_path: Path
) -> None:
    add_customers(sandbox, range(3))
    sandbox.advance(by=timedelta(days=40))
    add_customers(sandbox, range(3, 7))
    out = tmp_path / f"customers.{suffix}"
    summary = await export(face, "customers.find_all", out, partition="month")
    assert summary.rows == 7
    files = files_of(out)
    assert [(file.parent.name, file.name) for file in files] == [
        (f"month={at:%Y-%m}", f"part-0.{suffix}") for at in (START, START + timedelta(days=40))
    ]
    if suffix == "ndjson":
        assert [[line["external_id"] for line in lines(file)] for file in files] == [
            ["c2", "c1", "c0"],
            ["c6", "c5", "c4", "c3"],
        ]
        whole = tmp_path / "whole.ndjson"
        await export(face, "customers.find_all", whole)
        assert sorted(map(repr, lines(whole))) == sorted(repr(line) for file in files for line in lines(file))
    assert (await export(face, "customers.find_all", out, partition="month")).untouched


async def test_a_list_without_a_time_has_no_months(sandbox: Sandbox, face: Face, tmp_path: Path) -> None:
    for path, args, said in (
        ("entitlements.find_all_subscription_entitlements", ["sub"], "subscription_entitlements has no column with a"),
        ("analytics.find_all_gross_revenues", [], "gross_revenues already has a column month"),
    ):
        with pytest.raises(LagoArgumentError, match=f"{said}.*omit partition="):
            await export(face, path, tmp_path / "x", *args, partition="month")
    assert list(tmp_path.iterdir()) == []


async def test_a_list_that_changes_between_two_pages_is_whole_and_said_to_have_changed(
    sandbox: Sandbox, face: Face, tmp_path: Path
) -> None:
    add_customers(sandbox, range(CUSTOMERS))
    out = tmp_path / "customers.ndjson"
    joined = False

    def join(progress: ListProgress) -> None:
        nonlocal joined
        if not joined:
            joined = True
            add_customers(sandbox, range(CUSTOMERS, CUSTOMERS + 40))  # the newest come first

    summary = await export(face, "customers.find_all", out, query={"per_page": 50}, on_progress=join)
    found = [line["external_id"] for line in lines(out)]
    assert len(found) == len(set(found)) == summary.rows
    assert {f"c{number}" for number in range(CUSTOMERS)} <= set(found)
    assert summary.changed


async def test_another_filter_organisation_or_list_is_refused_and_what_is_there_stays(
    sandbox: Sandbox, face: Face, new_face: NewFace, tmp_path: Path
) -> None:
    add_customers(sandbox, range(3))
    out = tmp_path / "customers.csv"
    await export(face, "customers.find_all", out, query={"search_term": "Customer 1"})
    before = out.read_bytes()
    with pytest.raises(ExportConflictError, match="filter search_term Customer 1 there, none now"):
        await export(face, "customers.find_all", out)
    with pytest.raises(ExportConflictError, match="list customers there, plans now"):
        await export(face, "plans.find_all", out)
    assert out.read_bytes() == before
    assert len(before.splitlines()) == 2
    summary = await export(face, "customers.find_all", out, query={"search_term": "nobody"}, overwrite=True)
    assert (summary.rows, summary.no_rows) == (0, "the server has no customers with these filters")


async def test_what_cannot_be_exported_is_refused_before_a_file_is_touched(
    sandbox: Sandbox, face: Face, tmp_path: Path
) -> None:
    out = tmp_path / "x.csv"
    with pytest.raises(LagoArgumentError, match="an export takes the whole list; omit page"):
        await export(face, "customers.find_all", out, query={"page": 2})
    with pytest.raises(LagoArgumentError, match="periods_count"):
        await export(
            face,
            next(path for path, row in ROWS.items() if row.name == "find_all_customer_past_usage"),
            out,
            "c0",
            query={"external_subscription_id": "s0", "periods_count": 2},
        )
    function: Callable[..., Any] = (lago_async if face.name == "async" else lago_sync).exports.export_list
    prepare: Callable[..., Any] = (bulk if face.name == "async" else sync_bulk).prepare
    for wrong in (face.client, [1], prepare(face.operation("customers.find"), "c0")):
        with pytest.raises(LagoArgumentError, match="export_list takes a pager"):
            await face.run(function, wrong, out)
    with pytest.raises(LagoArgumentError, match="no known suffix"):
        await export(face, "customers.find_all", tmp_path / "x.doc")
    assert list(tmp_path.iterdir()) == []


async def test_a_page_that_does_not_come_ends_the_run_and_the_next_one_goes_on(
    sandbox: Sandbox, face: Face, tmp_path: Path
) -> None:
    add_customers(sandbox, range(CUSTOMERS))
    out = tmp_path / "customers.ndjson"
    asked = 0

    def fail(progress: ListProgress) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            sandbox.inject(RawResponse(status=422, body=b"{}"), operation="find_all_customers", times=1)

    with pytest.raises(LagoApiError):
        await export(face, "customers.find_all", out, query={"per_page": 32}, on_progress=fail)
    assert not out.exists()
    summary = await export(face, "customers.find_all", out, query={"per_page": 32})
    assert summary.rows == CUSTOMERS
    assert summary.skipped >= 32
