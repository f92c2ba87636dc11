"""The limiter of Lago Cloud's gateway."""

from typing import Any

import aiohttp
import pytest

from lago_async.sandbox import RateLimits, Sandbox
from tests.lago_async.sandbox.conftest import Answered

from .conftest import Caller


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def outcome(answer: Answered) -> tuple[int | str | None, ...]:
    names = ("limit", "remaining", "reset")
    return answer.status, *(answer.headers.get(f"x-ratelimit-{name}") for name in names)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limited(clock: Clock, **fields: Any) -> Sandbox:
    return Sandbox(rate_limits=RateLimits(**{"events": 3, "current_usage": 2, "others": 1, "clock": clock, **fields}))


async def test_without_limits_nothing_is_said_of_them(call: Caller) -> None:
    assert await outcome(await call.get("/taxes")) == (200, None, None, None)


async def test_each_group_has_its_own_limit(session: aiohttp.ClientSession, clock: Clock) -> None:
    async with limited(clock) as sandbox:
        call = Caller(sandbox, session)
        event = {"event": {"transaction_id": "t", "code": "c"}}
        assert await outcome(await call.post("/events", event)) == (200, "3", "2", "1")
        # Calls that are refused for another reason also count.
        assert await outcome(await call.post("/events", event)) == (422, "3", "1", "1")
        assert await outcome(await call.post("/events/batch", {"events": []})) == (422, "3", "0", "1")
        assert await outcome(await call.post("/events", event)) == (429, "3", "0", "1")
        assert await outcome(await call.get("/customers/c/current_usage")) == (404, "2", "1", "1")
        assert await outcome(await call.get("/taxes")) == (200, "1", "0", "1")
        assert await outcome(await call.get("/plans")) == (429, "1", "0", "1")


async def test_a_fixed_window_forgets_all_at_once(session: aiohttp.ClientSession, clock: Clock) -> None:
    async with limited(clock, others=2, window=10) as sandbox:
        call = Caller(sandbox, session)
        clock.now = 108
        assert await outcome(await call.get("/taxes")) == (200, "2", "1", "2")
        clock.now = 109.5
        assert await outcome(await call.get("/taxes")) == (200, "2", "0", "1")
        assert await outcome(await call.get("/taxes")) == (429, "2", "0", "1")
        clock.now = 110
        assert await outcome(await call.get("/taxes")) == (200, "2", "1", "10")


async def test_a_sliding_window_forgets_one_by_one(session: aiohttp.ClientSession, clock: Clock) -> None:
    async with limited(clock, others=2, window=10, kind="sliding") as sandbox:
        call = Caller(sandbox, session)
        assert await outcome(await call.get("/taxes")) == (200, "2", "1", "10")
        clock.now = 104
        assert await outcome(await call.get("/taxes")) == (200, "2", "0", "6")
        clock.now = 109
        assert await outcome(await call.get("/taxes")) == (429, "2", "0", "1")
        clock.now = 110.5
        assert await outcome(await call.get("/taxes")) == (200, "2", "0", "4")
        assert await outcome(await call.get("/taxes")) == (429, "2", "0", "4")


async def test_refused_requests_do_nothing_and_are_recorded(session: aiohttp.ClientSession, clock: Clock) -> None:
    async with limited(clock) as sandbox:
        call = Caller(sandbox, session)
        await call.customer("a")
        assert (await call.customer("b")).body == {"status": 429, "error": "Too Many Requests"}
        assert [item.status for item in sandbox.requests] == [200, 429]
        clock.now += 1
        assert [item["external_id"] for item in (await call.get("/customers"))["customers"]] == ["a"]


@pytest.mark.parametrize("fields", [{"events": 0}, {"others": -1}, {"window": 0}])
def test_limits_of_nothing_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RateLimits(**fields)
