"""Pagers on both faces: they send requests on demand, follow `next_page`, and lose no error."""

import asyncio
import gc
import json
from typing import Any

import pytest

from lago_async import ENDPOINTS, LagoArgumentError, Page, PageMeta, ServerError
from lago_async._concurrency import side_by_side
from lago_async._table.page_requests import PageRequests
from lago_async.sandbox import RawResponse, Sandbox, ServerFailure
from tests.conftest import Face

FIND_ALL = ENDPOINTS["find_all_customers"]
PAST_USAGE = ENDPOINTS["find_all_customer_past_usage"]


@pytest.fixture
async def seven(face: Face, sandbox: Sandbox) -> list[str]:
    """Return the ids of seven customers, in the order of the list."""
    ids = [f"cus_{number}" for number in range(7)]
    for external_id in ids:
        await face("customers.create", {"external_id": external_id})
    listed = [customer.external_id for customer in await face.items("customers.find_all")]
    sandbox.requests.clear()
    return listed


def lists(sandbox: Sandbox) -> list[dict[str, str]]:
    return [dict(request.query) for request in sandbox.requests if request.operation == "find_all_customers"]


async def test_making_a_pager_sends_nothing(face: Face, sandbox: Sandbox) -> None:
    pager = face.operation("customers.find_all")(per_page=3)
    assert "find_all_customers" in repr(pager)
    assert not sandbox.requests


async def test_making_a_pager_refuses_wrong_arguments_at_once(face: Face) -> None:
    with pytest.raises(LagoArgumentError, match="per_page"):
        face.operation("customers.find_all")(per_page=0)
    with pytest.raises(LagoArgumentError, match="external_customer_id"):
        face.operation("customers.find_all_past_usage")("", external_subscription_id="sub_1")


@pytest.mark.parametrize("concurrency", [1, 2, 10])
@pytest.mark.parametrize("per_page", [1, 3, 7, 100])
@pytest.mark.parametrize("limit", [None, 0, 1, 3, 4, 7, 100])
async def test_collecting_gives_the_items_in_order_up_to_the_limit(
    face: Face, seven: list[str], concurrency: int, per_page: int, limit: int | None
) -> None:
    pager = face.operation("customers.find_all")(per_page=per_page)
    customers = await face.run(pager.collect, limit=limit, concurrency=concurrency)
    assert [customer.external_id for customer in customers] == seven[:limit]


async def test_collecting_to_a_limit_fetches_no_page_too_many(face: Face, seven: list[str], sandbox: Sandbox) -> None:
    pager = face.operation("customers.find_all")(per_page=2)
    await face.run(pager.collect, limit=4, concurrency=5)
    assert len(lists(sandbox)) == 2


async def test_walking_begins_at_the_page_that_was_asked_for(face: Face, seven: list[str], sandbox: Sandbox) -> None:
    customers = await face.items("customers.find_all", per_page=3, page=2)
    assert [customer.external_id for customer in customers] == seven[3:]
    assert [query["page"] for query in lists(sandbox)] == ["2", "3"]


async def test_a_pager_may_be_used_again(face: Face, seven: list[str]) -> None:
    pager = face.operation("customers.find_all")(per_page=4)
    for _ in range(2):
        assert [customer.external_id for customer in await face.run(pager.collect)] == seven


@pytest.mark.parametrize(("limit", "concurrency"), [(-1, 1), (None, 0)])
async def test_collecting_refuses_numbers_that_mean_nothing(face: Face, limit: Any, concurrency: int) -> None:
    with pytest.raises(ValueError, match="limit|concurrency"):
        await face.run(face.operation("customers.find_all")().collect, limit=limit, concurrency=concurrency)


async def test_one_failing_page_fails_the_collection_with_its_own_error(
    face: Face, seven: list[str], sandbox: Sandbox
) -> None:
    assert await face.run(face.operation("customers.find_all")(per_page=1).page) if face.name == "sync" else True
    sandbox.inject(RawResponse(status=200, body=_page(1, 2, total_pages=5)), operation="find_all_customers")
    sandbox.inject(ServerFailure(status=500), operation="find_all_customers", times=None)
    with pytest.raises(ServerError, match="find_all_customers"):
        await face.run(face.operation("customers.find_all")().collect, concurrency=3)


async def test_the_server_saying_more_pages_than_there_are_adds_nothing(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=200, body=_page(1, 2, total_pages=9)), operation="find_all_customers")
    customers = await face.run(face.operation("customers.find_all")().collect, concurrency=4)
    assert [customer.external_id for customer in customers] == ["p1"]


async def test_a_server_that_tells_of_endless_pages_gets_few_requests(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=200, body=_page(1, 2, total_pages=10**15)), operation="find_all_customers")
    customers = await face.run(face.operation("customers.find_all")().collect, concurrency=2)
    assert [customer.external_id for customer in customers] == ["p1"]
    assert len(sandbox.requests) < 50


async def test_the_server_saying_fewer_pages_than_there_are_loses_nothing(
    face: Face, seven: list[str], sandbox: Sandbox
) -> None:
    # Totals of invoices and fees are up to half an hour old; `next_page` is not.
    sandbox.inject(RawResponse(status=200, body=_page(1, 2, total_pages=2)), operation="find_all_customers")
    customers = await face.run(face.operation("customers.find_all")(per_page=2).collect, concurrency=4)
    assert [customer.external_id for customer in customers] == ["p1", *seven[2:]]


@pytest.mark.parametrize("next_page", [1, 0, -3])
async def test_a_server_that_leads_in_circles_is_not_followed(face: Face, sandbox: Sandbox, next_page: int) -> None:
    sandbox.inject(
        RawResponse(status=200, body=_page(1, next_page, total_pages=3)), times=3
    )  # a walk that follows ends too
    assert len(await face.items("customers.find_all")) == 1


async def test_an_abandoned_walk_leaves_nothing_behind(face: Face, seven: list[str], sandbox: Sandbox) -> None:
    pager = face.operation("customers.find_all")(per_page=2)
    if face.name == "async":
        async for customer in pager:
            assert customer.external_id == seven[0]
            break
    else:
        walk = iter(pager)
        assert (await asyncio.to_thread(next, walk)).external_id == seven[0]
        del walk
    assert len(lists(sandbox)) == 1


@pytest.mark.parametrize("walk", ["pages", "items"])
async def test_a_page_is_let_go_before_the_next_is_waited_for(face: Face, seven: list[str], walk: str) -> None:
    def alive() -> int:
        return sum(type(thing) is Page for thing in gc.get_objects())

    pager = face.operation("customers.find_all")(per_page=2)
    send, before, held = face.client.send, alive(), list[int]()

    class Watching:
        def send(self, request: Any) -> Any:
            held.append(alive() - before)
            return send(request)

    pager._client = Watching()
    things = pager if walk == "items" else pager.pages()
    if face.name == "async":
        async for thing in things:
            del thing
    else:

        def walk_all() -> None:
            for thing in things:
                del thing

        await asyncio.to_thread(walk_all)
    assert held == [0, 0, 0, 0]


def test_with_periods_count_the_first_page_is_the_last() -> None:
    page = Page([1, 2], PageMeta(current_page=1, next_page=2, total_pages=6, total_count=12))
    assert PageRequests(PAST_USAGE, ("c",), {"external_subscription_id": "s", "periods_count": 2}).after(page) is None
    assert PageRequests(PAST_USAGE, ("c",), {"external_subscription_id": "s", "per_page": 2}).after(page) == 2


def test_a_page_without_meta_or_items_is_the_last() -> None:
    requests = PageRequests[int](FIND_ALL, (), {})
    assert requests.after(Page([1], None)) is None
    assert requests.after(Page([], PageMeta(current_page=1, next_page=2))) is None


def test_the_pages_foreseen_are_those_that_the_limit_needs() -> None:
    requests = PageRequests[int](FIND_ALL, (), {})
    page = Page(list(range(10)), PageMeta(current_page=1, next_page=2, total_pages=8))
    assert list(requests.foreseen(page, None, 2)) == [2, 3, 4, 5, 6, 7, 8]
    assert list(requests.foreseen(page, 1, 2)) == [2]
    assert list(requests.foreseen(page, 20, 2)) == [2, 3]
    assert list(requests.foreseen(page, 0, 2)) == []


async def test_side_by_side_keeps_to_its_bound_and_its_order() -> None:
    under_way = most = 0

    async def double(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001 * (number % 3))
        under_way -= 1
        return 2 * number

    assert await side_by_side(double, range(20), 4) == [2 * number for number in range(20)]
    assert most == 4
    assert await side_by_side(double, [], 4) == []


async def test_side_by_side_cancels_the_rest_when_one_fails() -> None:
    cancelled: list[int] = []

    async def fail_at_three(number: int) -> int:
        if number == 3:
            raise ValueError(number)
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(number)
            raise
        return number

    with pytest.raises(ValueError, match="3"):
        await side_by_side(fail_at_three, [1, 2, 3, 4], 3)
    assert sorted(cancelled) == [1, 2]


def _page(number: int, next_page: int, *, total_pages: int) -> bytes:
    meta = {"current_page": number, "next_page": next_page, "total_pages": total_pages, "total_count": total_pages}
    return json.dumps({"customers": [{"external_id": f"p{number}"}], "meta": meta}).encode()
