"""The store on disk and processes: forks, kills at any point, and who sends what a dead process left.

Each script runs in an interpreter of its own under ``-X dev -W error``: it has to exit with 0 and to print nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lago_async._ingest.spools import folder_in, numbers

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

HEAD = """
import asyncio, gc, itertools, logging, os, random, signal, sys, threading, warnings
from pathlib import Path
from lago_async._ingest.spool import EventSpool
from lago_async._ingest.spool_folder import SpoolFolder
from tests.lago_async._ingest.spools import body, folder_in, numbers

logging.getLogger("asyncio").addFilter(lambda record: not record.getMessage().startswith("Executing"))  # a slow machine
warnings.filterwarnings("ignore", ".* is multi-threaded, use of fork", DeprecationWarning)
path = Path(sys.argv[1])

def ended(child):
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


def run(script: str, path: Path) -> None:
    first = "from tests.unseen_fork import fork_unseen\n" if "fork_unseen()" in script else ""
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", first + HEAD + script, str(path)],
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.stderr, ran.stdout, ran.returncode) == ("", "", 0)


def left_in(path: Path) -> list[int]:
    folder = folder_in(path)
    found = numbers(folder.take(1_000_000))
    folder.close()
    return found


@pytest.mark.parametrize("fork", ["os.fork()", "fork_unseen()"], ids=["seen", "unseen by Python"])
def test_a_forked_child_writes_a_file_of_its_own_and_loses_nothing_when_its_parent_ends(
    fork: str, tmp_path: Path
) -> None:
    """With the parent's file, SQLite would hold no lock for the child, and its events would be lost."""
    run(
        f"""
spool = EventSpool(path)
asyncio.run(spool.put([body(1)]))
taken = asyncio.run(spool.take(1))
to_child, from_child = os.pipe(), os.pipe()
child = {fork}
if child == 0:
    assert spool.waiting() == 0, "the parent's events are the parent's"
    asyncio.run(spool.put([body(2)]))
    asyncio.run(spool.confirm(taken))
    os.write(from_child[1], b".")
    os.read(to_child[0], 1)  # the parent has closed its file, and others have used the folder
    asyncio.run(spool.put([body(3)]))
    assert numbers(asyncio.run(spool.take(9))) == [2, 3]
    os.kill(os.getpid(), signal.SIGKILL)
os.read(from_child[0], 1)
asyncio.run(spool.put([body(4)]))
asyncio.run(spool.aclose())
other = folder_in(path)
assert sorted(numbers(other.take(9))) == [1, 4]
other.commit([[body(5)]], ())
other.close()
os.write(to_child[1], b".")
os.waitpid(child, 0)
""",
        tmp_path,
    )
    assert sorted(left_in(tmp_path)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("fork", ["os.fork()", "fork_unseen()"], ids=["seen", "unseen by Python"])
@pytest.mark.parametrize("uses", [True, False], ids=["uses it", "does not use it"])
def test_a_child_that_collects_and_exits_leaves_the_parents_file_alone(fork: str, uses: bool, tmp_path: Path) -> None:
    """If the child released what it inherited, SQLite would remove the log, with events that were committed."""
    run(
        f"""
spool = EventSpool(path)
asyncio.run(spool.put([body(number) for number in range(50)]))
(log,) = path.glob("*.db-wal")
child = {fork}
if child == 0:
    if {uses}:
        asyncio.run(spool.put([body(100)]))
        asyncio.run(spool.aclose())
    del spool
    gc.collect()
    sys.exit(0)  # Python empties all modules
ended(child)
assert log.stat().st_size > 0
asyncio.run(spool.put([body(50)]))
os._exit(0)  # the file is not closed
""",
        tmp_path,
    )
    assert sorted(left_in(tmp_path)) == [*range(51), *([100] if uses else [])]


def test_a_fork_never_leaves_a_child_with_locks_that_a_thread_of_its_parent_held(tmp_path: Path) -> None:
    """The parent is writing at each of these forks. A child that could not use SQLite would never end."""
    run(
        """
spool = EventSpool(path)
stop = threading.Event()
def load():
    async def put():
        for number in itertools.count():
            if stop.is_set():
                return
            await asyncio.gather(*(spool.put([body(number)]) for _ in range(20)))
    asyncio.run(put())
thread = threading.Thread(target=load)
thread.start()
for number in range(40):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        folder = folder_in(path)
        folder.commit([[body(number)]], ())
        os._exit(0)
    ended(child)
stop.set()
thread.join()
asyncio.run(spool.aclose())
""",
        tmp_path,
    )


def test_whatever_was_accepted_survives_a_kill_at_any_point(tmp_path: Path) -> None:
    """Processes that add, confirm and are killed, 25 times: each acknowledged event is there once, or was confirmed."""
    run(
        """
def work(first, acks):
    spool = EventSpool(path)
    async def add(start):
        for number in itertools.count(start, 4):
            await spool.put([body(number)])
            os.write(acks, b"+%d\\n" % number)
    async def send():
        while True:
            events = await spool.take(5)
            for each in events:  # the server has them now
                os.write(acks, b"-%d\\n" % int(each.transaction_id[1:]))
            await spool.confirm(events)
            await asyncio.sleep(0)
    async def both():
        await asyncio.gather(*(add(first + start) for start in range(4)), send())
    asyncio.run(both(), debug=False)

accepted, sent = [], []
for round in range(25):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        work(round * 1_000_000, writing)
    os.close(writing)
    lines = []
    file = os.fdopen(reading, "rb")
    for _ in range(random.randrange(300)):  # a random number of acknowledgements, so a random point
        lines.append(file.readline())
    os.kill(child, signal.SIGKILL)
    lines += file.readlines()
    file.close()
    os.waitpid(child, 0)
    accepted += [int(line[1:]) for line in lines if line[:1] == b"+"]
    sent += [int(line[1:]) for line in lines if line[:1] == b"-"]
folder = folder_in(path)
left = numbers(folder.take(1_000_000))
folder.close()
assert len(accepted) == len(set(accepted)) > 100
assert len(left) == len(set(left)), "none is there twice"
missing = set(accepted) - set(sent) - set(left)
assert not missing, missing
assert len(list(path.glob("events-*.db"))) <= 1, "a restart continues the file of the process before"
""",
        tmp_path,
    )


def test_two_processes_add_at_once_and_each_sends_its_own_until_one_dies(tmp_path: Path) -> None:
    run(
        """
ready, go = os.pipe(), os.pipe()
child = os.fork()
spool = EventSpool(path)
async def add(start):
    await asyncio.gather(*(spool.put([body(number)]) for number in range(start, start + 300)))
if child == 0:
    asyncio.run(add(1000))
    os.write(ready[1], b".")
    os.read(go[0], 1)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(add(0))
os.read(ready[0], 1)
assert sorted(numbers(asyncio.run(spool.take(1000)))) == [*range(300)]
os.write(go[1], b".")
os.waitpid(child, 0)
taken = []
while len(taken) < 300:  # it looks every few seconds
    taken += numbers(asyncio.run(spool.take(1000)))
assert sorted(taken) == [*range(1000, 1300)]
asyncio.run(spool.aclose())
""",
        tmp_path,
    )
