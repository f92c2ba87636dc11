"""Filters whose values are an enumeration, and what the server does with any other value: it differs by list."""

from collections.abc import Sequence

from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.wire import Json


def known_values(call: OperationCall, name: str) -> tuple[str, ...]:
    """Return the values of an enumeration in the query, by the endpoint table."""
    return next(query.values for query in call.route.query if query.name == name)


def checked_items(name: str, values: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the items of a list; refuse those that are unknown by their position."""
    unknown: dict[str, Json] = {
        str(position): [_sentence(known)] for position, value in enumerate(values) if value not in known
    }
    if unknown:
        raise refusals.invalid({name: unknown})
    return list(values)


def checked_value(call: OperationCall, name: str, *, code: str | None = None) -> str | None:
    """Return the one value of a filter; refuse an unknown one with a code, or with the server's sentence."""
    value, known = call.params.filled(name), known_values(call, name)
    if value is not None and value not in known:
        raise refusals.invalid_field(name, code or _sentence(known))
    return value


def taken(call: OperationCall, name: str) -> list[str]:
    """Return the known values of a filter, which is one value or a list; the server ignores all others."""
    one = call.params.filled(name)
    values = call.params.strings(name) or [] if one is None else [one]
    return [value for value in values if value in known_values(call, name)]


def _sentence(known: Sequence[str]) -> str:
    return f"must be one of: {', '.join(known)}"
