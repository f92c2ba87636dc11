"""Models of coupons and of coupons applied to customers."""

from decimal import Decimal
from typing import Literal

from lago_async.models.base import Open, Timestamp, response_model

__all__ = ["AppliedCoupon", "AppliedCouponStatus", "CouponFrequency", "CouponStatus"]

AppliedCouponStatus = Literal["active", "terminated"]
CouponStatus = Literal["active", "terminated"]
CouponFrequency = Literal["once", "recurring", "forever"]


@response_model
class AppliedCoupon:
    """A coupon as applied to one customer.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``; None for a percentage.
        amount_cents_remaining: Cents still to be used up; only for a fixed amount with frequency ``once``.
        percentage_rate: The discount in percent; None for a fixed amount.
        frequency_duration: Billing periods that a ``recurring`` coupon lasts.
        frequency_duration_remaining: Billing periods that it still lasts.
    """

    lago_id: str
    lago_coupon_id: str
    coupon_code: str
    coupon_name: str
    coupon_description: str | None
    coupon_status: Open[CouponStatus]
    coupon_deleted_at: Timestamp | None
    lago_customer_id: str
    external_customer_id: str
    status: Open[AppliedCouponStatus]
    amount_cents: int | None
    amount_cents_remaining: int | None
    amount_currency: str | None
    percentage_rate: Decimal | None
    frequency: Open[CouponFrequency]
    frequency_duration: int | None
    frequency_duration_remaining: int | None
    expiration_at: Timestamp | None
    created_at: Timestamp
    terminated_at: Timestamp | None
