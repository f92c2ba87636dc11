"""The names that the scenarios of `test_runtime.py` use in their process: a client, and views of threads and server.

`Client` is a stand-in of a few lines, an aiohttp session behind a `Lease`; or the real client, if CLIENT is `lago`.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import ctypes
import gc
import linecache
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
import urllib.request
import warnings
import weakref
from typing import TYPE_CHECKING, Self, cast

import lago_sync._runtime as runtime
from lago_async.errors import LagoClosedError, LagoConfigError
from lago_sync._runtime import Lease, LoopThread

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

__all__ = [
    "Client", "Lago", "LagoClosedError", "LagoConfigError", "Lease", "LoopThread", "asyncio", "atexit", "call_once",
    "contextvars", "ctypes", "gc", "linecache", "logging", "loop_threads", "multiprocessing", "nothing", "os",
    "runtime", "seen", "signal", "sys", "threading", "time", "traceback", "until", "warnings", "weakref",
]  # fmt: skip

logging.getLogger("asyncio").setLevel(logging.ERROR)  # debug mode reports slow callbacks, which a busy machine has


# Python 3.12 and later warn of exactly the forks that the scenarios test.
warnings.filterwarnings("ignore", ".* is multi-threaded, use of fork", DeprecationWarning)


class Sessions:
    """One aiohttp session per loop. A session made on a loop of another process is kept, never closed."""

    def __init__(self) -> None:
        self.sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    async def get(self, path: str) -> str:
        import aiohttp  # not every scenario needs it

        loop = asyncio.get_running_loop()
        if loop not in self.sessions:
            self.sessions[loop] = aiohttp.ClientSession(os.environ["SERVER"])
        async with self.sessions[loop].get(path) as response:
            return await response.text()

    async def aclose(self) -> None:
        loop = asyncio._get_running_loop()  # None in a process where no thread was started
        session = None if loop is None else self.sessions.pop(loop, None)
        if session is not None:
            await session.close()


class StandIn:
    """The part of a blocking client that the scenarios need."""

    itself: Self  # a cycle that a scenario makes
    left: object  # what a scenario leaves on the loop

    def __init__(self) -> None:
        self.sessions = Sessions()
        self.lease = Lease(self.sessions.aclose)

    def get(self, what: str = "quick") -> str:
        """Return the number of the connection that was used; ``slow`` takes a minute."""
        return self.lease.run(self.sessions.get, f"/{what}")

    def close(self) -> None:
        self.lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not self.lease.closed:
            self.lease.abandon()
            warnings.warn("unclosed client", ResourceWarning, source=self, stacklevel=2)


class Lago:
    """The real client, asked for a customer whose name is the number of the connection."""

    def __init__(self) -> None:
        from lago_sync import LagoClient

        self.client = LagoClient(api_key="key", base_url=os.environ["SERVER"])

    def get(self, what: str = "quick") -> str:
        return str(self.client.customers.find(what).external_id)

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


# The scenarios that run with the real client use only what both have.
Client = cast("type[StandIn]", Lago) if os.environ["CLIENT"] == "lago" else StandIn


def call_once() -> None:
    """Make a client and one call: the work of a spawned process."""
    with Client() as client:
        client.get()


async def nothing() -> None:
    """Do nothing, as the `aclose` of a lease without a client."""


def loop_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, LoopThread)]


def seen(what: str) -> int:
    """Return a count of the server: connections ``open`` (without this one), slow requests ``waiting``, ``dropped``."""
    with urllib.request.urlopen(f"{os.environ['SERVER']}/seen/{what}") as response:
        return int(response.read())


def until(condition: Callable[[], object], limit: float = 10.0) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, "the condition never became true"
        time.sleep(0.01)
