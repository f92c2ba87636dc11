"""One object of each kind, and the smallest valid request of every operation, for the tests that call them all."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from lago_async.sandbox import Sandbox
from tests.contract.facts import OPERATIONS

PATH_OF = {name: facts["path"] for name, facts in OPERATIONS.items()}


def _charge(metric: Mapping[str, Any], **fields: object) -> dict[str, object]:
    return {
        "billable_metric_id": metric["lago_id"],
        "charge_model": "standard",
        "properties": {"amount": "1"},
        "pay_in_advance": True,
        "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "2"}}],
        "tax_codes": ["vat"],
        **fields,
    }


def _build_catalogue(perform: Callable[..., Any]) -> None:
    perform("create_product_category", {"name": "Category", "code": "category"})
    perform("create_product", {"name": "Seats", "code": "product", "product_type": "fixed"})
    perform(
        "create_product", {"name": "Calls", "code": "usage", "product_type": "usage", "billable_metric_code": "calls"}
    )
    eu = {"name": "EU", "code": "eu", "values": [{"key": "region", "value": "eu"}]}
    perform("create_product_filter", eu, "usage")
    perform("create_product", {"name": "Others", "code": "others", "product_type": "fixed"})
    later = {**RATE, "code": "later", "effective_from": "2029-01-01T00:00:00Z"}
    for code, product in (("card", "product"), ("other", "others")):
        card = {"name": "Card", "code": code, "product_code": product, "currency": "EUR", "rates": [RATE, later]}
        perform("create_rate_card", card)
    perform("create_plan", {**PLAN, "code": "catalogue"})
    perform("create_applied_rate_card", {"rate_card_code": "card", "units": "2"}, "catalogue")


def build(sandbox: Sandbox) -> dict[str, str]:
    """Fill a premium sandbox, and return the ids that it chose."""
    perform: Callable[..., Any] = sandbox.perform
    perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20"})
    metric = perform(
        "create_billable_metric",
        {
            "name": "Calls",
            "code": "calls",
            "aggregation_type": "count_agg",
            "filters": [{"key": "region", "values": ["eu", "us"]}],
        },
    )
    add_on = perform(
        "create_add_on",
        {"name": "Setup", "code": "setup", "amount_cents": 1000, "amount_currency": "EUR", "tax_codes": ["vat"]},
    )
    perform("create_feature", {"code": "seats", "privileges": [{"code": "max", "value_type": "integer"}]})
    perform("create_feature", {"code": "sso", "privileges": [{"code": "on", "value_type": "boolean"}]})
    plan = perform(
        "create_plan",
        {
            "name": "Plan",
            "code": "plan",
            "interval": "monthly",
            "amount_cents": 5000,
            "amount_currency": "EUR",
            "pay_in_advance": False,
            "tax_codes": ["vat"],
            "minimum_commitment": {"amount_cents": 100, "tax_codes": ["vat"]},
            "usage_thresholds": [{"amount_cents": 100_000}],
            "metadata": {"k": "v", "l": "v"},
            "charges": [_charge(metric)],
            "fixed_charges": [
                {
                    "add_on_id": add_on["lago_id"],
                    "charge_model": "standard",
                    "units": "2",
                    "properties": {"amount": "3"},
                }
            ],
        },
    )
    perform("create_entitlement", {"seats": {"max": 5}, "sso": {"on": True}}, "plan")
    perform(
        "create_customer",
        {
            "external_id": "cus",
            "currency": "EUR",
            "email": "a@b.example",
            "tax_codes": ["vat"],
            "metadata": [{"key": "k", "value": "v"}],
            "billing_configuration": {"payment_provider": "stripe", "sync_with_provider": True},
        },
    )
    coupon = {"name": "C", "code": "coupon", "coupon_type": "percentage", "percentage_rate": "10"}
    perform("create_coupon", {**coupon, "frequency": "forever", "expiration": "no_expiration"})
    applied = perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "coupon"})
    wallet = perform(
        "create_wallet",
        {
            "name": "Main",
            "code": "main",
            "rate_amount": "1",
            "currency": "EUR",
            "external_customer_id": "cus",
            "paid_credits": "10",
            "granted_credits": "5",
            "metadata": {"k": "v", "l": "v"},
            "recurring_transaction_rules": [{"trigger": "interval", "interval": "monthly", "paid_credits": "1"}],
        },
    )
    subscription = {"external_customer_id": "cus", "external_id": "sub", "plan_code": "plan"}
    perform("create_subscription", subscription)
    for number, region in enumerate(("eu", "us")):
        event = {"transaction_id": f"t{number}", "external_subscription_id": "sub", "code": "calls"}
        perform("create_event", {**event, "properties": {"region": region}})
    _build_catalogue(perform)
    perform("create_customer", {"external_id": "late", "billing_configuration": {"invoice_grace_period": 60}})
    perform("create_subscription", {**subscription, "external_customer_id": "late", "external_id": "late"})
    one_off = {"external_customer_id": "cus", "currency": "EUR", "fees": [{"add_on_code": "setup"}]}
    paid = perform("create_invoice", one_off)
    failed = perform("create_invoice", one_off)
    sandbox.advance(by=timedelta(days=40))
    payment = perform("create_payment", {"invoice_id": paid["lago_id"], "amount_cents": 100, "reference": "r"})
    note = perform(
        "create_credit_note",
        {
            "invoice_id": paid["lago_id"],
            "items": [{"fee_id": paid["fees"][0]["lago_id"], "amount_cents": 100}],
            "credit_amount_cents": 120,
            "metadata": {"k": "v", "l": "v"},
        },
    )
    request = {"external_customer_id": "cus", "email": "a@b.example", "lago_invoice_ids": [paid["lago_id"]]}
    asked = perform("create_payment_request", request)
    for operation, name, kind in (
        ("create_subscription_alert", "sub", "current_usage_amount"),
        ("create_customer_wallet_alert", "main", "wallet_balance_amount"),
    ):
        alert = {"code": "alert", "alert_type": kind, "thresholds": [{"value": "10", "code": "t"}]}
        perform(operation, [alert], *(("cus", name) if name == "main" else (name,)))
    hook = perform("create_webhook_endpoint", {"webhook_url": "https://127.0.0.1:1/1"})
    invoices = perform("find_all_invoices")
    (method,) = perform("find_all_customers_payment_methods", None, "cus")
    transactions = perform("find_all_wallet_transactions", None, wallet["lago_id"])
    items = {"id": add_on["lago_id"], "localId": "1", "type": "add_on"}
    items["payload"] = {"code": "setup", "units": 1, "unitAmountCents": 900, "totalAmountCents": 900}
    quotes: list[Any] = [
        sandbox.draft_quote("cus", billing_items={"addOns": [items]}, content="Hello", owners=["o@b.example"])
        for _ in range(3)
    ]
    for quote in quotes[1:]:
        perform("approve_quote_version", None, quote["current_version"]["lago_id"])
    signed, form = (item["lago_id"] for item in perform("find_all_order_forms")[::-1])
    perform("mark_order_form_as_signed", {"execution_mode": "order_only"}, signed)
    settings = ["invoice.finalized", "credit_note.created", "payment_receipt.created"]
    perform("update_billing_entity", {"email": "e@b.example", "email_settings": settings}, "sandbox")
    # Nothing fails here by itself, and every fee is on an invoice: set two states that only failures of a server cause.
    store = sandbox._store  # pyright: ignore[reportPrivateUsage]
    unpaid = store.invoices.find(failed["lago_id"])
    loose = store.fees.find(failed["fees"][0]["lago_id"])
    assert unpaid is not None
    assert loose is not None
    unpaid.status = "failed"
    loose.invoice = None
    return {
        "metric": metric["lago_id"],
        "add_on": add_on["lago_id"],
        "filter": plan["charges"][0]["filters"][0]["lago_id"],
        "applied": applied["lago_id"],
        "wallet": wallet["lago_id"],
        "paid": paid["lago_id"],
        "paid_fee": paid["fees"][0]["lago_id"],
        "failed": failed["lago_id"],
        "loose_fee": loose.lago_id,
        "invoice": next(
            item["lago_id"]
            for item in invoices
            if item["invoice_type"] == "subscription" and item["status"] == "finalized"
        ),
        "draft": next(item["lago_id"] for item in invoices if item["status"] == "draft"),
        "payment": payment["lago_id"],
        "receipt": perform("find_all_payment_receipts")[0]["lago_id"],
        "note": note["lago_id"],
        "asked": asked["lago_id"],
        "hook": hook["lago_id"],
        "quote": quotes[0]["lago_id"],
        "quote_draft": quotes[0]["current_version"]["lago_id"],
        "form": form,
        "order": perform("find_all_orders")[0]["lago_id"],
        "method": method["lago_id"],
        "bought": next(item["lago_id"] for item in transactions if item["transaction_status"] == "purchased"),
        "granted": next(item["lago_id"] for item in transactions if item["transaction_status"] == "granted"),
        "consumed": next(item["lago_id"] for item in transactions if item["transaction_type"] == "outbound"),
    }


# Operations of the table that the sandbox does not simulate, each with the reason: they answer 501.
NOT_SIMULATED: dict[str, str] = {}

# Operations on objects that nothing makes in a sandbox, each with the reason: a list is empty, and nothing is found.
NEVER_MADE: dict[str, str] = {"sync_invoice_salesforce_id": "there are no integrations"}

# Operations that a sandbox refuses for a gate that it cannot open, each with the reason: they answer 403.
GATED: dict[str, str] = {
    "find_all_security_logs": "needs an integration and ClickHouse",
    "find_security_log": "needs an integration and ClickHouse",
    "find_all_enriched_events": "needs ClickHouse",
}

# Operations whose response may have no body, and has none here.
WITHOUT_BODY: dict[str, str] = {"download_invoice_xml": "no electronic invoices are made"}

METADATA = {"k": "v"}

ALERT = {"code": "new", "alert_type": "lifetime_usage_amount", "thresholds": [{"value": "1"}]}
WALLET_ALERT = {**ALERT, "alert_type": "wallet_credits_balance"}
COUPON = {
    "name": "N",
    "code": "new",
    "coupon_type": "percentage",
    "percentage_rate": "1",
    "frequency": "once",
    "expiration": "no_expiration",
}
PLAN = {"name": "N", "code": "new", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
PLAN["pay_in_advance"] = False
FILTER = {"values": {"region": ["us"]}, "properties": {"amount": "3"}}
WALLET = {"rate_amount": "1", "currency": "EUR", "external_customer_id": "cus", "metadata": METADATA}
EVENT = {"code": "calls", "external_subscription_id": "sub", "transaction_id": "new", "properties": {"region": "eu"}}
RENAMED = {"name": "Renamed"}
RATE = {
    "code": "rate",
    "effective_from": "2020-01-01T00:00:00Z",
    "rate_model": "standard",
    "rate_properties": {"amount": "10"},
    "billing_interval_unit": "month",
}
ENTITLEMENTS = {"entitlements": {"seats": {"max": 7}}}


# The path parameters in order; a word in capitals is an id that the world knows.
PATHS = {
    "billing_entities": ["sandbox"],
    "add_ons": ["setup"],
    "billable_metrics": ["calls"],
    "features": ["seats", "max"],
    "coupons": ["coupon"],
    "credit_notes": ["NOTE", "k"],
    "events": ["t0"],
    "fees": ["PAID_FEE"],
    "invoices": ["INVOICE"],
    "payment_receipts": ["RECEIPT"],
    "security_logs": ["request"],
    "payment_requests": ["ASKED"],
    "payments": ["PAYMENT"],
    "quotes": ["QUOTE"],
    "quote_versions": ["QUOTE_DRAFT"],
    "order_forms": ["FORM"],
    "orders": ["ORDER"],
    "taxes": ["vat"],
    "wallets": ["WALLET", "k"],
    "wallet_transactions": ["BOUGHT"],
    "webhook_endpoints": ["HOOK"],
    "product_categories": ["category"],
    "products": ["usage"],
    "rate_cards": ["other"],
    "activity_logs": ["ACTIVITY"],
    "api_logs": ["REQUEST"],
    "customers": ["cus"],
    "plans": ["plan"],
    "subscriptions": ["sub"],
}
BELOW = {
    "applied_coupons": ["APPLIED"],
    "payment_methods": ["METHOD"],
    "wallets": ["main"],
    "alerts": ["alert"],
    "metadata": ["k"],
    "charges": ["calls"],
    "fixed_charges": ["setup"],
    "filters": ["FILTER"],
    "rates": ["rate"],
    "applied_rate_cards": ["card"],
    "entitlements": ["seats"],
    "privileges": ["max"],
}
# Operations that need another object than the usual one.
OTHER_PATHS = {
    "finalize_invoice": ["DRAFT"],
    "refresh_invoice": ["DRAFT"],
    "delete_invoice": ["DRAFT"],
    "retry_invoice": ["FAILED"],
    "delete_fee": ["LOOSE_FEE"],
    "find_all_wallet_transaction_consumptions": ["GRANTED"],
    "find_all_wallet_transaction_fundings": ["CONSUMED"],
    "destroy_rate_card_rate": ["other", "later"],
    **{f"{verb}_product_filter": ["usage", "eu"] for verb in ("find", "update", "destroy")},
    "create_product_filter": ["usage"],
    "find_all_product_filters": ["usage"],
    **{f"{verb}_applied_rate_card": ["catalogue", "card"] for verb in ("find", "update", "destroy")},
    "create_applied_rate_card": ["catalogue"],
    "find_all_applied_rate_cards": ["catalogue"],
}
QUERIES = {
    "find_customer_current_usage": "external_subscription_id=sub",
    "find_customer_projected_usage": "external_subscription_id=sub",
    "find_all_customer_past_usage": "external_subscription_id=sub",
}


def bodies(ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the smallest valid request of each operation."""
    items = [{"fee_id": ids["paid_fee"], "amount_cents": 100}]
    note = {"invoice_id": ids["paid"], "items": items}
    return {
        "create_billing_entity": {"billing_entity": {"code": "new", "name": "N"}},
        "update_billing_entity": {"billing_entity": RENAMED},
        "create_add_on": {"add_on": {"name": "N", "code": "new", "amount_cents": 1, "amount_currency": "EUR"}},
        "update_add_on": {"add_on": RENAMED},
        "apply_coupon": {"applied_coupon": {"external_customer_id": "cus", "coupon_code": "coupon"}},
        "create_billable_metric": {
            "billable_metric": {"name": "N", "code": "new", "aggregation_type": "count_agg"},
        },
        "evaluate_billable_metric_expression": {
            "expression": "event.properties.a + 1",
            "event": {"code": "calls", "properties": {"a": 2}},
        },
        "update_billable_metric": {"billable_metric": RENAMED},
        "create_feature": {"feature": {"code": "new"}},
        "update_feature": {"feature": RENAMED},
        "create_coupon": {"coupon": COUPON},
        "update_coupon": {"coupon": RENAMED},
        "create_credit_note": {"credit_note": {**note, "credit_amount_cents": 120, "metadata": METADATA}},
        "update_credit_note": {"credit_note": {"refund_status": "succeeded"}},
        "estimate_credit_note": {"credit_note": note},
        "create_customer": {"customer": {"external_id": "new"}},
        "create_customer_wallet": {"wallet": WALLET},
        "update_customer_wallet": {"wallet": RENAMED},
        "create_customer_wallet_alert": {"alert": WALLET_ALERT},
        "update_customer_wallet_alert": {"alert": RENAMED},
        "create_event": {"event": EVENT},
        "create_batch_events": {"events": [EVENT]},
        "event_estimate_fees": {"event": EVENT},
        "event_estimate_instant_fees": {"event": EVENT},
        "event_batch_estimate_instant_fees": {"events": [EVENT]},
        "update_fee": {"fee": {"payment_status": "succeeded"}},
        "create_invoice": {"invoice": {"external_customer_id": "cus", "fees": [{"add_on_code": "setup"}]}},
        "update_invoice": {"invoice": {"payment_status": "succeeded"}},
        "invoice_preview": {"customer": {"external_id": "cus"}, "plan_code": "plan"},
        "sync_invoice_salesforce_id": {"external_id": "x", "integration_code": "sf"},
        "update_organization": {"organization": {"legal_name": "N"}},
        "create_payment_request": {
            "payment_request": {
                "external_customer_id": "cus",
                "email": "a@b.example",
                "lago_invoice_ids": [ids["paid"]],
            }
        },
        "create_payment": {"payment": {"invoice_id": ids["paid"], "amount_cents": 1, "reference": "r"}},
        "create_plan": {"plan": PLAN},
        "update_plan": {"plan": RENAMED},
        "create_entitlement": ENTITLEMENTS,
        "update_entitlement": ENTITLEMENTS,
        "update_subscription_entitlements": ENTITLEMENTS,
        "create_plan_charge": {
            "charge": {"billable_metric_id": ids["metric"], "code": "new", "charge_model": "standard"}
        },
        "update_plan_charge": {"charge": {"invoice_display_name": "N", "properties": {"amount": "1"}}},
        "create_plan_charge_filter": {"filter": FILTER},
        "update_plan_charge_filter": {"filter": FILTER},
        "create_plan_fixed_charge": {
            "fixed_charge": {"add_on_id": ids["add_on"], "code": "new", "charge_model": "standard"}
        },
        "update_plan_fixed_charge": {"fixed_charge": {"units": "4", "properties": {"amount": "3"}}},
        "create_subscription": {
            "subscription": {"external_customer_id": "cus", "external_id": "new", "plan_code": "plan"}
        },
        "update_subscription": {"subscription": RENAMED},
        "update_subscription_lifetime_usage": {"lifetime_usage": {"external_historical_usage_amount_cents": 1}},
        "create_subscription_alert": {"alert": ALERT},
        "update_subscription_alert": {"alert": RENAMED},
        "override_subscription_charge": {"charge": {"invoice_display_name": "N"}},
        "create_subscription_charge_filter": {"filter": FILTER},
        "update_subscription_charge_filter": {"filter": FILTER},
        "override_subscription_fixed_charge": {"fixed_charge": {"units": "4"}},
        "create_tax": {"tax": {"name": "N", "code": "new", "rate": "1"}},
        "update_tax": {"tax": RENAMED},
        "create_wallet": {"wallet": WALLET},
        "update_wallet": {"wallet": RENAMED},
        "create_wallet_transaction": {"wallet_transaction": {"wallet_id": ids["wallet"], "granted_credits": "1"}},
        "create_product_category": {"product_category": {"name": "N", "code": "new"}},
        "update_product_category": {"product_category": RENAMED},
        "create_product": {"product": {"name": "N", "code": "new", "product_type": "fixed"}},
        "update_product": {"product": RENAMED},
        "create_product_filter": {"filter": {"name": "N", "code": "new", "values": [{"key": "region"}]}},
        "update_product_filter": {"filter": RENAMED},
        "create_rate_card": {
            "rate_card": {"name": "N", "code": "new", "product_code": "product", "currency": "EUR", "rates": [RATE]}
        },
        "update_rate_card": {"rate_card": RENAMED},
        "create_rate_card_rate": {"rate": {**RATE, "code": "new", "effective_from": "2030-01-01T00:00:00Z"}},
        "update_rate_card_rate": {"rate": {"code": "renamed"}},
        "create_applied_rate_card": {"applied_rate_card": {"rate_card_code": "other", "units": "1"}},
        "update_applied_rate_card": {"applied_rate_card": {"units": "4"}},
        "create_webhook_endpoint": {"webhook_endpoint": {"webhook_url": "https://127.0.0.1:1/new"}},
        "update_webhook_endpoint": {"webhook_endpoint": {**RENAMED, "webhook_url": "https://127.0.0.1:1/2"}},
        **{
            f"{verb}_{owner}_metadata": {"metadata": {"new": "v"}}
            for verb in ("replace", "merge")
            for owner in ("plan", "wallet", "customer_wallet", "credit_note")
        },
    }


def path_values(operation: str, ids: Mapping[str, str]) -> list[str]:
    """Return the path parameters in order; the segment before each one names its kind."""
    segments = PATH_OF[operation].strip("/").split("/")
    other = iter(OTHER_PATHS.get(operation, ()))
    values: list[str] = []
    for position, segment in enumerate(segments):
        if segment.startswith("{"):
            before = segments[position - 1]
            given = next(other, None) or (PATHS[before] if position == 1 else BELOW[before])[0]
            values.append(ids[given.lower()] if given.isupper() else given)
    return values


def expected_status(operation: str) -> int:
    """The status of the response to the smallest valid request."""
    if operation in NOT_SIMULATED:
        return 501
    if operation in GATED:
        return 403
    return 404 if operation in NEVER_MADE and OPERATIONS[operation]["response"]["kind"] != "list" else 200
