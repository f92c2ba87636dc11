"""The types of the contract as trees, and their comparison with our types."""

import re
from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

import attrs
from msgspec import UnsetType

from lago_async.models._date_or_datetime import takes_date_or_datetime
from tests.contract.facts import ENUMS, OBJECTS, Field, Fields

Hint: TypeAlias = Any  # a type of ours: a class, a union, a list of something


@attrs.frozen
class Leaf:
    """A type without parts, by the contract's name."""

    name: str


@attrs.frozen
class Array:
    """A list."""

    of: "Kind"


@attrs.frozen
class Map:
    """An object with any keys."""

    of: "Kind"


@attrs.frozen(eq=False)
class Node:
    """An object with fields, by its place in the contract: ``PlanCreateInput.plan.charges``."""

    path: str
    fields: Fields


Kind: TypeAlias = Leaf | Array | Map | Node


# --- from the contract's words ----------------------------------------------------------------------------------------


@cache
def node(name: str) -> Node:
    """Return an object of the contract."""
    return Node(name, OBJECTS[name]["fields"])


def kind_of(field: Field, path: str) -> Kind:
    """Return the type of a field, as the server really sends it."""
    if "server_type" in field:
        return _kind(field["server_type"], None, path)
    return _kind(field["type"], field.get("fields"), path)


def _kind(text: str, fields: Fields | None, path: str) -> Kind:
    if inner := re.fullmatch(r"array<(.*)>", text):
        return Array(_kind(inner[1], fields, path))
    if inner := re.fullmatch(r"map<(.*)>", text):
        return Map(_kind(inner[1], None, path))
    if text.startswith("ref:"):
        return _named(text[4:])
    if fields:
        return Node(path, fields)
    return Map(Leaf("any")) if text == "object" else Leaf(text)


def _named(name: str) -> Kind:
    if name in ENUMS:
        return Leaf("string")
    if OBJECTS[name].get("array"):
        return Array(node(name))
    if OBJECTS[name].get("bare_in_lists"):
        ((inner, field),) = node(name).fields.items()
        return kind_of(field, f"{name}.{inner}")
    return node(name)


# --- to ours ----------------------------------------------------------------------------------------------------------

LEAVES: Mapping[str, set[str]] = {
    "string": {"str"},
    "string|null": {"str"},
    "uuid": {"str"},
    "email": {"str"},
    "uri": {"str"},
    "datetime": {"datetime"},
    "date": {"date"},
    "decimal": {"Decimal"},
    "integer": {"int"},
    "decimal|integer": {"int"},  # a sum of cents: "1000.0" is read as 1000
    "decimal|integer|number": {"Decimal", "int"},  # a bound of a tier, as it was given
    "number": {"float"},
    "boolean": {"bool"},
    "boolean|integer|string": {"bool", "int", "str"},
    "integer|number|string": {"int", "float", "str"},
    "integer|string": {"int", "float", "str"},
    "number|string": {"float", "str"},
    "map<any>|string": {"Any"},
}


def members(hint: Hint) -> list[Hint]:
    """Return the types in a hint, besides None and UNSET."""
    hint = _bare(hint)
    parts: tuple[Hint, ...] = get_args(hint) if _origin(hint) in (Union, UnionType) else (hint,)
    return [_bare(part) for part in parts if part not in (NoneType, UnsetType)]


def _bare(hint: Hint) -> Hint:
    return get_args(hint)[0] if _origin(hint) is Annotated else hint


def _origin(hint: Hint) -> Hint:
    return get_origin(hint)


def takes_none(hint: Hint) -> bool:
    """Return whether None is among the types in a hint."""
    return hint is Any or NoneType in get_args(hint)


def matches(kind: Kind, hint: Hint, *, sent: bool = False) -> bool:
    """Return whether a hint is what the contract calls ``kind``.

    Any model matches any object: their fields are compared one by one elsewhere. In a request the server takes a day
    for a time, and a time for a day.
    """
    parts = members(hint)
    if sent and kind in (Leaf("date"), Leaf("datetime")):
        return takes_date_or_datetime(hint)
    if kind == Leaf("any"):
        return True
    if isinstance(kind, Leaf):
        return {getattr(part, "__name__", str(part)) for part in parts} == LEAVES[kind.name]
    if len(parts) != 1:
        return False
    (part,) = parts
    if isinstance(kind, Node):
        return attrs.has(part)
    if _origin(part) is not (list if isinstance(kind, Array) else dict):
        return False
    return matches(kind.of, get_args(part)[-1], sent=sent)
