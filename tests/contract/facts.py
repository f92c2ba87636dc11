"""The contract as data: operations, objects, enumerations and webhooks by name. README.md explains each key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NotRequired, TypeAlias, TypedDict, TypeVar

import msgspec

FOLDER = Path(__file__).parent


class Field(TypedDict):
    """A field of an object."""

    type: str
    required: NotRequired[bool]
    nullable: NotRequired[bool]
    enum: NotRequired[list[str]]
    deprecated: NotRequired[bool]
    fields: NotRequired[dict[str, "Field"]]
    server_only: NotRequired[bool]
    server_type: NotRequired[str]
    server_enum: NotRequired[list[str]]
    server_optional: NotRequired[bool]
    server_required: NotRequired[bool]
    required_on_create: NotRequired[bool]
    nullable_in: NotRequired[list[str]]
    never_null_on_server: NotRequired[bool]
    conditional: NotRequired[bool]
    spec_only: NotRequired[bool]
    spec_only_in: NotRequired[list[str]]


Fields: TypeAlias = Mapping[str, Field]


class Object(TypedDict):
    """An object, or a list of objects, that has a name."""

    fields: dict[str, Field]
    array: NotRequired[bool]
    server_only: NotRequired[bool]
    bare_in_lists: NotRequired[bool]


class QueryFacts(TypedDict):
    """A parameter of a query."""

    type: str
    required: bool
    enum: NotRequired[list[str]]
    deprecated: NotRequired[bool]
    server_only: NotRequired[bool]
    server_required: NotRequired[bool]
    server_enum: NotRequired[list[str]]
    unknown: NotRequired[Literal["refused", "not_found", "nothing", "ignored"]]


class RequestFacts(TypedDict):
    """The body of a request."""

    schema: str
    root: str | None
    required: bool
    fields: NotRequired[dict[str, Field]]


class ResponseFacts(TypedDict):
    """The body of a success."""

    kind: str
    root: str | None
    paginated: bool
    schema: str | None
    fields: NotRequired[dict[str, Field]]


class Operation(TypedDict):
    """An operation."""

    version: NotRequired[str]
    host: NotRequired[str]
    method: str
    path: str
    query: dict[str, QueryFacts]
    request: RequestFacts | None
    response: ResponseFacts
    errors: list[str]
    server_only: NotRequired[bool]
    idempotent: NotRequired[bool]
    gate: NotRequired[str]
    gates: NotRequired[list[str]]
    note: NotRequired[str]


class Webhook(TypedDict):
    """A type of webhook."""

    object_type: str
    catalogue_name: NotRequired[str]
    includes: NotRequired[list[str]]
    deprecated: NotRequired[bool]
    server_only: NotRequired[bool]
    spec_only: NotRequired[bool]


class File(TypedDict):
    """A file of the contract: a tag's, or what is shared."""

    operations: NotRequired[dict[str, Operation]]
    objects: NotRequired[dict[str, Object]]
    webhooks: NotRequired[dict[str, Webhook]]
    servers: NotRequired[list[str]]
    enums: NotRequired[dict[str, list[str]]]


Facts = TypeVar("Facts")


def union(parts: list[dict[str, Facts]]) -> dict[str, Facts]:
    """Return all entries of dictionaries that have no key in common."""
    everything = {name: facts for part in parts for name, facts in part.items()}
    assert len(everything) == sum(map(len, parts)), "a name is in two files"
    return everything


FILES: dict[str, File] = {
    path.stem: msgspec.json.decode(path.read_bytes(), type=File) for path in sorted((FOLDER / "api").glob("*.json"))
}
OPERATIONS = union([file.get("operations", {}) for file in FILES.values()])
OBJECTS = union([file.get("objects", {}) for file in FILES.values()])
ENUMS = union([file.get("enums", {}) for file in FILES.values()])
WEBHOOKS = union([file.get("webhooks", {}) for file in FILES.values()])
TAGS = {tag for tag, file in FILES.items() if file.get("operations")}


def version_of(facts: Operation) -> str:
    """Return the version of the API that has an operation."""
    return facts.get("version", "v1")


def known_values(field: Field | QueryFacts) -> list[str]:
    """Return the values of an enumeration that the description or the server knows."""
    return [*field.get("enum", []), *field.get("server_enum", [])]
