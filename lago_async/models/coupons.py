"""Models of coupons and of coupons applied to customers."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
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
        reusable: A customer may have it several times.
        limited_plans: Holds for the plans in ``plan_codes`` only.
        limited_billable_metrics: Holds for the metrics in ``billable_metric_codes`` only.
        percentage_rate: The discount in percent; None for a fixed amount.
        frequency_duration: Billing periods that a ``recurring`` one lasts.
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
    """What a coupon holds for: plans or billable metrics, not both."""

    plan_codes: list[str] | None | UnsetType = UNSET
    billable_metric_codes: list[str] | None | UnsetType = UNSET


@input_model
class CouponInput:
    """A coupon to create.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``, for a fixed amount.
        reusable: Whether a customer may have it several times, as they may unless given.
        percentage_rate: The discount in percent, for a percentage.
        frequency_duration: Billing periods that a ``recurring`` one lasts.
        expiration_at: For ``time_limit``.
        applies_to: Everything, unless given.
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
    expiration_at: Timestamp | None | UnsetType = UNSET
    applies_to: CouponLimitsInput | None | UnsetType = UNSET


@input_model
class CouponUpdateInput:
    """What to change of a coupon; one that was applied keeps its value.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``, for a fixed amount.
        reusable: Whether a customer may have it several times, as they may unless given.
        percentage_rate: The discount in percent, for a percentage.
        frequency_duration: Billing periods that a ``recurring`` one lasts.
        expiration_at: For ``time_limit``.
        applies_to: Everything, unless given.
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
    expiration_at: Timestamp | None | UnsetType = UNSET
    applies_to: CouponLimitsInput | None | UnsetType = UNSET


@response_model
class AppliedCoupon:
    """A coupon as applied to one customer.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``; None for a percentage.
        amount_cents_remaining: Cents still to be used up; only for a fixed amount with frequency ``once``.
        percentage_rate: The discount in percent; None for a fixed amount.
        frequency_duration: Billing periods that a ``recurring`` coupon lasts.
        frequency_duration_remaining: Billing periods that it still lasts.
        credits: What it has taken off so far; sent in lists only.
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
    """A coupon to apply to a customer; what is not given is as in the coupon.

    Attributes:
        external_customer_id: Your id of the customer.
        frequency_duration: Billing periods that a ``recurring`` one lasts.
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
