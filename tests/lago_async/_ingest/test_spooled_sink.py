"""A sink with a spool, on both faces: the next process sends the accepted events, and refused events are kept."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

import lago_async
import lago_sync
from lago_async import EventSpoolError, EventSpoolFullError, LagoConfigError, UndeliveredEventsError
from lago_async.sandbox import RawResponse, Sandbox, ServerFailure
from tests.lago_async._ingest.spools import folder_in
from tests.proofs import check_proof

ROOT = Path(__file__).parents[3]
DOWN = "http://127.0.0.1:1"
EVENT = {"code": "calls", "external_subscription_id": "sub_1"}


def left_in(path: Path) -> list[str]:
    folder = folder_in(path)
    found = [event.transaction_id for event in folder.take(1_000)]
    folder.close()
    return found


def ids(sandbox: Sandbox) -> list[str]:
    with lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        return sorted(event.transaction_id for event in client.events.find_all())


async def test_events_of_a_time_without_a_server_are_sent_by_the_next_process(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        key, url = sandbox.api_key, sandbox.url
        async with lago_async.LagoClient(api_key=key, base_url=url, max_retries=0) as client:
            async with lago_async.EventSink(client, spool=tmp_path) as sink:
                await sink.flush()  # the organisation is known from here on
            sandbox.inject(ServerFailure(503), operation="create_batch_events", times=None)
            sink = lago_async.EventSink(client, spool=tmp_path, close_timeout=0)
            await sink.add_many([EVENT | {"transaction_id": f"t{number}"} for number in range(250)])
            with pytest.raises(UndeliveredEventsError, match=r"250 events are left in the spool.*next sink") as caught:
                await sink.aclose()
            assert not caught.value.lost
            sandbox.clear_faults()
            async with lago_async.EventSink(client, spool=tmp_path) as sink:
                assert sink.counters.waiting == 250
                await sink.flush(60)
                assert (sink.counters.accepted, sink.counters.waiting) == (0, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "spool.json"]


def test_the_blocking_face_uses_the_same_spool(tmp_path: Path) -> None:
    with Sandbox() as sandbox, lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        with lago_sync.EventSink(client, spool=tmp_path) as sink:
            first = sink.add(EVENT)
            second = sink.add_many([EVENT, EVENT])
            sink.flush(60)
            assert (sink.counters.accepted, sink.counters.delivered, sink.counters.waiting) == (3, 3, 0)
            assert sink.dead_letters() == []
        assert ids(sandbox) == sorted([first, *second])


REFUSED = {
    "status": 422,
    "error": "Unprocessable Entity",
    "code": "validation_errors",
    "error_details": {"0": {"timestamp": ["invalid_format"]}},
}


async def test_a_refused_event_is_kept_with_its_reason_and_sent_again_when_that_is_mended(tmp_path: Path) -> None:
    told: list[str] = []
    async with (
        Sandbox() as sandbox,
        lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client,
        lago_async.EventSink(
            client, spool=tmp_path, on_rejected=lambda event: told.append(event.transaction_id)
        ) as sink,
    ):
        sandbox.inject(RawResponse(422, json.dumps(REFUSED).encode()), operation="create_batch_events")
        await sink.add(EVENT | {"transaction_id": "t1"})
        await sink.flush(60)
        (letter,) = await sink.dead_letters()
        assert (letter.transaction_id, letter.status_code, letter.reason, told) == (
            "t1",
            422,
            {"timestamp": ["invalid_format"]},
            ["t1"],
        )
        assert letter.event["code"] == "calls"
        assert await sink.resend_dead_letters([letter]) == 1
        await sink.flush(60)
        assert (sink.counters.delivered, await sink.dead_letters()) == (1, [])
        assert await sink.forget_dead_letters([letter]) == 0


async def test_without_a_spool_there_are_no_dead_letters() -> None:
    async with lago_async.LagoClient(api_key="key", base_url=DOWN) as client:
        sink = lago_async.EventSink(client)
        for call in (sink.dead_letters(), sink.resend_dead_letters([]), sink.forget_dead_letters([])):
            with pytest.raises(LagoConfigError, match="pass spool="):
                await call
        await sink.aclose()


async def test_a_spool_that_cannot_be_used_is_known_at_the_start_and_at_each_call(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with lago_async.LagoClient(api_key="key", base_url=DOWN) as client:
        with pytest.raises(EventSpoolError, match="must be a folder"):
            async with lago_async.EventSink(client, spool=tmp_path / "file"):
                pytest.fail("it has started")
        sink = lago_async.EventSink(client, spool=tmp_path / "file")
        for _ in range(2):
            with pytest.raises(EventSpoolError, match="must be a folder"):
                await sink.add(EVENT)
        await sink.aclose()


@pytest.mark.parametrize("value", [5, b"spool", object, "", "a\0b"])
async def test_a_path_that_is_none_is_refused(value: object) -> None:
    async with lago_async.LagoClient(api_key="key", base_url=DOWN) as client:
        with pytest.raises(LagoConfigError, match="spool must be the path of a folder"):
            lago_async.EventSink(client, spool=value)  # type: ignore[arg-type]
        with pytest.raises(LagoConfigError, match="spool_max_bytes"):
            lago_async.EventSink(client, spool="spool", spool_max_bytes=5)


async def test_a_full_spool_does_what_the_settings_say(tmp_path: Path) -> None:
    large = EVENT | {"properties": {"note": "x" * 100_000}}
    async with lago_async.LagoClient(api_key="key", base_url=DOWN, max_retries=0) as client:
        refusing = lago_async.EventSink(
            client, spool=tmp_path / "1", spool_max_bytes=2**20, when_full="raise", close_timeout=0
        )
        with pytest.raises(EventSpoolFullError, match="reached its limit of 1,048,576 bytes"):
            for _ in range(20):
                await refusing.add(large)
        dropping = lago_async.EventSink(
            client, spool=tmp_path / "2", spool_max_bytes=2**20, when_full="drop_oldest", close_timeout=0, linger=600
        )
        for _ in range(20):
            await dropping.add(large)
        counters = dropping.counters
        assert counters.dropped > 0
        assert counters.waiting == 20 - counters.dropped
        waiting = lago_async.EventSink(client, spool=tmp_path / "3", spool_max_bytes=2**20, close_timeout=0)
        await waiting.add(large)  # which opens the folder, however long that takes
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                for _ in range(20):
                    await waiting.add(large)
        for sink in (refusing, dropping, waiting):
            with pytest.raises(UndeliveredEventsError, match="the spool keeps them"):
                await sink.aclose()


async def test_a_full_spool_drops_the_oldest_events_if_requests_that_failed_have_held_all(tmp_path: Path) -> None:
    """The server is down, so that waiting for it would block the service that adds events."""

    def large(number: int) -> dict[str, object]:
        return EVENT | {"transaction_id": f"t{number}", "properties": {"note": "x" * 90_000}}

    async with lago_async.LagoClient(api_key="key", base_url=DOWN, max_retries=0) as client:
        sink = lago_async.EventSink(
            client, spool=tmp_path, spool_max_bytes=2**20, when_full="drop_oldest", close_timeout=0, linger=0
        )
        await sink.add_many(map(large, range(8)))
        while not sink.counters.retries:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(60):
            for number in range(8, 24):
                await sink.add(large(number))
        dropped, waiting = sink.counters.dropped, sink.counters.waiting
        assert (dropped + waiting, waiting > 4) == (24, True)
        with pytest.raises(UndeliveredEventsError, match="the spool keeps them"):
            await sink.aclose()
    assert left_in(tmp_path) == [f"t{number}" for number in range(dropped, 24)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize("server", [[], ["--clickhouse"]], ids=["Postgres", "ClickHouse"])
def test_no_accepted_event_is_lost_or_doubled_by_kills_and_a_server_that_fails(server: list[str]) -> None:
    """A small run of the proof; `make events-proof` is the large one."""
    check_proof("tests.lago_async._ingest.kill_proof", "--events", "3000", "--kills", "10", *server)
