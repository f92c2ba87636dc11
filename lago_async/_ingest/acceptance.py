"""The acceptance of an event: it is checked, completed and encoded, before the sink promises to deliver it.

A batch is all or nothing at the server, and some values make the server fail with 500 instead of naming the event. So
everything that can be known to be wrong is refused here, by the name of its field.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from math import inf
from time import time
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, cast

import attrs
import msgspec

from lago_async._codec.writing import UnwritableError, encode, write
from lago_async._printable import printable
from lago_async.errors import LagoArgumentError
from lago_async.models import UNSET, EventInput
from lago_async.models._event_time import event_time

if TYPE_CHECKING:
    from lago_async.models import Json

__all__ = ["UsageEvent"]

_Container: TypeAlias = "dict[object, object] | list[object] | tuple[object, ...]"

UsageEvent: TypeAlias = EventInput | Mapping[str, object]
"""An event as it is given to a sink. A mapping may lack ``transaction_id``, which the sink then makes."""

BATCH: Final = 100
"""The most events of one batch; the server refuses more (its setting ``LAGO_EVENTS_BATCH_MAX_LENGTH``)."""

MAX_EVENT_BYTES: Final = 512 * 1024
"""The largest JSON of one event. Gateways take bodies of 1 MiB by default, and the server's queue does too."""

MAX_ID_BYTES: Final = 2_600
"""The id of the subscription and the transaction id, or the code, together: an entry of the database's indexes."""

EARLIEST: Final = 946_684_800
"""2000-01-01. A time before it is not in seconds, or is a clock that was never set."""

LATEST: Final = 4_102_444_800
"""2100-01-01. The server takes milliseconds for a year after 50000: it never bills them, and lists them first."""

_MAX_DEPTH: Final = 90  # the server's JSON parser refuses 100 levels, with those of the batch around an event
_MAX_PRECISE: Final = Decimal(10) ** 25  # the column is numeric(40, 15)
_SHORT: Final = 512  # characters of the ids together that need no closer look
_FIRST_VISIBLE: Final = "!"
_LAST_VISIBLE: Final = "~"  # of ASCII; the server counts spaces of other scripts as blank, too
_NUL: Final = b"\\u0000"
_SECONDS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z")
# Ruby reads as much of a text as is a number: of other digits it reads 0, and bills that.
_AMOUNT: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_SERIES: Final = 2**24  # ids
_FIELDS: Final = tuple(field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", EventInput)))
_OPERATION: Final = "EventSink.add"
_CUSTOMER: Final = frozenset({"external_customer_id", "lago_customer_id", "customer_id"})


class EventEncoder:
    """Turns events into what the sink keeps: the transaction id, and the JSON with id and timestamp.

    It belongs to one process, because a forked child would give the ids of its parent to other events.
    """

    __slots__ = ("_series",)

    def __init__(self) -> None:
        self._series = _new_series()

    def encode(self, event: UsageEvent, /) -> tuple[str, bytes]:
        """Return the transaction id of an event, and its JSON.

        Raises:
            LagoArgumentError: The event cannot be right; the message names the field.
        """
        fields = cast("dict[str, Any]", event) if event.__class__ is dict else self._fields_of(event)
        get: Any = fields.get
        code, subscription, properties = get("code"), get("external_subscription_id"), get("properties")
        transaction_id, timestamp = get("transaction_id"), get("timestamp")
        # The fast path takes most events, in about 2 us. Whatever it does not know goes to `_encode_checked`.
        if (
            code.__class__ is str
            and subscription.__class__ is str
            and _FIRST_VISIBLE < code < _LAST_VISIBLE  # not blank
            and _FIRST_VISIBLE < subscription < _LAST_VISIBLE
            and (properties is None or (properties.__class__ is dict and _is_plain(properties)))
        ):
            complete = dict(fields)
            if transaction_id is None:
                transaction_id = complete["transaction_id"] = self._new_id()
            if timestamp is None:
                timestamp = complete["timestamp"] = int(time() * 1_000) / 1_000
            if (
                transaction_id.__class__ is str
                and _FIRST_VISIBLE < transaction_id < _LAST_VISIBLE
                and (timestamp.__class__ is float or timestamp.__class__ is int)
                and EARLIEST <= timestamp < LATEST
                and len(complete) == 4 + ("properties" in complete)
                and len(code) + len(subscription) + len(transaction_id) <= _SHORT
            ):
                try:
                    body = encode(complete)
                except (ValueError, OverflowError):
                    pass  # a lone surrogate or a number of more than 64 bits; the check below names the field
                else:
                    if len(body) <= MAX_EVENT_BYTES and _NUL not in body:
                        return transaction_id, body
        return self._encode_checked(fields)

    def encode_all(self, events: Iterable[UsageEvent], /) -> list[tuple[str, bytes]]:
        """Return many events like `encode`.

        Raises:
            LagoArgumentError: One of them cannot be right; the message names its index and the field.
        """
        if isinstance(events, Mapping | str | bytes) or not isinstance(events, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise LagoArgumentError(
                f"{_OPERATION}_many: expected an iterable of events, got {type(cast('object', events)).__name__}"
            )
        encoded: list[tuple[str, bytes]] = []
        for index, event in enumerate(events):
            try:
                encoded.append(self.encode(event))
            except LagoArgumentError as error:
                raise LagoArgumentError(
                    f"{_OPERATION}_many: [{index}]: {str(error).removeprefix(f'{_OPERATION}: ')}"
                ) from None
        return encoded

    def _fields_of(self, event: object) -> dict[str, Any]:
        """Return the fields of a model or a mapping as a dictionary of its own."""
        if event.__class__ is EventInput or isinstance(event, EventInput):
            return {name: value for name in _FIELDS if (value := getattr(event, name)) is not UNSET}
        if isinstance(event, Mapping):
            return dict(cast("Mapping[str, Any]", event))
        raise LagoArgumentError(f"{_OPERATION}: expected an EventInput or a mapping, got {type(event).__name__}")

    def _encode_checked(self, fields: Mapping[str, Any]) -> tuple[str, bytes]:
        """Check each field, and return the event; for everything that the fast path does not take."""
        complete = {name: value for name, value in fields.items() if value is not UNSET}
        if not complete.keys() >= {"external_subscription_id"} and (given := _CUSTOMER & complete.keys()):
            _refuse(
                next(iter(given)), "the server matches events by external_subscription_id only", "give that id instead"
            )
        if complete.get("transaction_id") is None:
            complete["transaction_id"] = self._new_id()
        if complete.get("timestamp") is None:
            complete["timestamp"] = int(time() * 1_000) / 1_000
        complete["timestamp"] = _checked_time(complete["timestamp"])
        for name in ("code", "external_subscription_id", "transaction_id"):
            if complete.get(name) is None:
                _refuse(name, "it is missing", _REMEDIES[name])
        try:
            body = write(complete, EventInput, None)
        except UnwritableError as error:
            _check_encodable(complete)
            raise LagoArgumentError(f"{_OPERATION}: {error}") from None
        event = cast("dict[str, Json]", msgspec.json.decode(body))
        _check(event, body)
        return cast("str", event["transaction_id"]), body

    def _new_id(self) -> str:
        """Return a new UUID of version 4; any thread may call it.

        The first 98 of its bits are random and the same for a series, and the others count. That takes a tenth of the
        time of ``uuid4``, and ids that follow each other are cheap for the index of the server's database.
        """
        prefix, numbers = self._series
        number = next(numbers)
        if number >= _SERIES:
            self._series = _new_series()
            return self._new_id()
        return f"{prefix}{number:06x}"


def _new_series() -> tuple[str, Iterator[int]]:
    """Return the first 30 characters of UUIDs of version 4, and the numbers of those that follow."""
    digits = os.urandom(13).hex()
    variant = "89ab"[int(digits[15], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{variant}{digits[16:19]}-{digits[19:25]}", count()


def _is_plain(properties: dict[Any, Any]) -> bool:
    """Tell quickly whether JSON holds all of these properties as they are."""
    for key, value in properties.items():
        kind = value.__class__
        if key.__class__ is not str or not (
            kind is str or kind is int or kind is bool or value is None or (kind is float and -inf < value < inf)
        ):
            return False
    return True


_REMEDIES: Final = {
    "code": "give the code of a billable metric",
    "external_subscription_id": "give your id of the subscription that the event belongs to",
    "transaction_id": "leave it out, and the sink makes one, or give an id of your own",
}


def _checked_time(value: object) -> object:
    """Return a timestamp as it is sent: in seconds since 1970, as a number or as text."""
    seconds = "give a datetime with a time zone, or seconds since 1970"
    if isinstance(value, datetime):
        value = event_time(value)
        if isinstance(value, datetime):
            return value  # without a time zone: the check of the model says so
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        _refuse("timestamp", f"expected a time, got {type(value).__name__}", seconds)
    if isinstance(value, str) and not _SECONDS.match(value):
        _refuse("timestamp", f"{_shown(value)} is not a number of seconds", seconds)
    try:
        number = float(value)
    except (OverflowError, ValueError):  # a signaling NaN is a ValueError
        number = inf
    if not EARLIEST <= number < LATEST:
        problem = f"{_shown(value)} is not between the years 2000 and 2100, in seconds since 1970"
        for name, factor in (("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9)):
            if EARLIEST <= number / factor < LATEST:
                problem = f"{_shown(value)} is in {name}"
                seconds = f"divide it by {factor:.0f}, or give a datetime with a time zone"
        _refuse("timestamp", problem, seconds)
    return f"{value:f}" if isinstance(value, Decimal) else value  # without an exponent, as text is refused with one


def _check_encodable(fields: Mapping[str, Any]) -> None:
    """Refuse by the name of its field what the encoder cannot write without knowing where it is."""
    for name, value in fields.items():
        if _is_nested_deeply(value):
            _refuse(name, "a value holds itself, or is nested too deeply", "flatten it")
        try:
            encode(value)
        except (UnicodeEncodeError, TypeError, OverflowError):
            continue  # the error of the writer names the place
        except ValueError:
            _refuse(name, "an integer has more digits than JSON is written with", "send it as text")


def _check(event: Mapping[str, Json], body: bytes) -> None:
    """Refuse what the model allows and the server does not take."""
    for name, remedy in _REMEDIES.items():
        if not str(event[name]).strip():
            _refuse(name, "it is empty", remedy)
    if len(body) > MAX_EVENT_BYTES:
        largest = max(event, key=lambda name: len(encode(event[name])))
        _refuse(
            largest, f"the event has {len(body):,} bytes of JSON, and the server takes {MAX_EVENT_BYTES:,}", "send less"
        )
    sizes = {name: len(str(event[name]).encode()) for name in _REMEDIES}
    for name in ("transaction_id", "code"):
        if sizes["external_subscription_id"] + sizes[name] > MAX_ID_BYTES:
            longer = max((name, "external_subscription_id"), key=sizes.__getitem__)
            _refuse(
                longer,
                f"{name} and external_subscription_id have more than {MAX_ID_BYTES:,} bytes together",
                "give a shorter one: the server cannot index it",
            )
    if _NUL in body:
        _check_text(event)
    if (depth := _depth_of(event.get("properties"))) > _MAX_DEPTH:
        _refuse("properties", f"they are nested {depth} levels deep, and the server takes {_MAX_DEPTH}", "flatten them")
    precise = event.get("precise_total_amount_cents")
    if isinstance(precise, str) and not _AMOUNT.match(precise):
        _refuse("precise_total_amount_cents", f"{_shown(precise)} is not a number", "give an amount in cents")
    if precise is not None and abs(Decimal(str(precise))) >= _MAX_PRECISE:
        _refuse("precise_total_amount_cents", "it has more than 25 digits before the point", "give an amount in cents")


def _check_text(event: Mapping[str, Json]) -> None:
    """Refuse the character NUL, on which the server's database fails."""
    waiting: list[tuple[str, Json]] = list(event.items())
    for field, value in waiting:
        text = value if isinstance(value, str) else ""
        if isinstance(value, dict):
            waiting += [(f"{field}.{key}", item) for key, item in value.items()]
            text = "".join(value)
        elif isinstance(value, list):
            waiting += [(f"{field}[{index}]", item) for index, item in enumerate(value)]
        if "\0" in text:
            _refuse(printable(field), "it contains the character NUL", "remove it: the server cannot store it")


def _is_nested_deeply(value: object) -> bool:
    """Tell whether a value has more levels than the server takes, also if it holds itself.

    Python's own limit of recursion differs between its versions.
    """
    level = _containers([value])
    for _ in range(_MAX_DEPTH):
        level = _containers(item for each in level for item in (each.values() if isinstance(each, dict) else each))
    return bool(level)


def _containers(values: Iterable[object]) -> Collection[_Container]:
    """Return the objects and lists among values, each once: those that share others would never end."""
    found = [cast("_Container", each) for each in values if isinstance(each, dict | list | tuple)]
    return {id(each): each for each in found}.values()


def _depth_of(value: Json) -> int:
    """Return how many objects and lists are inside each other."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, dict | list) and item]:
        depth += 1
        level = [item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer)]
    return depth


def _shown(value: object) -> str:
    return printable(repr(value) if isinstance(value, str) else str(value), 40) if _is_short(value) else "the number"


def _is_short(value: object) -> bool:
    return not isinstance(value, int) or -(10**30) < value < 10**30


def _refuse(field: str, problem: str, remedy: str) -> NoReturn:
    raise LagoArgumentError(f"{_OPERATION}: {field}: {problem}; {remedy}")
