"""When a call is tried again: a pure policy of operation, attempt and outcome, by what repeating could do to a bill."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RetryPolicy"]


class NoAnswer(Enum):
    """How an attempt ended that brought no answer."""

    NOT_SENT = "the connection failed before the request was sent"
    LOST = "the connection was lost, or the time ran out, after the request was sent"


_TRANSIENT = frozenset({502, 503, 504})


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often a call is tried again, and how long it waits in between.

    Attributes:
        max_retries: Attempts after the first one.
        base_delay: Upper bound of the first delay, in seconds; it doubles from one attempt to the next.
        max_delay: Upper bound of every delay, in seconds. A server that asks for more gets no further attempt.
    """

    max_retries: int = attrs.field(default=3, validator=attrs.validators.ge(0))
    base_delay: float = attrs.field(default=0.5, validator=attrs.validators.ge(0))
    max_delay: float = attrs.field(default=20.0, validator=attrs.validators.ge(0))

    def delay(
        self, *, repeatable: bool, attempt: int, outcome: NoAnswer | int, asked: float | None, chance: float
    ) -> float | None:
        """Seconds to wait before the next attempt, or None to give up.

        Args:
            repeatable: Doing it twice is the same as doing it once.
            attempt: The number of the attempt that has ended; the first is 1.
            outcome: How it ended: without an answer, or with this status.
            asked: Seconds that the server asked to wait, if it did.
            chance: Uniform in [0, 1): full jitter keeps a thousand clients from coming back in step.
        """
        if attempt > self.max_retries or not self._worth_it(repeatable=repeatable, outcome=outcome):
            return None
        backoff = chance * min(self.max_delay, self.base_delay * 2.0 ** min(attempt - 1, 60))
        if asked is None:
            return backoff
        if asked > self.max_delay:
            return None
        # All the callers that were refused in this window are told the same second: a little jitter on top.
        return min(self.max_delay, asked + chance * min(self.base_delay, 0.1))

    @staticmethod
    def _worth_it(*, repeatable: bool, outcome: NoAnswer | int) -> bool:
        """What was never sent, or refused for its rate, was not carried out. Anything else may have been."""
        if outcome is NoAnswer.NOT_SENT or outcome == 429:
            return True
        return repeatable and (outcome is NoAnswer.LOST or outcome in _TRANSIENT)


def seconds_asked(headers: Mapping[str, str]) -> float | None:
    """How long the headers of a refusal ask to wait: ``x-ratelimit-reset`` (a delta) or ``retry-after``, in seconds."""
    for name in ("x-ratelimit-reset", "retry-after"):
        seconds = number(headers.get(name))
        if seconds is not None:
            return seconds
    return None


def number(text: str | None) -> float | None:
    """A header's number of seconds or calls; None for anything that is none, as gateways differ."""
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
