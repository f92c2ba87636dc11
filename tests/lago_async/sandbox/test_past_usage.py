"""Past usage: the periods that ended, unchangeable, newest first."""

from datetime import UTC, datetime

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import JsonObject
from tests.lago_async.sandbox.conftest import Caller, NewCharge, NewMetric, Subscribe


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
async def billed(call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Caller:
    """Bill three months of two metrics, with one unit more each month."""
    subscribed(sandbox, charge(metric(sandbox, "calls")), charge(metric(sandbox, "idle")), amount_cents=1000)
    for month in (1, 2, 3):
        await call.event("calls", {"value": month}, timestamp=utc(2026, month, 10).timestamp())
    sandbox.advance(to=utc(2026, 4, 5))
    return call


async def test_periods_hold_the_whole_invoice_and_only_charges_that_cost(billed: Caller) -> None:
    newest = (await billed.past())["usage_periods"][0]
    assert newest.pop("lago_invoice_id")
    (usage,) = newest.pop("charges_usage")
    assert (usage["charge"]["code"], usage["units"], usage["amount_cents"]) == ("calls", "3.0", 300)
    assert newest == {
        "from_datetime": "2026-03-01T00:00:00Z",
        "to_datetime": "2026-03-31T23:59:59Z",
        "issuing_date": "2026-04-01",
        "currency": "EUR",
        "amount_cents": 1300,
        "total_amount_cents": 1300,
        "taxes_amount_cents": 0,
    }


async def test_a_closed_period_stays_as_it_was_billed(billed: Caller) -> None:
    before = await billed.past()
    await billed.event("calls", {"value": 99}, timestamp=utc(2026, 2, 10).timestamp())
    assert await billed.past() == before
    assert (await billed.usage())["charges_usage"][0]["units"] == "0.0"


async def test_a_metric_narrows_the_charges_but_not_the_amounts(billed: Caller) -> None:
    periods = (await billed.past("&billable_metric_code=idle"))["usage_periods"]
    assert [(period["amount_cents"], period["charges_usage"]) for period in periods] == [
        (1300, []),
        (1200, []),
        (1100, []),
    ]
    response = await billed.get("/customers/cus/past_usage?external_subscription_id=sub&billable_metric_code=no")
    assert (response.status, response.body["code"]) == (404, "billable_metric_not_found")


async def test_the_subscription_is_mandatory_and_unknown_ones_are_empty(billed: Caller) -> None:
    response = await billed.get("/customers/cus/past_usage")
    assert response.body["error_details"] == {"external_subscription_id": ["value_is_mandatory"]}
    for customer, subscription in (("no", "sub"), ("cus", "no")):
        response = await billed.past(customer=customer, subscription=subscription)
        assert response["usage_periods"] == []
        assert response["meta"]["current_page"] == 0


@pytest.mark.parametrize(
    ("query", "units", "current", "following", "pages"),
    [
        ("&per_page=2", ["3.0", "2.0"], 1, 2, 2),
        ("&per_page=2&page=2", ["1.0"], 2, None, 2),
        ("&periods_count=2", ["3.0", "2.0"], 1, 2, 2),
        # The offset is still that of the page of 100, so the page is empty.
        ("&periods_count=2&page=2", [], 51, None, 2),
        ("&periods_count=1&per_page=2&page=2", ["1.0"], 3, None, 3),
    ],
)
async def test_pages_are_pages_of_periods_and_periods_count_breaks_them(
    billed: Caller, query: str, units: list[str], current: int, following: int | None, pages: int
) -> None:
    response = await billed.past(query)
    assert [period["charges_usage"][0]["units"] for period in response["usage_periods"]] == units
    meta = response["meta"]
    assert (meta["current_page"], meta["next_page"], meta["total_pages"]) == (current, following, pages)
    assert meta["total_count"] == 3


@pytest.mark.parametrize("count", ["0", "x"])
async def test_an_odd_periods_count_makes_the_server_fail(billed: Caller, count: str) -> None:
    response = await billed.get(f"/customers/cus/past_usage?external_subscription_id=sub&periods_count={count}")
    assert response.status == 500


async def test_zero_fees_of_filters_and_groups_are_left_out(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    calls = metric(sandbox, "calls", filters=[{"key": "region", "values": ["eu", "us"]}])
    filters = [{"values": {"region": [region]}, "properties": {"amount": "2"}} for region in ("eu", "us")]
    subscribed(sandbox, charge(calls, filters=filters))
    await call.event("calls", {"value": 1, "region": "eu"})
    sandbox.advance(to=utc(2026, 2, 1))
    (usage,) = (await call.past())["usage_periods"][0]["charges_usage"]
    assert [entry["values"] for entry in usage["filters"]] == [{"region": ["eu"]}]


async def test_the_first_calendar_period_is_prorated(call: Caller, sandbox: Sandbox, subscribed: Subscribe) -> None:
    sandbox.advance(to=utc(2026, 1, 17, 8))
    subscribed(sandbox, amount_cents=3100)
    sandbox.advance(to=utc(2026, 3, 1))
    periods = (await call.past())["usage_periods"]
    assert [(period["from_datetime"], period["amount_cents"]) for period in periods] == [
        ("2026-02-01T00:00:00Z", 3100),
        ("2026-01-17T08:00:00Z", 1500),
    ]


async def test_anniversary_periods_return_to_the_31st(call: Caller, sandbox: Sandbox, subscribed: Subscribe) -> None:
    sandbox.advance(to=utc(2026, 1, 31))
    subscribed(sandbox, subscription={"billing_time": "anniversary"}, amount_cents=3100)
    sandbox.advance(to=utc(2026, 5, 1))
    periods = (await call.past())["usage_periods"]
    assert [(period["from_datetime"][:10], period["amount_cents"]) for period in periods] == [
        ("2026-03-31", 3100),
        ("2026-02-28", 3100),
        ("2026-01-31", 3100),
    ]


async def test_a_plan_paid_in_advance_charges_for_the_next_period(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    sandbox.advance(to=utc(2026, 1, 17))
    # The first invoice is for 15 of 31 days, and has no usage.
    subscribed(sandbox, charge(metric(sandbox, "calls")), amount_cents=3100, pay_in_advance=True)
    await call.event("calls", {"value": 1})
    sandbox.advance(to=utc(2026, 2, 1))
    assert [period["amount_cents"] for period in (await call.past())["usage_periods"]] == [3200, 1500]
    sandbox.advance(to=utc(2026, 2, 10))
    ended = (await call.delete("/subscriptions/sub"))["subscription"]
    assert ended["on_termination_credit_note"] == "credit"
    assert [period["amount_cents"] for period in (await call.past())["usage_periods"]] == [0, 3200, 1500]


async def test_charges_of_a_yearly_plan_may_be_billed_monthly(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    subscribed(
        sandbox,
        charge(metric(sandbox, "calls")),
        interval="yearly",
        bill_charges_monthly=True,
        amount_cents=12000,
    )
    await call.event("calls", {"value": 1})
    sandbox.advance(to=utc(2027, 1, 1))
    amounts = [period["amount_cents"] for period in (await call.past())["usage_periods"]]
    assert amounts == [12000] + [0] * 10 + [100]


async def test_a_subscription_backdated_is_billed_from_the_running_period_on(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    given = {"subscription_at": "2025-10-05T00:00:00Z"}
    subscribed(sandbox, charge(metric(sandbox, "calls")), subscription=given, amount_cents=100)
    sandbox.advance(to=utc(2026, 2, 1))
    running, before = (await call.past())["usage_periods"]
    assert (running["from_datetime"], running["amount_cents"]) == ("2026-01-01T00:00:00Z", 100)
    # A period that closed on the day of the request is billed, too.
    assert (before["from_datetime"], before["amount_cents"]) == ("2025-12-01T00:00:00Z", 100)


async def test_taxes_are_summed_over_fees_with_the_subscriptions_own(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    sandbox.perform("create_tax", {"name": "V", "code": "v", "rate": "19", "applied_to_organization": True})
    subscribed(sandbox, charge(metric(sandbox, "calls")), amount_cents=1003)
    await call.event("calls", {"value": "10.02"})
    sandbox.advance(to=utc(2026, 2, 1))
    (period,) = (await call.past())["usage_periods"]
    # 19 % of 1003 is 190.57, of 1002 it is 190.38.
    assert (period["amount_cents"], period["taxes_amount_cents"]) == (2005, 191 + 190)
    assert period["total_amount_cents"] == 2005 + 381


async def test_an_upgrade_bills_what_was_used_before_it(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    calls = metric(sandbox, "calls")
    subscribed(sandbox, charge(calls), amount_cents=0)
    big: JsonObject = {
        "name": "Big",
        "code": "big",
        "interval": "monthly",
        "amount_cents": 100,
        "amount_currency": "EUR",
    }
    big["pay_in_advance"] = False
    sandbox.perform("create_plan", {**big, "charges": [charge(calls, properties={"amount": "2"})]})
    await call.event("calls", {"value": 1})
    sandbox.advance(to=utc(2026, 1, 10))
    sandbox.perform("create_subscription", {"external_customer_id": "cus", "external_id": "sub", "plan_code": "big"})
    await call.event("calls", {"value": 1})
    (period,) = (await call.past())["usage_periods"]
    assert (period["to_datetime"], period["amount_cents"]) == ("2026-01-10T00:00:00Z", 100)
    assert (await call.usage())["amount_cents"] == 200
