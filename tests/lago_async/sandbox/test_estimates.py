"""Estimates of events, previews of invoices, projected and lifetime usage, expressions."""

from datetime import timedelta
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._money.expressions import ExpressionError, evaluate
from tests.lago_async.sandbox.conftest import Caller, NewCharge, NewMetric, Subscribe

EVENT = {"code": "calls", "external_subscription_id": "sub", "properties": {"value": 3}}


@pytest.fixture
def world(premium: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Sandbox:
    premium.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    calls = metric(premium, "calls")
    later = metric(premium, "later")
    charges = charge(calls, properties={"amount": "2"}, pay_in_advance=True), charge(later)
    subscribed(premium, *charges, amount_cents=3100)
    return premium


async def test_an_event_is_estimated_with_its_charge(premium_call: Caller, world: Sandbox) -> None:
    (fee,) = (await premium_call.post("/events/estimate_fees", {"event": EVENT}))["fees"]
    assert (fee["lago_id"], fee["amount_cents"], fee["taxes_amount_cents"], fee["units"]) == (None, 600, 120, "3.0")


async def test_instant_estimates_are_decimals_without_taxes(premium_call: Caller, world: Sandbox) -> None:
    (fee,) = (await premium_call.post("/events/estimate_instant_fees", {"event": EVENT}))["fees"]
    assert (fee["amount_cents"], fee["taxes_amount_cents"], fee["event_transaction_id"]) == ("600.0", 0, None)
    response = await premium_call.post("/events/batch_estimate_instant_fees", {"events": [EVENT, EVENT]})
    assert [item["amount_cents"] for item in response["fees"]] == ["600.0", "600.0"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"code": "no"}, 404, "billable_metric_not_found"),
        ({"code": "later"}, 422, "validation_errors"),
        ({"external_subscription_id": "no"}, 404, "subscription_not_found"),
    ],
)
async def test_what_is_not_paid_in_advance_has_no_estimate(
    premium_call: Caller, world: Sandbox, fields: dict[str, str], status: int, code: str
) -> None:
    response = await premium_call.post("/events/estimate_fees", {"event": {**EVENT, **fields}})
    assert (response.status, response.body["code"]) == (status, code)


async def test_a_preview_keeps_nothing(premium_call: Caller, world: Sandbox) -> None:
    call = premium_call
    given = {"customer": {"name": "New", "currency": "EUR"}, "plan_code": "plan"}
    invoice = (await call.post("/invoices/preview", given))["invoice"]
    assert (invoice["fees_amount_cents"], invoice["total_amount_cents"], invoice["status"]) == (3100, 3720, "draft")
    coupons = [{"code": "new", "percentage_rate": "50", "coupon_type": "percentage"}]
    cheaper = (await call.post("/invoices/preview", {**given, "coupons": coupons}))["invoice"]
    assert (cheaper["coupons_amount_cents"], cheaper["total_amount_cents"]) == (1550, 1860)
    assert (await call.get("/invoices"))["meta"]["total_count"] == 0
    assert (await call.get("/customers"))["meta"]["total_count"] == 1


async def test_a_preview_of_running_subscriptions_has_their_usage(premium_call: Caller, world: Sandbox) -> None:
    call = premium_call
    await call.event("calls", {"value": 4})
    given = {"customer": {"external_id": "cus"}, "subscriptions": {"external_ids": ["sub"]}}
    invoice = (await call.post("/invoices/preview", given))["invoice"]
    # The calls are paid in advance: only the plan is still to be invoiced.
    assert invoice["fees_amount_cents"] == 3100
    given = {**given, "subscriptions": {"external_ids": ["no"]}}
    assert (await call.post("/invoices/preview", given)).body["code"] == "subscription_not_found"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"coupons": {}}, {"status": 400, "error": "coupons_must_be_an_array"}),
        ({"subscriptions": []}, {"status": 400, "error": "subscriptions_must_be_an_object"}),
    ],
)
async def test_a_preview_of_the_wrong_shape_is_a_bad_request(
    premium_call: Caller, world: Sandbox, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    response = await premium_call.post("/invoices/preview", {"plan_code": "plan", **fields})
    assert response.body == expected


async def test_projected_usage_goes_on_as_before(premium_call: Caller, call: Caller, world: Sandbox) -> None:
    await premium_call.event("calls", {"value": 5})
    world.advance(by=timedelta(days=15, hours=12))
    target = "/customers/cus/projected_usage?external_subscription_id=sub"
    usage = (await premium_call.get(target))["customer_projected_usage"]
    assert (usage["amount_cents"], usage["projected_amount_cents"]) == (1000, "1938.0")
    entry = usage["charges_usage"][0]
    assert (entry["units"], entry["projected_units"], entry["projected_amount_cents"]) == (
        "5.0",
        "9.69",
        1938,
    )  # 16 of 31 days have begun
    assert "total_aggregated_units" not in entry
    assert "code" not in entry["charge"]
    refused = await call.get(target)
    assert (refused.status, refused.body["code"]) == (403, "projected_usage_not_enabled")


async def test_lifetime_usage_adds_history_invoices_and_the_running_period(
    premium_call: Caller, world: Sandbox
) -> None:
    call, target = premium_call, "/subscriptions/sub/lifetime_usage"
    await call.event("calls", {"value": 1})
    world.advance(by=timedelta(days=31))
    await call.event("calls", {"value": 2})
    given = {"lifetime_usage": {"external_historical_usage_amount_cents": 1000}}
    usage = (await call("PUT", f"/api/v1{target}", given))["lifetime_usage"]
    assert (
        usage["external_historical_usage_amount_cents"],
        usage["invoiced_usage_amount_cents"],
        usage["current_usage_amount_cents"],
    ) == (1000, 600, 400)  # what is paid in advance is invoiced already
    assert "usage_thresholds" not in usage
    await call("PUT", "/api/v1/subscriptions/sub", {"subscription": {"usage_thresholds": [{"amount_cents": 3200}]}})
    (threshold,) = (await call.get(target))["lifetime_usage"]["usage_thresholds"]
    assert threshold == {"amount_cents": 3200, "completion_ratio": 0.625, "reached_at": None}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", "7.0"),
        ("(1 + 2) * 3 - -1", "10.0"),
        ("event.properties.a / 4", "0.5"),
        ("round(event.properties.b, 1)", "2.4"),
        ("ceil(event.properties.b)", "3.0"),
        ("floor(event.properties.b)", "2.0"),
        ("concat(event.properties.c, '-', \"x\")", "eu-x"),
        ("event.code", "calls"),
    ],
)
async def test_expressions_are_evaluated(call: Caller, expression: str, value: str) -> None:
    event = {"code": "calls", "properties": {"a": 2, "b": "2.35", "c": "eu"}}
    given = {"expression": expression, "event": event}
    assert (await call.post("/billable_metrics/evaluate_expression", given))["expression_result"] == {"value": value}


@pytest.mark.parametrize(
    "expression",
    ["", "1 +", "1 / 0", "(1", "1 2", "exec('x')", "event.properties.no", "concat('a') * 2", "a" * 9, "(" * 99],
)
async def test_what_is_no_expression_is_refused(call: Caller, expression: str) -> None:
    given = {"expression": expression, "event": {"code": "c", "properties": {}}}
    assert (await call.post("/billable_metrics/evaluate_expression", given)).status == 422


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(ExpressionError, match="Variable: b not found"):
        evaluate("event.properties.a + event.properties.b", {"event.properties.a": 1})
