"""Models of order forms: the documents that customers sign."""

from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime

__all__ = ["OrderExecutionMode", "OrderForm", "OrderFormMarkAsSignedInput", "OrderFormStatus", "OrderFormVoidReason"]

OrderFormStatus = Literal["generated", "signed", "expired", "voided"]
OrderFormVoidReason = Literal["manual", "expired", "invalid"]
OrderExecutionMode = Literal["execute_in_lago", "order_only"]


@response_model
class OrderForm:
    """The form of an approved quote.

    Attributes:
        number: The printed number: ``OF-2026-0001``.
        signed_document_url: A link to the signed document. Whoever has the link can read the document without a key.
    """

    lago_id: str
    number: str
    status: Open[OrderFormStatus]
    void_reason: Open[OrderFormVoidReason] | None
    expires_at: Timestamp | None
    signed_at: Timestamp | None
    voided_at: Timestamp | None
    signed_document_url: str | None
    lago_organization_id: str
    lago_customer_id: str
    lago_quote_id: str
    lago_quote_version_id: str
    created_at: Timestamp
    updated_at: Timestamp


@input_model
class OrderFormMarkAsSignedInput:
    """Options of a signature.

    Attributes:
        signed_document: A PDF, JPEG or PNG as a data URI: ``data:application/pdf;base64,...``.
        execution_mode: ``execute_in_lago`` bills the order when it is executed; ``order_only`` only records it.
        execute_at: When the server executes the order by itself. Needs ``execution_mode``.
    """

    signed_document: str | None | UnsetType = UNSET
    execution_mode: Open[OrderExecutionMode] | None | UnsetType = UNSET
    execute_at: DateOrDatetime | None | UnsetType = UNSET
