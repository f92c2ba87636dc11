"""Questions about type hints, as a table."""

from types import NoneType
from typing import Any, Optional, Union

import attrs
import pytest

from lago_async._codec.hints import (
    containers_of,
    has_origin,
    holds_json,
    is_union,
    members_of,
    optional,
    unless_null,
)


@attrs.define
class Plain:
    code: str | None = None
    codes: list[str] | None = None


@attrs.define
class Outer:
    inner: list[Plain] | None = None


@attrs.define
class Arbitrary:
    code: str | None = None
    details: dict[str, Any] | None = None


@attrs.define
class Holder:
    arbitrary: list[Arbitrary] | None = None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(int | None, True), (Optional[int], True), (Union[int, str], True), (int, False), (list[int | None], False)],  # noqa: UP007, UP045
)
def test_a_union_is_one_in_either_notation(kind: Any, expected: bool) -> None:
    assert is_union(kind) is expected


def test_an_origin_is_one_of_those_asked_for() -> None:
    assert has_origin(list)(list[int])
    assert has_origin(dict, list)(list[int])
    assert not has_origin(dict)(list[int])
    assert not has_origin(list)(list)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (int, int),
        (int | None, int),
        (None | list[Plain], list[Plain]),
        (int | str, int | str),
        (int | str | None, int | str | None),
        (list[int], list[int]),
        (list[int | None], list[int | None]),
    ],
)
def test_a_hint_without_its_null_is_its_only_other_member(kind: Any, expected: Any) -> None:
    assert unless_null(kind) == expected
    assert optional(kind) == kind | None


def test_the_members_of_a_hint_are_found_at_any_depth() -> None:
    assert list(members_of(int)) == []
    assert list(members_of(dict[str, list[int | None]])) == [str, list[int | None], int | None, int, NoneType]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (int, False),
        (Any, True),
        (Plain, False),
        (Outer, False),
        (Arbitrary, True),
        (Holder, True),
        (list[int] | None, False),
        (list[dict[str, Any]], True),
        (Arbitrary | None, True),
    ],
)
def test_a_type_holds_json_when_anything_in_it_is_arbitrary(kind: Any, expected: bool) -> None:
    assert holds_json(kind) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (list[int], list),
        (dict[str, int], dict),
        (Plain, dict),
        (int, object),
        (Any, object),
        (Plain | None, (dict,)),
        (Plain | list[Plain] | None, (dict, list)),
        (Optional[list[int]], (list,)),  # noqa: UP045
    ],
)
def test_the_containers_of_a_type_are_those_that_json_has_for_it(kind: Any, expected: Any) -> None:
    assert containers_of(kind) == expected
