"""Times in words, for the command line: ``2026-01``, ``last month``, ``3 days ago`` name a span of time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs

_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_RELATIVE: Final = {"this": 0, "last": -1, "next": 1}
_DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}

_relative = re.compile(r"(this|last|next) (day|week|month|quarter|year)").fullmatch
_ago = re.compile(r"(\d{1,6}) (day|week|month|quarter|year)s? ago").fullmatch
_year = re.compile(r"(\d{4})").fullmatch
_month = re.compile(r"(\d{4})-(\d{2})").fullmatch
_quarter = re.compile(r"(\d{4})-?q([1-4])").fullmatch

EXAMPLES: Final = "2026-01-31, 2026-01, 2026-Q1, 2026, today, 'last month', 'this year', '3 days ago'"


@attrs.frozen
class Span:
    """A span of time that a text names.

    Attributes:
        begin: Its beginning.
        end: The instant after it; its beginning if the text names an instant.
        is_day: Whether it is one day.
    """

    begin: datetime
    end: datetime
    is_day: bool = False

    @property
    def is_instant(self) -> bool:
        """Whether the text names an instant."""
        return self.begin == self.end


def span_of(text: str, now: datetime) -> Span:
    """Return the span that a text names, in UTC unless it says another time zone.

    Raises:
        ValueError: The text names none.
    """
    words = " ".join(text.lower().replace("_", " ").split())
    today = now.astimezone(UTC).date()
    try:
        if words == "now":
            return Span(now, now)
        if words in _DAYS:
            return _day(today + timedelta(days=_DAYS[words]))
        if found := _relative(words):
            return _unit(today, found[2], _RELATIVE[found[1]])
        if found := _ago(words):
            return _unit(today, found[2], -int(found[1]))
        if found := _year(words):
            return _months(int(found[1]), 1, 12)
        if found := _quarter(words):
            return _months(int(found[1]), 3 * int(found[2]) - 2, 3)
        if found := _month(words):
            return _months(int(found[1]), int(found[2]), 1)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            return _day(date.fromisoformat(words))
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} names no time; write {EXAMPLES}, or 2026-01-31T12:00:00Z") from None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return Span(moment, moment)


def _day(day: date) -> Span:
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Span(begin, begin + timedelta(days=1), is_day=True)


def _unit(today: date, unit: str, away: int) -> Span:
    """Return the day, week, month, quarter or year of today, or one that is some of them away."""
    if unit == "day":
        return _day(today + timedelta(days=away))
    if unit == "week":
        monday = _day(today - timedelta(days=today.weekday()) + timedelta(weeks=away)).begin
        return Span(monday, monday + timedelta(weeks=1))
    length = _MONTHS[unit]
    months = (today.year * 12 + today.month - 1) // length * length + away * length
    return _months(months // 12, months % 12 + 1, length)


def _months(year: int, month: int, length: int) -> Span:
    following = year * 12 + month - 1 + length
    end = datetime(following // 12, following % 12 + 1, 1, tzinfo=UTC)
    return Span(datetime(year, month, 1, tzinfo=UTC), end)


def beginning(text: str, now: datetime) -> datetime:
    """Return the beginning of what a text names, for a lower limit.

    Raises:
        ValueError: The text names no time.
    """
    return span_of(text, now).begin


def limit(text: str, now: datetime, *, option: str, instead: str = "") -> Span:
    """Return the day or the instant that a text names, for an upper limit.

    Args:
        text: The text.
        now: The time.
        option: The option, for errors.
        instead: What else to use, for errors.

    Raises:
        ValueError: The text names no time, or more than a day, so that it does not say whether its beginning or its
            end is meant.
    """
    span = span_of(text, now)
    if not span.is_day and not span.is_instant:
        last = (span.end - timedelta(days=1)).date()
        raise ValueError(
            f"{option} {text!r} does not say whether the range ends before it or after it: write a day, such as "
            f"{span.begin.date()}, {last} or {span.end.date()}{instead}"
        )
    return span
