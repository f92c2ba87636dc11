"""Checks of type hints at run time: unions, lists, nullable types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

import attrs


def has_origin(*origins: object) -> Callable[[Any], bool]:
    """Return a test for hints such as ``list[Fee]``, by the type before the brackets."""
    return lambda kind: get_origin(kind) in origins


is_union = has_origin(Union, UnionType)


def optional(kind: Any) -> Any:
    """Return ``kind | None``."""
    return Union[kind, None]  # noqa: UP007 - `kind` is a run-time value


def unless_null(kind: Any) -> Any:
    """Return ``Fee`` for ``Fee | None``; any other hint as it is."""
    members = [member for member in get_args(kind) if member is not NoneType] if is_union(kind) else [kind]
    return members[0] if len(members) == 1 else kind


def members_of(kind: Any) -> Iterator[Any]:
    """Yield every hint inside a hint, at any depth."""
    for argument in get_args(kind):
        yield argument
        yield from members_of(argument)


@cache
def holds_json(kind: Any) -> bool:
    """Tell whether a value of this type can hold arbitrary JSON."""
    if attrs.has(kind):
        return any(holds_json(field.type) for field in attrs.fields(kind))
    return kind is Any or any(holds_json(argument) for argument in get_args(kind))


def containers_of(kind: Any) -> type | tuple[type, ...]:
    """Return the JSON containers that a declared type can be read from."""
    if is_union(kind):
        return tuple(cast("type", containers_of(member)) for member in get_args(kind) if member is not NoneType)
    if get_origin(kind) is list:
        return list
    return dict if attrs.has(kind) or get_origin(kind) is dict else object
