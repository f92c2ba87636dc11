"""Measures of the event sink: events accepted and delivered per second, their memory, and the longest calls of add."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

import lago_async
import lago_sync
from tests.benchmarks import event_server
from tests.benchmarks.calls import HEADERS, KEY
from tests.benchmarks.measuring import Line, at_least, at_most, compare, in_turns, on_one_core

if TYPE_CHECKING:
    from tests.benchmarks.measuring import Effort, Turn

_NOWHERE = "http://127.0.0.1:9"  # nothing listens there
_ONE_TRY = lago_async.RetryPolicy(base_delay=20.0, max_delay=20.0)  # so that a turn is over before the next
_BATCH = 100
_CROWD = 32
_BARE, _OFFICIAL = "bare aiohttp, prepared bodies", f"official client, {_CROWD} threads"
_IN_HAND = "ours, accepted before"
_QUEUE = "asyncio.Queue + msgspec"


def _event(number: int) -> dict[str, Any]:
    return {
        "code": "calls",
        "external_subscription_id": "sub_12345678",
        "properties": {"region": "eu-west-1", "calls": number, "cached": False},
    }


def events_accepted(effort: Effort) -> list[Line]:
    """Measure how fast events are accepted in memory, on one core and without a server."""
    count = effort.calls(50_000)
    events = [_event(number) for number in range(count)]
    encode = msgspec.json.Encoder().encode

    async def ours() -> float:
        async with lago_async.LagoClient(api_key=KEY, base_url=_NOWHERE, max_retries=_ONE_TRY) as client:
            sink = lago_async.EventSink(client, linger=60.0, close_timeout=0.0)
            await sink.add(events[0])
            start = time.perf_counter()
            for event in events:
                await sink.add(event)
            took = time.perf_counter() - start
            await _dropped(sink)
        return count / took

    def blocking() -> float:
        with lago_sync.LagoClient(api_key=KEY, base_url=_NOWHERE, max_retries=_ONE_TRY) as client:
            sink = lago_sync.EventSink(client, linger=60.0, close_timeout=0.0)
            sink.add(events[0])
            start = time.perf_counter()
            for event in events:
                sink.add(event)
            took = time.perf_counter() - start
            try:
                sink.close()
            except lago_async.UndeliveredEventsError:
                return count / took
            raise AssertionError("nothing listens, and yet the events were delivered")

    async def queued() -> float:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        start = time.perf_counter()
        for event in events:
            complete = {**event, "transaction_id": str(uuid4()), "timestamp": round(time.time(), 3)}
            await queue.put(encode(complete))
        return count / (time.perf_counter() - start)

    with on_one_core(), asyncio.Runner() as runner:
        turns: dict[str, Turn] = {
            "ours": lambda: runner.run(ours()),
            "blocking": blocking,
            _QUEUE: lambda: runner.run(queued()),
        }
        taken = in_turns(turns, effort.rounds(7))
    how = f"wall-clock time, {count:,} events per turn, without a server"
    return [
        compare("events accepted in memory", taken, _QUEUE, unit="/s", target=at_least(1.0), how=how),
        compare("sync, events accepted in memory", taken, _QUEUE, ours="blocking", unit="/s", target=None, how=how),
    ]


async def _dropped(sink: lago_async.EventSink) -> None:
    try:
        await sink.aclose()
    except lago_async.UndeliveredEventsError:
        return
    raise AssertionError("nothing listens, and yet the events were delivered")


def events_delivered(effort: Effort) -> list[Line]:
    """Measure how fast events are accepted and delivered, with one core for the contestants and one for the server."""
    from lago_python_client.client import Client
    from lago_python_client.models import BatchEvent
    from lago_python_client.models import Event as OfficialEvent

    count, sample = effort.calls(1_000) * _BATCH, effort.calls(64) * _BATCH
    events = [_event(number) for number in range(count)]
    encode = msgspec.json.Encoder().encode

    with on_one_core() as others, event_server.running(cores=others) as host, asyncio.Runner() as runner:
        client = lago_async.LagoClient(api_key=KEY, base_url=host.url)
        session = runner.run(_session())
        official = Client(api_key=KEY, api_url=f"{host.url}/")
        bodies = [
            encode({"events": [{**event, "transaction_id": str(uuid4()), "timestamp": time.time()} for event in part]})
            for part in (events[start : start + _BATCH] for start in range(0, count, _BATCH))
        ]

        async def ours() -> float:
            """Add and deliver all, in parallel."""
            start = time.perf_counter()
            async with lago_async.EventSink(client) as sink:
                for event in events:
                    await sink.add(event)
            assert sink.counters.delivered == count
            return count / (time.perf_counter() - start)

        async def in_hand() -> float:
            """Deliver what was added before, as the rival posts bodies that were prepared before."""
            sink = lago_async.EventSink(client, max_events=2 * count, max_bytes=2**30)
            await sink.add_many(events)
            start = time.perf_counter()
            await sink.aclose()
            assert sink.counters.delivered == count
            return count / (time.perf_counter() - start)

        async def bare() -> float:
            waiting = iter(bodies)
            start = time.perf_counter()

            async def work() -> None:
                for body in waiting:
                    async with session.post(f"{host.url}/api/v1/events/batch", data=body) as response:
                        await response.read()
                        assert response.status == 200

            await asyncio.gather(*(work() for _ in range(10)))
            return count / (time.perf_counter() - start)

        def send(start: int) -> None:
            batch = [
                OfficialEvent(transaction_id=str(uuid4()), timestamp=int(time.time()), **event)
                for event in events[start : start + _BATCH]
            ]
            official.events.batch_create(BatchEvent(events=batch))

        def theirs() -> float:
            start = time.perf_counter()
            with ThreadPoolExecutor(_CROWD) as pool:
                list(pool.map(send, range(0, sample, _BATCH)))
            return sample / (time.perf_counter() - start)

        turns: dict[str, Turn] = {
            "ours": lambda: runner.run(ours()),
            _IN_HAND: lambda: runner.run(in_hand()),
            _BARE: lambda: runner.run(bare()),
            _OFFICIAL: theirs,
        }
        taken = in_turns(turns, effort.rounds(11))
        runner.run(client.close())
        runner.run(session.close())
    how = f"wall-clock time, {count:,} events per turn (official: {sample:,}), one core and one for the server"
    return [
        compare("events delivered", taken, _BARE, ours=_IN_HAND, unit="/s", target=at_least(0.9), how=how),
        compare("events accepted and delivered", taken, _BARE, unit="/s", target=None, how=how),
        compare("events accepted and delivered", taken, _OFFICIAL, unit="/s", target=at_least(5), how=how),
    ]


async def _session() -> Any:
    import aiohttp

    return aiohttp.ClientSession(headers={**HEADERS, "Content-Type": "application/json"})


def events_footprint(effort: Effort) -> list[Line]:
    """Measure the memory of a waiting event, and how long calls of add take while events are delivered."""
    count = effort.calls(20_000)
    events = [_event(number) for number in range(count)]
    encode = msgspec.json.Encoder().encode

    async def waiting() -> float:
        async with lago_async.LagoClient(api_key=KEY, base_url=_NOWHERE, max_retries=_ONE_TRY) as client:
            sink = lago_async.EventSink(client, linger=60.0, close_timeout=0.0)
            await sink.add(events[0])
            tracemalloc.start()
            for event in events:
                await sink.add(event)
            used, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            await _dropped(sink)
        return used / count

    def listed() -> float:
        tracemalloc.start()
        kept = [
            encode({**event, "transaction_id": str(uuid4()), "timestamp": round(time.time(), 3)}) for event in events
        ]
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return used / len(kept)

    async def slowest(url: str) -> float:
        times: list[float] = []
        async with (
            lago_async.LagoClient(api_key=KEY, base_url=url) as client,
            lago_async.EventSink(client, max_events=200_000) as sink,
        ):
            for number, event in enumerate(events):
                start = time.perf_counter()
                await sink.add(event)
                times.append(time.perf_counter() - start)
                if not number % 20:
                    await asyncio.sleep(0)  # as requests of a service come: not in one loop
        return sorted(times)[int(0.999 * len(times))] * 1e6

    rival = "the same JSON in a list"
    with on_one_core() as others, event_server.running(cores=others) as host, asyncio.Runner() as runner:
        memory = in_turns({"ours": lambda: runner.run(waiting()), rival: listed}, effort.rounds(3))
        longest = sorted(runner.run(slowest(host.url)) for _ in range(effort.rounds(5)))
    return [
        compare(
            "memory of a waiting event",
            memory,
            rival,
            unit="bytes",
            target=at_most(2.0),
            how=f"tracemalloc, {count:,} events",
        ),
        Line(
            measure="add of an event, 99.9th percentile",
            unit="us",
            ours=longest[len(longest) // 2],
            rival="",
            theirs=None,
            ratio=None,
            target=at_most(1_000),
            how=f"wall-clock time of {count:,} calls while batches are delivered on the same loop",
        ),
    ]
