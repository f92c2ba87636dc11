"""The rate budget: calls are held when a window is spent, and only then."""

import asyncio

import pytest

from lago_async import LagoClient, RetryPolicy
from lago_async.rate_budget import RateBudget
from lago_async.sandbox import RawAnswer, Sandbox


def send(budget: RateBudget, now: float, operation: str = "find_customer") -> float:
    """Ask, and send if there is nothing to wait for."""
    delay = budget.delay(operation, now)
    if delay == 0.0:
        budget.begin(operation)
    return delay


def headers(limit: float, remaining: float, reset: float) -> dict[str, str]:
    return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(remaining), "x-ratelimit-reset": str(reset)}


def test_a_server_without_headers_has_no_limit() -> None:
    budget = RateBudget()
    for now in range(100):
        assert send(budget, now) == 0.0
        budget.end("find_customer")
        budget.learn("find_customer", {}, now)


def test_one_call_at_a_time_is_not_held_while_anything_remains() -> None:
    budget = RateBudget()
    for remaining in range(49, -1, -1):
        assert send(budget, 0.0) == 0.0
        budget.end("find_customer")
        budget.learn("find_customer", headers(50, remaining, 1), 0.0)
    assert send(budget, 0.25) == 0.75


def test_calls_under_way_are_counted_before_the_server_counts_them() -> None:
    budget = RateBudget()
    budget.learn("find_customer", headers(50, 3, 10), 0.0)
    assert [send(budget, 1.0) for _ in range(4)] == [0.0, 0.0, 0.0, 9.0]


def test_a_new_window_lets_as_many_through_as_its_limit() -> None:
    budget = RateBudget()
    budget.learn("find_customer", headers(2, 0, 1), 0.0)
    assert send(budget, 0.5) == 0.5
    assert send(budget, 1.0) == 0.0
    budget.end("find_customer")
    budget.learn("find_customer", headers(2, 0, 1), 1.1)
    assert send(budget, 1.2) == pytest.approx(0.9)


def test_calls_beyond_a_new_windows_limit_wait_for_the_answers_that_will_tell() -> None:
    budget = RateBudget()
    budget.learn("find_customer", headers(2, 0, 1), 0.0)
    assert [send(budget, 1.0) for _ in range(3)] == [0.0, 0.0, 0.02]
    budget.end("find_customer")
    budget.learn("find_customer", headers(2, 1, 0.9), 1.1)
    assert send(budget, 1.2) == pytest.approx(0.8)  # the other one that is under way takes the last place
    budget.end("find_customer")
    budget.learn("find_customer", headers(2, 0, 0.8), 1.2)
    assert send(budget, 2.0) == 0.0


def test_an_answer_that_comes_late_does_not_open_a_second_window() -> None:
    budget = RateBudget()
    budget.learn("find_customer", headers(3, 0, 1), 0.0)
    assert [send(budget, 1.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    budget.end("find_customer")
    budget.learn("find_customer", headers(3, 0, 0.001), 1.001)  # of the window before, which is just over
    assert send(budget, 1.01) == 0.0  # one has come back, so one may go
    assert send(budget, 1.01) == 0.02


def test_calls_whose_limit_was_unknown_when_they_were_sent_count_all_the_same() -> None:
    budget = RateBudget()
    assert [send(budget, 0.0) for _ in range(20)] == [0.0] * 20
    budget.end("find_customer")
    budget.learn("find_customer", headers(50, 49, 1), 0.0)
    assert [send(budget, 0.0) for _ in range(31)] == [0.0] * 30 + [1.0]


def test_operations_of_another_limit_are_not_held() -> None:
    budget = RateBudget()
    budget.learn("find_customer", headers(50, 0, 5), 0.0)
    budget.learn("create_event", headers(500, 499, 5), 0.0)
    assert send(budget, 0.0) == 5.0
    assert send(budget, 0.0, "create_event") == 0.0


def test_operations_of_one_limit_share_its_window() -> None:
    budget = RateBudget()
    budget.learn("find_customer", headers(50, 10, 5), 0.0)
    budget.learn("find_all_customers", headers(50, 0, 5), 0.0)
    assert send(budget, 0.0) == 5.0


@pytest.mark.parametrize(
    "odd",
    [
        {"x-ratelimit-limit": "50"},
        {"x-ratelimit-limit": "many", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "", "x-ratelimit-reset": "5"},
        {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "inf"},
    ],
)
def test_headers_that_make_no_sense_hold_nothing(odd: dict[str, str]) -> None:
    budget = RateBudget()
    budget.learn("find_customer", odd, 0.0)
    assert send(budget, 0.0) == 0.0


async def test_a_client_waits_out_a_spent_window_and_is_never_refused(sandbox: Sandbox) -> None:
    spent = RawAnswer(status=200, body=b'{"customer":{}}', headers=headers(50, 0, 0.2))
    sandbox.inject(spent, operation="find_customer")
    async with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        await client.customers.create({"external_id": "cus_1"})
        await client.customers.find("cus_1")
        loop = asyncio.get_running_loop()
        before = loop.time()
        await client.customers.find("cus_1")
        assert loop.time() - before >= 0.15


async def test_a_window_that_outlasts_the_patience_of_a_call_does_not_hold_it(sandbox: Sandbox) -> None:
    sandbox.inject(
        RawAnswer(status=200, body=b'{"customer":{}}', headers=headers(50, 0, 3600)), operation="find_customer"
    )
    async with LagoClient(
        api_key=sandbox.api_key, base_url=sandbox.url, max_retries=RetryPolicy(max_delay=1)
    ) as client:
        await client.customers.create({"external_id": "cus_1"})
        await client.customers.find("cus_1")
        assert (await client.customers.find("cus_1")).external_id == "cus_1"
