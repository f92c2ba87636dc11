"""Query strings and parameters the Rails way."""

import re
from collections.abc import ItemsView, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote_plus

from lago_async.sandbox._protocol.wire import Json, JsonObject

_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "off", "OFF"})


def query_pairs(query_string: str) -> list[tuple[str, str]]:
    """Decoded names and values in the order they came."""
    found: list[tuple[str, str]] = []
    for part in query_string.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((unquote_plus(name), unquote_plus(value)))
    return found


def nest(given: Sequence[tuple[str, str]]) -> JsonObject:
    """``key[]=a`` makes a list, ``key[k]=v`` an object; of a scalar given twice the last one counts."""
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
    """A list of scalars as texts; None for what is no list."""
    if not isinstance(value, list):
        return None
    return [str(item) for item in value if isinstance(item, str | int | float)]


class Fields:
    """Parameters by name, with the casts that the server's database columns do.

    What has the wrong shape (a list for a scalar, a scalar for a list) is dropped as if it had not been sent.
    """

    def __init__(self, given: Mapping[str, Json]) -> None:
        self._given = given

    def over(self, before: Mapping[str, Json]) -> "Fields":
        """These parameters, and what was there before for all that was not sent."""
        return Fields({**before, **self._given})

    def items(self) -> ItemsView[str, Json]:
        """Names and values as they came."""
        return self._given.items()

    def has(self, name: str) -> bool:
        """Whether the name was sent at all; an explicit null was."""
        return name in self._given

    def raw(self, name: str) -> Json:
        """The value as it came, null where it did not come."""
        return self._given.get(name)

    def text(self, name: str) -> str | None:
        """A scalar as text."""
        value = self._given.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        return value if isinstance(value, str) else None

    def filled(self, name: str) -> str | None:
        """Text that is more than blanks."""
        value = self.text(name)
        return value if value is not None and value.strip() else None

    def integer(self, name: str) -> int | None:
        """A whole number; digits in a string count."""
        number = self.decimal(name)
        return None if number is None else int(number)

    def decimal(self, name: str) -> Decimal | None:
        """A finite number, from a JSON number or a string, exact."""
        value = self._given.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            return None
        # A column holds far fewer digits, and 1e999999 written out would fill the memory.
        return number if number.is_finite() and abs(number.adjusted()) < 400 else None

    def boolean(self, name: str) -> bool | None:
        """Rails' idea of a boolean: nearly everything but "false", "off", "f" and "0" is true."""
        value = self._given.get(name)
        if value is None or value == "" or isinstance(value, list | dict):
            return None
        return value not in _FALSE if isinstance(value, str) else bool(value)

    def strings(self, name: str) -> list[str] | None:
        """A list of scalars as texts; None where no list came."""
        return texts(self._given.get(name))

    def fields(self, name: str) -> "Fields":
        """The object under ``name``; empty where no object came."""
        value = self._given.get(name)
        return Fields(value if isinstance(value, dict) else {})

    def mapping(self, name: str) -> JsonObject | None:
        """The object under ``name`` as it is; None where no object came."""
        value = self._given.get(name)
        return value if isinstance(value, dict) else None

    def list_of_fields(self, name: str) -> "list[Fields] | None":
        """A list of objects; None where no list came."""
        value = self._given.get(name)
        if not isinstance(value, list):
            return None
        return [Fields(item) for item in value if isinstance(item, dict)]
