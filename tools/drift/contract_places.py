"""Where a fact belongs in the contract: the file of the overlay, and the entry in the shape of that file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from tests.contract.facts import FILES, OPERATIONS
from tests.contract.kinds import Node
from tests.contract.walk import walk
from tools.contract.schemas import is_mapping


def file_of(collection: str, name: str) -> str:
    """Return the file that has an operation or an object."""
    for file, content in FILES.items():
        if name in cast("Mapping[str, object]", content.get(collection, {})):
            return file
    return "shared"


def objects_of(model: type) -> list[Node]:
    """Return the objects of the contract for which a model stands."""
    return [node for node in walk().nodes.get(model, {}).values() if node.path.split(".")[0] not in OPERATIONS]


def field_entry(node: Node, name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry for a field of an object, which may stand inside of other fields."""
    root, *inner = node.path.split(".")
    entry: dict[str, Any] = {name: dict(facts)}
    for each in reversed(inner):
        entry = {each: {"fields": entry}}
    return {"objects": {root: {"fields": entry}}}


def operation_entry(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry for an operation."""
    return {"operations": {name: dict(facts)}}


def joined(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one mapping with the content of all."""
    made: dict[str, Any] = {}
    for entry in entries:
        for key, value in entry.items():
            if is_mapping(value) and is_mapping(made.get(key)):
                made[key] = joined([made[key], value])
            else:
                made[key] = value
    return made
