"""Plans, with their charges, fixed charges and usage thresholds."""

from decimal import Decimal

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import AddOn, BillableMetric, Tax
from lago_async.sandbox._state.features import Entitlements
from lago_async.sandbox._state.record import Record

ALL_FILTER_VALUES = "__ALL_FILTER_VALUES__"
"""What a filter has in the place of the values of a key if it accepts them all."""


@attrs.define(kw_only=True, eq=False)
class ChargeFilter(Record):
    """A separate price for the events with these property values."""

    invoice_display_name: str | None
    properties: JsonObject
    values: dict[str, list[str]]

    @property
    def display_name(self) -> str:
        """Its name on the invoice, or else its values; the key of one that takes all values."""
        words = ([key] if values == [ALL_FILTER_VALUES] else values for key, values in self.values.items())
        return self.invoice_display_name or ", ".join(word for values in words for word in values)


@attrs.define(kw_only=True, eq=False)
class Charge(Record):
    """The price of the units of one metric."""

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
    """An amount of usage of a plan or a subscription that is billed when it is reached."""

    amount_cents: int
    display_name: str | None
    recurring: bool


@attrs.define(kw_only=True, eq=False)
class Plan(Record):
    """The price list of a subscription."""

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
        """The common plan that a subscription's own plan was copied from, or the plan itself."""
        return self.parent or self

    @property
    def charges_interval(self) -> str:
        """The interval in which usage is billed; it can be shorter than the plan's own."""
        return "monthly" if self.bill_charges_monthly and self.has_months else self.interval

    @property
    def fixed_charges_interval(self) -> str:
        """The interval in which fixed charges are billed."""
        return "monthly" if self.bill_fixed_charges_monthly and self.has_months else self.interval

    @property
    def has_months(self) -> bool:
        """Whether parts of the plan can be billed monthly, more often than the plan itself."""
        return self.interval in {"yearly", "semiannual"}
