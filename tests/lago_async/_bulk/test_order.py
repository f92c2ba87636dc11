"""The order of calls in a bulk run, in virtual time: a walk that has begun ends before others begin, at full speed."""

import asyncio
import random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async._bulk.engine import Engine
from lago_async._bulk.jobs import Job
from lago_async._bulk.run_plans import RunPlan
from lago_async._bulk.sources import Feed, source_of
from lago_async._net.flow import Flow
from lago_async._net.rate_budget import RateBudget
from tests import virtual_time

OPERATION = "find_all_customer_past_usage"


@attrs.define(slots=False)
class Walk:
    """A walk of some pages, whose calls take the given times."""

    run: "Run"
    seconds: list[float]
    begun: bool = False

    def first(self) -> Any:
        self.begun = True
        self.run.too_early += self.run.flow.waiting > 0
        self.run.unfinished += 1
        self.run.most_unfinished = max(self.run.most_unfinished, self.run.unfinished)
        return self

    def next(self) -> Any:
        self.run.answered += 1
        if self.seconds:
            return self
        self.run.unfinished -= 1
        self.run.whole += 1
        return None


class Run:
    """A bulk run on a server without limits, or with one, whose latency is scripted."""

    def __init__(self, walks: list[list[float]], concurrency: int, limit: int | None, *, fed: bool) -> None:
        self.loop = asyncio.get_running_loop()
        self.budget, self.flow = RateBudget(self.loop), Flow()
        self.walks = [Walk(self, list(seconds)) for seconds in walks]
        self.concurrency, self.limit, self.fed = concurrency, limit, fed
        self.unfinished = self.most_unfinished = self.in_flight = self.most_in_flight = self.answered = 0
        self.whole = self.too_early = 0

    async def send(self, walk: Walk) -> Any:
        ticket = self.budget.admit_now(OPERATION, self.flow, self.loop.time())
        ticket = ticket or await self.budget.admit(OPERATION, self.flow, lambda _: False)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(walk.seconds.pop(0))
        self.in_flight -= 1
        shown = {} if self.limit is None else {"limit": self.limit, "remaining": self.limit - 1, "reset": 1}
        self.budget.learn(ticket, 200, {f"x-ratelimit-{name}": str(value) for name, value in shown.items()})
        self.budget.end(ticket)
        return walk

    async def watch(self) -> None:
        """Check between the ends of calls that the run uses all that it may."""
        while True:
            await asyncio.sleep(0.0031)
            if self.unfinished < self.concurrency and not all(walk.begun for walk in self.walks):
                assert self.budget._wait(OPERATION, self.flow, self.loop.time()) > 0.0, "a call might have been sent"

    async def go(self, *, stop_after: int | None = None) -> None:
        def begin(walk: Walk) -> Job[Any, Any]:
            return Job(walk, self.send, walk)  # type: ignore[arg-type]

        plan: RunPlan[Any, Any] = RunPlan(
            inputs=self.walks, begin=begin, listing=None, total=lambda: None, concurrency=self.concurrency,
            ordered=False, flow=self.flow,
        )  # fmt: skip
        feed: Feed[Any, Any] = Feed()
        if self.fed:  # as the blocking reader does
            feed.give(map(begin, self.walks))
            feed.end(failed=False)
        engine = Engine(plan, feed if self.fed else source_of(self.walks, begin), asyncio.Queue())
        watch = asyncio.create_task(self.watch())
        while stop_after is None or self.answered < stop_after:
            try:
                arrival = await engine.next()
            except StopAsyncIteration:
                break
            arrival.following = arrival.job.input.next()
            arrival.finish()
        await engine.aclose()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        assert watch.cancelled(), watch.exception()


SECONDS = st.sampled_from([0.01, 0.02, 0.05, 0.4])


@settings(max_examples=60)
@given(
    walks=st.lists(st.lists(SECONDS, min_size=1, max_size=6), max_size=60),
    concurrency=st.sampled_from([1, 2, 8, 64]),
    limit=st.sampled_from([None, None, 20, 200]),
    fed=st.booleans(),
)
def test_pages_of_walks_that_have_begun_go_before_new_walks_and_no_slot_stays_free(
    walks: list[list[float]], concurrency: int, limit: int | None, fed: bool
) -> None:
    async def live() -> None:
        run = Run(walks, concurrency, limit, fed=fed)
        await run.go()
        assert run.answered == sum(map(len, walks))
        assert run.most_unfinished <= concurrency
        assert run.too_early == 0, "a walk began while a call waited"
        assert run.flow.waiting == run.unfinished == run.in_flight == 0

    virtual_time.run(live())


@pytest.mark.parametrize("fed", [False, True], ids=["taken", "fed"])
@pytest.mark.parametrize(("limit", "whole"), [(None, 40), (50, 40)])
def test_a_run_that_is_stopped_has_whole_walks_and_no_more_half_done_ones_than_calls_in_flight(
    limit: int | None, whole: int, fed: bool
) -> None:
    async def live() -> None:
        chance = random.Random(1)
        run = Run([[chance.uniform(0.2, 0.4) for _ in range(4)] for _ in range(243)], 64, limit, fed=fed)
        await run.go(stop_after=214)
        assert run.whole >= whole
        assert run.most_unfinished <= run.most_in_flight + 4

    virtual_time.run(live())
