"""Models of the versions of quotes, and of what they bill."""

from typing import Literal

from lago_async.models._base import (
    UNSET,
    Json,
    Open,
    Timestamp,
    UnsetType,
    camel_case_response_model,
    input_model,
    response_model,
)
from lago_async.models._date_or_datetime import DateOrDatetime

__all__ = [
    "QuoteBillingItem",
    "QuoteBillingItemType",
    "QuoteBillingItems",
    "QuoteStatus",
    "QuoteVersion",
    "QuoteVersionApproveInput",
    "QuoteVoidReason",
]

QuoteStatus = Literal["draft", "approved", "voided"]
QuoteVoidReason = Literal["manual", "superseded", "cascade_of_expired", "cascade_of_voided"]
QuoteBillingItemType = Literal["add_on", "plan", "coupon", "wallet_credit"]


@camel_case_response_model
class QuoteBillingItem:
    """One item that a quote offers.

    Attributes:
        id: Id of the add-on, the plan or the coupon. Wallet credits have none.
        local_id: Id of the item within the quote.
        payload: What is offered, with the server's own names in camel case: ``unitAmountCents``, ``endDate``.
        overrides: What differs from the plan or the add-on, with the server's own names.
    """

    id: str | None
    local_id: str | None
    type: Open[QuoteBillingItemType]
    payload: dict[str, Json]
    overrides: dict[str, Json] | None


@camel_case_response_model
class QuoteBillingItems:
    """The items that a quote offers, by kind."""

    add_ons: list[QuoteBillingItem]
    plans: list[QuoteBillingItem]
    coupons: list[QuoteBillingItem]
    wallet_credits: list[QuoteBillingItem]


@response_model
class QuoteVersion:
    """A version of a quote.

    Attributes:
        version: 1 for the first one.
        billing_entity_code: None if the customer was deleted.
        void_reason: ``cascade_of_voided`` and ``cascade_of_expired`` say what happened to its order form.
        content: The text of the quote. Lists and quotes do not contain it.
        billing_items: None until the items are drafted. Lists and quotes do not contain them.
    """

    lago_id: str
    lago_quote_id: str
    lago_organization_id: str
    version: int
    status: Open[QuoteStatus]
    currency: str | None
    billing_entity_code: str | None
    void_reason: Open[QuoteVoidReason] | None
    approved_at: Timestamp | None
    voided_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    content: str | None
    billing_items: QuoteBillingItems | None


@input_model
class QuoteVersionApproveInput:
    """Options of an approval.

    Attributes:
        expires_at: When the order form expires. It must be in the future, and before the deal ends.
    """

    expires_at: DateOrDatetime | None | UnsetType = UNSET
