"""When the server's jobs run next: most look every hour."""

from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)


def next_hour(now: datetime) -> datetime:
    """Return the full hour that it is, or the next one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour if hour == now else hour + _HOUR
