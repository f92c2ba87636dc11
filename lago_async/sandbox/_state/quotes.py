"""Quotes, their versions, order forms and orders."""

from datetime import datetime

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.subscriptions import Subscription


@attrs.define(kw_only=True, eq=False)
class QuoteVersion(Record):
    """A version of a quote. ``number`` is 1 for the first one."""

    quote: "Quote"
    number: int
    updated_at: datetime
    currency: str | None
    content: str | None
    billing_items: Json
    status: str = "draft"
    void_reason: str | None = None
    approved_at: datetime | None = None
    voided_at: datetime | None = None

    def void(self, reason: str, at: datetime) -> None:
        """Void the version; its approval no longer counts."""
        self.status, self.void_reason = "voided", reason
        self.approved_at, self.voided_at, self.updated_at = None, at, at


@attrs.define(kw_only=True, eq=False)
class Quote(Record):
    """An offer to a customer. ``owners`` are the ids of its owners, each with an email address."""

    number: str
    order_type: str
    customer: Customer
    subscription: Subscription | None
    updated_at: datetime
    owners: dict[str, str]
    versions: list[QuoteVersion] = attrs.field(factory=list[QuoteVersion])

    @property
    def current(self) -> QuoteVersion:
        """The newest version."""
        return self.versions[-1]


@attrs.define(kw_only=True, eq=False)
class OrderForm(Record):
    """The form of an approved version."""

    number: str
    version: QuoteVersion
    updated_at: datetime
    expires_at: datetime | None
    status: str = "generated"
    void_reason: str | None = None
    signed_at: datetime | None = None
    voided_at: datetime | None = None
    document_name: str | None = None

    def void(self, status: str, reason: str, at: datetime) -> None:
        """Void the form, and with it the version of its quote."""
        self.status, self.void_reason, self.voided_at, self.updated_at = status, reason, at, at
        self.version.void("cascade_of_expired" if status == "expired" else "cascade_of_voided", at)


@attrs.define
class Executed:
    """The ids of everything that the execution of an order has made."""

    invoice_id: str | None = None
    subscription_ids: list[str] = attrs.field(factory=list[str])
    terminated_subscription_ids: list[str] = attrs.field(factory=list[str])
    applied_coupon_ids: list[str] = attrs.field(factory=list[str])
    wallet_ids: list[str] = attrs.field(factory=list[str])


@attrs.define(kw_only=True, eq=False)
class Order(Record):
    """A signed form. ``billing_snapshot`` holds the items as they were signed."""

    number: str
    form: OrderForm
    updated_at: datetime
    billing_snapshot: JsonObject
    execution_mode: str | None
    status: str = "created"
    execute_at: datetime | None = None
    executed_at: datetime | None = None
    created: Executed = attrs.field(factory=Executed)
    errors: list[str] = attrs.field(factory=list[str])
