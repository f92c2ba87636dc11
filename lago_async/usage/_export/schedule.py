"""When an export commits."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], float]
"""A clock that never goes backwards, in seconds, such as `time.monotonic`."""

_COST_SHARE: Final = 20.0
_SHORTEST_INTERVAL, _LONGEST_INTERVAL = 0.05, 1.0  # seconds


class CommitSchedule:
    """Decides when to commit.

    A commit waits for the disk. Commits may take a twentieth of the time, but one comes at least every second, and none
    within 50 ms of the last.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock()
        self._interval = _SHORTEST_INTERVAL

    @property
    def due(self) -> bool:
        """Whether it is time for a commit."""
        return self._clock() - self._last >= self._interval

    @contextmanager
    def measuring(self) -> Generator[None]:
        """Measure a commit, and set the time of the next one by it."""
        started = self._clock()
        yield
        self._last = self._clock()
        cost = self._last - started
        self._interval = min(_LONGEST_INTERVAL, max(_SHORTEST_INTERVAL, cost * _COST_SHARE))
