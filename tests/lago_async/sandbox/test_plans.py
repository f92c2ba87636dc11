"""Plans change; their charges, filters and fixed charges can be read one by one, and overridden by subscriptions."""

from datetime import timedelta
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import Answered, Caller, NewCharge, NewMetric, Subscribe


@pytest.fixture
def world(premium: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Any:
    calls = metric(premium, "calls", "count_agg", filters=[{"key": "region", "values": ["eu", "us"]}])
    premium.perform("create_add_on", {"name": "Seat", "code": "seat", "amount_cents": 100, "amount_currency": "EUR"})
    subscribed(premium, charge(calls), amount_cents=1000)
    return calls


async def put(call: Caller, target: str, body: dict[str, Any]) -> Answered:
    return await call("PUT", f"/api/v1{target}", body)


async def test_a_charge_is_added_changed_and_taken_away(premium_call: Caller, world: dict[str, Any]) -> None:
    call = premium_call
    given = {"billable_metric_id": world["lago_id"], "code": "calls_2", "charge_model": "package"}
    second = (await call.post("/plans/plan/charges", {"charge": given}))["charge"]
    # A charge without properties is free.
    assert (second["code"], second["properties"]["amount"]) == ("calls_2", "0")
    # While the plan has subscriptions, the model of its charges stays.
    properties = {"amount": "5", "free_units": 1, "package_size": 2}
    changed = {"charge_model": "standard", "properties": properties}
    charge = (await put(call, "/plans/plan/charges/calls_2", {"charge": changed}))["charge"]
    assert (charge["charge_model"], charge["properties"]) == ("package", properties)
    assert charge["lago_id"] == second["lago_id"]
    listed = (await call.get("/plans/plan/charges"))["charges"]
    assert [item["code"] for item in listed] == ["calls_2", "calls"]
    assert (await call.delete("/plans/plan/charges/calls_2"))["charge"]["code"] == "calls_2"
    assert (await call.get("/plans/plan/charges/calls_2")).body["code"] == "charge_not_found"
    assert len((await call.get("/plans/plan"))["plan"]["charges"]) == 1


async def test_filters_of_a_charge(premium_call: Caller, world: dict[str, Any]) -> None:
    call, below = premium_call, "/plans/plan/charges/calls/filters"
    given = {"values": {"region": ["eu"]}, "properties": {"amount": "2"}, "invoice_display_name": "Europe"}
    made = (await call.post(below, {"filter": given}))["filter"]
    assert made["charge_code"] == "calls"
    one = f"{below}/{made['lago_id']}"
    changed = (await put(call, one, {"filter": {"properties": {"amount": "3"}}}))["filter"]
    assert (changed["properties"], changed["values"], changed["invoice_display_name"]) == (
        {"amount": "3"},
        {"region": ["eu"]},
        "Europe",
    )
    odd = await call.post(below, {"filter": {**given, "values": {"region": ["mars"]}}})
    assert odd.body["error_details"] == {"values": ["value_is_invalid"]}
    assert (await call.delete(one))["filter"]["lago_id"] == made["lago_id"]
    assert (await call.get(one)).body["code"] == "charge_filter_not_found"
    assert (await call.get(below))["filters"] == []


async def test_fixed_charges_are_billed_with_the_period(
    premium: Sandbox, premium_call: Caller, world: dict[str, Any]
) -> None:
    call, below = premium_call, "/plans/plan/fixed_charges"
    given: dict[str, object] = {"add_on_code": "seat", "code": "seat", "charge_model": "standard"}
    given |= {"units": "2", "properties": {"amount": "1.5"}}
    made = (await call.post(below, {"fixed_charge": given}))["fixed_charge"]
    assert (made["code"], made["units"]) == ("seat", "2.0")
    await put(call, f"{below}/seat", {"fixed_charge": {"units": "4", "properties": {"amount": "1.5"}}})
    premium.advance(by=timedelta(days=31))
    # New units count from the next period on.
    assert (await call.get("/fees?fee_type=fixed_charge"))["fees"] == []
    premium.advance(by=timedelta(days=28))
    (fee,) = (await call.get("/fees?fee_type=fixed_charge"))["fees"]
    assert (fee["amount_cents"], fee["lago_fixed_charge_id"]) == (600, made["lago_id"])
    assert (await call.delete(f"{below}/seat")).status == 200
    assert (await call.get(f"{below}/seat")).body["code"] == "fixed_charge_not_found"
    odd = await call.post(below, {"fixed_charge": {"add_on_code": "no"}})
    assert odd.body["code"] == "add_on_not_found"


async def test_an_override_is_for_one_subscription_and_is_billed(
    premium: Sandbox, premium_call: Caller, world: dict[str, Any]
) -> None:
    call = premium_call
    original = (await call.get("/subscriptions/sub/charges/calls"))["charge"]
    given = {"charge": {"properties": {"amount": "7"}}}
    own = (await put(call, "/subscriptions/sub/charges/calls", given))["charge"]
    assert (own["lago_parent_id"], own["properties"]) == (original["lago_id"], {"amount": "7"})
    assert (await call.get("/plans/plan/charges/calls"))["charge"]["properties"] == {"amount": "1"}
    subscription = (await call.get("/subscriptions/sub"))["subscription"]
    assert subscription["plan"]["parent_id"] == (await call.get("/plans/plan"))["plan"]["lago_id"]
    await call.event("calls")
    assert (await call.usage())["amount_cents"] == 700
    below = "/subscriptions/sub/charges/calls/filters"
    made = await call.post(below, {"filter": {"values": {"region": ["eu"]}, "properties": {"amount": "9"}}})
    await call.event("calls", {"region": "eu"})
    assert (await call.usage())["amount_cents"] == 1600
    await call.delete(f"{below}/{made['filter']['lago_id']}")
    assert (await call.usage())["amount_cents"] == 1400
    # The same plan again keeps the same subscription.
    again = {"external_customer_id": "cus", "external_id": "sub", "plan_code": "plan"}
    assert (await call.post("/subscriptions", {"subscription": again}))["subscription"]["lago_id"] == (
        subscription["lago_id"]
    )


async def test_plan_overrides_come_with_a_subscription(premium_call: Caller, world: dict[str, Any]) -> None:
    call = premium_call
    charge = (await call.get("/plans/plan/charges/calls"))["charge"]
    overrides = {
        "amount_cents": 5,
        "name": "Special",
        "charges": [{"id": charge["lago_id"], "properties": {"amount": "3"}}],
    }
    given = {"external_customer_id": "cus", "external_id": "own", "plan_code": "plan", "plan_overrides": overrides}
    plan = (await call.post("/subscriptions", {"subscription": given}))["subscription"]["plan"]
    assert (plan["amount_cents"], plan["name"], plan["code"]) == (5, "Special", "plan")
    assert plan["charges"][0]["properties"] == {"amount": "3"}
    assert (await call.get("/plans"))["meta"]["total_count"] == 1
    changed = {"plan_overrides": {"amount_cents": 6}, "name": "Mine"}
    subscription = (await put(call, "/subscriptions/own", {"subscription": changed}))["subscription"]
    assert (subscription["plan_amount_cents"], subscription["name"]) == (6, "Mine")


async def test_overrides_need_premium(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    subscribed(sandbox, charge(metric(sandbox, "calls", "count_agg")))
    response = await put(call, "/subscriptions/sub/charges/calls", {"charge": {"invoice_display_name": "x"}})
    assert (response.status, response.body["code"]) == (403, "feature_unavailable")


async def test_a_plan_in_use_keeps_its_code_and_interval(call: Caller, sandbox: Sandbox, subscribed: Subscribe) -> None:
    subscribed(sandbox, amount_cents=1000)
    given = {"plan": {"code": "other", "interval": "yearly", "name": "New", "amount_cents": 5, "description": None}}
    plan = (await put(call, "/plans/plan", given))["plan"]
    assert (plan["code"], plan["interval"], plan["name"], plan["amount_cents"]) == ("plan", "monthly", "New", 5)


async def test_a_free_plan_changes_wholly_and_its_charges_by_id(premium_call: Caller, world: dict[str, Any]) -> None:
    call = premium_call
    given = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
    given["pay_in_advance"] = False
    charges = [{"billable_metric_id": world["lago_id"], "charge_model": "standard"} for _ in range(2)]
    made = (await call.post("/plans", {"plan": {**given, "charges": charges}}))["plan"]
    first = made["charges"][0]
    changed = {
        "code": "q",
        "charges": [{"id": first["lago_id"], "charge_model": "standard", "properties": {"amount": "4"}}],
    }
    plan = (await put(call, "/plans/p", {"plan": changed}))["plan"]
    assert [(item["lago_id"], item["properties"]) for item in plan["charges"]] == [(first["lago_id"], {"amount": "4"})]
    assert (await call.get("/plans/p")).body["code"] == "plan_not_found"
    assert (await put(call, "/plans/q", {"plan": {"code": "plan"}})).body["error_details"] == {
        "code": ["value_already_exist"]
    }


async def test_a_refused_update_leaves_the_plan_as_it_was(premium_call: Caller, world: dict[str, Any]) -> None:
    before = (await premium_call.get("/plans/plan"))["plan"]
    charges = [
        {"id": before["charges"][0]["lago_id"], "properties": {"amount": "9"}},
        {"billable_metric_id": "no", "charge_model": "standard"},
    ]
    response = await put(premium_call, "/plans/plan", {"plan": {"name": "New", "charges": charges}})
    assert response.body["code"] == "billable_metrics_not_found"
    assert (await premium_call.get("/plans/plan"))["plan"] == before


async def test_usage_thresholds_need_premium_and_are_shown(premium_call: Caller, call: Caller) -> None:
    given = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
    given["pay_in_advance"] = False
    given["usage_thresholds"] = [{"amount_cents": 500, "threshold_display_name": "half"}]
    (threshold,) = (await premium_call.post("/plans", {"plan": given}))["plan"]["usage_thresholds"]
    assert (threshold["amount_cents"], threshold["recurring"]) == (500, False)
    assert (await call.post("/plans", {"plan": given}))["plan"]["usage_thresholds"] == []


async def test_catalogue_updates_change_what_was_sent(call: Caller, sandbox: Sandbox, metric: NewMetric) -> None:
    metric(sandbox, "calls", "count_agg", description="old")
    updated = await put(call, "/billable_metrics/calls", {"billable_metric": {"name": "New", "code": "new"}})
    assert (updated["billable_metric"]["code"], updated["billable_metric"]["description"]) == ("new", "old")
    assert (await call.get("/billable_metrics/calls")).body["code"] == "billable_metric_not_found"
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "description": "d"})
    tax = (await put(call, "/taxes/vat", {"tax": {"rate": 19, "description": None}}))["tax"]
    assert (tax["rate"], tax["description"], tax["name"]) == (19.0, None, "VAT")
    add_on = {"name": "A", "code": "a", "amount_cents": 1, "amount_currency": "EUR", "tax_codes": ["vat"]}
    await call.post("/add_ons", {"add_on": add_on})
    changed = (await put(call, "/add_ons/a", {"add_on": {"amount_cents": 2}}))["add_on"]
    assert (changed["amount_cents"], changed["taxes"][0]["code"]) == (2, "vat")
    again = await call.post("/add_ons", {"add_on": add_on})
    assert again.body["error_details"] == {"code": ["value_already_exist"]}


async def test_a_coupon_in_use_changes_little(call: Caller, sandbox: Sandbox) -> None:
    coupon = {"name": "C", "code": "c", "coupon_type": "percentage", "percentage_rate": "10", "frequency": "once"}
    sandbox.perform("create_coupon", {**coupon, "expiration": "no_expiration"})
    free = (await put(call, "/coupons/c", {"coupon": {"percentage_rate": "20"}}))["coupon"]
    assert free["percentage_rate"] == "20.0"
    await call.customer()
    sandbox.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    used = (await put(call, "/coupons/c", {"coupon": {"percentage_rate": "30", "name": "New"}}))["coupon"]
    assert (used["percentage_rate"], used["name"]) == ("20.0", "New")


async def test_a_pending_subscription_can_be_moved(call: Caller, sandbox: Sandbox, subscribed: Subscribe) -> None:
    subscribed(sandbox, subscription={"subscription_at": "2026-02-01T00:00:00Z"})
    given = {"subscription": {"subscription_at": "2026-01-01T00:00:00Z", "ending_at": "2026-06-01T00:00:00Z"}}
    moved = (await put(call, "/subscriptions/sub?status=pending", given))["subscription"]
    assert (moved["status"], moved["ending_at"]) == ("active", "2026-06-01T00:00:00Z")
    cleared = (await put(call, "/subscriptions/sub", {"subscription": {"ending_at": None}}))["subscription"]
    assert cleared["ending_at"] is None
    past = await put(call, "/subscriptions/sub", {"subscription": {"ending_at": "2020-01-01T00:00:00Z"}})
    assert past.body["error_details"] == {"ending_at": ["invalid_date"]}
