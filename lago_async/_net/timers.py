"""Time limits of many calls on one timer of the loop: arming one costs a twentieth of a `loop.call_at`."""

from __future__ import annotations

import asyncio
import heapq
from math import inf

# Limits of several seconds are kept in slots of a quarter of a second, and fire at the end of their slot.
_SLOTS_PER_SECOND = 4
_COARSE_FROM = 5.0


class Timer:
    """A time limit on a task's current step: when it fires, it cancels the task.

    ``async`` code between `Timers.arm` and `disarm` sees a ``CancelledError``, and `disarm` tells whether the timer
    caused it.
    """

    __slots__ = ("_already", "_handle", "_slot", "_task", "_timers", "fired")

    def __init__(self, timers: Timers, task: asyncio.Task[object], at: float, now: float) -> None:
        self._timers = timers
        self._task = task
        self.fired: bool = False
        self._already = task.cancelling()
        self._slot, self._handle = timers.enter(self, at, now)

    def fire(self) -> None:
        """Cancel the task."""
        self.fired = True
        self._task.cancel()

    def rearm(self, at: float, now: float) -> None:
        """Change the time at which it fires."""
        self._silence()
        self._slot, self._handle = self._timers.enter(self, at, now)

    def disarm(self) -> bool:
        """Stop the timer. Return True if this timer, and nothing else, has cancelled the task."""
        self._silence()
        if not self.fired:
            return False
        self.fired = False
        return self._task.uncancel() <= self._already

    def _silence(self) -> None:
        if self._slot is not None:
            self._slot.discard(self)
        elif self._handle is not None:
            self._handle.cancel()


class Timers:
    """The timers of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, set[Timer]] = {}
        self._order: list[int] = []
        self._handle: asyncio.TimerHandle | None = None

    def arm(self, at: float, now: float) -> Timer:
        """Return a timer for the running task; ``at`` and ``now`` are times of the loop's clock."""
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("a call needs a task to run in")
        return Timer(self, task, at, now)

    def enter(self, timer: Timer, at: float, now: float) -> tuple[set[Timer] | None, asyncio.TimerHandle | None]:
        """Register a timer: in a slot, or with a handle of the loop if its time is near."""
        if at == inf:
            return None, None
        if at - now < _COARSE_FROM:
            return None, self._loop.call_at(at, timer.fire)
        number = int(at * _SLOTS_PER_SECOND) + 1
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = set()
            heapq.heappush(self._order, number)
            if self._order[0] == number:
                self._schedule()
        slot.add(timer)
        return slot, None

    def clear(self) -> None:
        """Stop all timers."""
        if self._handle is not None:
            self._handle.cancel()
        self._slots.clear()
        self._order.clear()

    def _schedule(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop.call_at(self._order[0] / _SLOTS_PER_SECOND, self._fire) if self._order else None

    def _fire(self) -> None:
        now = self._loop.time() * _SLOTS_PER_SECOND
        # Do not wait for slots without timers.
        while self._order and (self._order[0] <= now or not self._slots[self._order[0]]):
            for timer in self._slots.pop(heapq.heappop(self._order)):
                timer.fire()
        self._handle = None
        self._schedule()
