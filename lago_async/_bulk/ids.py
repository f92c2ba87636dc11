"""The ids that identify usage in bulk work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["SubscriptionIds"]


class SubscriptionIds(NamedTuple):
    """Your own ids of a customer and of one of their subscriptions, which identify usage in the API.

    Attributes:
        external_customer_id: Your id of the customer.
        external_subscription_id: Your id of the subscription.
    """

    external_customer_id: str
    external_subscription_id: str


def ids_of(pair: Sequence[str]) -> SubscriptionIds:
    """Return a given pair as a named tuple. The ids themselves are checked when they are encoded.

    Raises:
        TypeError: The argument is not a pair.
    """
    if isinstance(pair, str) or len(pair) != 2:
        raise TypeError(f"expected a pair (external_customer_id, external_subscription_id), not {pair!r}")
    return SubscriptionIds(*pair)
