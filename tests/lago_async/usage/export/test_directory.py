"""What an export lists besides usage: the status of invoices, and the names of customers and plans."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import lago_async.usage
import lago_sync.usage
from lago_async import ServerError
from lago_async._bulk.outcome import Outcome
from lago_async._table.pages import Page, PageMeta
from lago_async.sandbox import RawResponse, Sandbox
from lago_async.usage._export.directory import Directory
from lago_async.usage._export.request import ExportRequest, usage_query
from tests.conftest import IMPATIENT, NewFace

START = datetime(2025, 1, 1, tzinfo=UTC)
LISTS = {"find_all_invoices", "find_all_customers", "find_all_subscriptions", "find_all_plans"}
Rows = list[dict[str, Any]]
Export = Callable[..., Awaitable[Rows]]


def world(*, months: int = 3) -> Sandbox:
    """Return a sandbox: one invoice for two subscriptions each month, January's voided and March's a draft."""
    sandbox = Sandbox(now=START, premium=True)
    for code in ("small", "large"):
        plan: dict[str, Any] = {
            "name": f"The {code} one", "code": code, "interval": "monthly", "amount_cents": 1000,
            "amount_currency": "EUR", "pay_in_advance": False,
        }  # fmt: skip
        sandbox.perform("create_plan", plan)
    sandbox.perform("create_customer", {"external_id": "acme", "name": "Acme & Sons", "currency": "EUR"})
    for code in ("small", "large"):
        sandbox.perform(
            "create_subscription", {"external_customer_id": "acme", "external_id": f"s-{code}", "plan_code": code}
        )
    sandbox.advance(to=datetime(2025, 2, 2, tzinfo=UTC))
    (invoice,) = _invoices(sandbox)
    sandbox.perform("void_invoice", None, invoice["lago_id"])
    sandbox.advance(to=datetime(2025, 3, 2, tzinfo=UTC))
    sandbox.perform("create_customer", {"external_id": "acme", "billing_configuration": {"invoice_grace_period": 9}})
    sandbox.advance(to=datetime(2025, months + 1, 2, tzinfo=UTC))
    return sandbox


def _invoices(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: Any = sandbox.perform("find_all_invoices")
    return list(found)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with world() as running:
        yield running


@pytest.fixture
async def export(new_face: NewFace, sandbox: Sandbox) -> Export:
    """Return the face's export function, bound to the sandbox; it returns the rows."""
    face = await new_face(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=IMPATIENT)

    async def run(out: Path, **options: Any) -> Rows:
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        await face.run(function, face.client, out, **options)
        return [json.loads(line) for line in out.read_text("utf-8").splitlines()]

    return run


async def test_each_row_has_the_status_of_its_invoice_and_the_names_of_customer_and_plan(
    export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    before = len(sandbox.requests)
    rows = await export(tmp_path / "usage.ndjson")
    found = sorted((row["from_datetime"][:7], row["plan_name"], row["invoice_status"]) for row in rows)
    assert found == [
        ("2025-01", "The large one", "voided"), ("2025-01", "The small one", "voided"),
        ("2025-02", "The large one", "finalized"), ("2025-02", "The small one", "finalized"),
        ("2025-03", "The large one", "draft"), ("2025-03", "The small one", "draft"),
    ]  # fmt: skip
    assert {row["customer_name"] for row in rows} == {"Acme & Sons"}
    assert {(row["external_subscription_id"], row["plan_code"]) for row in rows} == {
        ("s-small", "small"), ("s-large", "large")
    }  # fmt: skip
    # The trap that the columns are for: the sum over rows is thrice what was billed and stays billed.
    assert sum(row["period_total_amount_cents"] for row in rows) == 12_000
    billed = {
        row["lago_invoice_id"]: row["period_total_amount_cents"] for row in rows if row["invoice_status"] == "finalized"
    }
    assert sum(billed.values()) == 2_000
    asked = [request.operation for request in list(sandbox.requests)[before:]]
    assert {name: asked.count(name) for name in LISTS} == {
        "find_all_invoices": 1, "find_all_customers": 1, "find_all_plans": 1,
        "find_all_subscriptions": 2,  # once for the names, once to walk them
    }  # fmt: skip


async def test_without_names_nothing_is_listed_and_the_columns_are_null(
    export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    before = len(sandbox.requests)
    rows = await export(tmp_path / "usage.ndjson", names=False, subscriptions=[("acme", "s-small")])
    assert len(rows) == 3
    assert all(
        row[name] is None for row in rows for name in ("invoice_status", "customer_name", "plan_code", "plan_name")
    )
    assert not LISTS.intersection(request.operation for request in list(sandbox.requests)[before:])


async def test_what_the_key_may_not_list_is_unknown_and_ends_no_export(
    export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.inject(RawResponse(403, b"{}"), operation="find_all_invoices", times=None)
    rows = await export(tmp_path / "usage.ndjson")
    assert {row["invoice_status"] for row in rows} == {None}
    assert {row["customer_name"] for row in rows} == {"Acme & Sons"}


async def test_a_list_that_fails_ends_the_export_rather_than_leave_statuses_out(
    export: Export, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.inject(RawResponse(500, b"{}"), operation="find_all_invoices", times=None)
    with pytest.raises(ServerError):
        await export(tmp_path / "usage.ndjson")
    sandbox.clear_faults()
    assert len(await export(tmp_path / "usage.ndjson")) == 6


async def test_current_usage_has_names_and_no_status(export: Export, sandbox: Sandbox, tmp_path: Path) -> None:
    before = len(sandbox.requests)
    rows = await export(tmp_path / "usage.ndjson", kind="current")
    assert {(row["invoice_status"], row["customer_name"]) for row in rows} == {(None, "Acme & Sons")}
    assert "find_all_invoices" not in [request.operation for request in list(sandbox.requests)[before:]]


def test_an_upgraded_subscription_has_in_each_period_the_plan_of_that_time() -> None:
    directory = _listing(
        "subscriptions",
        [
            _subscription("large", datetime(2025, 3, 15, tzinfo=UTC)),
            _subscription("small", datetime(2025, 1, 1, tzinfo=UTC)),
        ],
    )
    days = ((1, 1), (3, 1), (3, 15), (4, 1))
    plans = [directory.describe(("c", "s"), _period(month, day))[2] for month, day in days]
    assert plans == ["small", "small", "large", "large"]


@pytest.mark.parametrize(
    ("stale", "pages"), [(1, [[1], [2], [3]]), (3, [[1], [2, 3]]), (9_999, [[1], list(range(2, 1002))])]
)
def test_pages_are_asked_for_together_and_a_stale_count_loses_none(stale: int, pages: list[list[int]]) -> None:
    directory = Directory()
    directory.want(_request(), [])
    assert directory.calls(_prepare, OPERATIONS) == []  # nothing is left to fetch
    directory.want(_request(names=False), None)
    assert directory.calls(_prepare, OPERATIONS) == []
    directory.want(_request(), None)
    asked: list[list[int]] = []
    while len(asked) < len(pages):
        calls = [call for call in directory.calls(_prepare, OPERATIONS) if call.name == "invoices"]
        asked.append([call.page for call in calls])
        for call in calls:
            following = call.page + 1 if call.page < 3 else None
            directory.take(_answer(call, [_invoice(call.page)], following, stale))
    assert asked == pages
    for page in (1, 2, 3):
        period = SimpleNamespace(lago_invoice_id=f"i{page}", from_datetime=None, to_datetime=None)
        assert directory.describe(("c", "s"), period)[0] == "finalized"


def test_the_list_of_invoices_begins_a_little_before_the_range() -> None:
    directory = Directory()
    directory.want(_request(from_datetime=datetime(2025, 3, 1, tzinfo=UTC)), [("c", "s"), ("c", "t")])
    asked = {call.name: call.arguments for call in directory.calls(_prepare, OPERATIONS)}
    assert (asked["invoices"]["issuing_date_from"].isoformat(), asked["invoices"]["external_customer_id"]) == (
        "2025-02-27",
        "c",
    )
    assert asked["customers"]["external_id"] == "c"


class _Call(SimpleNamespace):
    __hash__ = object.__hash__  # type: ignore[assignment]


OPERATIONS: Any = {name: name for name in ("invoices", "customers", "subscriptions", "plans")}


def _prepare(operation: Any, _args: tuple[object, ...], arguments: Mapping[str, Any]) -> Any:
    return _Call(name=operation, page=arguments["page"], arguments=arguments)


def _request(*, names: bool = True, from_datetime: datetime | None = None) -> ExportRequest:
    query = usage_query(
        kind="past", from_datetime=from_datetime, to_datetime=None, periods_count=None, billable_metric_code=None,
        per_page=None,
    )  # fmt: skip
    return ExportRequest.for_path(
        "usage.ndjson", None, raw_text=False, server="http://lago", query=query, subscriptions=None, names=names
    )


def _answer(call: Any, items: list[Any], following: int | None, total: int) -> Any:
    meta = PageMeta(current_page=call.page, next_page=following, total_pages=total)
    return Outcome(call, None, Page(items, meta))


def _listing(name: str, items: list[Any]) -> Directory:
    directory = Directory()
    directory.want(_request(), None)
    (call,) = [call for call in directory.calls(_prepare, OPERATIONS) if call.name == name]
    directory.take(_answer(call, items, None, 1))
    return directory


def _invoice(number: int) -> Any:
    return SimpleNamespace(lago_id=f"i{number}", status="finalized")


def _subscription(plan: str, begin: datetime) -> Any:
    return SimpleNamespace(
        external_customer_id="c", external_id="s", plan_code=plan, started_at=begin, subscription_at=begin
    )


def _period(month: int, day: int) -> Any:
    begin = datetime(2025, month, day, tzinfo=UTC)
    return SimpleNamespace(lago_invoice_id=None, from_datetime=begin, to_datetime=begin + timedelta(days=13))
