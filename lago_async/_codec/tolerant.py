"""The tolerant reader: it converts any parsed JSON to models. It is used if the bytes are not exactly as declared."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast, get_args, get_origin

import attrs
import msgspec

from lago_async._codec.hints import holds_json, is_union
from lago_async._codec.leaves import LAST_RESORTS, to_number, to_plain
from lago_async._codec.oddities import Oddities
from lago_async._codec.parsing import DECODING_ERRORS
from lago_async._printable import printable

if TYPE_CHECKING:
    import cattrs

Reader: TypeAlias = Callable[[Any, Oddities], Any]
"""A function from parsed JSON to the declared type. It never fails: what it cannot read is None, and is counted."""

_log = logging.getLogger("lago_async.codec")

_oddities: ContextVar[Oddities] = ContextVar("oddities")  # of the response; hooks of cattrs get the value and its type


@cache
def tolerant_reader(kind: Any, field: str) -> Reader:
    """Return the reader of a type; ``field`` names it in the log, as in ``Customer.currency``."""
    if kind is Any:
        return lambda value, _: to_plain(value)
    if get_origin(kind) is Annotated:
        return _leaf_reader(kind, LAST_RESORTS[get_args(kind)[0]], field)  # keeps the constraint on the time zone
    if is_union(kind):
        return _union_reader(kind, field)
    if get_origin(kind) is list:
        return _list_reader(kind, field)
    if get_origin(kind) is dict:
        return _dict_reader(kind, field)
    if attrs.has(kind):
        return _object_reader(kind, field)
    return _leaf_reader(kind, LAST_RESORTS[kind], field)


def _object_reader(cls: Any, field: str) -> Reader:
    """Convert an object at once if it is as declared, else field by field: an oddity slows only its own object."""
    # In a field of arbitrary JSON, `convert` would keep the parser's Decimals, but the fast path gives floats.
    whole = not holds_json(cls)
    read_fields = _fields_reader(cls)

    def read(value: Any, oddities: Oddities) -> Any:
        if not isinstance(value, dict):
            if value is not None:
                oddities.unreadable(field, value, cls.__name__)
            return None
        if whole:
            try:
                return msgspec.convert(value, cls, strict=False)
            except DECODING_ERRORS as error:
                _log.debug("%s is read field by field: %s", cls.__name__, printable(str(error)))
        return read_fields(value, oddities)

    return read


@cache
def _fields_reader(cls: Any) -> Reader:
    """Return the reader of the fields; one per class, wherever the class stands."""
    from cattrs.gen import make_dict_structure_fn, override

    def hook(field: attrs.Attribute[Any]) -> Callable[[Any, Any], Any]:
        read_field = tolerant_reader(cast("Any", field.type), f"{cls.__name__}.{field.name}")
        return lambda value, _: read_field(value, _oddities.get())

    hooks: dict[str, Any] = {
        field.name: override(struct_hook=hook(field)) for field in attrs.fields(attrs.resolve_types(cls))
    }
    structure = make_dict_structure_fn(cls, _converter(), _cattrs_detailed_validation=False, **hooks)

    def read(value: dict[str, Any], oddities: Oddities) -> Any:
        token = _oddities.set(oddities)
        try:
            return structure(value, cls)
        finally:
            _oddities.reset(token)

    return read


@cache
def _converter() -> cattrs.Converter:
    import cattrs

    return cattrs.Converter(detailed_validation=False)


def _list_reader(kind: Any, field: str) -> Reader:
    (item,) = get_args(kind)
    read_item = tolerant_reader(item, field)
    whole = not holds_json(kind)

    def read(value: Any, oddities: Oddities) -> Any:
        if not isinstance(value, list):
            if value is not None:
                oddities.unreadable(field, value, "list")
            return []
        if whole:
            try:
                return msgspec.convert(value, kind, strict=False)
            except DECODING_ERRORS as error:
                _log.debug("a list is read item by item: %s", printable(str(error)))
        return [read_item(element, oddities) for element in cast("list[Any]", value)]

    return read


def _dict_reader(kind: Any, field: str) -> Reader:
    _, item = get_args(kind)
    read_item = tolerant_reader(item, field)

    def read(value: Any, oddities: Oddities) -> Any:
        if not isinstance(value, dict):
            if value is not None:
                oddities.unreadable(field, value, "dict")
            return None
        return {key: read_item(element, oddities) for key, element in cast("dict[str, Any]", value).items()}

    return read


def _union_reader(kind: Any, field: str) -> Reader:
    members = [member for member in get_args(kind) if member is not NoneType]
    if len(members) > 1:
        return _leaf_reader(kind, lambda value: to_number(value, kind), field)
    (member,) = members
    read_member = tolerant_reader(member, field)
    return lambda value, oddities: None if value is None else read_member(value, oddities)


def _leaf_reader(kind: Any, last_resort: Callable[[Any], Any], field: str) -> Reader:
    """Read a value like the fast path, so that both agree; use the last resort only if that refuses the value."""
    declared = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    name = str(declared) if is_union(declared) else declared.__name__
    takes_decimal = Decimal in (declared, *get_args(declared))

    def read(value: Any, oddities: Oddities) -> Any:
        if value is None or value.__class__ is kind:
            return value
        try:
            return msgspec.convert(value, kind, strict=False)
        except DECODING_ERRORS:
            pass
        try:
            found = last_resort(value)
        except DECODING_ERRORS:
            oddities.unreadable(field, value, name)
            return None
        if isinstance(found, Decimal) and not takes_decimal:
            oddities.inexact(field, name)
        return found

    return read
