"""Invoices with their fees, and the credit notes that give back a part of them."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.coupons import AppliedCoupon
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.plans import Charge, ChargeFilter, FixedCharge, UsageThreshold
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.subscriptions import Subscription, UsagePeriod


@attrs.frozen(kw_only=True)
class Boundaries:
    """The closed windows that one billing of a subscription is about, and the lengths of their periods in days.

    A plan whose charges are billed in other months than its fixed charges has no window for one of them.
    """

    timestamp: datetime
    start: datetime
    end: datetime
    charges_start: datetime | None
    charges_end: datetime | None
    charges_days: int
    fixed_start: datetime | None
    fixed_end: datetime | None
    fixed_days: int


@attrs.define(kw_only=True, eq=False)
class InvoiceFee(Record):
    """A line of an invoice. ``item`` is the JSON object that describes what it is for.

    ``precise_cents`` is the exact amount. Taxes are copies of what they were when the fee was computed.
    """

    kind: str
    customer: Customer
    currency: str
    amount_cents: int
    precise_cents: Decimal
    units: Decimal
    unit_amount: Decimal
    item: JsonObject
    taxes: list[Tax]
    total_units: Decimal | None = None
    events_count: int | None = None
    description: str | None = None
    coupons_cents: Decimal = Decimal(0)
    credit_notes_cents: Decimal = Decimal(0)
    credited_cents: int = 0
    taxed_at: datetime | None = None  # where its taxes were computed later than itself
    subscription: Subscription | None = None
    charge: Charge | None = None
    charge_filter: ChargeFilter | None = None
    grouped_by: tuple[tuple[str, str | None], ...] = ()
    fixed_charge: FixedCharge | None = None
    true_up_parent: "InvoiceFee | None" = None
    true_up: "InvoiceFee | None" = None
    pay_in_advance: bool = False
    event_transaction_id: str | None = None
    boundaries: Boundaries | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    amount_details: JsonObject = attrs.field(factory=dict[str, Json])
    presentation: list[Json] = attrs.field(factory=list[Json])
    payment_status: str = "pending"
    status_at: datetime | None = None
    invoice: "Invoice | None" = None

    @property
    def taxed_cents(self) -> Decimal:
        """The base of the taxes: the amount without the coupons' share."""
        return self.amount_cents - self.coupons_cents

    @property
    def precisely_taxed_cents(self) -> Decimal:
        """The exact amount without the coupons' share."""
        return self.precise_cents - self.coupons_cents

    @property
    def taxes_cents(self) -> int:
        """The taxes, halves up."""
        exact = sum((self.taxed_cents * tax.rate for tax in self.taxes), Decimal(0)).scaleb(-2)
        return int(exact.to_integral_value(ROUND_HALF_UP))


@attrs.define(kw_only=True, eq=False)
class BilledPeriod(Record):
    """A subscription on an invoice."""

    invoice: "Invoice"
    subscription: Subscription
    boundaries: Boundaries
    reason: str
    recurring: bool
    usage: UsagePeriod | None = None


@attrs.define(kw_only=True, eq=False)
class InvoiceMetadata(Record):
    """One key and value on an invoice."""

    key: str
    value: str


@attrs.define(kw_only=True, eq=False)
class Credit(Record):
    """An amount that a coupon, a credit note or earlier progressive billing took off an invoice."""

    invoice: "Invoice"
    amount_cents: int
    applied_coupon: AppliedCoupon | None = None
    credit_note: "CreditNote | None" = None
    progressive_invoice: "Invoice | None" = None


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
    periods: list[BilledPeriod] = attrs.field(factory=list[BilledPeriod])
    timestamp: datetime | None = None
    skip_charges: bool = False
    usage_thresholds: list[UsageThreshold] = attrs.field(factory=list[UsageThreshold])
    regenerated_from: "Invoice | None" = None
    payment_status: str = "pending"
    finalize_at: datetime | None = None
    refresh_at: datetime | None = None  # when a draft is computed again, because what it depends on has changed
    voided_at: datetime | None = None
    dispute_lost_at: datetime | None = None
    metadata: list[InvoiceMetadata] = attrs.field(factory=list[InvoiceMetadata])
    credits: list[Credit] = attrs.field(factory=list[Credit])
    fees_cents: int = 0
    coupons_cents: int = 0
    progressive_cents: int = 0
    taxes_cents: int = 0
    credit_notes_cents: int = 0
    prepaid_granted_cents: int = 0
    prepaid_purchased_cents: int = 0
    paid_cents: int = 0
    offset_cents: int = 0
    purchase_order_number: str | None = None
    file_name: str | None = None
    payment_overdue: bool = False
    # Its taxes are made again whenever a draft is computed.
    taxes_id: str = attrs.field(factory=lambda: str(uuid4()))
    taxed_at: datetime | None = None

    @property
    def subscriptions(self) -> list[Subscription]:
        """The subscriptions on it."""
        return [period.subscription for period in self.periods]


@attrs.define(kw_only=True, eq=False)
class CreditNoteItem(Record):
    """The part of one fee that a credit note gives back."""

    fee: InvoiceFee
    amount_cents: int
    precise_cents: Decimal


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
    precise_taxes_cents: Decimal
    precise_coupons_cents: Decimal
    credit_cents: int
    refund_cents: int
    offset_cents: int
    balance_cents: int
    credit_status: str | None
    refund_status: str | None
    metadata: JsonObject | None = None
    voided_at: datetime | None = None
    file_name: str | None = None
    counts_offset: bool = True  # until its draft invoice is computed again

    @property
    def total_cents(self) -> int:
        """The total with taxes."""
        return self.credit_cents + self.refund_cents + (self.offset_cents if self.counts_offset else 0)
