"""Time limits of many calls on one timer: to arm one costs a twentieth of a timer of the loop's own."""

from __future__ import annotations

import asyncio
import heapq

# Limits of seconds are kept in slots of a quarter of a second, and ring at the end of theirs.
_SLOTS_A_SECOND = 4
_COARSE_FROM = 5.0


class Alarm:
    """A limit on what a task does now: when it rings, the task is cancelled.

    ``async`` code between `Alarms.arm` and `disarm` sees a ``CancelledError``, and `disarm` tells whose it was.
    """

    __slots__ = ("_alarms", "_already", "_slot", "_task", "_timer", "rang")

    def __init__(self, alarms: Alarms, task: asyncio.Task[object]) -> None:
        self._alarms = alarms
        self._task = task
        self.rang: bool = False
        self._already = task.cancelling()
        self._slot: set[Alarm] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        """Cancel the task."""
        self.rang = True
        self._task.cancel()

    def rearm(self, at: float) -> None:
        """Ring at another time instead."""
        self._silence()
        self._slot, self._timer = self._alarms.enter(self, at)

    def disarm(self) -> bool:
        """Ring no more. True if the alarm, and nobody else, has cancelled the task."""
        self._silence()
        if not self.rang:
            return False
        self.rang = False
        return self._task.uncancel() <= self._already

    def _silence(self) -> None:
        if self._slot is not None:
            self._slot.discard(self)
        elif self._timer is not None:
            self._timer.cancel()


class Alarms:
    """The alarms of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, set[Alarm]] = {}
        self._order: list[int] = []
        self._timer: asyncio.TimerHandle | None = None

    def arm(self, at: float) -> Alarm:
        """An alarm for the running task, at a time of the loop's clock."""
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("a call needs a task to run in")
        alarm = Alarm(self, task)
        alarm.rearm(at)
        return alarm

    def enter(self, alarm: Alarm, at: float) -> tuple[set[Alarm] | None, asyncio.TimerHandle | None]:
        """Remember an alarm: in a slot, or with a timer of its own if it is near."""
        if at == float("inf"):
            return None, None
        if at - self._loop.time() < _COARSE_FROM:
            return None, self._loop.call_at(at, alarm.ring)
        number = int(at * _SLOTS_A_SECOND) + 1
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = set()
            heapq.heappush(self._order, number)
            if self._order[0] == number:
                self._schedule()
        slot.add(alarm)
        return slot, None

    def clear(self) -> None:
        """Ring nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._slots.clear()
        self._order.clear()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._order[0] / _SLOTS_A_SECOND, self._ring) if self._order else None

    def _ring(self) -> None:
        now = self._loop.time() * _SLOTS_A_SECOND
        # Slots that everybody has left by now are not waited for.
        while self._order and (self._order[0] <= now or not self._slots[self._order[0]]):
            for alarm in self._slots.pop(heapq.heappop(self._order)):
                alarm.ring()
        self._timer = None
        self._schedule()
