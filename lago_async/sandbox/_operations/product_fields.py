"""Rules that the operations of the product catalogue share: names and codes, searching, and who is in use."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.products import Product, ProductCategory, RateCard
from lago_async.sandbox._state.store import Store

ATTACHED = "attached_to_plan_or_subscription"


class _Named(Protocol):
    code: str
    name: str


_NamedT = TypeVar("_NamedT", bound=_Named)


def stripped(given: Fields, name: str) -> str:
    """Return a text without the white space around it; empty if it was not sent. The server fails on other values."""
    if not isinstance(given.raw(name), str | None):
        raise refusals.crashed()
    return (given.text(name) or "").strip()


def check_named(found: refusals.FieldErrors, name: str | None, code: str, others: Iterable[_Named]) -> None:
    """Report a missing name or code, and a code that another one has."""
    if not (name or "").strip():
        found.add("name", "value_is_mandatory")
    if not code:
        found.add("code", "value_is_mandatory")
    elif any(other.code == code for other in others):
        found.add("code", "value_already_exist")


def searched(call: OperationCall, rows: Iterable[_NamedT]) -> list[_NamedT]:
    """Return the rows whose name or code contains the search term."""
    term = (call.params.filled("search_term") or "").strip().lower()
    return [row for row in rows if term in row.name.lower() or term in row.code.lower()]


def card_in_use(store: Store, card: RateCard) -> bool:
    """Return whether a plan has the card."""
    return any(applied.card is card for applied in store.plan_rate_cards)


def product_in_use(store: Store, product: Product) -> bool:
    """Return whether a plan has a card of the product."""
    return any(applied.card.product is product for applied in store.plan_rate_cards)


def category_in_use(store: Store, category: ProductCategory) -> bool:
    """Return whether a plan has a card of a product of the category."""
    return any(applied.card.product.category is category for applied in store.plan_rate_cards)


def card_has_subscriptions(store: Store, card: RateCard) -> bool:
    """Return whether a plan with subscriptions has the card."""
    plans = [applied.plan for applied in store.plan_rate_cards if applied.card is card]
    return any(subscription.plan in plans for subscription in store.all_subscriptions())


def discard_cards(store: Store, cards: Iterable[RateCard]) -> None:
    """Delete rate cards with their rates."""
    for card in cards:
        card.rates = []
        store.rate_cards.discard(card, store.now)
