"""Query parameters as a table: what each type takes, how it is written, and what is refused."""

from collections import UserDict, deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async._table.query import ParameterType, QueryParameter, is_plain

IST = timezone(timedelta(hours=5, minutes=30))


class Color(StrEnum):
    RED = "dark red"


class Text(str):  # noqa: SLOT000 - as a user writes it
    """A string of a class of its own."""


class Shade(str, Enum):  # noqa: UP042 - as older programs write it
    DARK = "dark red"


class Level(IntEnum):
    HIGH = 3


class Rank(int, Enum):
    HIGH = 3


class FakeDatetime(datetime):
    """As freezegun, pendulum and pandas have it."""

    def isoformat(self, *_: Any, **__: Any) -> str:
        return "fake"


class FakeDate(date):
    """As freezegun has it."""

    def isoformat(self) -> str:
        return "fake"


class NotATime(datetime):
    """As pandas has NaT."""

    @property
    def year(self) -> Any:
        return float("nan")


class Row(Sequence[Any]):
    """A sequence that is not a list."""

    def __getitem__(self, index: Any) -> Any:
        return ("a", "b")[index]

    def __len__(self) -> int:
        return 2


def parameter(kind: ParameterType, *, required: bool = False, name: str = "it") -> QueryParameter:
    return QueryParameter(name, name + kind.suffix, kind, required)


S, P, I, B = ParameterType.STRING, ParameterType.POSITIVE_INT, ParameterType.INTEGER, ParameterType.BOOLEAN  # noqa: E741
TIME, DAY = ParameterType.DATETIME, ParameterType.DATE
LIST, MIXED, MAP = ParameterType.STRINGS, ParameterType.STRINGS_OR_INTEGERS, ParameterType.MAPPING


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (S, "plain", "it=plain"),
        (S, "", "it="),
        (S, "a b&c=ü+[d]/", "it=a%20b%26c%3D%C3%BC%2B[d]%2F"),
        (S, Color.RED, "it=dark%20red"),
        (S, Text("a"), "it=a"),
        (S, Shade.DARK, "it=dark%20red"),
        (P, Level.HIGH, "it=3"),
        (P, Rank.HIGH, "it=3"),
        (MIXED, [Rank.HIGH, Level.HIGH, Shade.DARK], "it[]=3&it[]=3&it[]=dark%20red"),
        (LIST, [Shade.DARK], "it[]=dark%20red"),
        (MAP, {Shade.DARK: Color.RED}, "it[dark%20red]=dark%20red"),
        (TIME, FakeDatetime(2026, 1, 31, 12, tzinfo=IST), "it=2026-01-31T12%3A00%3A00%2B05%3A30"),
        (
            TIME,
            datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(seconds=3208))),
            "it=2026-01-31T11%3A06%3A32%2B00%3A00",
        ),
        (DAY, FakeDate(2026, 1, 31), "it=2026-01-31"),
        (P, 1, "it=1"),
        (P, 250, "it=250"),
        (I, 0, "it=0"),
        (I, -5, "it=-5"),
        (B, True, "it=true"),
        (B, False, "it=false"),
        (TIME, datetime(2026, 1, 31, 12, tzinfo=UTC), "it=2026-01-31T12%3A00%3A00%2B00%3A00"),
        (TIME, datetime(2026, 1, 31, 12, tzinfo=IST), "it=2026-01-31T12%3A00%3A00%2B05%3A30"),
        (TIME, date(2026, 1, 31), "it=2026-01-31"),
        (DAY, date(2026, 1, 31), "it=2026-01-31"),
        (LIST, ["a", "b c"], "it[]=a&it[]=b%20c"),
        (LIST, ("a",), "it[]=a"),
        (LIST, deque(["a"]), "it[]=a"),
        (LIST, Row(), "it[]=a&it[]=b"),
        (LIST, [Color.RED], "it[]=dark%20red"),
        (LIST, [""], "it[]="),
        (MIXED, ["a", 5, 0, "7"], "it[]=a&it[]=5&it[]=0&it[]=7"),
        (MIXED, Row(), "it[]=a&it[]=b"),
        (MAP, {"a": "b c", "d e": ""}, "it[a]=b%20c&it[d%20e]="),
        (MAP, UserDict({"a": "b"}), "it[a]=b"),
        (MAP, {}, ""),
    ],
)
@pytest.mark.parametrize("required", [False, True])
def test_a_value_is_written_as_rails_reads_it(kind: ParameterType, value: object, text: str, required: bool) -> None:
    if value == "" and required:
        return  # refused, see below
    assert "&".join(parameter(kind, required=required).pairs(value)) == text
    assert list(parameter(kind).encode(value)) == parse_qsl(text, keep_blank_values=True)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (S, [None, 5, True, b"a", bytearray(b"a"), ["a"], "\ud800", float("nan"), Decimal("NaN")]),
        (P, [None, 0, -1, True, False, "1", 1.0, [1], float("nan"), float("inf"), Decimal(1), 10**5000]),
        (I, [None, True, False, "1", 1.0, [1], float("nan"), Decimal("Infinity"), timedelta(1), 10**5000]),
        (B, [None, 0, 1, "true", []]),
        (
            TIME,
            [
                None,
                datetime(2026, 1, 31),  # noqa: DTZ001
                NotATime(2026, 1, 31, tzinfo=UTC),
                FakeDatetime(2026, 1, 31),
                "2026-01-31T12:00:00Z",
                5,
            ],
        ),
        (DAY, [None, datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 1, 31), "2026-01-31", 5]),  # noqa: DTZ001
        (
            LIST,
            [
                None,
                [],
                (),
                "ab",
                b"ab",
                bytearray(b"ab"),
                memoryview(b"ab"),
                "",
                5,
                {"a"},
                {"a": "b"},
                [5],
                ["a", None],
                [["a"]],
                ["\ud800"],
            ],
        ),
        (
            MIXED,
            [
                None,
                [],
                (),
                "ab",
                b"ab",
                bytearray(b"ab"),
                memoryview(b"ab"),
                "",
                5,
                {1},
                [1.0],
                [True],
                ["a", None],
                ["\ud800"],
            ],
        ),
        (MAP, [None, "a=b", ["a"], [("a", "b")], {"a": 5}, {5: "a"}, {"a": None}, {"\ud800": "a"}]),
    ],
)
def test_a_value_of_another_type_is_refused(kind: ParameterType, values: list[object]) -> None:
    for required in (False, True):
        for value in values:
            with pytest.raises(ValueError, match=r".*"):
                list(parameter(kind, required=required).pairs(value))


def test_a_string_that_is_required_is_not_empty() -> None:
    assert list(parameter(S).pairs("")) == ["it="]
    with pytest.raises(ValueError, match=r"^$"):
        list(parameter(S, required=True).pairs(""))


def test_a_name_is_percent_encoded_but_for_the_brackets_of_rails() -> None:
    assert list(QueryParameter("x", "a b[c]", S, required=False).pairs("1")) == ["a%20b[c]=1"]
    assert list(QueryParameter("x", "a b[c]", S, required=False).pairs("1 2")) == ["a%20b[c]=1%202"]
    assert list(QueryParameter("x", "a+b", P, required=False).pairs(1)) == ["a%2Bb=1"]
    assert list(QueryParameter("x", "a[key][key]", MAP, required=False).pairs({"k": "v"})) == ["a[key][k]=v"]


@given(value=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), kind=st.sampled_from([S, LIST, MIXED, MAP]))
def test_any_text_comes_back_as_it_was(value: str, kind: ParameterType) -> None:
    given_value: object = {S: value, LIST: [value, "b"], MIXED: [value, 7], MAP: {"k": value}}[kind]
    expected = {
        S: [("it", value)],
        LIST: [("it[]", value), ("it[]", "b")],
        MIXED: [("it[]", value), ("it[]", "7")],
        MAP: [("it[k]", value)],
    }[kind]
    text = "&".join(parameter(kind).pairs(given_value))
    assert parse_qsl(text, keep_blank_values=True) == expected
    assert not set(text) & set("+ /?#")


@pytest.mark.parametrize("text", ["a", "Z9_~-", "cus_1"])
def test_what_needs_no_encoding_is_plain(text: str) -> None:
    assert is_plain(text)
    assert not is_plain(text + "\n")
    for other in (".", " ", "/", "%", "ü", "+"):
        assert not is_plain(text + other)
    assert not is_plain("")


def test_the_types_say_what_an_error_says_that_a_value_must_be() -> None:
    assert [str(kind) for kind in (S, P, I, B, TIME, DAY, LIST, MIXED, MAP)] == [
        "a string",
        "an integer of 1 or more",
        "an integer",
        "True or False",
        "a date or a datetime with a time zone",
        "a date",
        "a list of strings, not empty",
        "a list of strings or integers, not empty",
        "a mapping of strings to strings",
    ]
    assert [kind.suffix for kind in (S, P, I, B, TIME, DAY, LIST, MIXED, MAP)] == [
        "",
        "",
        "",
        "",
        "",
        "",
        "[]",
        "[]",
        "[key]",
    ]


def test_two_parameters_are_the_same_by_what_they_declare() -> None:
    assert parameter(S) == parameter(S)
    assert parameter(S) != parameter(S, required=True)
    assert "_key" not in repr(parameter(S))
    with pytest.raises(TypeError):
        QueryParameter("it", "it", S, False, key="it=")  # type: ignore[call-arg]  # what is derived is not given
    assert QueryParameter("it", "it", S, False).values == ()
    with pytest.raises(TypeError):
        QueryParameter("it", "it", S, False, ("a",))  # type: ignore[call-arg]  # the values are named
