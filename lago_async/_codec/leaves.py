"""The last resorts for a single value that the fast path refuses: other conversions to the declared type."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, cast, get_args

import msgspec

from lago_async._codec.repairing import MAX_DIGITS
from lago_async._datetime_hints import with_real_classes


def to_plain(value: Any) -> Any:
    """Convert arbitrary JSON to the fast path's types: fractions become floats, unless they are too large for that.

    Without recursion, because the parser reads more levels than Python functions can call each other.
    """
    result: list[Any] = [value]
    waiting: list[Any] = [result]
    while waiting:
        container = waiting.pop()
        items = cast("Iterable[Any]", container.items() if container.__class__ is dict else enumerate(container))
        for key, item in items:
            if isinstance(item, Decimal):
                container[key] = _to_float(item) if item.is_finite() else None
            elif isinstance(item, list | dict):
                waiting.append(item)
    return result[0]


def to_number(value: object, kind: Any) -> Any:
    """Convert a number for a union of types. The fast path never produces a ``Decimal`` there, unless it must."""
    number = _to_float(value)
    if isinstance(number, Decimal) or Decimal in get_args(kind):
        return Decimal(cast("Decimal", value))
    try:
        return msgspec.convert(number, kind, strict=False)
    except msgspec.ValidationError:
        return Decimal(cast("Decimal", value))


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise ValueError(value)


_FLOAT_IS_EXACT: Final = 2**53


def _to_integer(value: object) -> int | Decimal:
    """Return the number, as a ``Decimal`` if it has a fraction: a part of a cent must not be lost."""
    number = Decimal(value.strip()) if isinstance(value, str) else value
    if not isinstance(number, Decimal) or not number.is_finite():
        raise ValueError(value)
    nearest = float(number)
    if nearest.is_integer() and abs(nearest) <= _FLOAT_IS_EXACT:
        return int(nearest)  # as the fast path reads 1e-400
    # Converting 1e99999999 to an integer would take minutes.
    if number.adjusted() < MAX_DIGITS and number == number.to_integral_value():
        return int(number)
    return Decimal(number)


def _to_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():  # a number that is too large for the fast path
        return Decimal(value)
    raise ValueError(value)  # the fast path reads every text that is a number


def _to_float(value: object) -> float | Decimal:
    number = Decimal(value.strip()) if isinstance(value, str) else value
    if not isinstance(number, Decimal | int) or isinstance(number, bool):
        raise ValueError(value)  # noqa: TRY004 - all conversions have one way to refuse
    number = Decimal(number)
    if not number.is_finite():
        raise ValueError(value)
    nearest = float(number)
    return nearest if math.isfinite(nearest) else Decimal(number)


def _to_boolean(value: object) -> bool:
    if isinstance(value, Decimal) and value in (0, 1):
        return bool(value)
    raise ValueError(value)


def _to_datetime(value: object) -> datetime:
    if isinstance(value, Decimal):
        return datetime.fromtimestamp(float(value), UTC)
    if isinstance(value, str):
        at = datetime.fromisoformat(value.strip())
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    raise ValueError(value)


def _to_date(value: object) -> date:
    return _to_datetime(value).date()


LAST_RESORTS: Final[dict[Any, Callable[[Any], Any]]] = {
    str: _to_text,
    int: _to_integer,
    float: _to_float,
    bool: _to_boolean,
    Decimal: _to_decimal,
    with_real_classes(datetime): _to_datetime,
    with_real_classes(date): _to_date,
}
