"""Whole streams of events on both faces: a result per event in the order of input, whatever fails on the way."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lago_async
import lago_sync
from lago_async import IngestResult, LagoArgumentError, LagoClosedError, RetryPolicy
from tests.conftest import Face, NewFace
from tests.failing_lago import POISON, failing_lago

KEY = "key-that-must-stay-hidden"
AT_ONCE = RetryPolicy(base_delay=0.001, max_delay=0.002)


def usage(number: int, code: str = "calls") -> dict[str, Any]:
    return {"code": code, "external_subscription_id": "sub_1", "properties": {"n": number}}


async def ingested(face: Face, events: Any, **options: Any) -> list[IngestResult]:
    results: Any = face.operation("events.ingest")(events, **options)
    if face.name == "async":
        return [result async for result in results]
    return await asyncio.to_thread(list, results)


async def test_each_event_has_a_result_in_the_order_of_input(new_face: NewFace) -> None:
    events: list[Any] = [usage(number) for number in range(250)]
    events[7] = {**usage(7), "code": None}
    events[8] = usage(8, POISON)
    events[9] = {**usage(9), "transaction_id": "tx_1"}
    events[10] = {**usage(10), "transaction_id": "tx_1"}
    with failing_lago(["503", "drop_after", "429"]) as (lago, wire):
        face = await new_face(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE)
        results = await ingested(face, events)
    assert [result.input for result in results] == events
    assert results[7].status == "invalid"
    assert isinstance(results[7].error, LagoArgumentError)
    assert results[7].transaction_id is None
    assert results[8].status == "rejected"
    assert results[8].reason in ("expression_evaluation_failed: x", {"code": ["value_is_invalid"]})
    assert {result.transaction_id for result in results if result.ok} == {name for _, name in lago.stored}
    assert sum(result.ok for result in results) == 248
    assert len(lago.stored) == 247


async def test_an_async_iterable_is_taken_as_results_are_and_closed_at_the_end() -> None:
    taken, closed = 0, False

    async def events() -> AsyncIterator[dict[str, Any]]:
        nonlocal taken, closed
        try:
            for number in range(2_000):
                taken += 1
                yield usage(number)
        finally:
            closed = True

    with failing_lago() as (lago, wire):
        async with lago_async.LagoClient(api_key=KEY, base_url=wire.url) as client:
            async with client.events.ingest(events(), concurrency=1) as results:
                assert results.total is None
                first = await anext(results)
                assert first.ok
                assert taken <= 1 + 200 + 1, "at most the window is in memory"
            assert closed
            assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert len(lago.stored) <= 202


async def test_progress_is_in_the_counters_and_the_total(new_face: NewFace) -> None:
    with failing_lago() as (_, wire):
        face = await new_face(api_key=KEY, base_url=wire.url)
        results: Any = face.operation("events.ingest")([usage(number) for number in range(120)])
        assert (results.total, results.counters.accepted) == (120, 0)
        if face.name == "async":
            assert len([result async for result in results]) == 120
        else:
            assert len(await asyncio.to_thread(list, results)) == 120
        assert (results.counters.accepted, results.counters.delivered, results.counters.waiting) == (120, 120, 0)


async def test_an_error_of_the_events_comes_after_the_results_of_those_before_it(new_face: NewFace) -> None:
    def events() -> Iterator[dict[str, Any]]:
        for number in range(30):
            yield usage(number)
        raise ZeroDivisionError

    with failing_lago() as (lago, wire):
        face = await new_face(api_key=KEY, base_url=wire.url)
        results: Any = face.operation("events.ingest")(events())
        seen: list[IngestResult] = []

        def walk() -> None:
            seen.extend(results)

        async def awalk() -> None:
            async for result in results:
                seen.append(result)  # noqa: PERF401 - those before the error are kept

        with pytest.raises(ZeroDivisionError):
            await (awalk() if face.name == "async" else asyncio.to_thread(walk))
    assert len(seen) == len(lago.stored) == 30


async def test_what_cannot_be_a_stream_is_refused(new_face: NewFace) -> None:
    face = await new_face(api_key=KEY, base_url="http://127.0.0.1:9")
    for events in (None, 7, "events", usage(1)):
        with pytest.raises(LagoArgumentError, match=r"events.ingest: expected an iterable of events"):
            face.operation("events.ingest")(events)
    with pytest.raises(LagoArgumentError, match=r"events.ingest: concurrency must be a whole number"):
        face.operation("events.ingest")([], concurrency=0)
    assert await ingested(face, []) == []


async def test_a_client_that_is_closed_ends_the_stream_with_its_error(new_face: NewFace) -> None:
    with failing_lago() as (lago, wire):
        opened = threading.Event()
        lago.gate = lambda: opened.wait(30)
        face = await new_face(api_key=KEY, base_url=wire.url)
        walking = asyncio.create_task(ingested(face, [usage(1)]))
        async with asyncio.timeout(30):
            while not wire.connections:
                await asyncio.sleep(0.005)
        await face.run(face.client.close)
        opened.set()
        with pytest.raises(LagoClosedError):
            await walking


async def test_a_forgotten_stream_ends_its_tasks() -> None:
    with failing_lago() as (_, wire):
        async with lago_async.LagoClient(api_key=KEY, base_url=wire.url) as client:
            results = client.events.ingest(usage(number) for number in range(100_000))
            await anext(results)
            del results
            gc.collect()
            async with asyncio.timeout(30):
                while [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
                    await asyncio.sleep(0.005)


def test_a_blocking_stream_that_ends_early_leaves_no_thread() -> None:
    with failing_lago() as (_, wire), lago_sync.LagoClient(api_key=KEY, base_url=wire.url) as client:
        for result in client.events.ingest(usage(number) for number in range(100_000)):
            assert result.ok
            break
    assert not [thread for thread in threading.enumerate() if thread.name == "lago_sync"]


def test_a_blocking_stream_is_walked_once_and_by_one_reader() -> None:
    with failing_lago() as (_, wire), lago_sync.LagoClient(api_key=KEY, base_url=wire.url) as client:

        def events() -> Iterator[dict[str, Any]]:
            yield usage(1)
            with pytest.raises(RuntimeError, match="already walks these results"):
                next(results)
            yield usage(2)

        with client.events.ingest(events()) as results:
            assert [result.ok for result in results] == [True, True]
            assert results.counters.delivered == 2
        results.close()
        with pytest.raises(RuntimeError, match="already taken"):
            iter(results)


def test_a_blocking_stream_whose_client_was_closed_says_so_and_ends() -> None:
    with failing_lago(["503"] * 10_000) as (_, wire):
        client = lago_sync.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE)
        results = client.events.ingest(usage(number) for number in range(1_000))

        def events_of_a_closed_client() -> Iterator[dict[str, Any]]:
            yield usage(1)
            client.close()

        closing = client.events.ingest(events_of_a_closed_client())
        with pytest.raises(LagoClosedError):
            next(closing)
        results.close()  # of a client that is closed already


def test_an_interrupted_blocking_stream_is_over() -> None:
    def events() -> Iterator[dict[str, Any]]:
        yield usage(1)
        raise KeyboardInterrupt

    with failing_lago() as (_, wire), lago_sync.LagoClient(api_key=KEY, base_url=wire.url) as client:
        results = client.events.ingest(events())
        with pytest.raises(KeyboardInterrupt):
            next(results)
        with pytest.raises(RuntimeError, match="was closed"):
            iter(results)


FAULTS = st.sampled_from(["ok", "drop_before", "drop_after", "429", "500", "503", "page"])


@pytest.mark.parametrize("face_name", ["async", "sync"])
@settings(max_examples=25)
@given(script=st.lists(FAULTS, max_size=8), codes=st.lists(st.sampled_from(["calls", POISON, ""]), max_size=30))
def test_results_say_what_is_at_the_server(face_name: str, script: list[str], codes: list[str]) -> None:
    events: Iterable[dict[str, Any]] = [usage(number, code) for number, code in enumerate(codes)]
    with failing_lago(script, most=9) as (lago, wire):
        if face_name == "async":

            async def run() -> list[IngestResult]:
                async with lago_async.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE) as client:
                    return [result async for result in client.events.ingest(events)]

            results = asyncio.run(run())
        else:
            with lago_sync.LagoClient(api_key=KEY, base_url=wire.url, max_retries=AT_ONCE) as client:
                results = list(client.events.ingest(events))
    expected = {"calls": ("delivered", "duplicate"), POISON: ("rejected",), "": ("invalid",)}
    assert [result.input for result in results] == events
    assert all(result.status in expected[code] for result, code in zip(results, codes, strict=True))
    assert {("sub_1", result.transaction_id) for result in results if result.ok} == set(lago.stored)
    assert set(lago.stored.values()) <= {1}
