"""Measures of bulk work: pages of past usage per second, and the cost of the engine."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import lago_async
import lago_sync
from lago_async._bulk.engine import Engine
from lago_async._bulk.jobs import Job
from lago_async._bulk.run_plans import RunPlan
from lago_async._bulk.sources import source_of
from lago_async._bulk.walks import OneCall
from tests.benchmarks import payloads, server, walking
from tests.benchmarks.measuring import Line, at_least, compare, cpu_each, in_turns, on_one_core

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.benchmarks.measuring import Effort, Turn
_PAGES = 3  # of a subscription
_LATENCY = 0.02
_SMALL = server.Settings(shape=payloads.SMALL, pages=_PAGES, latency=_LATENCY)
_HEADERS = {"Authorization": f"Bearer {walking.KEY}", "Accept": "application/json"}
_BARE, _OFFICIAL = "bare aiohttp + orjson", f"official client, {walking.CROWD} threads"

# The official client computes 30 ms per page, so more threads do not help it. Our 32 calls at a time mostly wait: with
# pages that arrive after 20 ms, 32 at a time are at most 1,600 per second for any client.
_DOUBLE = "ours, more at a time"
_ON_UVLOOP = "ours, more at a time, on uvloop"
_BARE_DOUBLE = f"{_BARE}, more at a time"
_THREADS, _ONE_THREAD = "threads", "one thread"


def bulk(effort: Effort) -> list[Line]:
    """Measure small pages of many subscriptions, with one core for the contestants and another for the server."""
    crowd = walking.CROWD
    with on_one_core() as others, server.running(_SMALL, cores=others) as host:
        rates, cpu, how = _small_pages(
            host.url, effort, ["ours", _DOUBLE, _ON_UVLOOP, _THREADS, _ONE_THREAD, _BARE, _BARE_DOUBLE]
        )
    lines = [
        compare(f"{measure}, one core", rates, rival, ours=contestant, unit="pages/s", target=target, how=how)
        for measure, contestant, rival, target in (
            (f"bulk past usage, typed, {2 * crowd} at a time", _DOUBLE, _OFFICIAL, at_least(45)),
            (f"bulk past usage, typed, {2 * crowd} at a time, uvloop", _ON_UVLOOP, _OFFICIAL, None),
            (f"bulk past usage, typed, {2 * crowd} at a time", _DOUBLE, _BARE_DOUBLE, at_least(0.85)),
            (f"bulk past usage, typed, {crowd} at a time", "ours", _OFFICIAL, None),
            (f"bulk past usage, typed, {crowd} at a time", "ours", _BARE, at_least(0.85)),
            (f"sync, {crowd} threads, one client", _THREADS, _OFFICIAL, at_least(28)),
            (f"sync bulk, one thread, {2 * crowd} at a time", _ONE_THREAD, _OFFICIAL, at_least(28)),
        )
    ]
    lines += [
        compare("bulk past usage, cost of a page", cpu, rival, unit="us", target=None, how="CPU time of the process")
        for rival in (_OFFICIAL, _BARE)
    ]
    return lines


def bulk_free(effort: Effort) -> list[Line]:
    """Measure the same with all cores for all: the official client then computes on several, also the server's."""
    crowd = walking.CROWD
    with server.running(_SMALL) as host:
        rates, _, how = _small_pages(host.url, effort, [_DOUBLE, _THREADS, _ONE_THREAD, _BARE_DOUBLE])
    return [
        compare(f"{measure}, all cores", rates, rival, ours=contestant, unit="pages/s", target=None, how=how)
        for measure, contestant, rival in (
            (f"bulk past usage, typed, {2 * crowd} at a time", _DOUBLE, _OFFICIAL),
            (f"bulk past usage, typed, {2 * crowd} at a time", _DOUBLE, _BARE_DOUBLE),
            (f"sync, {crowd} threads, one client", _THREADS, _OFFICIAL),
            (f"sync bulk, one thread, {2 * crowd} at a time", _ONE_THREAD, _OFFICIAL),
        )
    ]


def _small_pages(
    url: str, effort: Effort, contestants: Sequence[str]
) -> tuple[dict[str, list[float]], dict[str, list[float]], str]:
    """Return the results of the contestants against the official client, as lines of the table."""
    many, sample = effort.calls(2000), effort.calls(128)
    counts = {**dict.fromkeys(contestants, many), _OFFICIAL: sample}
    return *_rates(url, payloads.SMALL, counts, effort.rounds(5)), _how(payloads.SMALL, many, sample)


def bulk_large(effort: Effort) -> list[Line]:
    """Measure large pages of fewer subscriptions."""
    many, sample = effort.calls(200), effort.calls(32)
    counts = {"ours": many, _BARE: many, _OFFICIAL: sample}
    with server.running(server.Settings(shape=payloads.LARGE, pages=_PAGES, latency=_LATENCY)) as host:
        rates, _ = _rates(host.url, payloads.LARGE, counts, effort.rounds(5))
    how = _how(payloads.LARGE, many, sample)
    return [
        compare("bulk past usage, large pages", rates, rival, unit="pages/s", target=target, how=how)
        for rival, target in ((_OFFICIAL, at_least(14)), (_BARE, None))
    ]


def _how(shape: payloads.Shape, ours: int, theirs: int) -> str:
    size = len(payloads.to_bytes(payloads.past_usage(shape))) // 1000
    sampled = "" if ours == theirs else f" (official: {theirs * _PAGES:,})"
    return f"wall-clock time, {ours * _PAGES:,} pages per turn{sampled} of {size} KB, {_LATENCY * 1e3:.0f} ms latency"


def _rates(
    url: str, shape: payloads.Shape, counts: dict[str, int], rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return each contestant's pages per second, and microseconds of CPU per page, for a number of subscriptions."""
    import aiohttp
    import uvloop
    from lago_python_client.client import Client

    cpu: dict[str, list[float]] = {name: [] for name in counts}
    per_page = shape.periods
    with (
        asyncio.Runner() as runner,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as faster,
        lago_sync.LagoClient(api_key=walking.KEY, base_url=url) as blocking,
    ):
        client = lago_async.LagoClient(api_key=walking.KEY, base_url=url)
        on_uvloop = lago_async.LagoClient(api_key=walking.KEY, base_url=url)
        session = runner.run(_made(lambda: aiohttp.ClientSession(headers=_HEADERS)))
        official = Client(api_key=walking.KEY, api_url=f"{url}/")
        walks: dict[str, Callable[[int], int]] = {
            "ours": lambda count: runner.run(walking.ours(client, walking.pairs(count), per_page)),
            _DOUBLE: lambda count: runner.run(
                walking.ours(client, walking.pairs(count), per_page, concurrency=2 * walking.CROWD)
            ),
            _ON_UVLOOP: lambda count: faster.run(
                walking.ours(on_uvloop, walking.pairs(count), per_page, concurrency=2 * walking.CROWD)
            ),
            _THREADS: lambda count: walking.ours_in_threads(blocking, walking.pairs(count), per_page),
            _ONE_THREAD: lambda count: walking.ours_in_one_thread(blocking, walking.pairs(count), per_page),
            _BARE: lambda count: runner.run(walking.bare(session, url, walking.pairs(count), per_page)),
            _BARE_DOUBLE: lambda count: runner.run(
                walking.bare(session, url, walking.pairs(count), per_page, concurrency=2 * walking.CROWD)
            ),
            _OFFICIAL: lambda count: walking.official(official, walking.pairs(count), per_page),
        }

        def turn(name: str, count: int) -> Turn:
            def run() -> float:
                start, start_cpu = time.perf_counter(), time.process_time()
                pages = walks[name](count)
                took, took_cpu = time.perf_counter() - start, time.process_time() - start_cpu
                assert pages == count * _PAGES, f"{name}: {pages} pages"
                cpu[name].append(took_cpu / pages * 1e6)
                return pages / took

            return run

        taken = in_turns({name: turn(name, count) for name, count in counts.items()}, rounds)
        runner.run(client.close())
        faster.run(on_uvloop.close())
        runner.run(session.close())
    return taken, {name: values[-rounds:] for name, values in cpu.items()}


async def _made(make: Callable[[], Any]) -> Any:
    return make()  # a session needs a running loop


def core(effort: Effort) -> list[Line]:
    """Measure the cost that the engine adds to empty calls, against a semaphore and a task per input."""
    count = effort.calls(20_000)

    async def send(request: Any) -> Any:
        return request

    request: Any = object()
    walk = OneCall[Any](lambda: request)

    def begin(number: int) -> Job[Any, Any]:
        return Job(number, send, walk)

    async def ours() -> None:
        plan: RunPlan[Any, Any] = RunPlan(
            inputs=range(count),
            begin=begin,
            listing=None,
            total=lambda: count,
            concurrency=walking.CROWD,
            ordered=False,
        )
        engine = Engine(plan, source_of(range(count), begin), asyncio.Queue())
        seen = 0
        while True:
            try:
                (await engine.next()).finish()
            except StopAsyncIteration:
                break
            seen += 1
        assert seen == count

    async def gathered() -> None:
        places = asyncio.Semaphore(walking.CROWD)

        async def work(number: int) -> int:
            async with places:
                return number

        assert len(await asyncio.gather(*(work(number) for number in range(count)))) == count

    def turn(work: Callable[[], Awaitable[None]]) -> Turn:
        return lambda: cpu_each(lambda: runner.run(work()), count)  # type: ignore[arg-type]

    rival = "Semaphore + gather"
    with asyncio.Runner() as runner:
        taken = in_turns({"ours": turn(ours), rival: turn(gathered)}, effort.rounds(9))
    how = f"CPU for each item, {count:,} items a turn; the rival keeps all of them"
    return [compare("the engine around a no-op", taken, rival, unit="us", target=None, how=how)]
