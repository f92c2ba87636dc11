# GENERATED from lago_async/resources/payments.py by `python -m tools.generate`. Do not edit.
"""Payments of invoices and of payment requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.payments import Payments as AsyncPayments
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import Payment, PaymentInput, PaymentInputDict
    from lago_sync.pager import Pager

__all__ = ["Payments"]


class Payments(Resource[AsyncPayments]):
    """Payments of invoices and of payment requests."""

    def create(self, payment: PaymentInput | PaymentInputDict, /) -> Payment:
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
        return self._run(self._async.create, payment)

    def find(self, lago_id: str) -> Payment:
        """Find a payment.

        Raises:
            NotFoundError: ``payment_not_found``.

        API operation: findPayment.
        """
        return self._run(self._async.find, lago_id)

    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_customer_id: str | None = None,
        invoice_id: str | None = None,
    ) -> Pager[Payment]:
        """List payments, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_customer_id: Only this customer, by your id.
            invoice_id: Only for the invoice with this ``lago_id``.

        API operation: findAllPayments.
        """
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            external_customer_id=external_customer_id,
            invoice_id=invoice_id,
        )
