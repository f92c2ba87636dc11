"""The retry policy as a table: which calls are retried, which never are, and after how long."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async._net.retry import NoResponse, number, random_fraction, retry_after_of, retry_delay
from lago_async.settings import RetryPolicy

PASSING = (408, 502, 503, 504, 520, 521, 522, 523, 524, 530)
LASTING = (400, 401, 403, 404, 405, 407, 409, 422, 424, 426, 428, 500, 501, 505, 519, 525, 526, 529, 531)
POLICY = RetryPolicy(max_retries=3, base_delay=0.5, max_delay=20.0)


@pytest.mark.parametrize(
    ("outcome", "repeatable", "tried_again"),
    [
        (NoResponse.NOT_SENT, True, True),
        (NoResponse.NOT_SENT, False, True),
        (NoResponse.LOST, True, True),
        (NoResponse.LOST, False, False),
        (429, True, True),
        (429, False, True),
        (425, True, True),  # RFC 8470: not processed
        (425, False, True),
        *[(status, True, True) for status in PASSING],
        *[(status, False, False) for status in PASSING],
        *[(status, True, False) for status in LASTING],
        *[(status, False, False) for status in LASTING],
    ],
)
def test_only_what_cannot_be_applied_twice_is_tried_again(
    outcome: NoResponse | int, repeatable: bool, tried_again: bool
) -> None:
    delay = retry_delay(POLICY, repeatable=repeatable, attempt=1, outcome=outcome, retry_after=None, jitter=0.5)
    assert (delay is not None) is tried_again


def test_the_last_retry_is_the_last() -> None:
    delays = [
        retry_delay(POLICY, repeatable=True, attempt=attempt, outcome=503, retry_after=None, jitter=0.999)
        for attempt in range(1, 6)
    ]
    assert [delay is not None for delay in delays] == [True, True, True, False, False]


def test_the_delay_doubles_up_to_its_cap() -> None:
    policy = RetryPolicy(max_retries=100, base_delay=1.0, max_delay=5.0)
    delays = [
        retry_delay(policy, repeatable=True, attempt=attempt, outcome=502, retry_after=None, jitter=1.0)
        for attempt in (1, 2, 3, 4, 90)
    ]
    assert delays == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_refused_call_waits_as_long_as_the_server_asks() -> None:
    delay = retry_delay(POLICY, repeatable=False, attempt=1, outcome=429, retry_after=7.0, jitter=0.0)
    assert delay == 7.0


def test_a_server_that_asks_for_more_than_the_longest_delay_is_not_waited_for() -> None:
    delays = [
        retry_delay(POLICY, repeatable=True, attempt=1, outcome=429, retry_after=retry_after, jitter=0.5)
        for retry_after in (19.0, 20.0, 20.001, 21.0)
    ]
    assert delays == [19.05, 20.0, None, None]


@pytest.mark.parametrize(
    ("base_delay", "retry_after", "jitter", "expected"),
    [
        (0.5, 0.0, 0.0, 0.0),
        (0.5, 0.0, 0.5, 0.05),  # the jitter is at most a tenth of a second
        (0.05, 0.0, 0.5, 0.025),  # or the base delay
        (0.5, 3.0, 0.25, 3.025),
    ],
)
def test_callers_that_are_asked_to_wait_alike_spread_by_a_tenth_of_a_second(
    base_delay: float, retry_after: float, jitter: float, expected: float
) -> None:
    policy = RetryPolicy(base_delay=base_delay, max_delay=3.025)
    delay = retry_delay(policy, repeatable=True, attempt=1, outcome=429, retry_after=retry_after, jitter=jitter)
    assert delay == pytest.approx(expected)


def test_the_delay_is_any_part_of_its_bound() -> None:
    policy = RetryPolicy(max_retries=3, base_delay=2.0, max_delay=5.0)
    delays = [
        retry_delay(policy, repeatable=True, attempt=attempt, outcome=503, retry_after=None, jitter=0.25)
        for attempt in (1, 2, 3)
    ]
    assert delays == [0.5, 1.0, 1.25]


def test_no_number_of_attempts_is_too_large_for_the_doubling() -> None:
    policy = RetryPolicy(max_retries=10**6, base_delay=2.0**-32, max_delay=1e9)
    delays = [
        retry_delay(policy, repeatable=True, attempt=attempt, outcome=502, retry_after=None, jitter=1.0)
        for attempt in (60, 61, 62, 10**6)
    ]
    assert delays == [2.0**27, 2.0**28, 2.0**28, 2.0**28]


@given(
    attempt=st.integers(1, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
    retry_after=st.none() | st.floats(0, 1e9),
    outcome=st.sampled_from([*NoResponse, 429, 500, 502, 503, 504]),
    repeatable=st.booleans(),
)
def test_a_delay_is_never_negative_nor_above_its_cap(
    attempt: int, jitter: float, retry_after: float | None, outcome: NoResponse | int, repeatable: bool
) -> None:
    policy = RetryPolicy(max_retries=10_000, max_delay=3.0)
    delay = retry_delay(
        policy, repeatable=repeatable, attempt=attempt, outcome=outcome, retry_after=retry_after, jitter=jitter
    )
    assert delay is None or 0.0 <= delay <= 3.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"x-ratelimit-reset": "3"}, 3.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"x-ratelimit-reset": "1", "retry-after": "9"}, 1.0),
        ({"x-ratelimit-reset": "soon", "retry-after": "4"}, 4.0),
        ({"retry-after": "Wed, 32 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 99999999 07:28:00 GMT"}, None),
        ({"retry-after": "tomorrow"}, None),
        ({"x-ratelimit-reset": "-1"}, None),
        ({"x-ratelimit-reset": "inf"}, None),
        ({"x-ratelimit-reset": "nan"}, None),
        ({"x-ratelimit-reset": "0", "retry-after": "4"}, 0.0),
    ],
)
def test_headers_that_make_no_sense_are_passed_over(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_of(429, headers, 0.0) == seconds


@pytest.mark.parametrize(
    ("date", "now", "seconds"),
    [
        (None, 1_000_000_000, 30.0),
        (None, 1_000_000_030, 0.0),
        (None, 1_000_000_031, 0.0),
        ("Sun, 09 Sep 2001 01:46:45 GMT", 0, 25.0),  # the clock of the response goes before ours
        ("Sun, 09 Sep 2001 01:48:00 GMT", 0, 0.0),
        ("now", 1_000_000_000, 30.0),
    ],
)
@pytest.mark.parametrize(
    "until",
    [
        "Sun, 09 Sep 2001 01:47:10 GMT",
        "Sunday, 09-Sep-01 01:47:10 GMT",
        "Sun Sep  9 01:47:10 2001",
        "Sun, 09 Sep 2001 01:47:10 -0000",
        "Sun, 09 Sep 2001 03:47:10 +0200",
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_date_to_wait_for_is_read_by_the_clock_of_the_response(
    status: int, until: str, date: str | None, now: float, seconds: float
) -> None:
    headers = {"retry-after": until} | ({} if date is None else {"date": date})
    assert retry_after_of(status, headers, now) == seconds


def test_only_a_refusal_for_the_rate_asks_to_wait_for_the_end_of_the_window() -> None:
    headers = {"x-ratelimit-reset": "1", "retry-after": "9"}
    assert [retry_after_of(status, headers, 0.0) for status in (428, 429, 430, 503)] == [9.0, 1.0, 9.0, 9.0]
    assert retry_after_of(503, {"x-ratelimit-reset": "1"}, 0.0) is None


@pytest.mark.parametrize(("reset", "seconds"), [("86400", 86400.0), ("86401", 4.0), ("1764150000", 4.0)])
def test_a_reset_that_is_a_time_and_no_delay_hides_nothing(reset: str, seconds: float) -> None:
    assert retry_after_of(429, {"x-ratelimit-reset": reset, "retry-after": "4"}, 0.0) == seconds


@given(st.text(max_size=60) | st.text(alphabet="0123456789:,-+ MonJaGT.", max_size=40), st.text(max_size=40))
def test_whatever_a_server_says_the_wait_is_a_number_or_none(retry_after: str, date: str) -> None:
    seconds = retry_after_of(503, {"retry-after": retry_after, "date": date}, 0.0)
    assert seconds is None or 0.0 <= seconds < float("inf")


def test_a_number_of_a_header_is_finite_and_not_negative() -> None:
    assert [number(text) for text in (None, "", "x", "-2", "-0.5", "1e400", "nan")] == [None] * 7
    assert [number(text) for text in ("5", "0", "0.5", "1e300")] == [5.0, 0.0, 0.5, 1e300]


@pytest.mark.parametrize("name", ["max_retries", "base_delay", "max_delay"])
def test_a_policy_takes_no_negative_number(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        RetryPolicy(**{name: -1})


def test_a_seeded_program_gets_its_own_numbers_whatever_we_draw() -> None:
    random.seed(7)
    expected = [random.random() for _ in range(2)]
    random.seed(7)
    drawn = [random.random()]
    assert 0 <= random_fraction() < 1
    drawn.append(random.random())
    assert drawn == expected


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the system has no way to change a process's time zone")
def test_a_date_without_a_zone_is_utc_wherever_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        monkeypatch.setenv("TZ", "XXX-09:00")
        time.tzset()
        assert retry_after_of(503, {"retry-after": "Sun Sep  9 01:47:10 2001"}, 1_000_000_000) == 30.0
    finally:
        monkeypatch.undo()
        time.tzset()
