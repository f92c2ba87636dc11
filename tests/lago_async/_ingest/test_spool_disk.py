"""The store on disk and its disk: a power cut at any point, no room, no right to write, damage."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from lago_async import ENDPOINTS, EventSpoolError, EventSpoolFullError, Request, Response, RetryPolicy
from lago_async._ingest.batch_route import BatchRoute
from lago_async._ingest.engine import SinkEngine
from lago_async._ingest.settings import SinkSettings
from lago_async._ingest.spool import EventSpool
from lago_async._ingest.spool_folder import SCAN_INTERVAL, SpoolFolder
from lago_async._ingest.store import PendingEvent
from tests.lago_async._ingest.spools import Clock, body, folder_in, numbers, sabotaged, sqlite_error

SECTOR = 512
HEADER = 32  # of the log


# --- a power cut ------------------------------------------------------------------------------------------------------


def mixed(old: bytes, new: bytes, chance: random.Random) -> bytes:
    """Return a file after a power cut: of what was written since the last sync, each sector is there or is not."""
    size = chance.choice([len(old), len(new), chance.randint(min(len(old), len(new)), max(len(old), len(new)))])
    size = max(size, min(len(old), len(new)))
    whole = bytearray(new[:size].ljust(size, b"\0"))
    keep = chance.random()  # how much of it was lost
    for start in range(0, size, SECTOR):
        if chance.random() < keep:
            sector = old[start : start + SECTOR]
            whole[start : start + SECTOR] = sector.ljust(min(SECTOR, size - start), b"\0")
    return bytes(whole)


def frequent_checkpoints(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{Path(path).as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)
    connection.execute("PRAGMA wal_autocheckpoint = 12")
    return connection


def test_whatever_was_accepted_survives_a_power_cut_at_any_point(tmp_path: Path) -> None:
    """After each commit, the files are as they may be if the power fails during the next one.

    SQLite writes the file only after it has synced the log, and the log again from its beginning only after it has
    synced the file; and then the header of the log first, with a sync of its own. So during a commit, either the log is
    incomplete and the file is as before, or the log is complete and the file is incomplete.
    """
    chance = random.Random(20_260_701)
    (tmp_path / "spool").mkdir()
    spool = folder_in(tmp_path / "spool", connect=frequent_checkpoints, max_bytes=10**9)
    (database,) = (tmp_path / "spool").glob("*.db")
    log = database.with_name(f"{database.name}-wal")
    accepted: set[int] = set()
    removed: set[int] = set()
    counter = checkpoints = 0
    held: list[PendingEvent] = []
    for _ in range(40):
        before = database.read_bytes(), log.read_bytes()
        was_accepted, was_removed = set(accepted), set(removed)
        added = list(range(counter, counter + chance.randint(1, 30)))
        counter = added[-1] + 1
        gone, held = held[: chance.randint(0, 20)], held[chance.randint(0, 20) :]
        gone = [each for each in gone if each not in held]
        assert spool.commit([[body(number, chance.randint(0, 300)) for number in added]], [e.key for e in gone]) == [
            None
        ]
        accepted.update(added)
        removed.update(numbers(gone))
        held += spool.take(chance.randint(0, 20))
        after = database.read_bytes(), log.read_bytes()
        began = after[1][:HEADER] + before[1][HEADER:]  # the same as before, unless the log begins again
        states = [before, (before[0], began), *((before[0], mixed(began, after[1], chance)) for _ in range(4))]
        if before[0] != after[0]:
            checkpoints += 1
            states += [(mixed(before[0], after[0], chance), after[1]) for _ in range(4)]
        for number, (file, lines) in enumerate(states):
            copy = tmp_path / "copy"
            copy.mkdir()
            (copy / database.name).write_bytes(file)
            (copy / log.name).write_bytes(lines)
            found = folder_in(copy)
            left = numbers(found.take(1_000_000))
            assert found.events == len(left) == len(set(left)), "none is there twice"
            assert was_accepted - removed <= set(left) <= accepted - was_removed, number
            if number >= 6:  # the log was synced: the commit is there
                assert set(left) == accepted - removed
            found.close()
            shutil.rmtree(copy)
    assert checkpoints > 5
    spool.close()


def test_each_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """The test above takes for granted that SQLite syncs."""
    opened: list[sqlite3.Connection] = []

    def connect(path: str) -> sqlite3.Connection:
        opened.append(frequent_checkpoints(path))
        return opened[-1]

    spool = folder_in(tmp_path, connect=connect)
    (connection,) = opened
    settings = ("journal_mode", "synchronous", "locking_mode", "fullfsync", "checkpoint_fullfsync")
    values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in settings]
    assert values == ["wal", 2, "exclusive", 1, 1]
    spool.close()


# --- a disk that fails --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["BEGIN", "UPDATE", "COMMIT"])
@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        (sqlite3.SQLITE_FULL, EventSpoolFullError, "full, so nothing of this call was accepted"),
        (sqlite3.SQLITE_IOERR, EventSpoolError, "Check its disk"),
        (sqlite3.SQLITE_READONLY, EventSpoolError, "give this user the right to write"),
        (sqlite3.SQLITE_CORRUPT, EventSpoolError, "is damaged"),
    ],
)
def test_a_disk_that_fails_accepts_nothing_loses_nothing_and_says_what_to_do(
    tmp_path: Path, statement: str, code: int, expected: type[EventSpoolError], words: str
) -> None:
    broken = False
    spool = folder_in(
        tmp_path, connect=sabotaged(lambda sql: sqlite_error(code) if broken and sql.startswith(statement) else None)
    )
    spool.commit([[body(1)]], ())
    broken = True
    errors = spool.commit([[body(2)], [body(3)]], ())
    assert [type(error) for error in errors if error is not None and words in str(error)] == [type(errors[0])] * 2
    assert isinstance(errors[0], expected)
    assert errors[0] is not errors[1], "each caller has an exception of its own"
    assert errors[0].maybe_accepted is (code == sqlite3.SQLITE_IOERR)
    assert spool.events == 1
    broken = False
    assert spool.commit([[body(4)]], ()) == [None]
    assert numbers(spool.take(9)) == [1, 4]
    spool.close()
    again = folder_in(tmp_path)
    assert numbers(again.take(9)) == [1, 4]
    again.close()


def test_a_full_disk_is_tried_again_with_the_room_of_the_log(tmp_path: Path) -> None:
    failures: list[sqlite3.Error] = []
    spool = folder_in(tmp_path, connect=sabotaged(lambda sql: failures.pop() if failures and sql == "COMMIT" else None))
    failures.append(sqlite_error(sqlite3.SQLITE_FULL))
    assert spool.commit([[body(1)]], ()) == [None]
    assert numbers(spool.take(9)) == [1]
    spool.close()


async def no_response(_: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError("nothing sets it")


def engine_of(spool: EventSpool, settings: SinkSettings) -> SinkEngine:
    route = BatchRoute(send=no_response, operation=ENDPOINTS["create_batch_events"], policy=RetryPolicy())
    return SinkEngine(spool, route, settings, durable=True)


async def opened_engine(spool: EventSpool, settings: SinkSettings) -> SinkEngine:
    engine = engine_of(spool, settings)
    await engine.open()
    async with asyncio.timeout(30):
        while not engine.dispatcher.drained:  # the first look at the spool, which would take what was just added
            await asyncio.sleep(0.005)
    return engine


async def test_on_a_full_disk_no_event_is_dropped_because_that_makes_no_room(tmp_path: Path) -> None:
    full = False
    connect = sabotaged(lambda sql: sqlite_error(13, "database or disk is full") if full and sql == "COMMIT" else None)
    spool = EventSpool(tmp_path, open_folder=partial(SpoolFolder, connect=connect))
    engine = await opened_engine(spool, SinkSettings(when_full="drop_oldest", linger=600))
    for number in range(3):
        await engine.put([body(number)])
    full = True
    with pytest.raises(EventSpoolFullError, match="the disk of the event spool"):
        await engine.put([body(3)])
    full = False
    assert (engine.counters(0).waiting, engine.counters(0).dropped) == (3, 0)
    await engine.put([body(4)])
    await engine.stop()
    again = folder_in(tmp_path)
    assert numbers(again.take(9)) == [0, 1, 2, 4]
    again.close()


@pytest.mark.parametrize("when_full", ["wait", "drop_oldest"])
async def test_an_event_gets_the_room_of_those_that_leave_in_the_commit_that_refused_it(
    tmp_path: Path, when_full: str
) -> None:
    spool = EventSpool(tmp_path, max_bytes=1024 * 1024)
    for number in range(3):
        await spool.put([body(number, 300_000)])
    held = await spool.take(3)
    engine = engine_of(spool, SinkSettings(when_full=when_full, linger=600))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await asyncio.gather(engine.put([body(3, 300_000)]), spool.confirm(held))
    assert (engine.counters(0).waiting, engine.counters(0).dropped) == (1, 0)
    await engine.stop()


@pytest.mark.parametrize("when_full", ["wait", "drop_oldest"])
async def test_events_that_never_fit_into_a_spool_cost_no_other_event_and_no_time(
    tmp_path: Path, when_full: str
) -> None:
    spool = EventSpool(tmp_path, max_bytes=1024 * 1024)
    engine = await opened_engine(spool, SinkSettings(when_full=when_full, linger=600))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await engine.put([body(0)])
    with pytest.raises(EventSpoolFullError, match="reached its limit"):
        async with asyncio.timeout(30):
            await engine.put([body(number, 300_000) for number in range(1, 5)])
    assert (engine.counters(0).waiting, engine.counters(0).dropped) == (1, 0)
    await engine.stop()


def test_a_disk_that_cannot_be_read_holds_no_event_back(tmp_path: Path) -> None:
    broken = False
    spool = folder_in(
        tmp_path,
        connect=sabotaged(lambda sql: sqlite_error(sqlite3.SQLITE_IOERR) if broken and "body FROM" in sql else None),
    )
    spool.commit([[body(1), body(2)]], ())
    taken = spool.take(1)
    spool.release([each.key for each in taken])
    broken = True
    with pytest.raises(EventSpoolError, match="Check its disk"):
        spool.take(5)
    broken = False
    assert numbers(spool.take(5)) == [1, 2]
    spool.close()


FULL = """
import asyncio, json, resource, signal, sys
from pathlib import Path
from lago_async import EventSpoolError
from lago_async._ingest.spool import EventSpool
from tests.lago_async._ingest.spools import body

async def main():
    spool = EventSpool(Path(sys.argv[1]))
    await spool.open()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit fails, in its middle
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    accepted, refused = [], 0
    for number in range(300):
        try:
            await spool.put([body(number, 500)])
            accepted.append(number)
        except EventSpoolError as error:
            refused += 1
            assert "are kept" in str(error), error
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await spool.put([body(1000)])
    print(json.dumps([accepted, refused]), flush=True)
    import os; os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
@pytest.mark.parametrize("room", [60_000, 123_456])
def test_a_file_system_that_refuses_in_the_middle_of_a_write_loses_nothing(tmp_path: Path, room: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room)],
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stderr == ""
    accepted, refused = json.loads(ran.stdout)
    assert refused > 0
    assert accepted
    spool = folder_in(tmp_path)
    assert set(numbers(spool.take(1_000_000))) >= {*accepted, 1000}
    spool.close()


# --- folders and files that cannot be used ------------------------------------------------------------------------


async def test_a_folder_that_cannot_be_written_is_refused_with_the_remedy(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    tmp_path.chmod(0o500)
    spool = EventSpool(tmp_path)
    with pytest.raises(EventSpoolError, match="right to write"):
        await spool.open()
    tmp_path.chmod(0o700)
    await spool.open()
    await spool.aclose()


def test_a_file_that_cannot_be_written_is_refused_with_the_remedy(tmp_path: Path) -> None:
    """Root may write everywhere, so the file system's refusal is SQLite's here."""

    def read_only(path: str) -> sqlite3.Connection:
        return sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=0)

    with pytest.raises(EventSpoolError, match="right to write to the folder"):
        folder_in(tmp_path, connect=read_only)


def damage(path: Path, kind: str) -> None:
    data = bytearray(path.read_bytes())
    if kind == "another program's database":
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE events (key INTEGER PRIMARY KEY, body BLOB)")
        connection.close()
    elif kind == "text":
        path.write_text("not a database, but a text that is longer than the header of one\n" * 40)
    elif kind == "short text":
        path.write_text("hello")
    elif kind == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "page":
        for at in range(len(data) // 2 // 4096 * 4096, len(data) // 2 // 4096 * 4096 + 4096):
            data[at] ^= 0x5A
        path.write_bytes(data)
    elif kind == "no totals":
        connection = sqlite3.connect(path)
        connection.execute("DELETE FROM totals")
        connection.commit()
        connection.close()
    elif kind == "no table":
        connection = sqlite3.connect(path)
        connection.execute("DROP TABLE events")
        connection.commit()
        connection.close()


DAMAGE = ["another program's database", "text", "short text", "cut", "page", "no totals", "no table"]


@pytest.mark.parametrize("kind", DAMAGE)
async def test_a_damaged_file_is_named_left_as_it_is_and_stops_the_start(tmp_path: Path, kind: str) -> None:
    spool = EventSpool(tmp_path)
    await spool.put([body(number, 300) for number in range(200)])
    await spool.aclose()
    (path,) = tmp_path.glob("*.db")
    damage(path, kind)
    before = path.read_bytes()
    spool = EventSpool(tmp_path)
    with pytest.raises(EventSpoolError, match=r"is damaged, or not a file of an event spool .*Move it") as caught:
        await spool.open()
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    path.rename(tmp_path / "moved")
    path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
    await spool.put([body(1)])
    await spool.aclose()


def test_a_damaged_file_of_another_process_is_logged_once_and_does_not_stop_a_running_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    spool = folder_in(tmp_path, clock=clock)
    (tmp_path / "events-0000.db").write_text("not a database, but a text that is longer than the header of one\n" * 40)
    for _ in range(3):
        clock.now += SCAN_INTERVAL
        assert spool.take(1) == []
    spool.commit([[body(1)]], ())
    assert numbers(spool.take(1)) == [1]
    assert len(caplog.messages) == 1
    assert "events-0000.db is damaged" in caplog.messages[0]
    spool.close()


async def test_a_file_of_a_newer_version_is_refused_unchanged(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    await spool.put([body(1)])
    await spool.aclose()
    (path,) = tmp_path.glob("*.db")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(EventSpoolError, match="newer version"):
        await EventSpool(tmp_path).open()
    assert path.read_bytes() == before


async def test_an_empty_file_that_a_dying_process_left_is_used(tmp_path: Path) -> None:
    (tmp_path / "events-0000.db").touch()
    spool = EventSpool(tmp_path)
    await spool.put([body(1)])
    assert [path.name for path in tmp_path.glob("*.db")] == ["events-0000.db"]
    await spool.aclose()


async def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EventSpoolError, match="must be a folder"):
        await EventSpool(tmp_path / "file").open()


async def test_a_spool_whose_start_failed_can_be_started_when_the_reason_is_gone(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path / "later")
    for call in (spool.put([body(1)]), spool.open()):
        with pytest.raises(EventSpoolError):
            await call
    (tmp_path / "later").mkdir()
    await asyncio.gather(spool.put([body(1)]), spool.put([body(2)]))
    assert numbers(await spool.take(5)) == [1, 2]
    await spool.aclose()


@pytest.mark.skipif(os.name != "posix", reason="needs a system that deletes open files")
async def test_a_folder_that_somebody_deletes_is_named_and_nothing_is_said_to_be_kept(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path / "spool")
    (tmp_path / "spool").mkdir()
    await spool.put([body(1)])
    shutil.rmtree(tmp_path / "spool")
    for number in (2, 3):
        with pytest.raises(
            EventSpoolError, match="was deleted while it was in use, and the events in it are lost"
        ) as error:
            await spool.put([body(number)])
        assert "kept" not in str(error.value)
    await spool.aclose()


def test_a_file_that_somebody_deletes_is_replaced_by_another_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool = folder_in(tmp_path)
    spool.commit([[body(1)]], ())
    (path,) = tmp_path.glob("*.db")
    path.unlink()
    assert spool.commit([[body(2)]], ()) == [None]
    spool.close()
    assert [str(path) in message for message in caplog.messages] == [True]
    again = folder_in(tmp_path)
    assert numbers(again.take(9)) == [2]
    again.close()
