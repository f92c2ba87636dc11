"""Query parameters: their types, and how each is written on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeAlias, cast
from urllib.parse import quote

import attrs
from msgspec import Meta

from lago_async._datetimes import aware, plain_date

__all__ = ["ParameterType", "PositiveInt", "QueryParameter"]

PositiveInt: TypeAlias = Annotated[int, Meta(ge=1)]
"""A page number or a page size. The server misreads 0 and negative numbers, or fails."""

# Matches text that needs no percent-encoding in a path or a query.
is_plain = re.compile(r"[A-Za-z0-9_~-]+").fullmatch


class ParameterType(StrEnum):
    """The types of query parameters; an error uses their values in "must be ..."."""

    STRING = "a string"
    POSITIVE_INT = "an integer of 1 or more"
    INTEGER = "an integer"
    BOOLEAN = "True or False"
    DATETIME = "a date or a datetime with a time zone"
    DATE = "a date"
    STRINGS = "a list of strings, not empty"
    STRINGS_OR_INTEGERS = "a list of strings or integers, not empty"
    MAPPING = "a mapping of strings to strings"

    @property
    def suffix(self) -> str:
        """The end of the wire name, in Rails' notation for lists and hashes."""
        return _SUFFIXES.get(self, "")


_SUFFIXES: Mapping[ParameterType, str] = {
    ParameterType.STRINGS: "[]",
    ParameterType.STRINGS_OR_INTEGERS: "[]",
    ParameterType.MAPPING: "[key]",
}


@attrs.frozen
class QueryParameter:
    """One query parameter.

    Attributes:
        name: The keyword in Python.
        wire: The name on the wire, with ``[]`` for a list and ``[key]`` for a mapping.
        type: The type of its values.
        required: Whether the server refuses the call without it.
        values: The values of an enumeration that are known; empty for anything else. The client sends other values too,
            because a newer server may know them.
    """

    name: str
    wire: str
    type: ParameterType
    required: bool
    values: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    _key: str = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda self: f"{_quote(self.wire)}=", takes_self=True)
    )

    def pairs(self, value: object) -> Iterator[str]:
        """Like ``encode``, percent-encoded, with a fast path for plain strings and integers."""
        plain = (
            is_plain(cast("str", value))
            if value.__class__ is str and self.type is ParameterType.STRING
            else value.__class__ is int and self.type is ParameterType.POSITIVE_INT and cast("int", value) >= 1
        )
        if plain:
            yield f"{self._key}{value}"
        else:
            for key, text in self.encode(value):
                yield f"{_quote(key)}={_quote(text)}"

    def encode(self, value: object) -> Iterator[tuple[str, str]]:
        """Yield the pairs of name and value that the server expects.

        Raises:
            NaiveDatetimeError: The value is a datetime without a time zone.
            ValueError: The value has another type, or the server would misread it.
        """
        match self.type, value:
            case ParameterType.STRING, str() if value or not self.required:
                yield self.wire, _string(value)
            case ParameterType.INTEGER | ParameterType.POSITIVE_INT, int() if not isinstance(value, bool):
                if self.type is ParameterType.POSITIVE_INT and value < 1:
                    raise ValueError
                yield self.wire, _integer(value)
            case ParameterType.BOOLEAN, bool():
                yield self.wire, "true" if value else "false"
            case ParameterType.DATETIME, datetime():
                yield self.wire, aware(value).isoformat()
            case ParameterType.DATE | ParameterType.DATETIME, date() if not isinstance(value, datetime):
                yield self.wire, plain_date(value).isoformat()
            case ParameterType.STRINGS, Sequence() if _is_list(cast("Sequence[object]", value)):
                # The server ignores an empty list, and a scalar where it expects a list: without the filter, the
                # response would hold all items.
                for item in cast("Sequence[object]", value):
                    yield self.wire, _string(item)
            case ParameterType.STRINGS_OR_INTEGERS, Sequence() if _is_list(cast("Sequence[object]", value)):
                for item in cast("Sequence[object]", value):
                    is_integer = isinstance(item, int) and not isinstance(item, bool)
                    yield self.wire, _integer(item) if is_integer else _string(item)
            case ParameterType.MAPPING, Mapping():
                for key, item in cast("Mapping[object, object]", value).items():
                    yield f"{self.wire.removesuffix(self.type.suffix)}[{_string(key)}]", _string(item)
            case _:
                raise ValueError


def _is_list(value: Sequence[object]) -> bool:
    return len(value) > 0 and not isinstance(value, str | bytes | bytearray | memoryview)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - `QueryParameter.encode` has one way to refuse
    return str.__str__(value)  # an enumeration shows its name instead


def _integer(value: object) -> str:
    return str(int.__int__(cast("int", value)))  # an enumeration shows its name instead


def _quote(text: str) -> str:
    return quote(text, safe="[]")
