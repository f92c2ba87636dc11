# GENERATED from lago_async/resources/payment_receipts.py by `python -m tools.generate`. Do not edit.
"""Receipts for payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.payment_receipts import PaymentReceipts as AsyncPaymentReceipts
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import PaymentReceipt, ResendEmailInput, ResendEmailInputDict
    from lago_sync.pager import Pager

__all__ = ["PaymentReceipts"]


class PaymentReceipts(Resource[AsyncPaymentReceipts]):
    """Receipts for payments."""

    def find(self, lago_id: str) -> PaymentReceipt:
        """Find a receipt.

        Raises:
            NotFoundError: ``invoice_not_found``, the server's code for a missing receipt.

        API operation: findPaymentReceipt.
        """
        return self._run(self._async.find, lago_id)

    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None, invoice_id: str | None = None
    ) -> Pager[PaymentReceipt]:
        """List receipts, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            invoice_id: Only for the invoice with this ``lago_id``.

        API operation: findAllPaymentReceipts.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page, invoice_id=invoice_id)

    def resend_email(self, lago_id: str, email: ResendEmailInput | ResendEmailInputDict | None = None, /) -> None:
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
        return self._run(self._async.resend_email, lago_id, email)
