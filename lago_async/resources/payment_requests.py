"""Payment requests: overdue invoices that a customer pays together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get, post

if TYPE_CHECKING:
    from lago_async.models import (
        PaymentRequest,
        PaymentRequestInput,
        PaymentRequestInputDict,
        PaymentStatus,
    )

__all__ = ["PaymentRequests"]


class PaymentRequests(Resource):
    """Payment requests: overdue invoices that a customer pays together."""

    @post("create_payment_request", "/payment_requests", root="payment_request", gates=("premium",), risk="moves_money")
    async def create(self, payment_request: PaymentRequestInput | PaymentRequestInputDict, /) -> PaymentRequest:
        """Ask a customer to pay overdue invoices together.

        Needs a premium licence.

        The server asks the provider for the payment at once. The client never repeats this call by itself.

        Args:
            payment_request: A ``PaymentRequestInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``invoice_not_found``.
            NotAllowedError: ``invoices_not_overdue``, ``invoices_have_different_currencies`` or
                ``invoices_not_ready_for_payment_processing``.

        API operation: createPaymentRequest.
        """

    @get("find_payment_request", "/payment_requests/{lago_id}", root="payment_request", envelope_optional=True)
    async def find(self, lago_id: str) -> PaymentRequest:
        """Find a payment request.

        Raises:
            NotFoundError: ``payment_request_not_found``.

        API operation: findPaymentRequest.
        """

    @get("find_all_payment_requests", "/payment_requests", root="payment_requests")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        currency: str | None = None,
        external_customer_id: str | None = None,
        payment_status: PaymentStatus | None = None,
        billing_entity_codes: Sequence[str] | None = None,
    ) -> AsyncPager[PaymentRequest]:
        """List payment requests, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            currency: Only this currency, ISO 4217.
            external_customer_id: Only this customer, by your id.
            payment_status: Exactly this status.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.

        Raises:
            NotFoundError: ``billing_entity_not_found``.
            ValidationError: A filter was refused.

        API operation: findAllPaymentRequests.
        """
