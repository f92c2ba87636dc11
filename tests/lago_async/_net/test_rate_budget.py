"""The rate budget: the order and the times of calls, in virtual time and against the sandbox's limiter."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Literal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async import LagoClient, LagoClosedError, RateLimitError, RetryPolicy
from lago_async._net.flow import Flow
from lago_async._net.rate_budget import RateBudget, Ticket
from lago_async.sandbox import RateLimited, RateLimits, RawResponse, Sandbox
from lago_async.sandbox._server.limits import Limiter
from tests import virtual_time

OPERATION = "find_customer"


def headers(limit: float, remaining: float, reset: float) -> dict[str, str]:
    return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": str(reset)}


class Clock:
    """A clock that a test sets, for decisions of the budget that need no waiting."""

    now = 0.0

    def time(self) -> float:
        return self.now


class Caller:
    """A client of a budget: it asks for tickets and responds to calls at times that a test chooses."""

    def __init__(self, share: float = 1.0) -> None:
        self.clock = Clock()
        self.budget = RateBudget(self.clock, share)  # type: ignore[arg-type]  # nothing here waits on a loop

    def ask(self, now: float, operation: str = OPERATION, flow: Flow | None = None) -> Ticket | None:
        self.clock.now = now
        return self.budget.admit_now(operation, flow, now)

    def answer(self, now: float, ticket: Ticket | None, status: int = 200, **counts: float) -> None:
        assert ticket is not None
        self.clock.now = now
        self.budget.learn(ticket, status, headers(**counts) if counts else {})
        self.budget.end(ticket)

    def call(self, now: float, operation: str = OPERATION, **counts: float) -> bool:
        """Tell whether a call was admitted; it gets its response at once."""
        ticket = self.ask(now, operation)
        if ticket is not None:
            self.answer(now, ticket, 200, **counts)
        return ticket is not None


def test_a_server_without_headers_has_no_limit() -> None:
    caller = Caller()
    assert all(caller.call(0.0) for _ in range(1000))
    assert all(caller.ask(0.0) for _ in range(1000))


def test_one_call_at_a_time_is_not_held_while_anything_remains() -> None:
    caller = Caller()
    for remaining in range(49, -1, -1):
        assert caller.call(0.0, limit=50, remaining=remaining, reset=1)
    assert not caller.ask(0.9)
    assert caller.ask(1.02)


def test_calls_under_way_are_counted_before_the_server_counts_them() -> None:
    caller = Caller()
    caller.call(0.0, limit=5, remaining=4, reset=10)
    assert [caller.ask(1.0) is not None for _ in range(6)] == [True] * 4 + [False] * 2
    assert not caller.ask(10.0)
    assert caller.ask(10.2)


def test_no_window_of_any_phase_holds_more_calls_than_the_limit() -> None:
    caller = Caller()
    sent = [0.0]
    caller.call(0.0, limit=7, remaining=6, reset=1)
    dice = random.Random(1)
    now = 0.0
    while now < 20:
        now += dice.random() / 20
        if caller.ask(now):
            sent.append(now)
    assert len(sent) > 20 * 7 * 0.95
    assert all(later - earlier >= 1.0 for earlier, later in zip(sent, sent[7:], strict=False))


def test_calls_whose_limit_was_unknown_when_they_were_sent_count_all_the_same() -> None:
    caller = Caller()
    first = [caller.ask(0.0) for _ in range(11)]
    assert [ticket is not None for ticket in first] == [True] * 10 + [False]  # a first burst waits for a response
    caller.answer(0.1, first[0], limit=12, remaining=11, reset=1)
    assert [caller.ask(0.1) is not None for _ in range(4)] == [True, True, False, False]


def test_operations_of_another_limit_are_not_held() -> None:
    caller = Caller()
    caller.call(0.0, limit=1, remaining=0, reset=5)
    assert caller.call(0.0, "create_event", limit=500, remaining=499, reset=5)
    assert not caller.ask(0.1)
    assert caller.ask(0.1, "create_event")


def test_operations_of_one_limit_share_its_window() -> None:
    caller = Caller()
    caller.call(0.0, limit=3, remaining=2, reset=5)
    caller.call(0.0, "find_all_customers", limit=3, remaining=1, reset=5)
    assert caller.ask(0.1)
    assert not caller.ask(0.1, "find_all_customers")


def test_what_others_use_is_left_to_them() -> None:
    caller = Caller()
    caller.call(0.0, limit=100, remaining=39, reset=1)  # 60 are not ours
    assert (
        sum(caller.ask(0.1) is not None for _ in range(100)) == 43
    )  # except four, which may be a difference in counting


def test_a_window_that_others_have_spent_is_waited_out() -> None:
    caller = Caller()
    caller.call(0.0, limit=50, remaining=0, reset=4)
    assert not caller.ask(3.9)
    assert caller.ask(4.1)


def test_a_share_of_the_limit_is_all_that_a_client_uses() -> None:
    caller = Caller(share=0.25)
    caller.call(0.0, limit=100, remaining=20, reset=1)
    assert sum(caller.ask(0.1) is not None for _ in range(100)) == 24


def test_a_single_429_holds_nobody_and_a_second_in_a_row_closes_the_window() -> None:
    caller = Caller()
    caller.call(0.0, limit=50, remaining=49, reset=1)
    first, second, third = (caller.ask(0.1) for _ in range(3))
    caller.answer(0.2, first, status=429, limit=50, remaining=0, reset=10)
    assert caller.ask(0.2)
    caller.answer(0.3, second, status=429, limit=50, remaining=0, reset=10)
    assert not caller.ask(0.3)
    caller.answer(0.4, third, limit=50, remaining=40, reset=1)  # the server has changed its limit
    assert caller.ask(0.4)


def test_bulk_work_is_spread_over_the_window_and_a_service_s_calls_go_at_once() -> None:
    caller, flow = Caller(), Flow()
    caller.call(0.0, limit=100, remaining=99, reset=1)
    assert sum(caller.ask(10.0, flow=flow) is not None for _ in range(100)) < 10
    for hundredth in range(1, 50):
        assert sum(caller.ask(10.0 + hundredth / 100, flow=flow) is not None for _ in range(100)) < 3
    assert sum(caller.ask(10.5) is not None for _ in range(100)) in range(42, 50)


@pytest.mark.parametrize(
    "odd",
    [
        {"x-ratelimit-limit": "50"},
        {"x-ratelimit-limit": "many", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "", "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "9" * 400, "x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "9" * 400, "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5_000},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "inf"},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225600"},
    ],
)
def test_headers_that_make_no_sense_hold_nothing(odd: dict[str, str]) -> None:
    caller = Caller()
    for _ in range(20):
        ticket = caller.ask(0.0)
        assert ticket is not None
        caller.budget.learn(ticket, 200, odd)
        caller.budget.end(ticket)
    assert caller.budget.rate_limits == ()


def test_what_is_known_of_the_limits_can_be_looked_at() -> None:
    caller = Caller()
    for remaining in (59, 58):
        caller.call(0.0, limit=100, remaining=remaining, reset=1)
    (known,) = caller.budget.rate_limits
    assert (known.limit, known.window, known.used, known.others, known.waiting) == (100, 1.0, 2, 36, 0)


# --- against the sandbox's limiter, without sockets -------------------------------------------------------------------


@attrs.define(slots=False)
class World:
    """A limiter behind a network, and the results of the calls."""

    limits: RateLimits
    up: float = 0.02
    jitter: float = 0.01
    answered: int = 0
    refused: int = 0
    longest_wait: float = 0.0
    dice: random.Random = attrs.field(factory=lambda: random.Random(7))

    def __attrs_post_init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.limiter = Limiter(attrs.evolve(self.limits, clock=self.loop.time))

    def delay(self) -> Awaitable[None]:
        return asyncio.sleep(self.up + self.dice.random() * self.jitter)

    async def call(self, budget: RateBudget, flow: Flow | None) -> None:
        while True:
            began = self.loop.time()
            ticket = budget.admit_now(OPERATION, flow, began)
            ticket = ticket or await budget.admit(OPERATION, flow, lambda _: False)
            if flow is None:
                self.longest_wait = max(self.longest_wait, self.loop.time() - began)
            await self.delay()
            allowed, told = self.limiter.take(OPERATION)
            await self.delay()
            budget.learn(ticket, 200 if allowed else 429, told)
            budget.end(ticket)
            if allowed:
                self.answered += 1
                return
            self.refused += 1
            await asyncio.sleep(float(told["x-ratelimit-reset"]))

    async def bulk(self, seconds: float, concurrency: int, share: float = 1.0) -> None:
        budget, flow = RateBudget(self.loop, share), Flow()

        async def worker() -> None:
            while self.loop.time() < seconds:
                await self.call(budget, flow)

        async with asyncio.TaskGroup() as workers:
            for _ in range(concurrency):
                workers.create_task(worker())

    def holds(self, seconds: float, *, used: float = 0.95) -> None:
        """Check the promise: nearly the whole rate is used, and almost no call is refused."""
        allowed = self.limits.others / self.limits.window * seconds
        assert self.answered >= used * allowed
        assert self.refused <= 0.01 * (self.answered + self.refused)


@settings(max_examples=30)
@given(
    size=st.integers(10, 300),
    window=st.sampled_from([1, 2, 10]),
    kind=st.sampled_from(["fixed", "sliding"]),
    concurrency=st.integers(24, 100),
    up=st.floats(0.001, 0.04),
    jitter=st.floats(0.0, 0.02),
)
def test_bulk_work_uses_the_rate_and_trips_no_limit(
    size: int, window: int, kind: Literal["fixed", "sliding"], concurrency: int, up: float, jitter: float
) -> None:
    async def live() -> None:
        # With a latency of up to 2 * (up + jitter), this many calls at a time can use the rate.
        rate = min(size, int(concurrency / (2 * (up + jitter) + 0.01) * window * 0.9))
        world = World(RateLimits(others=max(10, rate), window=window, kind=kind), up, jitter)
        await world.bulk(30.0 * window, concurrency)
        world.holds(30.0 * window)

    virtual_time.run(live())


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
def test_four_processes_with_a_quarter_each_use_the_rate_together(kind: Literal["fixed", "sliding"]) -> None:
    async def live() -> None:
        world = World(RateLimits(others=200, kind=kind))
        async with asyncio.TaskGroup() as processes:
            for _ in range(4):
                processes.create_task(world.bulk(30.0, 16, share=0.25))
        world.holds(30.0)

    virtual_time.run(live())


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
def test_beside_a_bulk_job_the_service_s_calls_go_on_and_the_rate_is_used(kind: Literal["fixed", "sliding"]) -> None:
    async def live() -> None:
        world = World(RateLimits(others=50, kind=kind))
        budget, flow = RateBudget(world.loop), Flow()

        async def job() -> None:
            while world.loop.time() < 30.0:
                await world.call(budget, flow)

        async def service(calls: asyncio.TaskGroup) -> None:
            while world.loop.time() < 30.0:
                await asyncio.sleep(world.dice.expovariate(10.0))
                calls.create_task(world.call(budget, None))

        async with asyncio.TaskGroup() as tasks:
            for _ in range(32):
                tasks.create_task(job())
            tasks.create_task(service(tasks))
        world.holds(30.0)
        assert world.longest_wait < 0.4

    virtual_time.run(live())


def test_two_bulk_jobs_on_one_client_get_the_same() -> None:
    async def live() -> None:
        world = World(RateLimits(others=50))
        budget = RateBudget(world.loop)
        done = {Flow(): 0, Flow(): 0}

        async def job(flow: Flow) -> None:
            while world.loop.time() < 20.0:
                await world.call(budget, flow)
                done[flow] += 1

        async with asyncio.TaskGroup() as tasks:
            for flow, workers in zip(done, (40, 4), strict=True):  # however many it queues
                for _ in range(workers):
                    tasks.create_task(job(flow))
        many, few = done.values()
        assert many == pytest.approx(few, rel=0.1)

    virtual_time.run(live())


def test_the_rate_comes_back_after_others_have_used_it_up() -> None:
    async def live() -> None:
        world = World(RateLimits(others=50))

        async def flood() -> None:
            while world.loop.time() < 10.0:
                world.limiter.take(OPERATION)
                await asyncio.sleep(0.005)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(flood())
            tasks.create_task(world.bulk(40.0, 32))
        assert world.answered >= 0.95 * 50 * 28  # all but two of the thirty seconds after the flood

    virtual_time.run(live())


# --- a server that shows no limit -------------------------------------------------------------------------------------


def concurrency_of_bulk(capacity: Callable[[float], int], seconds: float, asked_for: int = 100) -> tuple[float, int]:
    """Return the share of a server's capacity that bulk work used, and its calls in flight at the end."""

    async def live() -> tuple[float, int]:
        loop, dice = asyncio.get_running_loop(), random.Random(7)
        budget, flow = RateBudget(loop), Flow()
        done, possible, under_way = 0, 0.0, 0
        served = 0

        line: deque[asyncio.Event] = deque()

        async def serve() -> None:
            # Serve this many calls at a time, in 50 ms or a little more; the others wait in a queue.
            nonlocal served
            if served >= capacity(loop.time()):
                line.append(asyncio.Event())
                await line[-1].wait()
            served += 1
            await asyncio.sleep(0.05 * (1 + dice.random() / 3))
            served -= 1
            for _ in range(min(len(line), capacity(loop.time()) - served)):
                line.popleft().set()

        async def worker() -> None:
            nonlocal done, under_way
            while loop.time() < seconds:
                ticket = budget.admit_now(OPERATION, flow, loop.time())
                ticket = ticket or await budget.admit(OPERATION, flow, lambda _: False)
                under_way += 1
                await serve()
                under_way -= 1
                done += 1
                budget.learn(ticket, 200, {})
                budget.end(ticket)

        async with asyncio.TaskGroup() as workers:
            for _ in range(asked_for):
                workers.create_task(worker())
            await asyncio.sleep(seconds - 0.01)
            at_the_end = under_way
        possible = sum(capacity(tenth / 10) / 0.0583 / 10 for tenth in range(int(seconds * 10)))
        return done / possible, at_the_end

    return virtual_time.run(live())


@pytest.mark.parametrize("capacity", [5, 20, 50])
def test_without_limits_bulk_work_finds_what_the_server_does_at_once(capacity: int) -> None:
    used, under_way = concurrency_of_bulk(lambda _: capacity, 30.0)
    assert used > 0.8
    assert under_way < 2 * capacity + 4


def test_without_limits_bulk_work_yields_to_a_server_that_slows_down() -> None:
    used, under_way = concurrency_of_bulk(lambda now: 40 if now < 15.0 else 8, 40.0)
    assert used > 0.8
    assert under_way < 20


def test_where_latency_holds_nothing_is_held_back() -> None:
    _, under_way = concurrency_of_bulk(lambda _: 1000, 10.0)
    assert under_way == 100


# --- over real sockets, in virtual time -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize("limit", [50, 120])
def test_a_client_uses_the_gateway_s_rate_and_is_not_refused(limit: int, kind: Literal["fixed", "sliding"]) -> None:
    seconds = 12.0

    async def live() -> None:
        loop = asyncio.get_running_loop()
        limits = RateLimits(others=limit, kind=kind, clock=loop.time)
        async with (
            Sandbox(rate_limits=limits) as sandbox,
            LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client,
        ):
            sandbox.perform("create_customer", {"external_id": "cus_1"})
            job = client.with_options(background=True)
            done = 0

            async def worker() -> None:
                nonlocal done
                while loop.time() < seconds:
                    await job.customers.find("cus_1")
                    done += 1

            async with asyncio.TaskGroup() as workers:
                for _ in range(32):
                    workers.create_task(worker())
            statuses = [request.status for request in sandbox.requests]
            assert done == statuses.count(200)
            assert done >= 0.95 * limit * seconds
            assert statuses.count(429) <= 0.01 * len(statuses)

    virtual_time.run(live())


def test_a_stray_429_does_not_slow_the_other_calls() -> None:
    async def live() -> None:
        loop = asyncio.get_running_loop()
        async with Sandbox() as sandbox, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            sandbox.perform("create_customer", {"external_id": "cus_1"})
            sandbox.inject(RateLimited(reset=15), times=1)
            job = client.with_options(background=True)
            ended: list[float] = []

            async def call() -> None:
                await job.customers.find("cus_1")
                ended.append(loop.time())

            async with asyncio.TaskGroup() as calls:
                for _ in range(200):
                    calls.create_task(call())
            assert len(ended) == 200
            assert sum(at < 10.0 for at in ended) == 199

    virtual_time.run(live())


def test_bulk_work_outlasts_more_refusals_than_a_call_s_retries() -> None:
    async def live() -> None:
        async with (
            Sandbox() as sandbox,
            LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=1) as client,
        ):
            sandbox.perform("create_customer", {"external_id": "cus_1"})
            sandbox.inject(RateLimited(reset=60), times=5)
            with pytest.raises(RateLimitError):
                await client.customers.find("cus_1")
            found = await client.with_options(background=True, timeout=30).customers.find("cus_1")
            assert found.external_id == "cus_1"

    virtual_time.run(live())


def test_a_client_waits_out_a_spent_window_and_is_never_refused() -> None:
    async def live() -> None:
        async with Sandbox() as sandbox, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            loop = asyncio.get_running_loop()
            spent = RawResponse(status=200, body=b'{"customer":{}}', headers=headers(50, 0, 7))
            sandbox.inject(spent, operation=OPERATION)
            sandbox.perform("create_customer", {"external_id": "cus_1"})
            await client.customers.find("cus_1")
            before = loop.time()
            await client.customers.find("cus_1")
            assert loop.time() - before == pytest.approx(7.0, abs=0.5)

    virtual_time.run(live())


def test_a_window_that_outlasts_the_patience_of_a_call_does_not_hold_it() -> None:
    async def live() -> None:
        async with (
            Sandbox() as sandbox,
            LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=RetryPolicy(max_delay=1)) as client,
        ):
            spent = RawResponse(status=200, body=b'{"customer":{}}', headers=headers(50, 0, 3600))
            sandbox.inject(spent, operation=OPERATION)
            sandbox.perform("create_customer", {"external_id": "cus_1"})
            await client.customers.find("cus_1")
            assert (await client.customers.find("cus_1")).external_id == "cus_1"

    virtual_time.run(live())


def test_a_call_that_is_cancelled_in_the_line_gives_its_place_back() -> None:
    async def live() -> None:
        loop = asyncio.get_running_loop()
        budget, flow = RateBudget(loop), Flow()

        def answered(ticket: Ticket) -> None:
            budget.learn(ticket, 200, headers(1, 0, 1))
            budget.end(ticket)

        def never(_: float) -> bool:
            return False

        answered(await budget.admit(OPERATION, flow, never))
        line = [asyncio.create_task(budget.admit(OPERATION, flow, never)) for _ in range(3)]
        await asyncio.sleep(0)
        assert budget.rate_limits[0].waiting == 3
        line[0].cancel()
        await asyncio.sleep(1.5)
        assert [task.done() for task in line] == [True, True, False]
        line[2].cancel()
        await asyncio.wait(line)
        assert budget.rate_limits[0].waiting == 0
        answered(line[1].result())

    virtual_time.run(live())


def test_closing_the_client_ends_the_wait_for_the_rate_limit() -> None:
    async def live() -> None:
        loop = asyncio.get_running_loop()
        async with Sandbox() as sandbox, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            spent = RawResponse(status=200, body=b'{"customer":{}}', headers=headers(50, 0, 3600))
            sandbox.inject(spent, operation=OPERATION)
            job = client.with_options(background=True)
            await job.customers.find("cus_1")
            waiting = [asyncio.create_task(job.customers.find("cus_1")) for _ in range(3)]
            await asyncio.sleep(10)
            assert client.rate_limits[0].waiting == 3
            await client.close()
            ended = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(error) for error in ended] == [LagoClosedError] * 3
            assert loop.time() < 20

    virtual_time.run(live())


def test_a_service_s_call_does_not_wait_for_ever_for_a_first_answer() -> None:
    async def live() -> None:
        loop = asyncio.get_running_loop()
        budget = RateBudget(loop)
        for _ in range(10):
            assert budget.admit_now(OPERATION, None, loop.time())
        assert budget.admit_now(OPERATION, None, loop.time()) is None
        await budget.admit(OPERATION, None, lambda _: False)
        assert loop.time() == pytest.approx(1.0)

    virtual_time.run(live())


ODD_NUMBERS = st.integers(-1, 10**6).map(str) | st.floats().map(str) | st.text(max_size=5) | st.none()


@given(st.lists(st.tuples(st.integers(0, 30), ODD_NUMBERS, ODD_NUMBERS, ODD_NUMBERS, st.sampled_from([200, 429, 503]))))
def test_whatever_headers_come_a_handful_of_limits_is_kept(
    calls: list[tuple[int, str | None, str | None, str | None, int]],
) -> None:
    caller = Caller()
    for number, (operation, *values, status) in enumerate(calls):
        caller.clock.now = number * 1e6
        ticket = caller.budget.admit_now(f"operation_{operation}", None, caller.clock.now)
        if ticket is not None:
            names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
            given_ = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            caller.budget.learn(ticket, status, given_)
            caller.budget.end(ticket)
    assert len(caller.budget.rate_limits) <= 8


def test_a_server_that_shows_ever_new_limits_leaves_the_last_ones() -> None:
    caller = Caller()
    for size in range(1_000, 2_000):
        assert caller.call(size * 10.0, limit=size, remaining=size - 1, reset=1)
    assert len(caller.budget.rate_limits) <= 8
    assert caller.budget.rate_limits[-1].limit == 1_999


def test_limits_in_use_are_not_forgotten_for_new_ones_of_other_operations() -> None:
    caller = Caller()
    for number in range(12):
        size = 100 + number
        assert caller.call(number * 10.0, f"operation_{number}", limit=size, remaining=size - 1, reset=1)
    assert [limit.limit for limit in caller.budget.rate_limits] == list(range(100, 108))
    assert caller.call(200.0, "operation_11")  # it has no limit that could hold it


def test_a_limit_that_is_not_a_whole_number_counts_a_call_once() -> None:
    caller = Caller()
    for number in range(3):
        assert caller.call(number * 0.01, limit=50.5, remaining=40, reset=1)
    (limit,) = caller.budget.rate_limits
    assert (limit.limit, limit.used) == (50, 3)
