"""Taxes, metrics, plans and coupons: accepted values, refused values, and the errors for them."""

import json
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import JsonObject
from tests.lago_async.sandbox.conftest import START, Answered, Caller
from tests.lago_async.sandbox.world import build

METRIC: JsonObject = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
PLAN: JsonObject = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 100, "amount_currency": "EUR"}
PLAN["pay_in_advance"] = False
COUPON: JsonObject = {
    "name": "C",
    "code": "c",
    "coupon_type": "fixed_amount",
    "amount_cents": 500,
    "amount_currency": "EUR",
}
COUPON |= {"frequency": "once", "expiration": "no_expiration"}


def details(answer: Answered) -> Any:
    assert answer.status == 422, answer.body
    return answer.body["error_details"]


def test_a_deleted_tax_is_on_nothing_any_more() -> None:
    sandbox: Any = Sandbox(now=START, premium=True, features={"order_forms"})
    build(sandbox)
    sandbox.perform("update_subscription", {"plan_overrides": {"tax_codes": ["vat"]}}, "sub")
    taxed = {
        "find_customer": "cus",
        "find_plan": "plan",
        "find_add_on": "setup",
        "find_subscription": "sub",
    }
    shown = {name: json.dumps(sandbox.perform(name, None, of)) for name, of in taxed.items()}
    assert [name for name, text in shown.items() if '"vat"' not in text] == []
    sandbox.perform("destroy_tax", None, "vat")
    shown = {name: json.dumps(sandbox.perform(name, None, of)) for name, of in taxed.items()}
    assert [name for name, text in shown.items() if '"vat"' in text] == []


async def test_a_tax_shows_its_rate_as_a_number(call: Caller) -> None:
    answer = await call.post("/taxes", {"tax": {"name": "VAT", "code": "vat", "rate": "20.5"}})
    tax = answer["tax"]
    assert (tax["rate"], tax["applied_to_organization"], tax["applied_to_billing_entities_codes"]) == (20.5, False, [])
    again = await call.post("/taxes", {"tax": {"name": "VAT", "code": "vat"}})
    assert details(again) == {"code": ["value_already_exist"], "rate": ["value_is_mandatory"]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"aggregation_type": "no_agg"},
            {
                "aggregation_type": ["value_is_invalid"],
                "field_name": ["value_is_mandatory"],
            },
        ),
        ({"aggregation_type": "sum_agg"}, {"field_name": ["value_is_mandatory"]}),
        ({"rounding_function": "up"}, {"rounding_function": ["value_is_invalid"]}),
        ({"recurring": True}, {"recurring": ["not_compatible_with_aggregation_type"]}),
        ({"expression": "1 +"}, {"expression": ["invalid_expression"]}),
        ({"name": "", "code": None}, {"code": ["value_is_mandatory"], "name": ["value_is_mandatory"]}),
    ],
)
async def test_a_metric_that_makes_no_sense_is_refused(
    call: Caller, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert details(await call.post("/billable_metrics", {"billable_metric": {**METRIC, **fields}})) == expected


async def test_custom_aggregations_are_refused_as_where_they_are_not_switched_on(call: Caller) -> None:
    refused = await call.post("/billable_metrics", {"billable_metric": {**METRIC, "aggregation_type": "custom_agg"}})
    assert (refused.status, refused.body["code"]) == (403, "feature_unavailable")


async def test_a_plan_shows_its_charges_with_mirrored_grouping_keys(call: Caller, sandbox: Sandbox) -> None:
    metric: Any = sandbox.perform(
        "create_billable_metric", {**METRIC, "filters": [{"key": "region", "values": ["eu"]}]}
    )
    charge = {
        "billable_metric_id": metric["lago_id"],
        "charge_model": "standard",
        "properties": {"amount": "1", "pricing_group_keys": ["cloud"]},
        "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "2"}}],
    }
    plan = (await call.post("/plans", {"plan": {**PLAN, "charges": [charge, charge]}}))["plan"]
    first, second = plan["charges"]
    assert (first["code"], second["code"]) == ("calls", "calls_2")
    assert first["properties"] == {"amount": "1", "grouped_by": ["cloud"], "pricing_group_keys": ["cloud"]}
    assert first["filters"][0]["values"] == {"region": ["eu"]}
    assert first["lago_billable_metric_id"] == metric["lago_id"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"interval": "daily"}, {"interval": ["value_is_invalid"]}),
        ({"amount_currency": "XXX"}, {"amount_currency": ["value_is_invalid"]}),
        ({"amount_cents": None}, {"amount_cents": ["value_is_mandatory"]}),
        ({"pay_in_advance": None}, {"pay_in_advance": ["value_is_invalid"]}),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused(
    call: Caller, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert details(await call.post("/plans", {"plan": {**PLAN, **fields}})) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"charge_model": "standard", "properties": {"amount": "-1"}}, {"properties": ["invalid_amount"]}),
        ({"charge_model": "custom"}, {"charge_model": ["invalid_aggregation_type_or_charge_model"]}),
        (
            {"charge_model": "graduated_percentage"},
            {"charge_model": ["graduated_percentage_requires_premium_license"]},
        ),
        ({"charge_model": "free"}, {"charge_model": ["value_is_invalid"]}),
        (
            {"charge_model": "standard", "filters": [{"values": {"no": ["x"]}, "properties": {"amount": "1"}}]},
            {"billable_metric_filter": ["relation_must_exist"], "values": ["value_is_invalid"]},
        ),
        (
            {"charge_model": "standard", "filters": [{"values": {}, "properties": {"amount": "1"}}]},
            {"values": ["value_is_mandatory"]},
        ),
    ],
)
async def test_a_charge_that_makes_no_sense_is_refused_with_its_plan(
    call: Caller, sandbox: Sandbox, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    metric: Any = sandbox.perform("create_billable_metric", METRIC)
    charge = {"billable_metric_id": metric["lago_id"], **fields}
    assert details(await call.post("/plans", {"plan": {**PLAN, "charges": [charge]}})) == expected
    assert (await call.post("/plans", {"plan": PLAN})).status == 200


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"charges": [{"billable_metric_id": "no"}]}, "billable_metrics_not_found"),
        ({"fixed_charges": [{"add_on_id": "no"}]}, "add_ons_not_found"),
        ({"fixed_charges": [{"add_on_id": "no", "add_on_code": "setup"}]}, "add_ons_not_found"),
        ({"tax_codes": ["no"]}, "tax_not_found"),
    ],
)
async def test_what_a_plan_refers_to_must_exist(call: Caller, fields: dict[str, Any], code: str) -> None:
    answer = await call.post("/plans", {"plan": {**PLAN, **fields}})
    assert (answer.status, answer.body["code"]) == (404, code)


async def test_a_plan_takes_an_add_on_by_its_id_only_as_on_the_server(call: Caller, sandbox: Sandbox) -> None:
    add_on: dict[str, Any] = {"name": "Setup", "code": "setup", "amount_cents": 1, "amount_currency": "EUR"}
    made: Any = sandbox.perform("create_add_on", add_on)
    fixed = {"charge_model": "standard", "units": "1", "properties": {"amount": "1"}, "add_on_code": "setup"}
    assert (await call.post("/plans", {"plan": {**PLAN, "fixed_charges": [fixed]}})).status == 500
    given = {**fixed, "add_on_id": made["lago_id"]}
    plan = (await call.post("/plans", {"plan": {**PLAN, "fixed_charges": [given]}}))["plan"]
    assert plan["fixed_charges"][0]["add_on_code"] == "setup"


async def test_a_coupon_applied_takes_over_what_is_not_said(call: Caller, sandbox: Sandbox) -> None:
    assert (await call.post("/coupons", {"coupon": COUPON})).status == 200
    await call.customer()
    given = {"external_customer_id": "cus", "coupon_code": "c"}
    applied = (await call.post("/applied_coupons", {"applied_coupon": given}))["applied_coupon"]
    assert (applied["amount_cents"], applied["amount_cents_remaining"], applied["status"]) == (500, 500, "active")
    assert (await call.get("/customers/cus"))["customer"]["currency"] == "EUR"


async def test_removing_an_applied_coupon_is_idempotent(call: Caller, sandbox: Sandbox) -> None:
    sandbox.perform("create_coupon", COUPON)
    await call.customer()
    applied: Any = sandbox.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    target = f"/customers/cus/applied_coupons/{applied['lago_id']}"
    first = (await call.delete(target))["applied_coupon"]
    assert (first["status"], first["terminated_at"]) == ("terminated", "2026-01-01T00:00:00Z")
    assert (await call.delete(target))["applied_coupon"] == first


async def test_only_the_customers_own_coupons_can_be_removed(call: Caller, sandbox: Sandbox) -> None:
    sandbox.perform("create_coupon", COUPON)
    await call.customer()
    await call.customer("other")
    applied: Any = sandbox.perform("apply_coupon", {"external_customer_id": "other", "coupon_code": "c"})
    for target, code in (
        (f"/customers/cus/applied_coupons/{applied['lago_id']}", "applied_coupon_not_found"),
        ("/customers/cus/applied_coupons/not-a-uuid", "applied_coupon_not_found"),
        (f"/customers/nobody/applied_coupons/{applied['lago_id']}", "customer_not_found"),
    ):
        answer = await call.delete(target)
        assert (answer.status, answer.body["code"]) == (404, code)


async def test_who_or_what_is_unknown_gets_no_coupon(call: Caller, sandbox: Sandbox) -> None:
    given = {"external_customer_id": "cus", "coupon_code": "c"}
    assert (await call.post("/applied_coupons", {"applied_coupon": given})).body["code"] == "customer_not_found"
    await call.customer()
    assert (await call.post("/applied_coupons", {"applied_coupon": given})).body["code"] == "coupon_not_found"


async def test_a_coupon_that_is_not_reusable_is_given_once(call: Caller, sandbox: Sandbox) -> None:
    sandbox.perform("create_coupon", {**COUPON, "reusable": False})
    await call.customer()
    given = {"applied_coupon": {"external_customer_id": "cus", "coupon_code": "c"}}
    assert (await call.post("/applied_coupons", given)).status == 200
    assert details(await call.post("/applied_coupons", given)) == {"coupon": ["coupon_is_not_reusable"]}


async def test_coupons_for_the_same_plan_overlap(call: Caller, sandbox: Sandbox) -> None:
    sandbox.perform("create_plan", PLAN)
    for code in ("c", "d"):
        sandbox.perform("create_coupon", {**COUPON, "code": code, "applies_to": {"plan_codes": ["p"]}})
    await call.customer()
    sandbox.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    given = {"external_customer_id": "cus", "coupon_code": "d"}
    answer = await call.post("/applied_coupons", {"applied_coupon": given})
    assert (answer.status, answer.body["code"]) == (405, "plan_overlapping")


async def test_percentages_are_decimal_strings_and_recurring_needs_a_duration(call: Caller, sandbox: Sandbox) -> None:
    percentage = {**COUPON, "coupon_type": "percentage", "percentage_rate": 12.5, "frequency": "recurring"}
    assert details(await call.post("/coupons", {"coupon": percentage})) == {
        "frequency_duration": ["value_is_out_of_range"]
    }
    coupon = (await call.post("/coupons", {"coupon": {**percentage, "frequency_duration": 3}}))["coupon"]
    assert (coupon["percentage_rate"], coupon["amount_cents"]) == ("12.5", None)
    await call.customer()
    applied: Any = sandbox.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    assert (applied["frequency_duration"], applied["frequency_duration_remaining"]) == (3, 3)


async def test_an_expired_coupon_is_not_found(call: Caller, sandbox: Sandbox) -> None:
    from datetime import timedelta

    expiring = {**COUPON, "expiration": "time_limit", "expiration_at": "2026-01-02T00:00:00Z"}
    sandbox.perform("create_coupon", expiring)
    await call.customer()
    sandbox.advance(by=timedelta(days=1))
    given = {"external_customer_id": "cus", "coupon_code": "c"}
    assert (await call.post("/applied_coupons", {"applied_coupon": given})).body["code"] == "coupon_not_found"
