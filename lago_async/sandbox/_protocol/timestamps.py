"""How times look on the wire, and how those that were sent are read."""

from datetime import UTC, datetime

from lago_async.sandbox._protocol.wire import Json


def to_iso(moment: datetime) -> str:
    """Whole seconds in UTC, as most timestamps are written: ``2022-04-29T08:59:51Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_iso_or_null(moment: datetime | None) -> str | None:
    """Like `iso`, but null stays null."""
    return None if moment is None else to_iso(moment)


def to_iso_ms(moment: datetime) -> str:
    """With milliseconds, as event timestamps and ``started_at`` are written."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_timestamp(value: Json) -> datetime | None:
    """An ISO 8601 date or datetime as an aware UTC datetime; None where it is neither."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
