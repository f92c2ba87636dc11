"""The store on disk: accepted events are there until they are confirmed, in order, after any process opens it."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lago_async import EventSpoolError, EventSpoolFullError, LagoClosedError, LagoConfigError
from lago_async._ingest.spool import EventSpool
from lago_async._ingest.spool_folder import SCAN_INTERVAL, SpoolFolder
from lago_async._ingest.store import EventBatch, EventStore, PendingEvent
from tests.lago_async._ingest.spools import Clock, body, folder_in, numbers, sabotaged, sqlite_error


async def test_an_accepted_event_is_there_for_the_next_process_until_it_is_confirmed(tmp_path: Path) -> None:
    first = EventSpool(tmp_path)
    await first.put([body(1), body(2), body(3)])
    await first.confirm(await first.take(1))
    await first.aclose()
    second = EventSpool(tmp_path)
    taken = await second.take(10)
    assert [each.body for each in taken] == [body(2), body(3)]
    assert (second.waiting(), second.waiting_bytes()) == (2, len(body(2)) + len(body(3)))
    assert await second.take(10) == []
    await second.confirm(taken)
    assert (second.waiting(), second.waiting_bytes()) == (0, 0)
    await second.aclose()
    assert list(tmp_path.glob("events-*")) == [], "nothing waits, so no file is left"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 5)),
        st.tuples(st.just("take"), st.integers(1, 7)),
        st.tuples(st.sampled_from(["confirm", "reject", "release"]), st.integers(1, 7)),
        st.tuples(st.just("discard"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["reopen", "die", "other"]), st.just(0)),
    ),
    max_size=40,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_calls_keeps_each_event_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """A model in memory agrees with the folder: also after it was closed, and with the file of a dead process."""
    path = tmp_path_factory.mktemp("spool")
    clock = Clock()
    spool = folder_in(path, clock=clock)
    waiting: list[int] = []  # that no caller holds
    held: dict[int, object] = {}
    dead: list[int] = []
    taken: list[PendingEvent] = []
    counter = 0
    for step, count in steps:
        if step == "put":
            added = list(range(counter, counter + count))
            counter += count
            assert spool.commit([[body(number) for number in added]], ()) == [None]
            waiting += added
        elif step == "take":
            got = spool.take(count)
            assert numbers(got) == waiting[:count]
            del waiting[: len(got)]
            taken += got
            held |= dict.fromkeys(numbers(got))
        elif step in {"confirm", "reject"}:
            some, taken = taken[:count], taken[count:]
            if step == "reject":
                spool.keep_as_dead_letters([(each, b'{"status_code":422,"error_details":"no"}') for each in some])
                dead += numbers(some)
            spool.commit((), [each.key for each in some])
            for number in numbers(some):
                del held[number]
        elif step == "release":
            some, taken = taken[-count:], taken[:-count]
            spool.release([each.key for each in some])
            waiting = sorted([*waiting, *numbers(some)])
            for number in numbers(some):
                del held[number]
        elif step == "discard":
            assert spool.discard_oldest(count) == len(waiting[:count])
            del waiting[:count]
        elif step == "reopen":
            spool.close()
            spool = folder_in(path, clock=clock)
            waiting, held, taken = sorted([*waiting, *held]), {}, []
        elif step == "other" and not waiting and not held:
            other = folder_in(path)  # its events come later than ours
            other.commit([[body(counter)]], ())
            other.close()
            waiting.append(counter)
            counter += 1
            clock.now += SCAN_INTERVAL
            assert numbers(spool.take(1)) == [counter - 1]
            spool.close()
            spool = folder_in(path, clock=clock)
        assert spool.events == len(waiting) + len(held) or step == "other"
        assert [int(letter.transaction_id[1:]) for letter in spool.dead_letters()] == dead
    assert spool.size == sum(len(body(number)) for number in [*waiting, *held])
    spool.close()


async def test_many_tasks_share_commits_and_each_waits_for_its_own(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    await asyncio.gather(*(spool.put([body(number)]) for number in range(500)))
    assert sorted(numbers(await spool.take(1000))) == list(range(500))
    await spool.aclose()


async def test_events_that_are_added_in_turn_are_taken_in_that_order(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    for number in range(20):
        await spool.put([body(number)])
    first = await spool.take(5)
    second = await spool.take(5)
    await spool.release(second[3:])
    await spool.release(first[:2])
    assert numbers(await spool.take(7)) == [0, 1, 8, 9, 10, 11, 12]
    await spool.aclose()


async def test_fewer_events_than_asked_for_means_that_there_are_no_more(tmp_path: Path) -> None:
    """A flush ends when the store has no more events; some are read before they are asked for."""
    spool = EventSpool(tmp_path)
    await spool.put([body(number) for number in range(5)])
    assert numbers(await spool.take(3)) == [0, 1, 2]
    await spool.put([body(number) for number in range(5, 9)])
    assert numbers(await spool.take(5)) == [3, 4, 5, 6, 7]
    assert numbers(await spool.take(5)) == [8]
    await spool.aclose()


async def test_a_call_that_is_cancelled_before_its_commit_began_accepts_nothing(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    await spool.open()
    put = asyncio.ensure_future(spool.put([body(1)]))
    put.cancel()  # it has not run at all
    await asyncio.gather(put, return_exceptions=True)
    await spool.put([body(2)])
    assert numbers(await spool.take(9)) == [2]
    await spool.aclose()


async def test_a_closed_spool_says_so_and_closes_twice(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    await spool.aclose()
    await spool.aclose()
    for call in (spool.put([body(1)]), spool.take(1), spool.confirm(EventBatch())):
        with pytest.raises(LagoClosedError):
            await call


async def test_calls_that_wait_when_it_is_closed_are_carried_out(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    puts = [asyncio.ensure_future(spool.put([body(number)])) for number in range(50)]
    await asyncio.sleep(0)
    await spool.aclose()
    await asyncio.gather(*puts)
    again = EventSpool(tmp_path)
    assert numbers(await again.take(100)) == list(range(50))
    await again.aclose()


def test_one_spool_serves_one_loop_after_another(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    asyncio.run(spool.put([body(1)]))
    assert numbers(asyncio.run(spool.take(5))) == [1]
    asyncio.run(spool.aclose())


async def test_two_spools_of_one_process_share_a_folder(tmp_path: Path) -> None:
    one, two = EventSpool(tmp_path), EventSpool(tmp_path)
    await asyncio.gather(one.put([body(1)]), two.put([body(2)]))
    assert (numbers(await one.take(9)), numbers(await two.take(9))) == ([1], [2])
    await one.aclose()
    await two.aclose()


def test_what_another_process_leaves_is_taken_over_while_this_one_runs(tmp_path: Path) -> None:
    clock = Clock()
    staying, leaving = folder_in(tmp_path, clock=clock), folder_in(tmp_path)
    staying.commit([[body(1)]], ())
    leaving.commit([[body(2), body(3)]], ())
    clock.now += SCAN_INTERVAL
    assert numbers(staying.take(9)) == [1], "the other one is alive"
    leaving.close()
    assert staying.take(9) == [], "it does not look each time"
    clock.now += SCAN_INTERVAL
    inherited = staying.take(9)
    assert numbers(inherited) == [2, 3]
    assert staying.events == 3
    staying.commit((), [each.key for each in inherited])
    assert len(list(tmp_path.glob("events-*.db"))) == 1, "a file that was drained is removed"
    staying.close()


def test_a_confirmation_that_fails_is_repeated_with_the_next_commit(tmp_path: Path) -> None:
    broken = False
    connect = sabotaged(
        lambda sql: sqlite_error(13, "database or disk is full") if broken and "DELETE" in sql else None
    )
    spool = folder_in(tmp_path, connect=connect)
    spool.commit([[body(1), body(2)]], ())
    taken = spool.take(2)
    broken = True
    spool.commit((), [each.key for each in taken])
    assert spool.events == 0
    assert spool.take(5) == []
    broken = False
    spool.commit([[body(3)]], ())
    spool.close()
    again = folder_in(tmp_path)
    assert numbers(again.take(9)) == [3]
    again.close()


def test_a_key_that_the_spool_does_not_have_is_ignored(tmp_path: Path) -> None:
    """A child gets the keys that its parent took, if it continues with the parent's task."""
    spool = folder_in(tmp_path)
    spool.commit([[body(1)]], ())
    (taken,) = spool.take(1)
    spool.commit((), [taken.key + (1 << 44), 1, 0])
    spool.release([taken.key + (1 << 44), 1])
    assert (spool.events, list(spool.take(1))) == (1, [])
    spool.close()


def test_the_limit_holds_for_all_files_and_frees_itself(tmp_path: Path) -> None:
    limit = 1024 * 1024
    clock = Clock()
    spool = folder_in(tmp_path, max_bytes=limit, clock=clock)
    number = 0
    errors: list[EventSpoolError | None] = [None]
    for _ in range(3):
        while errors == [None]:
            errors = spool.commit([[body(number, 1000)]], ())
            number += 1
            clock.now += 1
        (error,) = errors
        assert isinstance(error, EventSpoolFullError)
        assert not error.maybe_accepted
        assert "1,048,576 bytes" in str(error)
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= limit * 1.1
        held = len(spool.take(10_000))
        assert held > 600, "most of the room is for events"
        spool.commit((), range((1 << 44) + 1, (1 << 44) + number + 1))
        errors = spool.commit([[body(number, 1000)]], ())
        assert errors == [None], "confirmed events have left room"
    spool.close()


def test_of_calls_that_share_a_commit_only_those_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    spool = folder_in(tmp_path, max_bytes=1024 * 1024)
    errors = spool.commit([[body(1)], [body(2, 2_000_000)], [body(3)]], ())
    assert [type(error) for error in errors] == [type(None), EventSpoolFullError, type(None)]
    assert numbers(spool.take(9)) == [1, 3]
    spool.close()


@pytest.mark.parametrize("limit", [0, -1, 1000, 2.5, None, True])
def test_a_limit_that_cannot_be_one_is_refused(tmp_path: Path, limit: object) -> None:
    with pytest.raises(LagoConfigError, match="max_bytes"):
        EventSpool(tmp_path, max_bytes=limit)  # type: ignore[arg-type]


async def test_a_forgotten_spool_lets_go_of_its_file(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    await spool.put([body(1)])
    threads = [thread for thread in threading.enumerate() if thread.name == "lago-spool"]
    assert threads
    del spool
    gc.collect()
    for thread in threads:
        await asyncio.to_thread(thread.join, 30)
    again = EventSpool(tmp_path)
    assert numbers(await again.take(5)) == [1]
    await again.aclose()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
async def test_only_the_user_may_read_the_files(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    await spool.put([body(1), body(2)])
    (taken,) = await spool.take(1)
    await spool.reject([(taken, b'{"status_code":422,"error_details":"no"}')])
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert len(modes) == 4
    assert set(modes.values()) == {"0o600"}, modes
    await spool.aclose()


def test_it_is_a_store(tmp_path: Path) -> None:
    store: EventStore = EventSpool(tmp_path)
    assert store.waiting() == 0


def test_a_loop_that_ends_before_its_turn_holds_up_no_call_of_the_next_loop(tmp_path: Path) -> None:
    """Calls of one turn of a loop are handed to the thread together, at its next turn, which may never come."""
    spool = EventSpool(tmp_path)
    loop = asyncio.new_event_loop()
    cut_off = spool.put([body(1)])

    async def begin() -> None:
        cut_off.send(None)
        loop.stop()

    loop.run_until_complete(begin())
    loop.close()
    cut_off.close()
    asyncio.run(spool.put([body(2)]))
    assert numbers(asyncio.run(spool.take(9)))[-1] == 2
    asyncio.run(spool.aclose())


async def test_calls_of_one_turn_of_the_loop_share_a_commit(tmp_path: Path) -> None:
    commits: list[int] = []

    class Counted(SpoolFolder):
        def commit(self, puts: Sequence[Sequence[bytes]], removed: Collection[int]) -> list[EventSpoolError | None]:
            commits.append(len(puts))
            return super().commit(puts, removed)

    spool = EventSpool(tmp_path, open_folder=Counted)
    await asyncio.gather(*(spool.put([body(number)]) for number in range(300)))
    assert commits == [300]
    assert numbers(await spool.take(1000)) == list(range(300))
    await spool.aclose()
