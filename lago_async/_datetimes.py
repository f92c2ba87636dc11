"""Datetimes and dates without their subclasses: those of freezegun, pendulum and pandas become plain ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

__all__ = ["NAIVE", "NaiveDatetimeError", "aware", "plain_date"]

NAIVE: Final = "the datetime has no time zone; give it one, as in datetime.now(UTC) or value.replace(tzinfo=UTC)"

_MINUTE: Final = timedelta(minutes=1)


class NaiveDatetimeError(ValueError):
    """A datetime has no time zone, so it does not say when it is."""

    def __init__(self) -> None:
        super().__init__(NAIVE)


def aware(value: datetime) -> datetime:
    """Return a datetime of the standard library for the same time, to the microsecond, in the same time zone.

    Raises:
        NaiveDatetimeError: The datetime has no time zone.
        ValueError: It is not a time, such as the ``NaT`` of pandas.
    """
    if value.__class__ is not datetime:
        value = _without_subclass(value)
    offset = value.utcoffset()
    if offset is None:
        raise NaiveDatetimeError
    # An offset with seconds, as those of most cities before 1900, does not fit ISO 8601.
    return value.astimezone(UTC) if offset % _MINUTE else value


def plain_date(value: date) -> date:
    """Return a date of the standard library for the same day.

    Raises:
        ValueError: It is not a day.
    """
    return value if value.__class__ is date else date(value.year, value.month, value.day)


def _without_subclass(value: datetime) -> datetime:
    # Subclasses override `isoformat`, subtraction and even the constructor; their fields mean the same everywhere.
    try:
        return datetime(
            value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond,
            tzinfo=value.tzinfo, fold=value.fold,
        )  # fmt: skip
    except (TypeError, OverflowError) as error:  # the fields of NaT are floats
        raise ValueError(f"{value!r} is not a time") from error
