"""The items of a quote, as the server checks them when a version is approved.

Simplified: it checks what an item must have, whether add-ons and coupons exist, and the ends of plans and credits. The
server also checks prices that override those of a plan.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._protocol.refusals import FieldErrors
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.quotes import QuoteVersion
from lago_async.sandbox._state.store import Store

_ROOT = "billing_items"
_ADD_ON_PAYLOAD = ("code", "totalAmountCents", "unitAmountCents", "units")
# The key of the items that bill something, and the other keys, by the type of the order.
_REQUIRED = {"one_off": "addOns", "subscription_creation": "plans", "subscription_amendment": "plans"}
_KEYS = {"addOns": ("addOns",), "plans": ("plans", "coupons", "walletCredits")}
_ENDS = {"plans": "endDate", "walletCredits": "expirationAt"}


def check_version(store: Store, version: QuoteVersion) -> None:
    """Refuse a version that cannot be approved yet."""
    errors = FieldErrors()
    if version.currency is None:
        errors.add("currency", "value_is_mandatory")
    elif version.currency not in CURRENCIES:
        errors.add("currency", "invalid_currency")
    subscription = version.quote.subscription
    if subscription is not None and subscription.status != "active":
        errors.add("subscription_id", "subscription_not_active")
    items = version.billing_items
    if items is not None and not isinstance(items, dict):
        errors.add(_ROOT, "invalid_type")
    else:
        _check_items(store, items or {}, _REQUIRED[version.quote.order_type], errors)
    errors.refuse()


def first_end(version: QuoteVersion) -> datetime | None:
    """Return when the first plan or credits of a version end."""
    items = version.billing_items if isinstance(version.billing_items, dict) else {}
    ends = [at for _, key, item in _each(items) if (at := _end(key, item)) is not None]
    return min(ends, default=None)


def _check_items(store: Store, items: Mapping[str, Json], required: str, errors: FieldErrors) -> None:
    if required not in items:
        errors.add(f"{_ROOT}.{required}", "value_is_mandatory")
    elif not items[required]:
        errors.add(f"{_ROOT}.{required}", "invalid_count")
    for key in items:
        if key not in _KEYS[required]:
            errors.add(f"{_ROOT}.{key}", "unsupported_key")
    for place, key, item in _each(items):
        if key in _KEYS[required]:
            _check_item(store, place, key, item, errors)


def _check_item(store: Store, place: str, key: str, item: JsonObject, errors: FieldErrors) -> None:
    payload = _payload(item)
    mandatory = _ADD_ON_PAYLOAD if key == "addOns" else ("code",) if key == "coupons" else ()
    for name in mandatory:
        if payload.get(name) is None:
            errors.add(f"{place}.payload.{name}", "value_is_mandatory")
    if key == "addOns" and all(add_on.lago_id != item.get("id") for add_on in store.add_ons):
        errors.add(f"{place}.id", "add_on_not_found")
    end = _end(key, item)
    if end is not None and end <= store.now:
        errors.add(f"{place}.payload.{_ENDS[key]}", "invalid_date")


def _each(items: Mapping[str, Json]) -> Iterator[tuple[str, str, JsonObject]]:
    """Yield each item with its place in refusals and its key."""
    for key, several in items.items():
        for index, item in enumerate(several if isinstance(several, list) else ()):
            if isinstance(item, dict):
                yield f"{_ROOT}.{key}.{index}", key, item


def _payload(item: JsonObject) -> JsonObject:
    payload = item.get("payload")
    return payload if isinstance(payload, dict) else {}


def _end(key: str, item: JsonObject) -> datetime | None:
    return parse_timestamp(_payload(item).get(_ENDS[key])) if key in _ENDS else None
