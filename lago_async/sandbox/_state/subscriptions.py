"""Subscriptions, and the periods for which they were billed."""

from datetime import date, datetime
from uuid import uuid4

import attrs

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.features import Entitlements
from lago_async.sandbox._state.periods import Period, period_at
from lago_async.sandbox._state.plans import Plan, UsageThreshold
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class UsagePeriod(Record):
    """A billed period, as past usage lists it. Its JSON is computed once and stays as it is."""

    charges_from: datetime
    head: bytes
    charges: list[tuple[str, bytes]]

    def json(self, metric_code: str | None) -> bytes:
        """Return the whole item, or with the charges of one metric only."""
        charges = (text for code, text in self.charges if metric_code in {None, code})
        return self.head + b",".join(charges) + b"]}"


@attrs.define(kw_only=True, eq=False)
class Subscription(Record):
    """A customer's subscription to a plan."""

    external_id: str
    customer: Customer
    plan: Plan
    name: str | None
    billing_time: str
    subscription_at: datetime
    status: str = "pending"
    started_at: datetime | None = None
    ending_at: datetime | None = None
    terminated_at: datetime | None = None
    canceled_at: datetime | None = None
    billed_until: datetime | None = None
    previous: "Subscription | None" = None
    next: "Subscription | None" = None
    on_termination_credit_note: str | None = None
    on_termination_invoice: str = "generate"
    purchase_order_number: str | None = None
    consolidate_invoice: bool = True
    payment_method_type: str = "provider"
    payment_method_id: str | None = None
    periods: list[UsagePeriod] = attrs.field(factory=list[UsagePeriod])
    progressive_billing_disabled: bool = False
    usage_thresholds: list[UsageThreshold] = attrs.field(factory=list[UsageThreshold])
    entitlements: Entitlements = attrs.field(factory=dict[str, dict[str, Json]])
    removed_entitlements: set[tuple[str, str | None]] = attrs.field(factory=set[tuple[str, str | None]])
    historical_usage_cents: int = 0
    lifetime_usage_id: str = attrs.field(factory=lambda: str(uuid4()))

    @property
    def anchor(self) -> date | None:
        """The day from which anniversary periods are counted."""
        if self.billing_time == "calendar":
            return None
        return self.subscription_at.astimezone(self.customer.zone).date()

    def period_at(self, at: datetime, interval: str) -> Period:
        """Return the period of this subscription that contains ``at``."""
        return period_at(at, interval, self.customer.zone, self.anchor)

    def charges_period_at(self, at: datetime) -> Period:
        """Return the period whose usage is billed together; the first one begins with the subscription."""
        period = self.period_at(at, self.plan.charges_interval)
        if self.started_at is not None and period.start < self.started_at:
            return Period(self.started_at, period.end)
        return period
