"""Models of payment requests."""

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.customers import Customer
from lago_async.models.enums import PaymentStatus
from lago_async.models.invoices import Invoice

__all__ = ["PaymentRequest", "PaymentRequestInput"]


@response_model
class PaymentRequest:
    """A request to a customer to pay overdue invoices together.

    Attributes:
        email: The address that it was sent to.
        amount_cents: The sum of the amounts due on the invoices.
        customer: The customer, without the lists of taxes and integrations.
    """

    lago_id: str
    email: str | None
    amount_cents: int
    amount_currency: str
    payment_status: Open[PaymentStatus]
    created_at: Timestamp
    customer: Customer
    invoices: list[Invoice]


@input_model
class PaymentRequestInput:
    """A payment request to create.

    Attributes:
        external_customer_id: Your id of the customer.
        email: The address to send it to; by default that of the customer.
        lago_invoice_ids: The overdue invoices.
    """

    external_customer_id: str
    email: str | None | UnsetType = UNSET
    lago_invoice_ids: list[str]
