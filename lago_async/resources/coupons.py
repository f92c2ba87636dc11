"""Coupons, and applying them to customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        AppliedCoupon,
        AppliedCouponInput,
        AppliedCouponStatus,
        Coupon,
        CouponInput,
        CouponUpdateInput,
        Open,
    )

__all__ = ["Coupons"]


class Coupons(Resource):
    """Coupons, and applying them to customers."""

    @post("create_coupon", "/coupons", root="coupon")
    async def create(self, coupon: CouponInput | Mapping[str, object], /) -> Coupon:
        """Create a coupon.

        Args:
            coupon: A ``CouponInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plans_not_found`` or ``billable_metrics_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...
            NotAllowedError: ``only_one_limitation_type_per_coupon_allowed``: plans or billable metrics, not both.

        API operation: createCoupon.
        """

    @get("find_coupon", "/coupons/{code}", root="coupon")
    async def find(self, code: str) -> Coupon:
        """Find a coupon by its code.

        Raises:
            NotFoundError: ``coupon_not_found``.

        API operation: findCoupon.
        """

    @get("find_all_coupons", "/coupons", root="coupons")
    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> AsyncPager[Coupon]:
        """List coupons, the newest first.

        Args:
            page: Number of the page to begin with.
            per_page: Items on a page, 100 unless given.

        API operation: findAllCoupons.
        """

    @put("update_coupon", "/coupons/{code}", root="coupon")
    async def update(self, code: str, coupon: CouponUpdateInput | Mapping[str, object], /) -> Coupon:
        """Change a coupon; what is not given stays as it is.

        Args:
            code: The code of the coupon.
            coupon: A ``CouponUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``coupon_not_found`` or ``plans_not_found`` or ``billable_metrics_not_found``.
            ValidationError: A field was refused.
            NotAllowedError: ``only_one_limitation_type_per_coupon_allowed``: plans or billable metrics, not both.

        API operation: updateCoupon.
        """

    @delete("destroy_coupon", "/coupons/{code}", root="coupon")
    async def destroy(self, code: str) -> Coupon:
        """Delete a coupon, and return it as it was. Where it was applied, it ends.

        Raises:
            NotFoundError: ``coupon_not_found``.

        API operation: destroyCoupon.
        """

    @post("apply_coupon", "/applied_coupons", root="applied_coupon")
    async def apply(self, applied_coupon: AppliedCouponInput | Mapping[str, object], /) -> AppliedCoupon:
        """Apply a coupon to a customer.

        Every call applies a reusable coupon once more.

        Args:
            applied_coupon: An ``AppliedCouponInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``coupon_not_found``, for one that has ended, too.
            NotAllowedError: ``plan_overlapping``: the customer has another coupon for the same plans.
            ValidationError: ``coupon: coupon_is_not_reusable``, or a field was refused.

        API operation: applyCoupon.
        """

    @get("find_all_applied_coupons", "/applied_coupons", root="applied_coupons")
    def find_all_applied(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: Open[AppliedCouponStatus] | None = None,
        external_customer_id: str | None = None,
        coupon_code: Sequence[str] | None = None,
    ) -> AsyncPager[AppliedCoupon]:
        """List coupons as applied to customers, the newest first, with what they took off.

        An unknown customer has none. ``customers.delete_applied_coupon`` ends one.

        Args:
            page: Number of the page to begin with.
            per_page: Items on a page, 100 unless given.
            status: Active or ended ones; both unless given.
            external_customer_id: Only this customer, by your id.
            coupon_code: Any of these coupons.

        API operation: findAllAppliedCoupons.
        """
