"""Models of payments."""

from typing import Literal

from lago_async.models._base import UNSET, Json, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime
from lago_async.models.payment_methods import PaymentMethod

__all__ = ["PayableStatus", "PayableType", "Payment", "PaymentInput", "PaymentProviderClass", "PaymentType"]

PayableType = Literal["Invoice", "PaymentRequest"]
PaymentType = Literal["manual", "provider"]
PayableStatus = Literal["pending", "processing", "succeeded", "failed"]
PaymentProviderClass = Literal[
    "PaymentProviders::StripeProvider",
    "PaymentProviders::GocardlessProvider",
    "PaymentProviders::AdyenProvider",
    "PaymentProviders::CashfreeProvider",
    "PaymentProviders::FlutterwaveProvider",
    "PaymentProviders::MoneyhashProvider",
    "stripe",
    "gocardless",
    "adyen",
    "cashfree",
    "flutterwave",
    "moneyhash",
]


@response_model
class Payment:
    """A payment of an invoice or of a payment request.

    Attributes:
        lago_payable_id: The invoice or payment request.
        status: The provider's own status.
        payment_status: None until the provider reports it.
        reference: Your own note of a manual payment.
        payment_provider_type: The name of a class of the server.
        external_payment_id: The provider's own id, like ``provider_payment_id``.
        payment_method_id: Not sent by current servers.
        next_action: The action that the provider expects from the customer.
        payment_method: Only the webhook ``payment.succeeded`` carries it.
    """

    lago_id: str
    lago_customer_id: str
    external_customer_id: str
    invoice_ids: list[str]
    invoice_numbers: list[str]
    lago_payable_id: str
    payable_type: Open[PayableType]
    amount_cents: int
    amount_currency: str
    status: str
    payment_status: Open[PayableStatus] | None
    type: Open[PaymentType]
    reference: str | None
    payment_provider_code: str | None
    payment_provider_type: Open[PaymentProviderClass] | None
    external_payment_id: str | None
    provider_payment_id: str | None
    provider_customer_id: str | None
    payment_method_id: str | None
    next_action: dict[str, Json] | None
    created_at: Timestamp
    payment_method: PaymentMethod | None


@input_model
class PaymentInput:
    """A payment that was made outside of a provider.

    Attributes:
        amount_cents: In cents of the invoice's currency.
        reference: Your own note.
        paid_at: By default now; a date means midnight UTC.
    """

    invoice_id: str
    amount_cents: int
    reference: str
    paid_at: DateOrDatetime | None | UnsetType = UNSET
