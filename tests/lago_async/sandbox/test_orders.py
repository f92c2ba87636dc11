"""The execution of orders: what they bill, start and change, and what happens to one that cannot be executed."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from lago_async.sandbox import Sandbox

from .conftest import START, Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
TERMS: dict[str, Any] = {"interval": "monthly", "amount_currency": "EUR", "pay_in_advance": False}


def perform(sandbox: Sandbox, operation: str, body: Any = None, *path: str) -> Any:
    """Run an operation, whose result the tests look into."""
    return sandbox.perform(operation, body, *path)


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(now=START, premium=True, features={"order_forms"}) as running:
        perform(running, "create_customer", {"external_id": "cus", "currency": "EUR"})
        perform(running, "create_plan", {"name": "Basic", "code": "basic", "amount_cents": 3100, **TERMS})
        perform(running, "create_plan", {"name": "Large", "code": "large", "amount_cents": 9300, **TERMS})
        perform(
            running,
            "create_coupon",
            {
                "name": "Five",
                "code": "five",
                "coupon_type": "fixed_amount",
                "amount_cents": 500,
                "amount_currency": "EUR",
                "frequency": "once",
                "expiration": "no_expiration",
            },
        )
        perform(
            running, "create_add_on", {"name": "Setup", "code": "setup", "amount_cents": 1000, "amount_currency": "EUR"}
        )
        yield running


@pytest.fixture
def call(sandbox: Sandbox, session: aiohttp.ClientSession) -> Caller:
    return Caller(sandbox, session)


def plan(sandbox: Sandbox, code: str = "basic", overrides: Any = None, **payload: Any) -> Any:
    """Return the item of a quote for a plan."""
    shown = perform(sandbox, "find_plan", None, code)
    charges = [
        {
            "id": charge["lago_id"],
            "billableMetric": {"code": charge["billable_metric_code"]},
            "chargeModel": charge["charge_model"],
        }
        for charge in shown["charges"]
    ]
    given = {"code": code, "charges": charges, **payload}
    item = {"id": shown["lago_id"], "localId": "p", "type": "plan", "payload": given}
    return item if overrides is None else {**item, "overrides": overrides}


def coupon(sandbox: Sandbox, code: str = "five", overrides: Any = None) -> Any:
    """Return the item of a quote for a coupon."""
    shown = perform(sandbox, "find_coupon", None, code)
    payload = {"code": code, "type": shown["coupon_type"], "amountCents": shown["amount_cents"]}
    item = {"id": shown["lago_id"], "localId": "c", "type": "coupon", "payload": payload}
    return item if overrides is None else {**item, "overrides": overrides}


def wallet(**payload: Any) -> Any:
    """Return the item of a quote for a wallet."""
    given = {"paidCredits": "10", "grantedCredits": "5", "rateAmount": "1", "currency": "EUR", **payload}
    return {"localId": "w", "type": "wallet_credit", "payload": given}


def draft(sandbox: Sandbox, order_type: str, items: Any, **fields: Any) -> Any:
    """Return the id of the version of a new quote."""
    quote: Any = sandbox.draft_quote("cus", order_type=order_type, billing_items=items, **fields)
    return quote["current_version"]["lago_id"]


def order(
    sandbox: Sandbox,
    items: Any,
    order_type: str = "subscription_creation",
    *,
    execute_at: str | None = None,
    **fields: Any,
) -> Any:
    """Draft a quote, approve it, sign its form, and return the id of the order."""
    perform(sandbox, "approve_quote_version", None, draft(sandbox, order_type, items, **fields))
    form = perform(sandbox, "find_all_order_forms")[0]["lago_id"]
    how = {"execution_mode": "execute_in_lago", "execute_at": execute_at}
    perform(sandbox, "mark_order_form_as_signed", how, form)
    return perform(sandbox, "find_all_orders")[0]["lago_id"]


def amendment(sandbox: Sandbox, *items: Any, external_id: str = "sub", **fields: Any) -> Any:
    """Return the id of the order that amends a subscription."""
    return order(sandbox, {"plans": list(items)}, "subscription_amendment", external_subscription_id=external_id)


def record(sandbox: Sandbox, lago_id: str) -> Any:
    """Execute an order, and return what it made."""
    return perform(sandbox, "execute_order", None, lago_id)["execution_record"]


def counts(sandbox: Sandbox) -> Any:
    """Return how much of everything that an order makes there is."""
    names = ("find_all_subscriptions", "find_all_applied_coupons", "find_all_wallets", "find_all_invoices")
    return [len(perform(sandbox, name)) for name in names]


# --- subscriptions ----------------------------------------------------------------------------------------------------


async def test_an_order_starts_a_subscription_gives_a_coupon_and_opens_a_wallet(sandbox: Sandbox) -> None:
    overrides = {"amountCents": 2000, "name": "Negotiated"}
    items = {
        "plans": [plan(sandbox, overrides=overrides, subscriptionExternalId="sub", subscriptionName="Mine")],
        "coupons": [coupon(sandbox, overrides={"amountCents": 300})],
        "walletCredits": [wallet(name="Credits")],
    }
    made = record(sandbox, order(sandbox, items))
    subscription = perform(sandbox, "find_subscription", None, "sub")
    assert made["subscription_ids"] == [subscription["lago_id"]]
    assert (subscription["name"], subscription["plan_code"], subscription["plan_amount_cents"]) == (
        "Mine",
        "basic",
        2000,
    )
    [applied] = perform(sandbox, "find_all_applied_coupons")
    assert (made["applied_coupon_ids"], applied["amount_cents"]) == ([applied["lago_id"]], 300)
    [opened] = perform(sandbox, "find_all_wallets")
    assert (made["wallet_ids"], opened["credits_balance"]) == ([opened["lago_id"]], "5.0")
    assert (made["invoice_id"], made["terminated_subscription_ids"], made["errors"]) == (None, [], [])
    sandbox.advance(days=31)
    [invoice] = [each for each in perform(sandbox, "find_all_invoices") if each["invoice_type"] == "subscription"]
    # 2000 less the coupon and the granted credits.
    amounts = ("fees_amount_cents", "coupons_amount_cents", "prepaid_credit_amount_cents", "total_amount_cents")
    assert [invoice[name] for name in amounts] == [2000, 300, 500, 1200]


async def test_a_plan_in_advance_is_billed_when_its_order_is_executed(sandbox: Sandbox) -> None:
    terms = {**TERMS, "pay_in_advance": True}
    perform(sandbox, "create_plan", {"name": "First", "code": "first", "amount_cents": 3100, **terms})
    record(sandbox, order(sandbox, {"plans": [plan(sandbox, "first", subscriptionExternalId="sub")]}))
    [invoice] = perform(sandbox, "find_all_invoices")
    assert (invoice["invoice_type"], invoice["total_amount_cents"]) == ("subscription", 3100)


async def test_a_quoted_day_begins_where_the_customer_is(sandbox: Sandbox, call: Caller) -> None:
    perform(sandbox, "create_customer", {"external_id": "cus", "timezone": "America/New_York"})
    given = plan(sandbox, startDate="2026-01-10", endDate="2026-03-10", subscriptionExternalId="sub")
    record(sandbox, order(sandbox, {"plans": [given]}))
    [waiting] = (await call.get("/subscriptions?status[]=pending"))["subscriptions"]
    assert (waiting["subscription_at"], waiting["ending_at"]) == ("2026-01-10T05:00:00Z", "2026-03-10T04:00:00Z")
    assert (waiting["external_id"], waiting["status"]) == ("sub", "pending")


async def test_negotiated_prices_of_charges_are_billed(sandbox: Sandbox) -> None:
    metric = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    lago_id = perform(sandbox, "create_billable_metric", metric)["lago_id"]
    charge = {"billable_metric_id": lago_id, "charge_model": "standard", "properties": {"amount": "5"}}
    perform(sandbox, "create_plan", {"name": "Used", "code": "used", "amount_cents": 0, "charges": [charge], **TERMS})
    negotiated = {"charges": [{"billableMetricCode": "calls", "properties": {"amount": "3"}}]}
    item = plan(sandbox, "used", negotiated, subscriptionExternalId="sub")
    record(sandbox, order(sandbox, {"plans": [item]}))
    perform(sandbox, "create_event", {"transaction_id": "t", "code": "calls", "external_subscription_id": "sub"})
    sandbox.advance(days=31)
    [invoice] = perform(sandbox, "find_all_invoices")
    assert invoice["total_amount_cents"] == 300


async def test_an_amendment_to_a_dearer_plan_replaces_the_subscription_now(sandbox: Sandbox) -> None:
    first = record(sandbox, order(sandbox, {"plans": [plan(sandbox, subscriptionExternalId="sub")]}))
    sandbox.advance(days=15)
    made = record(sandbox, amendment(sandbox, plan(sandbox, "large")))
    assert made["terminated_subscription_ids"] == first["subscription_ids"]
    running = perform(sandbox, "find_subscription", None, "sub")
    assert made["subscription_ids"] == [running["lago_id"]]
    assert (running["plan_code"], running["previous_plan_code"]) == ("large", "basic")
    [invoice] = perform(sandbox, "find_all_invoices")
    assert invoice["total_amount_cents"] == 1500


async def test_an_amendment_to_a_cheaper_plan_waits_for_the_end_of_the_period(sandbox: Sandbox) -> None:
    record(sandbox, order(sandbox, {"plans": [plan(sandbox, "large", subscriptionExternalId="sub")]}))
    made = record(sandbox, amendment(sandbox, plan(sandbox, overrides={"amountCents": 100})))
    running = perform(sandbox, "find_subscription", None, "sub")
    assert (running["plan_code"], running["next_plan_code"]) == ("large", "basic")
    assert (made["terminated_subscription_ids"], running["downgrade_plan_date"]) == ([], "2026-02-01")
    sandbox.advance(days=31)
    changed = perform(sandbox, "find_subscription", None, "sub")
    assert made["subscription_ids"] == [changed["lago_id"]]
    assert (changed["plan_code"], changed["plan_amount_cents"]) == ("basic", 100)


async def test_the_same_plan_can_be_amended_to_another_price(sandbox: Sandbox) -> None:
    record(sandbox, order(sandbox, {"plans": [plan(sandbox, subscriptionExternalId="sub")]}))
    made = record(sandbox, amendment(sandbox, plan(sandbox, overrides={"amountCents": 4000})))
    running = perform(sandbox, "find_subscription", None, "sub")
    assert (made["subscription_ids"], running["plan_amount_cents"]) == ([running["lago_id"]], 4000)


# --- orders that fail -------------------------------------------------------------------------------------------------


async def test_an_order_that_fails_keeps_its_error_and_may_be_executed_again(sandbox: Sandbox, call: Caller) -> None:
    payload = {"code": "later", "units": 1, "unitAmountCents": 1, "totalAmountCents": 1}
    lago_id = perform(sandbox, "find_add_on", None, "setup")["lago_id"]
    item = {"id": lago_id, "localId": "a", "type": "add_on", "payload": payload}
    made = order(sandbox, {"addOns": [item]}, "one_off")
    response = await call.post(f"/orders/{made}/execute", {})
    assert (response.status, response.body["code"]) == (404, "add_on_not_found")
    failed = perform(sandbox, "find_order", None, made)
    assert (failed["status"], failed["executed_at"]) == ("failed", None)
    assert failed["execution_record"]["errors"] == ["add_on_not_found"]
    assert failed["execution_record"]["execution_mode"] == "execute_in_lago"
    perform(sandbox, "create_add_on", {"name": "L", "code": "later", "amount_cents": 1, "amount_currency": "EUR"})
    assert (await call.post(f"/orders/{made}/execute", {}))["order"]["status"] == "executed"


@pytest.mark.parametrize("code", ["five", "large", "wallet"])
async def test_an_order_of_which_one_item_is_refused_makes_nothing(sandbox: Sandbox, call: Caller, code: str) -> None:
    items = {
        "plans": [plan(sandbox, subscriptionExternalId="sub"), plan(sandbox, "large", subscriptionExternalId="more")],
        "coupons": [coupon(sandbox)],
        "walletCredits": [wallet(), wallet(expirationAt="2026-01-05T00:00:00Z")],
    }
    made = order(sandbox, items)
    if code == "wallet":
        sandbox.advance(days=10)
    else:
        perform(sandbox, "destroy_coupon" if code == "five" else "destroy_plan", None, code)
    before = counts(sandbox)
    response = await call.post(f"/orders/{made}/execute", {})
    expected = {
        "five": (404, "coupon_not_found"),
        "large": (404, "plan_not_found"),
        "wallet": (422, "validation_errors"),
    }
    assert (response.status, response.body["code"]) == expected[code]
    assert counts(sandbox) == before == [0, 0, 0, 0]
    errors = {"five": ["coupon_not_found"], "large": ["plan_not_found"], "wallet": ["invalid_date"]}
    assert perform(sandbox, "find_order", None, made)["execution_record"]["errors"] == errors[code]


async def test_an_amendment_of_a_subscription_that_has_ended_fails(sandbox: Sandbox, call: Caller) -> None:
    record(sandbox, order(sandbox, {"plans": [plan(sandbox, subscriptionExternalId="sub")]}))
    made = amendment(sandbox, plan(sandbox, "large"))
    perform(sandbox, "destroy_subscription", None, "sub")
    response = await call.post(f"/orders/{made}/execute", {})
    assert response.body["error_details"] == {"subscription": ["subscription_not_active"]}


async def test_prices_of_a_charge_that_has_changed_since_the_quote_are_not_applied(
    sandbox: Sandbox, call: Caller
) -> None:
    metric = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    lago_id = perform(sandbox, "create_billable_metric", metric)["lago_id"]
    charge = {"billable_metric_id": lago_id, "charge_model": "standard", "properties": {"amount": "5"}}
    perform(sandbox, "create_plan", {"name": "Used", "code": "used", "amount_cents": 0, "charges": [charge], **TERMS})
    negotiated = {"charges": [{"billableMetricCode": "calls", "properties": {"amount": "3"}}]}
    made = order(sandbox, {"plans": [plan(sandbox, "used", negotiated)]})
    for change, expected in (
        ({"charge_model": "package", "properties": {"amount": "1", "free_units": 0, "package_size": 2}}, "changed"),
        (None, "gone"),
    ):
        shown = perform(sandbox, "find_plan", None, "used")["charges"]
        kept = [] if change is None else [{**charge, "id": shown[0]["lago_id"], **change}]
        perform(sandbox, "update_plan", {"charges": kept}, "used")
        response = await call.post(f"/orders/{made}/execute", {})
        if expected == "changed":
            assert response.body["error_details"] == {"charge_model": ["charge_model_changed"]}
        else:
            assert response.body["code"] == "charge_not_found"
    assert counts(sandbox) == [0, 0, 0, 0]


@pytest.mark.parametrize("limits", [{"plan_codes": ["used"]}, {"billable_metric_codes": ["calls"]}])
async def test_two_coupons_for_the_same_fees_are_not_given_to_one_customer(
    sandbox: Sandbox, call: Caller, limits: dict[str, list[str]]
) -> None:
    metric = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    lago_id = perform(sandbox, "create_billable_metric", metric)["lago_id"]
    charge = {"billable_metric_id": lago_id, "charge_model": "standard", "properties": {"amount": "5"}}
    perform(sandbox, "create_plan", {"name": "Used", "code": "used", "amount_cents": 0, "charges": [charge], **TERMS})
    fields = {"coupon_type": "percentage", "percentage_rate": "5", "frequency": "once", "expiration": "no_expiration"}
    perform(sandbox, "create_coupon", {"name": "A", "code": "a", "applies_to": {"plan_codes": ["used"]}, **fields})
    perform(sandbox, "create_coupon", {"name": "B", "code": "b", "applies_to": limits, **fields})
    given = {"external_customer_id": "cus"}
    assert (await call.post("/applied_coupons", {"applied_coupon": {**given, "coupon_code": "a"}})).status == 200
    refused = await call.post("/applied_coupons", {"applied_coupon": {**given, "coupon_code": "b"}})
    assert (refused.status, refused.body["code"]) == (405, "plan_overlapping")


# --- by the clock -----------------------------------------------------------------------------------------------------


async def test_an_order_with_a_time_is_executed_by_the_clock_once(sandbox: Sandbox) -> None:
    items = {"plans": [plan(sandbox, subscriptionExternalId="sub")]}
    made = order(sandbox, items, execute_at="2026-01-10T08:30:00Z")
    sandbox.advance(days=5)
    assert perform(sandbox, "find_order", None, made)["status"] == "created"
    sandbox.advance(days=30)
    executed = perform(sandbox, "find_order", None, made)
    assert (executed["status"], executed["executed_at"]) == ("executed", "2026-01-10T09:00:00Z")
    subscription = perform(sandbox, "find_subscription", None, "sub")
    assert subscription["started_at"] == "2026-01-10T09:00:00.000Z"
    [invoice] = perform(sandbox, "find_all_invoices")  # it was billed on the way
    assert invoice["total_amount_cents"] == 2200


async def test_an_order_that_the_clock_cannot_execute_fails_and_time_goes_on(sandbox: Sandbox) -> None:
    made = order(sandbox, {"plans": [plan(sandbox)]}, execute_at="2026-01-10")
    perform(sandbox, "destroy_plan", None, "basic")
    sandbox.advance(days=30)
    failed = perform(sandbox, "find_order", None, made)
    assert (failed["status"], failed["execution_record"]["errors"]) == ("failed", ["plan_not_found"])


async def test_an_order_is_not_executed_after_the_end_of_the_deal(sandbox: Sandbox, call: Caller) -> None:
    items = {"plans": [plan(sandbox, endDate="2026-02-01")]}
    perform(sandbox, "approve_quote_version", None, draft(sandbox, "subscription_creation", items))
    form = perform(sandbox, "find_all_order_forms")[0]["lago_id"]
    given = {"order_form": {"execution_mode": "order_only", "execute_at": "2026-02-01"}}
    refused = await call.post(f"/order_forms/{form}/mark_as_signed", given)
    assert refused.body["error_details"] == {"execute_at": ["after_deal_expiration"]}


# --- approvals --------------------------------------------------------------------------------------------------------

_CHARGES = "billing_items.plans.0.overrides.charges.0"
_WALLET = "billing_items.walletCredits.0.payload"
APPROVALS: list[tuple[str, Any, Any]] = [
    ("plans", {"id": NOWHERE}, {"billing_items.plans.0.id": ["plan_not_found"]}),
    ("plans", {"id": "x", "more": 1}, {
        "billing_items.plans.0.id": ["invalid_format"], "billing_items.plans.0.more": ["unsupported_key"],
    }),
    ("plans", {"type": 5}, {"billing_items.plans.0.type": ["invalid_type", "invalid_value"]}),
    ("plans", {"overrides": {"amountCents": 1.5}}, {"billing_items.plans.0.overrides.amountCents": ["invalid_type"]}),
    ("plans", {"overrides": {"amountCurrency": "USD"}}, {"billing_items.plans.0.id": ["currencies_does_not_match"]}),
    ("plans", {"overrides": {"amountCurrency": "ABC"}}, {
        "billing_items.plans.0.overrides.amountCurrency": ["invalid_currency"],
    }),
    ("plans", {"overrides": {"minimumCommitment": {"invoiceDisplayName": "x"}}}, {
        "billing_items.plans.0.overrides.minimumCommitment.amountCents": ["value_is_mandatory"],
    }),
    ("plans", {"overrides": {"charges": [{"billableMetricCode": "calls"}]}}, {
        f"{_CHARGES}.billableMetricCode": ["charge_not_found"],
    }),
    ("plans", {"payload": {"code": "p", "startDate": "2026-05-01", "endDate": "2026-04-01"}}, {
        "billing_items.plans.0.payload.endDate": ["invalid_date_range"],
    }),
    ("plans", {"payload": {"code": "p", "startDate": "soon", "endDate": "2020-04-01"}}, {
        "billing_items.plans.0.payload.startDate": ["invalid_date"],
    }),
    ("plans", {"payload": {"code": "p", "paymentMethodId": NOWHERE}}, {
        "billing_items.plans.0.payload.paymentMethodId": ["payment_method_not_found"],
    }),
    ("coupons", {"id": NOWHERE}, {"billing_items.coupons.0.id": ["coupon_not_found"]}),
    ("coupons", {"payload": {"code": "five", "type": "percentage"}}, {
        "billing_items.coupons.0.payload.type": ["coupon_type_does_not_match"],
    }),
    ("coupons", {"payload": {"code": "five", "type": "fixed_amount"}}, {
        "billing_items.coupons.0.payload.amountCents": ["value_is_mandatory"],
    }),
    ("coupons", {"overrides": {"frequency": "recurring"}}, {
        "billing_items.coupons.0.overrides.frequencyDuration": ["value_is_mandatory"],
    }),
    ("walletCredits", {"payload": {}}, {
        f"{_WALLET}.{name}": ["value_is_mandatory"] for name in ("grantedCredits", "paidCredits", "rateAmount")
    }),
    ("walletCredits", {"payload": {"paidCredits": "-1", "grantedCredits": "x", "rateAmount": "0"}}, {
        f"{_WALLET}.{name}": ["invalid_value"] for name in ("grantedCredits", "paidCredits", "rateAmount")
    }),
    ("walletCredits", {"payload": {**wallet()["payload"], "currency": "USD"}}, {
        f"{_WALLET}.currency": ["currencies_does_not_match"],
    }),
    ("walletCredits", {"payload": {**wallet()["payload"], "expirationAt": "2020-01-01T00:00:00Z"}}, {
        f"{_WALLET}.expirationAt": ["invalid_date"],
    }),
    ("walletCredits", {"payload": {**wallet()["payload"], "expirationAt": "2020-01-01"}}, {
        f"{_WALLET}.expirationAt": ["invalid_format"],
    }),
    ("walletCredits", {"payload": {**wallet()["payload"], "appliesTo": {"billableMetricCodes": ["no"]}}}, {
        f"{_WALLET}.appliesTo.billableMetricCodes": ["billable_metric_not_found"],
    }),
    ("walletCredits", {"payload": {**wallet()["payload"], "recurringTransactionRules": [{}, {}]}}, {
        f"{_WALLET}.recurringTransactionRules": ["invalid_count"],
        f"{_WALLET}.recurringTransactionRules.0.trigger": ["value_is_mandatory"],
        f"{_WALLET}.recurringTransactionRules.1.trigger": ["value_is_mandatory"],
    }),
    ("walletCredits", {"payload": {**wallet()["payload"], "recurringTransactionRules": [
        {"trigger": "threshold", "method": "target", "thresholdCredits": "5", "targetOngoingBalance": "1"},
    ]}}, {f"{_WALLET}.recurringTransactionRules.0.targetOngoingBalance": ["invalid_value"]}),
    ("walletCredits", {"payload": {**wallet()["payload"], "recurringTransactionRules": [
        {"trigger": "interval", "grantsTargetTopUp": True, "paidCredits": "x"},
    ]}}, {
        f"{_WALLET}.recurringTransactionRules.0.interval": ["value_is_mandatory"],
        f"{_WALLET}.recurringTransactionRules.0.grantsTargetTopUp": ["invalid_value"],
        f"{_WALLET}.recurringTransactionRules.0.paidCredits": ["invalid_value"],
    }),
]  # fmt: skip


async def test_what_an_item_lacks_is_refused_at_its_place(sandbox: Sandbox, call: Caller) -> None:
    for key, change, expected in APPROVALS:
        items = {"plans": [plan(sandbox)], "coupons": [coupon(sandbox)], "walletCredits": [wallet()]}
        items[key] = [{**items[key][0], **change}]
        version = draft(sandbox, "subscription_creation", items)
        response = await call.post(f"/quote_versions/{version}/approve", {})
        assert (response.status, response.body.get("error_details")) == (422, dict(sorted(expected.items()))), (
            key,
            change,
        )


async def test_a_deal_names_a_coupon_that_cannot_be_used_twice_once(sandbox: Sandbox, call: Caller) -> None:
    fields = {"coupon_type": "fixed_amount", "amount_cents": 1, "amount_currency": "EUR", "reusable": False}
    terms = {"frequency": "once", "expiration": "no_expiration"}
    perform(sandbox, "create_coupon", {"name": "Once", "code": "once", **fields, **terms})
    items = {"plans": [plan(sandbox)], "coupons": [coupon(sandbox, "once")] * 2}
    refused = await call.post(f"/quote_versions/{draft(sandbox, 'subscription_creation', items)}/approve", {})
    assert refused.body["error_details"] == {"billing_items.coupons.1.id": ["coupon_is_not_reusable"]}


async def test_an_amendment_has_one_plan(sandbox: Sandbox, call: Caller) -> None:
    record(sandbox, order(sandbox, {"plans": [plan(sandbox, subscriptionExternalId="sub")]}))
    items = {"plans": [plan(sandbox), plan(sandbox)]}
    version = draft(sandbox, "subscription_amendment", items, external_subscription_id="sub")
    refused = await call.post(f"/quote_versions/{version}/approve", {})
    assert refused.body["error_details"] == {"billing_items.plans": ["single_plan_expected"]}


# --- worlds -----------------------------------------------------------------------------------------------------------


async def test_a_sandbox_with_a_licence_that_has_refused_something_can_be_forked(
    sandbox: Sandbox, call: Caller
) -> None:
    assert (await call.post("/orders/unknown/execute", {})).status == 404
    async with sandbox.fork() as copied:
        assert counts(copied) == counts(sandbox)


async def test_a_form_without_a_signature_expires_and_its_endpoints_are_told(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)  # the endpoint has no listener
    perform(sandbox, "create_webhook_endpoint", {"webhook_url": "http://127.0.0.1:9/hooks", "signature_algo": "hmac"})
    version = draft(sandbox, "subscription_creation", {"plans": [plan(sandbox)]})
    perform(sandbox, "approve_quote_version", {"expires_at": "2026-01-05"}, version)
    sandbox.advance(by=timedelta(days=10))
    [form] = perform(sandbox, "find_all_order_forms")
    assert (form["status"], form["voided_at"]) == ("expired", "2026-01-05T00:00:00Z")
    assert [each.type for each in sandbox.webhooks][-2:] == ["order_form.expired", "quote.voided"]
