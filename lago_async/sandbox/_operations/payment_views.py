"""Payments as responses show them."""

from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.payments import Payment


def invoices_of(payment: Payment) -> list[Invoice]:
    """Return the invoices that a payment is for."""
    payable = payment.payable
    return [payable] if isinstance(payable, Invoice) else payable.invoices


def payment_json(payment: Payment) -> JsonObject:
    """Return a payment as responses show it."""
    invoices = invoices_of(payment)
    return {
        "lago_id": payment.lago_id,
        "lago_customer_id": payment.customer.lago_id,
        "external_customer_id": payment.customer.external_id,
        "invoice_ids": [invoice.lago_id for invoice in invoices],
        "invoice_numbers": [invoice.number for invoice in invoices],
        "lago_payable_id": payment.payable.lago_id,
        "payable_type": "Invoice" if isinstance(payment.payable, Invoice) else "PaymentRequest",
        "amount_cents": payment.amount_cents,
        "amount_currency": payment.currency,
        "status": "succeeded",
        "payment_status": "succeeded",
        "type": "manual",
        "reference": payment.reference,
        "payment_provider_code": None,
        "payment_provider_type": None,
        "external_payment_id": None,
        "provider_payment_id": None,
        "provider_customer_id": None,
        "next_action": {},
        "created_at": to_iso(payment.created_at),
    }
