"""The parts of batches that are in hand, and the delays before they are sent again."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING, Final

import attrs

from lago_async._ingest.settings import BATCH_BYTES
from lago_async._net.retry import random_fraction

if TYPE_CHECKING:
    from lago_async._ingest.store import EventBatch
    from lago_async.settings import RetryPolicy

_SHORTEST: Final = 0.001  # seconds; a policy may say 0, but a server that fails must not be asked in a loop
_FAILURES_AMONG_SUCCESSES: Final = 3
_FAILURES_ALONE: Final = 6


@attrs.define(eq=False)
class Part:
    """Events that are sent in one request.

    Attributes:
        events: The events, in the order of acceptance.
        batch: The number of the batch that they were taken with.
        failures: How many times in a row the server failed with these events, and perhaps because of one of them.
        due: The time from which they may be sent, by the loop's clock.
        delivered: Events that the server had taken when the first of these failures came.
        count: How many events they are.
    """

    events: EventBatch
    batch: int
    failures: int = 0
    due: float = -inf
    delivered: int = 0
    count: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.count = len(self.events.keys)

    def failed_again(self, delivered: int) -> Part:
        """Return the part after one more failure; ``delivered`` are the events that the server has taken so far."""
        first = self.failures == 0
        return Part(self.events, self.batch, self.failures + 1, delivered=delivered if first else self.delivered)

    def should_split(self, delivered: int) -> bool:
        """Tell whether one of these events is likely the reason of their failures, so that the others go without it.

        That is so if the server takes other events meanwhile. Without any, only many failures are a reason.
        """
        least = _FAILURES_AMONG_SUCCESSES if delivered > self.delivered else _FAILURES_ALONE
        return len(self.events) > 1 and self.failures >= least


class Backoff:
    """The delays after failures in a row: twice as long each time, with jitter.

    Attributes:
        failures: Failures since the last success.
        until: The time of the next attempt, by the loop's clock.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self.failures = 0
        self.until = -inf

    def fail(self, now: float, asked: float | None) -> None:
        """Take a failure into account; ``asked`` are the seconds that the server asks to wait."""
        self.failures += 1
        self.until = max(self.until, now + self.delay(self.failures, asked))

    def succeed(self) -> None:
        """Take a success into account."""
        self.failures = 0
        self.until = -inf

    def delay(self, failures: int, asked: float | None = None) -> float:
        """Return the seconds to wait after a number of failures."""
        longest = self._policy.max_delay
        seconds = min(longest, self._policy.base_delay * 2.0 ** min(failures - 1, 60))
        seconds *= 0.5 + 0.5 * random_fraction()  # never at once, and clients that failed together come apart
        return max(_SHORTEST, seconds, min(asked or 0.0, longest))


def parts_of(events: EventBatch) -> Iterator[EventBatch]:
    """Yield the events in requests of at most `BATCH_BYTES`; a larger event has a request of its own."""
    begin = size = 0
    for index, body in enumerate(events.bodies):
        size += len(body)
        if size > BATCH_BYTES and index > begin:
            yield events[begin:index]
            begin, size = index, len(body)
    yield events[begin:]
