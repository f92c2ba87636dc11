"""The last resorts for a single value that the fast path refuses: other conversions to the declared type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from lago_async._datetime_hints import with_real_classes


def as_float(value: object, kind: Any) -> Any:
    """Convert a number for a union of types. The fast path never produces a ``Decimal`` there, so neither do we."""
    if isinstance(value, Decimal):
        return msgspec.convert(float(value), kind, strict=False)
    raise ValueError(value)


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise ValueError(value)


_MAX_DIGITS: Final = 4300  # of an integer; Python's own limit for parsing text


def _to_integer(value: object) -> int:
    number = Decimal(value.strip()) if isinstance(value, str) else value
    # Converting 1e99999999 to an integer would take minutes.
    if isinstance(number, Decimal) and number.adjusted() < _MAX_DIGITS and number == number.to_integral_value():
        return int(number)
    raise ValueError(value)


def _to_decimal(value: object) -> Decimal:
    raise ValueError(value)  # the fast path reads every text that is a number


def _to_float(value: object) -> float:
    if isinstance(value, str | Decimal):
        return float(value)
    raise ValueError(value)


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
