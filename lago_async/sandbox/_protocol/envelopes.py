"""What a handler answers with, before it is put into its envelope."""

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject


@attrs.frozen
class PagedList:
    """A page of a list: elements as JSON bytes, and the ``meta`` object."""

    items: Sequence[bytes]
    meta: JsonObject


@attrs.frozen
class PlainList:
    """A list without ``meta``; under the route's root unless it has its own."""

    items: Sequence[bytes]
    root: str | None = None


@attrs.frozen
class Value:
    """What is no object, such as null, or an object under another root than the route's."""

    value: Json
    root: str | None = None


@attrs.frozen
class NoBody:
    """No body at all."""


@attrs.frozen
class PlainText:
    """A body of plain text."""

    text: str


Result: TypeAlias = JsonObject | PagedList | PlainList | Value | NoBody | PlainText
