"""Wallets and their transactions."""

from datetime import datetime
from decimal import Decimal

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class RecurringRule(Record):
    """A rule for topping up a wallet, on certain days or when its balance is low. ``values`` are as it is shown."""

    values: JsonObject
    started_at: datetime | None = None
    expiration_at: datetime | None = None
    applied_at: datetime | None = None

    def active(self, now: datetime) -> bool:
        """Return whether it has not expired."""
        return self.expiration_at is None or self.expiration_at > now

    def text(self, name: str) -> str | None:
        """Return a value that is a text."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> Decimal:
        """Return a value that is a decimal; zero if there is none."""
        return Decimal(self.text(name) or 0)

    def flag(self, name: str) -> bool:
        """Return a value that is a boolean."""
        return self.values.get(name) is True


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
    credits: Decimal = Decimal(0)
    consumed_cents: int = 0
    consumed_credits: Decimal = Decimal(0)
    synced_at: datetime | None = None
    consumed_at: datetime | None = None
    terminated_at: datetime | None = None
    # As the last refresh has seen it: usage that is not invoiced yet, and what it leaves of the balance.
    ongoing_usage_cents: int = 0
    ongoing_cents: int = 0
    depleted: bool = False  # whether the ongoing balance is used up
    transactions: "list[WalletTransaction]" = attrs.field(factory=list["WalletTransaction"])


@attrs.define(kw_only=True, eq=False)
class WalletTransaction(Record):
    """Credits that enter or leave a wallet."""

    wallet: Wallet
    transaction_type: str
    transaction_status: str
    credits: Decimal
    amount_cents: int
    name: str | None = None
    status: str = "settled"
    source: str = "manual"
    metadata: list[Json] = attrs.field(factory=list[Json])
    priority: int = 50
    remaining_cents: int | None = None
    invoice_requires_successful_payment: bool = False
    settled_at: datetime | None = None
    failed_at: datetime | None = None
    invoice: Invoice | None = None
    purchase_order_number: str | None = None
    payment_method_type: str = "provider"
    payment_method_id: str | None = None


@attrs.define(kw_only=True, eq=False)
class Consumption(Record):
    """The amount of an inbound transaction that an outbound one consumed."""

    inbound: WalletTransaction
    outbound: WalletTransaction
    amount_cents: int
