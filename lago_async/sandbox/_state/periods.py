"""Billing periods: from a time, an interval and an anchor to the period that contains the time."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from math import ceil

import attrs

MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "yearly": 12}
INTERVALS = ("weekly", *MONTHS)

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@attrs.frozen
class Period:
    """A closed interval in UTC: both bounds belong to it. A whole period ends at the last instant of a day."""

    start: datetime
    end: datetime


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=4096)
def first_days(today: date, interval: str, anchor: date | None) -> tuple[date, date]:
    """Return the first day of the period that contains ``today``, and the first day of the next one.

    ``anchor`` is the day on which an anniversary subscription began; None means calendar billing. Each period is
    counted from the anchor itself, so that one that began on a 31st returns to the 31st after February. Results are
    kept, because a billing asks for few periods many times.
    """
    if interval == "weekly":
        origin = anchor or date(2024, 1, 1)  # a Monday
        first = today - timedelta(days=(today - origin).days % 7)
        return first, first + timedelta(days=7)
    step = MONTHS[interval]
    origin = anchor or date(today.year, 1, 1)
    count = ((today.year - origin.year) * 12 + today.month - origin.month) // step
    if add_months(origin, count * step) > today:
        count -= 1
    return add_months(origin, count * step), add_months(origin, (count + 1) * step)


def local_date(at: datetime, zone: tzinfo) -> date:
    """Return the day that it is in a time zone."""
    return at.date() if zone is at.tzinfo else at.astimezone(zone).date()


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the start of a local day, in UTC."""
    if zone is UTC:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the last instant of a local day, in UTC."""
    return midnight(day + _DAY, zone) - _INSTANT


def period_at(at: datetime, interval: str, zone: tzinfo, anchor: date | None) -> Period:
    """Return the period that contains ``at``, from local midnight to the last instant before another one."""
    first, following = first_days(local_date(at, zone), interval, anchor)
    return Period(midnight(first, zone), midnight(following, zone) - _INSTANT)


def days_between(start: datetime, end: datetime, zone: tzinfo) -> int:
    """Count the days of a closed interval as Lago prorates: by the local clock, and a day that has begun counts.

    An end at local midnight belongs to the day that begins, which then counts.
    """
    first, last = (at.astimezone(zone).replace(tzinfo=None) for at in (start, end))
    if last.time() == time():
        last += timedelta(seconds=1)
    return ceil((last - first) / _DAY)
