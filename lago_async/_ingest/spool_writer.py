"""The thread that owns the files of a spool: it takes all requests that wait, and commits once for all of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from lago_async._ingest.spool_errors import spool_error
from lago_async._ingest.store import EventBatch
from lago_async._process_local import ForkGate
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from pathlib import Path

    from lago_async._ingest.spool_folder import SpoolFolder
    from lago_async._ingest.store import PendingEvent

# A fork in the middle of a call into SQLite would leave the child with SQLite's own locks taken.
_gate: Final = ForkGate()
_MOST: Final = 4096  # requests of one commit; more would only make the first of them wait longer


class SpoolTotals:
    """The counts of a spool, as of its last commit, and how many events were added. Only the writer changes it."""

    __slots__ = ("added", "bytes", "events")

    def __init__(self) -> None:
        self.added = 0
        self.events = 0
        self.bytes = 0


class SpoolRequest:
    """A request to the writer, and the future of the task that waits for it."""

    __slots__ = ("future", "loop")

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self.loop.create_future()


class Put(SpoolRequest):
    """Accept events, given as their JSON."""

    __slots__ = ("bodies",)

    def __init__(self, bodies: Sequence[bytes]) -> None:
        super().__init__()
        self.bodies = bodies


class Remove(SpoolRequest):
    """Remove events that the server has."""

    __slots__ = ("keys",)

    def __init__(self, keys: Sequence[int]) -> None:
        super().__init__()
        self.keys = keys


class Reject(SpoolRequest):
    """Keep events as dead letters, and remove them."""

    __slots__ = ("rejected",)

    def __init__(self, rejected: Sequence[tuple[PendingEvent, bytes]]) -> None:
        super().__init__()
        self.rejected = rejected


class SpoolCall(SpoolRequest):
    """Do something else with the folder, after the commit of the requests that wait with it."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[SpoolFolder], None]) -> None:
        super().__init__()
        self.function = function


class Close(SpoolRequest):
    """Close the folder, and end the thread."""

    __slots__ = ()


_Settled = tuple[SpoolRequest, BaseException | None]


class SpoolWriter:
    """The thread and its queue. One process has one for each spool.

    Args:
        path: The folder of the spool.
        open_folder: Opens it, on the thread, when it is first needed.
    """

    def __init__(self, path: Path, open_folder: Callable[[], SpoolFolder]) -> None:
        self.totals = SpoolTotals()
        self.ahead = EventBatch()  # read from the folder before they were asked for
        self._queue: SimpleQueue[Sequence[SpoolRequest | None]] = SimpleQueue()
        self._asking = threading.Lock()
        self._asked: list[SpoolRequest | None] = []  # in this turn of the loop
        self._turn_of: asyncio.AbstractEventLoop | None = None  # the loop at whose next turn they are handed over
        self._closed = False
        thread = threading.Thread(
            target=_write,
            args=(path, open_folder, self._queue, self.totals, _gate.make_lock()),
            name="lago-spool",
            daemon=True,
        )
        thread.start()

    async def ask(self, request: SpoolRequest) -> None:
        """Pass a request to the thread, and wait until it is done.

        All requests of one turn of the loop are handed over together. One by one, the first would wake the thread, and
        it would commit that one alone, while it competes with the loop for the interpreter.

        Raises:
            LagoClosedError: The spool was closed.
            EventSpoolError: It failed.
        """
        with self._asking:
            if self._closed:
                raise LagoClosedError("the event spool is closed; open it again")
            self._closed = isinstance(request, Close)
            self._asked.append(request)
            if self._turn_of is not request.loop:
                self._turn_of = request.loop
                request.loop.call_soon(self._hand_over)
        await request.future

    def abandon(self) -> None:
        """End the thread, if it was not closed."""
        with self._asking:
            if not self._closed:
                self._closed = True
                self._asked.append(None)
        self._hand_over()

    def _hand_over(self) -> None:
        with self._asking:
            asked, self._asked, self._turn_of = self._asked, [], None
            if asked:
                self._queue.put(asked)

    @property
    def closed(self) -> bool:
        """Whether the spool was closed."""
        return self._closed


def _write(
    path: Path,
    open_folder: Callable[[], SpoolFolder],
    queue: SimpleQueue[Sequence[SpoolRequest | None]],
    totals: SpoolTotals,
    lock: threading.Lock,
) -> None:
    """Serve requests until one closes the spool.

    Nothing but the variables of this function may hold the folder for long. A forked child does not have this thread,
    so its variables are never released there. If the child released them, SQLite would close the parent's files, and
    remove the log with events that were committed.
    """
    folder: SpoolFolder | None = None
    closing = False
    while not closing:
        waiting = list(queue.get())
        with suppress(Empty):
            while len(waiting) < _MOST:
                waiting += queue.get_nowait()
        requests = [request for request in waiting if request is not None]
        closing = any(request is None or isinstance(request, Close) for request in waiting)
        settled: list[_Settled] = []
        with lock:
            try:
                if folder is None and not all(isinstance(request, Close) for request in requests):
                    folder = open_folder()
                if folder is not None:
                    settled = _serve(folder, requests, path)
                    totals.added += sum(
                        len(each.bodies) for each, error in settled if isinstance(each, Put) and not error
                    )
                    totals.events, totals.bytes = folder.events, folder.size
                    if closing:
                        folder.close()
            except Exception as error:  # noqa: BLE001 - the caller has it
                done = {request for request, _ in settled}
                settled += [(request, spool_error(error, path)) for request in requests if request not in done]
        settled += [(request, None) for request in requests if isinstance(request, Close)]
        _settle(settled)
        del waiting, requests, settled


def _serve(folder: SpoolFolder, requests: Sequence[SpoolRequest], path: Path) -> list[_Settled]:
    """Do what was asked, additions and removals first and in one commit."""
    settled: list[_Settled] = []
    puts = [request for request in requests if isinstance(request, Put) and not request.future.cancelled()]
    removed: list[int] = []
    for request in requests:
        if isinstance(request, Remove):
            removed += request.keys
            settled.append((request, None))
        elif isinstance(request, Reject):
            try:
                folder.keep_as_dead_letters(request.rejected)
            except Exception as error:  # noqa: BLE001 - the caller has it
                settled.append((request, spool_error(error, path)))
            else:
                removed += [event.key for event, _ in request.rejected]
                settled.append((request, None))
    if puts or removed:
        try:
            errors = folder.commit([put.bodies for put in puts], removed)
        except Exception as error:  # noqa: BLE001 - the caller has it
            settled += [(put, spool_error(error, path, committing=True)) for put in puts]
        else:
            settled += zip(puts, errors, strict=True)
    for request in requests:
        if isinstance(request, SpoolCall):
            try:
                request.function(folder)
            except Exception as error:  # noqa: BLE001 - the caller has it
                settled.append((request, spool_error(error, path)))
            else:
                settled.append((request, None))
    return settled


def _settle(settled: Sequence[_Settled]) -> None:
    """Wake the tasks that wait: one call for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Settled]] = {}
    for each in settled:
        by_loop.setdefault(each[0].loop, []).append(each)
    for loop, results in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed, so no caller waits
            loop.call_soon_threadsafe(_set_results, results)


def _set_results(results: Sequence[_Settled]) -> None:
    for request, error in results:
        if request.future.done():
            continue  # the caller was cancelled
        if error is None:
            request.future.set_result(None)
        else:
            request.future.set_exception(error)
