"""Every operation, object and field of the contract, against the endpoint table and the models."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import attrs
import pytest
from msgspec import UNSET

from lago_async import models
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from lago_async._table.gates import needs
from lago_async.pager import AsyncPager
from tests.contract.facts import ENUMS, OBJECTS, OPERATIONS, Field, Operation, known_values, version_of
from tests.contract.kinds import Array, Kind, Map, Node, kind_of, matches, members, takes_none
from tests.contract.reviewed import REVIEWED, check, reasons
from tests.contract.walk import envelope_of, fields_of, forms, walk

# --- operations -------------------------------------------------------------------------------------------------------


def test_every_operation_has_a_row_and_every_row_is_an_operation() -> None:
    assert ENDPOINTS.keys() == OPERATIONS.keys()
    assert Counter(row.name for row in ENDPOINTS.rows) == {name: shapes(OPERATIONS[name]) for name in OPERATIONS}


PLAIN_FILTERS = reasons(REVIEWED.plain_filters)


def test_a_type_checker_takes_no_text_for_an_enumeration_of_the_query_but_its_values() -> None:
    annotated = {
        f"{row.name}?{query.wire}": str(row.function.__annotations__[query.name])
        for row in ENDPOINTS.rows
        for query in row.endpoint.query
        if query.values
    }
    assert len(annotated) > 80
    assert {place for place, hint in annotated.items() if {"str", "Open"} & set(re.findall(r"\w+", hint))} == set()


def test_a_filter_of_an_enumeration_is_plain_text_only_if_that_was_reviewed() -> None:
    values = {f"{row.name}?{query.wire}": query.values for row in ENDPOINTS.rows for query in row.endpoint.query}
    named = {
        f"{name}?{wire}": "plain text"
        for name, facts in OPERATIONS.items()
        for wire, query in facts["query"].items()
        if "ref:" in query["type"]
    }
    check(REVIEWED.plain_filters, {place: problem for place, problem in named.items() if not values[place]})


def test_what_the_server_does_with_an_unknown_value_is_known_for_each_enumeration() -> None:
    unknown = {
        f"{name}?{wire}"
        for name, facts in OPERATIONS.items()
        for wire, query in facts["query"].items()
        if (known_values(query) or "ref:" in query["type"]) and "unknown" not in query
    }
    # Another service answers it, whose code is not open.
    assert {place for place in unknown if not place.startswith("find_all_usages?")} == set()


def shapes(facts: Operation) -> int:
    """Return how many rows an operation has: one for each shape of its envelope."""
    return len((facts["response"]["root"] or "").split("|"))


@pytest.mark.parametrize(("name", "endpoint", "facts"), [pytest.param(*form, id=form[0]) for form in forms()])
class TestOperation:
    def test_has_the_version_the_method_and_the_path(self, name: str, endpoint: Endpoint, facts: Operation) -> None:
        assert (endpoint.version, endpoint.method, endpoint.path) == (
            version_of(facts),
            facts["method"],
            facts["path"],
        )

    def test_has_the_host(self, name: str, endpoint: Endpoint, facts: Operation) -> None:
        assert endpoint.host == facts.get("host", "api")

    def test_has_the_query(self, name: str, endpoint: Endpoint, facts: Operation) -> None:
        deprecated = endpoint.deprecated if isinstance(endpoint.deprecated, dict) else {}
        found = {query.wire.removesuffix("[key]"): query for query in endpoint.query}
        wanted = {wire.removesuffix("[key]"): query for wire, query in facts["query"].items()}
        assert found.keys() == wanted.keys()
        for wire, query in wanted.items():
            assert found[wire].required == query["required"], wire
            assert (found[wire].name in deprecated) == query.get("deprecated", False), wire
            if f"{name}?{wire}" not in PLAIN_FILTERS:
                assert set(found[wire].values) == set(known_values(query)), wire
            if not query.get("server_only"):  # the types of those are not known
                is_map = f"{wire}[key]" in facts["query"] or query["type"].startswith("map")
                assert found[wire].type.name in ({"MAPPING"} if is_map else query_kinds(wire, query["type"])), wire

    def test_has_the_envelope_and_the_body_of_the_request(
        self, name: str, endpoint: Endpoint, facts: Operation
    ) -> None:
        request = facts["request"]
        assert (endpoint.body is not None) == (request is not None)
        if request is None:
            return
        assert endpoint.body_optional != request["required"]
        assert endpoint.request_root in (request["root"].split("|") if request["root"] else [None])
        envelope = envelope_of(request, endpoint.request_root)
        if envelope is not None and endpoint.request_root in envelope.fields:
            known = {query.wire for query in endpoint.query} | {member for member, _ in endpoint.siblings}
            assert envelope.fields.keys() - {endpoint.request_root} <= known

    def test_has_the_envelope_and_the_kind_of_the_response(
        self, name: str, endpoint: Endpoint, facts: Operation
    ) -> None:
        response, returns = facts["response"], endpoint.returns
        roots: list[str | None] = [*response["root"].split("|")] if response["root"] else [None]
        assert endpoint.root in roots
        kinds = response["kind"].split("|")
        kind = kinds[roots.index(endpoint.root)] if len(roots) > 1 else kinds[0]
        if kind == "empty":
            assert returns in (None, NoneType)
        elif kind == "text":
            assert returns is str
        elif kind == "list":
            assert get_origin(returns) is (AsyncPager if response["paginated"] else list)
        else:
            (part,) = members(returns)
            origin: Any = get_origin(part)
            assert attrs.has(part) or origin is dict
            field = fields_of(response, endpoint.root).get(endpoint.root or "")
            null = field is not None and field.get("nullable", False)
            assert ("empty" in kinds or null) == takes_none(returns)

    def test_has_the_gates_and_tells_them(self, name: str, endpoint: Endpoint, facts: Operation) -> None:
        assert list(endpoint.gates) == facts.get("gates", [])
        if endpoint.gates:
            assert facts["gate"]
        (row,) = [row for row in ENDPOINTS.rows if row.endpoint is endpoint]
        told = " ".join(str(row.function.__doc__).replace("``", "").split())
        assert f"Needs {needs(endpoint.gates)}." in told or not endpoint.gates

    def test_takes_a_bare_response_where_the_description_shows_one(
        self, name: str, endpoint: Endpoint, facts: Operation
    ) -> None:
        response = facts["response"]
        assert endpoint.envelope_optional == (
            response["kind"] == "object" and endpoint.root not in fields_of(response, endpoint.root)
        )


def query_kinds(wire: str, kind: str) -> set[str]:
    """Return the kinds of query that may stand for a type."""
    if wire in ("page", "per_page"):
        return {"POSITIVE_INT"}
    if wire.endswith("[]"):
        return {"STRINGS_OR_INTEGERS"} if "integer" in kind else {"STRINGS"}
    kinds = {"integer": {"INTEGER", "POSITIVE_INT"}, "boolean": {"BOOLEAN"}, "date": {"DATE"}, "datetime": {"DATETIME"}}
    return kinds.get(kind, {"STRING"})


# --- objects ----------------------------------------------------------------------------------------------------------


def test_every_object_of_the_contract_has_a_model() -> None:
    check(REVIEWED.no_model, {name: "no model" for name in OBJECTS if name not in walk().seen})


def test_every_model_stands_for_an_object_of_the_contract() -> None:
    everything = {name for name in dir(models) if attrs.has(getattr(models, name))}
    known = {model.__name__ for model in walk().nodes}
    check(REVIEWED.own_models, dict.fromkeys(everything - known, "not in the contract"))


# --- fields -----------------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Attribute:
    """An attribute of a model, where it is declared, and all that the contract says of it.

    Attributes:
        model: The model that declares it.
        name: Its name.
        type: Its type.
        default: Its default value.
        facts: The field, with each object that has it. Models derived from ``model`` stand for some of the objects.
        operations: The operations whose requests or responses contain ``model`` or a model derived from it.
        always: Whether all objects have the field that ``model``, or a model derived from it, stands for.
    """

    model: type
    name: str
    type: Any
    default: object
    facts: list[tuple[Node, Field]]
    operations: set[str]
    always: bool

    @property
    def place(self) -> str:
        return f"{self.model.__name__}.{self.name}"

    @property
    def is_list(self) -> bool:
        return any(isinstance(kind, Array) for _, kind in self.kinds())

    def kinds(self) -> Iterator[tuple[Node, Kind]]:
        for node, field in self.facts:
            yield node, kind_of(field, f"{node.path}.{self.name}")


@cache
def attributes() -> list[Attribute]:
    """Return all attributes of the models that stand for something, and of those from which they are derived."""
    found: list[Attribute] = []
    for model in dict.fromkeys(base for item in walk().nodes for base in item.__mro__ if attrs.has(base)):
        nodes = [node for item, nodes in walk().nodes.items() if issubclass(item, model) for node in nodes.values()]
        operations = {name for item, names in walk().operations.items() if issubclass(item, model) for name in names}
        for field in attrs.fields(model):
            if field.name in vars(model).get("__annotations__", {}):
                facts = [(node, node.fields[field.name]) for node in nodes if field.name in node.fields]
                found.append(
                    Attribute(
                        model=model,
                        name=field.name,
                        type=field.type,
                        default=field.default,
                        facts=facts,
                        operations=operations,
                        always=len(facts) == len(nodes),
                    )
                )
    return found


def is_input(model: type) -> bool:
    return model.__name__.endswith("Input")


def received() -> list[Attribute]:
    return [item for item in attributes() if item.facts and not is_input(item.model)]


def sent() -> list[Attribute]:
    return [item for item in attributes() if item.facts and is_input(item.model)]


def test_every_field_of_the_contract_is_compared_or_reviewed_as_missing() -> None:
    compared = {(node.path, item.name) for item in attributes() for node, _ in item.facts}
    known: set[tuple[str, str]] = set()
    missing: dict[str, str] = {}
    for model, nodes in walk().nodes.items():
        names = {field.name for field in attrs.fields(model)}
        for node in nodes.values():
            known |= {(node.path, name) for name in node.fields.keys() & names}
            missing |= {
                f"{model.__name__}.{name}": f"missing, in {node.path}"
                for name in node.fields.keys() - names
                if not node.fields[name].get("spec_only")
            }
    assert compared == known
    check(REVIEWED.missing_fields, missing)


def test_every_object_in_a_field_is_compared_too() -> None:
    compared = {path for nodes in walk().nodes.values() for path in nodes}
    parts = {
        part.path for item in attributes() for _, kind in item.kinds() if isinstance(part := innermost(kind), Node)
    }
    assert parts
    assert parts <= compared


def innermost(kind: Kind) -> Kind:
    return innermost(kind.of) if isinstance(kind, Array | Map) else kind


def test_no_model_has_a_field_that_the_contract_lacks() -> None:
    check(REVIEWED.extra_fields, {item.place: "not in the contract" for item in attributes() if not item.facts})


def test_every_field_has_the_contracts_type() -> None:
    found: dict[str, str] = {}
    for item in [*received(), *sent()]:
        for node, kind in item.kinds():
            if not matches(kind, item.type, sent=is_input(item.model)):
                found[item.place] = f"{item.type} for {kind} in {node.path}"
    assert found == {}


def test_a_field_of_a_response_is_nullable_exactly_if_the_server_may_leave_it_out_or_send_null() -> None:
    found: dict[str, str] = {}
    for item in received():
        if item.type is Any:
            continue
        fields = [field for _, field in item.facts]
        null = any(
            (field.get("nullable") and not field.get("never_null_on_server"))
            or not item.operations.isdisjoint(field.get("nullable_in", []))
            for field in fields
        )
        absent = not item.always or any(
            field.get("conditional") or field.get("spec_only") or field.get("spec_only_in") for field in fields
        )
        perhaps = any(not field.get("required") for field in fields)
        takes = takes_none(item.type)
        if takes and not (null or ((absent or perhaps) and not item.is_list)):
            found[item.place] = "nullable, but never null"
        if not takes and (null or absent) and not item.is_list:  # an absent list and a null are read as an empty one
            found[item.place] = "not nullable, but null or absent in some responses"
    check(REVIEWED.nullable_responses, found)


def test_a_field_of_an_input_takes_null_exactly_if_the_server_does() -> None:
    found: dict[str, str] = {}
    for item in sent():
        null = any(field.get("nullable") or "OrNull" in field["type"] for _, field in item.facts)
        if item.type is not Any and null != takes_none(item.type):
            found[item.place] = "takes no null, but the server does" if null else "takes null, but the server does not"
    check(REVIEWED.nullable_inputs, found)


def test_a_field_of_an_input_is_required_exactly_if_the_server_requires_it() -> None:
    found: dict[str, str] = {}
    for item in sent():
        required = item.always and all(is_required(field, item.model) for _, field in item.facts)
        if required != (item.default is attrs.NOTHING):
            found[item.place] = "optional here, required there" if required else "required here, optional there"
    check(REVIEWED.required_inputs, found)


def test_nothing_is_required_by_the_word_of_the_description_alone() -> None:
    fields: dict[str, Mapping[str, object]] = {
        f"{node.path}.{item.name}": field for item in sent() for node, field in item.facts if is_described(node, field)
    }
    for name, facts in OPERATIONS.items():
        if not facts.get("server_only"):
            fields |= {f"{name}?{wire}": query for wire, query in facts["query"].items()}
    required = {place: field for place, field in fields.items() if field.get("required")}
    assert required
    unconfirmed = {
        place
        for place, field in required.items()
        if bool(field.get("server_optional")) == bool(field.get("server_required"))
        and not (field.get("spec_only") or field.get("spec_only_in"))
    }
    assert unconfirmed == set()


def is_described(node: Node, field: Field) -> bool:
    """Return whether the description has a field of an object."""
    name = node.path.partition(".")[0]
    return not field.get("server_only") and not (name in OBJECTS and OBJECTS[name].get("server_only"))


def is_required(field: Field, model: type) -> bool:
    """Return whether the server requires a field of what a model stands for."""
    if field.get("required_on_create"):
        return not model.__name__.endswith("UpdateInput")
    return field.get("required", False) and not field.get("server_optional") and not field.get("spec_only_in")


def test_an_input_sends_nothing_that_was_not_given() -> None:
    optional = [item for item in attributes() if is_input(item.model) and item.default is not attrs.NOTHING]
    assert optional
    assert all(item.default is UNSET for item in optional)


def test_a_list_of_a_response_is_empty_where_it_is_absent_and_anything_else_is_none() -> None:
    for model in walk().nodes:
        if not is_input(model):
            assert attrs.asdict(model()) == {
                field.name: [] if get_origin(field.type) is list else None for field in attrs.fields(model)
            }


# --- enumerations -----------------------------------------------------------------------------------------------------


@cache
def literals() -> dict[str, frozenset[str]]:
    """Return the known values of each open enumeration, read from the source: at run time its type is `str`."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted(Path(str(models.__file__)).parent.glob("[!_]*.py")):
        if path.stem == "input_dicts":
            continue  # it repeats the fields of the inputs, for type checkers
        module = import_module(f"lago_async.models.{path.stem}")
        for definition in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(definition, ast.ClassDef):
                continue
            for line in definition.body:
                if not isinstance(line, ast.AnnAssign):
                    continue
                for part in ast.walk(line.annotation):
                    if isinstance(part, ast.Subscript) and ast.unparse(part.value) == "Open":
                        values = get_args(getattr(module, ast.unparse(part.slice)))
                        found[f"{definition.name}.{ast.unparse(line.target)}"] = frozenset(values)
    return found


def test_an_enumeration_names_every_value_that_the_description_or_the_server_knows() -> None:
    found: dict[str, str] = {}
    for item in [*received(), *sent()]:
        values = {value for _, field in item.facts for value in known_values(field)}
        for _, field in item.facts:
            if "ChargeModel" in field["type"]:  # the other shared enumerations are plain text: countries and such
                values |= set(ENUMS[field["type"][4:]])
        known = literals().get(item.place)
        if values and known is None:
            found[item.place] = f"plain, but one of {', '.join(sorted(values))}"
        elif values - (known or set()):
            found[item.place] = f"lacks {', '.join(sorted(values - (known or set())))}"
    check(REVIEWED.enumerations, found)
