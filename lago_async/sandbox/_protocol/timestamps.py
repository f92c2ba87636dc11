"""Times as the server writes and reads them."""

from datetime import UTC, datetime

from lago_async.sandbox._protocol.wire import Json


def to_iso(at: datetime) -> str:
    """Write whole seconds in UTC, as for most timestamps: ``2022-04-29T08:59:51Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_iso_or_null(at: datetime | None) -> str | None:
    """Like `to_iso`, but None stays None."""
    return None if at is None else to_iso(at)


def to_iso_ms(at: datetime) -> str:
    """Write milliseconds, as for timestamps of events and ``started_at``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


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
