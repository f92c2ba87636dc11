"""One client in several loops, threads and processes: it closes cleanly, and never uses another process's connection.

Each script runs in an interpreter of its own, under ``-X dev -W error``: it has to exit with 0 and to print nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lago_async.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

HEAD = """
import asyncio, gc, logging, os, sys, threading, warnings
from lago_async import LagoClient, LagoClosedError, LagoConnectionError, NotFoundError

logging.getLogger("asyncio").addFilter(lambda record: not record.getMessage().startswith("Executing"))  # a slow machine
warnings.filterwarnings("ignore", ".* is multi-threaded, use of fork", DeprecationWarning)
client = LagoClient(max_retries=0)

async def call():
    try:
        await client.customers.find("nobody")
    except NotFoundError:
        pass

async def calls(number=5):
    await asyncio.gather(*(call() for _ in range(number)))
"""


def run(script: str) -> None:
    first = "from tests.unseen_fork import fork_unseen\n" if "fork_unseen()" in script else ""
    with Sandbox() as sandbox:
        ran = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", first + HEAD + script],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"}
            | {"LAGO_API_KEY": sandbox.api_key, "LAGO_API_URL": sandbox.url},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.stderr == ""
    assert ran.stdout == ""
    assert ran.returncode == 0


@pytest.mark.parametrize("others", ["await calls()", "await asyncio.sleep(0)", "pass"])
def test_a_client_that_loops_of_several_threads_use_is_closed_by_one_of_them(others: str) -> None:
    """The other loops are in the middle of calls, run without a call in flight, or have ended."""
    run(f"""
failures = []
ready = threading.Barrier(4)

async def use():
    await calls()
    ready.wait()
    while not client.closed:
        try:
            {others}
        except LagoClosedError:
            pass
        if {others == "pass"}:
            return

def work():
    try:
        asyncio.run(use())
    except BaseException as error:
        failures.append(error)

async def close():
    await calls()
    ready.wait()
    await calls(20)
    await client.close()

threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
asyncio.run(close())
for thread in threads:
    thread.join()
del client
gc.collect()
assert failures == [], failures
""")


def test_loops_of_several_threads_that_open_and_close_one_client_at_once_leave_nothing_behind() -> None:
    run("""
sys.setswitchinterval(1e-5)
failures = []

def work(client, ready):
    async def use():
        ready.wait()
        try:
            await client.customers.find("nobody")
        except (NotFoundError, LagoClosedError):
            pass
        await client.close()
    try:
        asyncio.run(use())
    except BaseException as error:
        failures.append(error)

for _ in range(20):
    one, ready = LagoClient(max_retries=0), threading.Barrier(4)
    threads = [threading.Thread(target=work, args=(one, ready)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
gc.collect()
from lago_async._net.connections import _OPEN
assert failures == [] and not _OPEN, (failures, _OPEN)
""")


def test_a_loop_that_stopped_closes_its_connections_when_it_runs_again() -> None:
    run("""
loop = asyncio.new_event_loop()
loop.run_until_complete(calls())

async def close():
    await calls()
    await client.close()

asyncio.run(close())
loop.run_until_complete(loop.shutdown_asyncgens())
loop.close()
del client
gc.collect()
""")


@posix
@pytest.mark.parametrize("fork", ["os.fork()", "fork_unseen()"])
def test_a_forked_child_that_runs_the_loop_of_its_parent_uses_connections_of_its_own(fork: str) -> None:
    run(f"""
import selectors

def sockets():
    connector = client._state.transport._connections.session.connector
    return {{proto.transport.get_extra_info("sockname") for held in connector._conns.values() for proto, _ in held}}

loop = asyncio.SelectorEventLoop(selectors.PollSelector())  # an epoll set would be shared
loop.run_until_complete(calls(1))
mine = sockets()
assert len(mine) == 1
child = {fork}
if child == 0:
    loop.run_until_complete(calls(1))
    os._exit(len(sockets() | mine) != 2)
assert os.waitpid(child, 0)[1] == 0
loop.run_until_complete(calls(1))
assert sockets() == mine
loop.run_until_complete(client.close())
loop.close()
""")


@posix
def test_a_child_that_python_did_not_see_restores_the_collector_when_it_calls() -> None:
    run("""
from lago_async._codec.collector import collector_paused

usual, inside, leave = gc.get_threshold(), threading.Event(), threading.Event()

def pause():
    with collector_paused():
        inside.set()
        leave.wait(10)

thread = threading.Thread(target=pause)
thread.start()
inside.wait(10)
child = fork_unseen()
if child == 0:
    asyncio.run(calls())
    assert gc.get_threshold() == usual
    with collector_paused():
        assert gc.get_threshold()[0] == 0
    os._exit(gc.get_threshold() != usual)
assert os.waitpid(child, 0)[1] == 0
leave.set()
thread.join()
assert gc.get_threshold() == usual
""")
