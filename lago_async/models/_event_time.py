"""The time of an event, in the forms that users give and in the form that the server takes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from lago_async.models._base import UnsetType

__all__ = ["EventTime"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

if TYPE_CHECKING:
    EventTime: TypeAlias = datetime | int | float | str
else:
    EventTime = int | float | str  # the JSON form of a datetime


def event_time(value: datetime | float | str | UnsetType) -> EventTime | UnsetType:
    """Return seconds since 1970; for a datetime, as a decimal string with milliseconds.

    Raises:
        ValueError: The datetime has no time zone.
    """
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("an event's timestamp needs a time zone")
    milliseconds = (value - _EPOCH) // timedelta(milliseconds=1)
    return str(Decimal(milliseconds).scaleb(-3))
