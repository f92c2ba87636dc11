"""Models as plain JSON values: dictionaries, lists, texts, numbers, booleans and None, as the wire has them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeGuard, cast

import attrs
import msgspec

from lago_async._datetimes import aware, plain_date

if TYPE_CHECKING:
    from lago_async.models import Json

__all__ = ["NotJsonError", "is_input", "is_model", "plain_json"]


class NotJsonError(ValueError):
    """A value that JSON cannot hold; the message begins with its path."""


def is_model(kind: Any) -> bool:
    """Tell whether something is the class of a model."""
    return isinstance(kind, type) and attrs.has(kind) and hasattr(kind, "__get_pydantic_core_schema__")


def is_input(model: type[Any]) -> bool:
    """Tell whether a model is one of requests: its fields are required or ``UNSET``, and those of a response never."""
    return any(field.default is attrs.NOTHING or field.default is msgspec.UNSET for field in attrs.fields(model))


def plain_json(value: object, path: str = "") -> Json:
    """Return a value as plain JSON. A model is a dictionary of its fields in their order, without ``UNSET``.

    Args:
        value: A model, a mapping, a sequence, or any value that a field may have.
        path: The path of the value, for errors.

    Raises:
        NotJsonError: JSON cannot hold the value, or something in it.
    """
    cls: Any = value.__class__
    if value is None or cls is str or cls is int or cls is bool:
        return cast("Json", value)
    if _is_sequence(value):
        return [plain_json(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        members = {_key(key, path): member for key, member in cast("Mapping[object, object]", value).items()}
    elif attrs.has(cls):
        members = {field.name: getattr(value, field.name) for field in attrs.fields(cls)}
    else:
        return _leaf(value, path)
    return {
        name: plain_json(member, f"{path}.{name}") for name, member in members.items() if member is not msgspec.UNSET
    }


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    if value.__class__ is list:
        return True
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def _key(key: object, path: str) -> str:
    plain = key.value if isinstance(key, Enum) else key
    if isinstance(plain, str):
        return str.__str__(plain)
    raise NotJsonError(f"{path}: expected keys of type str, got {type(key).__name__}")


def _leaf(value: object, path: str) -> Json:
    if isinstance(value, Enum):
        return plain_json(value.value, path)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            raise NotJsonError(f"{path}: expected a number, got {value}; JSON has no such number")
        return float.__float__(value) if isinstance(value, float) else str(Decimal(value))
    try:
        if isinstance(value, datetime):
            return str(msgspec.to_builtins(aware(value)))
        if isinstance(value, date):
            return plain_date(value).isoformat()
    except ValueError as error:
        raise NotJsonError(f"{path}: {error}") from None
    raise NotJsonError(f"{path}: JSON cannot hold a value of type {type(value).__name__}")
