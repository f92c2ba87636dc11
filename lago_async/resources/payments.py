"""Payments of invoices and of payment requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get, post

if TYPE_CHECKING:
    from lago_async.models import (
        Payment,
        PaymentInput,
        PaymentInputDict,
    )

__all__ = ["Payments"]


class Payments(Resource):
    """Payments of invoices and of payment requests."""

    @post("create_payment", "/payments", root="payment", gates=("premium",), risk="moves_money")
    async def create(self, payment: PaymentInput | PaymentInputDict, /) -> Payment:
        """Record a payment that was made outside of a provider.

        Needs a premium licence.

        The client never repeats this call by itself.

        Args:
            payment: A ``PaymentInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found``.
            ForbiddenError: ``feature_unavailable``: the server has no premium licence, or the invoice is not finalized.
            ValidationError: An amount was refused.

        API operation: createPayment.
        """

    @get("find_payment", "/payments/{lago_id}", root="payment", envelope_optional=True)
    async def find(self, lago_id: str) -> Payment:
        """Find a payment.

        Raises:
            NotFoundError: ``payment_not_found``.

        API operation: findPayment.
        """

    @get("find_all_payments", "/payments", root="payments")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_customer_id: str | None = None,
        invoice_id: str | None = None,
    ) -> AsyncPager[Payment]:
        """List payments, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_customer_id: Only this customer, by your id.
            invoice_id: Only for the invoice with this ``lago_id``.

        API operation: findAllPayments.
        """
