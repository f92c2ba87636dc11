"""Rate cards of products, and their rates."""

from datetime import datetime
from decimal import Decimal

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.products import CatalogueRecord, Product, ProductFilter
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Rate(Record):
    """The price of a rate card from ``effective_from`` on."""

    code: str
    effective_from: datetime
    rate_model: str
    rate_properties: JsonObject
    min_amount_cents: int
    billing_interval_count: int
    billing_interval_unit: str
    conversion_rate: Decimal | None
    updated_at: datetime


@attrs.define(kw_only=True, eq=False)
class RateCard(CatalogueRecord):
    """The prices of a product, or of one of its filters, in one currency."""

    product: Product
    product_filter: ProductFilter | None
    currency: str
    billing_timing: str
    proration: bool
    display_on_invoice: bool
    regroup_paid_fees: str
    wallet_targetable: bool | None
    rates: list[Rate] = attrs.field(factory=list[Rate])

    def active_rate(self, at: datetime) -> Rate | None:
        """Return the rate that is in effect: the latest that has begun."""
        begun = [rate for rate in self.rates if rate.effective_from <= at]
        return max(begun, key=lambda rate: rate.effective_from, default=None)

    def status(self, rate: Rate, at: datetime) -> str:
        """Return whether a rate is pending, active or terminated."""
        if rate.effective_from > at:
            return "pending"
        return "active" if rate is self.active_rate(at) else "terminated"
