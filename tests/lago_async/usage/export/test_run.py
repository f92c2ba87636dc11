"""Exports of a sandbox, on both faces: their content, their failures, and how they resume."""

import csv
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import lago_async
import lago_async.usage
import lago_sync.usage
from lago_async import (
    ForbiddenError,
    LagoArgumentError,
    LagoConnectionError,
    LagoPageError,
    NotFoundError,
    UnauthorizedError,
)
from lago_async._bulk import reader
from lago_async._bulk.queries import CONCURRENCY, CurrentUsageQuery, PastUsageQuery
from lago_async.sandbox import DropConnection, RawResponse, Sandbox, ServerFailure
from lago_async.usage import ExportConflictError, ExportError, ExportSummary, Progress
from lago_async.usage._export.rows import rows_of
from lago_async.usage._export.selection import read_pairs
from lago_async.usage._formats.choice import FORMATS
from lago_async.usage._paths import files_of
from lago_sync import _bulk as blocking_reader
from tests.conftest import IMPATIENT, Face, NewFace
from tests.lago_async.usage.formats.files import from_parquet, same_numbers
from tests.lago_async.usage.formats.workbooks import from_xlsx
from tests.lago_async.usage.worlds import NAMES, billed, ids
from tests.scripted_server import ScriptedServer

PAST = "find_all_customer_past_usage"
LISTS = ("find_all_invoices", "find_all_customers", "find_all_subscriptions", "find_all_plans")
Export = Callable[..., Awaitable[ExportSummary]]


@pytest.fixture
async def world() -> AsyncIterator[Sandbox]:
    async with billed(12) as running:
        yield running


@pytest.fixture
async def face(new_face: NewFace, world: Sandbox) -> Face:
    return await new_face(api_key=world.api_key, base_url=world.url, max_retries=IMPATIENT)


@pytest.fixture
def export(face: Face) -> Export:
    """Return the face's export function, bound to the sandbox."""

    async def run(out: Path | str, **options: Any) -> ExportSummary:
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        summary: ExportSummary = await face.run(function, face.client, out, **options)
        return summary

    return run


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def owners(path: Path) -> list[str]:
    return sorted({record["external_subscription_id"] for record in records(path)})


async def expected(face: Face, numbers: range = range(12)) -> list[tuple[Any, ...]]:
    return [
        row
        for pair in ids(numbers)
        for usage in await face.items("customers.find_all_past_usage", pair[0], external_subscription_id=pair[1])
        for row in rows_of(pair, usage, ("finalized", None, "plan", "Plan"))
    ]


@pytest.mark.parametrize("name", FORMATS)
async def test_it_has_every_row_of_every_subscription_in_each_format(
    name: str, export: Export, face: Face, tmp_path: Path
) -> None:
    out = tmp_path / f"usage.{name}"
    summary = await export(out)
    wanted = sorted(await expected(face), key=repr)
    assert (summary.rows, summary.subscriptions, summary.failures) == (len(wanted), 12, 0) == (48, 12, 0)
    if name == "ndjson":
        assert sorted((tuple(record.values()) for record in records(out)), key=repr) == wanted
    elif name == "csv":
        header, *rows = csv.reader(io.StringIO(out.read_text("utf-8"), newline=""))
        assert header == NAMES
        assert sorted(rows) == sorted([["" if value is None else str(value) for value in row] for row in wanted])
    else:
        found = from_parquet(out) if name == "parquet" else from_xlsx(out)
        read = sorted(found, key=lambda row: repr(row[:26]))
        assert all(
            same_numbers(*pair) for pair in zip(sorted(wanted, key=lambda row: repr(row[:26])), read, strict=True)
        )


async def test_a_folder_gets_a_file_and_is_made(export: Export, tmp_path: Path) -> None:
    summary = await export(f"{tmp_path}/new/folder/", format="csv")
    assert summary.path == tmp_path / "new" / "folder" / "usage.csv"
    assert summary.path.exists()


async def test_a_folder_of_months_has_the_rows_of_the_file(export: Export, tmp_path: Path) -> None:
    summary = await export(f"{tmp_path}/months/", partition="month", format="csv")
    whole = await export(tmp_path / "whole.csv")
    assert (summary.path, summary.rows) == (tmp_path / "months", whole.rows)
    files = files_of(summary.path)
    assert [file.parent.name for file in files] == ["month=2025-01", "month=2025-02"]
    header, *rows = whole.path.read_text().splitlines()
    assert sorted(rows) == sorted(line for file in files for line in file.read_text().splitlines() if line != header)
    assert (await export(f"{tmp_path}/months", partition="month", format="csv")).untouched
    with pytest.raises(ExportConflictError, match="format csv there, parquet now"):
        await export(f"{tmp_path}/months/", partition="month", format="parquet")
    with pytest.raises(ExportConflictError, match="partition none there, month now"):
        await export(tmp_path / "whole.csv", partition="month")
    assert whole.path.is_file()


async def test_periods_and_metric_and_subscriptions_are_chosen(export: Export, face: Face, tmp_path: Path) -> None:
    february = datetime(2025, 2, 1, tzinfo=UTC)
    await export(
        tmp_path / "1.ndjson",
        subscriptions=[*ids([1, 2, 1]), ("c3", "unknown")],
        from_datetime=february,
        to_datetime=february + timedelta(days=1),
        billable_metric_code="calls",
        per_page=1,
    )
    rows = records(tmp_path / "1.ndjson")
    assert {row["from_datetime"] for row in rows} == {"2025-02-01T00:00:00Z"}
    assert [row["external_subscription_id"] for row in rows] in (["s1", "s1", "s2", "s2"], ["s2", "s2", "s1", "s1"])
    await export(tmp_path / "2.ndjson", periods_count=1, subscriptions=iter(ids([1])))
    assert {row["from_datetime"] for row in records(tmp_path / "2.ndjson")} == {"2025-02-01T00:00:00Z"}


async def test_each_end_of_the_range_goes_where_it_belongs(export: Export, tmp_path: Path) -> None:
    """One end of the range at a time: swapping the two gives other periods, or another journal."""
    february = datetime(2025, 2, 1, tzinfo=UTC)
    text = february.isoformat()
    for number, (options, months) in enumerate(
        [({"from_datetime": february}, {"2025-02-01T00:00:00Z"}), ({"to_datetime": february}, {"2025-01-01T00:00:00Z"})]
    ):
        out = tmp_path / f"{number}.ndjson"
        await export(out, subscriptions=ids([1]), **options)
        assert {row["from_datetime"] for row in records(out)} == months
        settings = records(tmp_path / f"{number}.ndjson.journal")[0]["settings"]
        assert {"from_datetime": settings["from"], "to_datetime": settings["to"]} == {
            "from_datetime": None,
            "to_datetime": None,
            **dict.fromkeys(options, text),
        }


async def test_every_argument_of_the_query_reaches_bulk(
    export: Export, face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result does not show which value went where, so the values are checked where they are handed over."""
    module = reader if face.name == "async" else blocking_reader
    usage_of = module.usage_of
    seen: list[tuple[object, int]] = []

    def spy(client: Any, subscriptions: Any, query: Any, *, concurrency: int, **options: Any) -> Any:
        seen.append((getattr(query, "query", query), concurrency))  # that of past usage is resumable
        return usage_of(client, subscriptions, query, concurrency=concurrency, **options)

    monkeypatch.setattr(module, "usage_of", spy)
    query: dict[str, Any] = {
        "from_datetime": datetime(2025, 1, 1, tzinfo=UTC),
        "to_datetime": datetime(2025, 3, 1, tzinfo=UTC),
        "periods_count": 3,
        "billable_metric_code": "calls",
        "per_page": 7,
    }
    await export(tmp_path / "past.ndjson", subscriptions=ids([1]), concurrency=5, **query)
    await export(tmp_path / "now.ndjson", kind="current", subscriptions=ids([1]), billable_metric_code="calls")
    past, current = seen
    assert past == (PastUsageQuery(**query), 5)
    assert current == (CurrentUsageQuery(billable_metric_code="calls"), CONCURRENCY)


async def test_current_usage_is_exported_the_same_way(
    export: Export, face: Face, world: Sandbox, tmp_path: Path
) -> None:
    world.perform("destroy_subscription", None, "s3")
    summary = await export(tmp_path / "usage.ndjson", kind="current", billable_metric_code="calls")
    assert (summary.subscriptions, summary.rows, summary.ended) == (11, 22, 0)
    rows = records(tmp_path / "usage.ndjson")
    assert {row["lago_invoice_id"] for row in rows} == {None}
    assert {row["from_datetime"] for row in rows} == {"2025-03-01T00:00:00Z"}


async def test_a_subscription_that_ended_meanwhile_has_no_current_usage_and_one_that_was_named_failed(
    export: Export, world: Sandbox, tmp_path: Path
) -> None:
    refused = RawResponse(405, b'{"status":405,"error":"Method Not Allowed","code":"no_active_subscription"}')
    world.inject(refused, operation="find_customer_current_usage")
    summary = await export(tmp_path / "all.ndjson", kind="current")
    assert (summary.subscriptions, summary.ended, summary.failures, summary.rows) == (12, 1, 0, 22)
    summary = await export(tmp_path / "one.ndjson", kind="current", subscriptions=[("c1", "s99")])
    assert (summary.subscriptions, summary.ended, summary.failures) == (0, 0, 1)
    (failure,) = records(tmp_path / "one.ndjson.failures.ndjson")
    assert (failure["code"], failure["status_code"]) == ("no_active_subscription", 405)


async def test_failures_are_listed_and_the_same_call_adds_them(
    export: Export, face: Face, world: Sandbox, tmp_path: Path
) -> None:
    out = tmp_path / "usage.ndjson"
    world.inject(ServerFailure(500), operation=PAST, times=3)
    summary = await export(out)
    assert (summary.subscriptions, summary.failures, summary.complete) == (9, 3, False)
    failures = records(tmp_path / "usage.ndjson.failures.ndjson")
    assert {failure["status_code"] for failure in failures} == {500}
    assert all(failure["operation"] == PAST and failure["request_id"] for failure in failures)
    assert len(owners(out)) == 9
    assert world.api_key not in (tmp_path / "usage.ndjson.failures.ndjson").read_text()
    before = len(world.requests)
    summary = await export(out)
    assert (summary.subscriptions, summary.skipped, summary.failures) == (12, 9, 0)
    asked = [request.operation for request in list(world.requests)[before:]]
    usage = [name for name in asked if name not in LISTS]
    assert usage == ["list_billing_entities"] + [PAST] * 3  # and no list of all
    assert len(owners(out)) == 12
    assert not (tmp_path / "usage.ndjson.failures.ndjson").exists()


async def test_a_list_of_failures_can_be_fed_back_in(export: Export, world: Sandbox, tmp_path: Path) -> None:
    world.inject(ServerFailure(500), operation=PAST, times=2)
    summary = await export(tmp_path / "usage.csv")
    assert summary.failures_path is not None
    pairs = read_pairs(summary.failures_path)
    again = await export(tmp_path / "rest.ndjson", subscriptions=pairs)
    assert (again.subscriptions, again.failures) == (2, 0)
    assert sorted(owners(tmp_path / "rest.ndjson")) == sorted(pair[1] for pair in pairs)


async def test_lost_answers_are_failures_too(export: Export, world: Sandbox, tmp_path: Path) -> None:
    world.inject(DropConnection(), operation=PAST, times=None)
    summary = await export(tmp_path / "usage.ndjson", subscriptions=ids([1]))
    assert (summary.failures, summary.subscriptions, summary.rows) == (1, 0, 0)
    (failure,) = records(tmp_path / "usage.ndjson.failures.ndjson")
    assert (failure["status_code"], failure["code"]) == (None, None)
    assert "no response" in failure["error"]


@pytest.mark.parametrize(
    ("status", "error_type"), [(401, UnauthorizedError), (403, ForbiddenError)], ids=["401", "403"]
)
async def test_a_refused_key_ends_it_at_once_and_it_goes_on_later(
    status: int, error_type: type[Exception], export: Export, world: Sandbox, tmp_path: Path
) -> None:
    out = tmp_path / "usage.ndjson"
    world.inject(RawResponse(status, b"{}"), operation=PAST, times=None)
    with pytest.raises(error_type):
        await export(out)
    assert not out.exists()
    world.clear_faults()
    assert (await export(out)).complete


async def test_a_metric_that_does_not_exist_ends_it_at_once(export: Export, world: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="billable_metric_not_found"):
        await export(tmp_path / "usage.ndjson", billable_metric_code="typo", concurrency=2)
    assert sum(request.operation == PAST for request in world.requests) <= 3


async def test_a_server_that_is_down_ends_it_and_what_was_done_stays(
    export: Export, world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    many = [*ids(range(12)), *((f"x{number}", f"y{number}") for number in range(100))]
    out = tmp_path / "usage.ndjson"
    down: list[int] = []

    def begin_to_fail(progress: Progress) -> None:
        if progress.subscriptions >= 4 and not down:
            down.append(progress.subscriptions)
            world.inject(ServerFailure(503), operation=PAST, times=None)

    impatient = {"subscriptions": many, "concurrency": 4}
    with pytest.raises(ExportError, match="seems to be down"):
        await export(out, on_progress=begin_to_fail, **impatient)
    assert not out.exists()
    world.clear_faults()
    summary = await export(out, **impatient)
    assert (summary.subscriptions, summary.failures, len(summary.unknown)) == (12, 100, 100)
    assert summary.skipped >= 4
    assert len(owners(out)) == 12


async def test_an_error_of_the_list_ends_it(export: Export, world: Sandbox, tmp_path: Path) -> None:
    world.inject(DropConnection(), operation="find_all_subscriptions", times=None)
    with pytest.raises(LagoConnectionError):
        await export(tmp_path / "usage.ndjson")
    world.clear_faults()
    assert (await export(tmp_path / "usage.ndjson")).complete


async def test_other_settings_are_refused_and_named(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    await export(out)
    with pytest.raises(ExportConflictError, match=r"periods none there, 2 now; subscriptions all there, 1 given"):
        await export(out, periods_count=2, subscriptions=ids([1]))
    summary = await export(out, periods_count=2, subscriptions=ids([1]), overwrite=True)
    assert (summary.subscriptions, len(owners(out))) == (1, 1)
    assert (await export(out, periods_count=2, subscriptions=[*ids([1]), *ids([1])])).untouched


async def test_another_organisations_key_is_refused_and_nothing_is_mixed(
    export: Export, world: Sandbox, tmp_path: Path
) -> None:
    out = tmp_path / "usage.ndjson"
    world.inject(ServerFailure(500), operation=PAST, times=3)
    await export(out)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    world.inject(
        RawResponse(200, b'{"billing_entities":[{"lago_id":"57f9a1c5-2d05-4b29-8a8f-64a4a1f6be3e"}]}'),
        operation="list_billing_entities",
    )
    with pytest.raises(ExportConflictError, match="another organisation.*or start again with overwrite"):
        await export(out)
    assert {path: path.read_bytes() for path in before} == before
    assert (await export(out)).complete


@pytest.mark.parametrize("status", [403, 404])
async def test_a_key_that_may_not_see_whose_it_is_can_export(
    status: int, export: Export, world: Sandbox, tmp_path: Path
) -> None:
    world.inject(RawResponse(status, b"{}"), operation="list_billing_entities", times=None)
    world.inject(ServerFailure(500), operation=PAST, times=3)
    await export(tmp_path / "usage.ndjson")
    assert (await export(tmp_path / "usage.ndjson")).complete


async def test_an_organisation_that_has_got_another_billing_entity_is_the_same(
    export: Export, face: Face, world: Sandbox, tmp_path: Path
) -> None:
    world.inject(ServerFailure(500), operation=PAST, times=3)
    await export(tmp_path / "usage.ndjson")
    (entity,) = await face("billing_entities.find_all")
    both = [{"lago_id": entity.lago_id}, {"lago_id": "57f9a1c5-2d05-4b29-8a8f-64a4a1f6be3e"}]
    world.inject(RawResponse(200, json.dumps({"billing_entities": both}).encode()), operation="list_billing_entities")
    assert (await export(tmp_path / "usage.ndjson")).complete


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "current", "periods_count": 1},
        {"kind": "projected"},
        {"format": "xls"},
        {"partition": "week"},
        {"from_datetime": datetime(2025, 1, 1)},  # noqa: DTZ001 - that is what is wrong with it
        {"concurrency": 0},
        {"billable_metric_code": ""},
        {"subscriptions": [("c1", "")]},
        {"subscriptions": ["c1"]},
        {"subscriptions": [("c1", "s1", "x")]},
    ],
)
async def test_arguments_that_cannot_be_are_refused_before_anything_is_there(
    options: dict[str, Any], export: Export, world: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(LagoArgumentError):
        await export(tmp_path / "usage.ndjson", **options)
    assert not world.requests
    assert not list(tmp_path.iterdir())


async def test_progress_is_told_and_comes_to_its_end(
    export: Export, world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    world.inject(ServerFailure(500), operation=PAST)
    told: list[Progress] = []
    await export(tmp_path / "usage.ndjson", on_progress=told.append)
    assert [item.subscriptions for item in told] == sorted(item.subscriptions for item in told)
    last = told[-1]
    assert (last.subscriptions, last.total, last.failures, last.rows, last.remaining) == (12, 12, 1, 44, 0)
    assert told[-2].total == 12


async def test_current_usage_of_all_has_every_subscription_that_stays_active_while_others_end(
    face_name: str, new_face: NewFace, tmp_path: Path
) -> None:
    stay = [f"s{number:03}" for number in range(220)]
    active = [*(f"g{number}" for number in range(40)), *stay]

    def reply(path: str, query: dict[str, str]) -> object:
        if path == "/billing_entities":
            return {"billing_entities": [{"lago_id": "1", "code": "x"}]}
        if path != "/subscriptions":
            charge = {"charge": {"lago_id": "1"}, "billable_metric": {"code": "m"}}
            return {"customer_usage": {"from_datetime": "2026-01-01T00:00:00Z", "charges_usage": [charge]}}
        page, size = int(query.get("page", "1")), int(query["per_page"])
        shown, total = active[(page - 1) * size : page * size], len(active)
        meta = {"current_page": page, "next_page": page + 1 if page * size < total else None, "total_count": total}
        for ended in [item for item in active if item.startswith("g")][:7]:
            active.remove(ended)
        return {"subscriptions": [{"external_customer_id": "c", "external_id": item} for item in shown], "meta": meta}

    async with ScriptedServer(reply) as server:
        face = await new_face(api_key="k", base_url=server.url)
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        summary = await face.run(function, face.client, tmp_path / "usage.ndjson", kind="current", names=False)
    assert summary.failures == 0
    assert [owner for owner in owners(tmp_path / "usage.ndjson") if owner.startswith("s")] == stay


@pytest.mark.parametrize("listed", [True, False])
async def test_an_export_whose_pages_repeat_is_not_complete(
    face_name: str, new_face: NewFace, tmp_path: Path, listed: bool
) -> None:
    meta = {"current_page": 1, "next_page": 2, "total_pages": 9, "total_count": 900}

    def reply(path: str, query: dict[str, str]) -> object:
        if path == "/billing_entities":
            return {"billing_entities": [{"lago_id": "1", "code": "x"}]}
        if path == "/subscriptions":
            return {
                "subscriptions": [{"external_customer_id": "c", "external_id": f"s{item}"} for item in range(100)],
                "meta": meta,
            }
        periods = [{"lago_invoice_id": str(number)} for number in range(int(query["per_page"]))]
        return {"usage_periods": periods, "meta": {**meta, "next_page": None} if listed else meta}

    async with ScriptedServer(reply) as server:
        face = await new_face(api_key="k", base_url=server.url)
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        out = tmp_path / "usage.ndjson"
        if listed:
            with pytest.raises(LagoPageError):
                await face.run(function, face.client, out, names=False)
            assert not out.exists()
        else:
            summary = await face.run(function, face.client, out, subscriptions=ids([0, 1]), names=False)
            assert (summary.failures, summary.complete, summary.rows) == (2, False, 0)
            assert "page 1 instead of page 2" in summary.failures_path.read_text("utf-8")


async def test_given_subscriptions_that_do_not_exist_are_named_and_those_without_a_bill_are_not(
    export: Export, world: Sandbox, tmp_path: Path
) -> None:
    world.perform("create_subscription", {"external_customer_id": "c1", "external_id": "new", "plan_code": "plan"})
    given = [*ids([1, 2]), ("c3", "typo"), ("nobody", "s4"), ("c1", "new")]
    summary = await export(tmp_path / "usage.ndjson", subscriptions=given)
    assert (summary.subscriptions, summary.failures, summary.complete) == (3, 2, False)
    assert set(summary.unknown) == {("c3", "typo"), ("nobody", "s4")}
    assert owners(tmp_path / "usage.ndjson") == ["s1", "s2"]
    failures = records(tmp_path / "usage.ndjson.failures.ndjson")
    assert {failure["code"] for failure in failures} == {"subscription_not_found"}
    again = await export(tmp_path / "usage.ndjson", subscriptions=given)
    assert (again.failures, again.skipped) == (2, 3)


async def test_a_key_that_may_not_list_subscriptions_can_export_given_ones(
    export: Export, world: Sandbox, tmp_path: Path
) -> None:
    world.inject(RawResponse(403, b"{}"), operation="find_all_subscriptions", times=None)
    summary = await export(tmp_path / "usage.ndjson", subscriptions=[*ids([1]), ("c3", "typo")])
    assert (summary.complete, summary.subscriptions) == (True, 2)


async def test_no_rows_say_why(export: Export, world: Sandbox, tmp_path: Path) -> None:
    year = datetime(2031, 1, 1, tzinfo=UTC)
    world.perform("create_subscription", {"external_customer_id": "c1", "external_id": "new", "plan_code": "plan"})
    for number, (options, why) in enumerate[tuple[dict[str, Any], str]](
        [
            ({"from_datetime": year, "subscriptions": ids([1, 2])}, "4 billed periods are outside of the range"),
            ({"subscriptions": [("c1", "new")]}, "1 subscription has not been billed yet"),
            ({"subscriptions": [("c1", "typo")]}, "1 subscription does not exist"),
            ({"subscriptions": []}, "no subscription was given"),
        ]
    ):
        summary = await export(tmp_path / f"{number}.ndjson", **options)
        assert (summary.rows, summary.no_rows) == (0, why)
        if summary.complete:
            again = await export(tmp_path / f"{number}.ndjson", **options)
            assert (again.untouched, again.no_rows) == (True, why)
    assert (await export(tmp_path / "all.ndjson")).no_rows is None


async def test_an_export_whose_list_ends_early_is_not_complete(
    face_name: str, new_face: NewFace, tmp_path: Path
) -> None:
    """The server says how many there are, and something between it and us loses the last page."""

    def reply(path: str, query: dict[str, str]) -> object:
        if path == "/billing_entities":
            return {"billing_entities": [{"lago_id": "1", "code": "x"}]}
        if path == "/subscriptions":
            page, size = int(query["page"]), int(query["per_page"])
            shown = [f"s{item}" for item in range(100)][(page - 1) * size : page * size][:100]
            meta = {"current_page": page, "next_page": None, "total_pages": 2, "total_count": 150}
            return {
                "subscriptions": [{"external_customer_id": "c", "external_id": item} for item in shown],
                "meta": meta,
            }
        return {"usage_periods": [], "meta": {"current_page": 1, "next_page": None, "total_count": 0}}

    async with ScriptedServer(reply) as server:
        face = await new_face(api_key="k", base_url=server.url)
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        with pytest.raises(LagoPageError, match="the end of the list after 100 of 150 subscriptions"):
            await face.run(function, face.client, tmp_path / "usage.ndjson", names=False)
    assert not (tmp_path / "usage.ndjson").exists()


async def test_a_first_try_with_a_wrong_address_or_key_does_not_keep_the_name(
    export: Export, new_face: NewFace, world: Sandbox, tmp_path: Path
) -> None:
    out = tmp_path / "usage.ndjson"
    for settings in ({"base_url": "http://127.0.0.1:9"}, {"api_key": "wrong"}):
        face = await new_face(**{"api_key": world.api_key, "base_url": world.url, "max_retries": 0, **settings})
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        with pytest.raises((LagoConnectionError, UnauthorizedError)):
            await face.run(function, face.client, out, names=False)
    with pytest.raises(NotFoundError):
        await export(out, billable_metric_code="typo")
    assert (await export(out)).complete


async def test_a_first_try_with_another_organisations_key_does_not_keep_the_name(
    export: Export, world: Sandbox, tmp_path: Path
) -> None:
    other = b'{"billing_entities":[{"lago_id":"57f9a1c5-2d05-4b29-8a8f-64a4a1f6be3e"}]}'
    world.inject(RawResponse(200, other), operation="list_billing_entities")
    world.inject(RawResponse(401, b"{}"), operation=PAST, times=None)
    with pytest.raises(UnauthorizedError):
        await export(tmp_path / "usage.ndjson")
    world.clear_faults()
    assert (await export(tmp_path / "usage.ndjson")).complete


async def test_it_may_be_given_endless_subscriptions_one_by_one(face: Face, tmp_path: Path) -> None:
    async def some() -> AsyncIterator[tuple[str, str]]:
        for pair in ids([4, 5, 4]):
            yield pair

    if face.name == "async":
        client: Any = face.client
        summary = await lago_async.usage.export(client, tmp_path / "usage.ndjson", subscriptions=some())
        assert summary.subscriptions == 2
        assert owners(tmp_path / "usage.ndjson") == ["s4", "s5"]


def test_both_faces_export_the_same_names_with_the_same_parameters() -> None:
    import inspect

    assert lago_async.usage.__all__ == lago_sync.usage.__all__
    one, other = (inspect.signature(item.usage.export).parameters for item in (lago_async, lago_sync))
    assert list(one) == list(other)
    assert {name: one[name].default for name in one} == {name: other[name].default for name in other}
