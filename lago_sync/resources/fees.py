# GENERATED from lago_async/resources/fees.py by `python -m tools.generate`. Do not edit.
"""Fees: the lines of invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.fees import Fees as AsyncFees
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from datetime import date, datetime

    from lago_async._table.query import PositiveInt
    from lago_async.models import Fee, FeePaymentStatus, FeeType, FeeUpdateInput, FeeUpdateInputDict
    from lago_sync.pager import Pager

__all__ = ["Fees"]


class Fees(Resource[AsyncFees]):
    """Fees: the lines of invoices."""

    def find(self, lago_id: str) -> Fee:
        """Find a fee.

        Raises:
            NotFoundError: ``fee_not_found``.

        API operation: findFee.
        """
        return self._run(self._async.find, lago_id)

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
    ) -> Pager[Fee]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            external_customer_id=external_customer_id,
            external_subscription_id=external_subscription_id,
            event_transaction_id=event_transaction_id,
            currency=currency,
            fee_type=fee_type,
            billable_metric_code=billable_metric_code,
            payment_status=payment_status,
            created_at_from=created_at_from,
            created_at_to=created_at_to,
            succeeded_at_from=succeeded_at_from,
            succeeded_at_to=succeeded_at_to,
            failed_at_from=failed_at_from,
            failed_at_to=failed_at_to,
            refunded_at_from=refunded_at_from,
            refunded_at_to=refunded_at_to,
        )

    def update(self, lago_id: str, fee: FeeUpdateInput | FeeUpdateInputDict, /) -> Fee:
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
        return self._run(self._async.update, lago_id, fee)

    def delete(self, lago_id: str) -> Fee:
        """Delete a fee that is not on an invoice yet, and return it as it was.

        Raises:
            NotFoundError: ``fee_not_found``.
            NotAllowedError: ``invoiced_fee``.

        API operation: deleteFee.
        """
        return self._run(self._async.delete, lago_id)
