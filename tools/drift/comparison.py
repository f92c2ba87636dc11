"""The table and the models, compared with the routes and the actions of the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from lago_async._codec.hints import has_origin
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from tests.contract.kinds import Node, members, takes_none
from tests.contract.walk import item_hint
from tools.drift.actions import Names, ServerAction, Taken, items_of, roots_of
from tools.drift.contract_places import field_entry, file_of, objects_of, operation_entry
from tools.drift.findings import Drift, Side
from tools.drift.program import Place, Unread
from tools.drift.routes import ServerRoute
from tools.drift.shapes import Items, JsonShape, Key, Keyed, Null, Scalar

Shape = tuple[str, str, str]

SENDS, SENDS_NOT = "the server sends it, and the model lacks it", "the model has it, and the server never sends it"
SOMETIMES = "the server omits it in some responses, and the model says that it is always there"
TAKES, IGNORES = "the server takes it, and it is missing here", "it is sent, and the server ignores it"


def rows_by_shape() -> dict[Shape, list[Endpoint]]:
    """Return the rows of the table by version, verb and path."""
    found: dict[Shape, list[Endpoint]] = {}
    for row in ENDPOINTS.rows:
        endpoint = row.endpoint
        route = ServerRoute(endpoint.method, f"/api/{endpoint.version}{endpoint.path}", "", "", 0)
        found.setdefault(route.shape, []).append(endpoint)
    return found


# --- routes -----------------------------------------------------------------------------------------------------------


def twins(routes: list[ServerRoute], rows: Mapping[Shape, object]) -> list[ServerRoute]:
    """Return the routes that Rails makes for the other verb of an update; the table has one verb of each."""
    shapes = {(route.path, route.verb): route.shape for route in routes if route.from_update}
    return [
        route
        for route in routes
        if route.from_update
        and route.shape not in rows
        and shapes.get((route.path, "PUT" if route.verb == "PATCH" else "PATCH")) in rows
    ]


def compare_routes(
    routes: list[ServerRoute], actions: Mapping[ServerRoute, ServerAction], file: str, objects: Mapping[str, str]
) -> Iterator[Drift]:
    """Yield the routes that the table lacks, and the rows that have no route.

    Args:
        routes: The routes of the server.
        actions: What their actions take and render.
        file: The file of the routes.
        objects: The names of the contract's objects by the serializers that make them.
    """
    rows = rows_by_shape()
    left_out = {*twins(routes, rows)}
    for route in routes:
        if route.shape not in rows and route not in left_out:
            name = operation_name(route)
            facts = operation_facts(route, actions.get(route), objects)
            tag = route.below.split("/")[1]
            yield Drift(
                side="routes",
                place=f"{route.verb} {route.path}",
                says="the server has it, and the table lacks it",
                at=f"{file}:{route.line}",
                file=tag,
                facts=operation_entry(name, facts),
            )
    known = {route.shape for route in routes}
    for shape, endpoints in rows.items():
        if shape not in known:
            place = f"{endpoints[0].method} /api/{endpoints[0].version}{endpoints[0].path}"
            yield Drift(
                side="routes", place=place, says="the table has it, and the server has not", at=endpoints[0].name
            )


def operation_name(route: ServerRoute) -> str:
    """Return a name for an operation in the manner of the API: ``find_all_quotes``, ``void_quote``."""
    nouns = [part for part in route.below.strip("/").split("/") if not part.startswith("{")]
    verbs = {"index": "find_all", "show": "find", "create": "create", "update": "update", "destroy": "destroy"}
    if route.action in verbs:
        noun = nouns[-1] if route.action == "index" else _one(nouns[-1])
        return f"{verbs[route.action]}_{noun}"
    return f"{route.action}_{_one(nouns[0])}"


def _one(noun: str) -> str:
    return f"{noun.removesuffix('ies')}y" if noun.endswith("ies") else noun.removesuffix("s")


def operation_facts(route: ServerRoute, action: ServerAction | None, objects: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry of the contract for a route that is new."""
    query, request = {}, None
    renders = roots_of(action.renders) if action else {}
    root = next(iter(renders), None)
    if action is not None:
        bare = {name: {"type": "string", "required": False} for name in action.bare}
        if route.verb == "GET":
            query = bare
        elif action.enveloped or bare:
            envelope, names = next(iter(action.enveloped.items()), (None, action.bare))
            request = {"schema": "object", "root": envelope, "required": True, "fields": _request_fields(names)}
    response: dict[str, Any] = {"kind": "empty", "root": None, "paginated": False, "schema": None}
    if root is not None and action is not None:
        paginated = isinstance(action.renders, Keyed) and "meta" in action.renders.keys
        kind = "list" if isinstance(renders[root], Items) else "object"
        at = action.renders.keys[root].at if isinstance(action.renders, Keyed) else Place("", 0)
        fields = {root: facts_of(Key(renders[root], at), objects)}
        response = {"kind": kind, "root": root, "paginated": paginated, "schema": "object", "fields": fields}
    elif action is not None and action.text:
        response["kind"] = "text"
    version = {} if route.version == "v1" else {"version": route.version}
    return {
        **version,
        "method": route.verb,
        "path": route.below,
        "query": query,
        "request": request,
        "response": response,
        "errors": ["401"],
        "server_only": True,
    }


def _request_fields(names: Names) -> dict[str, Any]:
    kinds = {"list": "array<string>", "map": "map<any>", "objects": "array<object>", "object": "object"}
    fields: dict[str, Any] = {}
    for name, taken in names.items():
        fields[name] = {"type": kinds.get(taken.kind, "string"), "required": False}
        if taken.parts:
            fields[name]["fields"] = _request_fields(taken.parts)
    return fields


def facts_of(key: Key, objects: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of a field of a response."""
    item = items_of(key.shape)
    known = objects.get(item.made_by) if isinstance(item, Keyed) else None
    kind = f"ref:{known}" if known else "object" if isinstance(item, Keyed) else key.hint or "string"
    facts: dict[str, Any] = {"type": f"array<{kind}>" if isinstance(key.shape, Items) else kind}
    if isinstance(item, Keyed) and not known:
        facts["fields"] = {name: facts_of(inner, objects) for name, inner in item.keys.items()}
    if key.sometimes:
        facts["conditional"] = True
    return facts


# --- queries and requests ---------------------------------------------------------------------------------------------


class RequestComparison:
    """Compares what the rows of a route send with what its action takes.

    Names are collected from all operations first: a model is used by several, and a name that one of them takes is
    not ignored.
    """

    def __init__(self) -> None:
        self._drifts: list[Drift] = []
        self._taken: dict[tuple[type, str], str] = {}
        self._complete: dict[type, dict[str, list[str]]] = {}

    def add(self, endpoints: list[Endpoint], action: ServerAction) -> None:
        """Compare the rows of one route."""
        self._query(endpoints, action)
        for endpoint in endpoints:
            if endpoint.body is None:
                continue
            body = item_hint(endpoint.body)
            root = endpoint.request_root
            if root is None:
                self._names(action.bare, body, endpoint.name)
            elif root in action.enveloped:
                self._names(action.enveloped[root], body, endpoint.name)
            elif root in action.bare:
                self._names(action.bare[root].parts, body, endpoint.name)
            else:
                self._drifts.append(
                    Drift(
                        side="requests", place=f"{endpoint.name}: {root}", says="the server does not take this envelope"
                    )
                )
        known = {endpoint.request_root for endpoint in endpoints} | {
            name for endpoint in endpoints for name, _ in endpoint.siblings
        }
        for root, names in action.enveloped.items():
            if root not in known and names:
                self._drifts.append(_takes(endpoints[0], root, next(iter(names.values()))))

    def _query(self, endpoints: list[Endpoint], action: ServerAction) -> None:
        here = {wire_name(query.wire) for endpoint in endpoints for query in endpoint.query}
        elsewhere = {endpoint.request_root for endpoint in endpoints}
        for endpoint in endpoints:
            elsewhere |= {name for name, _ in endpoint.siblings}
            if endpoint.body is not None and endpoint.request_root is None:
                elsewhere |= {*action.bare} - here  # they are compared as the body
        for name, taken in action.bare.items():
            if name not in here and name not in elsewhere:
                self._drifts.append(_takes(endpoints[0], name, taken))
        for name in sorted(here - action.bare.keys()):
            place = f"{endpoints[0].name}.query.{name}"
            self._drifts.append(Drift(side="query", place=place, says=IGNORES, at=endpoints[0].name))

    def _names(self, names: Names, hint: Any, where: str) -> None:
        for model in members(hint):
            if not attrs.has(model):
                continue
            fields = {field.name: field for field in attrs.fields(model)}
            missing = self._complete.setdefault(model, {})
            for name in fields:
                missing.setdefault(name, [])
            for name, taken in names.items():
                if name in fields:
                    missing[name].append(where)
                    if taken.parts:
                        self._names(taken.parts, _inner(fields[name].type), f"{where}.{name}")
                else:
                    self._drifts.append(_takes_field(model, name, taken))

    def drifts(self) -> Iterator[Drift]:
        """Yield all differences."""
        yield from self._drifts
        for model, fields in self._complete.items():
            for name, takers in fields.items():
                if not takers:
                    entries = [
                        (file_of("objects", node.path.split(".")[0]), field_entry(node, name, {"spec_only": True}))
                        for node in objects_of(model)
                        if name in node.fields
                    ]
                    file, facts = entries[0] if entries else ("", {})
                    yield Drift(side="requests", place=f"{model.__name__}.{name}", says=IGNORES, file=file, facts=facts)


def _inner(hint: Any) -> Any:
    (part, *_) = members(hint)
    return item_hint(part)


def wire_name(wire: str) -> str:
    """Return the name of a parameter without ``[]`` and ``[key]``."""
    return wire.partition("[")[0]


def _takes(endpoint: Endpoint, name: str, taken: Taken) -> Drift:
    wire = {"list": f"{name}[]", "map": f"{name}[key]"}.get(taken.kind, name)
    facts = {"query": {wire: {"type": "string", "required": False, "server_only": True}}}
    return Drift(
        side="query",
        place=f"{endpoint.name}.query.{name}",
        says=TAKES,
        at=str(taken.at),
        file=file_of("operations", endpoint.name),
        facts=operation_entry(endpoint.name, facts),
    )


def _takes_field(model: type, name: str, taken: Taken) -> Drift:
    facts = {"type": "string", "server_only": True}
    nodes = [node for node in objects_of(model) if name not in node.fields]
    return Drift(
        side="requests",
        place=f"{model.__name__}.{name}",
        says=TAKES,
        at=str(taken.at),
        file=file_of("objects", nodes[0].path.split(".")[0]) if nodes else "",
        facts=field_entry(nodes[0], name, facts) if nodes else {},
    )


# --- responses --------------------------------------------------------------------------------------------------------


class ResponseComparison:
    """Compares what actions render with the models; a field that one of the actions renders is not missing.

    Attributes:
        gaps: The code that adds keys and does not show which.
        objects: The names of the contract's objects by the serializers that make them.
    """

    def __init__(self) -> None:
        self._sent: dict[type, dict[str, Key]] = {}
        self._known: dict[type, set[str]] = {}
        self._incomplete: set[type] = set()
        self._omitted: dict[tuple[type, str], Keyed] = {}
        self._drifts: list[Drift] = []
        self.gaps: set[Unread] = set()
        self.objects: dict[str, str] = {}

    def add(self, endpoint: Endpoint, action: ServerAction) -> None:
        """Compare the response of one row."""
        if endpoint.root is None:
            return
        rendered = roots_of(action.renders)
        hint = item_hint(endpoint.returns)
        if endpoint.root in rendered:
            self._shape(rendered[endpoint.root], hint, endpoint.name)
        elif endpoint.envelope_optional and isinstance(action.renders, Keyed):
            self._shape(action.renders, hint, endpoint.name)
        else:
            says = f"the server renders {', '.join(rendered) or 'nothing'} instead"
            place = f"{endpoint.name}: {endpoint.root}"
            self._drifts.append(
                Drift(side="responses", place=place, says=says, at=f"{action.route.controller}#{action.route.action}")
            )
        if endpoint.response_sibling is not None:
            for model in members(hint):
                self._sent.setdefault(model, {})
                self._known.setdefault(model, set()).add(endpoint.response_sibling)

    def _shape(self, shape: JsonShape, hint: Any, where: str, at: str = "") -> None:
        match shape:
            case Items(of=inner):
                for part in members(hint):
                    self._shape(inner, item_hint(part), where, at)
            case Keyed():
                self.gaps |= shape.gaps
                for model in members(hint):
                    if attrs.has(model):
                        self._object(shape, model)
            case Scalar():
                for model in members(hint):
                    if attrs.has(model):
                        self._incomplete.add(model)
                        says = f"the code does not show the parts of {model.__name__}"
                        self._drifts.append(Drift(side="responses", place=where, says=says, at=at))
            case Null():
                pass

    def _object(self, shape: Keyed, model: type) -> None:
        fields = {field.name: field for field in attrs.fields(model)}
        sent = self._sent.setdefault(model, {})
        if shape.gaps:
            self._incomplete.add(model)
        names = [node.path for node in objects_of(model) if "." not in node.path]
        if shape.made_by and names:
            self.objects.setdefault(shape.made_by, names[0])
        self._omitted |= {(model, name): shape for name in omitted(shape, model)}
        for name, key in shape.keys.items():
            sent.setdefault(name, key)
            if name in fields:
                self._shape(key.shape, fields[name].type, f"{model.__name__}.{name}", str(key.at))

    def drifts(self) -> Iterator[Drift]:
        """Yield all differences."""
        yield from self._drifts
        for gap in self.gaps:
            yield Drift(side="unread", place=gap.path, says=gap.what, at=f"line {gap.line}")
        for (model, name), shape in self._omitted.items():
            if name in self._sent[model]:
                nodes = [node for node in objects_of(model) if name in node.fields]
                yield of_field("responses", model, name, SOMETIMES, nodes, {"conditional": True}, at=shape.made_by)
        for model, sent in self._sent.items():
            names = {field.name for field in attrs.fields(model)}
            for name in sent.keys() - names:
                nodes = [node for node in objects_of(model) if name not in node.fields]
                facts = {**facts_of(sent[name], self.objects), "server_only": True}
                yield of_field("responses", model, name, SENDS, nodes, facts, at=str(sent[name].at))
            if model in self._incomplete:
                continue
            for name in names - sent.keys() - self._known.get(model, set()):
                nodes = [node for node in objects_of(model) if name in node.fields]
                if not any(node.fields[name].get("spec_only") for node in nodes):
                    yield of_field("responses", model, name, SENDS_NOT, nodes, {"spec_only": True})


def omitted(shape: Keyed, model: type) -> Iterator[str]:
    """Yield the fields that a model always has, and an object perhaps not."""
    for field in attrs.fields(attrs.resolve_types(model)):
        key = shape.keys.get(field.name)
        is_omitted = key.sometimes if key is not None else not shape.gaps
        if is_omitted and not takes_none(field.type) and not has_origin(list)(field.type):
            yield field.name


def of_field(
    side: Side, model: type, name: str, says: str, nodes: list[Node], facts: Mapping[str, Any], *, at: str = ""
) -> Drift:
    """Return the difference of a field of a response, with its entry for the contract if that has the object."""
    return Drift(
        side=side,
        place=f"{model.__name__}.{name}",
        says=says,
        at=at,
        file=file_of("objects", nodes[0].path.split(".")[0]) if nodes else "",
        facts=field_entry(nodes[0], name, facts) if nodes else {},
    )
