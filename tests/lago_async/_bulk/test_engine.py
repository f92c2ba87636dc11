"""The engine of bulk work, without a client: it is bounded, keeps the order on request, and cleans up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import LagoArgumentError, LagoClosedError
from lago_async._bulk.engine import Engine
from lago_async._bulk.jobs import Job
from lago_async._bulk.run_plans import RunPlan
from lago_async._bulk.sources import Feed, SupplyError, source_of
from lago_async._bulk.walks import OneCall


class Steps:
    """A walk of some calls; the response to each is its number."""

    def __init__(self, count: int) -> None:
        self.left = list(range(count))

    def first(self) -> Any:
        if not self.left:
            raise LagoArgumentError("no calls")
        return self.left.pop(0)

    def next(self) -> Any:
        return self.left.pop(0) if self.left else None


def engine_of(inputs: Any, begin: Callable[[Any], Any], *, concurrency: int, ordered: bool = False) -> Engine[Any, Any]:
    plan: RunPlan[Any, Any] = RunPlan(
        inputs=inputs, begin=begin, listing=None, total=lambda: None, concurrency=concurrency, ordered=ordered
    )
    return Engine(plan, source_of(inputs, begin), asyncio.Queue())


@given(
    plans=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40),
    concurrency=st.integers(1, 8),
    ordered=st.booleans(),
    asynchronous=st.booleans(),
    read_slowly=st.booleans(),
)
def test_every_arrival_comes_once_within_the_bound(
    plans: list[tuple[int, int]], concurrency: int, ordered: bool, asynchronous: bool, read_slowly: bool
) -> None:
    """A plan: the turns of the loop that each response takes, and the number of calls; without it, an error."""

    async def main() -> None:
        taken = read = finished = in_flight = 0

        def inputs() -> Iterator[tuple[int, tuple[int, int]]]:
            nonlocal taken
            for item in enumerate(plans):
                taken += 1
                assert taken - ended <= concurrency
                yield item

        async def later() -> AsyncIterator[tuple[int, tuple[int, int]]]:
            for item in inputs():
                await asyncio.sleep(0)
                yield item

        def begin(item: tuple[int, tuple[int, int]]) -> Job[Any, Any]:
            number, (turns, calls) = item
            steps = Steps(calls)

            async def send(request: Any) -> Any:
                nonlocal in_flight, finished
                in_flight += 1
                assert in_flight + (finished - read) <= concurrency
                for _ in range(turns):
                    await asyncio.sleep(0)
                in_flight -= 1
                finished += 1
                return request

            return Job((number, steps), send, steps)  # type: ignore[arg-type]

        engine = engine_of(later() if asynchronous else inputs(), begin, concurrency=concurrency, ordered=ordered)
        found: list[tuple[int, int | None]] = []
        ended = 0
        while True:
            try:
                arrival = await engine.next()
            except StopAsyncIteration:
                break
            number, steps = arrival.job.input
            failed = isinstance(arrival.result, LagoArgumentError)
            found.append((number, None if failed else arrival.result))  # type: ignore[arg-type]
            if read_slowly:
                await asyncio.sleep(0)
            read += not failed
            arrival.following = steps.next()
            ended += arrival.following is None
            arrival.finish()
        expected = [
            (number, each) for number, (_, calls) in enumerate(plans) for each in (range(calls) if calls else [None])
        ]
        assert found == expected if ordered else sorted(found, key=str) == sorted(expected, key=str)
        assert taken == len(plans)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


async def test_workers_are_started_as_they_are_needed() -> None:
    most = 0

    async def send(_: Any) -> Any:
        nonlocal most
        await asyncio.sleep(0.001)
        most = max(most, len(asyncio.all_tasks()))

    engine = engine_of([1, 2], lambda _: Job(None, send, Steps(1)), concurrency=1000)  # type: ignore[arg-type]
    for _ in range(2):
        (await engine.next()).finish()
    assert most <= len(asyncio.all_tasks()) + 4


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_closed_client_ends_the_run_though_the_inputs_never_come(ordered: bool) -> None:
    async def inputs() -> AsyncIterator[int]:
        yield 0
        await asyncio.Event().wait()

    async def send(_: Any) -> Any:
        await asyncio.sleep(0.001)
        raise LagoClosedError("the client is closed")

    engine = engine_of(inputs(), lambda _: Job(None, send, Steps(1)), concurrency=3, ordered=ordered)  # type: ignore[arg-type]
    with pytest.raises(LagoClosedError, match="the client is closed"):
        await engine.next()
    assert len(asyncio.all_tasks()) == 1


async def test_what_another_thread_gives_is_worked_on_until_it_says_how_that_ends() -> None:
    async def send(request: Any) -> Any:
        return request

    for failed, end in ((False, StopAsyncIteration), (True, SupplyError)):
        feed: Feed[int, Any] = Feed()
        plan: RunPlan[Any, Any] = RunPlan(
            inputs=None,
            begin=Steps,  # type: ignore[arg-type]  # not called: the feed brings the jobs
            listing=None,
            total=lambda: None,
            concurrency=2,
            ordered=True,
        )
        engine = Engine(plan, feed, asyncio.Queue())
        engine.start()
        feed.give(Job(number, send, OneCall[Any](partial(int, number))) for number in range(3))  # type: ignore[arg-type]
        feed.end(failed=failed)
        for number in range(3):
            arrival = await engine.next()
            result: Any = arrival.result
            assert result == number
            arrival.finish()
        with pytest.raises(end):
            await engine.next()
        assert len(asyncio.all_tasks()) == 1
