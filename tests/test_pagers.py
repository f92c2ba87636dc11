"""Pagers on both faces: they send requests on demand, make progress by what they asked for, and lose no error."""

import asyncio
import gc
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lago_async
import lago_sync
from lago_async import ENDPOINTS, AsyncPager, LagoArgumentError, LagoPageError, Page, Request, Response, ServerError
from lago_async._concurrency import side_by_side
from lago_async._table.stable_pages import StablePages
from lago_async.sandbox import RawResponse, Sandbox, ServerFailure
from tests.conftest import Face
from tests.scripted_server import ScriptedServer


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
    assert len(sandbox.requests) <= 1 + 2


async def test_the_server_saying_fewer_pages_than_there_are_loses_nothing(
    face: Face, seven: list[str], sandbox: Sandbox
) -> None:
    # Totals of invoices and fees are up to half an hour old; `next_page` is not.
    sandbox.inject(RawResponse(status=200, body=_page(1, 2, total_pages=2)), operation="find_all_customers")
    customers = await face.run(face.operation("customers.find_all")(per_page=2).collect, concurrency=4)
    assert [customer.external_id for customer in customers] == ["p1", *seven[2:]]


@pytest.mark.parametrize("next_page", [1, 2, 5, 0, -3, 10**30])
@pytest.mark.parametrize("use", ["items", "pages", "collect", "collect concurrently", "stable"])
async def test_a_server_that_gives_the_first_page_for_ever_is_an_error_that_says_so(
    face: Face, sandbox: Sandbox, next_page: int, use: str
) -> None:
    body = _page(1, next_page, total_pages=30, items=StablePages.SMALLEST)
    sandbox.inject(RawResponse(status=200, body=body), operation="find_all_customers", times=None)
    pager = face.operation("customers.find_all")(per_page=StablePages.SMALLEST)
    with pytest.raises(LagoPageError, match="200 with page 1 instead of page 2: find_all_customers") as caught:
        await _use(face, pager, use)
    assert caught.value.body == body
    assert len(lists(sandbox)) <= 1 + 4


@pytest.mark.parametrize("next_page", [2, 5, 1, 0, -3, 10**30])
async def test_a_first_page_for_ever_is_found_without_its_number(face: Face, sandbox: Sandbox, next_page: int) -> None:
    body = json.dumps({"customers": [{"external_id": "c"}], "meta": {"next_page": next_page}}).encode()
    sandbox.inject(RawResponse(status=200, body=body), operation="find_all_customers", times=None)
    with pytest.raises(LagoPageError, match="instead of page"):
        await face.items("customers.find_all")
    assert len(lists(sandbox)) <= 2


@pytest.mark.parametrize("path", ["customers.find_all", "invoices.find_all"])
async def test_any_call_of_a_list_refuses_another_page(face: Face, sandbox: Sandbox, path: str) -> None:
    root = path.partition(".")[0]
    body = json.dumps({root: [{}], "meta": {"current_page": 7}}).encode()
    sandbox.inject(RawResponse(status=200, body=body), times=None)
    with pytest.raises(LagoPageError, match="page 7 instead of page 3"):
        await face.with_http_info(path, page=3)
    with pytest.raises(LagoPageError, match="page 7 instead of page 1"):
        await face.pages(path)


JUNK = (
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from([10**6, 20_000_000, 10**30, "x", "3", 1.5, [], {}])
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pages=st.integers(1, 6),
    concurrency=st.integers(1, 5),
    junk=st.lists(st.fixed_dictionaries({}, optional={"total_pages": JUNK, "total_count": JUNK, "prev_page": JUNK})),
    number=st.sampled_from(["current_page", "nothing"]),
)
def test_whatever_meta_says_a_collection_ends_gives_all_items_and_sends_few_requests(
    face_name: str, pages: int, concurrency: int, junk: list[dict[str, Any]], number: str
) -> None:
    async def collect() -> tuple[list[str], int]:
        async with ScriptedServer(reply) as server:
            client = (lago_async if face_name == "async" else lago_sync).LagoClient(api_key="k", base_url=server.url)
            face = Face(face_name, client)
            try:
                pager = face.operation("customers.find_all")()
                customers = await asyncio.wait_for(face.run(pager.collect, concurrency=concurrency), 60)
            finally:
                await face.run(client.close)
            return [customer.external_id for customer in customers], len(server.asked)

    lies = iter(junk)

    def reply(_: str, query: dict[str, str]) -> object:
        page = int(query.get("page", "1"))
        meta = {"next_page": page + 1 if page < pages else None, number: page, **next(lies, {})}
        return {"customers": [{"external_id": f"c{page}"}] if page <= pages else [], "meta": meta}

    if number == "nothing":  # then the neighbours tell which page it is
        for lie in junk:
            lie.pop("prev_page", None)
    came, sent = asyncio.run(collect())
    assert came == [f"c{page}" for page in range(1, pages + 1)]
    assert sent <= pages + concurrency


async def test_twenty_million_announced_pages_take_neither_time_nor_memory(face: Face, sandbox: Sandbox) -> None:
    await face.run(face.operation("taxes.find_all")().collect)  # loads what the first call loads
    sandbox.inject(RawResponse(status=200, body=_page(1, 2, total_pages=20_000_000)), operation="find_all_customers")
    tracemalloc.start()
    try:
        await face.run(face.operation("customers.find_all")().collect, concurrency=8)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert len(lists(sandbox)) <= 1 + 8


async def test_an_interrupted_collection_leaves_no_call_in_flight() -> None:
    waiting: set[int] = set()
    never = asyncio.Event()

    class Server:
        async def send(self, request: Request) -> Response:
            number = len(waiting) + 1
            if request.target != "/customers":
                waiting.add(number)
                try:
                    await never.wait()
                finally:
                    waiting.discard(number)
            return Response(request, 200, {}, _page(1, 2, total_pages=9), "", 1, uncertain=False)

    pager = AsyncPager[Any](Server(), ENDPOINTS["find_all_customers"], (), {})
    collecting = asyncio.ensure_future(pager.collect(concurrency=3))
    while len(waiting) < 3:
        await asyncio.sleep(0)
    collecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await collecting
    assert not waiting


async def test_a_stable_walk_misses_nothing_that_stays_in_a_list_that_shrinks(face: Face, sandbox: Sandbox) -> None:
    stay = [f"s{number:03}" for number in range(150)]
    there = [item for pair in zip([f"g{number:03}" for number in range(150)], stay, strict=True) for item in pair]

    def reply(_: str, query: dict[str, str]) -> object:
        page, size = int(query.get("page", "1")), int(query["per_page"])
        shown, total = there[(page - 1) * size : page * size], len(there)
        meta = {"current_page": page, "next_page": page + 1 if page * size < total else None, "total_count": total}
        for going in [item for item in there if item.startswith("g")][:3]:
            there.remove(going)
        return {"customers": [{"lago_id": item, "external_id": item} for item in shown], "meta": meta}

    async with ScriptedServer(reply) as server:
        kind = lago_async.LagoClient if face.name == "async" else lago_sync.LagoClient
        changing = Face(face.name, kind(api_key="k", base_url=server.url))
        pager = changing.operation("customers.find_all")(per_page=40)
        plain = [customer.external_id for customer in await _use(changing, pager, "items")]
        assert set(stay) - set(plain), "a plain walk misses some"
        there[:] = sorted({*stay, *(f"g{number:03}" for number in range(150))}, key=lambda item: (item[1:], item))
        came = [customer.external_id for customer in await _use(changing, pager, "stable")]
        await changing.run(changing.client.close)
    assert [item for item in came if item.startswith("s")] == stay
    assert len(set(came)) == len(came)


async def test_a_stable_walk_is_refused_when_it_is_made_if_it_cannot_be_done(face: Face, sandbox: Sandbox) -> None:
    with pytest.raises(LagoArgumentError, match="omit page"):
        face.operation("customers.find_all")(page=2).stable()
    with pytest.raises(LagoArgumentError, match="find_all_features: key is missing"):
        face.operation("features.find_all")().stable()
    assert not sandbox.requests


async def test_a_stable_walk_takes_the_key_that_it_is_given(face: Face, seven: list[str]) -> None:
    pager = face.operation("customers.find_all")()

    def walk() -> Any:
        return pager.stable(key=lambda customer: customer.external_id[:-1])

    walked = [one async for one in walk()] if face.name == "async" else await asyncio.to_thread(lambda: list(walk()))
    assert [customer.external_id for customer in walked] == seven[:1]


async def _use(face: Face, pager: Any, use: str) -> list[Any]:
    if use.startswith("collect"):
        collected: list[Any] = await face.run(pager.collect, concurrency=4 if "concurrently" in use else 1)
        return collected
    walk: Any = {"items": lambda: pager, "pages": pager.pages, "stable": pager.stable}[use]
    if face.name == "async":
        return [item async for item in walk()]
    return await asyncio.to_thread(lambda: list(walk()))


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


def _page(number: int, next_page: int, *, total_pages: int, items: int = 1) -> bytes:
    meta = {"current_page": number, "next_page": next_page, "total_pages": total_pages, "total_count": total_pages}
    customers = [{"external_id": f"p{number}", "lago_id": str(index)} for index in range(items)]
    return json.dumps({"customers": customers, "meta": meta}).encode()
