"""Current usage is computed from the events, filter by filter and group by group."""

from datetime import UTC, datetime

import aiohttp
import pytest

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import Caller, NewCharge, NewMetric, Subscribe


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


async def test_a_plan_without_charges_has_no_usage(call: Caller, sandbox: Sandbox, subscribed: Subscribe) -> None:
    subscribed(sandbox)
    assert await call.usage() == {
        "from_datetime": "2026-01-01T00:00:00Z",
        "to_datetime": "2026-01-31T23:59:59Z",
        "issuing_date": "2026-01-31",
        "lago_invoice_id": None,
        "currency": "EUR",
        "amount_cents": 0,
        "total_amount_cents": 0,
        "taxes_amount_cents": 0,
        "charges_usage": [],
    }


async def test_a_charge_without_events_is_present_with_zero(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    calls = metric(sandbox, "calls")
    subscribed(sandbox, charge(calls, invoice_display_name="Calls"))
    (usage,) = (await call.usage())["charges_usage"]
    assert usage.pop("charge").items() >= {"code": "calls", "charge_model": "standard"}.items()
    assert usage == {
        "units": "0.0",
        "total_aggregated_units": "0.0",
        "events_count": 0,
        "amount_cents": 0,
        "amount_currency": "EUR",
        "pricing_unit_details": None,
        "billable_metric": {
            "lago_id": calls["lago_id"],
            "name": "calls",
            "code": "calls",
            "aggregation_type": "sum_agg",
        },
        "filters": [],
        "grouped_usage": [],
        "presentation_breakdowns": [],
    }


async def test_usage_is_exact_and_rounded_once(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    subscribed(sandbox, charge(metric(sandbox, "calls"), properties={"amount": "0.005"}))
    for value in ("0.1", "0.2", 2.7):
        await call.event("calls", {"value": value})
    (usage,) = (await call.usage())["charges_usage"]
    assert (usage["units"], usage["events_count"], usage["amount_cents"]) == ("3.0", 3, 2)


@pytest.mark.parametrize(("currency", "cents"), [("EUR", 1235), ("JPY", 12), ("KWD", 12345)])
async def test_amounts_are_in_the_subunit_of_the_currency(
    call: Caller,
    sandbox: Sandbox,
    metric: NewMetric,
    charge: NewCharge,
    subscribed: Subscribe,
    currency: str,
    cents: int,
) -> None:
    priced = charge(metric(sandbox, "calls"), properties={"amount": "12.345"})
    subscribed(sandbox, priced, amount_currency=currency)
    await call.event("calls", {"value": 1})
    assert (await call.usage())["amount_cents"] == cents


async def test_each_event_is_in_one_filter_or_in_the_default_bucket(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    filters = [{"key": "region", "values": ["eu", "us"]}, {"key": "tier", "values": ["gold"]}]
    calls = metric(sandbox, "calls", filters=filters)
    subscribed(
        sandbox,
        charge(
            calls,
            filters=[
                {"values": {"region": ["eu"]}, "properties": {"amount": "2"}, "invoice_display_name": "Europe"},
                {"values": {"region": ["eu"], "tier": ["__ALL_FILTER_VALUES__"]}, "properties": {"amount": "3"}},
            ],
        ),
    )
    await call.event("calls", {"value": 1, "region": "eu"})
    await call.event("calls", {"value": 10, "region": "eu", "tier": "gold"})
    await call.event("calls", {"value": 100, "region": "us"})
    (usage,) = (await call.usage())["charges_usage"]
    shown = {str(entry["values"]): (entry["units"], entry["amount_cents"]) for entry in usage["filters"]}
    assert shown == {
        "None": ("100.0", 10000),
        "{'region': ['eu']}": ("1.0", 200),
        "{'region': ['eu'], 'tier': ['__ALL_FILTER_VALUES__']}": ("10.0", 3000),
    }
    assert (usage["units"], usage["amount_cents"]) == ("111.0", 13200)


async def test_groups_are_priced_apart_and_missing_values_are_null(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    properties = {"amount": "0.005", "pricing_group_keys": ["cloud"]}
    subscribed(sandbox, charge(metric(sandbox, "calls"), properties=properties))
    for cloud in ("aws", "gcp", None):
        await call.event("calls", {"value": 1, **({"cloud": cloud} if cloud else {})})
    (usage,) = (await call.usage())["charges_usage"]
    groups = [(entry["grouped_by"], entry["units"], entry["amount_cents"]) for entry in usage["grouped_usage"]]
    assert groups == [({"cloud": "aws"}, "1.0", 1), ({"cloud": "gcp"}, "1.0", 1), ({"cloud": None}, "1.0", 1)]
    assert (usage["units"], usage["amount_cents"]) == ("3.0", 3)
    (whole,) = (await call.usage("&skip_grouping=true"))["charges_usage"]
    assert (whole["grouped_usage"], whole["amount_cents"]) == ([], 2)
    (narrowed,) = (await call.usage("&group[cloud]=aws"))["charges_usage"]
    assert narrowed["units"] == "1.0"
    (narrowed,) = (await call.usage("&filter_by_group=%7B%22cloud%22%3A%5B%22aws%22%2C%22gcp%22%5D%7D"))[
        "charges_usage"
    ]
    assert narrowed["units"] == "2.0"


async def test_groups_have_their_own_filters(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    calls = metric(sandbox, "calls", filters=[{"key": "region", "values": ["eu"]}])
    properties = {"amount": "1", "pricing_group_keys": ["cloud"]}
    filters = [{"values": {"region": ["eu"]}, "properties": {"amount": "2"}}]
    subscribed(sandbox, charge(calls, properties=properties, filters=filters))
    await call.event("calls", {"value": 1, "cloud": "aws"})
    (usage,) = (await call.usage())["charges_usage"]
    # The keys of the charge are not for its filters.
    assert [(entry["grouped_by"], len(entry["filters"])) for entry in usage["grouped_usage"]] == [
        ({}, 1),
        ({"cloud": "aws"}, 1),
    ]
    assert len(usage["filters"]) == 2


async def test_presentation_keys_break_units_down(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    properties = {"amount": "1", "presentation_group_keys": [{"value": "team"}]}
    subscribed(sandbox, charge(metric(sandbox, "calls"), properties=properties))
    await call.event("calls", {"value": 1, "team": "a"})
    await call.event("calls", {"value": 2})
    (usage,) = (await call.usage())["charges_usage"]
    assert usage["presentation_breakdowns"] == [
        {"presentation_by": {"team": "a"}, "units": "1.0"},
        {"presentation_by": {"team": None}, "units": "2.0"},
    ]
    (usage,) = (await call.usage("&filter_by_presentation=%5B%22other%22%5D"))["charges_usage"]
    assert usage["presentation_breakdowns"] == []


async def test_taxes_of_charge_plan_customer_and_organization_replace_each_other(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    for code, rate in (("charge", 1), ("plan", 2), ("customer", 4)):
        sandbox.perform("create_tax", {"name": code, "code": code, "rate": rate})
    sandbox.perform("create_tax", {"name": "o", "code": "o", "rate": 8, "applied_to_organization": True})
    subscribed(sandbox, charge(metric(sandbox, "taxed"), tax_codes=["charge"]), charge(metric(sandbox, "plain")))
    await call.event("taxed", {"value": 100})
    await call.event("plain", {"value": 100})
    usage = await call.usage()
    assert (usage["amount_cents"], usage["taxes_amount_cents"]) == (20000, 100 + 800)
    await call.customer(tax_codes=["customer"])
    usage = await call.usage()
    assert (usage["taxes_amount_cents"], usage["total_amount_cents"]) == (100 + 400, 20500)
    assert (await call.usage("&apply_taxes=false"))["total_amount_cents"] == 20000


async def test_charges_are_sorted_by_metric_name_and_can_be_chosen(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    subscribed(sandbox, charge(metric(sandbox, "b")), charge(metric(sandbox, "a")))
    codes = [usage["charge"]["code"] for usage in (await call.usage())["charges_usage"]]
    assert codes == ["a", "b"]
    for query in ("charge_code=b", "filter_by_charge_code=b", "billable_metric_code=b", "filter_by_metric_code=b"):
        (usage,) = (await call.usage(f"&{query}"))["charges_usage"]
        assert usage["charge"]["code"] == "b"
    # The id overrides the code.
    (usage,) = (await call.usage(f"&charge_id={usage['charge']['lago_id']}&charge_code=no"))["charges_usage"]
    response = await call.get("/customers/cus/current_usage?external_subscription_id=sub&charge_code=no")
    assert (response.status, response.body["code"]) == (404, "charge_not_found")


async def test_an_unknown_customer_is_an_unknown_resource(call: Caller) -> None:
    response = await call.get("/customers/no/current_usage?external_subscription_id=sub")
    assert (response.status, response.body["code"]) == (404, "resource_not_found")


@pytest.mark.parametrize("query", ["", "?external_subscription_id=no"])
async def test_usage_needs_an_active_subscription(call: Caller, query: str) -> None:
    await call.customer()
    response = await call.get(f"/customers/cus/current_usage{query}")
    assert (response.status, response.body["code"]) == (405, "no_active_subscription")


async def test_full_usage_needs_premium_and_a_filter(
    call: Caller,
    premium_call: Caller,
    premium: Sandbox,
    sandbox: Sandbox,
    metric: NewMetric,
    charge: NewCharge,
    subscribed: Subscribe,
) -> None:
    for item in (sandbox, premium):
        subscribed(item, charge(metric(item, "calls")))
    target = "/customers/cus/current_usage?external_subscription_id=sub&full_usage=true"
    assert (await call.get(f"{target}&charge_code=calls")).body["code"] == "full_usage_not_allowed"
    assert (await premium_call.get(target)).body["code"] == "full_usage_not_allowed"
    await premium_call.event("calls", {"value": 1})
    premium.advance(to=utc(2026, 2, 15))
    usage = await premium_call.usage("&full_usage=true&charge_code=calls")
    assert (usage["from_datetime"], usage["charges_usage"][0]["units"]) == ("2026-01-01T00:00:00Z", "1.0")


async def test_recurring_metrics_carry_over(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    seats = metric(sandbox, "seats", "unique_count_agg", recurring=True)
    subscribed(sandbox, charge(seats), charge(metric(sandbox, "calls")))
    await call.event("seats", {"value": "ann"})
    await call.event("calls", {"value": 1})
    sandbox.advance(to=utc(2026, 2, 10))
    units = {usage["charge"]["code"]: usage["units"] for usage in (await call.usage())["charges_usage"]}
    assert units == {"seats": "1.0", "calls": "0.0"}


async def test_the_customers_time_zone_moves_the_period(
    session: aiohttp.ClientSession, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    async with Sandbox(now=utc(2026, 7, 1, 2), premium=True) as sandbox:
        given = {"timezone": "America/New_York"}
        subscribed(sandbox, charge(metric(sandbox, "calls")), customer=given)
        usage = sandbox.perform("find_all_customers")
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        url = f"{sandbox.url}/api/v1/customers/cus/current_usage?external_subscription_id=sub"
        async with session.get(url, headers=headers) as response:
            usage = (await response.json())["customer_usage"]
        # In New York it is still June, and the subscription began at this time.
        assert (usage["from_datetime"], usage["to_datetime"]) == ("2026-07-01T02:00:00Z", "2026-07-01T03:59:59Z")
        # The date is that of the end in UTC.
        assert usage["issuing_date"] == "2026-07-01"
