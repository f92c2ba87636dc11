"""Both readers read everything that the contract allows, give the same result, and lose no field."""

import json
import logging
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lago_async._codec.envelope import Envelope
from lago_async._table.pages import PageMeta
from lago_async.models import Fee
from tests.contract.facts import Field, known_values
from tests.contract.kinds import Array, Kind, Map, Node, kind_of, members
from tests.contract.walk import walk

RESPONSES = sorted(
    (model for model in walk().nodes if not model.__name__.endswith("Input")), key=lambda model: model.__name__
)

FEW = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONE = timezone(timedelta(hours=5, minutes=30))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15)

# The JSON for each type of ours: as the server writes it, and as another version may, such as a number as a string.
LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT | st.uuids().map(str) | INTEGERS,
    "int": INTEGERS | INTEGERS.map(str) | st.just("75.0") | st.just(50000.0),
    "bool": st.booleans(),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(0, 10**6) | st.just("20.5"),
    "Decimal": DECIMALS.map(lambda number: f"{number:f}") | st.integers(0, 10**9) | st.just(0.5),
    "datetime": st.one_of(
        MOMENTS.map(lambda at: f"{at:%Y-%m-%dT%H:%M:%SZ}"),
        MOMENTS.map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.123Z"),
        MOMENTS.map(lambda at: at.replace(microsecond=0).astimezone(ZONE).isoformat()),
    ),
    "date": st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(date.isoformat),
}


def values(kind: Kind, hint: Any, field: Field | None, depth: int) -> st.SearchStrategy[Any]:
    """Return the JSON of a type of the contract that ``hint`` stands for."""
    if hint is Any:
        return JSON
    parts = members(hint)
    if attrs.has(parts[0]) and not isinstance(kind, Node):
        return st.none()  # the description knows no type here, because the server always sends null
    if isinstance(kind, Array):
        return st.lists(values(kind.of, get_args(parts[0])[0], field, depth), max_size=max(0, 2 - depth))
    if isinstance(kind, Map):
        return st.dictionaries(TEXT, values(kind.of, get_args(parts[0])[1], None, depth), max_size=2)
    if isinstance(kind, Node):
        return objects(kind, parts[0], depth) if attrs.has(parts[0]) else st.dictionaries(TEXT, JSON, max_size=2)
    if field is not None and known_values(field):
        return st.sampled_from(known_values(field)) | TEXT
    if kind.name.endswith("|null") and field is None:
        return st.none() | TEXT
    return st.one_of([JSON if part is Any else LEAVES[part.__name__] for part in parts])


def objects(node: Node, model: Any, depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Return the JSON of an object.

    Below the second level only required fields are there, because each object has its own test.
    """
    hints = {field.name: field.type for field in attrs.fields(model)}
    always: dict[str, st.SearchStrategy[Any]] = {}
    perhaps: dict[str, st.SearchStrategy[Any]] = {"a new field": JSON}
    for name, field in node.fields.items():
        if name not in hints:
            continue
        value = values(kind_of(field, f"{node.path}.{name}"), hints[name], field, depth + 1)
        if field.get("nullable") or not walk().operations[model].isdisjoint(field.get("nullable_in", [])):
            value = st.none() | value
        if field.get("required"):
            always[name] = value
        elif depth < 2:
            perhaps[name] = value
    return st.fixed_dictionaries(always, optional=perhaps)


def responses(model: type) -> st.SearchStrategy[dict[str, Any]]:
    """Return the JSON of any object that a model stands for."""
    return st.one_of([objects(node, model) for node in walk().nodes[model].values()])


@pytest.mark.parametrize("model", RESPONSES, ids=lambda model: model.__name__)
def test_both_readers_read_what_the_contract_allows_alike(model: Any, caplog: pytest.LogCaptureFixture) -> None:
    envelope = Envelope[Any]("it", model)

    @FEW
    @given(responses(model))
    def check(value: dict[str, Any]) -> None:
        body = json.dumps({"it": value}).encode()
        fast, _ = envelope.read(body)
        tolerant, _ = envelope.read_tolerantly(body)
        assert isinstance(fast, model)
        assert fast == tolerant

    with caplog.at_level(logging.WARNING, "lago_async.codec"):
        check()
    assert not caplog.messages  # a field that can't be read becomes None, with a message


@pytest.mark.parametrize("model", RESPONSES, ids=lambda model: model.__name__)
def test_both_readers_read_null_in_any_field_alike(model: Any) -> None:
    body = json.dumps({"it": {field.name: None for field in attrs.fields(model)}}).encode()
    envelope = Envelope[Any]("it", model)
    assert envelope.read(body) == envelope.read_tolerantly(body) == (model(), None)


def test_both_readers_read_a_page_alike() -> None:
    pages = Envelope[list[Fee]]("fees", list[Fee], meta=PageMeta)

    @FEW
    @given(st.lists(responses(Fee), max_size=3))
    def check(fees: list[dict[str, Any]]) -> None:
        body = json.dumps({"fees": fees, "meta": {"current_page": 1, "next_page": None}}).encode()
        assert pages.read(body) == pages.read_tolerantly(body)

    check()


def test_there_are_responses_to_read() -> None:
    assert RESPONSES
