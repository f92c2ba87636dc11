"""Customers' payment methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, put

if TYPE_CHECKING:
    from lago_async.models import PaymentMethod

__all__ = ["PaymentMethods"]


class PaymentMethods(Resource):
    """Customers' payment methods."""

    @get("find_all_customers_payment_methods", "/customers/{external_customer_id}/payment_methods",
         root="payment_methods")  # fmt: skip
    def find_all(
        self, external_customer_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[PaymentMethod]:
        """List the payment methods of a customer.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findAllCustomersPaymentMethods.
        """

    @put("payment_method_set_as_default", "/customers/{external_customer_id}/payment_methods/{lago_id}/set_as_default",
         root="payment_method")  # fmt: skip
    async def set_as_default(self, external_customer_id: str, lago_id: str) -> PaymentMethod:
        """Make a payment method the customer's default one.

        Args:
            lago_id: The ``lago_id`` of the payment method.
            external_customer_id: Your id of the customer.

        Raises:
            NotFoundError: ``customer_not_found`` or ``payment_method_not_found``.
            ValidationError: ``lock_acquisition_failed``: another change is in progress; try again.

        API operation: paymentMethodSetAsDefault.
        """

    @delete("destroy_payment_method", "/customers/{external_customer_id}/payment_methods/{lago_id}",
            root="payment_method")  # fmt: skip
    async def destroy(self, external_customer_id: str, lago_id: str) -> PaymentMethod:
        """Delete a payment method, and return it as it was.

        Args:
            lago_id: The ``lago_id`` of the payment method.
            external_customer_id: Your id of the customer.

        Raises:
            NotFoundError: ``customer_not_found`` or ``payment_method_not_found``.

        API operation: destroyPaymentMethod.
        """
