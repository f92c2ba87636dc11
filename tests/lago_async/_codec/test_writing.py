"""Writing by itself: the bytes of a body, and the words in which one that does not fit its model is refused."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import msgspec
import pytest

from lago_async._codec import writing
from lago_async._codec.writing import UnwritableError, write
from lago_async.models._base import UNSET, UnsetType, input_model


def shown(value: object) -> str:
    """Show a case by its repr, without the address, which differs between processes."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


@input_model
class Part:
    key: str
    value: int | None | UnsetType = UNSET


@input_model
class Thing:
    code: str
    amount: Decimal | None | UnsetType = UNSET
    at: datetime | None | UnsetType = UNSET
    flag: bool | UnsetType = UNSET
    share: float | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    part: Part | None | UnsetType = UNSET
    parts: list[Part] | None | UnsetType = UNSET
    by_name: dict[str, Part] | UnsetType = UNSET
    extra: dict[str, Any] | None | UnsetType = UNSET


class Text(str):  # noqa: SLOT000 - as a user writes it
    """A subclass that the encoder does not know."""


class Number(int):
    """A subclass that the encoder does not know."""


class Color(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Row(Sequence[Any]):
    """A sequence that is not a list."""

    def __init__(self, *items: Any) -> None:
        self._items = items

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)


AT = datetime(2026, 1, 31, 12, tzinfo=UTC)

WRITTEN: list[tuple[object, Any, str]] = [
    (Thing(code="a"), Thing, '{"code":"a"}'),
    ({"code": "a"}, Thing, '{"code":"a"}'),
    ({"code": "a", "amount": None, "part": None, "parts": None}, Thing,
     '{"amount":null,"code":"a","part":null,"parts":null}'),
    ({"code": "a", "amount": 5, "at": AT, "flag": False, "share": 0.5, "tags": ["x"]}, Thing,
     '{"amount":5,"at":"2026-01-31T12:00:00Z","code":"a","flag":false,"share":0.5,"tags":["x"]}'),
    ({"code": Text("a"), "part": {"key": Color.RED, "value": Level.HIGH}}, Thing,
     '{"code":"a","part":{"key":"red","value":3}}'),
    ({"code": "a", "part": MappingProxyType({"key": Text("k"), "value": Number(5)})}, Thing,
     '{"code":"a","part":{"key":"k","value":5}}'),
    ({"code": "a", "parts": [{"key": "k"}, Part(key="l", value=None)]}, Thing,
     '{"code":"a","parts":[{"key":"k"},{"key":"l","value":null}]}'),
    ({"code": "a", "part": Part(key="k")}, Thing, '{"code":"a","part":{"key":"k"}}'),
    ({"code": "a", "by_name": {"x": {"key": "k"}}}, Thing, '{"code":"a","by_name":{"x":{"key":"k"}}}'),
    (Thing(code="a", part=Part(key="k")), Thing, '{"code":"a","part":{"key":"k"}}'),
    (Thing(code="a", part={"key": "k", "value": 1}), Thing, '{"code":"a","part":{"key":"k","value":1}}'),  # type: ignore[arg-type]
    (Thing(code="a", part={"value": Number(1), "key": Text("k")}), Thing,  # type: ignore[arg-type]
     '{"code":"a","part":{"key":"k","value":1}}'),
    (Thing(code="a", amount=Decimal("1.50"), extra={"b": MappingProxyType({"c": [Number(1)]})}), Thing,
     '{"amount":"1.50","code":"a","extra":{"b":{"c":[1]}}}'),
    ([Thing(code="a"), {"code": "b"}], list[Thing], '[{"code":"a"},{"code":"b"}]'),
    (Row({"code": "a"}), list[Thing], '[{"code":"a"}]'),
    ([Thing(code="a"), Thing(code="b")], list[Thing], '[{"code":"a"},{"code":"b"}]'),
    ([], list[Thing], "[]"),
    ({"a": {"b": 1}}, dict[str, dict[str, int]], '{"a":{"b":1}}'),
    (MappingProxyType({"a": MappingProxyType({"b": 1})}), dict[str, dict[str, int]], '{"a":{"b":1}}'),
    ({"b": 1, "a": Decimal(2)}, dict[str, Any], '{"a":"2","b":1}'),
    ({"a": {"b": [1]}}, dict[str, object], '{"a":{"b":[1]}}'),
]  # fmt: skip


@pytest.mark.parametrize("root", [None, "thing"])
@pytest.mark.parametrize(("body", "kind", "text"), WRITTEN, ids=shown)
def test_a_body_that_fits_is_written_in_its_envelope(body: object, kind: Any, text: str, root: str | None) -> None:

    expected = json.loads(text)
    assert json.loads(write(body, kind, root)) == (expected if root is None else {root: expected})


# Of each body: its kind, and the complaint; "@" is where the envelope's name and a dot stand, if there is an envelope.
REFUSED: list[tuple[object, Any, str]] = [
    (5, Thing, "expected a Thing or a mapping, got int"),
    ("code", Thing, "expected a Thing or a mapping, got str"),
    (Part(key="k"), Thing, "expected a Thing or a mapping, got Part"),
    ("code", list[Thing], "expected a list of Thing, got str"),
    (b"code", list[Thing], "expected a list of Thing, got bytes"),
    ({"code": "a"}, list[Thing], "expected a list of Thing, got dict"),
    ([{"code": "a"}, 5], list[Thing], "expected a Thing or a mapping, got int"),
    ([], dict[str, int], "expected a mapping, got list"),
    ({"coed": "a"}, Thing, "Thing.code is missing; Thing has no 'coed'; did you mean 'code'?"),
    ([{"code": "a"}, {}], list[Thing], "Thing[1].code is missing"),
    ({"code": "a", "part": {}}, Thing, "Thing.part.key is missing"),
    ({"code": "a", "parts": [{"key": "k"}, {"key": "k", "zzz": 1, "valeu": 2}]}, Thing,
     "Thing.parts[1] has no 'valeu'; did you mean 'value'?; Thing.parts[1] has no 'zzz'; it has key, value"),
    (Thing(code="a", part={"key": "k", "valeu": 1}), Thing, "Thing.part has no 'valeu'; did you mean 'value'?"),  # type: ignore[arg-type]
    ([Thing(code="a", part={"key": "k", "valeu": 1})], list[Thing],  # type: ignore[arg-type]
     "Thing[0].part has no 'valeu'; did you mean 'value'?"),
    ({"code": "a", "by_name": {"x": {"key": "k", "valeu": 1}}}, Thing,
     "Thing.by_name.x has no 'valeu'; did you mean 'value'?"),
    ({"code": "a", "part": 5}, Thing, "@part: expected object | null, got int"),
    ({"code": "a", "part": []}, Thing, "@part: expected object | null, got array"),
    ({"code": "a", "parts": "x"}, Thing, "@parts: expected array | null, got str"),
    ({"code": "a", "parts": {"key": "k"}}, Thing, "@parts: expected array | null, got object"),
    ({"code": "a", "part": {"key": "k", "value": "5"}}, Thing, "@part.value: expected int | null, got str"),
    (Thing(code="a", part={"key": "k", "value": "5"}), Thing, "@part.value: expected int | null, got str"),  # type: ignore[arg-type]
    ({"code": "a", "parts": [{"key": "k"}, {"key": 5}]}, Thing, "@parts[1].key: expected str, got int"),
    ({"code": 5}, Thing, "@code: expected str, got int"),
    ({"code": b"a", "flag": 1}, Thing, "@code: expected str, got bytes"),
    ({"code": "a", "flag": 1}, Thing, "@flag: expected bool, got int"),
    ({"code": "a", "share": "0.5"}, Thing, "@share: expected float, got str"),
    ({"code": "a", "parts": [{"key": "k"}, 5]}, Thing, "@parts[1]: expected object, got int"),
    ({"code": "a", "parts": [Part(key="k", value="5")]}, Thing, "@parts[0].value: expected int | null, got str"),  # type: ignore[arg-type]
    ({"code": "a", "tags": ["x", 5]}, Thing, "@tags[1]: expected str, got int"),
    ({"code": "a", "amount": "much"}, Thing, "@amount: Invalid decimal string"),
    (Thing(code="a", amount=Decimal("Infinity")), Thing,
     "@amount: expected a number, got Infinity; JSON has no such number"),
    ([Thing(code="a", amount=Decimal("-Infinity"))], list[Thing],
     "@[0].amount: expected a number, got -Infinity; JSON has no such number"),
    (Thing(code="a", share=float("nan")), Thing, "@share: expected a number, got nan; JSON has no such number"),
    ({"a": {"b": "x"}}, dict[str, dict[str, int]], "@[...][...]: expected int, got str"),
    ({"code": "\ud800"}, Thing, "@code: a lone surrogate, which JSON cannot hold"),
    ({"code": "a", "extra": {"\ud800": 1}}, Thing, "@extra: a lone surrogate, which JSON cannot hold"),
    ({"code": "a", "extra": {5: b"x"}}, Thing,
     "@extra: expected keys of type str, got int; @extra.: expected a JSON value, got bytes"),
    ({"code": "a", "part": b"x"}, Thing, "@part: expected object | null, got bytes"),
    ({"code": "a", "by_name": b"x"}, Thing, "@by_name: expected object, got bytes"),
    ({"code": "a", "amount": b"x"}, Thing, "@amount: expected decimal | null, got bytes"),
    ({"code": object()}, Thing, "@code: expected str, got object"),
    ({"code": UNSET}, Thing, "Thing.code is missing"),
    (Thing(code=UNSET), Thing, "Thing.code is missing"),  # type: ignore[arg-type]
    ({"code": "a", "parts": {Color.RED}}, Thing, "@parts: expected array | null, got set"),
    ({"code": "a", "part": Thing(code="b")}, Thing, "@part: expected a Part or a mapping, got Thing"),
    (Thing(code="a", part=Thing(code="b")), Thing, "@part: expected a Part or a mapping, got Thing"),  # type: ignore[arg-type]
    ({"code": "a", "extra": {5: "b"}}, Thing, "@extra: expected keys of type str, got int"),
    ({"code": "a", "extra": {"b": [Part(key="k")]}}, Thing, "@extra.b[0]: expected a JSON value, got Part"),
    ({"code": b"a", "at": 5j}, Thing,
     "@at: expected datetime | null, got complex; @code: expected str, got bytes"),
]  # fmt: skip


@pytest.mark.parametrize("root", [None, "thing"])
@pytest.mark.parametrize(("body", "kind", "complaint"), REFUSED, ids=shown)
def test_a_body_that_does_not_fit_is_refused_by_the_name_of_the_key(
    body: object, kind: Any, complaint: str, root: str | None
) -> None:
    prefix = "" if root is None else f"{root}" if complaint.startswith("@[") else f"{root}."
    with pytest.raises(UnwritableError) as caught:
        write(body, kind, root)
    assert str(caught.value) == complaint.replace("@", prefix)


@pytest.mark.parametrize(("root", "name"), [(None, "body"), ("thing", "thing")])
@pytest.mark.parametrize("kind", [dict[str, Any], dict[str, int], dict[str, str | None]], ids=repr)
def test_keys_that_are_not_text_are_refused_by_the_name_of_the_envelope_or_body(
    kind: Any, root: str | None, name: str
) -> None:
    with pytest.raises(UnwritableError) as caught:
        write({5: "b"}, kind, root)
    assert str(caught.value) == f"{name}: expected keys of type str, got int"


@pytest.mark.parametrize("root", [None, "thing"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (Thing(code="a", amount=Decimal("1.50"), part=Part(key="k"), extra={"b": [1]}), Thing),
        ([Thing(code="a"), Thing(code="b", at=AT)], list[Thing]),
    ],
    ids=shown,
)
def test_models_that_fit_are_written_without_the_slow_check_of_each_value(
    body: object, kind: Any, root: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = json.loads(msgspec.json.encode(body))
    monkeypatch.setattr(writing, "check_of", None)
    assert json.loads(write(body, kind, root)) == (expected if root is None else {root: expected})


def test_a_body_that_holds_itself_is_refused() -> None:
    body: dict[str, Any] = {}
    body["again"] = body
    with pytest.raises(UnwritableError, match="^a value holds itself, or is nested too deeply$"):
        write(body, dict[str, Any], None)


def test_a_mapping_is_not_asked_for_more_than_its_items() -> None:
    class Frugal(Mapping[str, object]):
        def __getitem__(self, key: str) -> object:
            return {"a": 1}[key]

        def __iter__(self) -> Any:
            return iter(["a"])

        def __len__(self) -> int:
            return 1

    assert write(Frugal(), dict[str, int], "root") == b'{"root":{"a":1}}'


def test_many_complaints_are_cut() -> None:
    with pytest.raises(UnwritableError) as caught:
        write([{"code": b"a"}] * 25, list[Thing], "things")
    assert str(caught.value).startswith("things[0].code: expected str, got bytes; things[1].code: ")
    assert str(caught.value).endswith("things[9].code: expected str, got bytes; and 15 more")


def test_ten_complaints_are_told_whole() -> None:
    with pytest.raises(UnwritableError) as caught:
        write([{"code": b"a"}] * 10, list[Thing], "things")
    assert str(caught.value).endswith("things[9].code: expected str, got bytes")


def test_an_integer_of_more_digits_than_python_writes_is_refused() -> None:
    with pytest.raises(UnwritableError, match="4300 digits"):
        write({"value": 10**5000}, dict[str, Any], None)
