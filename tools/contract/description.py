"""The facts of the public description, by tag: names, types, paths, required, nullable and enum values. No prose."""

import re
from collections.abc import Iterable, Iterator, Mapping

from .schemas import Facts, Json, Schemas, references

SHARED = "shared"
WEBHOOKS = "webhooks"
_METHODS = ("get", "post", "put", "patch", "delete")


def description(document: Json) -> dict[str, Facts]:
    """Return the facts of an OpenAPI document, by the name of the file for them.

    Each operation is under its tag. An object is under a tag if only operations of that tag show it, or if its name
    begins with the tag's; the other objects, and facts without a tag, are shared.
    """
    schemas = Schemas(document)
    files: dict[str, Facts] = {SHARED: {"servers": [server["url"] for server in document["servers"]]}}
    for tag, name, facts in _operations(document, schemas):
        files.setdefault(tag, {}).setdefault("operations", {})[name] = facts
    files.setdefault(WEBHOOKS, {})["webhooks"] = _webhooks(document, schemas)
    objects: Facts = {name: {"fields": schemas.fields(schemas.named[name])} for name in schemas.objects}
    for name in schemas.lists:
        objects[name] = {"array": True, "fields": schemas.fields(schemas.named[name]["items"])}
    homes = _homes(objects, {tag: files[tag].get("operations", {}) for tag in files})
    for name in sorted(objects):
        files[homes[name]].setdefault("objects", {})[name] = objects[name]
    files[SHARED]["enums"] = dict(sorted(schemas.enums.items()))
    return files


# --- operations -------------------------------------------------------------------------------------------------------


def _operations(document: Json, schemas: Schemas) -> Iterator[tuple[str, str, Facts]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation: Json = item[method]
                parameters = [
                    schemas.resolve(each) for each in [*item.get("parameters", ()), *operation.get("parameters", ())]
                ]
                yield (
                    operation["tags"][0],
                    snake(operation["operationId"]),
                    {
                        "method": method.upper(),
                        "path": path,
                        "query": {each["name"]: _query(each, schemas) for each in parameters if each["in"] == "query"},
                        "request": _request(operation, schemas),
                        "response": _response(operation, schemas),
                        "errors": sorted(status for status in operation["responses"] if not status.startswith("2")),
                    },
                )


def _query(parameter: Json, schemas: Schemas) -> Facts:
    schema: Json = parameter["schema"]
    facts: Facts = {"type": schemas.type_of(schema), "required": bool(parameter.get("required"))}
    target = schemas.resolve(schema)
    values = target.get("enum") or target.get("items", {}).get("enum")
    if values:
        facts["enum"] = list(values)
    if parameter.get("deprecated"):
        facts["deprecated"] = True
    return facts


def _request(operation: Json, schemas: Schemas) -> Facts | None:
    if "requestBody" not in operation:
        return None
    body = schemas.resolve(operation["requestBody"])
    schema: Json = body["content"]["application/json"]["schema"]
    root, fields = _content(schema, schemas)
    facts: Facts = {"schema": schemas.type_of(schema), "root": root, "required": bool(body.get("required"))}
    if "$ref" not in schema and fields:
        facts["fields"] = fields
    return facts


def _response(operation: Json, schemas: Schemas) -> Facts:
    success = next(response for status, response in operation["responses"].items() if status.startswith("2"))
    content: Json = schemas.resolve(success).get("content", {})
    if not content:
        return {"kind": "empty", "root": None, "paginated": False, "schema": None}
    ((media, body),) = content.items()
    schema: Json = body["schema"]
    root, fields = _content(schema, schemas)
    is_list = root is not None and str(fields[root]["type"]).startswith("array")
    kind = "text" if media.startswith("text/") else "list" if is_list else "object"
    facts: Facts = {"kind": kind, "root": root, "paginated": "meta" in fields, "schema": schemas.type_of(schema)}
    if "$ref" not in schema and fields:
        facts["fields"] = fields
    return facts


def _content(schema: Json, schemas: Schemas) -> tuple[str | None, Facts]:
    """Return the one field of an envelope, or None if the schema is not an envelope; and all fields."""
    fields = schemas.fields(schema)
    inner = [name for name in fields if name != "meta"]
    return inner[0] if len(inner) == 1 else None, fields


def _webhooks(document: Json, schemas: Schemas) -> Facts:
    found: Facts = {}
    for item in document["webhooks"].values():
        fields = schemas.fields(item["post"]["requestBody"]["content"]["application/json"]["schema"])
        ((name,), (object_type,)) = (fields[each]["enum"] for each in ("webhook_type", "object_type"))
        found[name] = {"object_type": object_type}
    return dict(sorted(found.items()))


def snake(name: str) -> str:
    """Return a name in camel case in snake case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", name).lower()


# --- the file of each object ------------------------------------------------------------------------------------------


def _homes(objects: Mapping[str, Facts], operations: Mapping[str, Facts]) -> dict[str, str]:
    """Return the file of each object."""
    shown_by = {tag: _reached(references(facts), objects) for tag, facts in operations.items()}
    nouns = {noun: tag for tag in operations for noun in (tag, _singular(tag))}
    homes: dict[str, str] = {}
    for name in objects:
        tags = [tag for tag, names in shown_by.items() if name in names]
        words = snake(name) + "_"
        longest = max((noun for noun in nouns if words.startswith(noun + "_")), key=len, default=None)
        homes[name] = tags[0] if len(tags) == 1 else nouns[longest] if longest else SHARED
    return homes


def _reached(names: Iterable[str], objects: Mapping[str, Facts]) -> set[str]:
    reached: set[str] = set()
    waiting = [name for name in names if name in objects]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [each for each in references(objects[name]) if each in objects]
    return reached


def _singular(noun: str) -> str:
    for plural, singular in (("ies", "y"), ("xes", "x"), ("s", "")):
        if noun.endswith(plural):
            return noun.removesuffix(plural) + singular
    return noun
