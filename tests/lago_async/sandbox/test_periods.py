"""Billing periods, calendar and anniversary, across month ends, leap years and time zones."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async.sandbox._state.periods import INTERVALS, Period, days_between, period_at


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


INSTANT = timedelta(microseconds=1)


def days(period: Period) -> tuple[str, str]:
    """Return the first day of a period, and that of the next one; the last instant belongs to the period."""
    return period.start.date().isoformat(), (period.end + INSTANT).date().isoformat()


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("weekly", ("2026-05-11", "2026-05-18")),
        ("monthly", ("2026-05-01", "2026-06-01")),
        ("quarterly", ("2026-04-01", "2026-07-01")),
        ("semiannual", ("2026-01-01", "2026-07-01")),
        ("yearly", ("2026-01-01", "2027-01-01")),
    ],
)
def test_calendar_periods_begin_on_mondays_and_first_days(interval: str, expected: tuple[str, str]) -> None:
    assert days(period_at(utc(2026, 5, 14, 12), interval, UTC, None)) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ((2026, 1, 31), ("2026-01-31", "2026-02-28")),
        ((2026, 2, 27, 23, 59), ("2026-01-31", "2026-02-28")),
        ((2026, 2, 28), ("2026-02-28", "2026-03-31")),
        ((2026, 4, 1), ("2026-03-31", "2026-04-30")),
        ((2028, 2, 28), ("2028-01-31", "2028-02-29")),
    ],
)
def test_an_anniversary_on_the_31st_falls_on_the_last_day_of_shorter_months(
    today: tuple[int, ...], expected: tuple[str, str]
) -> None:
    assert days(period_at(utc(*today), "monthly", UTC, date(2026, 1, 31))) == expected


@pytest.mark.parametrize(
    ("interval", "anchor", "expected"),
    [
        ("weekly", date(2026, 1, 7), ("2026-05-13", "2026-05-20")),
        ("quarterly", date(2025, 11, 30), ("2026-02-28", "2026-05-30")),
        ("semiannual", date(2025, 8, 31), ("2026-02-28", "2026-08-31")),
        ("yearly", date(2024, 2, 29), ("2026-02-28", "2027-02-28")),
    ],
)
def test_other_anniversaries_count_from_their_first_day(interval: str, anchor: date, expected: tuple[str, str]) -> None:
    assert days(period_at(utc(2026, 5, 14), interval, UTC, anchor)) == expected


def test_periods_begin_at_local_midnight_also_across_a_change_of_clocks() -> None:
    period = period_at(utc(2026, 3, 10), "monthly", ZoneInfo("Europe/Paris"), None)
    assert period == Period(utc(2026, 2, 28, 23), utc(2026, 3, 31, 22) - INSTANT)


MOMENTS = st.timedeltas(timedelta(0), timedelta(days=36_000)).map(lambda passed: utc(2001, 1, 1) + passed)
ZONES = st.sampled_from([UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia")])
ANCHORS = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(MOMENTS, st.sampled_from(INTERVALS), ZONES, ANCHORS)
def test_periods_hold_their_moment_and_follow_each_other_without_a_gap(
    moment: datetime, interval: str, zone: timezone | ZoneInfo, anchor: date | None
) -> None:
    period = period_at(moment, interval, zone, anchor)
    assert period.start <= moment <= period.end
    assert period_at(period.end, interval, zone, anchor) == period
    assert period_at(period.end + INSTANT, interval, zone, anchor).start == period.end + INSTANT


PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("start", "end", "zone", "expected"),
    [
        (utc(2026, 1, 1), utc(2026, 2, 1) - INSTANT, UTC, 31),
        (utc(2026, 1, 16), utc(2026, 2, 1) - INSTANT, UTC, 16),
        (utc(2026, 1, 16, 15), utc(2026, 2, 1) - INSTANT, UTC, 16),  # a day that has begun counts
        (utc(2026, 1, 1), utc(2026, 1, 18), UTC, 18),  # an end at midnight belongs to the day that begins
        (utc(2026, 1, 1), utc(2026, 1, 17, 12), UTC, 17),
        (utc(2026, 1, 5, 10), utc(2026, 1, 6, 9), UTC, 1),  # less than a day after a start at ten
        (utc(2026, 1, 1), utc(2026, 1, 1), UTC, 1),
        (utc(2026, 2, 28, 23), utc(2026, 3, 31, 22) - INSTANT, PARIS, 31),  # one of these days has 23 hours
        (utc(2026, 9, 30, 22), utc(2026, 10, 31, 23) - INSTANT, PARIS, 31),  # and one of these has 25
    ],
)
def test_days_are_counted_by_the_local_clock(
    start: datetime, end: datetime, zone: timezone | ZoneInfo, expected: int
) -> None:
    assert days_between(start, end, zone) == expected
