"""Times in words name spans; whatever they name contains what it should, and nothing else is taken for a time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async.usage._time_words import beginning, limit, span_of

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # a Tuesday

NAMED = {
    "2026": ("2026-01-01", "2027-01-01"),
    "2026-01": ("2026-01-01", "2026-02-01"),
    "2025-12": ("2025-12-01", "2026-01-01"),
    "2026-Q1": ("2026-01-01", "2026-04-01"),
    "2025q4": ("2025-10-01", "2026-01-01"),
    "2026-01-31": ("2026-01-31", "2026-02-01"),
    "today": ("2026-03-31", "2026-04-01"),
    "Yesterday": ("2026-03-30", "2026-03-31"),
    "tomorrow": ("2026-04-01", "2026-04-02"),
    "this day": ("2026-03-31", "2026-04-01"),
    "this week": ("2026-03-30", "2026-04-06"),
    "last week": ("2026-03-23", "2026-03-30"),
    "this month": ("2026-03-01", "2026-04-01"),
    " last  month ": ("2026-02-01", "2026-03-01"),
    "last_month": ("2026-02-01", "2026-03-01"),
    "next month": ("2026-04-01", "2026-05-01"),
    "this quarter": ("2026-01-01", "2026-04-01"),
    "last quarter": ("2025-10-01", "2026-01-01"),
    "this year": ("2026-01-01", "2027-01-01"),
    "LAST YEAR": ("2025-01-01", "2026-01-01"),
    "3 days ago": ("2026-03-28", "2026-03-29"),
    "1 week ago": ("2026-03-23", "2026-03-30"),
    "1 month ago": ("2026-02-01", "2026-03-01"),
    "13 months ago": ("2025-02-01", "2025-03-01"),
    "2 years ago": ("2024-01-01", "2025-01-01"),
}


def test_each_word_names_what_people_mean_by_it() -> None:
    found = {text: span_of(text, NOW) for text in NAMED}
    shown = {text: (f"{span.begin:%Y-%m-%d}", f"{span.end:%Y-%m-%d}") for text, span in found.items()}
    assert shown == NAMED
    assert {text for text, span in found.items() if span.is_day} == {
        text for text, span in found.items() if span.end - span.begin == timedelta(days=1)
    }


def test_a_moment_is_itself_with_its_time_zone() -> None:
    for text, moment in {
        "now": NOW,
        "2026-01-31T12:00:00Z": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "2026-01-31T12:00:00+02:00": datetime(2026, 1, 31, 10, tzinfo=UTC),
        "2026-01-31 12:00": datetime(2026, 1, 31, 12, tzinfo=UTC),
    }.items():
        assert (span_of(text, NOW).begin, span_of(text, NOW).is_instant) == (moment, True)


def test_what_is_no_time_is_refused_with_examples() -> None:
    for text in (
        "",
        "soon",
        "2026-13",
        "2026-02-30",
        "0000",
        "9999",
        "last",
        "months ago",
        "999999 years ago",
        "2026-Q5",
    ):
        with pytest.raises(ValueError, match="names no time; write 2026-01-31, 2026-01,"):
            span_of(text, NOW)


@given(
    st.integers(-2_000_000_000, 29_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_this_contains_now_and_last_ends_where_this_begins(now: datetime, unit: str) -> None:
    this, last, following = (span_of(f"{word} {unit}", now) for word in ("this", "last", "next"))
    assert this.begin <= now < this.end
    assert last.end == this.begin
    assert following.begin == this.end
    assert span_of(f"0 {unit}s ago", now) == this
    assert span_of(f"1 {unit} ago", now) == last


@given(st.text(max_size=12))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        span = span_of(text, NOW)
    except ValueError:
        return
    assert span.begin <= span.end


def test_an_upper_limit_of_more_than_a_day_is_refused_because_it_does_not_say_which_end_is_meant() -> None:
    assert beginning("last month", NOW) == datetime(2026, 2, 1, tzinfo=UTC)
    assert limit("yesterday", NOW, option="--to").begin == datetime(2026, 3, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="2026-02-01, 2026-02-28 or 2026-03-01, or use --during"):
        limit("last month", NOW, option="--to", instead=", or use --during")
