"""The tolerant reader: it converts any parsed JSON to models. It is used if the bytes are not exactly as declared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast, get_args

import attrs
import msgspec

from lago_async._codec.hints import has_origin, holds_json, is_union
from lago_async._codec.leaves import LAST_RESORTS, as_float
from lago_async._codec.parsing import DECODING_ERRORS, json_type
from lago_async._printable import printable

if TYPE_CHECKING:
    import cattrs

_Hook: TypeAlias = Callable[[Any, Any], Any]

_log = logging.getLogger("lago_async.codec")


@cache
def tolerant_converter() -> cattrs.Converter:
    """Return the converter that never fails: a value that it cannot read becomes None, and is logged."""
    import cattrs

    converter = cattrs.Converter(detailed_validation=False)
    for leaf, last_resort in LAST_RESORTS.items():
        converter.register_structure_hook(leaf, _leaf_hook(leaf, last_resort))
    converter.register_structure_hook_func(lambda kind: kind is Any, lambda value, _: _plain(value))
    converter.register_structure_hook_factory(has_origin(Annotated), _annotated_hook)
    converter.register_structure_hook_factory(is_union, _union_hook)
    converter.register_structure_hook_factory(has_origin(list), _list_hook)
    converter.register_structure_hook_factory(has_origin(dict), _dict_hook)
    converter.register_structure_hook_factory(attrs.has, _object_hook)
    return converter


def _object_hook(cls: Any, converter: cattrs.Converter) -> _Hook:
    """Convert an object at once if it is as declared, else field by field: an oddity slows only its own object."""
    from cattrs.gen import make_dict_structure_fn

    field_by_field = make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=False)
    # In a field of arbitrary JSON, `convert` would keep the parser's Decimals, but the fast path gives floats.
    whole = not holds_json(cls)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            return None if value is None else _unreadable(value, cls)
        if whole:
            try:
                return msgspec.convert(value, cls, strict=False)
            except DECODING_ERRORS as error:
                _log.debug("%s is read field by field: %s", cls.__name__, printable(str(error)))
        return field_by_field(cast("Mapping[str, Any]", value), cls)

    return structure


def _annotated_hook(kind: Any) -> _Hook:
    return _leaf_hook(kind, LAST_RESORTS[get_args(kind)[0]])  # keeps the constraint on the time zone


def _list_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    (item,) = get_args(kind)
    structure_item = converter.get_structure_hook(item)
    whole = not holds_json(kind)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            if value is not None:
                _unreadable(value, kind)
            return []
        if whole:
            try:
                return msgspec.convert(value, kind, strict=False)
            except DECODING_ERRORS as error:
                _log.debug("a list is read item by item: %s", printable(str(error)))
        return [structure_item(element, item) for element in cast("list[Any]", value)]

    return structure


def _dict_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    _, item = get_args(kind)
    structure_item = converter.get_structure_hook(item)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            return None if value is None else _unreadable(value, kind)
        return {key: structure_item(element, item) for key, element in cast("dict[str, Any]", value).items()}

    return structure


def _union_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    members = [member for member in get_args(kind) if member is not NoneType]
    if len(members) > 1:
        return _leaf_hook(kind, lambda value: as_float(value, kind))
    (member,) = members
    structure_member = converter.get_structure_hook(member)
    return lambda value, _: None if value is None else structure_member(value, member)


def _leaf_hook(kind: Any, last_resort: Callable[[Any], Any]) -> _Hook:
    """Read a value like the fast path, so that both agree; use the last resort only if that refuses the value."""

    def structure(value: Any, _: Any) -> Any:
        if value is None or value.__class__ is kind:
            return value
        try:
            return msgspec.convert(value, kind, strict=False)
        except DECODING_ERRORS:
            pass
        try:
            return last_resort(value)
        except DECODING_ERRORS:
            return _unreadable(value, kind)

    return structure


def _unreadable(value: object, kind: object) -> None:
    # The value is not logged: it may be personal data. `with_http_info(...).body` has it.
    _log.warning("a JSON %s cannot be read as %s and is None", json_type(value), getattr(kind, "__name__", kind))


def _plain(value: Any) -> Any:
    """Convert arbitrary JSON to the fast path's types: fractions become floats."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    return value
