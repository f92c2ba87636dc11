"""Models of coupons and of coupons applied to customers."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime
from lago_async.models.credits import Credit

__all__ = [
    "AppliedCoupon",
    "AppliedCouponInput",
    "AppliedCouponStatus",
    "Coupon",
    "CouponExpiration",
    "CouponFrequency",
    "CouponInput",
    "CouponLimitsInput",
    "CouponStatus",
    "CouponType",
    "CouponUpdateInput",
]

CouponFrequency = Literal["once", "recurring", "forever"]
CouponType = Literal["fixed_amount", "percentage"]
CouponExpiration = Literal["no_expiration", "time_limit"]
CouponStatus = Literal["active", "terminated"]
AppliedCouponStatus = Literal["active", "terminated"]


@response_model
class Coupon:
    """A discount that can be applied to customers.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``; None for a percentage.
        reusable: Whether a customer may have it several times.
        limited_plans: Whether it applies only to the plans in ``plan_codes``.
        limited_billable_metrics: Whether it applies only to the metrics in ``billable_metric_codes``.
        percentage_rate: The discount in percent; None for a fixed amount.
        frequency_duration: Number of billing periods that a ``recurring`` coupon lasts.
    """

    lago_id: str
    name: str
    code: str
    description: str | None
    coupon_type: Open[CouponType]
    amount_cents: int | None
    amount_currency: str | None
    reusable: bool
    limited_plans: bool
    plan_codes: list[str]
    limited_billable_metrics: bool
    billable_metric_codes: list[str]
    percentage_rate: Decimal | None
    frequency: Open[CouponFrequency]
    frequency_duration: int | None
    expiration: Open[CouponExpiration]
    expiration_at: Timestamp | None
    created_at: Timestamp
    terminated_at: Timestamp | None


@input_model
class CouponLimitsInput:
    """The plans or the billable metrics that a coupon applies to, not both."""

    plan_codes: list[str] | None | UnsetType = UNSET
    billable_metric_codes: list[str] | None | UnsetType = UNSET


@input_model
class CouponInput:
    """A coupon to create.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``, for a fixed amount.
        reusable: Whether a customer may have it several times; by default yes.
        percentage_rate: The discount in percent, for a percentage.
        frequency_duration: Number of billing periods that a ``recurring`` coupon lasts.
        expiration_at: Only for ``time_limit``.
        applies_to: By default everything.
    """

    name: str
    code: str
    coupon_type: Open[CouponType]
    frequency: Open[CouponFrequency]
    expiration: Open[CouponExpiration]
    description: str | None | UnsetType = UNSET
    amount_cents: int | None | UnsetType = UNSET
    amount_currency: str | None | UnsetType = UNSET
    reusable: bool | UnsetType = UNSET
    percentage_rate: Decimal | None | UnsetType = UNSET
    frequency_duration: int | None | UnsetType = UNSET
    expiration_at: DateOrDatetime | None | UnsetType = UNSET
    applies_to: CouponLimitsInput | None | UnsetType = UNSET


@input_model
class CouponUpdateInput:
    """Changes to a coupon. A coupon that was applied keeps its value.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``, for a fixed amount.
        reusable: Whether a customer may have it several times; by default yes.
        percentage_rate: The discount in percent, for a percentage.
        frequency_duration: Number of billing periods that a ``recurring`` coupon lasts.
        expiration_at: Only for ``time_limit``.
        applies_to: By default everything.
    """

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    coupon_type: Open[CouponType] | UnsetType = UNSET
    amount_cents: int | None | UnsetType = UNSET
    amount_currency: str | None | UnsetType = UNSET
    reusable: bool | UnsetType = UNSET
    percentage_rate: Decimal | None | UnsetType = UNSET
    frequency: Open[CouponFrequency] | UnsetType = UNSET
    frequency_duration: int | None | UnsetType = UNSET
    expiration: Open[CouponExpiration] | UnsetType = UNSET
    expiration_at: DateOrDatetime | None | UnsetType = UNSET
    applies_to: CouponLimitsInput | None | UnsetType = UNSET


@response_model
class AppliedCoupon:
    """A coupon that was applied to one customer.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``; None for a percentage.
        amount_cents_remaining: The cents that are left; only for a fixed amount with frequency ``once``.
        percentage_rate: The discount in percent; None for a fixed amount.
        frequency_duration: Number of billing periods that a ``recurring`` coupon lasts.
        frequency_duration_remaining: Number of billing periods that are left.
        credits: The discounts that it gave so far; sent only in lists.
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
    credits: list[Credit]


@input_model
class AppliedCouponInput:
    """A coupon to apply to a customer; fields that are not given come from the coupon.

    Attributes:
        external_customer_id: Your id of the customer.
        frequency_duration: Number of billing periods that a ``recurring`` coupon lasts.
        amount_cents: The discount in cents of ``amount_currency``, for a fixed amount.
        percentage_rate: The discount in percent, for a percentage.
    """

    external_customer_id: str
    coupon_code: str
    frequency: Open[CouponFrequency] | None | UnsetType = UNSET
    frequency_duration: int | None | UnsetType = UNSET
    amount_cents: int | None | UnsetType = UNSET
    amount_currency: str | None | UnsetType = UNSET
    percentage_rate: Decimal | None | UnsetType = UNSET
