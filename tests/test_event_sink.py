"""The event sink over real sockets, on both faces: batches, faults, refusals, room, flushing and closing."""

import asyncio
import json
import logging
import pickle
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lago_async
import lago_sync
from lago_async import (
    EventInput,
    EventSinkFullError,
    LagoArgumentError,
    LagoClosedError,
    LagoConfigError,
    RejectedEvent,
    RetryPolicy,
    UndeliveredEventsError,
)
from lago_async._ingest import acceptance
from lago_async._ingest import settings as settings_module
from lago_async._ingest.sink_base import TURN
from lago_async._ingest.spool import MAX_BYTES as SPOOL_MAX_BYTES
from lago_async.sandbox import Sandbox
from tests.conftest import Face, NewFace
from tests.failing_lago import DEADLY, POISON, FailingLago, failing_lago
from tests.wire import Wire

KEY = "key-that-must-stay-hidden"
AT_ONCE = RetryPolicy(base_delay=0.001, max_delay=0.002)
DOWN = "http://127.0.0.1:9"
SOON = 30.0  # seconds; only a hang takes as long

Sink = lago_async.EventSink | lago_sync.EventSink


def usage(number: int, code: str = "calls") -> dict[str, Any]:
    return {"code": code, "external_subscription_id": "sub_1", "properties": {"n": number}}


class SinkOf:
    """A sink of either face; ``await sink.add(event)`` calls both in the same way."""

    def __init__(self, face: Face, **options: Any) -> None:
        package = lago_async if isinstance(face.client, lago_async.LagoClient) else lago_sync
        self.face = face
        self.rejected: list[RejectedEvent] = []
        self.sink: Any = package.EventSink(face.client, **{"on_rejected": self.rejected.append, **options})

    async def add(self, event: Any) -> str:
        accepted: str = await self.face.run(self.sink.add, event)
        return accepted

    async def flush(self, timeout: float | None = SOON) -> None:
        await self.face.run(self.sink.flush, timeout)

    async def close(self) -> None:
        await self.face.run(self.sink.aclose if self.face.name == "async" else self.sink.close)

    @property
    def counters(self) -> lago_async.EventSinkCounters:
        counters: lago_async.EventSinkCounters = self.sink.counters
        return counters


async def at(new_face: NewFace, wire: Wire, **options: Any) -> SinkOf:
    face = await new_face(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE)
    return SinkOf(face, **{"linger": 0.01, "close_timeout": SOON, **options})


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


async def test_events_arrive_once_each_in_full_batches(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire, linger=SOON)
        ids = [await sink.add(usage(number)) for number in range(250)]
        await wait_for(lambda: sink.counters.delivered == 200)
        assert sink.counters.waiting == 50, "a part of a batch waits for more, until it is old enough"
        await sink.flush()
        await sink.close()
    assert [len(batch) for batch in lago.batches] == [100, 100, 50]
    assert Counter(transaction_id for _, transaction_id in lago.stored) == Counter(ids)
    assert set(lago.stored.values()) == {1}
    counters = sink.counters
    assert (counters.accepted, counters.delivered, counters.waiting, counters.waiting_bytes) == (250, 250, 0, 0)
    assert (counters.batches, counters.retries, counters.in_flight, counters.last_error) == (3, 0, 0, None)


async def test_events_that_are_old_enough_leave_without_a_full_batch(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire, linger=0.001)
        await sink.add(usage(1))
        await wait_for(lambda: sink.counters.delivered == 1)
        await sink.add(usage(2))
        await wait_for(lambda: sink.counters.delivered == 2)
        await sink.close()
    assert len(lago.stored) == 2


async def test_models_and_mappings_are_taken_and_the_sandbox_lists_them(face: Face) -> None:
    sink = SinkOf(face)
    await sink.add(EventInput(**usage(1), transaction_id="tx_1", timestamp="1764183747.5"))
    made = await sink.add(usage(2))
    assert await face.run(sink.sink.add_many, [{**usage(3), "transaction_id": "tx_3"}]) == ["tx_3"]
    assert await face.run(sink.sink.add_many, []) == []
    await sink.close()
    assert {event.transaction_id for event in await face.items("events.find_all")} == {"tx_1", made, "tx_3"}


async def test_a_wrong_event_is_refused_before_any_is_accepted(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire)
        with pytest.raises(LagoArgumentError, match="EventSink.add: code: it is missing"):
            await sink.add({"external_subscription_id": "sub_1"})
        with pytest.raises(LagoArgumentError, match=r"add_many: \[1\]: timestamp: 1764183747000 is in milliseconds"):
            await sink.face.run(sink.sink.add_many, [usage(1), {**usage(2), "timestamp": 1_764_183_747_000}])
        assert sink.counters.accepted == 0
        await sink.close()
    assert lago.batches == []


async def test_events_go_to_the_host_for_events(new_face: NewFace, sandbox: Sandbox) -> None:
    async with Sandbox(api_key=sandbox.api_key) as ingest:
        face = await new_face(api_key=sandbox.api_key, base_url=sandbox.url, ingest_url=ingest.url)
        sink = SinkOf(face)
        await sink.add(usage(1))
        await sink.close()
        assert (sandbox.connections_opened, ingest.connections_opened) == (0, 1)


@pytest.mark.parametrize(
    "fault", ["drop_before", "drop_after", "429", "500", "503", "proxy", "page", "401", "403", "404"]
)
async def test_no_fault_loses_an_event_or_stores_it_twice(new_face: NewFace, fault: str) -> None:
    with failing_lago([fault] * 3) as (lago, wire):
        sink = await at(new_face, wire)
        for number in range(150):
            await sink.add(usage(number))
        await sink.flush()
        await sink.close()
    assert len(lago.stored) == 150
    assert set(lago.stored.values()) == {1}
    counters = sink.counters
    assert counters.delivered + counters.duplicates == 150
    assert counters.retries >= 3
    assert counters.last_error is None


async def test_what_the_server_refuses_goes_to_on_rejected_and_the_rest_of_its_batch_is_delivered(
    new_face: NewFace,
) -> None:
    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire)
        for number in range(20):
            await sink.add({**usage(number, POISON if number in {3, 4} else "calls"), "transaction_id": f"tx_{number}"})
        await sink.flush()
        await sink.close()
    assert {transaction_id for _, transaction_id in lago.stored} == {f"tx_{n}" for n in range(20)} - {"tx_3", "tx_4"}
    by_id = {event.transaction_id: event for event in sink.rejected}
    assert by_id["tx_3"].reason == "expression_evaluation_failed: x"
    assert by_id["tx_4"].reason == {"code": ["value_is_invalid"]}
    assert by_id["tx_4"].status_code == 422
    assert by_id["tx_4"].event["properties"] == {"n": 4}
    assert (sink.counters.rejected, sink.counters.delivered) == (2, 18)


async def test_without_on_rejected_a_refusal_is_logged_as_an_error(
    new_face: NewFace, caplog: pytest.LogCaptureFixture
) -> None:
    with failing_lago() as (_, wire):
        sink = await at(new_face, wire, on_rejected=None)
        await sink.add({**usage(1, POISON), "transaction_id": "tx_1"})
        await sink.flush()
        await sink.close()
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (record.name, record.getMessage().partition(":")[0]) == (
        "lago_async.events",
        "the server refuses the event tx_1 permanently",
    )


async def test_an_error_of_on_rejected_is_logged_and_ends_nothing(
    new_face: NewFace, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: RejectedEvent) -> None:
        raise RuntimeError("of the handler")

    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire, on_rejected=fail)
        await sink.add(usage(1, POISON))
        await sink.flush()
        await sink.add(usage(2))
        await sink.close()
    assert len(lago.stored) == 1
    assert "of the handler" in caplog.text


async def test_a_task_of_on_rejected_that_was_cancelled_ends_nothing(
    new_face: NewFace, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: RejectedEvent) -> None:
        raise asyncio.CancelledError

    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire, on_rejected=fail)
        await sink.add(usage(1, POISON))
        await sink.add(usage(2))
        await sink.flush()
        await sink.close()
        assert (sink.counters.rejected, sink.counters.delivered, sink.counters.in_flight) == (1, 1, 0)
    assert len(lago.stored) == 1
    assert "on_rejected failed" in caplog.text


async def test_on_rejected_may_be_a_coroutine_function_or_make_blocking_calls(
    new_face: NewFace, sandbox: Sandbox
) -> None:
    seen: list[str] = []
    other = await new_face(api_key=sandbox.api_key, base_url=sandbox.url)

    async def look_up(event: RejectedEvent) -> None:
        seen.append((await other("customers.create", {"external_id": event.transaction_id})).external_id)

    def look_up_blocking(event: RejectedEvent) -> None:
        seen.append(other.operation("customers.create")({"external_id": event.transaction_id}).external_id)

    with failing_lago() as (_, wire):
        handler = look_up if other.name == "async" else look_up_blocking
        sink = await at(new_face, wire, on_rejected=handler)
        await sink.add({**usage(1, POISON), "transaction_id": "tx_1"})
        await sink.close()
    assert seen == ["tx_1"]


async def test_an_event_on_which_the_server_fails_does_not_hold_up_the_others(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire)
        for number in range(40):
            await sink.add(usage(number, DEADLY if number == 17 else "calls"))
        await wait_for(lambda: sink.counters.delivered == 39)
        assert sink.counters.waiting == 1
        with pytest.raises(UndeliveredEventsError, match="500") as left:
            await sink.flush(0.05)
        assert (left.value.waiting, left.value.lost) == (1, False)
        lago.batches.clear()
        lago_accepts_everything(lago)
        await sink.close()
    assert len(lago.stored) == 40
    assert sink.rejected == []


def lago_accepts_everything(lago: FailingLago) -> None:
    store = lago._store
    lago._store = lambda events: store([{**event, "code": "calls"} for event in events])  # type: ignore[method-assign]


async def test_a_server_that_takes_smaller_batches_gets_them(new_face: NewFace) -> None:
    with failing_lago(most=30) as (lago, wire):
        sink = await at(new_face, wire)
        for number in range(500):
            await sink.add(usage(number))
        await sink.flush()
        learned = len(lago.batches)
        for number in range(500, 600):
            await sink.add(usage(number))
        await sink.close()
    assert len(lago.stored) == 600
    assert max(map(len, lago.batches[learned:])) <= 30
    assert sink.rejected == []


async def test_of_two_events_with_one_id_one_is_stored_and_the_other_counts_as_a_duplicate(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        sink = await at(new_face, wire)
        for number in range(3):
            await sink.add({**usage(number), "transaction_id": "tx_1"})
        await sink.flush()
        await sink.add({**usage(9), "transaction_id": "tx_1"})
        await sink.close()
    assert lago.stored == {("sub_1", "tx_1"): 1}
    assert (sink.counters.delivered, sink.counters.duplicates) == (1, 3)


async def test_a_server_on_clickhouse_gets_the_same_id_and_timestamp_each_time(new_face: NewFace) -> None:
    with failing_lago(["drop_after", "drop_after"], clickhouse=True) as (lago, wire):
        sink = await at(new_face, wire)
        await sink.add(usage(1))
        await sink.close()
    assert len(lago.batches) == 3
    assert lago.batches[0] == lago.batches[1] == lago.batches[2]
    assert set(lago.batches[0][0]) == {"transaction_id", "timestamp", *usage(1)}


# --- room -------------------------------------------------------------------------------------------------------------


class Gate:
    """Holds the server's responses until it is opened."""

    def __init__(self, lago: FailingLago) -> None:
        self.opened = threading.Event()
        lago.gate = lambda: self.opened.wait(SOON)


async def test_a_full_sink_raises_if_it_was_told_to(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        sink = await at(new_face, wire, when_full="raise", max_events=200)
        for number in range(200):
            await sink.add(usage(number))
        with pytest.raises(EventSinkFullError, match=r"holds 200 events .* raise max_events or max_bytes"):
            await sink.add(usage(200))
        gate.opened.set()
        await sink.flush()
        await sink.add(usage(201))
        await sink.close()
    assert len(lago.stored) == 201
    assert sink.counters.accepted == 201


async def test_a_full_sink_waits_for_room_in_turn(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        sink = await at(new_face, wire, max_events=200)
        for number in range(200):
            await sink.add(usage(number))
        waiting = asyncio.create_task(sink.add(usage(200)))
        await wait_for(lambda: sink.sink._engine.queued == 1)
        assert sink.counters.accepted == 200
        gate.opened.set()
        await waiting
        await sink.close()
    assert len(lago.stored) == 201


async def test_a_full_sink_drops_the_oldest_that_is_not_in_flight_and_counts_it(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        sink = await at(new_face, wire, when_full="drop_oldest", max_events=200, linger=0.0)
        for number in range(100):
            await sink.add({**usage(number), "transaction_id": f"tx_{number}"})
        await wait_for(lambda: sink.counters.in_flight > 0)
        for number in range(100, 250):
            await sink.add({**usage(number), "transaction_id": f"tx_{number}"})
        assert (sink.counters.waiting, sink.counters.dropped) == (200, 50)
        gate.opened.set()
        await sink.close()
    stored = {transaction_id for _, transaction_id in lago.stored}
    assert len(stored) == 200
    assert {f"tx_{number}" for number in range(150, 250)} <= stored, "the newest are kept"
    assert sink.counters.accepted == sink.counters.delivered + sink.counters.dropped == 250


async def test_more_events_at_once_than_there_is_room_for_are_refused(new_face: NewFace) -> None:
    with failing_lago() as (_, wire):
        sink = await at(new_face, wire, max_events=200)
        with pytest.raises(EventSinkFullError, match="may hold 200"):
            await sink.face.run(sink.sink.add_many, [usage(number) for number in range(201)])
        assert sink.counters.accepted == 0
        await sink.close()


@pytest.mark.parametrize("when_full", ["wait", "raise", "drop_oldest"])
async def test_more_events_at_once_than_there_is_ever_room_for_cost_no_other_event_and_no_time(
    new_face: NewFace, when_full: str
) -> None:
    with failing_lago(["503"] * 10_000) as (lago, wire):
        sink = await at(new_face, wire, max_events=200, when_full=when_full)
        for number in range(5):
            await sink.add(usage(number))
        with pytest.raises(EventSinkFullError, match="may hold 200"):
            async with asyncio.timeout(SOON):
                await sink.face.run(sink.sink.add_many, [usage(number) for number in range(201)])
        assert (sink.counters.waiting, sink.counters.dropped) == (5, 0)
        lago.script = iter(())
        await sink.close()
    assert len(lago.stored) == 5


async def test_a_list_drops_no_more_events_than_it_needs_room_for(new_face: NewFace) -> None:
    with failing_lago() as (_, wire):
        sink = await at(new_face, wire, max_events=200, when_full="drop_oldest", linger=SOON)
        await sink.face.run(sink.sink.add_many, [usage(number) for number in range(60)])
        await sink.face.run(sink.sink.add_many, [usage(number) for number in range(60, 210)])
        assert (sink.counters.accepted, sink.counters.dropped) == (210, 10)
        await sink.close()


async def test_the_bytes_in_hand_have_a_bound_too(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        least = 2 * (1_000_000 + 512 * 1024)
        sink = await at(new_face, wire, when_full="raise", max_bytes=least)
        large = {**usage(1), "properties": {"text": "x" * 500_000}}
        with pytest.raises(EventSinkFullError):
            for _ in range(10):
                await sink.add(large)
        assert sink.counters.accepted == 6
        assert sink.counters.waiting_bytes <= least
        gate.opened.set()
        await sink.close()
    assert len(lago.stored) == 6
    assert max(map(len, lago.batches)) == 1 or all(len(batch) * 500_000 <= 1_000_000 for batch in lago.batches)


async def test_settings_out_of_bounds_are_refused_by_name(new_face: NewFace) -> None:
    face = await new_face(api_key=KEY, base_url="http://127.0.0.1:9")
    for name, value in {
        "when_full": "block",
        "max_events": 199,
        "max_bytes": 1_000,
        "linger": -1,
        "concurrency": 0,
        "close_timeout": "soon",
    }.items():
        with pytest.raises(LagoConfigError, match=name):
            SinkOf(face, **{name: value})


async def test_what_is_no_client_and_no_function_is_refused_by_name(new_face: NewFace) -> None:
    face = await new_face(api_key=KEY, base_url="http://127.0.0.1:9")
    with pytest.raises(LagoConfigError, match=r"^on_rejected must be a function, not 5"):
        SinkOf(face, on_rejected=5)
    package = lago_async if face.name == "async" else lago_sync
    other = (lago_sync if face.name == "async" else lago_async).LagoClient(api_key=KEY, base_url=DOWN)
    if isinstance(other, lago_sync.LagoClient):
        other.close()
    for client in (None, "client", other):
        with pytest.raises(LagoConfigError, match=rf"^client must be a {package.__name__}.LagoClient, not "):
            package.EventSink(client)  # pyright: ignore[reportArgumentType]


def test_a_blocking_sink_takes_no_coroutine_function_which_nothing_would_await() -> None:
    async def keep(_: RejectedEvent) -> None: ...

    with (
        lago_sync.LagoClient(api_key=KEY, base_url="http://127.0.0.1:9") as client,
        pytest.raises(LagoConfigError, match="on_rejected must be a blocking function"),
    ):
        lago_sync.EventSink(client, on_rejected=keep)


# --- the end ----------------------------------------------------------------------------------------------------------


async def test_a_flush_that_runs_out_of_time_says_what_is_left_and_why(new_face: NewFace) -> None:
    with failing_lago(["503"] * 10_000) as (lago, wire):
        sink = await at(new_face, wire)
        await sink.add(usage(1))
        with pytest.raises(
            UndeliveredEventsError, match="1 events are not at the server yet; .*503.* flush again"
        ) as left:
            await sink.flush(0.05)
        assert (left.value.waiting, left.value.lost) == (1, False)
        assert left.value.last_error is not None
        assert KEY not in str(left.value)
        copy = pickle.loads(pickle.dumps(left.value))
        assert (str(copy), copy.waiting, copy.lost) == (str(left.value), 1, False)
        lago.script = iter(())
        await sink.flush()
        await sink.close()
    assert len(lago.stored) == 1


async def test_closing_says_what_is_lost(new_face: NewFace) -> None:
    with failing_lago(["503"] * 10_000) as (_, wire):
        sink = await at(new_face, wire, close_timeout=0.05)
        await sink.add(usage(1))
        with pytest.raises(UndeliveredEventsError, match="1 events are lost") as left:
            await sink.close()
        assert left.value.lost
        await sink.close()
        with pytest.raises(LagoClosedError, match="the sink is closed"):
            await sink.add(usage(2))


async def test_events_that_wait_for_room_when_the_sink_is_closed_are_refused_and_not_lost(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        sink = await at(new_face, wire, max_events=200)
        for number in range(200):
            await sink.add(usage(number))
        waiting = [asyncio.create_task(sink.add(usage(number))) for number in range(200, 203)]
        await wait_for(lambda: sink.sink._engine.queued == 3)
        closing = asyncio.create_task(sink.close())
        for refused in waiting:
            with pytest.raises(LagoClosedError, match="the sink is closed"):
                await refused
        with pytest.raises(LagoClosedError, match="the sink is closed"):
            await sink.add(usage(203))
        gate.opened.set()
        await closing
    assert len(lago.stored) == sink.counters.accepted == 200


def test_no_thread_adds_an_event_between_the_last_look_of_closing_and_the_end() -> None:
    with failing_lago() as (lago, wire), lago_sync.LagoClient(api_key=KEY, base_url=wire.url) as client:
        sink = lago_sync.EventSink(client)
        sink.add(usage(1))
        encoder = sink._encoder

        class Late:
            """A thread that has to wait for the interpreter between the check of the sink and the store."""

            def encode(self, event: Any) -> tuple[str, bytes]:
                encoded = encoder.encode(event)
                memory = sink._memory
                assert memory is not None
                put_now = memory.put_now

                def late(body: bytes) -> int:
                    sink.close()
                    return put_now(body)

                memory.put_now = late  # type: ignore[method-assign]
                return encoded

        sink._encoder = Late()  # type: ignore[assignment]
        with pytest.raises(LagoClosedError, match="the sink is closed"):
            sink.add(usage(2))
        assert sink.counters.accepted == sink.counters.delivered == 1
    assert len(lago.stored) == 1


async def test_after_its_client_was_closed_a_sink_accepts_nothing_and_says_so(new_face: NewFace) -> None:
    with failing_lago() as (_, wire):
        sink = await at(new_face, wire, linger=SOON)
        # Another client keeps the thread of the blocking face alive.
        other = await new_face(api_key=KEY, base_url=wire.url)
        keeper = SinkOf(other)
        await keeper.add(usage(0))
        await sink.add(usage(1))
        await sink.face.run(sink.face.client.close)
        with pytest.raises(LagoClosedError, match="client is closed"):
            await sink.add(usage(2))
        with pytest.raises(LagoClosedError, match="client is closed"):
            await sink.face.run(sink.sink.add_many, [usage(3)])
        with pytest.raises(UndeliveredEventsError, match="1 events are lost; the last failure: .*closed") as left:
            await sink.flush()
        assert (left.value.waiting, left.value.lost) == (1, True)
        with pytest.raises(UndeliveredEventsError, match="1 events are lost"):
            await sink.close()
        with pytest.raises(UndeliveredEventsError, match="1 events are lost"):
            await sink.flush()
        await keeper.close()


async def test_a_flush_with_nothing_in_hand_needs_no_client(new_face: NewFace) -> None:
    with failing_lago() as (_, wire):
        sink = await at(new_face, wire)
        await sink.add(usage(1))
        await sink.flush()
        await sink.face.run(sink.face.client.close)
        await sink.flush()
        await sink.close()
        await sink.flush()


async def test_closing_on_another_event_loop_is_refused_and_changes_nothing() -> None:
    with failing_lago() as (lago, wire):
        async with lago_async.LagoClient(api_key=KEY, base_url=wire.url) as client:
            sink = lago_async.EventSink(client, linger=SOON)
            await sink.add(usage(1))

            def elsewhere() -> None:
                with pytest.raises(LagoClosedError, match="runs on another event loop"):
                    asyncio.run(sink.aclose())

            await asyncio.to_thread(elsewhere)
            assert not sink.closed
            await sink.add(usage(2))
            await sink.aclose()
    assert len(lago.stored) == 2


async def test_a_key_that_the_server_refuses_is_a_warning_once_until_it_works(
    new_face: NewFace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "lago_async.events")
    with failing_lago(["401"] * 5 + ["503"]) as (_, wire):
        sink = await at(new_face, wire)
        await sink.add(usage(1))
        await sink.flush()
        (warned,) = caplog.messages
        assert warned.startswith("the server refuses all events, which are kept and sent again until you mend it: ")
        assert "401" in warned
        assert KEY not in warned
        await sink.close()


async def test_a_client_that_is_closed_first_is_told_by_the_sink(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        sink = await at(new_face, wire)
        for number in range(150):
            await sink.add(usage(number))
        await wait_for(lambda: sink.counters.in_flight > 0)
        await sink.face.run(sink.face.client.close)
        gate.opened.set()
        with pytest.raises(UndeliveredEventsError, match="are lost"):
            await sink.close()


async def test_a_block_delivers_what_is_in_hand(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        face = await new_face(api_key=KEY, base_url=wire.url)
        client: Any = face.client
        if face.name == "async":
            async with lago_async.EventSink(client) as sink:
                await sink.add(usage(1))
        else:

            def block() -> None:
                with lago_sync.EventSink(client) as sink:
                    sink.add(usage(1))

            await asyncio.to_thread(block)
    assert len(lago.stored) == 1


async def test_an_error_of_the_block_is_raised_with_a_note_of_what_is_lost() -> None:
    with failing_lago(["503"] * 10_000) as (_, wire):
        async with lago_async.LagoClient(api_key=KEY, base_url=wire.url) as client:
            with pytest.raises(ZeroDivisionError) as raised:
                async with lago_async.EventSink(client, close_timeout=0.05) as sink:
                    await sink.add(usage(1))
                    raise ZeroDivisionError
    assert "1 events are lost" in raised.value.__notes__[0]


def test_an_error_of_a_blocking_block_is_raised_with_a_note_of_what_is_lost() -> None:
    with (
        failing_lago(["503"] * 10_000) as (_, wire),
        lago_sync.LagoClient(api_key=KEY, base_url=wire.url) as client,
    ):
        with pytest.raises(ZeroDivisionError) as raised, lago_sync.EventSink(client, close_timeout=0.05) as sink:
            sink.add(usage(1))
            raise ZeroDivisionError
        with (
            pytest.raises(UndeliveredEventsError, match="lost"),
            lago_sync.EventSink(client, close_timeout=0.05) as sink,
        ):
            sink.add_many([usage(1), usage(2)])
    assert "1 events are lost" in raised.value.__notes__[0]


async def test_after_an_error_of_the_block_closing_has_a_limit_always(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lago_async._ingest.sink_base.CLOSE_TIMEOUT", 0.05)
    with failing_lago(["503"] * 10_000) as (_, wire):
        sink = await at(new_face, wire, close_timeout=None)
        await sink.add(usage(1))

        def block() -> None:
            with sink.sink:
                raise ZeroDivisionError

        async def ablock() -> None:
            async with sink.sink:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError) as raised:
            async with asyncio.timeout(SOON):
                await (ablock() if sink.face.name == "async" else asyncio.to_thread(block))
        assert "1 events are lost" in raised.value.__notes__[0]


async def test_a_closing_that_is_cancelled_logs_what_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    with failing_lago(["503"] * 10_000) as (_, wire):
        async with lago_async.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE) as client:
            sink = lago_async.EventSink(client)
            await sink.add(usage(1))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(sink.aclose(), 0.05)
            assert sink.closed
            assert "closing an EventSink was cancelled: 1 events are lost" in caplog.text
            with pytest.raises(UndeliveredEventsError, match="1 events are lost"):
                await sink.flush()


async def test_a_cancelled_block_still_delivers_what_is_in_hand() -> None:
    with failing_lago() as (lago, wire):
        async with lago_async.LagoClient(api_key=KEY, base_url=wire.url) as client:
            added = asyncio.Event()

            async def work() -> None:
                async with lago_async.EventSink(client, linger=SOON) as sink:
                    await sink.add(usage(1))
                    added.set()
                    await asyncio.Event().wait()

            task = asyncio.create_task(work())
            await added.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not [other for other in asyncio.all_tasks() if other is not asyncio.current_task()]
    assert len(lago.stored) == 1


async def test_a_cancelled_add_was_not_accepted() -> None:
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        async with (
            lago_async.LagoClient(api_key=KEY, base_url=wire.url) as client,
            lago_async.EventSink(client, max_events=200) as sink,
        ):
            for number in range(200):
                await sink.add(usage(number))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await sink.add(usage(200))
            gate.opened.set()
    assert len(lago.stored) == sink.counters.accepted == 200


def test_a_sink_goes_on_in_the_next_event_loop() -> None:
    with failing_lago() as (lago, wire):
        client = lago_async.LagoClient(api_key=KEY, base_url=wire.url)
        sink = lago_async.EventSink(client, linger=SOON)

        async def first() -> None:
            await sink.add(usage(1))

        async def second() -> None:
            await sink.add(usage(2))
            await sink.aclose()
            await client.close()

        asyncio.run(first())
        assert sink.counters.waiting == 1
        asyncio.run(second())
    assert len(lago.stored) == 2


def test_a_sink_goes_on_after_a_loop_that_was_closed_within_a_request() -> None:
    """A loop that is closed by hand, unlike by `asyncio.run`, never ends the tasks of the sink."""
    with failing_lago() as (lago, wire):
        gate = Gate(lago)
        client = lago_async.LagoClient(api_key=KEY, base_url=wire.url)
        sink = lago_async.EventSink(client, linger=0.0)

        async def first() -> None:
            await sink.add({**usage(1), "transaction_id": "tx_1"})
            await wait_for(lambda: sink.counters.in_flight == 1)

        async def second() -> None:
            await sink.add({**usage(2), "transaction_id": "tx_2"})
            await wait_for(lambda: sink.counters.waiting == 0)
            await sink.aclose()
            await client.close()

        by_hand = asyncio.new_event_loop()
        by_hand.run_until_complete(first())
        by_hand.close()
        gate.opened.set()
        asyncio.run(second())
    assert set(lago.stored) == {("sub_1", "tx_1"), ("sub_1", "tx_2")}
    assert set(lago.stored.values()) == {1}


def test_events_of_a_loop_that_ended_within_a_refusal_are_sent_once() -> None:
    with failing_lago() as (lago, wire):
        client = lago_async.LagoClient(api_key=KEY, base_url=wire.url)
        reported: list[str] = []

        async def keep(event: RejectedEvent) -> None:
            reported.append(event.transaction_id)
            await asyncio.sleep(SOON)

        sink = lago_async.EventSink(client, linger=SOON, on_rejected=keep)

        async def first() -> None:
            lago.stored[("sub_1", "there")] = 1
            await sink.add({**usage(0), "transaction_id": "bad", "code": POISON})
            await sink.add({**usage(1), "transaction_id": "good"})
            flushing = asyncio.create_task(sink.flush())
            await wait_for(lambda: bool(reported))
            flushing.cancel()

        async def second() -> None:
            await sink.aclose()
            await client.close()

        asyncio.run(first())
        assert (sink.counters.rejected, sink.counters.waiting) == (1, 1)
        asyncio.run(second())
        counters = sink.counters
        assert (counters.accepted, counters.delivered, counters.rejected, counters.duplicates) == (2, 1, 1, 0)
    assert [len(batch) for batch in lago.batches[1:]] == [1]


def test_many_threads_share_a_blocking_sink() -> None:
    with failing_lago(["503", "drop_after"] * 5) as (lago, wire):
        with (
            lago_sync.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE) as client,
            lago_sync.EventSink(client, linger=0.001) as sink,
        ):
            threads = [
                threading.Thread(target=lambda: [sink.add(usage(number)) for number in range(500)]) for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert sink.counters.accepted == 4_000
    assert len(lago.stored) == 4_000
    assert set(lago.stored.values()) == {1}
    assert not [thread for thread in threading.enumerate() if thread.name == "lago_sync"]


def test_a_forgotten_sink_warns_of_what_is_lost() -> None:
    client = lago_async.LagoClient(api_key=KEY, base_url="http://127.0.0.1:9")

    async def forget() -> None:
        sink = lago_async.EventSink(client, linger=SOON)
        await sink.add(usage(1))
        with pytest.warns(ResourceWarning, match="never closed, and 1 events in it are lost"):
            del sink
        await client.close()

    asyncio.run(forget())


LEFT_OPEN = """
import asyncio, sys
import lago_async, lago_sync

EVENT = {"code": "calls", "external_subscription_id": "sub_1"}
kind, spool = sys.argv[1], sys.argv[2] or None
if kind == "sync":
    client = lago_sync.LagoClient(api_key="key-that-must-stay-hidden", base_url=sys.argv[3])
    sink = lago_sync.EventSink(client, linger=600, spool=spool)
    sink.add(EVENT)
else:
    client = lago_async.LagoClient(api_key="key-that-must-stay-hidden", base_url=sys.argv[3])
    sink = lago_async.EventSink(client, linger=600, spool=spool)
    asyncio.run(sink.add(EVENT))
"""


@pytest.mark.parametrize("kind", ["async", "sync"])
@pytest.mark.parametrize("durable", [False, True])
def test_a_program_that_ends_with_an_open_sink_ends_at_once_and_says_what_is_lost(
    kind: str, durable: bool, tmp_path: Path
) -> None:
    arguments = [sys.executable, "-c", LEFT_OPEN, kind, str(tmp_path / "spool") if durable else "", DOWN]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=SOON, check=False)
    assert ended.returncode == 0, ended.stderr
    lost = "the program ends with 1 events in an EventSink that was never closed, and they are lost"
    assert (lost in ended.stderr) is not durable, ended.stderr
    assert "Traceback" not in ended.stderr
    assert KEY not in ended.stderr


def test_a_sink_shows_no_key_and_is_not_pickled() -> None:
    client = lago_async.LagoClient(api_key=KEY, base_url="http://127.0.0.1:9")
    sink = lago_async.EventSink(client)
    assert repr(sink) == "<EventSink 0 waiting>"
    with pytest.raises(TypeError, match="make one in each"):
        pickle.dumps(sink)


# --- every script of faults -------------------------------------------------------------------------------------------

FAULTS = st.sampled_from(["ok", "drop_before", "drop_after", "429", "500", "503", "proxy", "page", "401"])
EVENTS = st.lists(
    st.tuples(st.sampled_from(["calls", "calls", "calls", POISON]), st.integers(0, 400)), min_size=1, max_size=40
)


@pytest.mark.parametrize("face_name", ["async", "sync"])
@settings(max_examples=40)
@given(script=st.lists(FAULTS, max_size=12), events=EVENTS, clickhouse=st.booleans(), concurrency=st.integers(1, 4))
def test_every_accepted_event_is_at_the_server_once_or_rejected_once(
    face_name: str, script: list[str], events: list[tuple[str, int]], clickhouse: bool, concurrency: int
) -> None:
    rejected: list[RejectedEvent] = []
    options: dict[str, Any] = {"concurrency": concurrency, "linger": 0.001, "on_rejected": rejected.append}
    expected: dict[str, str] = {}
    with failing_lago(script, clickhouse=clickhouse, most=15) as (lago, wire):
        if face_name == "async":

            async def run() -> lago_async.EventSinkCounters:
                async with lago_async.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE) as client:
                    async with lago_async.EventSink(client, **options) as sink:
                        for code, number in events:
                            expected[await sink.add(usage(number, code))] = code
                            if number < 20:
                                await asyncio.sleep(0)
                    return sink.counters

            counters = asyncio.run(run())
        else:
            with lago_sync.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE) as client:
                with lago_sync.EventSink(client, **options) as sink:
                    for code, number in events:
                        expected[sink.add(usage(number, code))] = code
                counters = sink.counters
    good = {transaction_id for transaction_id, code in expected.items() if code != POISON}
    assert {transaction_id for _, transaction_id in lago.stored} == good
    assert set(lago.stored.values()) <= {1}
    assert Counter(event.transaction_id for event in rejected) == Counter(expected.keys() - good)
    assert counters.accepted == len(events) == counters.delivered + counters.duplicates + counters.rejected
    assert all(len(batch) <= 100 for batch in lago.batches)
    assert json.dumps(KEY) not in repr(counters)


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_has_the_defaults_and_the_limits_of_the_code() -> None:
    page = " ".join((Path(__file__).parent.parent / "docs/events.md").read_text(encoding="utf-8").split())
    assert settings_module.MAX_BYTES == 64 * 1024**2
    assert SPOOL_MAX_BYTES == 1024**3
    assert acceptance.MAX_EVENT_BYTES == 512 * 1024
    assert datetime.fromtimestamp(acceptance.EARLIEST, UTC) == datetime(2000, 1, 1, tzinfo=UTC)
    assert datetime.fromtimestamp(acceptance.LATEST, UTC) == datetime(2100, 1, 1, tzinfo=UTC)
    for words in (
        f"`max_events` ({settings_module.MAX_EVENTS:,}) and `max_bytes` (64 MiB)",
        f"A batch leaves when it has {acceptance.BATCH} events",
        f"when its oldest is `linger` seconds old ({settings_module.LINGER})",
        f"in flight ({settings_module.CONCURRENCY})",
        f"`close_timeout` seconds ({settings_module.CLOSE_TIMEOUT:.0f})",
        "`spool_max_bytes` (1 GiB;",
        f"ids of more than {acceptance.MAX_ID_BYTES:,} bytes",
        f"JSON deeper than {acceptance._MAX_DEPTH} levels",
        f"{len(str(int(acceptance._MAX_PRECISE)))} digits before the point",
        "more than 512 KiB of JSON",
        "a time before 2000 or after 2100",
        f"Once in {TURN:,} events",
        f"at most {2 * acceptance.BATCH} per batch in flight",
    ):
        assert words in page, words
