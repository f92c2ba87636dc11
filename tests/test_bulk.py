"""Bulk work on both faces: it is bounded and streamed, a failure does not end other calls, and it cleans up."""

import asyncio
import contextvars
import gc
import json
import re
import traceback
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from types import CoroutineType
from typing import Any, cast

import pytest

import lago_async._bulk.reader
import lago_async.bulk
import lago_sync._bulk
import lago_sync.bulk
from lago_async import LagoArgumentError, LagoClosedError, LagoPageError, NotFoundError, Page, ServerError
from lago_async._bulk.queries import CurrentUsageQuery, PastUsageQuery
from lago_async._client_state import ClientState
from lago_async.bulk import SubscriptionIds
from lago_async.sandbox import Latency, RawResponse, Sandbox, ServerFailure
from lago_sync._runtime import Lease
from tests.conftest import Face, NewFace
from tests.scripted_server import ScriptedServer

FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
MONTHS = [datetime(2025 + number // 12, 1 + number % 12, 1, tzinfo=UTC) for number in range(15)]
NEWEST_FIRST = MONTHS[::-1]
ALL = [SubscriptionIds(f"cus_{number}", f"sub_{number}") for number in range(4)]


def our_tasks() -> set[asyncio.Task[Any]]:
    """Return the tasks of the running loop, without those of the sandbox's server."""
    coroutines = {task: cast("CoroutineType[Any, Any, Any]", task.get_coro()) for task in asyncio.all_tasks()}
    return {task for task, coroutine in coroutines.items() if "aiohttp/web" not in coroutine.cr_code.co_filename}


class Bulk:
    """The bulk module of one face; the blocking face's outcomes are walked in a thread."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.module: Any = lago_async.bulk if face.name == "async" else lago_sync.bulk

    def prepare(self, path: str, /, *args: object, **kwargs: object) -> Any:
        return self.module.prepare(self.face.operation(path), *args, **kwargs)

    def finds(self, count: int) -> list[Any]:
        return [self.prepare("customers.find", f"cus_{number}") for number in range(count)]

    def run(self, calls: Any, **options: Any) -> Any:
        return self.module.run(calls, **options)

    def past_usage(self, *args: Any, **options: Any) -> Any:
        return self.module.past_usage(self.face.client, *args, **options)

    def current_usage(self, *args: Any, **options: Any) -> Any:
        return self.module.current_usage(self.face.client, *args, **options)

    async def all(self, outcomes: Any) -> list[Any]:
        if self.face.name == "async":
            return [outcome async for outcome in outcomes]
        return await asyncio.to_thread(list, outcomes)

    async def next(self, outcomes: Any) -> Any:
        if self.face.name == "async":
            return await anext(outcomes)
        return await asyncio.to_thread(next, outcomes)

    async def close(self, outcomes: Any) -> None:
        await self.face.run(outcomes.aclose if self.face.name == "async" else outcomes.close)

    async def until_end(self, outcomes: Any) -> tuple[list[Any], Exception]:
        """Return all outcomes, and the error at the end, if any."""
        found: list[Any] = []
        while True:
            try:
                found.append(await self.next(outcomes))
            except Exception as error:  # noqa: BLE001 - the test checks it
                return found, error

    async def tasks(self) -> int:
        """Return the number of tasks on the client's loop."""
        if self.face.name == "async":
            return len(our_tasks())
        client: Any = self.face.client

        async def count() -> int:
            return len(our_tasks())

        return await asyncio.to_thread(client._owner.lease.run, count)

    async def quiet(self, tasks: int) -> None:
        """Wait some turns of the loop until there are no more than ``tasks`` tasks."""
        for _ in range(100):
            if await self.tasks() <= tasks:
                return
            await asyncio.sleep(0.001)
        raise AssertionError(our_tasks())

    @property
    def connections_in_use(self) -> int:
        client: Any = self.face.client
        shared = client._state if self.face.name == "async" else client._async._state
        return len(shared.transport._connections.session.connector._acquired)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Create four customers, each with a subscription and fifteen billed months."""
    async with Sandbox(now=FIRST_DAY) as running:
        metrics: dict[str, Any] = {}
        for code in ("calls", "seats"):
            metrics[code] = running.perform(
                "create_billable_metric", {"name": code, "code": code, "aggregation_type": "count_agg"}
            )
        running.perform(
            "create_plan",
            {
                "name": "Growth", "code": "growth", "interval": "monthly", "amount_cents": 100,
                "amount_currency": "EUR", "pay_in_advance": False,
                "charges": [
                    {
                        "billable_metric_id": metric["lago_id"], "charge_model": "standard",
                        "properties": {"amount": "1"},
                    }
                    for metric in metrics.values()
                ],
            },
        )  # fmt: skip
        for customer, subscription in ALL:
            running.perform("create_customer", {"external_id": customer, "currency": "EUR"})
            running.perform(
                "create_subscription",
                {"external_customer_id": customer, "external_id": subscription, "plan_code": "growth"},
            )
            for code in metrics:
                running.perform(
                    "create_event",
                    {
                        "transaction_id": f"{subscription}-{code}", "external_subscription_id": subscription,
                        "code": code, "timestamp": FIRST_DAY.timestamp() + 60, "properties": {},
                    },
                )  # fmt: skip
        running.advance(to=datetime(2026, 4, 1, 1, tzinfo=UTC))
        yield running


@pytest.fixture
def bulk(face: Face) -> Bulk:
    return Bulk(face)


def under_way(sandbox: Sandbox) -> int:
    return sum(request.status is None for request in list(sandbox.requests))


def queries(sandbox: Sandbox, operation: str = "find_all_customer_past_usage") -> list[dict[str, str]]:
    return [dict(request.query) for request in sandbox.requests if request.operation == operation]


def starts(outcomes: list[Any]) -> dict[SubscriptionIds, list[datetime]]:
    """Return the starts of the periods of each subscription, in the order of their arrival."""
    found: dict[SubscriptionIds, list[datetime]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.input, []).extend(period.from_datetime for period in outcome.value.periods)
    return found


# --- run --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 3, 32])
async def test_outcomes_come_in_the_order_of_the_calls_if_asked_for(
    bulk: Bulk, sandbox: Sandbox, concurrency: int
) -> None:
    sandbox.inject(Latency(0.05), operation="find_customer")
    calls = bulk.finds(4) * 3
    calls = [bulk.prepare("customers.find", *call.args) for call in calls]
    outcomes = await bulk.all(bulk.run(calls, ordered=True, concurrency=concurrency))
    assert [outcome.input for outcome in outcomes] == calls
    assert [outcome.value.external_id for outcome in outcomes] == [call.args[0] for call in calls]


async def test_outcomes_come_as_they_are_ready(bulk: Bulk, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(0.3), operation="find_customer")
    calls = bulk.finds(4)
    outcomes = await bulk.all(bulk.run(calls))
    assert {outcome.input for outcome in outcomes} == set(calls)
    assert outcomes[-1].input is calls[0] or bulk.face.name == "sync"  # its calls may reach the server in any order


async def test_one_call_that_fails_is_the_outcome_of_its_input_and_does_not_end_the_run(bulk: Bulk) -> None:
    calls = [bulk.prepare("customers.find", name) for name in ("cus_1", "nobody", "cus_2")]
    one, nobody, two = await bulk.all(bulk.run(calls, ordered=True))
    assert (one.ok, nobody.ok, two.ok) == (True, False, True)
    assert one.value.external_id == "cus_1"
    assert one.error is None
    assert nobody.input is calls[1]
    assert isinstance(nobody.error, NotFoundError)
    with pytest.raises(NotFoundError, match="nobody"):
        _ = nobody.value
    assert "nobody" in repr(nobody)
    assert "cus_1" in repr(one)


async def test_a_list_gives_its_first_page(bulk: Bulk) -> None:
    (outcome,) = await bulk.all(bulk.run([bulk.prepare("customers.find_all", per_page=3)]))
    assert isinstance(outcome.value, Page)
    assert len(outcome.value) == 3


async def test_preparing_refuses_wrong_arguments_at_once(bulk: Bulk, sandbox: Sandbox) -> None:
    with pytest.raises(LagoArgumentError, match="external_customer_id"):
        bulk.prepare("customers.find", "")
    with pytest.raises(TypeError):
        bulk.prepare("customers.find", "cus_1", "cus_2")
    for operation in (len, bulk.face.client.close):
        with pytest.raises(LagoArgumentError, match="operation of a client"):
            bulk.module.prepare(operation)
    with pytest.raises(LagoArgumentError, match="operation of a client"):
        bulk.module.prepare(lago_async.resources.customers.Customers.find, "cus_1")
    assert not sandbox.requests


async def test_a_prepared_call_shows_its_arguments_and_not_the_key(bulk: Bulk, sandbox: Sandbox) -> None:
    call = bulk.prepare("customers.find_all", page=2, search_term="acme")
    assert repr(call) == "<Prepared find_all_customers(page=2, search_term='acme')>"
    assert sandbox.api_key not in repr(call)
    assert call != bulk.prepare("customers.find_all", page=2, search_term="acme")


@pytest.mark.parametrize("ordered", [False, True])
async def test_no_calls_have_no_outcomes(bulk: Bulk, ordered: bool) -> None:
    assert await bulk.all(bulk.run([], ordered=ordered)) == []
    assert await bulk.all(bulk.past_usage([], ordered=ordered)) == []


async def test_what_is_no_prepared_call_ends_the_run(bulk: Bulk) -> None:
    found, error = await bulk.until_end(bulk.run([bulk.prepare("customers.find", "cus_1"), "cus_2"]))
    assert [outcome.value.external_id for outcome in found] == ["cus_1"]
    assert isinstance(error, TypeError)
    assert "prepare" in str(error)
    other = lago_sync.bulk if bulk.face.name == "async" else lago_async.bulk
    request = bulk.prepare("customers.find", "cus_1").request
    found, error = await bulk.until_end(bulk.run([other.Prepared(request, (), {}, bulk.face.client)]))
    assert isinstance(error, TypeError)


async def test_what_is_nothing_to_iterate_over_is_refused_at_once(bulk: Bulk) -> None:
    with pytest.raises(TypeError):
        bulk.run(5)


async def test_a_concurrency_of_nothing_is_refused(bulk: Bulk) -> None:
    for make in (bulk.run, bulk.past_usage, bulk.current_usage):
        with pytest.raises(ValueError, match="concurrency must be a whole number, 1 or more, not 0"):
            make([], concurrency=0)


async def test_making_outcomes_sends_nothing_and_knows_how_many_inputs_there_are(bulk: Bulk, sandbox: Sandbox) -> None:
    assert bulk.run(bulk.finds(3)).total == 3
    assert bulk.run(iter(bulk.finds(3))).total is None
    assert bulk.past_usage(ALL).total == 4
    assert bulk.past_usage().total is None
    assert not sandbox.requests


async def test_a_run_happens_once(bulk: Bulk) -> None:
    outcomes = bulk.run(bulk.finds(2))
    assert len(await bulk.all(outcomes)) == 2
    with pytest.raises(RuntimeError, match="outcomes were already taken"):
        await bulk.all(outcomes)
    closed = bulk.run(bulk.finds(2))
    await bulk.next(closed)
    await bulk.close(closed)
    await bulk.close(closed)
    with pytest.raises(RuntimeError, match="outcomes were already taken"):
        await bulk.all(closed)
    with pytest.raises(LagoClosedError, match="before its end"):
        await bulk.next(closed)


async def test_a_run_that_ends_before_it_is_walked_tells_its_end_to_who_walks_it(bulk: Bulk, sandbox: Sandbox) -> None:
    """Only on the async face does a run continue by itself; the end is the same on both."""
    sandbox.inject(ServerFailure(status=500), operation="find_all_subscriptions", times=None)
    for outcomes, end in ((bulk.past_usage(), ServerError), (bulk.run([]), None)):
        if bulk.face.name == "async":
            await outcomes.__aenter__()
            await asyncio.wait(our_tasks() - {asyncio.current_task()})
        if end is None:
            assert await bulk.all(outcomes) == []
        else:
            with pytest.raises(end):
                await bulk.all(outcomes)
        with pytest.raises(RuntimeError, match="outcomes were already taken"):
            await bulk.all(outcomes)


async def test_a_walk_that_was_left_may_be_taken_up_again(bulk: Bulk) -> None:
    outcomes = bulk.run(bulk.finds(4))
    first = [await bulk.next(outcomes), await bulk.next(outcomes)]
    assert len({outcome.input for outcome in first + await bulk.all(outcomes)}) == 4


async def test_the_calls_are_background_work_with_the_options_of_their_client(
    bulk: Bulk, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    send = ClientState.send

    async def spy(self: Any, request: Any, options: Any) -> Any:
        sent.append(options)
        return await send(self, request, options)

    monkeypatch.setattr(ClientState, "send", spy)
    viewed = Bulk(bulk.face.with_options(headers={"X-Team": "billing"}))
    await bulk.all(bulk.run([*bulk.finds(2), viewed.prepare("customers.find", "cus_3")], ordered=True))
    assert len({options.flow for options in sent[:2]}) == 1
    assert all(options.flow is not None for options in sent)
    assert [request.headers.get("X-Team") for request in sandbox.requests].count("billing") == 1
    sent.clear()
    await bulk.all(bulk.past_usage())
    assert len({options.flow for options in sent}) == 1
    assert all(options.flow is not None for options in sent)


# --- bounds -----------------------------------------------------------------------------------------------------------


async def test_endless_inputs_are_taken_only_as_fast_as_outcomes_are(bulk: Bulk, sandbox: Sandbox) -> None:
    taken = delivered = 0

    def endless() -> Iterator[Any]:
        nonlocal taken
        while True:
            taken += 1
            assert taken - delivered <= 5
            yield bulk.prepare("customers.find", "cus_1")

    before = await bulk.tasks()
    outcomes = bulk.run(endless(), concurrency=5)
    for _ in range(40):
        assert (await bulk.next(outcomes)).ok
        delivered += 1
        assert under_way(sandbox) <= 5
    await bulk.close(outcomes)
    assert taken <= 45
    assert await bulk.tasks() == before
    assert bulk.connections_in_use == 0


@pytest.mark.parametrize("ordered", [False, True])
async def test_no_more_calls_are_under_way_than_asked_for(
    bulk: Bulk, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, ordered: bool
) -> None:
    sandbox.inject(Latency(0.01), times=None)
    sending = most = 0
    send = ClientState.send

    async def counted(self: Any, request: Any, options: Any) -> Any:
        nonlocal sending, most
        sending += 1
        most = max(most, sending)
        try:
            return await send(self, request, options)
        finally:
            sending -= 1

    monkeypatch.setattr(ClientState, "send", counted)
    calls = iter(bulk.finds(4) + bulk.finds(4) + bulk.finds(4) + bulk.finds(4))
    assert len(await bulk.all(bulk.run(calls, concurrency=6, ordered=ordered))) == 16
    assert most == 6
    most = 0
    await bulk.all(bulk.past_usage(iter(ALL * 2), per_page=4, concurrency=3, ordered=ordered))
    assert most == 3


async def test_a_slow_reader_is_not_outrun(bulk: Bulk, sandbox: Sandbox) -> None:
    outcomes = bulk.past_usage(ALL * 10, per_page=1, concurrency=4)
    await bulk.next(outcomes)
    for delivered in range(1, 6):
        await asyncio.sleep(0.03)
        assert len(sandbox.requests) <= 4 + delivered
        await bulk.next(outcomes)
    await bulk.close(outcomes)


async def test_what_the_inputs_raise_comes_after_what_was_under_way(bulk: Bulk, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(0.02), times=None)

    def broken() -> Iterator[Any]:
        yield from bulk.finds(3)
        raise KeyError("the file of ids ends here")

    before = await bulk.tasks()
    for ordered in (False, True):
        found, error = await bulk.until_end(bulk.run(broken(), ordered=ordered))
        assert sorted(outcome.value.external_id for outcome in found) == ["cus_0", "cus_1", "cus_2"]
        assert type(error) is KeyError
    await bulk.quiet(before)


async def test_what_the_inputs_raise_comes_as_it_was_raised(bulk: Bulk) -> None:
    def broken() -> Iterator[Any]:
        yield bulk.prepare("customers.find", "cus_1")
        try:
            int("x")
        except ValueError as error:
            raise KeyError("line 2") from error

    async def later() -> AsyncIterator[Any]:
        for call in broken():
            yield call

    for calls in [broken(), later()] if bulk.face.name == "async" else [broken()]:
        found, error = await bulk.until_end(bulk.run(calls))
        assert len(found) == 1
        assert isinstance(error.__cause__, ValueError)
        assert "broken" in {frame.name for frame in traceback.extract_tb(error.__traceback__)}


@pytest.mark.parametrize("ordered", [False, True])
async def test_closing_the_client_ends_the_run(bulk: Bulk, sandbox: Sandbox, ordered: bool) -> None:
    sandbox.inject(Latency(30), times=None)
    outcomes = bulk.run(iter(bulk.finds(4) * 100), concurrency=4, ordered=ordered)
    ending = asyncio.create_task(bulk.until_end(outcomes))
    while under_way(sandbox) < 4:
        await asyncio.sleep(0.001)
    await bulk.face.run(bulk.face.client.close)
    found, error = await ending
    assert not found
    assert isinstance(error, LagoClosedError)


async def test_a_client_that_is_closed_already_ends_the_run(new_face: NewFace, settings: dict[str, Any]) -> None:
    bulk = Bulk(await new_face(**settings))
    calls = bulk.finds(3)
    await bulk.face.run(bulk.face.client.close)
    for outcomes in (bulk.run(calls), bulk.past_usage(), bulk.current_usage(ALL)):
        found, error = await bulk.until_end(outcomes)
        assert not found
        assert isinstance(error, LagoClosedError)


async def test_outcomes_that_are_dropped_leave_nothing_behind(bulk: Bulk, sandbox: Sandbox) -> None:
    await bulk.face("customers.find", "cus_1")
    sandbox.inject(Latency(30), operation="find_customer", times=None)
    before = await bulk.tasks()
    if bulk.face.name == "async":
        async for outcome in bulk.run(_with_a_quick_one(bulk)):
            assert outcome.ok
            break
    else:

        def leave() -> None:
            for outcome in bulk.run(_with_a_quick_one(bulk)):
                assert outcome.ok
                break

        await asyncio.to_thread(leave)
    await bulk.quiet(before)
    assert bulk.connections_in_use == 0


def _with_a_quick_one(bulk: Bulk) -> Iterator[Any]:
    yield bulk.prepare("customers.find_all")
    while True:
        yield bulk.prepare("customers.find", "cus_1")


# --- past usage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_page", [None, 1, 4, 15, 200])
@pytest.mark.parametrize("ordered", [False, True])
async def test_every_period_of_every_subscription_comes_once(
    bulk: Bulk, sandbox: Sandbox, per_page: int | None, ordered: bool
) -> None:
    outcomes = await bulk.all(bulk.past_usage(ALL, per_page=per_page, ordered=ordered, concurrency=3))
    assert starts(outcomes) == dict.fromkeys(ALL, NEWEST_FIRST)
    assert all(isinstance(outcome.input, SubscriptionIds) for outcome in outcomes)
    assert all(query.keys() == {"external_subscription_id", "page", "per_page"} for query in queries(sandbox))
    for ids in ALL:
        assert [outcome.value.last for outcome in outcomes if outcome.input == ids][-1]
    assert sum(outcome.value.last for outcome in outcomes) == 4
    if ordered:
        assert [outcome.input for outcome in outcomes if outcome.value.last] == ALL
    if per_page is not None:
        assert len(outcomes) == 4 * -(-15 // per_page)


async def test_all_subscriptions_of_the_organisation_are_walked_unless_given(bulk: Bulk, sandbox: Sandbox) -> None:
    sandbox.perform("destroy_subscription", None, "sub_2")
    outcomes = bulk.past_usage(ordered=True)
    found = starts(await bulk.all(outcomes))
    assert found.keys() == set(ALL)
    assert all(periods[-15:] == NEWEST_FIRST for periods in found.values())
    assert outcomes.total == 4
    running = bulk.current_usage()
    current = await bulk.all(running)
    assert {outcome.input for outcome in current} == {ids for ids in ALL if ids != ALL[2]}
    assert all(outcome.value.from_datetime == datetime(2026, 4, 1, tzinfo=UTC) for outcome in current)
    assert running.total == 3


async def test_a_pair_that_is_listed_twice_is_walked_once(bulk: Bulk, sandbox: Sandbox) -> None:
    sandbox.inject(_listed(ALL[:2] * 50, page=1, of=2), operation="find_all_subscriptions")
    sandbox.inject(
        _listed([ALL[1], ALL[3], ALL[0], ALL[2]], page=2, of=2, first=99), operation="find_all_subscriptions"
    )
    outcomes = bulk.past_usage(ordered=True)
    assert starts(await bulk.all(outcomes)) == dict.fromkeys(ALL, NEWEST_FIRST)
    assert outcomes.total == 8
    assert [query["page"] for query in queries(sandbox, "find_all_subscriptions")] == ["1", "2"]


async def test_subscriptions_may_be_left_out_whether_given_or_listed(bulk: Bulk, sandbox: Sandbox) -> None:
    left_out = {ALL[0], ALL[2]}
    wanted = dict.fromkeys([ids for ids in ALL if ids not in left_out], NEWEST_FIRST)
    assert starts(await bulk.all(bulk.past_usage(skip=left_out.__contains__))) == wanted
    assert starts(await bulk.all(bulk.past_usage(ALL, skip=left_out.__contains__, ordered=True))) == wanted
    assert await bulk.all(bulk.current_usage(ALL, skip=lambda _: True)) == []
    asked = {query["external_subscription_id"] for query in queries(sandbox, "find_all_customer_past_usage")}
    assert asked == {subscription for _, subscription in wanted}


async def test_a_listed_subscription_without_ids_is_an_outcome_with_an_error(bulk: Bulk, sandbox: Sandbox) -> None:
    sandbox.inject(_listed([(None, "sub_1"), ALL[0], (None, "sub_1"), ("cus_1", None)], page=1, of=1, total=4))
    outcomes = await bulk.all(bulk.past_usage(ordered=True))
    assert [outcome.input for outcome in outcomes if not outcome.ok] == [
        (None, "sub_1"), (None, "sub_1"), ("cus_1", None),
    ]  # fmt: skip
    assert all(isinstance(outcome.error, LagoArgumentError) for outcome in outcomes if not outcome.ok)
    assert starts([outcome for outcome in outcomes if outcome.ok]) == {ALL[0]: NEWEST_FIRST}


async def test_a_list_of_subscriptions_that_fails_ends_the_run_after_what_was_listed(
    bulk: Bulk, sandbox: Sandbox
) -> None:
    sandbox.inject(_listed(ALL[:2], page=1, of=2), operation="find_all_subscriptions")
    sandbox.inject(RawResponse(status=404, body=b"{}"), operation="find_all_subscriptions")
    found, error = await bulk.until_end(bulk.past_usage(per_page=100))
    assert {outcome.input for outcome in found if outcome.ok} == set(ALL[:2])
    assert isinstance(error, NotFoundError)


async def test_current_usage_of_all_misses_no_subscription_that_is_active_from_beginning_to_end(
    face_name: str, new_face: NewFace
) -> None:
    stay = [f"s{number:03}" for number in range(250)]
    active = [item for pair in zip((f"g{number:03}" for number in range(250)), stay, strict=True) for item in pair]

    def reply(path: str, query: dict[str, str]) -> object:
        if path != "/subscriptions":
            return {"customer_usage": {"amount_cents": 1}}
        page, size = int(query.get("page", "1")), int(query["per_page"])
        shown, total = active[(page - 1) * size : page * size], len(active)
        meta = {"current_page": page, "next_page": page + 1 if page * size < total else None, "total_count": total}
        for ended in [item for item in active if item.startswith("g")][: 1 + 30 * page % 70]:
            active.remove(ended)
        active.insert(0, f"n{len(active)}")
        active.append(f"o{len(active)}")
        return {"subscriptions": [{"external_customer_id": "c", "external_id": item} for item in shown], "meta": meta}

    async with ScriptedServer(reply) as server:
        bulk = Bulk(await new_face(api_key="k", base_url=server.url))
        outcomes = await bulk.all(bulk.current_usage())
    came = [outcome.input.external_subscription_id for outcome in outcomes if outcome.ok]
    assert sorted(item for item in came if item.startswith("s")) == stay
    assert len(set(came)) == len(outcomes)


async def test_a_list_of_subscriptions_whose_first_page_comes_for_ever_ends_the_run(
    face_name: str, new_face: NewFace
) -> None:
    meta = {"current_page": 1, "next_page": 2, "total_pages": 4, "total_count": 400}
    listed = [{"external_customer_id": "c", "external_id": f"s{number}"} for number in range(100)]

    def reply(path: str, _: dict[str, str]) -> object:
        if path == "/subscriptions":
            return {"subscriptions": listed, "meta": meta}
        return {"customer_usage": {"amount_cents": 1}}

    async with ScriptedServer(reply) as server:
        bulk = Bulk(await new_face(api_key="k", base_url=server.url))
        found, error = await bulk.until_end(bulk.current_usage())
    assert isinstance(error, LagoPageError)
    assert len(found) == 100
    assert [path for path, _ in server.asked].count("/subscriptions") == 2


@pytest.mark.parametrize("per_page", [None, 3, 100])
async def test_past_usage_whose_first_page_comes_for_ever_is_a_failure_and_never_the_last_page(
    face_name: str, new_face: NewFace, per_page: int | None
) -> None:
    def reply(_: str, query: dict[str, str]) -> object:
        size = int(query["per_page"])
        periods = [{"lago_invoice_id": str(number), "from_datetime": "2025-01-01T00:00:00Z"} for number in range(size)]
        return {"usage_periods": periods, "meta": {"current_page": 1, "next_page": 2, "total_pages": 9}}

    async with ScriptedServer(reply) as server:
        bulk = Bulk(await new_face(api_key="k", base_url=server.url))
        *pages, last = await bulk.all(bulk.past_usage([ALL[0]], per_page=per_page))
    assert not any(page.value.last for page in pages)
    assert isinstance(last.error, LagoPageError)
    # Without a fixed size, the second page is a larger first one.
    assert len(server.asked) == (2 if per_page else 3)


def _listed(items: list[Any], *, page: int, of: int, first: int = 0, total: int = 8) -> RawResponse:
    following = page + 1 if page < of else None
    meta = {"current_page": page, "next_page": following, "total_pages": of, "total_count": total}
    subscriptions = [
        {"lago_id": f"id {index}", "external_customer_id": customer, "external_id": subscription}
        for index, (customer, subscription) in enumerate(items, first)
    ]
    return RawResponse(status=200, body=json.dumps({"subscriptions": subscriptions, "meta": meta}).encode())


@pytest.mark.parametrize("per_page", [None, 1, 4, 100])
@pytest.mark.parametrize("count", [None, 1, 2, 5, 100])
@pytest.mark.parametrize(("begin", "end"), [(None, None), (3, None), (None, 11), (3, 11), (14, 15)])
async def test_only_periods_in_the_range_come_and_only_the_newest_of_them(
    bulk: Bulk, sandbox: Sandbox, per_page: int | None, count: int | None, begin: int | None, end: int | None
) -> None:
    bounds = [*MONTHS, datetime(2026, 4, 1, tzinfo=UTC)]
    outcomes = await bulk.all(
        bulk.past_usage(
            [ALL[0]],
            from_datetime=None if begin is None else bounds[begin],
            to_datetime=None if end is None else bounds[end],
            periods_count=count,
            per_page=per_page,
        )
    )
    assert starts(outcomes) == {ALL[0]: MONTHS[begin:end][::-1][:count]}
    assert [outcome.value.last for outcome in outcomes] == [False] * (len(outcomes) - 1) + [True]


async def test_nothing_is_fetched_beyond_the_range(bulk: Bulk, sandbox: Sandbox) -> None:
    await bulk.all(bulk.past_usage([ALL[0]], from_datetime=MONTHS[11], per_page=2))
    assert [query["page"] for query in queries(sandbox)] == ["1", "2", "3"]  # the third has a period before it
    sandbox.requests.clear()
    await bulk.all(bulk.past_usage([ALL[0]], periods_count=5, per_page=2))
    assert [(query["page"], query["per_page"]) for query in queries(sandbox)] == [("1", "2"), ("2", "2"), ("5", "1")]


async def test_a_metric_selects_charges(bulk: Bulk) -> None:
    outcomes = await bulk.all(bulk.past_usage([ALL[0]], billable_metric_code="seats"))
    charges = [charge for outcome in outcomes for period in outcome.value.periods for charge in period.charges_usage]
    assert {charge.billable_metric.code for charge in charges} == {"seats"}
    (outcome,) = await bulk.all(bulk.past_usage([ALL[0]], billable_metric_code="unknown"))
    assert isinstance(outcome.error, NotFoundError)
    (outcome,) = await bulk.all(bulk.current_usage([ALL[0]], billable_metric_code="seats", apply_taxes=False))
    assert [charge.billable_metric.code for charge in outcome.value.charges_usage] == ["seats"]


async def test_a_subscription_that_is_unknown_has_one_empty_page(bulk: Bulk) -> None:
    (outcome,) = await bulk.all(bulk.past_usage([("cus_1", "no_such")]))
    assert outcome.value.periods == []
    assert outcome.value.last
    (outcome,) = await bulk.all(bulk.current_usage([("cus_1", "no_such")]))
    assert not outcome.ok


async def test_ids_that_cannot_be_sent_are_the_outcome_of_their_input(bulk: Bulk) -> None:
    pairs: list[Any] = [("", "sub_1"), ALL[0], ("cus_1", ""), (None, "sub_1"), (1, 2)]
    outcomes = await bulk.all(bulk.past_usage(pairs, per_page=100, ordered=True))
    assert [outcome.input for outcome in outcomes] == pairs
    assert [outcome.ok for outcome in outcomes] == [False, True, False, False, False]
    assert all(isinstance(outcome.error, LagoArgumentError) for outcome in outcomes if not outcome.ok)


@pytest.mark.parametrize("pair", ["ab", ("cus_1",), ("cus_1", "sub_1", "x")])
async def test_what_is_no_pair_ends_the_run(bulk: Bulk, pair: Any) -> None:
    found, error = await bulk.until_end(bulk.past_usage([ALL[0], pair], per_page=100))
    assert [outcome.input for outcome in found] == [ALL[0]]
    assert isinstance(error, TypeError)
    assert re.search(r"expected a pair", str(error))


async def test_arguments_that_cannot_be_are_refused_where_they_are_written(bulk: Bulk, sandbox: Sandbox) -> None:
    naive: list[dict[str, Any]] = [{"from_datetime": datetime(2025, 1, 1)}, {"to_datetime": "2025-01-01"}]  # noqa: DTZ001
    for options in naive:
        with pytest.raises(LagoArgumentError, match=rf"past_usage: {next(iter(options))} must be an aware datetime"):
            bulk.past_usage(**options)
    with pytest.raises(LagoArgumentError, match="from_datetime must be before to_datetime"):
        bulk.past_usage(from_datetime=MONTHS[2], to_datetime=MONTHS[2])
    for wrong in ({"per_page": 0}, {"periods_count": 0}, {"billable_metric_code": 5}):
        with pytest.raises(LagoArgumentError, match=next(iter(wrong))):
            bulk.past_usage(**wrong)
    with pytest.raises(LagoArgumentError, match="apply_taxes"):
        bulk.current_usage(apply_taxes="no")
    assert not sandbox.requests


async def test_a_subscription_whose_page_fails_has_no_further_pages(bulk: Bulk, sandbox: Sandbox) -> None:
    outcomes = bulk.past_usage(ALL[:2], per_page=5, concurrency=1, ordered=True)
    first = await bulk.next(outcomes)
    # The client's retries, and that is the end of it.
    sandbox.inject(ServerFailure(status=503), operation="find_all_customer_past_usage", times=4)
    failed, *others = await bulk.all(outcomes)
    assert (first.input, failed.input) == (ALL[0], ALL[0])
    assert isinstance(failed.error, ServerError)
    assert not first.value.last
    assert starts(others) == {ALL[1]: NEWEST_FIRST}


async def test_usage_may_be_asked_for_by_a_query(bulk: Bulk) -> None:
    """Like an export, which keeps the query that it was called with."""
    usage_of: Any = (lago_async._bulk.reader if bulk.face.name == "async" else lago_sync._bulk).usage_of
    past = PastUsageQuery(from_datetime=MONTHS[3], to_datetime=MONTHS[11], per_page=3)
    options: dict[str, Any] = {"skip": {ALL[2]}.__contains__, "concurrency": 2, "ordered": True}
    outcomes = await bulk.all(usage_of(bulk.face.client, None, past, **options))
    assert starts(outcomes) == dict.fromkeys([ALL[0], ALL[1], ALL[3]], MONTHS[3:11][::-1])
    outcomes = await bulk.all(usage_of(bulk.face.client, ALL, CurrentUsageQuery(), **options))
    assert [outcome.input for outcome in outcomes] == [ALL[0], ALL[1], ALL[3]]
    assert all(outcome.value.from_datetime == datetime(2026, 4, 1, tzinfo=UTC) for outcome in outcomes)


@pytest.mark.parametrize("per_page", [None, 2])
async def test_each_bound_alone_selects_its_own_side(bulk: Bulk, per_page: int | None) -> None:
    for options, wanted in (({"from_datetime": MONTHS[11]}, MONTHS[11:]), ({"to_datetime": MONTHS[2]}, MONTHS[:2])):
        found = starts(await bulk.all(bulk.past_usage([ALL[0]], per_page=per_page, **options)))
        assert {start for periods in found.values() for start in periods} == set(wanted)


# --- the asynchronous face --------------------------------------------------------------------------------------------


@pytest.fixture
async def client(sandbox: Sandbox, settings: dict[str, Any]) -> AsyncIterator[lago_async.LagoClient]:
    async with lago_async.LagoClient(**settings) as client:
        yield client


async def test_inputs_may_come_asynchronously_and_serve_one_worker_at_a_time(client: lago_async.LagoClient) -> None:
    closed: list[bool] = []

    async def pairs() -> AsyncIterator[tuple[str, str]]:
        try:
            for ids in ALL * 3:
                await asyncio.sleep(0.001)
                yield ids
        finally:
            await asyncio.sleep(0)
            closed.append(True)

    outcomes = [outcome async for outcome in lago_async.bulk.current_usage(client, pairs(), ordered=True)]
    assert [outcome.input for outcome in outcomes] == ALL * 3
    assert closed == [True]
    async with lago_async.bulk.current_usage(client, pairs(), concurrency=2) as early:
        await anext(early)
    assert closed == [True, True]


async def test_the_outcomes_of_one_run_may_be_the_inputs_of_another(client: lago_async.LagoClient) -> None:
    async def billed() -> AsyncIterator[SubscriptionIds]:
        async for outcome in lago_async.bulk.past_usage(client, periods_count=1):
            yield outcome.input

    assert {outcome.input async for outcome in lago_async.bulk.current_usage(client, billed())} == set(ALL)


async def test_a_cancelled_reader_leaves_nothing_behind(client: lago_async.LagoClient, sandbox: Sandbox) -> None:
    await client.customers.find("cus_1")
    sandbox.inject(Latency(30), operation="find_customer", times=None)
    bulk = Bulk(Face("async", client))
    before = our_tasks()

    async def plain() -> None:
        async for _ in lago_async.bulk.run(_with_a_quick_one(bulk), concurrency=4):
            pass

    async def strict() -> None:
        async with lago_async.bulk.run(_with_a_quick_one(bulk), concurrency=4) as outcomes:
            async for _ in outcomes:
                pass

    for function in (plain, strict):
        reader = asyncio.create_task(function())
        while bulk.connections_in_use < 4:
            await asyncio.sleep(0.001)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        if function is plain:
            await bulk.quiet(len(before))
        assert our_tasks() == before
        assert bulk.connections_in_use == 0


async def test_an_error_in_the_body_leaves_nothing_behind(client: lago_async.LagoClient, sandbox: Sandbox) -> None:
    await client.customers.find("cus_1")
    sandbox.inject(Latency(30), operation="find_customer", times=None)
    bulk = Bulk(Face("async", client))
    before = our_tasks()
    with pytest.raises(ZeroDivisionError):
        async with lago_async.bulk.run(_with_a_quick_one(bulk)) as outcomes:
            async for _ in outcomes:
                raise ZeroDivisionError
    assert our_tasks() == before
    assert bulk.connections_in_use == 0


async def test_giving_up_waiting_loses_no_outcome(client: lago_async.LagoClient, sandbox: Sandbox) -> None:
    bulk = Bulk(Face("async", client))
    calls = bulk.finds(4) + bulk.finds(4) + bulk.finds(4)
    sandbox.inject(Latency(0.005), times=None)
    outcomes = lago_async.bulk.run(calls, concurrency=3)
    found: list[Any] = []
    while True:
        try:
            async with asyncio.timeout(0.001):
                found.append(await anext(outcomes))
        except TimeoutError:
            continue
        except StopAsyncIteration:
            break
    assert {outcome.input for outcome in found} == set(calls)
    assert len(found) == 12


async def test_closing_from_another_task_ends_the_wait(client: lago_async.LagoClient, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(30), operation="find_customer", times=None)
    outcomes = lago_async.bulk.run([lago_async.bulk.prepare(client.customers.find, "cus_1")])
    reader = asyncio.create_task(anext(outcomes))
    while not sandbox.requests:
        await asyncio.sleep(0.001)
    await outcomes.aclose()
    with pytest.raises(LagoClosedError, match="before its end"):
        await reader


async def test_inputs_that_are_cancelled_by_themselves_do_not_look_like_the_end(client: lago_async.LagoClient) -> None:
    async def pairs() -> AsyncIterator[tuple[str, str]]:
        yield ALL[0]
        raise asyncio.CancelledError

    found, error = await Bulk(Face("async", client)).until_end(lago_async.bulk.current_usage(client, pairs()))
    assert len(found) <= 1
    assert isinstance(error, LagoClosedError)


async def test_the_run_sees_the_context_of_its_maker(client: lago_async.LagoClient) -> None:
    tenant = contextvars.ContextVar("tenant", default="nobody")
    seen: list[str] = []

    def pairs() -> Iterator[tuple[str, str]]:
        seen.append(tenant.get())
        yield ALL[0]

    tenant.set("acme")
    outcomes = lago_async.bulk.current_usage(client, pairs())
    tenant.set("other")
    assert len([outcome async for outcome in outcomes]) == 1
    assert seen == ["acme"]


async def test_outcomes_that_were_never_walked_say_nothing(client: lago_async.LagoClient) -> None:
    outcomes = lago_async.bulk.past_usage(client)
    await outcomes.aclose()
    del outcomes
    lago_async.bulk.past_usage(client)
    gc.collect()


# --- the blocking face ------------------------------------------------------------------------------------------------


async def test_answers_cross_the_bridge_in_batches(
    sandbox: Sandbox, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    crossings = 0
    run = Lease.run

    def counted(self: Lease, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        nonlocal crossings
        crossings += 1
        return run(self, function, *args, **kwargs)

    monkeypatch.setattr(Lease, "run", counted)

    def walk() -> int:
        with lago_sync.LagoClient(**settings) as client:
            calls = (lago_sync.bulk.prepare(client.customers.find, "cus_1") for _ in range(320))
            return sum(outcome.ok for outcome in lago_sync.bulk.run(calls))

    assert await asyncio.to_thread(walk) == 320
    assert crossings < 160


async def test_threads_may_each_walk_a_run_of_their_own(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    with lago_sync.LagoClient(**settings) as client:

        def walk(_: int) -> dict[SubscriptionIds, list[datetime]]:
            with lago_sync.bulk.past_usage(client, concurrency=4) as outcomes:
                return starts(list(outcomes))

        for found in await asyncio.gather(*(asyncio.to_thread(walk, number) for number in range(6))):
            assert found == dict.fromkeys(ALL, NEWEST_FIRST)


async def test_inputs_may_make_blocking_calls(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    def walk() -> list[str]:
        with lago_sync.LagoClient(**settings) as client:
            calls = (
                lago_sync.bulk.prepare(client.customers.find, customer.external_id)
                for customer in client.customers.find_all(per_page=1)
            )
            return [outcome.value.external_id for outcome in lago_sync.bulk.run(calls, ordered=True)]

    assert sorted(await asyncio.to_thread(walk)) == ["cus_0", "cus_1", "cus_2", "cus_3"]


async def test_slow_inputs_hold_nothing_up(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    sent: list[int] = []

    def walk() -> None:
        with lago_sync.LagoClient(**settings) as client:

            def slowly() -> Iterator[Any]:
                for _ in range(4):
                    yield lago_sync.bulk.prepare(client.customers.find, "cus_1")
                    stopped.wait(0.05)
                    sent.append(len(sandbox.requests))

            assert len(list(lago_sync.bulk.run(slowly()))) == 4

    import threading

    stopped = threading.Event()
    await asyncio.to_thread(walk)
    assert sent[2] >= 1


async def test_an_interruption_ends_the_run(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    class StopNowError(BaseException):
        pass

    def interrupted() -> Iterator[Any]:
        yield ALL[0]
        raise StopNowError

    bulk = Bulk(Face("sync", lago_sync.LagoClient(**settings)))
    await bulk.face("customers.find", "cus_1")
    before = await bulk.tasks()

    def walk() -> None:
        outcomes = lago_sync.bulk.past_usage(bulk.face.client, interrupted(), per_page=1)  # type: ignore[arg-type]
        with pytest.raises(StopNowError):
            list(outcomes)
        with pytest.raises(LagoClosedError, match="before its end"):
            next(outcomes)

    await asyncio.to_thread(walk)
    await bulk.quiet(before)
    await bulk.face.run(bulk.face.client.close)


async def test_the_iterable_of_inputs_cannot_walk_its_own_outcomes(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    def walk() -> None:
        with lago_sync.LagoClient(**settings) as client:

            def inputs() -> Iterator[tuple[str, str]]:
                yield ALL[0]
                next(outcomes)

            outcomes = lago_sync.bulk.current_usage(client, inputs())
            with pytest.raises(RuntimeError, match="already walks these outcomes"):
                list(outcomes)

    await asyncio.to_thread(walk)


async def test_closing_from_another_thread_ends_the_wait(sandbox: Sandbox, settings: dict[str, Any]) -> None:
    sandbox.inject(Latency(30), operation="find_customer", times=None)
    with lago_sync.LagoClient(**settings) as client:
        outcomes = lago_sync.bulk.run([lago_sync.bulk.prepare(client.customers.find, "cus_1")])
        reader = asyncio.create_task(asyncio.to_thread(next, outcomes))
        while not sandbox.requests:
            await asyncio.sleep(0.001)
        await asyncio.to_thread(outcomes.close)
        with pytest.raises(LagoClosedError, match="before its end"):
            await reader


@pytest.mark.parametrize("ordered", [False, True])
async def test_a_run_over_a_client_that_is_closed_leaves_nothing_behind(
    sandbox: Sandbox, settings: dict[str, Any], ordered: bool
) -> None:
    """The loop thread stays, because another client uses it."""
    bulk = Bulk(Face("sync", lago_sync.LagoClient(**settings)))
    await bulk.face("customers.find", "cus_1")
    before = await bulk.tasks()

    def walk() -> None:
        client = lago_sync.LagoClient(**settings)
        outcomes = lago_sync.bulk.current_usage(client, ALL * 10, concurrency=4, ordered=ordered)
        next(outcomes)
        client.close()
        with pytest.raises(LagoClosedError):
            list(outcomes)

    await asyncio.to_thread(walk)
    await bulk.quiet(before)
    await bulk.face.run(bulk.face.client.close)


async def test_a_page_of_the_list_is_fetched_while_the_subscriptions_of_the_one_before_are_worked_on(
    sandbox: Sandbox, settings: dict[str, Any]
) -> None:
    sandbox.inject(_listed(ALL[:2] * 50, page=1, of=2), operation="find_all_subscriptions")
    sandbox.inject(_listed(ALL[1:], page=2, of=2, first=99), operation="find_all_subscriptions")

    def listed() -> int:
        return sum(request.operation == "find_all_subscriptions" for request in sandbox.requests)

    def walk() -> None:
        with lago_sync.LagoClient(**settings) as client:
            outcomes = lago_sync.bulk.past_usage(client, concurrency=1, per_page=1)
            first = next(outcomes)
            assert first.input == ALL[0]
            for _ in range(3):
                next(outcomes)
            assert listed() == 2
            assert [outcome.input for outcome in outcomes if outcome.value.last] == ALL

    await asyncio.to_thread(walk)
