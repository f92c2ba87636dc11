"""The retry rule: a pure function of operation, attempt and outcome, which never risks billing twice."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from random import SystemRandom
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.settings import RetryPolicy

_system_random = SystemRandom()


class NoResponse(Enum):
    """The way in which an attempt without a response ended."""

    NOT_SENT = "the connection failed before the request was sent"
    LOST = "the connection was lost, or the time limit passed, after the request was sent"


# Refused before the server did anything: RFC 6585 for 429, RFC 8470 for 425.
_NOT_PROCESSED: Final = frozenset({425, 429})
# Failures that pass, of the server or of a gateway; 520 to 524 and 530 are Cloudflare's.
_TRANSIENT: Final = frozenset({408, 502, 503, 504, 520, 521, 522, 523, 524, 530})

LONGEST_WINDOW: Final = 86_400.0
"""Seconds. A larger ``x-ratelimit-reset`` is a time since 1970, not a number of seconds, and is ignored."""


def retry_delay(
    policy: RetryPolicy,
    *,
    repeatable: bool,
    attempt: int,
    outcome: NoResponse | int,
    retry_after: float | None,
    jitter: float,
) -> float | None:
    """Return the seconds to wait before the next attempt, or None to give up.

    Args:
        policy: The number of retries, and the bounds of the delays.
        repeatable: Whether sending it twice has the same effect as sending it once.
        attempt: The number of the attempt that has ended; the first is 1.
        outcome: How it ended: without a response, or with this status.
        retry_after: Seconds that the server asked to wait, if it did.
        jitter: Uniform in [0, 1): full jitter keeps a thousand clients from retrying in step.
    """
    if attempt > policy.max_retries or not _worth_retrying(repeatable=repeatable, outcome=outcome):
        return None
    backoff = jitter * min(policy.max_delay, policy.base_delay * 2.0 ** min(attempt - 1, 60))
    if retry_after is None:
        return backoff
    if retry_after > policy.max_delay:
        return None
    # Every caller that was refused in this window gets the same second: add a little jitter.
    return min(policy.max_delay, retry_after + jitter * min(policy.base_delay, 0.1))


def _worth_retrying(*, repeatable: bool, outcome: NoResponse | int) -> bool:
    """Tell whether to retry: a call that was not sent or not processed had no effect. Any other may have had one."""
    if outcome is NoResponse.NOT_SENT or outcome in _NOT_PROCESSED:
        return True
    return repeatable and (outcome is NoResponse.LOST or outcome in _TRANSIENT)


def retry_after_of(status: int, headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that a response asks to wait before the next attempt, or None.

    Args:
        status: The status of the response. Lago's gateway sends ``x-ratelimit-reset`` with every response, but only
            with a 429 does it ask to wait.
        headers: The headers; ``retry-after`` is a number of seconds, or a date by the clock of ``date``.
        now: Seconds since 1970, for a response without ``date``.
    """
    if status == 429:
        seconds = number(headers.get("x-ratelimit-reset"))
        if seconds is not None and seconds <= LONGEST_WINDOW:
            return seconds
    text = headers.get("retry-after")
    seconds = number(text)
    if seconds is not None:
        return seconds
    until, sent = _http_date(text), _http_date(headers.get("date"))
    if until is None:
        return None
    return max(0.0, until - (now if sent is None else sent))


def _http_date(text: str | None) -> float | None:
    """Return a header's date in seconds since 1970; None for anything else."""
    if text is None:
        return None
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def random_fraction() -> float:
    """Return a number in [0, 1) to spread clients in time.

    It comes from the operating system: the program's own generator may be seeded for repeatable results.
    """
    return _system_random.random()


def number(text: str | None) -> float | None:
    """Return a header's number of seconds or calls; None for anything else, because gateways differ."""
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
