"""Coupons, and coupons on customers."""

from datetime import datetime
from decimal import Decimal

import attrs

from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Coupon(Record):
    """A discount for customers."""

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
