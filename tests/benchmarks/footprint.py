"""Measures of the resources that bulk work takes from a program: memory, and turns of the event loop."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import lago_async
from tests.benchmarks import payloads, server, walking
from tests.benchmarks.measuring import Line, at_most, compare, in_turns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.benchmarks.measuring import Effort, Turn

_ROOT = Path(__file__).parents[2]
_OFFICIAL = f"official client, {walking.CROWD} threads"
_AT_ONCE = "decoded in one go"
_SIDE_BY_SIDE = 8

# Linux counts this since the `exec` of the process. ru_maxrss would start at the parent's value at the fork.
_PEAK = """
import resource, sys
from pathlib import Path
def peak():
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
"""
_OURS = """
import asyncio, lago_async, lago_async.models, aiohttp
from lago_async import bulk
from tests.benchmarks import walking
imported = peak()
async def main():
    async with lago_async.LagoClient(api_key=walking.KEY, base_url="{url}") as client:
        return await walking.ours(client, {ids}, {per_page})
pages = asyncio.run(main())
"""
_SCRIPTS = {
    "ours": _OURS.replace("{ids}", "walking.pairs({count})"),
    "listed": _OURS.replace("{ids}", "None"),
    _OFFICIAL: """
from tests.benchmarks import walking
from lago_python_client.client import Client
imported = peak()
pages = walking.official(Client(api_key=walking.KEY, api_url="{url}/"), walking.pairs({count}), {per_page})
""",
}
_DONE = """
assert pages == {pages}, pages
print(imported * 1.024 / 1000, peak() * 1.024 / 1000)
"""


def bulk_memory(effort: Effort) -> list[Line]:
    """Measure the peak of a process that walks past usage and keeps none: against theirs, and for ten times more."""
    count, sample, rounds = effort.calls(2000), effort.calls(200), effort.rounds(3)
    settings = server.Settings(shape=payloads.SMALL, pages=3, latency=0.02)
    with server.running(settings) as host:
        imported, peaks = _peaks(
            {"ours": _script("ours", host.url, count, 3), _OFFICIAL: _script(_OFFICIAL, host.url, sample, 3)}, rounds
        )
    fresh = "in a fresh process"
    how = f"peak RSS {fresh}, {count:,} subscriptions of 3 pages of 36 KB (official: {sample:,})"
    lines = [
        compare("bulk past usage, peak memory", peaks, _OFFICIAL, unit="MB", target=at_most(0.45), how=how),
        compare("of it, imports", imported, _OFFICIAL, unit="MB", target=None, how=f"RSS {fresh}, after imports"),
    ]
    for name, measure in (("ours", "pairs from a generator"), ("listed", "all that are listed")):
        peaks = {}
        for number in (count, 10 * count):
            # One after the other, not in turns, because each has a server with a list of its own length.
            with server.running(server.Settings(shape=payloads.SMALL, pages=1, subscriptions=number)) as host:
                _, taken = _peaks({str(number): _script(name, host.url, number, 1)}, effort.rounds(2))
            peaks |= taken
        lines.append(
            compare(
                f"{10 * count:,} subscriptions, {measure}",
                peaks,
                str(count),
                ours=str(10 * count),
                unit="MB",
                target=at_most(1.1),
                how=f"peak RSS {fresh}, a page of 36 KB each, no latency",
            )
        )
    return lines


def _script(name: str, url: str, subscriptions: int, pages: int) -> str:
    values = {"url": url, "count": subscriptions, "per_page": payloads.SMALL.periods, "pages": subscriptions * pages}
    return _PEAK + (_SCRIPTS[name] + _DONE).format(**values)


def _peaks(scripts: dict[str, str], rounds: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the megabytes after the imports, and at the peak."""
    imported: dict[str, list[float]] = {name: [] for name in scripts}

    def turn(name: str) -> Turn:
        def run() -> float:
            done = subprocess.run(
                [sys.executable, "-c", scripts[name]],
                capture_output=True,
                text=True,
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
                check=False,
            )
            if done.returncode:
                raise RuntimeError(done.stderr)
            before, most = map(float, done.stdout.split())
            imported[name].append(before)
            return most

        return run

    peaks = in_turns({name: turn(name) for name in scripts}, rounds)
    return {name: values[-rounds:] for name, values in imported.items()}, peaks


def stall(effort: Effort) -> list[Line]:
    """Measure how long other tasks wait for a turn of the event loop while large pages are read."""
    lines: list[Line] = []
    for shape, count in ((payloads.LARGE, effort.calls(200)), (payloads.HUGE, effort.calls(40))):
        with server.running(server.Settings(shape=shape)) as host:
            lines += _stalls(host.url, shape, count, effort.rounds(7))
    return lines


def _stalls(url: str, shape: payloads.Shape, count: int, rounds: int) -> list[Line]:
    cpu: dict[str, list[float]] = {"ours": [], _AT_ONCE: []}

    async def in_bulk(client: lago_async.LagoClient) -> None:
        pages = await walking.ours(client, walking.pairs(count), shape.periods, concurrency=_SIDE_BY_SIDE)
        assert pages == count

    async def at_once(client: lago_async.LagoClient) -> None:
        endpoint, waiting = lago_async.ENDPOINTS["find_all_customer_past_usage"], walking.pairs(count)

        async def work() -> None:
            for customer, subscription in waiting:
                request = endpoint.encode((customer,), {"external_subscription_id": subscription})
                endpoint.decode(await client.send(request))

        await asyncio.gather(*(work() for _ in range(_SIDE_BY_SIDE)))

    async def watched(walk: Callable[[lago_async.LagoClient], Awaitable[None]]) -> _Gaps:
        async with lago_async.LagoClient(api_key=walking.KEY, base_url=url) as client:
            gaps = _Gaps()
            ticker = asyncio.create_task(gaps.watch())
            await walk(client)
            ticker.cancel()
        return gaps

    def turn(name: str, walk: Callable[[lago_async.LagoClient], Awaitable[None]]) -> Turn:
        def run() -> float:
            gaps = asyncio.run(watched(walk))
            cpu[name].append(gaps.cpu * 1e3)
            return gaps.wall * 1e3

        return run

    wall = in_turns({"ours": turn("ours", in_bulk), _AT_ONCE: turn(_AT_ONCE, at_once)}, rounds)
    size = len(payloads.to_bytes(payloads.past_usage(shape)))
    pages = f"{size / 1e6:.0f} MB" if size > 1e6 else f"{size // 1000} KB"
    return [
        Line(
            measure=f"longest stall, pages of {pages}{what}",
            unit="ms",
            ours=statistics.median(taken["ours"]),
            rival=_AT_ONCE,
            theirs=statistics.median(taken[_AT_ONCE]),
            ratio=None,
            target=target,
            how=f"{count} pages per turn, {_SIDE_BY_SIDE} at a time; median of {rounds} rounds' longest; "
            f"the longest of all: {max(taken['ours']):.1f} ms",
        )
        for taken, what, target in (
            (wall, "", at_most(20)),
            ({name: taken[-rounds:] for name, taken in cpu.items()}, ", CPU of the loop's thread in it", None),
        )
    ]


class _Gaps:
    """The longest time between two turns of a task that asks for a turn every millisecond.

    Attributes:
        wall: Wall-clock time in seconds, including other work of the machine.
        cpu: CPU time of the loop's thread between two turns.
    """

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    async def watch(self) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            wall_now, cpu_now = time.perf_counter(), time.thread_time()
            self.wall, self.cpu = max(self.wall, wall_now - wall), max(self.cpu, cpu_now - cpu)
            wall, cpu = wall_now, cpu_now
