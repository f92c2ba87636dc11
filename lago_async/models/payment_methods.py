"""Models of customers' payment methods."""

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.enums import PaymentMethodType, PaymentProvider

__all__ = ["PaymentMethod", "PaymentMethodReference", "PaymentMethodReferenceInput"]


@response_model
class PaymentMethod:
    """A payment method that the payment provider stores for a customer.

    Attributes:
        provider_method_id: The provider's own id of the method.
    """

    lago_id: str
    is_default: bool
    payment_provider_code: str | None
    payment_provider_name: str | None
    payment_provider_type: Open[PaymentProvider]
    provider_method_id: str
    created_at: Timestamp


@response_model
class PaymentMethodReference:
    """The way a payment is made: by one of the payment methods, or outside of any provider (``manual``).

    Attributes:
        payment_method_id: The method; None for the customer's default one.
    """

    payment_method_type: Open[PaymentMethodType]
    payment_method_id: str | None


@input_model
class PaymentMethodReferenceInput:
    """The way to make a payment: by one of the payment methods, or outside of any provider (``manual``).

    Attributes:
        payment_method_id: The ``lago_id`` of a payment method; by default the customer's default one.
    """

    payment_method_type: Open[PaymentMethodType] | UnsetType = UNSET
    payment_method_id: str | None | UnsetType = UNSET
