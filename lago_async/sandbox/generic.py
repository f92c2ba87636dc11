"""Objects without behaviour of their own: kept as they were sent, for every operation of the table that has the shape.

A row ``GET /things``, ``POST /things``, ``GET``, ``PUT``, ``PATCH`` or ``DELETE /things/{key}`` answers with what was
sent, and with what the server would add: an id, a time, and for each field that the SDK's model has and nobody sent a
value of its type. The models are only loaded when such an operation is first called.
"""

import re
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import attrs

from lago_async._registry import ENDPOINTS
from lago_async.sandbox import errors
from lago_async.sandbox.handlers import Call, Handler, Listing, Page, Result
from lago_async.sandbox.paging import Window
from lago_async.sandbox.query import Fields
from lago_async.sandbox.records import Thing
from lago_async.sandbox.routing import Route
from lago_async.sandbox.wire import Json, JsonObject, decimal_text, encode, iso, parse_moment

_SHAPE = re.compile(r"/(\w+)(?:/\{(\w+)\})?")


def _members(kind: object) -> tuple[object, ...]:
    """The types that a hint allows."""
    if typing.get_origin(kind) is typing.Annotated:
        return _members(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return typing.get_args(kind)
    return (kind,)


@cache
def _fields(model: type) -> Mapping[str, tuple[object, ...]]:
    """The fields of a model under their names on the wire, and the types that each allows."""
    hints = typing.get_type_hints(model)
    return {field.name: _members(hints[field.name]) for field in attrs.fields(model)}


def _model(operation: str) -> type | None:
    """The model of the object, or of the elements of the list, that an operation answers."""
    for kind in _members(ENDPOINTS[operation].returns):
        for each in (kind, *typing.get_args(kind)):
            if isinstance(each, type) and attrs.has(each):
                return each
    return None


def _known_fields(operation: str) -> Mapping[str, tuple[object, ...]]:
    model = _model(operation)
    return {} if model is None else _fields(model)


def _empty(kinds: tuple[object, ...], now: datetime) -> Json:
    """What the server would send for a field that nobody set."""
    if type(None) in kinds:
        return None
    kind = kinds[0]
    if isinstance(kind, type) and attrs.has(kind):
        return {name: _empty(inner, now) for name, inner in _fields(kind).items()}
    plain: dict[object, Json] = {
        bool: False,
        int: 0,
        float: 0.0,
        Decimal: "0.0",
        datetime: iso(now),
        date: now.date().isoformat(),
        str: "",
    }
    origin = typing.get_origin(kind)
    if origin is list:
        return []
    return {} if origin is dict else plain.get(kind)


def _cast(value: Json, kinds: tuple[object, ...]) -> Json:
    """A value the way the server writes it: decimals as text, times in UTC."""
    given = Fields({"value": value})
    if value is None:
        return None
    if Decimal in kinds:
        number = given.decimal("value")
        return None if number is None else decimal_text(number)
    if datetime in kinds:
        moment = parse_moment(value)
        return None if moment is None else iso(moment)
    if bool in kinds:
        return given.boolean("value")
    return given.integer("value") if int in kinds and str not in kinds else value


def _required(operation: str) -> list[str]:
    """The fields that the request must have."""
    body = ENDPOINTS[operation].body
    if not isinstance(body, type) or not attrs.has(body):
        return []
    return [field.name for field in attrs.fields(body) if field.default is attrs.NOTHING]


class _Things:
    """The things below one path."""

    def __init__(self, collection: str, key: str | None) -> None:
        self._collection = collection
        self._key = key

    def _all(self, call: Call) -> dict[str, Thing]:
        return call.store.things[self._collection]

    def _json(self, call: Call, thing: Thing) -> JsonObject:
        shown: JsonObject = {}
        for name, kinds in _known_fields(call.route.name).items():
            value = thing.values.get(name)
            shown[name] = _empty(kinds, thing.created_at) if value is None else _cast(value, kinds)
        return {**shown, "lago_id": thing.lago_id, "created_at": iso(thing.created_at)}

    def _find(self, call: Call) -> Thing:
        for thing in self._all(call).values():
            key = self._key or "lago_id"
            if call.identifier == (thing.lago_id if key == "lago_id" else thing.values.get(key)):
                return thing
        raise errors.not_found(call.route.root or self._collection)

    def create(self, call: Call) -> JsonObject:
        store, given = call.store, call.envelope()
        found = errors.Errors()
        for name in _required(call.route.name):
            if given.raw(name) in {None, ""}:
                found.add(name, "value_is_mandatory")
        code = given.filled("code")
        if code is not None and any(each.values.get("code") == code for each in self._all(call).values()):
            found.add("code", "value_already_exist")
        found.refuse()
        thing = Thing(created_at=store.now, values=dict(given.items()))
        self._all(call)[thing.lago_id] = thing
        return self._json(call, thing)

    def find(self, call: Call) -> JsonObject:
        return self._json(call, self._find(call))

    def update(self, call: Call) -> JsonObject:
        thing = self._find(call)
        thing.values = dict(call.envelope().over(thing.values).items())
        return self._json(call, thing)

    def destroy(self, call: Call) -> JsonObject:
        thing = self._find(call)
        del self._all(call)[thing.lago_id]
        return self._json(call, thing)

    def list_all(self, call: Call) -> Result:
        newest_first = list(reversed(self._all(call).values()))
        page: Page = Window.of(call.params).page(newest_first, lambda thing: encode(self._json(call, thing)))
        return page if ENDPOINTS[call.route.name].paged else Listing(page.items)


def generic_handler(route: Route) -> Handler | None:
    """The handler of an operation of the package's table that has the shape of a plain resource."""
    shape = _SHAPE.fullmatch(route.path)
    if shape is None or route.name not in ENDPOINTS:
        return None
    things, key = _Things(shape[1], shape[2]), shape[2]
    handlers: dict[tuple[str, bool], Handler] = {
        ("GET", False): things.list_all,
        ("POST", False): things.create,
        ("GET", True): things.find,
        ("PUT", True): things.update,
        ("PATCH", True): things.update,
        ("DELETE", True): things.destroy,
    }
    return handlers.get((route.method, key is not None))
