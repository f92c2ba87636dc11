"""The schemas of an OpenAPI document, as the short types and the fields of the contract."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = Mapping[str, Any]
Facts: TypeAlias = dict[str, Any]

_FORMATS = {"uuid": "uuid", "date-time": "datetime", "date": "date", "uri": "uri", "email": "email"}


def is_mapping(value: Any) -> TypeGuard[Json]:
    """Return whether a value is a JSON object."""
    return isinstance(value, Mapping)


class Schemas:
    """The schemas of a document.

    Attributes:
        named: All schemas that have a name.
        objects: The names of objects with fields.
        lists: The names of lists whose items are objects without a name.
        enums: The values of each enumeration.
    """

    def __init__(self, document: Json) -> None:
        self._document = document
        self.named: Json = document["components"]["schemas"]
        self.objects = {name for name, schema in self.named.items() if _has_fields(schema)}
        self.lists = {name for name, schema in self.named.items() if _has_fields(_own_items(schema))}
        self.enums = {name: _values(schema) for name, schema in self.named.items() if "enum" in schema}

    def resolve(self, node: Json) -> Json:
        """Return a node, or the target of its reference."""
        while "$ref" in node:
            target: Any = self._document
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def type_of(self, schema: Json) -> str:
        """Return the short type of a schema: ``decimal``, ``array<ref:PlanObject>``, ``integer|string``."""
        if "$ref" in schema:
            return self._type_of_reference(schema)
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return "|".join(sorted({self.type_of(item) for item in schema[choice] if item.get("type") != "null"}))
        if "allOf" in schema:
            return "object" if self.fields(schema) else self.type_of(schema["allOf"][0])
        kind = "|".join(_types(schema)) or ("object" if "properties" in schema else "any")
        if kind == "string":
            pattern = str(schema.get("pattern", ""))
            return _FORMATS.get(schema.get("format", ""), "decimal" if "0-9" in pattern and "." in pattern else kind)
        if kind == "array":
            return f"array<{self.type_of(schema.get('items', {}))}>"
        if kind == "object" and "properties" not in schema:
            extra = schema.get("additionalProperties")
            values: Json = extra if is_mapping(extra) else {}
            return f"map<{self.type_of(values)}{'|null' if _is_nullable(values) else ''}>"
        return kind

    def _type_of_reference(self, schema: Json) -> str:
        """Return the name of a schema with fields or values, and the type of any other named schema."""
        name = _name(schema)
        return (
            f"ref:{name}" if name in self.objects | self.lists | self.enums.keys() else self.type_of(self.named[name])
        )

    def fields(self, schema: Json) -> Facts:
        """Return the facts of each field of an object; inherited fields come first."""
        found: Facts = {}
        self._collect_fields(schema, found)
        return found

    def _collect_fields(self, schema: Json, found: Facts) -> None:
        schema = self.resolve(schema)
        for part in schema.get("allOf", ()):
            self._collect_fields(part, found)
        required = set(schema.get("required", ()))
        for name, field in schema.get("properties", {}).items():
            found[name] = self._field(field, required=name in required)
        for name in required & found.keys():
            found[name]["required"] = True

    def _field(self, schema: Json, *, required: bool) -> Facts:
        target = self.resolve(schema)
        facts: Facts = {"type": self.type_of(schema), "required": required}
        if _is_nullable(target):
            facts["nullable"] = True
        if "enum" in _own_items(target):
            facts["enum"] = _values(_own_items(target))
        elif "enum" in target and "$ref" not in schema:
            facts["enum"] = _values(target)
        inner = next((item for item in (target, _own_items(target)) if _has_fields(item)), None)
        if inner is not None and not ("$ref" in schema and _name(schema) in self.objects | self.lists):
            fields = self.fields(inner)
            facts |= {"fields": fields} if fields else {}
        if schema.get("deprecated") or target.get("deprecated"):
            facts["deprecated"] = True
        return facts


def references(facts: Any) -> Iterator[str]:
    """Yield the name of each schema that facts mention."""
    if is_mapping(facts):
        for value in facts.values():
            yield from references(value)
    elif isinstance(facts, str):
        yield from re.findall(r"ref:(\w+)", facts)


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _types(schema: Json) -> list[str]:
    kind: str | list[str] = schema.get("type", [])
    return [item for item in ([kind] if isinstance(kind, str) else kind) if item != "null"]


def _values(schema: Json) -> list[str]:
    """Return the values of an enumeration without null, which is a fact of its own."""
    return [value for value in schema["enum"] if value is not None]


def _own_items(schema: Json) -> Json:
    """Return the items of a list, unless they have a name."""
    items: Json = schema.get("items", {}) if "array" in _types(schema) else {}
    return {} if "$ref" in items else items


def _has_fields(schema: Json) -> bool:
    return bool(schema.get("properties") or schema.get("allOf"))


def _is_nullable(schema: Json) -> bool:
    kind = schema.get("type")
    return (isinstance(kind, list) and "null" in kind) or any(
        item.get("type") == "null" for choice in ("oneOf", "anyOf") for item in schema.get(choice, ())
    )
