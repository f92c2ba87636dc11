"""What the sandbox remembers: its clock, and one record per object of the API."""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import count
from typing import Generic, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import attrs

from lago_async.sandbox.periods import Period, period_at
from lago_async.sandbox.wire import Json, JsonObject

_order = count()


@attrs.define(kw_only=True, eq=False)
class Record:
    """What every object has. ``order`` breaks ties of ``created_at``, for the clock stands still between advances."""

    created_at: datetime
    lago_id: str = attrs.field(factory=lambda: str(uuid4()))
    order: int = attrs.field(factory=lambda: next(_order))
    deleted_at: datetime | None = None


@attrs.define(kw_only=True, eq=False)
class Tax(Record):
    """A tax, in percent."""

    code: str
    name: str
    rate: Decimal
    description: str | None
    applied_to_organization: bool


@attrs.define(kw_only=True, eq=False)
class BillableMetric(Record):
    """How events become units."""

    code: str
    name: str
    description: str | None
    aggregation_type: str
    field_name: str | None
    recurring: bool
    rounding_function: str | None
    rounding_precision: int | None
    filters: dict[str, list[str]]


@attrs.define(kw_only=True, eq=False)
class ChargeFilter(Record):
    """A price of its own for the events with these property values."""

    invoice_display_name: str | None
    properties: JsonObject
    values: dict[str, list[str]]

    @property
    def display_name(self) -> str:
        """Its name on the invoice; the values where it has none."""
        return self.invoice_display_name or ", ".join(value for values in self.values.values() for value in values)


@attrs.define(kw_only=True, eq=False)
class Charge(Record):
    """How units of one metric become money."""

    code: str
    metric: BillableMetric
    charge_model: str
    invoice_display_name: str | None
    pay_in_advance: bool
    invoiceable: bool
    regroup_paid_fees: str | None
    prorated: bool
    min_amount_cents: int
    accepts_target_wallet: bool
    properties: JsonObject
    filters: list[ChargeFilter]
    taxes: list[Tax]


@attrs.define(kw_only=True, eq=False)
class Plan(Record):
    """What a subscription costs."""

    code: str
    name: str
    invoice_display_name: str | None
    description: str | None
    interval: str
    amount_cents: int
    amount_currency: str
    trial_period: float | None
    pay_in_advance: bool
    bill_charges_monthly: bool | None
    bill_fixed_charges_monthly: bool | None
    minimum_commitment: JsonObject | None
    metadata: Mapping[str, Json] | None
    charges: list[Charge]
    taxes: list[Tax]

    @property
    def charges_interval(self) -> str:
        """The interval in which usage is billed, which may be shorter than the plan's own."""
        return "monthly" if self.bill_charges_monthly and self.interval in {"yearly", "semiannual"} else self.interval


@attrs.define(kw_only=True, eq=False)
class Metadata(Record):
    """One key and value on a customer."""

    key: str
    value: str
    display_in_invoice: bool


@attrs.define(kw_only=True, eq=False)
class Customer(Record):
    """A customer. ``columns`` holds the plain attributes under their names on the wire."""

    external_id: str
    sequential_id: int
    slug: str
    updated_at: datetime
    billing_entity_code: str
    columns: dict[str, Json]
    shipping: dict[str, Json]
    billing: dict[str, Json]
    provider: dict[str, Json] | None = None
    metadata: list[Metadata] = attrs.field(factory=list[Metadata])
    taxes: list[Tax] = attrs.field(factory=list[Tax])

    @property
    def applicable_timezone(self) -> str:
        """Its own, or the billing entity's, which is UTC."""
        own = self.columns.get("timezone")
        return own if isinstance(own, str) else "UTC"

    @property
    def zone(self) -> tzinfo:
        """The time zone its periods begin in."""
        name = self.applicable_timezone
        return UTC if name == "UTC" else ZoneInfo(name)

    @property
    def currency(self) -> str | None:
        """Its currency, once there is one."""
        own = self.columns.get("currency")
        return own if isinstance(own, str) else None


@attrs.define(kw_only=True, eq=False)
class UsagePeriod(Record):
    """A billed period: what past usage lists. Its JSON is computed once and stays as it is."""

    charges_from: datetime
    head: bytes
    charges: list[tuple[str, bytes]]

    def json(self, metric_code: str | None) -> bytes:
        """The whole element, or with the charges of one metric only."""
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

    @property
    def anchor(self) -> date | None:
        """The day anniversary periods are counted from."""
        if self.billing_time == "calendar":
            return None
        return self.subscription_at.astimezone(self.customer.zone).date()

    def period_at(self, moment: datetime, interval: str) -> Period:
        """The period of this subscription that holds ``moment``."""
        return period_at(moment, interval, self.customer.zone, self.anchor)

    def charges_period_at(self, moment: datetime) -> Period:
        """The period whose usage is billed together; the first begins when the subscription does."""
        period = self.period_at(moment, self.plan.charges_interval)
        if self.started_at is not None and period.start < self.started_at:
            return Period(self.started_at, period.end)
        return period


@attrs.define(kw_only=True, eq=False)
class Coupon(Record):
    """A discount that customers may be given."""

    code: str
    name: str
    description: str | None
    coupon_type: str
    amount_cents: int | None
    amount_currency: str | None
    percentage_rate: Decimal | None
    reusable: bool
    frequency: str
    frequency_duration: int | None
    expiration: str
    expiration_at: datetime | None
    limited_plans: bool
    plan_codes: list[str]
    limited_billable_metrics: bool
    billable_metric_codes: list[str]
    terminated_at: datetime | None = None


@attrs.define(kw_only=True, eq=False)
class AppliedCoupon(Record):
    """A coupon on a customer."""

    coupon: Coupon
    customer: Customer
    amount_cents: int | None
    amount_currency: str | None
    percentage_rate: Decimal | None
    frequency: str
    frequency_duration: int | None
    frequency_duration_remaining: int | None
    terminated_at: datetime | None = None


@attrs.define(kw_only=True, eq=False)
class Event(Record):
    """One ingested event."""

    transaction_id: str
    external_subscription_id: str | None
    code: str
    timestamp: datetime
    properties: JsonObject
    precise_total_amount_cents: str | None


_Kind = TypeVar("_Kind", bound=Record)


class Collection(Generic[_Kind]):
    """The records of one resource: found by their key while they are kept, counted for ever."""

    def __init__(self, key: Callable[[_Kind], str]) -> None:
        self._key = key
        self._kept: dict[str, _Kind] = {}
        self.ever_added = 0

    def __iter__(self) -> Iterator[_Kind]:
        return iter(self._kept.values())

    def add(self, record: _Kind) -> None:
        """Keep a record whose key is free."""
        self.ever_added += 1
        self._kept[self._key(record)] = record

    def find(self, key: str | None) -> _Kind | None:
        """The kept record with this key."""
        return None if key is None else self._kept.get(key)

    def discard(self, record: _Kind, at: datetime) -> None:
        """Delete softly: the record is no longer found, and its key is free again."""
        record.deleted_at = at
        del self._kept[self._key(record)]

    def newest_first(self) -> list[_Kind]:
        """The kept records in the order lists have."""
        return sorted(self, key=lambda record: (record.created_at, record.order), reverse=True)


class _Timeline:
    """The events of one subscription and metric. They mostly come in order, so sorting waits until somebody looks."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._sorted = True

    def add(self, event: Event) -> None:
        if self._events and event.timestamp < self._events[-1].timestamp:
            self._sorted = False
        self._events.append(event)

    def between(self, start: datetime, end: datetime) -> list[Event]:
        if not self._sorted:
            self._events.sort(key=_timestamp)
            self._sorted = True
        return self._events[
            bisect_left(self._events, start, key=_timestamp) : bisect_left(self._events, end, key=_timestamp)
        ]


def _timestamp(event: Event) -> datetime:
    return event.timestamp


class EventLog:
    """All events, by subscription and metric code; neither has to exist for an event to be taken."""

    def __init__(self) -> None:
        self._timelines: defaultdict[tuple[str | None, str], _Timeline] = defaultdict(_Timeline)
        self._seen: set[tuple[str | None, str]] = set()

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, event: Event) -> None:
        """Keep an event that is new."""
        self._seen.add((event.external_subscription_id, event.transaction_id))
        self._timelines[event.external_subscription_id, event.code].add(event)

    def holds(self, external_subscription_id: str | None, transaction_id: str) -> bool:
        """Whether this transaction has been sent for this subscription before."""
        return (external_subscription_id, transaction_id) in self._seen

    def between(self, external_subscription_id: str, code: str, start: datetime, end: datetime) -> list[Event]:
        """Events from ``start`` up to, and without, ``end``, in order of time."""
        timeline = self._timelines.get((external_subscription_id, code))
        return [] if timeline is None else timeline.between(start, end)


class Store:
    """The whole state. Whoever reads or writes it holds ``lock``."""

    def __init__(self, *, now: datetime, premium: bool, front_url: str, payment_providers: Mapping[str, str]) -> None:
        self.lock = threading.RLock()
        self.now = now
        self.premium = premium
        self.front_url = front_url
        self.payment_providers = dict(payment_providers)
        self.organization_id = str(uuid4())
        self.document_number_prefix = f"SAN-{self.organization_id[-4:].upper()}"
        self.billing_entity_code = "sandbox"
        self.taxes = Collection[Tax](lambda tax: tax.code)
        self.billable_metrics = Collection[BillableMetric](lambda metric: metric.code)
        self.plans = Collection[Plan](lambda plan: plan.code)
        self.coupons = Collection[Coupon](lambda coupon: coupon.code)
        self.customers = Collection[Customer](lambda customer: customer.external_id)
        self.applied_coupons: dict[str, AppliedCoupon] = {}
        self.subscriptions: defaultdict[str, list[Subscription]] = defaultdict(list)
        self.events = EventLog()

    def all_subscriptions(self) -> Iterator[Subscription]:
        """Every subscription there has been."""
        for subscriptions in self.subscriptions.values():
            yield from subscriptions

    def subscription(self, external_id: str | None, status: str) -> Subscription | None:
        """The subscription of that id and status; of several active ones the one started last."""
        found = [each for each in self.subscriptions.get(external_id or "", ()) if each.status == status]
        return max(found, key=lambda each: (each.started_at or each.created_at, each.order), default=None)

    def organization_taxes(self) -> list[Tax]:
        """The taxes of everything that has no taxes of its own."""
        return [tax for tax in self.taxes if tax.applied_to_organization]
