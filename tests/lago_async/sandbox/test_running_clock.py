"""A clock that runs: periods close when their time comes, by the next request or by the timer."""

import asyncio
import gc
import logging
import math
import threading
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._money import clock as billing_clock
from lago_async.sandbox._server import running_clock

from .conftest import START, Caller
from .world import build

DAY = 86_400.0


class Source:
    """Real time, as a test sets it."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def source() -> Source:
    return Source()


def invoices_of(sandbox: Sandbox) -> list[Any]:
    found: Any = sandbox.perform("find_all_invoices")
    return [(item["issuing_date"], item["total_amount_cents"]) for item in found]


async def test_time_passes_between_requests(source: Source, session: aiohttp.ClientSession, subscribed: Any) -> None:
    async with Sandbox(now=START, clock_speed=1, time_source=source) as sandbox:
        subscribed(sandbox, amount_cents=100)
        call = Caller(sandbox, session)
        source.seconds += 30 * DAY
        assert (await call.get("/invoices"))["invoices"] == []
        source.seconds += DAY
        (invoice,) = (await call.get("/invoices"))["invoices"]
        assert (invoice["issuing_date"], invoice["total_amount_cents"]) == ("2026-02-01", 100)
        assert sandbox.now == START + timedelta(days=31)


async def test_it_runs_as_fast_as_it_is_told(source: Source) -> None:
    async with Sandbox(now=START, clock_speed=60, time_source=source) as sandbox:
        source.seconds += 2
        assert sandbox.now == START + timedelta(minutes=2)
        sandbox.set_clock_speed(0)
        source.seconds += 1000
        assert sandbox.now == START + timedelta(minutes=2)
        sandbox.set_clock_speed(0.5)
        source.seconds += 60
        assert sandbox.now == START + timedelta(minutes=2, seconds=30)
        assert sandbox.clock_speed == 0.5


async def test_it_goes_on_from_where_it_was_advanced_to(source: Source) -> None:
    async with Sandbox(now=START, clock_speed=1, time_source=source) as sandbox:
        source.seconds += 5
        sandbox.advance(days=10)
        assert sandbox.now == START + timedelta(days=10, seconds=5)
        source.seconds += 5
        assert sandbox.now == START + timedelta(days=10, seconds=10)
        with pytest.raises(ValueError, match="only moves forward"):
            sandbox.advance(to=START)


async def test_it_stands_still_before_and_after_it_serves(source: Source) -> None:
    sandbox = Sandbox(now=START, clock_speed=1, time_source=source)
    source.seconds += 5
    assert sandbox.now == START
    async with sandbox:
        source.seconds += 5
    source.seconds += 5
    assert sandbox.now == START + timedelta(seconds=5)


async def test_a_time_source_that_goes_back_does_not_turn_time_back(source: Source) -> None:
    async with Sandbox(now=START, clock_speed=1, time_source=source) as sandbox:
        source.seconds += 5
        assert sandbox.now == START + timedelta(seconds=5)
        source.seconds -= 4
        assert sandbox.now == START + timedelta(seconds=5)


async def test_running_in_small_steps_bills_what_one_jump_bills(
    source: Source, metric: Any, charge: Any, subscribed: Any
) -> None:
    def prepared(**options: Any) -> Sandbox:
        sandbox = Sandbox(now=START, **options)
        calls = metric(sandbox, "calls")
        subscribed(sandbox, charge(calls), amount_cents=100)
        event = {"transaction_id": "1", "external_subscription_id": "sub", "code": "calls"}
        sandbox.perform("create_event", {**event, "timestamp": START.timestamp() + 9, "properties": {"value": 7}})
        return sandbox

    async with prepared(clock_speed=1, time_source=source) as running:
        for _ in range(100):
            source.seconds += DAY
            assert running.now == START + timedelta(seconds=source.seconds - 1_000)
    jumped = prepared()
    jumped.advance(days=100)
    assert invoices_of(running) == invoices_of(jumped)
    assert len(invoices_of(jumped)) == 3


async def test_a_rich_world_is_billed_by_a_running_clock_as_by_jumps(source: Source) -> None:
    rich = Sandbox(now=START, premium=True, features={"order_forms"}, time_source=source)
    build(rich)
    began = source.seconds
    async with rich.fork() as running:
        running.set_clock_speed(3600)
        for step in (1, 59, 3, 700, 11, 2000, 5, 800):
            source.seconds += step
            assert running.now == rich.now + timedelta(hours=source.seconds - began)
        running.set_clock_speed(0)
    rich.advance(to=running.now)
    assert invoices_of(running) == invoices_of(rich)
    assert len(invoices_of(rich)) > 10


async def test_a_change_is_seen_by_the_clock_that_knew_nothing_to_do(
    source: Source, session: aiohttp.ClientSession, subscribed: Any
) -> None:
    async with Sandbox(now=START, clock_speed=1, time_source=source) as sandbox:
        call = Caller(sandbox, session)
        source.seconds += 1
        await call.get("/invoices")  # from here on the clock knows that nothing falls due
        subscribed(sandbox, amount_cents=100)
        source.seconds += 31 * DAY
        assert len((await call.get("/invoices"))["invoices"]) == 1


async def test_a_world_that_is_replaced_is_seen_by_the_clock(source: Source, subscribed: Any) -> None:
    prepared = Sandbox(now=START)
    subscribed(prepared, amount_cents=100)
    async with Sandbox(now=START, clock_speed=1, time_source=source) as sandbox:
        source.seconds += 1
        assert invoices_of(sandbox) == []
        sandbox.import_world(prepared.export_world())
        source.seconds += 31 * DAY
        assert len(invoices_of(sandbox)) == 1


async def test_the_timer_bills_what_no_request_asks_for(
    subscribed: Any, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time source jumps over the end of the month, and nothing but the timer reads it."""
    monkeypatch.setattr(running_clock, "_LONGEST_WAIT", 0.01)
    async with Sandbox(now=START, clock_speed=1e9, time_source=source) as sandbox:
        store = sandbox._store
        subscribed(sandbox, amount_cents=100)
        source.seconds += 0.01
        while not list(store.invoices):
            await asyncio.sleep(0.001)


async def test_speed_that_is_set_later_starts_the_timer(subscribed: Any, source: Source) -> None:
    async with Sandbox(now=START, time_source=source) as sandbox:
        subscribed(sandbox, amount_cents=100)
        store = sandbox._store
        await asyncio.to_thread(sandbox.set_clock_speed, 1e9)
        source.seconds += 0.01
        while not list(store.invoices):
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("speed", [-1, math.nan, math.inf, 1e10])
def test_a_speed_that_makes_no_sense_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="the speed of the clock"):
        Sandbox(clock_speed=speed)


async def test_the_end_of_time_is_an_error_with_a_remedy(source: Source) -> None:
    async with Sandbox(now=START, clock_speed=1e9, time_source=source) as sandbox:
        source.seconds += 1e6
        with pytest.raises(OverflowError, match="slow it down, or reset"):
            _ = sandbox.now
        sandbox.reset()
        assert sandbox.now == START


async def test_billing_that_fails_is_a_500_and_is_logged_and_the_sandbox_goes_on(
    source: Source,
    session: aiohttp.ClientSession,
    subscribed: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError

    async with Sandbox(now=START, clock_speed=1, time_source=source) as sandbox:
        subscribed(sandbox, amount_cents=100)
        call = Caller(sandbox, session)
        source.seconds += 31 * DAY
        with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL + 1):
            patch.setattr(billing_clock, "advance", fails)
            assert (await call.get("/invoices")).status == 500
            sandbox._clock._tick()
        assert len((await call.get("/invoices"))["invoices"]) == 1


def test_a_running_clock_leaves_no_thread_and_no_sandbox_behind(source: Source) -> None:
    before = set(threading.enumerate())
    with Sandbox(now=START, clock_speed=60, time_source=source) as sandbox:
        source.seconds += 1
        assert sandbox.now > START
    assert set(threading.enumerate()) == before
    left = weakref.ref(sandbox)
    del sandbox
    gc.collect()
    assert left() is None


def test_days_are_a_third_way_to_advance() -> None:
    sandbox = Sandbox(now=START)
    sandbox.advance(days=1.5)
    assert sandbox.now == datetime(2026, 1, 2, 12, tzinfo=UTC)
    with pytest.raises(TypeError, match="either to=, by= or days="):
        sandbox.advance(by=timedelta(1), days=1)
    with pytest.raises(ValueError, match="only moves forward"):
        sandbox.advance(days=-1)
