"""Our models and the objects that they stand for, found by walking the contract and the table in parallel."""

from collections.abc import Iterator
from functools import cache
from typing import get_args, get_origin

import attrs

from lago_async import models
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from lago_async.pager import AsyncPager
from tests.contract.facts import OPERATIONS, Fields, Operation, RequestFacts, ResponseFacts
from tests.contract.kinds import Array, Hint, Kind, Map, Node, kind_of, members, node
from tests.contract.reviewed import REVIEWED


class Walk:
    """Pairs of a model and the objects for which it stands.

    Attributes:
        nodes: The objects of each model, by path.
        operations: The operations whose requests or responses contain each model.
        seen: The names of all objects met, including envelopes.
    """

    def __init__(self) -> None:
        self.nodes: dict[type, dict[str, Node]] = {}
        self.operations: dict[type, set[str]] = {}
        self._paired: set[tuple[str, type, str]] = set()
        self.seen: set[str] = set()

    def pair(self, kind: Kind, hint: Hint, operation: str = "") -> None:
        """Note the pairs in a type of the contract and in a hint, and in all their fields."""
        if isinstance(kind, Array | Map):
            for part in members(hint):
                if get_args(part):
                    self.pair(kind.of, get_args(part)[-1], operation)
        if not isinstance(kind, Node):
            return
        self.seen.add(kind.path)
        for part in members(hint):
            if attrs.has(part) and (operation, part, kind.path) not in self._paired:
                self._paired.add((operation, part, kind.path))
                self.nodes.setdefault(part, {})[kind.path] = kind
                self.operations.setdefault(part, set()).add(operation)
                types = {field.name: field.type for field in attrs.fields(part)}
                for name, field in kind.fields.items():
                    if name in types:
                        self.pair(kind_of(field, f"{kind.path}.{name}"), types[name], operation)

    def content(self, facts: RequestFacts | ResponseFacts, root: str | None) -> Kind | None:
        """Return what stands in the envelope of a body; None if a body has none."""
        envelope = envelope_of(facts, root)
        if envelope is None:
            fields = facts.get("fields", {})
            return kind_of(fields[root], root) if root in fields else None
        inner = [name for name in envelope.fields if name != "meta"]
        name = root if root in inner else inner[0] if len(inner) == 1 else None
        if name is None:
            return envelope
        self.seen.add(envelope.path)
        return kind_of(envelope.fields[name], f"{envelope.path}.{name}")


def envelope_of(facts: RequestFacts | ResponseFacts, root: str | None) -> Node | None:
    """Return the schema of a body, if it has a name; for a body of two shapes the one with ``root``."""
    schemas = str(facts["schema"]).split("|")
    nodes = [node(schema[4:]) for schema in schemas if schema.startswith("ref:")]
    return next((each for each in nodes if root in each.fields), nodes[0] if nodes else None)


def fields_of(facts: RequestFacts | ResponseFacts, root: str | None) -> Fields:
    """Return the fields of a whole body."""
    envelope = envelope_of(facts, root)
    return envelope.fields if envelope is not None else facts.get("fields", {})


def forms() -> Iterator[tuple[str, Endpoint, Operation]]:
    """Yield each operation with its row; an operation of two shapes with each of its rows."""
    for row in ENDPOINTS.rows:
        if row.name in OPERATIONS:
            yield row.name, row.endpoint, OPERATIONS[row.name]


@cache
def walk() -> Walk:
    """Return the walk over all operations, and over the objects that none of them shows."""
    found = Walk()
    for operation, endpoint, facts in forms():
        for kind, hint in sides(found, endpoint, facts):
            found.pair(kind, hint, operation)
    for name, model in REVIEWED.other_objects.items():
        found.pair(node(name), getattr(models, model))
    return found


def sides(found: Walk, endpoint: Endpoint, facts: Operation) -> Iterator[tuple[Kind, Hint]]:
    """Yield what an operation takes and what it gives, in the contract's words and in ours."""
    request, response = facts["request"], facts["response"]
    if request is not None and endpoint.body is not None:
        envelope = envelope_of(request, endpoint.request_root)
        if endpoint.request_root is not None:
            kind = found.content(request, endpoint.request_root)
        else:
            kind = envelope or Node(endpoint.name, request.get("fields", {}))
        if kind is not None:
            yield item(kind), item_hint(endpoint.body)
        for name, model in endpoint.siblings:
            assert envelope is not None
            yield kind_of(envelope.fields[name], f"{envelope.path}.{name}"), model
    if response["schema"] and endpoint.root is not None:
        kind = found.content(response, endpoint.root)
        if kind is not None:
            yield item(kind), item_hint(endpoint.returns)


def item(kind: Kind) -> Kind:
    """Return the type of a list's items, or the type itself."""
    return kind.of if isinstance(kind, Array) else kind


def item_hint(hint: Hint) -> Hint:
    """Return the hint of the items of a list or a pager, or the hint itself."""
    origin: Hint = get_origin(hint)
    return get_args(hint)[0] if origin in (list, AsyncPager) else hint
