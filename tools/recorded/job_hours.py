"""The hours at which the jobs of the recorded server ran, while a story travelled from one time to another."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from lago_async.sandbox._state.periods import local_date, midnight

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
# Between two requests that follow each other at once, no job ran.
_TRAVEL = timedelta(minutes=5)
_NEVER = datetime.max.replace(tzinfo=UTC)


class JobHours:
    """The hours of one journey.

    The stories travelled to the next full hour, to each midnight in UTC and in the zones of their customers, and hour
    by hour through the last two hours. A running server has a job for it every hour, and so has the sandbox.
    """

    def __init__(self, start: datetime, target: datetime, zones: Iterable[tzinfo]) -> None:
        self._hours: list[datetime] = []
        if target - start < _TRAVEL:
            return
        first, last = _full_hour(start) + _HOUR, _full_hour(target)
        hours = {first, last, last - _HOUR, last - 2 * _HOUR}
        for zone in {UTC, *zones}:
            day = local_date(start, zone)
            while (at := midnight(day, zone)) <= target:
                hours.add(at)
                day += _DAY
        self._hours = sorted(hour for hour in hours if start <= hour <= target)

    def first_from(self, due: datetime) -> datetime:
        """Return the first of these hours at or after a time; far in the future if there is none."""
        position = bisect_left(self._hours, due)
        return self._hours[position] if position < len(self._hours) else _NEVER


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
