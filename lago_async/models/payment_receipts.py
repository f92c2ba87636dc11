"""Models of payment receipts."""

from lago_async.models._base import Timestamp, response_model
from lago_async.models.payments import Payment

__all__ = ["PaymentReceipt"]


@response_model
class PaymentReceipt:
    """The receipt for a payment.

    Attributes:
        number: The printed number.
        file_url: The PDF. Not in Lago's public description; the server sends it, like ``xml_url``.
    """

    lago_id: str
    created_at: Timestamp
    number: str
    payment: Payment
    file_url: str | None
    xml_url: str | None
