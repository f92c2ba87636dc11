"""Envelopes: the JSON object that every request and response has around its content, under the name of a root."""

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode

JSON_TYPE = "application/json; charset=utf-8"
EMPTY_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"


@attrs.frozen
class PagedList:
    """One page of a list: the items as JSON bytes, and the ``meta`` object."""

    items: Sequence[bytes]
    meta: JsonObject


@attrs.frozen
class PlainList:
    """A list without ``meta``; under the route's root unless it has its own."""

    items: Sequence[bytes]
    root: str | None = None


@attrs.frozen
class Value:
    """A value that is not an object, such as null, or an object under another root than the route's."""

    value: Json
    root: str | None = None


@attrs.frozen
class NoBody:
    """A response without a body."""


@attrs.frozen
class PlainText:
    """A body of plain text."""

    text: str


Result: TypeAlias = JsonObject | PagedList | PlainList | Value | NoBody | PlainText
"""What a handler returns; an object goes under the route's root."""


def opened(params: Fields, root: str) -> Fields:
    """Return the object under the request's root; refuse a request where it is missing or empty."""
    given = params.mapping(root)
    if not given:
        raise refusals.missing_envelope(root)
    return Fields(given)


def rendered(result: Result, root: str | None) -> bytes:
    """Return the body of the response for what a handler returned."""
    match result:
        case NoBody():
            return b""
        case PlainText(text):
            return text.encode()
        case PagedList(items, meta):
            return b'{%b:[%b],"meta":%b}' % (_name(root), b",".join(items), encode(meta))
        case PlainList(items, own_root):
            return b"{%b:[%b]}" % (_name(own_root or root), b",".join(items))
        case Value(value, own_root):
            return b"{%b:%b}" % (_name(own_root or root), encode(value))
        case _:
            return b"{%b:%b}" % (_name(root), encode(result))


def _name(root: str | None) -> bytes:
    if root is None:
        raise ValueError("the operation has no response root in the endpoint table")
    return encode(root)
