"""What the sandbox remembers of money: invoices with their fees, credit notes, payments and wallets."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.records import (
    AppliedCoupon,
    Charge,
    ChargeFilter,
    Customer,
    Record,
    Subscription,
    Tax,
)


@attrs.define(kw_only=True, eq=False)
class InvoiceFee(Record):
    """One line of an invoice. ``item`` says on the wire what was paid for."""

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
        """What taxes are due on: the amount without the coupons' share."""
        return self.amount_cents - self.coupons_cents

    @property
    def precise_taxes_cents(self) -> Fraction:
        """The taxes, not rounded."""
        return sum((self.taxed_cents * Fraction(tax.rate) / 100 for tax in self.taxes), Fraction(0))

    @property
    def taxes_cents(self) -> int:
        """The taxes, halves up."""
        return int(self.precise_taxes_cents + Fraction(1, 2))


@attrs.define(kw_only=True, eq=False)
class InvoiceMetadata(Record):
    """One key and value on an invoice."""

    key: str
    value: str


@attrs.define(kw_only=True, eq=False)
class Credit(Record):
    """What a coupon or a credit note took off an invoice."""

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
    wallet_transaction: "WalletTransaction | None" = None
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
        """All fees, before coupons and taxes."""
        return sum(fee.amount_cents for fee in self.fees)

    def taxes(self) -> list[tuple[Tax, int, int]]:
        """Each tax, what it was due on, and what it comes to; rounded once for the whole invoice."""
        bases: dict[Tax, Fraction] = {}
        for fee in self.fees:
            for tax in fee.taxes:
                bases[tax] = bases.get(tax, Fraction(0)) + fee.taxed_cents
        half = Fraction(1, 2)
        return [(tax, int(base + half), int(base * Fraction(tax.rate) / 100 + half)) for tax, base in bases.items()]

    @property
    def taxes_cents(self) -> int:
        """All taxes."""
        return sum(amount for _, _, amount in self.taxes())

    @property
    def with_taxes_cents(self) -> int:
        """Fees less coupons, plus taxes."""
        return self.fees_cents - self.coupons_cents + self.taxes_cents

    @property
    def total_cents(self) -> int:
        """What has to be paid."""
        prepaid = self.prepaid_granted_cents + self.prepaid_purchased_cents
        return self.with_taxes_cents - self.credit_notes_cents - prepaid

    @property
    def due_cents(self) -> int:
        """What is still to be paid."""
        return max(0, self.total_cents - self.paid_cents - self.offset_cents)

    def overdue(self, today: date) -> bool:
        """Whether it should have been paid by now."""
        open_still = self.status == "finalized" and self.payment_status != "succeeded" and self.due_cents > 0
        return open_still and self.dispute_lost_at is None and self.payment_due_date < today


@attrs.define(kw_only=True, eq=False)
class CreditNoteItem(Record):
    """What a credit note gives back of one fee."""

    fee: InvoiceFee
    amount_cents: int


@attrs.define(kw_only=True, eq=False)
class CreditNote(Record):
    """Money given back: as credit, as refund, or set off against the invoice."""

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
        """The items less the coupons' share."""
        return sum(item.amount_cents for item in self.items) - self.coupons_adjustment_cents

    @property
    def total_cents(self) -> int:
        """With taxes."""
        return self.credit_cents + self.refund_cents + self.offset_cents


@attrs.define(kw_only=True, eq=False)
class PaymentRequest(Record):
    """Several overdue invoices to be paid at once."""

    customer: Customer
    email: str | None
    currency: str
    invoices: list[Invoice]
    amount_cents: int
    payment_status: str = "pending"


Payable: TypeAlias = Invoice | PaymentRequest


@attrs.define(kw_only=True, eq=False)
class Payment(Record):
    """A payment that somebody entered by hand."""

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
    """How a customer pays at a provider."""

    customer: Customer
    is_default: bool
    provider_code: str
    provider_kind: str
    provider_method_id: str


@attrs.define(kw_only=True, eq=False)
class RecurringRule(Record):
    """When a wallet is to be topped up by itself. Rules are kept and shown, never carried out."""

    values: JsonObject


@attrs.define(kw_only=True, eq=False)
class Wallet(Record):
    """Prepaid credits of a customer."""

    customer: Customer
    code: str
    name: str | None
    currency: str
    rate_amount: Decimal
    priority: int
    expiration_at: datetime | None
    invoice_requires_successful_payment: bool
    fee_types: list[str]
    metric_codes: list[str]
    top_up_min_cents: int | None
    top_up_max_cents: int | None
    purchase_order_number: str | None
    payment_method_type: str = "provider"
    payment_method_id: str | None = None
    rules: list[RecurringRule] = attrs.field(factory=list[RecurringRule])
    metadata: JsonObject | None = None
    balance_cents: int = 0
    consumed_cents: int = 0
    synced_at: datetime | None = None
    consumed_at: datetime | None = None
    terminated_at: datetime | None = None
    transactions: "list[WalletTransaction]" = attrs.field(factory=list["WalletTransaction"])


@attrs.define(kw_only=True, eq=False)
class WalletTransaction(Record):
    """Credits that come into a wallet or leave it."""

    wallet: Wallet
    transaction_type: str
    transaction_status: str
    credits: Decimal
    amount_cents: int
    name: str | None = None
    status: str = "settled"
    metadata: list[Json] = attrs.field(factory=list[Json])
    priority: int = 50
    remaining_cents: int | None = None
    invoice_requires_successful_payment: bool = False
    settled_at: datetime | None = None
    failed_at: datetime | None = None
    invoice: Invoice | None = None
    purchase_order_number: str | None = None


@attrs.define(kw_only=True, eq=False)
class Consumption(Record):
    """How much of an inbound transaction an outbound one took."""

    inbound: WalletTransaction
    outbound: WalletTransaction
    amount_cents: int
