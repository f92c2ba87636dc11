"""Times as the server writes and reads them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lago_async.sandbox._protocol.wire import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CYCLE = 146_097 * 86_400  # the seconds of 400 years, after which the calendar repeats


def to_iso(at: datetime) -> str:
    """Write whole seconds in UTC, as for most timestamps: ``2022-04-29T08:59:51Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_iso_or_null(at: datetime | None) -> str | None:
    """Like `to_iso`, but None stays None."""
    return None if at is None else to_iso(at)


def to_iso_ms(at: datetime) -> str:
    """Write milliseconds, as for timestamps of events and ``started_at``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def far_iso_ms(seconds: Decimal) -> tuple[str, int]:
    """Write a time after the year 9999, from the seconds since 1970; and return its year."""
    last = int(datetime.max.replace(tzinfo=UTC).timestamp())
    cycles = -((last - int(seconds)) // _CYCLE)
    at = _EPOCH + timedelta(microseconds=int((seconds - cycles * _CYCLE) * 1_000_000))
    year = at.year + 400 * cycles
    return f"{year}{to_iso_ms(at)[4:]}", year


def parse_timestamp(value: Json) -> datetime | None:
    """Read an ISO 8601 date or datetime as an aware datetime in UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def in_utc(at: datetime, name: str) -> datetime:
    """Return an aware datetime in UTC; refuse one without a zone by the name of its argument."""
    if at.tzinfo is None:
        raise ValueError(f"{name} must be aware, as in datetime(2026, 1, 1, tzinfo=UTC)")
    return at.astimezone(UTC)
