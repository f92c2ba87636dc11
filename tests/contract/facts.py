"""The contract as a tree of types, and the models that stand for its objects, found by walking both side by side."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

import attrs
from msgspec import UnsetType

from lago_async import models
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from lago_async.pager import AsyncPager

HERE = Path(__file__).parent
CONTRACT: dict[str, Any] = json.loads((HERE / "lago.json").read_text(encoding="utf-8"))
OPERATIONS: dict[str, Any] = CONTRACT["operations"]
OBJECTS: dict[str, Any] = CONTRACT["objects"]
REVIEWED: dict[str, Any] = tomllib.loads((HERE / "reviewed.toml").read_text(encoding="utf-8"))

Field: TypeAlias = Mapping[str, Any]


# --- the contract's types ---------------------------------------------------------------------------------------------


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
    fields: Mapping[str, Field]


Kind: TypeAlias = Leaf | Array | Map | Node

_ARRAYS = {name for name, found in OBJECTS.items() if found.get("array")}
_NAMES = {
    "ref:TaxCodes": Array(Leaf("string")),
    "ref:MetadataObject": Map(Leaf("string|null")),
    "ref:MetadataInput": Map(Leaf("string|null")),
    "array": Array(Leaf("string")),
    "array of string": Array(Leaf("string")),
    "string uuid": Leaf("uuid"),
    "json": Leaf("any"),
    "object": Map(Leaf("any")),
}


@cache
def node(name: str) -> Node:
    """An object of the contract."""
    return Node(name, OBJECTS[name]["fields"])


def kind_of(field: Field, path: str) -> Kind:
    """The type of a field."""
    return _kind(str(field["type"] or "any"), field, path)


def _kind(text: str, field: Field, path: str) -> Kind:
    if inner := re.fullmatch(r"array<(.*)>", text):
        return Array(_kind(inner[1], field, path))
    if inner := re.fullmatch(r"map<(.*)>", text):
        return Map(_kind(inner[1], {}, path))
    if serializer := re.fullmatch(r"array of V1::(.*)Serializer", text):
        short = serializer[1].replace("Entitlement::", "")
        return Array(node(f"{short}Object" if f"{short}Object" in OBJECTS else short))
    if text in _NAMES and not (text == "object" and field.get("fields")):
        return _NAMES[text]
    if text.startswith("ref:") and text[4:] in _ARRAYS:
        return Array(node(text[4:]))
    if text.startswith("ref:") and text[4:] in REVIEWED["without_envelope"]:
        ((name, only),) = node(text[4:]).fields.items()
        return kind_of(only, f"{text[4:]}.{name}")
    if text.startswith("ref:") and text[4:] in OBJECTS:
        return node(text[4:])
    if text.startswith("ref:"):
        return Leaf("string")  # an enumeration
    if field.get("fields"):
        return Node(path, field["fields"])
    if text.startswith("allOf("):
        return _kind(text[6:].split(",")[0].rstrip(")"), field, path)
    server = field.get("server_type")
    if server and "decimal" in str(server) and "integer" not in str(server):
        return Leaf("decimal")
    return Leaf(text)


# --- Python's types ---------------------------------------------------------------------------------------------------


def members(hint: Any) -> list[Any]:
    """What a hint may be besides None and UNSET."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return [
        get_args(part)[0] if get_origin(part) is Annotated else part
        for part in parts
        if part not in (NoneType, UnsetType)
    ]


def takes_none(hint: Any) -> bool:
    """Whether None is among the members of a hint."""
    return hint is Any or NoneType in get_args(hint)


LEAVES: dict[str, set[str]] = {
    "string": {"str"},
    "string|null": {"str"},
    "uuid": {"str"},
    "email": {"str"},
    "uri": {"str"},
    "datetime": {"datetime"},
    "date": {"date"},
    "decimal": {"Decimal"},
    "integer": {"int"},
    "number": {"float"},
    "boolean": {"bool"},
    "boolean|integer|string": {"bool", "int", "str"},
    "integer|number|string": {"int", "float", "str"},
    "integer|string": {"int", "float", "str"},
    "number|string": {"float", "str"},
    "map<any>|string": {"Any"},
}


def matches(kind: Kind, hint: Any) -> bool:
    """Whether a hint is what the contract calls ``kind``; a model matches any object, its fields are compared apart."""
    parts = members(hint)
    if kind == Leaf("any"):
        return True
    if isinstance(kind, Leaf):
        return {getattr(part, "__name__", str(part)) for part in parts} == LEAVES[kind.name]
    if len(parts) != 1:
        return False
    (part,) = parts
    if isinstance(kind, Node):
        return attrs.has(part)
    if get_origin(part) is not (list if isinstance(kind, Array) else dict):
        return False
    return matches(kind.of, get_args(part)[-1])


# --- walking ----------------------------------------------------------------------------------------------------------


class Walk:
    """Pairs of a model and the contract's objects for which it stands.

    Attributes:
        nodes: For each model, the objects by path.
        seen: The names of the contract's objects that were come by, envelopes too.
    """

    def __init__(self) -> None:
        self.nodes: dict[type, dict[str, Node]] = {}
        self.seen: set[str] = set()

    def pair(self, kind: Kind, hint: Any) -> None:
        """Note the pairs in a type of the contract and a hint, and in their fields."""
        if isinstance(kind, Array | Map):
            for part in members(hint):
                if get_args(part):
                    self.pair(kind.of, get_args(part)[-1])
        if not isinstance(kind, Node):
            return
        self.seen.add(kind.path)
        for part in members(hint):
            if attrs.has(part) and kind.path not in self.nodes.setdefault(part, {}):
                self.nodes[part][kind.path] = kind
                types = {field.name: field.type for field in attrs.fields(part)}
                for name, field in kind.fields.items():
                    if name in types:
                        self.pair(kind_of(field, f"{kind.path}.{name}"), types[name])

    def content(self, schema: str, fields: Mapping[str, Field] | None, root: str | None) -> Kind | None:
        """What stands in the envelope of a request or an answer; None if it has none."""
        if not schema.startswith("ref:"):
            return kind_of(fields[root], root) if fields and root in fields else None
        envelope = node(schema[4:])
        inner = {name: field for name, field in envelope.fields.items() if name != "meta"}
        name = root if root in inner else next(iter(inner)) if len(inner) == 1 else None
        if name is None:
            return envelope
        self.seen.add(envelope.path)
        return kind_of(inner[name], f"{envelope.path}.{name}")


def forms() -> Iterator[tuple[str, Endpoint, Any]]:
    """Each operation with its row, and the operations of two shapes with each of their rows."""
    for row in ENDPOINTS.rows:
        if row.name in OPERATIONS:
            yield row.name, row.endpoint, OPERATIONS[row.name]


def schema_for(facts: Mapping[str, Any], root: str | None) -> str:
    """The schema of an envelope, of those that the contract names for an operation of two shapes."""
    schemas = str(facts["schema"]).split("|")
    return next((each for each in schemas if each.startswith("ref:") and root in node(each[4:]).fields), schemas[0])


@cache
def walk() -> Walk:
    """The walk over all operations and over what none of them shows."""
    found = Walk()
    for _, endpoint, facts in forms():
        for kind, hint in sides(found, endpoint, facts):
            found.pair(kind, hint)
    for name, model in REVIEWED["other_objects"].items():
        found.pair(node(name), getattr(models, model))
    return found


def sides(found: Walk, endpoint: Endpoint, facts: Mapping[str, Any]) -> Iterator[tuple[Kind, Any]]:
    """What an operation takes and gives, in the contract's words and in Python's."""
    request, response = facts["request"], facts["response"]
    if request and endpoint.body is not None:
        schema = schema_for(request, endpoint.request_root)
        # Without an envelope the object is the body; one with a single member shows the member.
        root = endpoint.request_root
        if root is not None:
            kind = found.content(schema, request.get("fields"), root)
        elif schema.startswith("ref:"):
            kind = node(schema[4:])
        else:
            kind = Node(endpoint.name, request["fields"])
        if kind is not None:
            yield item(kind), item_hint(endpoint.body)
        for name, model in endpoint.siblings:
            envelope = node(schema[4:])
            yield kind_of(envelope.fields[name], f"{envelope.path}.{name}"), model
    if response["schema"] and endpoint.root is not None:
        schema = schema_for(response, endpoint.root)
        kind = found.content(schema, response.get("fields"), endpoint.root)
        if kind is not None:
            yield item(kind), item_hint(endpoint.returns)


def item(kind: Kind) -> Kind:
    """The element of a list, or the type itself."""
    return kind.of if isinstance(kind, Array) else kind


def item_hint(hint: Any) -> Any:
    """The element of a list or a pager, or the hint itself."""
    return get_args(hint)[0] if get_origin(hint) in (list, AsyncPager) else hint
