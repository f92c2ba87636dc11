# GENERATED from lago_async/resources/payment_methods.py by `python -m tools.generate`. Do not edit.
"""Customers' payment methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.payment_methods import PaymentMethods as AsyncPaymentMethods
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import PaymentMethod
    from lago_sync.pager import Pager

__all__ = ["PaymentMethods"]


class PaymentMethods(Resource[AsyncPaymentMethods]):
    """Customers' payment methods."""

    def find_all(
        self, external_customer_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[PaymentMethod]:
        """List the payment methods of a customer.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findAllCustomersPaymentMethods.
        """
        return self._page(self._async.find_all, external_customer_id, page=page, per_page=per_page)

    def set_as_default(self, external_customer_id: str, lago_id: str) -> PaymentMethod:
        """Make a payment method the customer's default one.

        Args:
            lago_id: The ``lago_id`` of the payment method.
            external_customer_id: Your id of the customer.

        Raises:
            NotFoundError: ``customer_not_found`` or ``payment_method_not_found``.
            ValidationError: ``lock_acquisition_failed``: another change is in progress; try again.

        API operation: paymentMethodSetAsDefault.
        """
        return self._run(self._async.set_as_default, external_customer_id, lago_id)

    def destroy(self, external_customer_id: str, lago_id: str) -> PaymentMethod:
        """Delete a payment method, and return it as it was.

        Args:
            lago_id: The ``lago_id`` of the payment method.
            external_customer_id: Your id of the customer.

        Raises:
            NotFoundError: ``customer_not_found`` or ``payment_method_not_found``.

        API operation: destroyPaymentMethod.
        """
        return self._run(self._async.destroy, external_customer_id, lago_id)
