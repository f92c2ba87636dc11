"""Measures of the bridge: an empty call to the loop thread and back, compared with anyio's portal."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from typing import TYPE_CHECKING

from anyio.from_thread import start_blocking_portal

from lago_sync._runtime import Lease
from tests.benchmarks.measuring import Line, at_most, compare, in_turns, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.measuring import Effort, Turn


async def _nothing() -> None:
    """Do nothing, on the loop thread."""


def bridge(effort: Effort) -> list[Line]:
    """Measure one caller and many concurrent ones, against the portal and against asyncio's own, less robust way."""
    count, crowd = effort.calls(1000), 32
    lease = Lease(_nothing)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    portal_name, asyncio_name = "anyio's portal", "run_coroutine_threadsafe"
    try:
        with start_blocking_portal() as portal:
            ways: dict[str, Callable[[], object]] = {
                "ours": lambda: lease.run(_nothing),
                portal_name: lambda: portal.call(_nothing),
                asyncio_name: lambda: asyncio.run_coroutine_threadsafe(_nothing(), loop).result(),
            }
            alone = in_turns({name: _one_caller(way, count) for name, way in ways.items()}, effort.rounds(15))
            crowded = in_turns({name: _callers(way, crowd, count) for name, way in ways.items()}, effort.rounds(15))
    finally:
        lease.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    how_alone = f"wall-clock time, median of {count} calls per turn"
    how_crowded = f"wall-clock time per call, {crowd} x {max(1, count // crowd)} calls per turn"
    name = "no-op through the bridge"
    return [
        compare(name, alone, portal_name, unit="us", target=at_most(0.25), how=how_alone),
        compare(name, alone, asyncio_name, unit="us", target=None, how=how_alone),
        compare(f"{name}, {crowd} threads", crowded, portal_name, unit="us", target=None, how=how_crowded),
    ]


def _one_caller(call: Callable[[], object], count: int) -> Turn:
    def turn() -> float:
        took: list[float] = []
        for _ in range(count):
            start = time.perf_counter()
            call()
            took.append(time.perf_counter() - start)
        return statistics.median(took) * 1e6

    return turn


def _callers(call: Callable[[], object], crowd: int, count: int) -> Turn:
    per_thread = max(1, count // crowd)

    def work() -> None:
        for _ in range(per_thread):
            call()

    return lambda: side_by_side(work, crowd) / (per_thread * crowd) * 1e6
