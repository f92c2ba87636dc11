"""A clock that runs: what falls due is done by the next request, or by a timer if there is none."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from lago_async.sandbox._money import clock
from lago_async.sandbox._state.store import Store

_logger = logging.getLogger(__name__)

# How often the timer looks, in real seconds: at least so often that a subscriber who only waits for webhooks does not
# wait long, and not more often than a loop can bear at high speeds.
_LONGEST_WAIT, _SHORTEST_WAIT = 1.0, 0.01


def _speed(value: float) -> float:
    if not 0 <= value <= 1e9:  # NaN is refused too
        raise ValueError(f"the speed of the clock is {value}: give 0 (it stands still), 1 (real time) or a multiple")
    return float(value)


class RunningClock:
    """Moves the time of a store along with the time source, ``speed`` times as fast, while the sandbox serves."""

    def __init__(self, store: Store, speed: float, source: Callable[[], float]) -> None:
        self._store = store
        self._speed = _speed(speed)
        self._source = source
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._from: tuple[float, datetime] = (0.0, store.now)  # a real time, and the time of the store then
        self._due: datetime | None = None
        self._due_known = False

    @property
    def speed(self) -> float:
        """The speed: 0 stands still, 1 is real time."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        speed = _speed(value)
        with self._store.lock:
            self.catch_up()
            self._speed = speed
            self.restart()
            loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self._arm)

    @property
    def _runs(self) -> bool:
        return self._loop is not None and self._speed > 0

    def restart(self) -> None:
        """Run on from the store's time, which was set."""
        self._from = (self._source(), self._store.now)
        self.changed()

    def changed(self) -> None:
        """Forget when something falls due next, because the world changed."""
        self._due_known = False

    def catch_up(self) -> None:
        """Move the store's time to what the clock shows, and do everything that fell due. The lock is held."""
        if not self._runs:
            return
        store = self._store
        began, at_began = self._from
        try:
            now = at_began + timedelta(seconds=(self._source() - began) * self._speed)
        except OverflowError:
            raise OverflowError("the clock has run out of years: slow it down, or reset the sandbox") from None
        if now <= store.now:
            return
        due = self._next_due()
        if due is None or now < due:
            store.now = now
            return
        self.changed()
        clock.advance(store, now)

    def _next_due(self) -> datetime | None:
        if not self._due_known:
            self._due = clock.next_due(self._store)
            self._due_known = True
        return self._due

    def start(self) -> None:
        """Begin to run, on the running loop."""
        with self._store.lock:
            self._loop = asyncio.get_running_loop()
            self.restart()
        self._arm()

    def stop(self) -> None:
        """Stand still from now on."""
        with self._store.lock:
            try:
                self.catch_up()
            except Exception:
                _logger.exception("the sandbox failed to bill what fell due")
            self._loop = None
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        """Set the timer. Runs on the loop."""
        if self._timer is not None:
            self._timer.cancel()
        if self._loop is None or not self._runs:
            return
        with self._store.lock:
            due, now = self._next_due(), self._store.now
        wait = _LONGEST_WAIT if due is None else (due - now).total_seconds() / self._speed
        self._timer = self._loop.call_later(min(max(wait, _SHORTEST_WAIT), _LONGEST_WAIT), self._tick)

    def _tick(self) -> None:
        try:
            with self._store.lock:
                self.catch_up()
                self._store.wake_sender()  # a webhook may be due to be tried again
        except Exception:
            # As in a request: the log has the reason. The next request or tick tries again.
            _logger.exception("the sandbox failed to bill what fell due")
        self._arm()
