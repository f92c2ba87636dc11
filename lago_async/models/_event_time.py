"""The time of an event, in the forms that users give and in the form that the server takes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from lago_async._datetimes import aware
from lago_async.models._base import UnsetType

__all__ = ["EventTime"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

if TYPE_CHECKING:
    EventTime: TypeAlias = datetime | int | float | str
else:
    EventTime = int | float | str  # the JSON form of a datetime


def event_time(value: datetime | float | str | UnsetType | None) -> EventTime | UnsetType | None:
    """Return seconds since 1970; for a datetime, as a decimal string with milliseconds.

    A datetime without a time zone stays as it is: it is refused when it is sent, with the name of the operation.
    """
    if not isinstance(value, datetime):
        return value
    try:
        milliseconds = (aware(value) - _EPOCH) // timedelta(milliseconds=1)
    except ValueError:
        return value
    return str(Decimal(milliseconds).scaleb(-3))
