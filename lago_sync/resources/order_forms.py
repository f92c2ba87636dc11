# GENERATED from lago_async/resources/order_forms.py by `python -m tools.generate`. Do not edit.
"""Order forms: what customers sign after a quote was approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.order_forms import OrderForms as AsyncOrderForms
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from lago_async._table.query import PositiveInt
    from lago_async.models import OrderForm, OrderFormMarkAsSignedInput, OrderFormMarkAsSignedInputDict, OrderFormStatus
    from lago_sync.pager import Pager

__all__ = ["OrderForms"]


class OrderForms(Resource[AsyncOrderForms]):
    """Order forms: what customers sign after a quote was approved."""

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
    ) -> Pager[OrderForm]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            status=status,
            customer_id=customer_id,
            number=number,
            quote_number=quote_number,
            owner_id=owner_id,
            search_term=search_term,
            created_at_from=created_at_from,
            created_at_to=created_at_to,
            expires_at_from=expires_at_from,
            expires_at_to=expires_at_to,
        )

    def find(self, lago_id: str) -> OrderForm:
        """Find an order form.

        Needs the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``order_form_not_found``.

        API operation: findOrderForm.
        """
        return self._run(self._async.find, lago_id)

    def mark_as_signed(
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
        return self._run(self._async.mark_as_signed, lago_id, how)

    def void(self, lago_id: str) -> OrderForm:
        """Void a form that is not signed. The version of its quote is voided too.

        Needs a premium licence and the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``order_form_not_found``.
            ValidationError: ``status: not_voidable``: it is signed, expired or voided already.

        API operation: voidOrderForm.
        """
        return self._run(self._async.void, lago_id)
