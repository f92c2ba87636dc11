"""Models of quotes."""

from typing import Literal

from lago_async.models._base import Open, Timestamp, response_model
from lago_async.models.quote_versions import QuoteVersion

__all__ = ["OrderType", "Quote", "QuoteOwner"]

OrderType = Literal["subscription_creation", "subscription_amendment", "one_off"]


@response_model
class QuoteOwner:
    """A member of the organisation who is responsible for a quote."""

    lago_id: str
    email: str | None


@response_model
class Quote:
    """An offer to a customer.

    Attributes:
        number: The printed number: ``QT-2026-0001``.
        lago_subscription_id: The subscription that the quote changes, for ``subscription_amendment``.
        current_version: The newest version, without its text and its items.
        owners: Only ``quotes.find`` returns them.
        version: Only webhooks carry it, instead of ``current_version``: the version that the event happened to.
    """

    lago_id: str
    number: str
    order_type: Open[OrderType]
    lago_customer_id: str
    lago_subscription_id: str | None
    lago_organization_id: str
    created_at: Timestamp
    updated_at: Timestamp
    current_version: QuoteVersion | None
    owners: list[QuoteOwner]
    version: QuoteVersion | None
