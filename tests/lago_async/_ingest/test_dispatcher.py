"""The dispatcher of a sink in virtual time: when its task ends."""

import asyncio

import pytest

from lago_async import ENDPOINTS, Request, Response
from lago_async._ingest.batch_route import BatchRoute
from lago_async._ingest.dispatcher import Dispatcher
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.settings import SinkSettings
from lago_async.settings import RetryPolicy
from tests import virtual_time

LINGER = 1.0


async def nothing_is_sent(_: Request) -> Response:
    raise AssertionError("it was ended before")


@pytest.mark.parametrize("first", [True, False])
def test_a_dispatcher_that_is_cancelled_at_the_very_time_of_its_timer_ends(*, first: bool) -> None:
    """Closing waits for it. Whether the cancellation comes before or after the timer is chance."""

    async def run() -> bool:
        loop = asyncio.get_running_loop()
        store = MemoryStore(max_events=1_000, max_bytes=1_000_000)
        route = BatchRoute(send=nothing_is_sent, operation=ENDPOINTS["create_batch_events"], policy=RetryPolicy())
        dispatcher = Dispatcher(store, route, SinkSettings(linger=LINGER), durable=False)
        assert store.put_now(b'{"transaction_id":"1"}')
        runner = loop.create_task(dispatcher.run())
        if first:
            loop.call_at(LINGER, runner.cancel)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if not first:
            loop.call_at(LINGER, runner.cancel)
        await asyncio.wait([runner], timeout=60.0)
        return runner.cancelled()

    assert virtual_time.run(run())
