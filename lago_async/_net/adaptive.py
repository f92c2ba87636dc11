"""The concurrency of bulk work on a server that shows no rate limit: it follows the elasticity of the latency."""

from __future__ import annotations

from math import ceil, floor, inf, log
from typing import Final

FIRST_CONCURRENCY: Final = 10
"""Calls in flight per operation, until the first response has shown its limit."""

_LEAST_CONCURRENCY: Final = 4


class AdaptiveConcurrency:
    """The number of concurrent bulk calls to a server without limits: more while its latency is stable, else fewer.

    After a number of calls the concurrency moves one step up or down, and the latency shows whether the step paid off.
    If the latency changed by less than half as much as the concurrency, more calls in flight mean more per second. If
    it changed by more, calls only wait for each other at the server, and fewer calls in flight cost no speed.
    """

    def __init__(self) -> None:
        self.concurrency = FIRST_CONCURRENCY
        self._before: tuple[int, float] | None = None  # the concurrency of the last step, and its latency
        self._best = inf
        self._count = self._refused = 0
        self._seconds = 0.0

    def learn(self, seconds: float, in_flight: int, *, refused: bool) -> None:
        """Take a response into account, by its seconds and the number of calls in flight."""
        if in_flight < self.concurrency / 2:
            return  # too few calls to learn from
        self._refused += refused
        self._count += 1
        if self._count <= 0:
            return  # the call was in flight, or queued at the server, before the step
        self._seconds += seconds
        if self._count >= max(20, 2 * self.concurrency):
            self._step(self._seconds / self._count)
            self._count, self._seconds, self._refused = -2 * self.concurrency, 0.0, 0

    def _step(self, latency: float) -> None:
        if latency <= 0.0:
            return  # the clock did not tick: there is no latency to learn from, nor to divide by at the next step
        concurrency, up = self.concurrency, True
        if self._before is not None:
            earlier, latency_before = self._before
            moved = log(latency / latency_before) / log(concurrency / earlier)
            up = moved < 0.5
        self._best = min(self._best * 1.01, latency)
        if self._refused > 1 or latency > 3.0 * self._best:
            up = False
        self._before = concurrency, latency
        self.concurrency = ceil(concurrency * 1.25) if up else max(_LEAST_CONCURRENCY, floor(concurrency * 0.8))
        if self.concurrency == concurrency:
            self._before = None
