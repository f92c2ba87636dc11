"""Time limits: they fire in time, once, and never replace another cancellation."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest

from lago_async._net import timers as module
from lago_async._net.timers import Timers


class Clock(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer: no test waits for real."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if timers and not self._ready:  # type: ignore[attr-defined]
            self.now = max(self.now, min(timers))
        super()._run_once()  # type: ignore[misc]


def on_clock(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test on a loop of its own, with such a clock."""

    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=Clock) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def fires_after(timers: Timers, seconds: float) -> float:
    """Arm a timer, wait forever, and return the time that it took."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    timer = timers.arm(started + seconds, started)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        assert timer.disarm()
    return loop.time() - started


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0, 4.99, 5.0, 7.3, 60.0, 120.0])
@on_clock
async def test_a_timer_fires_no_earlier_than_asked_and_little_later(seconds: float) -> None:
    took = await fires_after(Timers(asyncio.get_running_loop()), seconds)
    assert seconds - 1e-6 <= took <= seconds + 0.26


@on_clock
async def test_many_timers_fire_in_their_order() -> None:
    timers = Timers(asyncio.get_running_loop())
    limits = [90.0, 6.0, 30.0, 0.5, 6.1, 61.0]
    took = await asyncio.gather(*(fires_after(timers, limit) for limit in limits))
    assert all(limit <= seconds <= limit + 0.26 for limit, seconds in zip(limits, took, strict=True))


@on_clock
async def test_a_disarmed_timer_does_not_fire() -> None:
    loop = asyncio.get_running_loop()
    timers = Timers(loop)
    for seconds in (0.5, 60.0):
        timer = timers.arm(loop.time() + seconds, loop.time())
        assert not timer.disarm()
        await asyncio.sleep(200)
        assert not timer.fired


@on_clock
async def test_a_rearmed_timer_fires_at_its_new_time() -> None:
    timers = Timers(asyncio.get_running_loop())
    loop = asyncio.get_running_loop()
    started = loop.time()
    timer = timers.arm(started + 10, started)
    for _ in range(5):
        await asyncio.sleep(8)
        timer.rearm(loop.time() + 10, loop.time())
    with pytest.raises(asyncio.CancelledError):
        await asyncio.Event().wait()
    assert timer.disarm()
    assert 50 <= loop.time() - started <= 50.3


@on_clock
async def test_without_a_limit_nothing_ever_fires() -> None:
    timers = Timers(asyncio.get_running_loop())
    timer = timers.arm(float("inf"), 0.0)
    await asyncio.sleep(1e6)
    assert not timer.disarm()


@on_clock
async def test_somebody_elses_cancellation_stays_theirs() -> None:
    timers = Timers(asyncio.get_running_loop())
    loop = asyncio.get_running_loop()

    async def call() -> bool:
        timer = timers.arm(loop.time() + 10, loop.time())
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return timer.disarm()
        return False

    task = asyncio.create_task(call())
    await asyncio.sleep(1)
    task.cancel()
    assert await task is False

    both = asyncio.create_task(call())
    await asyncio.sleep(0)
    loop.call_later(10.2, both.cancel)  # in the same turn, after the timer
    await asyncio.sleep(10.2)
    assert await both is False or not both.cancelling()


@on_clock
async def test_the_callers_own_limit_wins_when_it_is_the_shorter() -> None:
    timers = Timers(asyncio.get_running_loop())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await fires_after_strictly(timers, 60.0)


async def fires_after_strictly(timers: Timers, seconds: float) -> None:
    now = asyncio.get_running_loop().time()
    timer = timers.arm(now + seconds, now)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        assert not timer.disarm()
        raise


@on_clock
async def test_a_million_calls_leave_no_heap_of_timers() -> None:
    loop = asyncio.get_running_loop()
    timers = Timers(loop)
    for _ in range(20_000):
        timers.arm(loop.time() + 60.0, loop.time()).disarm()
        loop.now += 0.01  # type: ignore[attr-defined]
        if _ % 100 == 0:
            await asyncio.sleep(0)
    assert len(timers._slots) <= 60 * module._SLOTS_PER_SECOND + 2
    assert len(timers._order) == len(timers._slots)
    timers.clear()
