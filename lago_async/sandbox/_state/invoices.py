"""Invoices with their fees, and the credit notes that give back a part of them."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.coupons import AppliedCoupon
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.plans import Charge, ChargeFilter
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.subscriptions import Subscription


@attrs.define(kw_only=True, eq=False)
class InvoiceFee(Record):
    """A line of an invoice. ``item`` is the JSON object that describes what it is for."""

    kind: str
    customer: Customer
    currency: str
    amount_cents: int
    units: Decimal
    unit_amount: Decimal
    item: JsonObject
    taxes: list[Tax]
    events_count: int | None = None
    description: str | None = None
    coupons_cents: Fraction = Fraction(0)
    subscription: Subscription | None = None
    charge: Charge | None = None
    charge_filter: ChargeFilter | None = None
    fixed_charge_id: str | None = None
    pay_in_advance: bool = False
    starts: datetime | None = None
    ends: datetime | None = None
    presentation: list[Json] = attrs.field(factory=list[Json])
    payment_status: str = "pending"
    status_at: datetime | None = None
    invoice: "Invoice | None" = None

    @property
    def taxed_cents(self) -> Fraction:
        """The base of the taxes: the amount without the coupons' share."""
        return self.amount_cents - self.coupons_cents

    @property
    def precise_taxes_cents(self) -> Fraction:
        """The taxes, not rounded."""
        return sum((self.taxed_cents * Fraction(tax.rate) / 100 for tax in self.taxes), Fraction(0))


@attrs.define(kw_only=True, eq=False)
class InvoiceMetadata(Record):
    """One key and value on an invoice."""

    key: str
    value: str


@attrs.define(kw_only=True, eq=False)
class Credit(Record):
    """An amount that a coupon or a credit note took off an invoice."""

    invoice: "Invoice"
    amount_cents: int
    applied_coupon: AppliedCoupon | None = None
    credit_note: "CreditNote | None" = None


@attrs.define(kw_only=True, eq=False)
class Invoice(Record):
    """An invoice of any kind."""

    customer: Customer
    sequential_id: int | None
    number: str
    invoice_type: str
    status: str
    currency: str
    issuing_date: date
    payment_due_date: date
    net_payment_term: int
    updated_at: datetime
    fees: list[InvoiceFee]
    subscriptions: list[Subscription] = attrs.field(factory=list[Subscription])
    billing_periods: list[JsonObject] = attrs.field(factory=list[JsonObject])
    payment_status: str = "pending"
    finalize_at: datetime | None = None
    voided_at: datetime | None = None
    dispute_lost_at: datetime | None = None
    metadata: list[InvoiceMetadata] = attrs.field(factory=list[InvoiceMetadata])
    credits: list[Credit] = attrs.field(factory=list[Credit])
    coupons_cents: int = 0
    credit_notes_cents: int = 0
    prepaid_granted_cents: int = 0
    prepaid_purchased_cents: int = 0
    paid_cents: int = 0
    offset_cents: int = 0
    purchase_order_number: str | None = None
    file_name: str | None = None

    @property
    def fees_cents(self) -> int:
        """The sum of all fees, before coupons and taxes."""
        return sum(fee.amount_cents for fee in self.fees)


@attrs.define(kw_only=True, eq=False)
class CreditNoteItem(Record):
    """The part of one fee that a credit note gives back."""

    fee: InvoiceFee
    amount_cents: int


@attrs.define(kw_only=True, eq=False)
class CreditNote(Record):
    """Money that is given back: as credit, as refund, or offset against the invoice."""

    invoice: Invoice
    sequential_id: int
    number: str
    issuing_date: date
    updated_at: datetime
    reason: str
    description: str | None
    items: list[CreditNoteItem]
    coupons_adjustment_cents: int
    taxes_cents: int
    precise_taxes_cents: Fraction
    credit_cents: int
    refund_cents: int
    offset_cents: int
    balance_cents: int
    credit_status: str | None
    refund_status: str | None
    metadata: JsonObject | None = None
    file_name: str | None = None

    @property
    def sub_total_cents(self) -> int:
        """The items, without the coupons' share and without taxes."""
        return sum(item.amount_cents for item in self.items) - self.coupons_adjustment_cents

    @property
    def total_cents(self) -> int:
        """The total with taxes."""
        return self.credit_cents + self.refund_cents + self.offset_cents
