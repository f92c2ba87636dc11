"""Lists whose items belong together though their order differs."""

import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import TypeAlias

from lago_async.sandbox._protocol.wire import Json
from tools.recorded.symbols import NOW, SYMBOL, UUID

# The fields that tell the items of a list apart in any order.
_NATURAL = (
    "code",
    "key",
    "external_id",
    "transaction_id",
    "coupon_code",
    "number",
    "item",
    "charge",
    "billable_metric",
    "values",
    "grouped_by",
    "external_subscription_id",
)
# Lists that the running Lago gives in no certain order: two recordings of it differ in them.
_UNORDERED = re.compile(
    r"(fees|applied_taxes|grouped_usage|charges_usage|plans?(\[\])?\.(charges|fixed_charges)"
    r"|payment_requests?(\[\])?\.invoices|invoices?(\[\])?\.(subscriptions|billing_periods)"
    r"|features?(\[\])?\.privileges|entitlements?(\[\])?(\.privileges)?)"
)
_ANY_ID = re.compile(rf"{SYMBOL.pattern}|{UUID}")
# Times and numbers of invoices that the recordings write with placeholders, in either writing.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
# Names that a server has for itself.
_OWN = re.compile(r'"(?:billing_entity_code|web_url)": "[^"]*"')
_NUMBER = re.compile(r'"(?:number|sequential_id)": [^,}]+')
Pairs: TypeAlias = list[tuple[Json, Json]]
Named: TypeAlias = Callable[[str], str]


def unordered(path: str) -> bool:
    """Return whether the running Lago gives the list at this path in no certain order."""
    return re.search(rf"{_UNORDERED.pattern}$", path) is not None


def natural(item: Json, named: Named = str) -> str | None:
    """Return what an item is known by; None if it is not an object or has nothing of the kind."""
    if not isinstance(item, dict):
        return None
    known = {key: item[key] for key in _NATURAL if key in item}
    return masked(known, named).replace('"', "").strip("{}") if known else None


def masked(item: Json, named: Named = str) -> str:
    """Return an item as text without its ids and times; ``named`` writes symbols for what is known of our side."""
    return _ANY_ID.sub("<id>", _OWN.sub("", _exact(item, named)))


def _exact(item: Json, named: Named) -> str:
    """Return an item as text without times."""
    return _TIME.sub("<now>", NOW.sub("<now>", named(json.dumps(item, sort_keys=True))))


def _unnumbered(item: Json, named: Named) -> str:
    """Return an item as text without its number, which the running Lago gives to invoices in the order of its jobs."""
    return _NUMBER.sub("<number>", masked(item, named))


def _sized(item: Json, named: Named) -> str | None:
    return f"{natural(item, named)} {item.get('amount_cents')}" if isinstance(item, dict) else None


def reordered(recorded: Sequence[Json], ours: Sequence[Json], named: Named) -> list[Json] | None:
    """Return our list in the recorded order; None if that cannot be told, or is so already."""
    keys, others = [natural(item) for item in recorded], [natural(item, named) for item in ours]
    if keys == others or None in keys or None in others or len(set(keys)) < len(keys) or set(keys) != set(others):
        return None
    by_key = dict(zip(others, ours, strict=True)) if len(ours) == len(keys) else None
    return None if by_key is None else [by_key[key] for key in keys]


def untied(recorded: Sequence[Json], ours: Sequence[Json]) -> list[Json]:
    """Return our invoices with those of one billing run in the recorded order of their customers.

    The running Lago bills the customers of one run in the order of their ids, which are random. Its jobs run at ten
    minutes past the hour; what is made at any other time keeps its place.
    """
    items = [*recorded, *ours]
    if not all(isinstance(item, dict) and isinstance(item.get("customer"), dict) for item in items):
        return list(ours)
    waiting: defaultdict[tuple[str, str], deque[Json]] = defaultdict(deque)
    for item in ours:
        waiting[_run_of(item)].append(item)
    wanted = deque(_run_of(item) for item in recorded)
    if sorted(wanted) != sorted(map(_run_of, ours)):
        return list(ours)
    if any(
        left != _run_of(right) and not _is_of_job(item)
        for item, left, right in zip(recorded, wanted, ours, strict=True)
    ):
        return list(ours)
    return [waiting[key].popleft() for key in wanted]


def _is_of_job(item: Json) -> bool:
    return isinstance(item, dict) and ":10:" in str(item.get("created_at"))


def _run_of(item: Json) -> tuple[str, str]:
    """Return the customer of an invoice, and the hour in which it was made."""
    if not isinstance(item, dict) or not isinstance(customer := item.get("customer"), dict):
        return "", ""
    return str(customer.get("external_id")), str(item.get("created_at"))[: len("2026-01-01T00")]


def aligned(recorded: Sequence[Json], ours: Sequence[Json], named: Named) -> Pairs:
    """Pair what belongs together: items that are equal but for ids, then the same thing, then what is left."""
    partner: dict[int, int] = {}
    taken: set[int] = set()
    keys: tuple[Callable[[Json, Named], str | None], ...] = (
        _exact,
        masked,
        _unnumbered,
        _sized,
        natural,
        lambda _, __: None,
    )
    for key in keys:
        pool: defaultdict[str | None, deque[int]] = defaultdict(deque)
        for position, item in enumerate(ours):
            if position not in taken:
                pool[key(item, named)].append(position)
        for position, item in enumerate(recorded):
            own = key(item, str)
            if position not in partner and pool[own]:
                partner[position] = pool[own].popleft()
                taken.add(partner[position])
    return [(recorded[position], ours[other]) for position, other in partner.items()]
