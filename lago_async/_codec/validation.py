"""The check of a body against its declared type: values become plain JSON values, or are refused by their path.

msgspec writes bytes as base64, NaN as null, and many types as some text. None of these is what the field means, so each
value is checked by the type of its field. Types that JSON tells apart (a number in a field of text) are left to
msgspec's own check of the result.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, NamedTuple, TypeAlias, cast, get_args, get_origin

import attrs
from msgspec import UNSET, Meta, UnsetType

from lago_async._codec.hints import is_union
from lago_async._datetimes import aware, plain_date
from lago_async._printable import printable

Path: TypeAlias = "tuple[Path, str] | None"
"""The steps to a value, the last one first: ``((None, ".parts"), "[0]")``."""


class Complaint(NamedTuple):
    """A sentence on one value, or on the keys of one object."""

    path: Path
    text: str
    about_keys: bool


_LONGEST: Final = 100  # characters of one step; keys of free-form JSON may be anything

Check: TypeAlias = "Callable[[Any, Path, list[Complaint]], object]"
"""A function from a value to its plain form; it adds to the complaints."""


def steps(path: Path) -> str:
    """Return a path as text on one line: ``.parts[0].key``."""
    text = ""
    while path is not None:
        path, step = path
        text = printable(step, _LONGEST) + text
    return text


@cache
def check_of(kind: Any) -> Check:
    """Return the check of values of a declared type."""
    hints = [member for member in (get_args(kind) if is_union(kind) else (kind,)) if member is not UnsetType]
    members = [get_args(hint)[0] if get_origin(hint) is Annotated else hint for hint in hints]
    if not {Any, object}.isdisjoint(members):
        return _check_json
    leaf = _leaf_check(frozenset(members), " | ".join(map(_name, members)))
    for meta in (meta for hint in hints if get_origin(hint) is Annotated for meta in get_args(hint)[1:]):
        if isinstance(meta, Meta) and meta.pattern is not None:
            return _pattern_check(leaf, re.compile(meta.pattern).search, str(meta.description))
    models = [member for member in members if attrs.has(member)]
    if models:
        return _object_check(models[0], leaf)
    for member in members:
        if get_origin(member) is list:
            return _list_check(check_of(get_args(member)[0]), leaf)
        if get_origin(member) is dict:
            return _dict_check(check_of(get_args(member)[1]), leaf)
    return leaf


def _object_check(model: Any, leaf: Check) -> Check:
    # A converter of a field turns datetimes into text, so all that remain there are wrong, but not of a wrong type.
    # msgspec writes the slots of a model in the order of their names: so a model and its mapping are the same bytes.
    attributes = {field.name: field for field in attrs.fields(model)}
    fields = [
        (
            field.name,
            f".{field.name}",
            check_of(field.type if field.converter is None else field.type | datetime),
            cast("Callable[[Any], Any] | None", field.converter),
            field.default is attrs.NOTHING,
        )
        for _, field in sorted(attributes.items())
    ]
    known = list(attributes)

    def check(value: Any, path: Path, complaints: list[Complaint]) -> object:
        if isinstance(value, (dict, Mapping)):  # `Mapping` alone is slow
            members = cast("Mapping[object, object]", value)
        elif isinstance(value, model):
            members = {field.name: getattr(value, field.name) for field in attrs.fields(cast("type[Any]", type(value)))}
        elif attrs.has(cast("type[Any]", type(value))):
            complaints.append(_unexpected(path, f"a {model.__name__} or a mapping", value))
            return None
        else:
            return leaf(value, path, complaints)
        plain: dict[str, object] = {}
        for name, step, check_field, convert, required in fields:
            item = members.get(name, UNSET)
            if item is UNSET:
                if required:
                    complaints.append(Complaint((path, step), "is missing", about_keys=True))
                continue
            plain[name] = check_field(item if convert is None else convert(item), (path, step), complaints)
        if not attributes.keys() >= members.keys():
            complaints.extend(_unknown_keys(members, known, path))
        return plain

    return check


def _list_check(check_item: Check, leaf: Check) -> Check:
    def check(value: Any, path: Path, complaints: list[Complaint]) -> object:
        if not _is_sequence(value):
            return leaf(value, path, complaints)
        return [check_item(item, (path, f"[{index}]"), complaints) for index, item in enumerate(value)]

    return check


def _dict_check(check_item: Check, leaf: Check) -> Check:
    def check(value: Any, path: Path, complaints: list[Complaint]) -> object:
        if not isinstance(value, (dict, Mapping)):
            return leaf(value, path, complaints)
        plain: dict[str, object] = {}
        for key, item in cast("Mapping[object, object]", value).items():
            text = key if key.__class__ is str and cast("str", key).isascii() else _key(key, path, complaints)
            plain[cast("str", text)] = check_item(item, (path, f".{text}"), complaints)
        return plain

    return check


def _leaf_check(kinds: Collection[Any], expected: str) -> Check:
    """Return the check of a value that is neither an object nor a list; ``None`` in ``kinds`` allows any JSON value."""

    def check(value: Any, path: Path, complaints: list[Complaint]) -> object:
        if _is_plain(value):
            return value
        if isinstance(value, Enum):
            return check(value.value, path, complaints)
        if isinstance(value, str):
            return _text(value, path, complaints)
        if isinstance(value, int):
            return int.__int__(value)
        if isinstance(value, float):
            return float.__float__(value) if math.isfinite(value) else _no_number(value, path, complaints)
        if isinstance(value, Decimal) and (Decimal in kinds or None in kinds):
            return Decimal(value) if value.is_finite() else _no_number(value, path, complaints)
        if isinstance(value, datetime) and (datetime in kinds or None in kinds):
            return _moment(value, path, complaints)
        if isinstance(value, date) and not isinstance(value, datetime) and (date in kinds or None in kinds):
            return plain_date(value)
        if isinstance(value, Mapping):
            return {}  # never right here, and msgspec names JSON's own types
        if isinstance(value, list | tuple):
            return []
        complaints.append(_unexpected(path, expected, value))
        return None

    return check


def _pattern_check(leaf: Check, matches: Callable[[str], object], expected: str) -> Check:
    """Return the check of text that must match a pattern: msgspec would show the pattern instead of its meaning."""

    def check(value: Any, path: Path, complaints: list[Complaint]) -> object:
        if value is None or isinstance(value, datetime):
            return leaf(value, path, complaints)
        plain = value.value if isinstance(value, Enum) else value
        if not isinstance(plain, str):
            complaints.append(_unexpected(path, expected, plain))
            return None
        text = _text(plain, path, complaints)
        if not matches(text):
            shown = printable(repr(text), _LONGEST)
            complaints.append(Complaint(path, f"expected {expected}, got {shown}", about_keys=False))
        return text

    return check


_check_leaf_of_json: Final = _leaf_check((None,), "a JSON value")


def _check_json(value: Any, path: Path, complaints: list[Complaint]) -> object:
    if _is_plain(value):
        return value
    if isinstance(value, (dict, Mapping)):
        return _check_json_object(value, path, complaints)
    if _is_sequence(value):
        return _check_json_array(value, path, complaints)
    return _check_leaf_of_json(value, path, complaints)


_check_json_object: Final = _dict_check(_check_json, _check_leaf_of_json)
_check_json_array: Final = _list_check(_check_json, _check_leaf_of_json)


def _is_plain(value: Any) -> bool:
    """Tell quickly whether a value is what most values are; the other checks take the rest."""
    cls = value.__class__
    if cls is str:
        return bool(value.isascii())
    return value is None or cls is int or cls is bool or (cls is float and math.isfinite(value))


def _is_sequence(value: object) -> bool:
    if value.__class__ is list:
        return True
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def _key(key: object, path: Path, complaints: list[Complaint]) -> str:
    plain = key.value if isinstance(key, Enum) else key
    if isinstance(plain, str):
        return _text(plain, path, complaints)
    complaints.append(_unexpected(path, "keys of type str", key))
    return ""


def _text(value: str, path: Path, complaints: list[Complaint]) -> str:
    plain = str.__str__(value)  # a subclass may show something else
    try:
        plain.encode()
    except UnicodeEncodeError:
        complaints.append(Complaint(path, "a lone surrogate, which JSON cannot hold", about_keys=False))
    return plain


def _moment(value: datetime, path: Path, complaints: list[Complaint]) -> object:
    try:
        return aware(value)
    except ValueError as error:
        complaints.append(Complaint(path, str(error), about_keys=False))
        return None


def _no_number(value: object, path: Path, complaints: list[Complaint]) -> object:
    complaints.append(Complaint(path, f"expected a number, got {value}; JSON has no such number", about_keys=False))
    return None


def _unexpected(path: Path, expected: str, value: object) -> Complaint:
    return Complaint(path, f"expected {expected}, got {type(value).__name__}", about_keys=False)


def _unknown_keys(members: Mapping[object, object], known: list[str], path: Path) -> list[Complaint]:
    texts: list[str] = []
    for key in sorted(str(member) for member in members if member not in known):
        near = difflib.get_close_matches(key, known, n=1)
        texts.append(f"has no {key!r}" + (f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(known)}"))
    return [Complaint(path, text, about_keys=True) for text in texts]


def _name(kind: Any) -> str:
    """Return msgspec's name for a type, so that both checks use the same words."""
    if kind is NoneType:
        return "null"
    if attrs.has(kind) or get_origin(kind) is dict:
        return "object"
    if get_origin(kind) is list:
        return "array"
    return "decimal" if kind is Decimal else str(getattr(kind, "__name__", kind))
