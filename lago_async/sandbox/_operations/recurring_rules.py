"""Rules for topping up wallets automatically."""

from decimal import Decimal

from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso_or_null
from lago_async.sandbox._protocol.wire import decimal_text
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import RecurringRule


def new_rule(store: Store, given: Fields) -> RecurringRule:
    """Return a rule as it was sent; it was checked before."""
    trigger, interval = given.text("trigger"), given.filled("interval")
    method = given.filled("method") or "fixed"
    threshold = given.decimal("threshold_credits")
    target = given.decimal("target_ongoing_balance")
    payment = given.fields("payment_method")
    return RecurringRule(
        created_at=store.now,
        started_at=parse_timestamp(given.raw("started_at")),
        expiration_at=parse_timestamp(given.raw("expiration_at")),
        values={
            "trigger": trigger,
            "method": method,
            "interval": interval,
            "status": "active",
            "threshold_credits": decimal_text(threshold or Decimal(0)),
            "paid_credits": decimal_text(given.decimal("paid_credits") or Decimal(0)),
            "granted_credits": decimal_text(given.decimal("granted_credits") or Decimal(0)),
            "grants_target_top_up": bool(given.boolean("grants_target_top_up")),
            "started_at": to_iso_or_null(parse_timestamp(given.raw("started_at"))),
            "target_ongoing_balance": None if target is None else decimal_text(target),
            "expiration_at": to_iso_or_null(parse_timestamp(given.raw("expiration_at"))),
            "invoice_requires_successful_payment": bool(given.boolean("invoice_requires_successful_payment")),
            "transaction_metadata": given.raw("transaction_metadata") or [],
            "transaction_name": given.text("transaction_name"),
            "ignore_paid_top_up_limits": bool(given.boolean("ignore_paid_top_up_limits")),
            "purchase_order_number": given.text("purchase_order_number"),
            "applied_invoice_custom_sections": [],
            "payment_method": {
                "payment_method_type": payment.filled("payment_method_type") or "provider",
                "payment_method_id": payment.filled("payment_method_id"),
            },
        },
    )
