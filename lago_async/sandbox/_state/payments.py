"""Payments, their receipts, payment requests, and payment methods."""

from typing import TypeAlias

import attrs

from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class PaymentRequest(Record):
    """A request to pay several overdue invoices at once."""

    customer: Customer
    email: str | None
    currency: str
    invoices: list[Invoice]
    amount_cents: int
    payment_status: str = "pending"


Payable: TypeAlias = Invoice | PaymentRequest


@attrs.define(kw_only=True, eq=False)
class Payment(Record):
    """A payment that was entered by hand."""

    customer: Customer
    payable: Payable
    amount_cents: int
    currency: str
    reference: str


@attrs.define(kw_only=True, eq=False)
class PaymentReceipt(Record):
    """The receipt of a payment."""

    payment: Payment
    number: str


@attrs.define(kw_only=True, eq=False)
class PaymentMethod(Record):
    """A customer's way to pay at a provider."""

    customer: Customer
    is_default: bool
    provider_code: str
    provider_kind: str
    provider_method_id: str
