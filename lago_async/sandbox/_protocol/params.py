"""Query strings and parameters as Rails reads them."""

import re
from collections.abc import ItemsView, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote_plus

from lago_async.sandbox._protocol.wire import Json, JsonObject

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "off", "OFF"})


def query_pairs(query_string: str) -> list[tuple[str, str]]:
    """Return decoded names and values in the order of the query."""
    found: list[tuple[str, str]] = []
    for part in query_string.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((unquote_plus(name), unquote_plus(value)))
    return found


def nest(given: Sequence[tuple[str, str]]) -> JsonObject:
    """Nest names with brackets: ``key[]=a`` makes a list, ``key[k]=v`` an object; the last scalar wins."""
    params: JsonObject = {}
    for name, value in given:
        base = name.partition("[")[0]
        if not base:
            continue
        keys = _BRACKETS.findall(name[len(base) :])
        _put(params, [base, *keys], value)
    return params


def _put(params: JsonObject, keys: list[str], value: str) -> None:
    target = params
    for position, key in enumerate(keys):
        following = keys[position + 1 :]
        if not following:
            target[key] = value
            return
        if following == [""]:
            items = target.get(key)
            if isinstance(items, list):
                items.append(value)
            else:
                target[key] = list[Json]([value])
            return
        inner = target.get(key)
        if not isinstance(inner, dict):
            inner = dict[str, Json]()
            target[key] = inner
        target = inner


def texts(value: Json) -> list[str] | None:
    """Return the scalars of a list as texts; None if the value is not a list."""
    if not isinstance(value, list):
        return None
    return [str(item) for item in value if isinstance(item, str | int | float)]


class Fields:
    """Parameters by name, converted as the server's database columns do it.

    A value of the wrong shape (a list for a scalar, a scalar for a list) counts as not sent.
    """

    def __init__(self, given: Mapping[str, Json]) -> None:
        self._given = given

    def over(self, before: Mapping[str, Json]) -> "Fields":
        """Return these parameters, completed by the old values of those that were not sent."""
        return Fields({**before, **self._given})

    def items(self) -> ItemsView[str, Json]:
        """Return names and values as they were sent."""
        return self._given.items()

    def has(self, name: str) -> bool:
        """Return whether the name was sent, even with null."""
        return name in self._given

    def raw(self, name: str) -> Json:
        """Return the value as it was sent; None if it was not."""
        return self._given.get(name)

    def text(self, name: str) -> str | None:
        """Return a scalar as text."""
        value = self._given.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        return value if isinstance(value, str) else None

    def filled(self, name: str) -> str | None:
        """Return a text that is not blank."""
        value = self.text(name)
        return value if value is not None and value.strip() else None

    def integer(self, name: str) -> int | None:
        """Return a whole number, also from digits in a string."""
        number = self.decimal(name)
        return None if number is None else int(number)

    def decimal(self, name: str) -> Decimal | None:
        """Return a finite number, exact, from a JSON number or a string."""
        value = self._given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            return None
        # A database column holds far fewer digits, and 1e999999 written in full would fill the memory.
        return number if number.is_finite() and abs(number.adjusted()) < 400 else None

    def boolean(self, name: str) -> bool | None:
        """Return a boolean as Rails reads it: nearly everything except "false", "off", "f" and "0" is true."""
        value = self._given.get(name)
        if value is None or value == "" or isinstance(value, list | dict):
            return None
        return value not in _FALSE if isinstance(value, str) else bool(value)

    def strings(self, name: str) -> list[str] | None:
        """Return the scalars of a list as texts; None if no list was sent."""
        return texts(self._given.get(name))

    def fields(self, name: str) -> "Fields":
        """Return the object under ``name``; empty if no object was sent."""
        value = self._given.get(name)
        return Fields(value if isinstance(value, dict) else {})

    def mapping(self, name: str) -> JsonObject | None:
        """Return the object under ``name`` as it is; None if no object was sent."""
        value = self._given.get(name)
        return value if isinstance(value, dict) else None

    def list_of_fields(self, name: str) -> "list[Fields] | None":
        """Return a list of objects; None if no list was sent."""
        value = self._given.get(name)
        if not isinstance(value, list):
            return None
        return [Fields(item) for item in value if isinstance(item, dict)]
