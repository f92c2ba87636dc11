"""The tolerant reader by itself: what each parsed value becomes, by the declared type, and what is logged."""

import contextvars
import logging
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any

import attrs
import pytest
from msgspec import Meta

from lago_async._codec.leaves import LAST_RESORTS, to_number, to_plain
from lago_async._codec.oddities import Oddities
from lago_async._codec.parsing import Huge
from lago_async._codec.tolerant import tolerant_reader

BEFORE_UTC = timezone(timedelta(hours=-5))
AHEAD_OF_UTC = timezone(timedelta(hours=2))
JUST_LARGE_ENOUGH = Decimal("1e4299")  # 4300 digits, as many as Python reads


@attrs.define
class Leaf:
    code: str | None = None
    count: int | None = None


@attrs.define
class Branch:
    leaf: Leaf | None = None
    leaves: list[Leaf] = attrs.Factory(list)
    by_name: dict[str, int] | None = None
    anything: Any = None


def read(value: object, kind: Any) -> Any:
    oddities = Oddities()
    found = tolerant_reader(kind, "it")(value, oddities)
    oddities.log("find_it")
    return found


# A type, a value that the fast path refuses, and how the last resort reads it: None if it cannot.
LEAVES: list[tuple[Any, object, object]] = [
    (str, "7", "7"),
    (str, True, "true"),
    (str, False, "false"),
    (str, 7, "7"),
    (str, Decimal("1.50"), "1.50"),
    (str, [], None),
    (str, {}, None),
    (str, 1.5, None),
    (int, 7, 7),
    (int, "7", 7),
    (int, " 7 ", 7),
    (int, "5.0", 5),
    (int, " 5.0 ", 5),
    (int, Decimal("5.0"), 5),
    (int, "5.5", Decimal("5.5")),
    (int, Decimal("5.5"), Decimal("5.5")),
    (int, Decimal("1e-400"), 0),
    (int, Decimal("1.00000000000000000001"), 1),  # as the fast path, which goes by the nearest float up to 2**53
    (int, Decimal("9007199254740993.0"), 2**53),
    (int, Decimal("9007199254740995.0"), 2**53 + 3),
    (int, Decimal("9007199254740994.5"), Decimal("9007199254740994.5")),
    (int, Decimal("18014398509481985.0"), 2**54 + 1),
    (int, " NaN ", None),
    (int, JUST_LARGE_ENOUGH, 10**4299),
    (int, JUST_LARGE_ENOUGH * 10, JUST_LARGE_ENOUGH * 10),
    (int, Decimal("Infinity"), None),
    (int, "many", None),
    (int, True, None),
    (int, [], None),
    (float, 7, 7.0),
    (float, Decimal("1.5"), 1.5),
    (float, "1.5", 1.5),
    (float, " 1.5 ", 1.5),
    (float, "much", None),
    (float, Huge("1e400"), Decimal("1e400")),
    (float, " 1e400 ", Decimal("1e400")),
    (float, 10**400, Decimal(10**400)),
    (float, Huge("Infinity"), None),
    (Decimal, Huge("1e400"), Decimal("1e400")),
    (Decimal, Huge("Infinity"), None),
    (float, True, None),
    (float, [], None),
    (bool, True, True),
    (bool, 1, True),
    (bool, 0, False),
    (bool, "true", True),
    (bool, Decimal("1.0"), True),
    (bool, Decimal("0.0"), False),
    (bool, Decimal("2.0"), None),
    (bool, Decimal("0.5"), None),
    (bool, Decimal("-1.0"), None),
    (bool, Decimal("NaN"), None),
    (bool, 2, None),
    (bool, 1.0, None),
    (bool, "perhaps", None),
    (bool, [], None),
    (Decimal, 7, Decimal(7)),
    (Decimal, "1.50", Decimal("1.50")),
    (Decimal, " 1.50 ", Decimal("1.50")),
    (Decimal, "much", None),
    (Decimal, True, None),
    (Decimal, [], None),
    (datetime, "2022-04-29T08:59:51Z", datetime(2022, 4, 29, 8, 59, 51, tzinfo=UTC)),
    (datetime, "2022-04-29", datetime(2022, 4, 29, tzinfo=UTC)),
    (datetime, " 2022-04-29 08:59 ", datetime(2022, 4, 29, 8, 59, tzinfo=UTC)),
    (datetime, " 2022-04-29T23:30-05:00 ", datetime(2022, 4, 29, 23, 30, tzinfo=BEFORE_UTC)),
    (datetime, "20220429T085951+0200", datetime(2022, 4, 29, 8, 59, 51, tzinfo=AHEAD_OF_UTC)),
    (datetime, Decimal("1.5"), datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
    (datetime, Decimal("1e30"), None),
    (datetime, "today", None),
    (datetime, True, None),
    (datetime, [], None),
    (date, "2022-04-29", date(2022, 4, 29)),
    (date, "2022-04-29T23:30:00-05:00", date(2022, 4, 29)),
    (date, Decimal("86400.5"), date(1970, 1, 2)),
    (date, "today", None),
    (date, 7, None),
    (int | float, 7, 7),
    (int | float, "7", 7),
    (int | float, Decimal("1.5"), 1.5),
    (int | float, Decimal("5.0"), 5.0),
    (int | float, "much", None),
    (int | float | None, Decimal("1.5"), 1.5),
    (int | str, Decimal("5.0"), 5),
    (int | str, Decimal("5.5"), Decimal("5.5")),
    (int | float, Huge("1e400"), Decimal("1e400")),
    (int | str, [], None),
    (int | bool, Decimal("5.0"), 5),
    (int | Decimal, Decimal("0.5"), Decimal("0.5")),
    (int | Decimal, Huge("1.0000000000000000001e400"), Decimal("1.0000000000000000001e400")),
    (Annotated[datetime, Meta(tz=True)], "2022-04-29T08:59:51", datetime(2022, 4, 29, 8, 59, 51, tzinfo=UTC)),
    (Annotated[datetime, Meta(tz=True)], "today", None),
]


@pytest.mark.parametrize(("kind", "value", "expected"), LEAVES, ids=repr)
@pytest.mark.parametrize("optional", [False, True])
def test_a_single_value_is_read_as_its_type_or_is_none(
    kind: Any, value: object, expected: object, optional: bool
) -> None:
    found = read(value, kind | None if optional else kind)
    assert found == expected
    assert type(found) is type(expected)
    if isinstance(found, datetime) and isinstance(expected, datetime):
        assert found.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize("kind", [*LAST_RESORTS, int | float, list[int] | None, dict[str, int], Leaf, Leaf | None])
def test_null_is_none_and_nothing_is_logged(kind: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert read(None, kind) is None
    assert read(None, list[int]) == []
    assert not caplog.messages


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (str, ["x", 1.5, None, []]),
        (int, [5, 1.5, True, None, []]),
        (float, [True, None, [], Decimal("NaN")]),
        (bool, [0, 1, 0.0, 1.0, True, "1", None]),
        (Decimal, ["1", 1, 1.5, True, None]),
        (datetime, [0, 1.5, True, None]),
        (date, [0, 1.5, True, None]),
    ],
)
def test_a_last_resort_refuses_what_it_does_not_know(kind: Any, refused: list[object]) -> None:
    for value in refused:
        with pytest.raises(ValueError, match=r".*"):
            LAST_RESORTS[kind](value)
    with pytest.raises(ValueError, match="True"):
        to_number(True, int | float)


def test_a_number_for_a_union_with_a_decimal_keeps_its_digits() -> None:
    exact = Decimal("0.10000000000000000000001")
    assert to_number(exact, int | Decimal) == exact
    assert to_number(exact, int | float) == 0.1


def test_arbitrary_json_has_floats_where_they_can_hold_the_number_and_no_number_that_json_lacks() -> None:
    parsed = {"a": [Decimal("1.5"), {"b": Decimal("NaN"), "c": Huge("1e400")}], "d": Huge("-Infinity"), "e": "x"}
    assert to_plain(parsed) == {"a": [1.5, {"b": None, "c": Decimal("1e400")}], "d": None, "e": "x"}
    assert to_plain(Decimal("2.5")) == 2.5


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ("a secret", int, "a JSON string cannot be read as int and is None"),
        ([1], str, "a JSON array cannot be read as str and is None"),
        ("a secret", int | float, "a JSON string cannot be read as int | float and is None"),
        ("a secret", Leaf, "a JSON string cannot be read as Leaf and is None"),
        ("a secret", list[int], "a JSON string cannot be read as list and is an empty list"),
        (True, dict[str, int], "a JSON boolean cannot be read as dict and is None"),
        ("a secret", Annotated[datetime, Meta(tz=True)], "a JSON string cannot be read as datetime and is None"),
    ],
)
def test_a_value_that_cannot_be_read_is_logged_by_its_json_type(
    value: object, kind: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "lago_async.codec"):
        found = read(value, kind)
    assert found == ([] if kind == list[int] else None)
    assert caplog.record_tuples == [("lago_async.codec", logging.WARNING, f"find_it: it: {message}")]


@pytest.mark.parametrize(("value", "kind"), [(Decimal("5.5"), int), ("5.5", int), (Huge("1e400"), float)])
def test_a_number_that_its_type_cannot_hold_is_a_decimal_and_is_logged(
    value: object, kind: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "lago_async.codec"):
        assert read(value, kind) == Decimal(str(value))
    assert caplog.messages == [f"find_it: it: a number does not fit {kind.__name__} and is a Decimal"]


def test_a_number_that_is_declared_as_a_decimal_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert read(Huge("1e400"), Decimal) == read(Huge("1e400"), int | Decimal) == Decimal("1e400")
    assert not caplog.messages


def test_an_oddity_is_logged_once_for_each_field(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "lago_async.codec"):
        read([{"count": "x"}] * 20_000 + [{"count": []}], list[Leaf])
    assert caplog.messages == [
        "find_it: Leaf.count: a JSON string cannot be read as int and is None (20000 times)",
        "find_it: Leaf.count: a JSON array cannot be read as int and is None",
    ]


def test_the_warnings_of_a_response_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    wide = attrs.make_class("Wide", {f"field_{number}": attrs.field(type=int, default=0) for number in range(500)})
    with caplog.at_level(logging.WARNING, "lago_async.codec"):
        read({f"field_{number}": [] for number in range(500)}, wide)
    assert len(caplog.messages) == 21
    assert caplog.messages[-1] == "find_it: 480 more fields cannot be read as declared"


def test_an_object_is_read_field_by_field_around_an_oddity(caplog: pytest.LogCaptureFixture) -> None:
    value = {
        "leaf": {"code": 7, "count": "x"},
        "leaves": [{"code": "a", "count": "5.0"}, "b", None, {"count": 2}],
        "by_name": {"one": "1", "two": Decimal("2.0"), "three": "x"},
        "new_field": [1],
    }
    with caplog.at_level(logging.WARNING, "lago_async.codec"):
        branch = read(value, Branch)
    leaves: list[Any] = [Leaf("a", 5), None, None, Leaf(None, 2)]
    by_name: dict[str, Any] = {"one": 1, "two": 2, "three": None}
    assert branch == Branch(Leaf("7", None), leaves, by_name)
    assert caplog.messages == [
        "find_it: Leaf.count: a JSON string cannot be read as int and is None",
        "find_it: Branch.leaves: a JSON string cannot be read as Leaf and is None",
        "find_it: Branch.by_name: a JSON string cannot be read as int and is None",
    ]


def test_an_object_or_a_list_that_is_as_declared_is_read_whole(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "lago_async.codec")

    class Whole(dict[str, Any]):
        """Counts the fields that are read one by one."""

        def __getitem__(self, key: str) -> Any:
            raise AssertionError(key)

    assert read(Whole(code="a", count=1), Leaf) == Leaf("a", 1)
    assert read(Whole(count="1"), Leaf) == Leaf(None, 1)  # the fast path, too, takes a number as a string
    assert read([Whole(code="a"), Whole(count="1")], list[Leaf]) == [Leaf("a"), Leaf(count=1)]
    assert not caplog.messages


@pytest.mark.parametrize("kind", [Branch, list[Branch]])
def test_arbitrary_json_has_floats_at_any_depth(kind: Any) -> None:
    value = {"anything": {"a": [Decimal("1.5"), {"b": Decimal("2.0")}, "c", True, None, 7]}}
    found = read(value if kind is Branch else [value], kind)
    anything = (found if kind is Branch else found[0]).anything
    assert anything == {"a": [1.5, {"b": 2.0}, "c", True, None, 7]}
    assert [type(item) for item in anything["a"]] == [float, dict, str, bool, type(None), int]
    assert type(anything["a"][1]["b"]) is float


def test_items_and_members_of_their_own_are_read_by_their_type() -> None:
    assert read(["1", Decimal("2.0"), "x", None], list[int]) == [1, 2, None, None]
    assert read([1, 2], list[int]) == [1, 2]
    assert read({"a": "1", "b": None}, dict[str, int]) == {"a": 1, "b": None}
    assert read([{"code": 7}], list[Leaf] | None) == [Leaf("7")]
    assert read({"a": {"code": 7}}, dict[str, Leaf]) == {"a": Leaf("7")}


def test_what_is_read_in_pieces_is_told_to_the_logger_of_the_codec(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "lago_async.codec")
    read([{"code": "a", "count": "many"}], list[Leaf])
    told = [(name, text) for name, level, text in caplog.record_tuples if level == logging.DEBUG]
    assert [name for name, _ in told] == ["lago_async.codec"] * 2
    assert [text.partition(":")[0] for _, text in told] == [
        "a list is read item by item",
        "Leaf is read field by field",
    ]


def test_nothing_of_a_response_is_kept_when_it_is_read() -> None:
    assert read({"leaf": {"count": "5.5"}, "leaves": [{"count": "many"}]}, Branch) == Branch(
        Leaf(count=Decimal("5.5")),  # type: ignore[arg-type]
        [Leaf()],
    )
    assert not [value for value in contextvars.copy_context().values() if isinstance(value, Oddities)]
