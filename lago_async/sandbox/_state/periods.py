"""Billing periods: from a time, an interval and an anchor to the period that contains the time."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fractions import Fraction

import attrs

MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "yearly": 12}
INTERVALS = ("weekly", *MONTHS)


@attrs.frozen
class Period:
    """A half-open interval in UTC: ``start`` belongs to it, ``end`` is the start of the next."""

    start: datetime
    end: datetime


def _add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _first_days(today: date, interval: str, anchor: date | None) -> tuple[date, date]:
    """Return the first day of the period that contains ``today``, and the first day of the next one."""
    if interval == "weekly":
        origin = anchor or date(2024, 1, 1)  # a Monday
        first = today - timedelta(days=(today - origin).days % 7)
        return first, first + timedelta(days=7)
    step = MONTHS[interval]
    origin = anchor or date(today.year, 1, 1)
    count = ((today.year - origin.year) * 12 + today.month - origin.month) // step
    if _add_months(origin, count * step) > today:
        count -= 1
    return _add_months(origin, count * step), _add_months(origin, (count + 1) * step)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the start of a local day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def period_at(at: datetime, interval: str, zone: tzinfo, anchor: date | None) -> Period:
    """Return the period that contains ``at``, from local midnight to local midnight.

    ``anchor`` is the day on which an anniversary subscription began; None means calendar billing. Each period is
    counted from the anchor itself, so that one that began on a 31st returns to the 31st after February.
    """
    first, following = _first_days(at.astimezone(zone).date(), interval, anchor)
    return Period(midnight(first, zone), midnight(following, zone))


def share(used: Period, whole: Period, zone: tzinfo) -> Fraction:
    """Return the used share of ``whole``, in local days as Lago prorates; a day that has begun counts."""
    instant = timedelta(microseconds=1)

    def days(period: Period) -> int:
        if period.end <= period.start:
            return 0
        first, last = (at.astimezone(zone).date() for at in (period.start, period.end - instant))
        return (last - first).days + 1

    return Fraction(days(used), days(whole))
