"""What the sandbox remembers of the catalogue, of customers and of what they use: one record per object of the API."""

from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import count
from typing import TypeAlias
from uuid import uuid4
from zoneinfo import ZoneInfo

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.periods import Period, period_at

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
    parent_id: str | None = None


@attrs.define(kw_only=True, eq=False)
class AddOn(Record):
    """Something that is sold once, or with every period."""

    code: str
    name: str
    invoice_display_name: str | None
    description: str | None
    amount_cents: int
    amount_currency: str
    taxes: list[Tax]


@attrs.define(kw_only=True, eq=False)
class FixedCharge(Record):
    """Units of an add-on that a plan bills with every period."""

    code: str
    add_on: AddOn
    charge_model: str
    invoice_display_name: str | None
    pay_in_advance: bool
    prorated: bool
    units: Decimal
    properties: JsonObject
    taxes: list[Tax]
    parent_id: str | None = None


@attrs.define(kw_only=True, eq=False)
class UsageThreshold(Record):
    """An amount of usage that a plan or a subscription watches. It is kept and shown, never billed."""

    amount_cents: int
    display_name: str | None
    recurring: bool


@attrs.define(kw_only=True, eq=False)
class Privilege(Record):
    """What a feature can be set to."""

    code: str
    name: str | None
    value_type: str
    select_options: list[str]


@attrs.define(kw_only=True, eq=False)
class Feature(Record):
    """Something that plans and subscriptions entitle to."""

    code: str
    name: str | None
    description: str | None
    privileges: dict[str, Privilege]


Entitlements: TypeAlias = dict[str, dict[str, Json]]
"""Feature codes, and for each the values of its privileges."""


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
    metadata: JsonObject | None
    charges: list[Charge]
    taxes: list[Tax]
    fixed_charges: list[FixedCharge] = attrs.field(factory=list[FixedCharge])
    usage_thresholds: list[UsageThreshold] = attrs.field(factory=list[UsageThreshold])
    entitlements: Entitlements = attrs.field(factory=dict[str, dict[str, Json]])
    parent: "Plan | None" = None

    @property
    def original(self) -> "Plan":
        """The plan that a subscription's own version was made of, or the plan itself."""
        return self.parent or self

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
    progressive_billing_disabled: bool = False
    usage_thresholds: list[UsageThreshold] = attrs.field(factory=list[UsageThreshold])
    entitlements: Entitlements = attrs.field(factory=dict[str, dict[str, Json]])
    removed_entitlements: set[tuple[str, str | None]] = attrs.field(factory=set[tuple[str, str | None]])
    historical_usage_cents: int = 0
    lifetime_usage_id: str = attrs.field(factory=lambda: str(uuid4()))

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
    used_cents: int = 0


@attrs.define(kw_only=True, eq=False)
class Alert(Record):
    """Thresholds that a subscription's usage or a wallet's balance is watched for. Alerts are kept, never triggered."""

    code: str
    name: str | None
    alert_type: str
    metric: BillableMetric | None
    thresholds: list[JsonObject]


@attrs.define(kw_only=True, eq=False)
class ApiLog(Record):
    """One request that changed something, as the log of requests keeps it."""

    request_id: str
    client: str
    http_method: str
    http_status: int
    request_body: str
    request_path: str
    request_response: str


@attrs.define(kw_only=True, eq=False)
class Thing(Record):
    """An object without behaviour: its fields as they are on the wire."""

    values: JsonObject


@attrs.define(kw_only=True, eq=False)
class Event(Record):
    """One ingested event."""

    transaction_id: str
    external_subscription_id: str | None
    code: str
    timestamp: datetime
    properties: JsonObject
    precise_total_amount_cents: str | None
