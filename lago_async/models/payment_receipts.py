"""Models of payment receipts."""

from lago_async.models._base import Timestamp, response_model
from lago_async.models.payments import Payment

__all__ = ["PaymentReceipt"]


@response_model
class PaymentReceipt:
    """The receipt for a payment.

    Attributes:
        number: What is printed on it.
        file_url: The PDF; not in Lago's public description, like ``xml_url``: the server sends them.
    """

    lago_id: str
    created_at: Timestamp
    number: str
    payment: Payment
    file_url: str | None
    xml_url: str | None
