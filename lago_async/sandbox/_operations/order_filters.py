"""The filters of quotes, order forms and orders: each takes one value or a list. Bad values are refused together."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import Json, JsonObject

Check: TypeAlias = Callable[[str], str | None]
"""A check of one value: it returns the server's text for a bad one."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").fullmatch
_QUOTE_NUMBER = re.compile(r"QT-\d{4}-\d+").fullmatch
_BAD_FORMAT = "is in invalid format"


def one_of(*values: str) -> Check:
    """Return the check of an enumeration."""
    return lambda value: None if value in values else f"must be one of: {', '.join(values)}"


def any_text(_: str) -> None:
    """Accept every value."""


def uuid(value: str) -> str | None:
    """Check an id."""
    return None if _UUID(value) else _BAD_FORMAT


def quote_number(value: str) -> str | None:
    """Check the number of a quote."""
    return None if _QUOTE_NUMBER(value) else _BAD_FORMAT


class OrderFilters:
    """The filters of one request."""

    def __init__(self, params: Fields) -> None:
        self._params = params
        self._details: JsonObject = {}

    def wrapped(self, name: str, shown: str, check: Check) -> Sequence[str] | None:
        """Return the values of a filter that the server turns into a list; ``shown`` is its name in refusals."""
        one = self._params.text(name)
        values = self._params.strings(name) if one is None else [one]
        self._refuse_items(shown, values or [], check)
        return values or None

    def one_or_list(self, name: str, check: Check) -> Sequence[str] | None:
        """Return the values of a filter that is one value or a list; a blank one does not filter."""
        one = self._params.text(name)
        if one is None:
            values = self._params.strings(name)
            self._refuse_items(name, values or [], check)
            return values or None
        if not one:
            return None
        if problem := check(one):
            self._details[name] = [f"{problem} or must be an array"]
        return [one]

    def time(self, name: str, problem: str) -> datetime | None:
        """Return the time in a filter; a date means midnight."""
        given = self._params.filled(name)
        at = parse_timestamp(given)
        if given is not None and at is None:
            self._details[name] = [problem]
        return at

    def refuse(self) -> None:
        """Raise what was found, if there is anything."""
        if self._details:
            raise refusals.invalid(dict(sorted(self._details.items())))

    def _refuse_items(self, shown: str, values: Sequence[str], check: Check) -> None:
        found: dict[str, Json] = {}
        for index, value in enumerate(values):
            if problem := check(value):
                found[str(index)] = [problem]
        if found:
            self._details[shown] = found


def within(at: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Tell whether a time is in a range; without a range every time is, and a missing one too."""
    if since is None and until is None:
        return True
    return at is not None and (since is None or at >= since) and (until is None or at <= until)


def fits(value: str | None, wanted: Sequence[str] | None) -> bool:
    """Tell whether a value is among the wanted ones, if there are any."""
    return wanted is None or value in wanted
