"""The retry rule: a pure function of operation, attempt and outcome, which never risks billing twice."""

from __future__ import annotations

from enum import Enum
from random import SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.settings import RetryPolicy

_system_random = SystemRandom()


class NoResponse(Enum):
    """The way in which an attempt without a response ended."""

    NOT_SENT = "the connection failed before the request was sent"
    LOST = "the connection was lost, or the time limit passed, after the request was sent"


_TRANSIENT = frozenset({502, 503, 504})


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
    """Tell whether to retry: a call that was not sent, or got a 429, had no effect. Any other may have had one."""
    if outcome is NoResponse.NOT_SENT or outcome == 429:
        return True
    return repeatable and (outcome is NoResponse.LOST or outcome in _TRANSIENT)


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a refusal asks to wait: ``x-ratelimit-reset`` (a delta) or ``retry-after``."""
    for name in ("x-ratelimit-reset", "retry-after"):
        seconds = number(headers.get(name))
        if seconds is not None:
            return seconds
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
