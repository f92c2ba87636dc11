"""When the server's jobs run next: most look every hour, some every five minutes."""

from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)
_MINUTES = 5


def next_hour(now: datetime) -> datetime:
    """Return the full hour that it is, or the next one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour if hour == now else hour + _HOUR


def next_five_minutes(now: datetime) -> datetime:
    """Return when a job of every five minutes runs next. A change in the very minute waits for the next time."""
    minute = now.minute - now.minute % _MINUTES
    return now.replace(minute=minute, second=0, microsecond=0) + timedelta(minutes=_MINUTES)
