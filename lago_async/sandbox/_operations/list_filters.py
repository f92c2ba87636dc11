"""The rules for parameters of lists: which values the server refuses, and how."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from lago_async.sandbox._operations.enumeration_filters import known_values
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import Json

_TRUE = frozenset({"1", "on", "On", "ON", "t", "true", "True", "TRUE", "T", "y", "yes", "Yes", "YES", "Y"})
_FALSE = frozenset({"0", "off", "Off", "OFF", "f", "false", "False", "FALSE", "F", "n", "no", "No", "NO", "N"})


class QueryErrors:
    """The errors of a query by parameter; the server reports them together, and those of lists by position."""

    def __init__(self) -> None:
        self._details: dict[str, Json] = {}

    def add(self, name: str, details: Json) -> None:
        """Add what is wrong with a parameter."""
        self._details[name] = details

    def refuse(self) -> None:
        """Raise the errors, if there are any."""
        if self._details:
            raise refusals.invalid(self._details)


def one_of(found: QueryErrors, call: OperationCall, *names: str) -> list[str]:
    """Return the values of an enumeration's first parameter that was sent; report unknown ones.

    The parameter may have a name for one value and another for a list: refusals show the first name.
    """
    params, allowed = call.params, known_values(call, names[0])
    name = next((name for name in names if params.raw(name) is not None), names[0])
    sentence = f"must be one of: {', '.join(allowed)}"
    values = params.strings(name)
    if values is not None:
        if wrong := {str(place): [sentence] for place, value in enumerate(values) if value not in allowed}:
            found.add(names[0], {place: list[Json](sentences) for place, sentences in wrong.items()})
        return values
    value = params.filled(name)
    if value is not None and value not in allowed:
        found.add(names[0], [f"{sentence} or must be an array"])
    return [] if value is None else [value]


def flag(found: QueryErrors, params: Fields, name: str) -> bool | None:
    """Return a boolean; report a text that is not one."""
    text = params.filled(name)
    if text is None:
        return None
    if text not in _TRUE | _FALSE:
        found.add(name, ["must be boolean"])
    return text in _TRUE


def uuid(found: QueryErrors, params: Fields, name: str) -> str | None:
    """Return an id; report a text that does not have the form of one."""
    text = params.filled(name)
    if text is not None and not is_uuid(text):
        found.add(name, ["is in invalid format"])
    return None if text is None else text.lower()


def is_uuid(text: str) -> bool:
    """Return whether a text has the form of an id."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def entity_codes(call: OperationCall, known: Collection[str]) -> list[str]:
    """Return the codes of billing entities to filter by; refuse unknown ones with a 404."""
    codes = call.params.strings("billing_entity_codes") or []
    if not set(codes) <= set(known) or len(codes) > len(set(codes)):
        raise refusals.not_found("billing_entity")
    return codes


def day(params: Fields, name: str) -> date | None:
    """Return a day; a text that is not one does not filter."""
    at = parse_timestamp(params.raw(name))
    return None if at is None else at.date()


def moment(params: Fields, name: str) -> datetime | None:
    """Return a time; refuse a text that is not one."""
    at = parse_timestamp(params.raw(name))
    if at is None and params.raw(name) is not None:
        raise refusals.invalid_field(name, "invalid_date")
    return at
