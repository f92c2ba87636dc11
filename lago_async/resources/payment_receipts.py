"""Receipts for payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get

if TYPE_CHECKING:
    from lago_async.models import PaymentReceipt

__all__ = ["PaymentReceipts"]


class PaymentReceipts(Resource):
    """Receipts for payments."""

    @get("find_payment_receipt", "/payment_receipts/{lago_id}", root="payment_receipt")
    async def find(self, lago_id: str) -> PaymentReceipt:
        """Find a receipt.

        Raises:
            NotFoundError: ``invoice_not_found``, the server's code for a missing receipt.

        API operation: findPaymentReceipt.
        """

    @get("find_all_payment_receipts", "/payment_receipts", root="payment_receipts")
    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None, invoice_id: str | None = None
    ) -> AsyncPager[PaymentReceipt]:
        """List receipts, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            invoice_id: Only for the invoice with this ``lago_id``.

        API operation: findAllPaymentReceipts.
        """
