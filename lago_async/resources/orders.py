"""Orders: signed order forms, which are executed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get, post

if TYPE_CHECKING:
    from lago_async.models import (
        Order,
        OrderExecuteInput,
        OrderExecuteInputDict,
        OrderExecutionMode,
        OrderStatus,
        OrderType,
    )

__all__ = ["Orders"]


class Orders(Resource):
    """Orders: signed order forms, which are executed."""

    @get("find_all_orders", "/orders", root="orders", gates=("order_forms",))
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: Sequence[OrderStatus] | None = None,
        order_type: Sequence[OrderType] | None = None,
        execution_mode: Sequence[OrderExecutionMode] | None = None,
        customer_id: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
        order_form_number: Sequence[str] | None = None,
        quote_number: Sequence[str] | None = None,
        owner_id: Sequence[str] | None = None,
        search_term: str | None = None,
        executed_at_from: datetime | date | None = None,
        executed_at_to: datetime | date | None = None,
    ) -> AsyncPager[Order]:
        """List orders, the newest first.

        Needs the feature flag ``order_forms``.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: Any of these.
            order_type: Any of these.
            execution_mode: Any of these.
            customer_id: Any of these customers, by ``lago_id``.
            number: Any of these numbers.
            order_form_number: Of any of these order forms, by number.
            quote_number: Of any of these quotes, by number.
            owner_id: Of quotes of any of these owners, by ``lago_id``.
            search_term: Part of its number; upper and lower case are equal.
            executed_at_from: Executed at this time or later.
            executed_at_to: Executed at this time or earlier.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllOrders.
        """

    @get("find_order", "/orders/{lago_id}", root="order", gates=("order_forms",))
    async def find(self, lago_id: str) -> Order:
        """Find an order.

        Needs the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``order_not_found``.

        API operation: findOrder.
        """

    @post(
        "execute_order", "/orders/{lago_id}/execute", root="order", gates=("premium", "order_forms"), risk="moves_money"
    )
    async def execute(self, lago_id: str, how: OrderExecuteInput | OrderExecuteInputDict | None = None, /) -> Order:
        """Execute an order: the server creates its invoice, or its subscriptions, coupons and wallets.

        Needs a premium licence and the feature flag ``order_forms``.

        ``execution_record`` of the result names what was created. The client never repeats this call by itself. If the
        execution fails, nothing is created, the order has the status ``failed``, and it can be executed again.

        Args:
            lago_id: The ``lago_id`` of the order.
            how: An ``OrderExecuteInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``order_not_found``; or ``plan_not_found``, ``coupon_not_found`` or ``add_on_not_found``: an
                item is gone, and the order failed.
            NotAllowedError: ``plan_overlapping``: a coupon of the order cannot be applied, and the order failed.
            ValidationError: ``execution_mode: value_is_mandatory``: neither the call nor the order has one;
                ``status: not_editable``: it was executed in another mode; ``lock_acquisition_failed``: another call
                works on it.

        API operation: executeOrder.
        """
