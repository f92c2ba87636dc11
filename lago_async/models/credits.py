"""Models of credits: the deductions from an invoice."""

from typing import Literal

from lago_async.models._base import Open, response_model
from lago_async.models.enums import PaymentStatus

__all__ = ["Credit", "CreditInvoice", "CreditItem", "CreditType"]

CreditType = Literal["coupon", "credit_note", "invoice"]


@response_model
class CreditItem:
    """The source of a credit: an applied coupon, a credit note or a progressive billing invoice.

    Attributes:
        lago_item_id: Id of the coupon, credit note or invoice. None in a preview, like ``code`` and ``name``.
    """

    lago_item_id: str | None
    type: Open[CreditType]
    code: str | None
    name: str | None
    description: str | None


@response_model
class CreditInvoice:
    """The invoice that a credit was deducted from."""

    lago_id: str | None
    payment_status: Open[PaymentStatus]


@response_model
class Credit:
    """An amount that is deducted from an invoice.

    Attributes:
        lago_id: None in a preview.
        before_taxes: Whether it is deducted before taxes are computed.
    """

    lago_id: str | None
    amount_cents: int
    amount_currency: str
    before_taxes: bool
    item: CreditItem
    invoice: CreditInvoice
