"""The store of an event sink on disk: what was accepted survives the process, and the next process sends it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from lago_async._ingest.spool_errors import spool_error
from lago_async._ingest.spool_folder import SpoolFolder
from lago_async._ingest.spool_writer import Close, Put, Reject, Remove, SpoolCall, SpoolRequest, SpoolWriter
from lago_async._ingest.store import EventBatch
from lago_async._process_local import ProcessLocal
from lago_async._validation import check_whole_number
from lago_async.errors import EventSpoolError

if TYPE_CHECKING:
    from lago_async._ingest.outcomes import DeadLetter
    from lago_async._ingest.store import PendingEvent

_T = TypeVar("_T")

MAX_BYTES: Final = 1024**3
_LEAST: Final = 1024**2  # the log of a file takes some of it
_EMPTY: Final = 64 * 1024  # bytes; more than a folder without events takes
_AHEAD: Final = 1000  # events that are read at once, because each read waits for the commit in progress
_ASK_AGAIN: Final = 10.0  # seconds until a refused folder is looked at again


class EventSpool:
    """An `EventStore` in a folder that any number of processes share, each with a file of its own.

    A forked child gets a file of its own with its first call. Its parent keeps what it has accepted, and a key that the
    parent took means nothing in the child.

    Args:
        path: The folder.
        max_bytes: The limit of all its files.
        admit: Called before the folder is used: it makes the folder, and raises if it is of another organisation.
        open_folder: Opens the folder; tests pass one whose disk fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = MAX_BYTES,
        admit: Callable[[], Awaitable[None]] | None = None,
        open_folder: Callable[..., SpoolFolder] = SpoolFolder,
    ) -> None:
        check_whole_number("spool_max_bytes", max_bytes, least=_LEAST)
        self.path = path
        self._max_bytes = max_bytes
        self._process_id = os.getpid()
        self._admit = admit
        self._refusal: tuple[float, EventSpoolError] | None = None
        # Neither the thread nor the child's state may hold this object, which ends the thread when it is forgotten.
        writer = partial(SpoolWriter, path, partial(open_folder, path, max_bytes=max_bytes, slots=itertools.count(1)))
        self._writers = ProcessLocal(writer(), lambda _: writer(), eager=False)

    @property
    def added(self) -> int:
        """The number of events that this process has accepted."""
        return self._writers.get().totals.added

    async def open(self) -> None:
        """Open the folder, and take over what dead processes left. Every other call does this, too.

        Raises:
            EventSpoolError: The folder is of another organisation, or cannot be used; or one of its files is damaged.
        """
        self._refusal = None
        await self._call(lambda _: None)

    async def put(self, bodies: Sequence[bytes]) -> None:
        """Accept events; they are on disk when this returns. A call that is cancelled may have accepted them.

        Raises:
            EventSpoolFullError: The limit is reached, or the disk is full; none of these events was accepted.
            EventSpoolError: The folder cannot be used, or the disk failed.
        """
        request = Put(bodies)
        if self._admit is None:
            await self._writers.get().ask(request)
        else:
            await self._ask(request)

    def could_hold(self, bodies: Sequence[bytes]) -> bool:
        """Tell whether there would be room for these events, if no others waited."""
        return sum(map(len, bodies)) + _EMPTY <= self._max_bytes

    def surplus(self, bodies: Sequence[bytes]) -> int:
        """Return how many of the oldest events to drop: fewer at a time would be a commit for each."""
        return len(bodies)

    async def take(self, limit: int) -> EventBatch:
        """Return the oldest events that no caller holds, at most ``limit``; they are held from now on.

        Raises:
            EventSpoolError: The folder cannot be used, or the disk failed; try again later.
        """
        writer = self._writers.get()
        if len(writer.ahead) < limit:  # fewer than asked for means that there are no more
            more = await self._call(lambda folder: folder.take(max(limit, _AHEAD)))
            writer.ahead = EventBatch.joined([writer.ahead, more]) if writer.ahead else more
        return self.take_now(min(limit, len(writer.ahead))) or EventBatch()

    def take_now(self, limit: int) -> EventBatch | None:
        """Return events that were read ahead, if there are as many; they are held from now on."""
        writer = self._writers.get()
        if len(writer.ahead) < limit:
            return None
        taken, writer.ahead = writer.ahead[:limit], writer.ahead[limit:]
        return taken

    async def confirm(self, events: EventBatch) -> None:
        """Remove events that the server has.

        If the disk fails, the removal is repeated with the next commit. If the process dies before it, they are sent
        again, and the server recognises them by their ``transaction_id``.
        """
        await self._ask(Remove(events.keys))

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        """Move events, each with the reason as JSON, to the dead letters.

        Raises:
            EventSpoolError: The disk failed. They are still held: `release` them.
        """
        await self._ask(Reject(events))

    async def release(self, events: EventBatch) -> None:
        """Give back events that were not sent; `take` returns them again."""
        writer = self._writers.get()
        keys = [*events.keys, *writer.ahead.keys]
        writer.ahead = EventBatch()
        await self._call(lambda folder: folder.release(keys))

    async def discard_oldest(self, count: int) -> int:
        """Remove the oldest events that no caller holds, at most ``count``, and return how many were removed."""
        await self.release(EventBatch())
        return await self._call(lambda folder: folder.discard_oldest(count))

    def waiting(self) -> int:
        """Return the number of events in the files of this process, as of the last commit; held ones count."""
        return self._writers.get().totals.events

    def waiting_bytes(self) -> int:
        """Return the size of the JSON of these events."""
        return self._writers.get().totals.bytes

    async def dead_letters(self) -> list[DeadLetter]:
        """Return the events that the server refused permanently, oldest first.

        Raises:
            EventSpoolError: The file cannot be read.
        """
        return await self._call(lambda folder: folder.dead_letters())

    async def resend(self, ids: Collection[str]) -> int:
        """Accept the events of dead letters again, remove the letters, and return how many there were.

        Raises:
            EventSpoolError: The disk failed. The letters are still there.
        """
        wanted = frozenset(ids)
        return await self._call(lambda folder: folder.resend(wanted))

    async def forget(self, ids: Collection[str]) -> int:
        """Remove dead letters, and return how many there were.

        Raises:
            EventSpoolError: The disk failed. The letters are still there.
        """
        wanted = frozenset(ids)
        return await self._call(lambda folder: folder.forget(wanted))

    async def aclose(self) -> None:
        """Close the files, after the calls that wait; another process may send their events then."""
        writer = self._writers.get()
        if not writer.closed:
            await writer.ask(Close())

    def abandon(self) -> None:
        """Close the files without waiting for it."""
        self._writers.get().abandon()

    def __del__(self) -> None:
        if hasattr(self, "_writers") and self._process_id == os.getpid():
            self.abandon()

    async def _call(self, function: Callable[[SpoolFolder], _T]) -> _T:
        results: list[_T] = []
        await self._ask(SpoolCall(lambda folder: results.append(function(folder))))
        return results[0]

    async def _ask(self, request: SpoolRequest) -> None:
        if self._admit is not None:
            await self._enter(self._admit)
        await self._writers.get().ask(request)

    async def _enter(self, admit: Callable[[], Awaitable[None]]) -> None:
        """Make sure that the folder may be used. Calls at the same time may ask twice, which does no harm."""
        if self._refusal is not None and time.monotonic() - self._refusal[0] < _ASK_AGAIN:
            raise spool_error(self._refusal[1], self.path)
        try:
            await admit()
        except EventSpoolError as error:
            self._refusal = time.monotonic(), error
            raise
        self._admit = None
