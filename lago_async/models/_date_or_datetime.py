"""A day or a time in requests, in the forms that users give and in the form that the server takes."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, get_args

import msgspec
from msgspec import Meta

from lago_async._datetimes import aware, plain_date

__all__ = ["DateOrDatetime"]

# A time without a zone is refused, as it is in a datetime: the server would take it for UTC.
_DAY: Final = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})"

if TYPE_CHECKING:
    DateOrDatetime: TypeAlias = date | datetime | str
else:
    DateOrDatetime = Annotated[
        str,
        Meta(
            pattern=rf"^{_DAY}(?:[Tt ]{_TIME})?\Z",
            description="a date, or a datetime with a time zone",
        ),
    ]


def takes_date_or_datetime(hint: Any) -> bool:
    """Return whether a hint is `DateOrDatetime`, or a union with it."""
    return hint == DateOrDatetime or DateOrDatetime in get_args(hint)


def as_text(value: object) -> object:
    """Return the ISO 8601 text of a date or a datetime, as msgspec writes it; anything else as it is.

    A datetime without a time zone stays as it is, too: it is refused when it is sent, with the name of the operation.
    """
    try:
        if isinstance(value, datetime):
            return str(msgspec.to_builtins(aware(value)))
        if isinstance(value, date):
            return plain_date(value).isoformat()
    except ValueError:
        pass
    return value
