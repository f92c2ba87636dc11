"""The walkers of past usage: ours, and those that an engineer would write instead.

Each fetches the same pages, page after page of a subscription and 32 subscriptions at a time, converts them to its own
kind of result, and returns the number of pages. None of them holds a page while it waits for the next.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import aiohttp
    from lago_python_client.client import Client

    import lago_async
    import lago_sync

KEY = "5eb02857-a71e-4ea2-bcf9-57d3a41bc6ba"
CROWD = 32  # at a time

# No two turns request the same subscription, so that a cache of parsed URLs does not help, as in real programs.
_numbers = itertools.count()


def pairs(count: int) -> Iterator[tuple[str, str]]:
    """Return this many ids of customers and of subscriptions."""
    for number in itertools.islice(_numbers, count):
        yield f"cus_{number:08d}", f"sub_{number:08d}"


async def ours(
    client: lago_async.LagoClient, ids: Iterable[tuple[str, str]] | None, per_page: int, *, concurrency: int = CROWD
) -> int:
    """Walk with ``lago_async.bulk.past_usage``, by default over all listed subscriptions."""
    from lago_async import bulk

    count = 0
    async with bulk.past_usage(client, ids, per_page=per_page, concurrency=concurrency) as outcomes:
        async for outcome in outcomes:
            count += bool(outcome.value.periods)
            del outcome
    return count


async def bare(
    session: aiohttp.ClientSession,
    url: str,
    ids: Iterable[tuple[str, str]],
    per_page: int,
    *,
    concurrency: int = CROWD,
) -> int:
    """Walk with workers that share an iterator, aiohttp and ``orjson.loads``."""
    import orjson

    waiting = iter(ids)
    count = 0

    async def work() -> None:
        nonlocal count
        for customer, subscription in waiting:
            page: int | None = 1
            while page is not None:
                target = (
                    f"{url}/api/v1/customers/{customer}/past_usage"
                    f"?external_subscription_id={subscription}&page={page}&per_page={per_page}"
                )
                async with session.get(target) as response:
                    page = _next_page(orjson.loads(await response.read()))
                count += 1

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return count


def ours_in_threads(client: lago_sync.LagoClient, ids: Iterable[tuple[str, str]], per_page: int) -> int:
    """Walk with threads that share one blocking client, each with its own subscriptions."""

    def walk(pair: tuple[str, str]) -> int:
        customer, subscription = pair
        pager = client.customers.find_all_past_usage(customer, external_subscription_id=subscription, per_page=per_page)
        count = 0
        for page in pager.pages():
            count += bool(page.items)
            del page
        return count

    return _in_threads(walk, ids)


def ours_in_one_thread(client: lago_sync.LagoClient, ids: Iterable[tuple[str, str]], per_page: int) -> int:
    """Walk with ``lago_sync.bulk.past_usage``, with its default concurrency."""
    from lago_sync import bulk

    count = 0
    with bulk.past_usage(client, ids, per_page=per_page, concurrency=2 * CROWD) as outcomes:
        for outcome in outcomes:
            count += bool(outcome.value.periods)
            del outcome
    return count


def official(client: Client, ids: Iterable[tuple[str, str]], per_page: int) -> int:
    """Walk with the official client in threads. Each finishes a page before it requests the next."""

    def walk(pair: tuple[str, str]) -> int:
        customer, subscription = pair
        count = 0
        page: int | None = 1
        while page is not None:
            page = _next_page(
                client.customers.past_usage(
                    customer, external_subscription_id=subscription, options={"page": page, "per_page": per_page}
                )
            )
            count += 1
        return count

    return _in_threads(walk, ids)


def _next_page(answer: Mapping[str, Any]) -> int | None:
    """Use a page, and return the number of the next one. No caller holds the page afterwards."""
    assert answer["usage_periods"]
    number: int | None = answer["meta"]["next_page"]
    return number


def _in_threads(walk: Callable[[tuple[str, str]], int], ids: Iterable[tuple[str, str]]) -> int:
    """Run threads that share an iterator, like the tasks of `bare`; an executor would create a future per pair."""
    waiting, lock = iter(ids), threading.Lock()

    def work() -> int:
        count = 0
        while True:
            with lock:
                pair = next(waiting, None)
            if pair is None:
                return count
            count += walk(pair)

    with ThreadPoolExecutor(CROWD) as pool:
        return sum(worker.result() for worker in [pool.submit(work) for _ in range(CROWD)])
