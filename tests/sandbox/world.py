"""One of everything, for the test that calls every operation."""

from datetime import timedelta


def _charge(metric, **fields):
    return {
        "billable_metric_id": metric["lago_id"],
        "charge_model": "standard",
        "properties": {"amount": "1"},
        "pay_in_advance": True,
        "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "2"}}],
        "tax_codes": ["vat"],
        **fields,
    }


def build(sandbox):
    """Fill a premium sandbox; answers the ids that only it can know."""
    perform = sandbox.perform
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
            "fixed_charges": [{"add_on_id": add_on["lago_id"], "units": "2", "properties": {"amount": "3"}}],
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
    hook = perform("create_webhook_endpoint", {"webhook_url": "https://hooks.example/1"})
    invoices = perform("find_all_invoices")
    (method,) = perform("find_all_customers_payment_methods", None, "cus")
    transactions = perform("find_all_wallet_transactions", None, wallet["lago_id"])
    # Nothing fails here by itself, and every fee is on an invoice: two states that only the server's accidents make.
    store = sandbox._store
    store.invoices.find(failed["lago_id"]).status = "failed"
    loose = store.fees.find(failed["fees"][0]["lago_id"])
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
            each["lago_id"]
            for each in invoices
            if each["invoice_type"] == "subscription" and each["status"] == "finalized"
        ),
        "draft": next(each["lago_id"] for each in invoices if each["status"] == "draft"),
        "payment": payment["lago_id"],
        "receipt": perform("find_all_payment_receipts")[0]["lago_id"],
        "note": note["lago_id"],
        "asked": asked["lago_id"],
        "hook": hook["lago_id"],
        "method": method["lago_id"],
        "bought": next(each["lago_id"] for each in transactions if each["transaction_status"] == "purchased"),
        "granted": next(each["lago_id"] for each in transactions if each["transaction_status"] == "granted"),
        "consumed": next(each["lago_id"] for each in transactions if each["transaction_type"] == "outbound"),
    }
