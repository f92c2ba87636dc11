"""Wallets and their transactions as responses show them."""

from decimal import Decimal

from lago_async._currencies import exponent
from lago_async.sandbox._money import prepaid
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_ms, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.wallets import RecurringRule, Wallet, WalletTransaction


def _rule_json(rule: RecurringRule) -> JsonObject:
    return {"lago_id": rule.lago_id, **rule.values, "created_at": to_iso(rule.created_at)}


def wallet_json(wallet: Wallet) -> JsonObject:
    """Return a wallet with its balances; the ongoing ones are as the last refresh has seen them."""

    def credit_text(amount_cents: int) -> str:
        return decimal_text(prepaid.cents_to_credits(wallet, amount_cents))

    shown: JsonObject = {
        "lago_id": wallet.lago_id,
        "lago_customer_id": wallet.customer.lago_id,
        "external_customer_id": wallet.customer.external_id,
        "billing_entity_code": wallet.customer.billing_entity_code,
        "status": "active" if wallet.terminated_at is None else "terminated",
        "currency": wallet.currency,
        "name": wallet.name,
        "code": wallet.code,
        "priority": wallet.priority,
        "rate_amount": decimal_text(wallet.rate_amount),
        "credits_balance": decimal_text(wallet.credits),
        "credits_ongoing_balance": credit_text(wallet.ongoing_cents),
        "credits_ongoing_usage_balance": credit_text(wallet.ongoing_usage_cents),
        "balance_cents": wallet.balance_cents,
        "ongoing_balance_cents": wallet.ongoing_cents,
        "ongoing_usage_balance_cents": wallet.ongoing_usage_cents,
        "consumed_credits": decimal_text(wallet.consumed_credits),
        "created_at": to_iso(wallet.created_at),
        "expiration_at": to_iso_or_null(wallet.expiration_at),
        "last_balance_sync_at": to_iso_or_null(wallet.synced_at),
        "last_consumed_credit_at": to_iso_or_null(wallet.consumed_at),
        "terminated_at": None if wallet.terminated_at is None else to_iso_ms(wallet.terminated_at),
        "invoice_requires_successful_payment": wallet.invoice_requires_successful_payment,
        "paid_top_up_min_amount_cents": wallet.top_up_min_cents,
        "paid_top_up_max_amount_cents": wallet.top_up_max_cents,
        "purchase_order_number": wallet.purchase_order_number,
        "recurring_transaction_rules": [_rule_json(rule) for rule in wallet.rules],
        "applies_to": {
            "fee_types": list[Json](wallet.fee_types),
            "billable_metric_codes": list[Json](wallet.metric_codes),
        },
        "applied_invoice_custom_sections": [],
        "payment_method": {
            "payment_method_type": wallet.payment_method_type,
            "payment_method_id": wallet.payment_method_id,
        },
    }
    if wallet.metadata is not None:
        shown["metadata"] = dict(wallet.metadata)
    return shown


def transaction_json(transaction: WalletTransaction) -> JsonObject:
    """Return a wallet transaction; inbound ones have a remaining amount."""
    wallet, invoice = transaction.wallet, transaction.invoice
    left = transaction.remaining_cents
    voids = transaction.transaction_status == "granted" and invoice is not None
    return {
        "lago_id": transaction.lago_id,
        "lago_wallet_id": wallet.lago_id,
        "lago_invoice_id": None if invoice is None or voids else invoice.lago_id,
        "lago_credit_note_id": None,
        "lago_voided_invoice_id": invoice.lago_id if voids and invoice is not None else None,
        "billing_entity_code": wallet.customer.billing_entity_code,
        "status": transaction.status,
        "source": transaction.source,
        "transaction_status": transaction.transaction_status,
        "transaction_type": transaction.transaction_type,
        "amount": decimal_text(Decimal(transaction.amount_cents).scaleb(-exponent(wallet.currency))),
        "credit_amount": decimal_text(transaction.credits),
        "invoice_requires_successful_payment": transaction.invoice_requires_successful_payment,
        "metadata": transaction.metadata,
        "remaining_amount_cents": left,
        "remaining_credit_amount": None if left is None else decimal_text(prepaid.cents_to_credits(wallet, left)),
        "priority": transaction.priority,
        "settled_at": to_iso_or_null(transaction.settled_at),
        "failed_at": to_iso_or_null(transaction.failed_at),
        "created_at": to_iso(transaction.created_at),
        "name": transaction.name,
        "purchase_order_number": transaction.purchase_order_number,
        "payment_method": {
            "payment_method_type": transaction.payment_method_type,
            "payment_method_id": transaction.payment_method_id,
        },
    }
