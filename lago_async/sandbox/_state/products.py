"""The product catalogue: products with their filters, and rate cards with their prices over time. It is not billed."""

from datetime import datetime
from decimal import Decimal

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class ProductCategory(Record):
    """A group of products."""

    code: str
    name: str
    description: str | None
    invoice_display_name: str | None
    updated_at: datetime


@attrs.define(kw_only=True, eq=False)
class ProductFilter(Record):
    """A slice of a product's usage. A value of None stands for all values of its key."""

    code: str
    name: str
    description: str | None
    invoice_display_name: str | None
    updated_at: datetime
    values: list[tuple[str, str | None]]


@attrs.define(kw_only=True, eq=False)
class Product(Record):
    """A product: the usage of a metric, or a fixed item."""

    code: str
    name: str
    description: str | None
    invoice_display_name: str | None
    updated_at: datetime
    product_type: str
    category: ProductCategory | None
    metric: BillableMetric | None
    filters: list[ProductFilter] = attrs.field(factory=list[ProductFilter])


@attrs.define(kw_only=True, eq=False)
class RateCardRate(Record):
    """The price of a rate card from a time on."""

    code: str
    updated_at: datetime
    effective_from: datetime
    rate_model: str
    rate_properties: JsonObject
    min_amount_cents: int
    interval_count: int
    interval_unit: str
    conversion_rate: Decimal | None


@attrs.define(kw_only=True, eq=False)
class RateCard(Record):
    """The prices of a product, or of one of its filters."""

    code: str
    name: str
    description: str | None
    updated_at: datetime
    product: Product
    product_filter: ProductFilter | None
    currency: str
    billing_timing: str
    proration: bool
    display_on_invoice: bool
    regroup_paid_fees: str
    applied_pricing_unit_code: str | None
    wallet_targetable: bool | None
    rates: list[RateCardRate] = attrs.field(factory=list[RateCardRate])

    def active_rate(self, now: datetime) -> RateCardRate | None:
        """Return the latest rate that is effective."""
        effective = [rate for rate in self.rates if rate.effective_from <= now]
        return max(effective, key=lambda rate: rate.effective_from, default=None)


@attrs.define(kw_only=True, eq=False)
class PlanRateCard(Record):
    """A rate card on a plan."""

    plan: Plan
    card: RateCard
    units: Decimal | None
    updated_at: datetime
