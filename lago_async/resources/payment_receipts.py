"""Receipts for payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get, post

if TYPE_CHECKING:
    from lago_async.models import (
        PaymentReceipt,
        ResendEmailInput,
        ResendEmailInputDict,
    )

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

    @post(
        "resend_payment_receipt_email",
        "/payment_receipts/{lago_id}/resend_email",
        request_root=None,
        gates=("premium",),
    )
    async def resend_email(self, lago_id: str, email: ResendEmailInput | ResendEmailInputDict | None = None, /) -> None:
        """Send the email of a receipt again, to the customer or to other recipients.

        Needs a premium licence.

        The client never repeats this call by itself.

        Args:
            lago_id: The ``lago_id`` of the receipt.
            email: A ``ResendEmailInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found``, the server's code for a missing receipt.
            NotAllowedError: ``email_settings_disabled``: the billing entity does not send this kind of email.
            ValidationError: A recipient is missing or invalid, or the billing entity has no email address.

        API operation: resendPaymentReceiptEmail.
        """
