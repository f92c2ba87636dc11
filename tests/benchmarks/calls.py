"""Measures of calls: the cost of one, the throughput of many threads, and the number of connections."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

import lago_async
import lago_sync
from tests.benchmarks import server
from tests.benchmarks.measuring import Line, at_least, at_most, compare, cpu_each, exactly, in_turns, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tests.benchmarks.measuring import Effort, Turn

KEY = "5eb02857-a71e-4ea2-bcf9-57d3a41bc6ba"
HEADERS = {"Authorization": f"Bearer {KEY}", "Accept": "application/json"}
CPU = "CPU time of the process per call, {} calls per turn"

# No two calls request the same customer, so that a cache of parsed URLs does not help, as in real programs.
_numbers = itertools.count()


def _next_id() -> str:
    return f"cus_{next(_numbers):08d}"  # `next` of a count is thread-safe


def async_find(effort: Effort) -> list[Line]:
    """Measure ``find`` of a typed customer, and a page of typed periods, against handwritten aiohttp and orjson."""
    import aiohttp
    import orjson

    finds, pages = effort.calls(400), effort.calls(40)
    with server.running() as host, asyncio.Runner() as runner:
        client = lago_async.LagoClient(api_key=KEY, base_url=host.url)
        session = runner.run(_session(aiohttp.ClientSession))
        api = f"{host.url}/api/v1/customers"

        async def find() -> None:
            for _ in range(finds):
                await client.customers.find(_next_id())

        async def bare_find() -> None:
            for _ in range(finds):
                async with session.get(f"{api}/{_next_id()}") as response:
                    orjson.loads(await response.read())

        async def page() -> None:
            for _ in range(pages):
                await client.customers.find_all_past_usage(_next_id(), external_subscription_id="sub_1")

        async def bare_page() -> None:
            for _ in range(pages):
                url = f"{api}/{_next_id()}/past_usage?external_subscription_id=sub_1"
                async with session.get(url) as response:
                    orjson.loads(await response.read())

        def turn(calls: Callable[[], Coroutine[Any, Any, None]], count: int) -> Turn:
            return lambda: cpu_each(lambda: runner.run(calls()), count)

        rival = "bare aiohttp + orjson"
        one = in_turns({"ours": turn(find, finds), rival: turn(bare_find, finds)}, effort.rounds(25))
        many = in_turns({"ours": turn(page, pages), rival: turn(bare_page, pages)}, effort.rounds(9))
        runner.run(client.close())
        runner.run(session.close())
    return [
        compare("async find, typed", one, rival, unit="us", target=at_most(1.25), how=CPU.format(finds)),
        compare("async past-usage page, typed", many, rival, unit="us", target=None, how=CPU.format(pages)),
    ]


async def _session(session_type: Callable[..., Any]) -> Any:
    return session_type(headers=HEADERS)  # a session needs a running loop


def sync_find(effort: Effort) -> list[Line]:
    """Measure ``find`` of a typed customer against handwritten httpx."""
    import httpx

    count = effort.calls(300)
    with (
        server.running() as host,
        lago_sync.LagoClient(api_key=KEY, base_url=host.url) as client,
        httpx.Client(headers=HEADERS) as bare,
    ):

        def find() -> None:
            for _ in range(count):
                client.customers.find(_next_id())

        def bare_find() -> None:
            for _ in range(count):
                bare.get(f"{host.url}/api/v1/customers/{_next_id()}").json()

        rival = "httpx.Client"
        turns = {"ours": lambda: cpu_each(find, count), rival: lambda: cpu_each(bare_find, count)}
        taken = in_turns(turns, effort.rounds(15))
    how = f"{CPU.format(count)}, including the loop thread"
    return [compare("sync find, typed", taken, rival, unit="us", target=at_most(0.70), how=how)]


def sync_find_official(effort: Effort) -> list[Line]:
    """Measure ``find`` of a typed customer against the official client, which opens a connection per call."""
    from lago_python_client.client import Client

    count, theirs = effort.calls(200), effort.calls(10)
    with server.running() as host, lago_sync.LagoClient(api_key=KEY, base_url=host.url) as client:
        official = Client(api_key=KEY, api_url=f"{host.url}/")

        def find() -> None:
            for _ in range(count):
                client.customers.find(_next_id())

        def official_find() -> None:
            for _ in range(theirs):
                official.customers.find(_next_id())

        rival = "official client"
        turns = {"ours": lambda: cpu_each(find, count), rival: lambda: cpu_each(official_find, theirs)}
        taken = in_turns(turns, effort.rounds(7))
    how = f"{CPU.format(count)} (theirs: {theirs}), including the loop thread"
    return [compare("sync find, typed", taken, rival, unit="us", target=at_most(1 / 60), how=how)]


def threads(effort: Effort) -> list[Line]:
    """Measure the calls per second of 32 threads on one client against handwritten urllib3."""
    import urllib3

    crowd, per_thread = 32, effort.calls(60)
    with (
        server.running() as host,
        lago_sync.LagoClient(api_key=KEY, base_url=host.url) as client,
        urllib3.PoolManager(maxsize=crowd, headers=HEADERS) as pool,
    ):

        def find() -> None:
            for _ in range(per_thread):
                client.customers.find(_next_id())

        def bare_find() -> None:
            for _ in range(per_thread):
                json.loads(pool.request("GET", f"{host.url}/api/v1/customers/{_next_id()}").data)

        rival = "urllib3.PoolManager"
        turns = {
            "ours": lambda: crowd * per_thread / side_by_side(find, crowd),
            rival: lambda: crowd * per_thread / side_by_side(bare_find, crowd),
        }
        taken = in_turns(turns, effort.rounds(11))
    how = f"wall-clock time, {crowd * per_thread} calls per turn"
    return [
        compare(f"{crowd} threads, one client", taken, rival, unit="calls/s", target=at_least(1.7), how=how),
    ]


def connections(effort: Effort) -> list[Line]:
    """Count the connections that 1,000 consecutive calls open: one."""
    count = 1000

    async def one_after_another(url: str) -> None:
        async with lago_async.LagoClient(api_key=KEY, base_url=url) as client:
            for _ in range(count):
                await client.customers.find(_next_id())

    with server.running() as host:
        asyncio.run(one_after_another(host.url))
        of_async = host.connections()
        with lago_sync.LagoClient(api_key=KEY, base_url=host.url) as client:
            for _ in range(count):
                client.customers.find(_next_id())
        of_sync = host.connections() - of_async
    return [
        Line(
            measure=f"connections of {count} {face} calls",
            unit="",
            ours=opened,
            rival="",
            theirs=None,
            ratio=None,
            target=exactly(1),
            how="counted by the server, calls in a row",
        )
        for face, opened in (("async", of_async), ("sync", of_sync))
    ]
