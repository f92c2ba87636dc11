"""Fees: the lines of invoices."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, put

if TYPE_CHECKING:
    from lago_async.models import (
        Fee,
        FeePaymentStatus,
        FeeType,
        FeeUpdateInput,
        FeeUpdateInputDict,
    )

__all__ = ["Fees"]


class Fees(Resource):
    """Fees: the lines of invoices."""

    @get("find_fee", "/fees/{lago_id}", root="fee")
    async def find(self, lago_id: str) -> Fee:
        """Find a fee.

        Raises:
            NotFoundError: ``fee_not_found``.

        API operation: findFee.
        """

    @get("find_all_fees", "/fees", root="fees")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_customer_id: str | None = None,
        external_subscription_id: str | None = None,
        event_transaction_id: str | None = None,
        currency: str | None = None,
        fee_type: FeeType | None = None,
        billable_metric_code: str | None = None,
        payment_status: FeePaymentStatus | None = None,
        created_at_from: datetime | date | None = None,
        created_at_to: datetime | date | None = None,
        succeeded_at_from: datetime | date | None = None,
        succeeded_at_to: datetime | date | None = None,
        failed_at_from: datetime | date | None = None,
        failed_at_to: datetime | date | None = None,
        refunded_at_from: datetime | date | None = None,
        refunded_at_to: datetime | date | None = None,
    ) -> AsyncPager[Fee]:
        """List fees, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_customer_id: Only this customer, by your id.
            external_subscription_id: Only this subscription, by your id.
            event_transaction_id: Only fees of this event.
            currency: Only this currency, ISO 4217.
            fee_type: Exactly this type.
            billable_metric_code: Only fees of this metric.
            payment_status: Exactly this status.
            created_at_from: Created at this time or later.
            created_at_to: Created at this time or earlier.
            succeeded_at_from: Paid at this time or later.
            succeeded_at_to: Paid at this time or earlier.
            failed_at_from: Payment failed at this time or later.
            failed_at_to: Payment failed at this time or earlier.
            refunded_at_from: Refunded at this time or later.
            refunded_at_to: Refunded at this time or earlier.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllFees.
        """

    @put("update_fee", "/fees/{lago_id}", root="fee", risk="moves_money")
    async def update(self, lago_id: str, fee: FeeUpdateInput | FeeUpdateInputDict, /) -> Fee:
        """Set the payment status of a fee that is not on an invoice.

        Args:
            lago_id: The ``lago_id`` of the fee.
            fee: A ``FeeUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``fee_not_found``.
            NotAllowedError: The fee is on an invoice.
            ValidationError: A field was refused.

        API operation: updateFee.
        """

    @delete("delete_fee", "/fees/{lago_id}", root="fee", risk="moves_money")
    async def delete(self, lago_id: str) -> Fee:
        """Delete a fee that is not on an invoice yet, and return it as it was.

        Raises:
            NotFoundError: ``fee_not_found``.
            NotAllowedError: ``invoiced_fee``.

        API operation: deleteFee.
        """
