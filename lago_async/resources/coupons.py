"""Coupons, and their application to customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        AppliedCoupon,
        AppliedCouponInput,
        AppliedCouponInputDict,
        AppliedCouponStatus,
        Coupon,
        CouponInput,
        CouponInputDict,
        CouponUpdateInput,
        CouponUpdateInputDict,
    )

__all__ = ["Coupons"]


class Coupons(Resource):
    """Coupons, and their application to customers."""

    @post("create_coupon", "/coupons", root="coupon")
    async def create(self, coupon: CouponInput | CouponInputDict, /) -> Coupon:
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
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllCoupons.
        """

    @put("update_coupon", "/coupons/{code}", root="coupon")
    async def update(self, code: str, coupon: CouponUpdateInput | CouponUpdateInputDict, /) -> Coupon:
        """Change a coupon; fields that are not given stay as they are.

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
        """Delete a coupon, and return it as it was. It also ends for the customers that have it.

        Raises:
            NotFoundError: ``coupon_not_found``.

        API operation: destroyCoupon.
        """

    @post("apply_coupon", "/applied_coupons", root="applied_coupon", risk="moves_money")
    async def apply(self, applied_coupon: AppliedCouponInput | AppliedCouponInputDict, /) -> AppliedCoupon:
        """Apply a coupon to a customer.

        Every call applies a reusable coupon once more.

        Args:
            applied_coupon: An ``AppliedCouponInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``coupon_not_found``; also for a coupon that has ended.
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
        status: AppliedCouponStatus | None = None,
        external_customer_id: str | None = None,
        coupon_code: Sequence[str] | None = None,
    ) -> AsyncPager[AppliedCoupon]:
        """List the coupons of customers, the newest first, with the discounts that they gave.

        The list is empty for an unknown customer. ``customers.delete_applied_coupon`` ends an applied coupon.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: Active or ended coupons; by default both.
            external_customer_id: Only this customer, by your id.
            coupon_code: Any of these coupons.

        API operation: findAllAppliedCoupons.
        """
