"""Usage that the server bills twice or never, most of it where prices change around a change of the plan."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lago_async.sandbox import Sandbox


@pytest.fixture
def world() -> Any:
    """Return a sandbox with a metric of which every event costs 1 EUR."""
    sandbox: Any = Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC), premium=True)
    sandbox.metric = sandbox.perform(
        "create_billable_metric", {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    )["lago_id"]
    return sandbox


def _plan(sandbox: Any, code: str, cents: int, interval: str = "monthly", **fields: object) -> None:
    charge = {"billable_metric_id": sandbox.metric, "charge_model": "standard", "properties": {"amount": "1"}}
    given = {"interval": interval, "amount_cents": cents, "amount_currency": "EUR", "pay_in_advance": False}
    sandbox.perform("create_plan", {"name": code, "code": code, "charges": [charge], **given, **fields})


def _subscribe(sandbox: Any, plan: str) -> None:
    given = {"external_customer_id": "acme", "external_id": "main", "plan_code": plan}
    sandbox.perform("create_subscription", given)


def _use(sandbox: Any, *days: str) -> None:
    for day in days:
        event = {"transaction_id": day, "external_subscription_id": "main", "code": "calls"}
        sandbox.perform("create_event", {**event, "timestamp": datetime.fromisoformat(f"{day}T12:00:00Z").timestamp()})


def _reprice(sandbox: Any, plan: str, cents: int) -> None:
    sandbox.perform("update_plan", {"amount_cents": cents}, plan)


def _day(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


def _usage(sandbox: Any, plan: str) -> list[tuple[str, str, int]]:
    """Return the windows of usage of a plan that are on invoices, with the amount of the usage in cents."""
    query = {"status": ["active", "terminated"], "external_customer_id": "acme"}
    wanted = {x["lago_id"] for x in sandbox.perform("find_all_subscriptions", query) if x["plan_code"] == plan}
    found: list[tuple[str, str, int]] = []
    for listed in sandbox.perform("find_all_invoices", {"per_page": 100}):
        invoice = sandbox.perform("find_invoice", None, listed["lago_id"])
        for period in invoice["billing_periods"]:
            if period["lago_subscription_id"] in wanted and period["charges_from_datetime"]:
                cents = sum(
                    fee["amount_cents"]
                    for fee in invoice["fees"]
                    if fee["item"]["type"] == "charge" and fee["lago_subscription_id"] in wanted
                )
                window = (period["charges_from_datetime"][5:16], period["charges_to_datetime"][5:16])
                found.append((*window, cents))
    return sorted(found)


def _statuses(sandbox: Any) -> list[tuple[str, str]]:
    query = {"status": ["pending", "active", "terminated", "canceled"], "external_customer_id": "acme"}
    return sorted((x["plan_code"], x["status"]) for x in sandbox.perform("find_all_subscriptions", query))


def test_an_upgrade_whose_draft_finds_a_cheaper_plan_bills_the_period_before_twice_as_the_server_does(
    world: Any,
) -> None:
    _plan(world, "small", 1000)
    _plan(world, "big", 5000)
    world.perform("create_customer", {"external_id": "acme", "billing_configuration": {"invoice_grace_period": 3}})
    _subscribe(world, "small")
    _use(world, "2026-01-10")
    world.advance(to=_day(2, 15))
    _use(world, "2026-02-10", "2026-02-11")
    _subscribe(world, "big")
    assert _usage(world, "small")[-1] == ("02-01T00:00", "02-15T00:00", 200)
    _reprice(world, "small", 9000)
    world.advance(to=_day(3, 1))
    january = ("01-01T00:00", "01-31T23:59", 100)
    assert _usage(world, "small") == [january, january]


def test_a_pending_downgrade_that_is_an_upgrade_when_its_turn_comes_never_bills_the_last_period_as_on_the_server(
    world: Any,
) -> None:
    _plan(world, "year", 12000, "yearly")
    _plan(world, "week", 100, "weekly")
    _subscribe(world, "year")
    _subscribe(world, "week")
    _use(world, "2026-01-10")
    _reprice(world, "year", 200)  # 200 for a year is less than 5,200, but more than 100 for a week
    world.advance(to=datetime(2027, 1, 2, tzinfo=UTC))
    assert _statuses(world) == [("week", "active"), ("year", "terminated")]
    assert _usage(world, "year") == [("01-01T00:00", "01-01T00:00", 0)]


def test_usage_of_a_plan_with_monthly_fixed_charges_is_never_billed_if_it_ends_in_another_month_as_on_the_server(
    world: Any,
) -> None:
    given = {"name": "Seat", "code": "seat", "amount_cents": 100, "amount_currency": "EUR"}
    add_on = world.perform("create_add_on", given)["lago_id"]
    fixed = {"add_on_id": add_on, "charge_model": "standard", "units": "1", "properties": {"amount": "1"}}
    _plan(world, "year", 0, "yearly", bill_fixed_charges_monthly=True, fixed_charges=[fixed])
    _subscribe(world, "year")
    _use(world, "2026-01-10")
    world.advance(to=_day(3, 10))
    world.perform("destroy_subscription", None, "main")
    assert _usage(world, "year") == []


def test_a_downgrade_that_waits_is_canceled_when_the_plan_becomes_cheaper_than_the_one_that_waits(world: Any) -> None:
    _plan(world, "small", 1000)
    _plan(world, "big", 5000)
    _subscribe(world, "big")
    _subscribe(world, "small")
    _reprice(world, "big", 1000)
    assert _statuses(world) == [("big", "active"), ("small", "pending")]
    _reprice(world, "big", 999)
    assert _statuses(world) == [("big", "active"), ("small", "canceled")]


def test_a_downgrade_that_waits_is_an_upgrade_at_once_when_its_plan_is_not_cheaper_any_more(world: Any) -> None:
    _plan(world, "small", 1000)
    _plan(world, "big", 5000)
    _subscribe(world, "big")
    world.perform("create_subscription", {
        "external_customer_id": "acme", "external_id": "main", "plan_code": "small", "purchase_order_number": "PO-2",
    })  # fmt: skip
    world.perform("update_plan", {"name": "Other"}, "small")
    assert _statuses(world) == [("big", "active"), ("small", "pending")]
    world.advance(to=_day(1, 16))
    _reprice(world, "small", 5000)
    assert _statuses(world) == [("big", "terminated"), ("small", "active"), ("small", "canceled")]
    # Of the change that waited, only the name and the plan are left.
    assert world.perform("find_subscription", None, "main")["purchase_order_number"] is None
    assert _usage(world, "big") == [("01-01T00:00", "01-16T00:00", 0)]


def test_hours_of_a_day_whose_period_is_not_billed_yet_are_never_billed_as_on_the_server(world: Any) -> None:
    _plan(world, "small", 1000)
    world.advance(to=datetime(2026, 2, 1, 9, tzinfo=UTC))
    given = {"external_customer_id": "acme", "external_id": "main", "plan_code": "small"}
    world.perform("create_subscription", {**given, "subscription_at": "2026-01-20T00:00:00Z"})
    world.perform("destroy_subscription", None, "main")
    assert _usage(world, "small") == [("01-20T00:00", "01-31T23:59", 0)]


def test_a_period_whose_draft_is_computed_after_an_upgrade_in_the_same_second_is_billed(world: Any) -> None:
    _plan(world, "small", 1000)
    _plan(world, "big", 5000)
    world.perform("create_customer", {"external_id": "acme", "billing_configuration": {"invoice_grace_period": 3}})
    _subscribe(world, "small")
    _use(world, "2026-01-10")
    world.advance(to=_day(2, 1))
    _subscribe(world, "big")
    world.advance(to=_day(2, 10))
    assert _usage(world, "small")[0] == ("01-01T00:00", "01-31T23:59", 100)


def test_hours_of_the_day_before_the_end_of_a_day_long_subscription_are_never_billed_as_on_the_server(
    world: Any,
) -> None:
    _plan(world, "small", 1000)
    world.advance(to=datetime(2026, 1, 31, 18, tzinfo=UTC))
    given = {"external_customer_id": "acme", "external_id": "main", "plan_code": "small"}
    world.perform("create_subscription", {**given, "ending_at": "2026-02-01T20:00:00Z"})
    world.advance(to=_day(2, 10))
    assert _usage(world, "small") == [("02-01T00:00", "02-01T00:00", 0)]
