"""Every operation, object and field of the contract, against the endpoint table and the models."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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
from lago_async.pager import AsyncPager
from tests.contract.facts import (
    CONTRACT,
    OBJECTS,
    OPERATIONS,
    REVIEWED,
    Array,
    Field,
    Node,
    forms,
    kind_of,
    matches,
    members,
    node,
    schema_for,
    takes_none,
    walk,
)

IN_ALL = {"operations": 202, "objects": 291, "fields": 2692, "models": 226, "fields of models": 1936}


def reasons(table: str) -> dict[str, str]:
    """The places that a table of the reviewed list names, each with its reason."""
    found: dict[str, str] = {}
    for entry in REVIEWED.get(table, []):
        assert entry["reason"]
        for place in entry["at"]:
            assert place not in found, f"{place} is listed twice in {table}"
            found[place] = entry["reason"]
    return found


def check(table: str, found: dict[str, str]) -> None:
    """Hold the differences that were found to the reviewed ones, both ways."""
    reviewed = reasons(table)
    new = {place: problem for place, problem in found.items() if place not in reviewed}
    gone = sorted(reviewed.keys() - found.keys())
    assert not new, "not reviewed:\n" + "\n".join(f"  {place}: {problem}" for place, problem in sorted(new.items()))
    assert not gone, f"listed in [{table}], but no longer so: {', '.join(gone)}"


# --- operations -------------------------------------------------------------------------------------------------------


def test_every_operation_has_exactly_one_row_and_every_row_is_an_operation():
    assert ENDPOINTS.keys() == OPERATIONS.keys()


def test_the_operations_of_two_shapes_have_two_methods_each():
    count = Counter(row.name for row in ENDPOINTS.rows)
    assert {name for name, rows in count.items() if rows > 1} == {
        name for name, facts in OPERATIONS.items() if "|list" in facts["response"]["kind"]
    }


@pytest.mark.parametrize(("name", "endpoint", "facts"), [pytest.param(*form, id=form[0]) for form in forms()])
class TestOperation:
    def test_has_the_method_and_the_path(self, name: str, endpoint: Endpoint, facts: Any) -> None:
        assert (endpoint.method, endpoint.path) == (facts["method"], facts["path"])
        assert sorted(endpoint.path_params) == sorted(facts["path_params"])

    def test_has_the_queries(self, name: str, endpoint: Endpoint, facts: Any) -> None:
        deprecated = endpoint.deprecated if isinstance(endpoint.deprecated, dict) else {}
        found = {query.wire.removesuffix("[key]"): query for query in endpoint.query}
        wanted = {wire.removesuffix("[key]"): query for wire, query in facts["query"].items()}
        assert found.keys() == wanted.keys()
        for wire, query in wanted.items():
            assert found[wire].required == query["required"], wire
            assert (found[wire].name in deprecated) == bool(query.get("deprecated")), wire
            if not query.get("server_only"):  # their types are not known
                is_map = f"{wire}[key]" in facts["query"] or query["type"].startswith("map")
                assert found[wire].type.name in ({"MAPPING"} if is_map else query_kinds(wire, query["type"])), wire

    def test_has_the_envelope_and_the_body_of_the_request(self, name: str, endpoint: Endpoint, facts: Any) -> None:
        request = facts["request"]
        assert (endpoint.body is not None) == (request is not None)
        if request is None:
            return
        if name in reasons("required_bodies"):
            assert not request["required"]
        assert endpoint.body_optional == (not request["required"] and name not in reasons("required_bodies"))
        root = None if "top-level" in str(request["root"]) else request["root"]
        assert endpoint.request_root in (root.split("|") if root else [None])
        schema = schema_for(request, endpoint.request_root)
        if schema.startswith("ref:"):
            beside = node(schema[4:]).fields.keys() - {endpoint.request_root}
            known = {query.wire for query in endpoint.query} | {member for member, _ in endpoint.siblings}
            assert endpoint.request_root not in node(schema[4:]).fields or beside <= known

    def test_has_the_envelope_and_the_kind_of_the_answer(self, name: str, endpoint: Endpoint, facts: Any) -> None:
        response = facts["response"]
        roots = response["root"].split("|") if response["root"] else [None]
        assert endpoint.root in roots
        kinds = response["kind"].split("|")
        kind = kinds[roots.index(endpoint.root)] if len(roots) > 1 else kinds[0]
        returns = endpoint.returns
        if kind == "empty":
            assert returns in (None, NoneType)
        elif kind == "text":
            assert returns is str
        elif kind == "list":
            assert get_origin(returns) is (AsyncPager if response["paginated"] else list)
        else:
            parts = members(returns)
            assert len(parts) == 1
            assert attrs.has(parts[0]) or get_origin(parts[0]) is dict
            null = shown(facts, endpoint).get(endpoint.root, {}).get("nullable", False)
            assert ("empty" in kinds or null) == takes_none(returns)

    def test_takes_a_bare_answer_where_the_description_shows_one(
        self, name: str, endpoint: Endpoint, facts: Any
    ) -> None:
        bare = facts["response"]["kind"] == "object" and endpoint.root not in shown(facts, endpoint)
        assert endpoint.envelope_optional == bare


def shown(facts: Any, endpoint: Endpoint) -> Mapping[str, Field]:
    """The fields of the whole answer, as the description shows it."""
    schema = schema_for(facts["response"], endpoint.root)
    fields: Mapping[str, Field] = (
        node(schema[4:]).fields if schema.startswith("ref:") else facts["response"].get("fields", {})
    )
    return fields


def query_kinds(wire: str, kind: str) -> set[str]:
    """The kinds of query that may stand for a type."""
    if wire in ("page", "per_page"):
        return {"POSITIVE_INT"}
    if wire.endswith("[]"):
        return {"STRINGS_OR_INTEGERS"} if "integer" in kind else {"STRINGS"}
    kinds = {"integer": {"INTEGER", "POSITIVE_INT"}, "boolean": {"BOOLEAN"}, "date": {"DATE"}, "datetime": {"DATETIME"}}
    return kinds.get(kind, {"STRING"})


# --- objects and fields -----------------------------------------------------------------------------------------------


def is_input(model: type) -> bool:
    return model.__name__.endswith("Input")


@cache
def compared() -> dict[type, dict[str, list[tuple[Node, Field]]]]:
    """For each model, each field of the objects that it stands for, with where the objects have it."""
    found: dict[type, dict[str, list[tuple[Node, Field]]]] = {}
    for model, nodes in walk().nodes.items():
        fields = found[model] = {}
        for each in nodes.values():
            for name, field in each.fields.items():
                fields.setdefault(name, []).append((each, field))
    return found


def own_fields(model: type) -> dict[str, Any]:
    """The fields that a model declares, or inherits from one that stands for nothing itself."""
    inherited = {field.name for base in model.__mro__[1:] if base in compared() for field in attrs.fields(base)}
    return {field.name: field for field in attrs.fields(model) if field.name not in inherited}


def pairs() -> Iterator[tuple[str, type, Any, list[tuple[Node, Field]]]]:
    """Each field that both sides have: its place, its model, its attribute and where the contract has it."""
    for model, fields in compared().items():
        attributes = own_fields(model)
        for name, occurrences in fields.items():
            if name in attributes:
                yield f"{model.__name__}.{name}", model, attributes[name], occurrences


def test_every_object_of_the_contract_has_a_model():
    missing = {name: "no model" for name in OBJECTS if name not in walk().seen}
    check("no_model", missing)


def test_every_model_stands_for_an_object_of_the_contract():
    everything = {name: getattr(models, name) for name in dir(models)}
    known = {model.__name__ for model in walk().nodes}
    unknown = [name for name, each in everything.items() if attrs.has(each) and name not in known]
    check("own_models", dict.fromkeys(unknown, "not in the contract"))


def test_every_field_of_the_contract_is_in_its_model():
    found = {
        f"{model.__name__}.{name}": f"missing, in {', '.join(each.path for each, _ in occurrences)}"
        for model, fields in compared().items()
        for name, occurrences in fields.items()
        if name not in {field.name for field in attrs.fields(model)}
    }
    check("missing_fields", found)


def test_no_model_has_a_field_that_the_contract_lacks():
    found = {
        f"{model.__name__}.{name}": "not in the contract"
        for model, fields in compared().items()
        for name in own_fields(model)
        if name not in fields
    }
    check("extra_fields", found)


def test_every_field_has_the_contracts_type():
    found: dict[str, str] = {}
    for place, _, attribute, occurrences in pairs():
        for each, field in occurrences:
            kind = kind_of(field, f"{each.path}.{attribute.name}")
            if not matches(kind, attribute.type):
                found[place] = f"{attribute.type} for {field['type']} in {each.path}"
    check("types", found)


def test_a_field_of_an_answer_is_nullable_exactly_if_the_server_may_leave_it_out_or_send_null():
    found: dict[str, str] = {}
    for place, model, attribute, occurrences in pairs():
        if is_input(model) or attribute.type is Any:
            continue
        null = any(field.get("nullable") and not field.get("never_null_on_server") for _, field in occurrences)
        absent = len(occurrences) < len(walk().nodes[model]) or any(
            field.get("conditional") or field.get("spec_only_in") for _, field in occurrences
        )
        perhaps = any(not field.get("required") for _, field in occurrences)
        is_list = any(isinstance(kind_of(field, each.path), Array) for each, field in occurrences)
        takes = takes_none(attribute.type)
        if takes and not (null or ((absent or perhaps) and not is_list)):
            found[place] = "nullable, but never null"
        if not takes and (null or (absent and not is_list)):
            found[place] = "not nullable, but null or absent in some answers"
    check("nullable_answers", found)


def test_a_field_of_an_input_takes_null_exactly_if_the_server_does():
    found: dict[str, str] = {}
    for place, model, attribute, occurrences in pairs():
        if is_input(model) and attribute.type is not Any:
            null = any(field.get("nullable") or "OrNull" in str(field["type"]) for _, field in occurrences)
            if null != takes_none(attribute.type):
                found[place] = "takes no null, but the server does" if null else "takes null, but the server does not"
    check("nullable_inputs", found)


def test_a_field_of_an_input_is_required_exactly_if_the_server_requires_it():
    found: dict[str, str] = {}
    for place, model, attribute, occurrences in pairs():
        if is_input(model):
            required = len(occurrences) == len(walk().nodes[model]) and all(
                field.get("required") for _, field in occurrences
            )
            if required != (attribute.default is attrs.NOTHING):
                found[place] = "optional here, required there" if required else "required here, optional there"
    check("required_inputs", found)


def test_an_input_sends_nothing_that_was_not_given():
    optional = [
        attribute
        for model in compared()
        if is_input(model)
        for attribute in attrs.fields(model)
        if attribute.default is not attrs.NOTHING
    ]
    assert optional
    assert all(attribute.default is UNSET for attribute in optional)


def test_a_list_of_an_answer_is_empty_where_it_is_absent_and_anything_else_is_none():
    for model in compared():
        if not is_input(model):
            assert attrs.asdict(model()) == {
                field.name: [] if get_origin(field.type) is list else None for field in attrs.fields(model)
            }


# --- enumerations -----------------------------------------------------------------------------------------------------


@cache
def literals() -> dict[str, frozenset[str]]:
    """The known values of each field that is an open enumeration, read from source: at run time they are text."""
    found: dict[str, frozenset[str]] = {}
    for path in sorted(Path(str(models.__file__)).parent.glob("[!_]*.py")):
        module = import_module(f"lago_async.models.{path.stem}")
        for definition in ast.parse(path.read_text(encoding="utf-8")).body:
            for line in definition.body if isinstance(definition, ast.ClassDef) else ():
                for part in ast.walk(line.annotation) if isinstance(line, ast.AnnAssign) else ():
                    if isinstance(part, ast.Subscript) and ast.unparse(part.value) == "Open":
                        values = get_args(getattr(module, ast.unparse(part.slice)))
                        found[f"{definition.name}.{ast.unparse(line.target)}"] = frozenset(values)
    return found


def home(model: type, name: str) -> str:
    """The place of a field where it is written: in the model, or in the one that it inherits from."""
    return next(f"{each.__name__}.{name}" for each in model.__mro__ if name in vars(each).get("__annotations__", {}))


def test_an_enumeration_names_every_value_that_the_description_or_the_server_knows():
    found: dict[str, str] = {}
    for place, model, attribute, occurrences in pairs():
        values = {
            value
            for _, field in occurrences
            for value in [*(field.get("enum") or []), *(field.get("server_enum") or [])]
            if value is not None
        }
        for _, field in occurrences:
            if "ChargeModel" in str(field["type"]):  # the other shared enumerations are plain text: countries and such
                values |= set(CONTRACT["enums"][field["type"][4:]])
        known = literals().get(home(model, attribute.name))
        if values and known is None:
            found[place] = f"plain, but one of {', '.join(sorted(values))}"
        elif values - (known or set()):
            found[place] = f"lacks {', '.join(sorted(values - (known or set())))}"
    check("enumerations", found)


# --- the whole --------------------------------------------------------------------------------------------------------


def fields_in(fields: Any) -> int:
    return sum(1 + fields_in(field.get("fields") or {}) for field in fields.values())


def test_the_whole_contract_was_compared(record_property: Callable[[str, object], None]):
    in_all = {
        "operations": len(OPERATIONS),
        "objects": len(OBJECTS),
        "fields": sum(fields_in(found["fields"]) for found in OBJECTS.values()),
        "models": len(compared()),
        "fields of models": sum(len(fields) for fields in compared().values()),
    }
    for name, count in in_all.items():
        record_property(name, count)
    assert in_all == IN_ALL
    assert len(ENDPOINTS) == IN_ALL["operations"]


def test_every_reviewed_deviation_has_a_reason_and_is_in_a_table_that_is_checked():
    tables = {name for name, entries in REVIEWED.items() if isinstance(entries, list)}
    assert tables == {
        "no_model",
        "own_models",
        "missing_fields",
        "extra_fields",
        "types",
        "nullable_answers",
        "nullable_inputs",
        "required_inputs",
        "enumerations",
        "required_bodies",
    }
    assert all(reasons(table) for table in tables)
