"""Order forms: what customers sign after a quote was approved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get, post

if TYPE_CHECKING:
    from lago_async.models import (
        OrderForm,
        OrderFormMarkAsSignedInput,
        OrderFormMarkAsSignedInputDict,
        OrderFormStatus,
    )

__all__ = ["OrderForms"]


class OrderForms(Resource):
    """Order forms: what customers sign after a quote was approved."""

    @get("find_all_order_forms", "/order_forms", root="order_forms", gates=("order_forms",))
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: Sequence[OrderFormStatus] | None = None,
        customer_id: Sequence[str] | None = None,
        number: Sequence[str] | None = None,
        quote_number: Sequence[str] | None = None,
        owner_id: Sequence[str] | None = None,
        search_term: str | None = None,
        created_at_from: datetime | date | None = None,
        created_at_to: datetime | date | None = None,
        expires_at_from: datetime | date | None = None,
        expires_at_to: datetime | date | None = None,
    ) -> AsyncPager[OrderForm]:
        """List order forms, the newest first.

        Needs the feature flag ``order_forms``.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: Any of these.
            customer_id: Any of these customers, by ``lago_id``.
            number: Any of these numbers.
            quote_number: Of any of these quotes, by number.
            owner_id: Of quotes of any of these owners, by ``lago_id``.
            search_term: Part of its number; upper and lower case are equal.
            created_at_from: Created at this time or later.
            created_at_to: Created at this time or earlier.
            expires_at_from: Expires at this time or later.
            expires_at_to: Expires at this time or earlier.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllOrderForms.
        """

    @get("find_order_form", "/order_forms/{lago_id}", root="order_form", gates=("order_forms",))
    async def find(self, lago_id: str) -> OrderForm:
        """Find an order form.

        Needs the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``order_form_not_found``.

        API operation: findOrderForm.
        """

    @post(
        "mark_order_form_as_signed",
        "/order_forms/{lago_id}/mark_as_signed",
        root="order_form",
        gates=("premium", "order_forms"),
    )
    async def mark_as_signed(
        self, lago_id: str, how: OrderFormMarkAsSignedInput | OrderFormMarkAsSignedInputDict | None = None, /
    ) -> OrderForm:
        """Record that the customer signed. The server makes an order and does not execute it yet.

        Needs a premium licence and the feature flag ``order_forms``.

        Args:
            lago_id: The ``lago_id`` of the form.
            how: An ``OrderFormMarkAsSignedInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``order_form_not_found``.
            ValidationError: ``status: not_signable``: it is signed, expired or voided already;
                ``execution_mode: value_is_mandatory`` or ``value_is_invalid``; ``execute_at: invalid_date`` or
                ``after_deal_expiration``; ``signed_document: invalid_format`` or ``invalid_content_type``.

        API operation: markOrderFormAsSigned.
        """

    @post(
        "void_order_form",
        "/order_forms/{lago_id}/void",
        root="order_form",
        gates=("premium", "order_forms"),
        risk="destroys",
    )
    async def void(self, lago_id: str) -> OrderForm:
        """Void a form that is not signed. The version of its quote is voided too.

        Needs a premium licence and the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``order_form_not_found``.
            ValidationError: ``status: not_voidable``: it is signed, expired or voided already.

        API operation: voidOrderForm.
        """
