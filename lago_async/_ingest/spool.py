"""The store of an event sink on disk: what was accepted survives the process, and the next process sends it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from lago_async._ingest.spool_folder import SpoolFolder
from lago_async._ingest.spool_writer import Call, Close, Put, Reject, Remove, SpoolWriter
from lago_async._process_local import ProcessLocal
from lago_async._validation import check_whole_number

if TYPE_CHECKING:
    from lago_async._ingest.dead_letters import DeadLetter
    from lago_async._ingest.store import PendingEvent

_T = TypeVar("_T")

MAX_BYTES: Final = 1024**3
_LEAST: Final = 1024**2  # the log of a file takes some of it


class EventSpool:
    """An `EventStore` in a folder that any number of processes share, each with a file of its own.

    A forked child gets a file of its own with its first call. Its parent keeps what it has accepted, and a key that the
    parent took means nothing in the child.

    Args:
        path: The folder. `open_spool` makes it, and refuses that of another organisation.
        max_bytes: The limit of all its files.
        open_folder: Opens the folder; tests pass one whose disk fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = MAX_BYTES,
        open_folder: Callable[..., SpoolFolder] = SpoolFolder,
    ) -> None:
        check_whole_number("max_bytes", max_bytes, least=_LEAST)
        self.path = path
        self._process_id = os.getpid()
        # Neither the thread nor the child's state may hold this object, which ends the thread when it is forgotten.
        writer = partial(SpoolWriter, path, partial(open_folder, path, max_bytes=max_bytes, slots=itertools.count(1)))
        self._writers = ProcessLocal(writer(), lambda _: writer(), eager=False)

    async def open(self) -> None:
        """Open the folder, and take over what dead processes left. Every other call does this, too.

        Raises:
            EventSpoolError: The folder cannot be used, or one of its files is damaged.
        """
        await self._call(lambda _: None)

    async def put(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Accept events; they are on disk when this returns. A call that is cancelled may have accepted them.

        Raises:
            EventSpoolFullError: The limit is reached, or the disk is full; none of these events was accepted.
            EventSpoolError: The disk failed.
        """
        await self._writers.get().ask(Put([body for _, body in events]))

    async def take(self, limit: int) -> list[PendingEvent]:
        """Return the oldest events that nobody holds, at most ``limit``; they are held from now on.

        Raises:
            EventSpoolError: The disk failed; try again later.
        """
        return await self._call(lambda folder: folder.take(limit))

    async def confirm(self, events: Sequence[PendingEvent]) -> None:
        """Remove events that the server has.

        If the disk fails, the removal is repeated with the next commit. If the process dies before it, they are sent
        again, and the server recognises them by their ``transaction_id``.
        """
        await self._writers.get().ask(Remove([event.key for event in events]))

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        """Move events, each with the reason as JSON, to the dead letters.

        Raises:
            EventSpoolError: The disk failed. They are still held: `release` them.
        """
        await self._writers.get().ask(Reject(events))

    async def release(self, events: Sequence[PendingEvent]) -> None:
        """Give back events that were not sent; `take` returns them again."""
        keys = [event.key for event in events]
        await self._call(lambda folder: folder.release(keys))

    async def discard_oldest(self, count: int) -> int:
        """Remove the oldest events that nobody holds, at most ``count``, and return how many were removed."""
        return await self._call(lambda folder: folder.discard_oldest(count))

    def waiting(self) -> int:
        """Return the number of events in the files of this process, as of the last commit; held ones count."""
        return self._writers.get().totals.events

    def waiting_bytes(self) -> int:
        """Return the size of the JSON of these events."""
        return self._writers.get().totals.bytes

    async def dead_letters(self) -> list[DeadLetter]:
        """Return the events that the server refused for good, oldest first.

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
        await self._writers.get().ask(Call(lambda folder: results.append(function(folder))))
        return results[0]
