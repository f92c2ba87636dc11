"""Calls whose first response was lost: the repeat of a call that has succeeded is not reported as a refusal."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from lago_async import EventInput, ValidationError, bulk
from lago_sync import bulk as blocking_bulk
from tests.conftest import IMPATIENT, Face, NewFace

LOST = ["drop", 408, 502, 503, 504, 520, 524, 530]
THERE = {"transaction_id": ["value_already_exist"]}


class Gateway:
    """A server that stores events as Lago on Postgres does, behind a gateway that loses its next answers.

    Attributes:
        losing: How the answer to each of the next writes is lost; the write is carried out.
        events: The stored events, by their transaction_id.
        writes: How many writes have arrived.
        find: Answers a lookup instead of the server.
    """

    def __init__(self) -> None:
        self.losing: list[str | int] = []
        self.events: dict[str, dict[str, Any]] = {}
        self.writes = 0
        self.lookups = 0
        self.find: Callable[[], web.Response] | None = None

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/v1/events", self.create)
        app.router.add_post("/api/v1/events/batch", self.create_batch)
        app.router.add_get("/api/v1/events/{id}", self.show)
        return app

    def lose(self, request: web.Request, response: web.Response) -> web.Response:
        self.writes += 1
        if not self.losing:
            return response
        way = self.losing.pop(0)
        if isinstance(way, int):
            return web.Response(status=way, text="<html>")
        assert request.transport is not None
        request.transport.abort()
        return response

    async def create(self, request: web.Request) -> web.Response:
        event = (await request.json())["event"]
        refused = self.store([event])
        return self.lose(request, refused_with(THERE) if refused else web.json_response({"event": as_stored(event)}))

    async def create_batch(self, request: web.Request) -> web.Response:
        events = (await request.json())["events"]
        refused = self.store(events)
        response = refused_with(refused) if refused else web.json_response({"events": [*map(as_stored, events)]})
        return self.lose(request, response)

    def store(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        refused: dict[str, Any] = {}
        for index, event in enumerate(events):
            if event["code"] == "bad":
                refused[str(index)] = {"code": ["value_is_invalid"]}
            elif event["transaction_id"] in self.events:
                refused[str(index)] = THERE
        if not refused:
            self.events.update({event["transaction_id"]: as_stored(event) for event in events})
        return refused

    async def show(self, request: web.Request) -> web.Response:
        self.lookups += 1
        if self.find is not None:
            return self.find()
        event = self.events.get(request.match_info["id"])
        if event is None:
            return web.json_response({"status": 404, "error": "Not Found", "code": "event_not_found"}, status=404)
        return web.json_response({"event": event})


def as_stored(event: dict[str, Any]) -> dict[str, Any]:
    time = datetime.fromtimestamp(float(event["timestamp"]), UTC).isoformat(timespec="milliseconds")
    return {
        "lago_id": f"lago_{event['transaction_id']}", "lago_customer_id": None, "lago_subscription_id": None,
        "precise_total_amount_cents": None, "created_at": "2026-01-01T00:00:00Z", **event, "timestamp": time,
        "properties": {**(event.get("properties") or {}), "computed": 1},
    }  # fmt: skip


def refused_with(details: Any) -> web.Response:
    body = {
        "status": 422,
        "error": "Unprocessable Entity",
        "code": "validation_errors",
        "error_details": details,
    }
    return web.json_response(body, status=422)


def event(transaction_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "transaction_id": transaction_id, "external_subscription_id": "sub", "code": "calls", "timestamp": 1700000000.5,
        **fields,
    }  # fmt: skip


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def face(gateway: Gateway, new_face: NewFace) -> AsyncIterator[Face]:
    runner = web.AppRunner(gateway.app(), handler_cancellation=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield await new_face(api_key="key", base_url=f"http://127.0.0.1:{runner.addresses[0][1]}", max_retries=IMPATIENT)
    await runner.cleanup()


@pytest.mark.parametrize("way", LOST)
async def test_an_event_that_was_taken_is_returned_however_its_answer_was_lost(
    face: Face, gateway: Gateway, way: str | int
) -> None:
    gateway.losing = [way]
    created = await face("events.create", event("t", properties={"n": 1, "list": [1.5, "x", None]}))
    assert (created.lago_id, created.code, created.properties["n"]) == ("lago_t", "calls", 1)
    assert (gateway.writes, gateway.lookups) == (2, 1)


async def test_the_information_about_the_response_is_that_of_a_success(face: Face, gateway: Gateway) -> None:
    gateway.losing = ["drop"]
    info = await face.with_http_info("events.create", event("t"))
    assert info.status_code == 200
    assert json.loads(info.body)["event"] == gateway.events["t"]
    assert int(info.headers["Content-Length"]) > 200  # of the lookup
    assert info.request_id


@pytest.mark.parametrize(
    "timestamp", [1700000000, 1700000000.123, "1700000000.1239", datetime(2026, 1, 1, 0, 0, 0, 999_999, UTC)]
)
async def test_an_event_is_recognised_in_every_form_of_its_values(face: Face, gateway: Gateway, timestamp: Any) -> None:
    gateway.losing = [503]
    given = EventInput(
        transaction_id="t/1.2", external_subscription_id="sub", code="calls", timestamp=timestamp,
        properties={"a": {"b": [1, 2.5, True, "1e3", None]}, "big": 12345678901234567890},
    )  # fmt: skip
    assert (await face("events.create", given)).transaction_id == "t/1.2"
    assert (gateway.writes, gateway.lookups) == (2, 1)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"code": "other"}, "code"),
        ({"external_subscription_id": "sub_2"}, "external_subscription_id"),
        ({"timestamp": 1700000000.502}, "timestamp"),
        ({"properties": {"n": 2}}, "properties"),
        ({"properties": {"n": True}}, "properties"),
        ({"code": "other", "properties": {}}, "code, properties"),
    ],
)
async def test_another_event_with_the_same_id_is_not_taken_for_ours(
    face: Face, gateway: Gateway, change: dict[str, Any], names: str
) -> None:
    gateway.events["t"] = as_stored(event("t", properties={"n": 1}) | change)
    gateway.losing = [503]
    with pytest.raises(
        ValidationError, match=f"an earlier attempt was lost.* but it differs in {names} from"
    ) as caught:
        await face("events.create", event("t", properties={"n": 1}))
    assert caught.value.maybe_applied
    assert caught.value.error_details == THERE


async def test_without_a_lost_answer_a_refusal_is_a_refusal(face: Face, gateway: Gateway) -> None:
    await face("events.create", event("t"))
    with pytest.raises(ValidationError) as caught:
        await face("events.create", event("t"))
    assert not caught.value.maybe_applied
    assert "earlier attempt" not in str(caught.value)
    assert gateway.lookups == 0


@pytest.mark.parametrize(
    ("find", "says"),
    [
        (lambda: web.json_response({"code": "event_not_found"}, status=404), r"was not found \(404\)"),
        (lambda: web.Response(status=500), r"was not found \(500\)"),
        (lambda: web.Response(text="<html>"), "could not be read"),
        (lambda: web.json_response({"customer": {}}), "could not be read"),
        (lambda: web.Response(text='{"event":' + "[" * 100_000), "could not be read"),
        (lambda: web.json_response({"event": [1]}), "could not be read"),
        (lambda: web.json_response({"event": None}), "could not be read"),
        (lambda: web.json_response({"event": {}}), "differs in code, external_subscription_id, timestamp, transaction"),
    ],
)
async def test_what_cannot_be_looked_up_is_said_to_be_there_and_unknown(
    face: Face, gateway: Gateway, find: Callable[[], web.Response], says: str
) -> None:
    gateway.losing, gateway.find = [502], find
    with pytest.raises(ValidationError, match=rf"has an object with this transaction_id, .*{says}") as caught:
        await face("events.create", event("t"))
    assert caught.value.maybe_applied


async def test_a_lookup_that_is_cut_off_is_named(face: Face, gateway: Gateway) -> None:
    def drop() -> web.Response:
        raise asyncio.CancelledError  # ends the connection without an answer

    gateway.losing, gateway.find = [502], drop
    with pytest.raises(ValidationError, match=r"could not be looked up \(LagoConnectionError\)"):
        await face("events.create", event("t"))


@pytest.mark.parametrize("way", LOST)
async def test_a_batch_that_was_taken_is_returned_in_its_order(face: Face, gateway: Gateway, way: str | int) -> None:
    gateway.losing = [way]
    names = [f"t{number}" for number in range(25)]
    created = await face("events.create_batch", [event(name) for name in names])
    assert [each.transaction_id for each in created] == names
    assert gateway.writes == 2


async def test_a_batch_that_is_partly_there_has_stored_nothing_and_says_so(face: Face, gateway: Gateway) -> None:
    gateway.events["b"] = as_stored(event("b"))
    gateway.losing = ["drop"]
    with pytest.raises(ValidationError, match=r"stores all or nothing, and has events 1 but none of the others"):
        await face("events.create_batch", [event("a"), event("b"), event("c")])
    assert set(gateway.events) == {"b"}
    assert gateway.lookups == 0


async def test_a_batch_with_other_faults_names_them(face: Face, gateway: Gateway) -> None:
    gateway.events["b"] = as_stored(event("b"))
    gateway.losing = ["drop"]
    with pytest.raises(ValidationError, match=r"but not the rest: 0\.code value_is_invalid") as caught:
        await face("events.create_batch", [event("a", code="bad"), event("b")])
    assert caught.value.maybe_applied


async def test_a_batch_with_an_event_that_differs_names_it(face: Face, gateway: Gateway) -> None:
    gateway.events = {"a": as_stored(event("a")), "b": as_stored(event("b", code="other"))}
    gateway.losing = [504]
    with pytest.raises(ValidationError, match=r"of events 1: .* it differs in code from the one that was sent"):
        await face("events.create_batch", [event("a"), event("b")])


async def test_in_bulk_runs_too_an_event_that_was_taken_is_a_success(face: Face, gateway: Gateway) -> None:
    gateway.losing = ["drop", 502, 503]
    inputs = [event(f"t{number}") for number in range(5)]
    create = face.operation("events.create")
    outcomes: list[Any]
    if face.name == "async":
        outcomes = [each async for each in bulk.run([bulk.prepare(create, one) for one in inputs], concurrency=2)]
    else:
        calls = [blocking_bulk.prepare(create, one) for one in inputs]
        outcomes = await asyncio.to_thread(lambda: list(blocking_bulk.run(calls, concurrency=2)))
    assert [each.error for each in outcomes] == [None] * 5
    assert {each.value.transaction_id for each in outcomes} == set(gateway.events)
