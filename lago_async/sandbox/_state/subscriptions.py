"""Subscriptions, and the periods for which they were billed."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import attrs

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.features import Entitlements
from lago_async.sandbox._state.periods import MONTHS, Period, local_date, period_at
from lago_async.sandbox._state.plans import Plan, UsageThreshold
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class UsagePeriod(Record):
    """A billed period, as past usage lists it. Its JSON is computed once for each computation of its invoice."""

    charges_from: datetime
    head: bytes
    charges: list[tuple[str, bytes]]

    def json(self, metric_code: str | None) -> bytes:
        """Return the whole item, or with the charges of one metric only."""
        charges = (text for code, text in self.charges if metric_code in {None, code})
        return self.head + b",".join(charges) + b"]}"


@attrs.define(kw_only=True, eq=False)
class UnitsEvent(Record):
    """From ``timestamp`` on, a fixed charge has these units."""

    fixed_charge_id: str
    timestamp: datetime
    units: Decimal


def yearly_cents(plan: Plan) -> int:
    """Return the price of a plan per year: a change to a plan that is at least as expensive is an upgrade."""
    per_year = 52 if plan.interval == "weekly" else 12 // MONTHS[plan.interval]
    return plan.amount_cents * per_year


@attrs.define(kw_only=True, eq=False)
class Subscription(Record):
    """A customer's subscription to a plan. An external id may have several, one after the other."""

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
    trial_ended_at: datetime | None = None
    previous: "Subscription | None" = None
    next: "Subscription | None" = None
    first_life: "Subscription | None" = None
    on_termination_credit_note: str | None = None
    on_termination_invoice: str = "generate"
    purchase_order_number: str | None = None
    consolidate_invoice: bool = True
    payment_method_type: str = "provider"
    payment_method_id: str | None = None
    fixed_units: list[UnitsEvent] = attrs.field(factory=list[UnitsEvent])
    progressive_billing_disabled: bool = False
    usage_thresholds: list[UsageThreshold] = attrs.field(factory=list[UsageThreshold])
    reached_thresholds: list[tuple[UsageThreshold, datetime, int]] = attrs.field(
        factory=list[tuple[UsageThreshold, datetime, int]]
    )
    entitlements: Entitlements = attrs.field(factory=dict[str, dict[str, Json]])
    removed_entitlements: set[tuple[str, str | None]] = attrs.field(factory=set[tuple[str, str | None]])
    historical_usage_cents: int = 0
    ending_told: date | None = None  # the day on which its end was told in advance
    lifetime_usage_id: str = attrs.field(factory=lambda: str(uuid4()))

    @property
    def anchor(self) -> date | None:
        """The day from which anniversary periods are counted."""
        if self.billing_time == "calendar":
            return None
        return local_date(self.subscription_at, self.customer.zone)

    @property
    def following(self) -> "Subscription | None":
        """The subscription that takes this one's place, or has taken it."""
        return None if self.next is None or self.next.status == "canceled" else self.next

    @property
    def upgraded(self) -> bool:
        """Whether it makes room for a plan that is at least as expensive."""
        return self.following is not None and yearly_cents(self.plan) <= yearly_cents(self.following.plan)

    @property
    def downgraded(self) -> bool:
        """Whether it makes room for a cheaper plan."""
        return self.following is not None and not self.upgraded

    @property
    def started_in_past(self) -> bool:
        """Whether it began on a day before it was created."""
        return self.started_at is not None and self.started_at.date() < self.created_at.date()

    @property
    def initial_started_at(self) -> datetime:
        """The start of the first subscription with this external id."""
        first = None if self.first_life is None else self.first_life.started_at
        return first or self.started_at or self.subscription_at

    @property
    def trial_end(self) -> datetime | None:
        """The end of the free trial; None if the plan has none."""
        days = self.plan.trial_period
        return self.initial_started_at + timedelta(days=days) if days else None

    def in_trial(self, now: datetime) -> bool:
        """Return whether the free trial runs."""
        if self.trial_ended_at is not None or self.initial_started_at > now:
            return False
        return self.trial_end is not None and self.trial_end > now

    def terminated_by(self, at: datetime) -> bool:
        """Return whether it has ended at this second."""
        ended = self.terminated_at
        return self.status == "terminated" and ended is not None and _whole(ended) <= _whole(at)

    def period_at(self, at: datetime, interval: str) -> Period:
        """Return the period of this subscription that contains ``at``."""
        return period_at(at, interval, self.customer.zone, self.anchor)


def _whole(at: datetime) -> datetime:
    """Round to the second."""
    return (at + timedelta(microseconds=500_000)).replace(microsecond=0)
