"""The folder of a spool: the file of this process, the files that it took over from dead ones, and the dead letters."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from lago_async._folder_sync import sync_folder
from lago_async._ingest import dead_letters
from lago_async._ingest.dead_letters import letter_line
from lago_async._ingest.outcomes import DeadLetter
from lago_async._ingest.spool_errors import SpoolDamagedError, spool_error
from lago_async._ingest.spool_file import PATTERN, Connect, SpoolFile, claim, connect, create_file
from lago_async._ingest.store import EventBatch, PendingEvent
from lago_async.errors import EventSpoolError, EventSpoolFullError

SCAN_INTERVAL: Final = 2.0
"""Seconds between two searches for files of dead processes."""

_log: Final = logging.getLogger("lago_async.events")
_EACH: Final = 24  # bytes of the file for each event, besides its body; measured


class SpoolFolder:
    """All files of a spool that this process owns. Its methods block, and belong to one thread.

    Args:
        path: The folder.
        max_bytes: The limit of all its files.
        slots: Numbers for the files, none of them used before in this process or its parents. A key holds the number of
            its file, so a child ignores the keys of its parent.
        connect: Opens a file; tests pass a disk that fails.
        clock: A clock that never goes back, in seconds.

    Raises:
        EventSpoolError: The folder cannot be used, or one of its files is damaged.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int,
        slots: Iterator[int],
        connect: Connect = connect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._slots = slots
        self._max_bytes = max_bytes
        self._connect = connect
        self._clock = clock
        self._damaged: set[Path] = set()
        self._unconfirmed: set[int] = set()  # confirmed by the server, but not yet removed from the disk
        self._scanned = clock()
        self._others: tuple[float, int] | None = None  # when the size of the other files was looked up, and the size
        self._inherited: list[SpoolFile] = []
        self._own: SpoolFile | None = None
        try:
            self._inherited = self._orphans()
            # A restarted process continues the file of its predecessor, so that files do not become more and more.
            self._own = self._inherited.pop() if self._inherited else self._create()
        except BaseException:
            self.close()
            raise

    @property
    def events(self) -> int:
        """The number of events in the files of this process."""
        return sum(file.events for file in self._files) - len(self._unconfirmed)

    @property
    def size(self) -> int:
        """The size of the JSON of these events."""
        return sum(file.bytes for file in self._files)

    @property
    def _files(self) -> list[SpoolFile]:
        return self._inherited if self._own is None else [*self._inherited, self._own]

    def commit(self, puts: Sequence[Sequence[bytes]], removed: Collection[int]) -> list[EventSpoolError | None]:
        """Add the events of many calls and remove others, in one transaction, and return when it is on disk.

        Removals that fail are repeated with the next commit.

        Returns:
            For each call, None, or the error: none of its events was accepted.
        """
        if self._own is None:
            raise RuntimeError("the folder is closed")
        self._unconfirmed.update(key for key in removed if any(file.has(key) for file in self._files))
        errors: list[EventSpoolError | None] = []
        added: list[bytes] = []
        if puts and not self._own.path.exists():
            self._start_again()
        room = self._room() if puts else 0
        for put in puts:
            size = sum(map(len, put)) + _EACH * len(put)
            if size > room:
                room = self._more_room(room)
            errors.append(None if size <= room else self._full())
            if size <= room:
                room -= size
                added += put
        for file in self._files:
            keys = [key for key in self._unconfirmed if file.has(key)]
            new = added if file is self._own else []
            if not keys and not new:
                continue
            try:
                file.commit(new, keys)
            except EventSpoolError as error:
                if new:
                    errors = [spool_error(error, self.path) if each is None else each for each in errors]
            else:
                self._unconfirmed.difference_update(keys)
        self._drop_drained()
        return errors

    def take(self, limit: int) -> EventBatch:
        """Return the oldest events that no caller holds, at most ``limit``; look for what dead processes left."""
        if self._clock() - self._scanned >= SCAN_INTERVAL:
            self._scanned = self._clock()
            self._inherited += self._orphans(tolerant=True)
        parts: list[EventBatch] = []
        for file in self._files:
            if limit > 0 and (part := file.take(limit)):
                parts.append(part)
                limit -= len(part)
        return parts[0] if len(parts) == 1 else EventBatch.joined(parts)

    def release(self, keys: Sequence[int]) -> None:
        """Let `take` return events again."""
        for file in self._files:
            if own := [key for key in keys if file.has(key)]:
                file.release(own)

    def discard_oldest(self, count: int) -> int:
        """Remove the oldest events that no caller holds, at most ``count``, and return how many were removed."""
        oldest = self.take(count)
        self.commit((), oldest.keys)
        return len(oldest)

    def keep_as_dead_letters(self, rejected: Sequence[tuple[PendingEvent, bytes]]) -> None:
        """Write rejected events to the file of dead letters; they are to be removed afterwards.

        Raises:
            EventSpoolError: They were not written.
        """
        lines: list[bytes] = []
        at = dead_letters.now()
        for event, reason in rejected:
            for file in self._files:
                if file.has(event.key):
                    letter = f"{file.path.stem}-{file.key_in_file(event.key)}"
                    lines.append(letter_line(letter, event.transaction_id, event.body, reason, at))
        try:
            if lines:
                dead_letters.append(self.path, lines)
        except OSError as error:
            raise spool_error(error, self.path) from None

    def resend(self, ids: Collection[str]) -> int:
        """Accept the events of dead letters again, and remove the letters.

        Raises:
            EventSpoolError: The letters are as they were; or, in rare cases, the events are sent and the letters stay.
        """
        found = dead_letters.events_of(self.path, ids)
        if found:
            (error,) = self.commit([[body for _, body in found]], ())
            if error is not None:
                raise error
            self.forget([letter for letter, _ in found])
        return len(found)

    def forget(self, ids: Collection[str]) -> int:
        """Remove dead letters."""
        try:
            return dead_letters.remove(self.path, ids)
        except OSError as error:
            raise spool_error(error, self.path) from None

    def dead_letters(self) -> list[DeadLetter]:
        """Return the dead letters, oldest first."""
        return dead_letters.read(self.path)

    def close(self) -> None:
        """Close all files, so that another process may own them."""
        if self._own is not None and self._unconfirmed:
            self.commit((), ())
        files, self._inherited, self._own = self._files, [], None
        for file in files:
            file.close()

    def _create(self) -> SpoolFile:
        while True:
            try:
                path = create_file(self.path)
                sync_folder(self.path)
            except OSError as error:
                raise spool_error(error, self.path) from None
            file = claim(path, next(self._slots), self._connect)
            if file is not None:  # otherwise another process was faster, and owns it
                return file

    def _start_again(self) -> None:
        """Use another file, because a program has deleted ours. Our events in it would be lost."""
        if self._own is not None:
            _log.error("%s was deleted, and %d events with it", self._own.path, self._own.events)
            self._own.close()
        self._own = self._create()

    def _orphans(self, *, tolerant: bool = False) -> list[SpoolFile]:
        """Own the files whose process has died, oldest first."""
        owned = {file.path for file in self._files}
        found: list[SpoolFile] = []
        for path in sorted(self.path.glob(PATTERN), key=_age):
            if path in owned or path in self._damaged:
                continue
            try:
                file = claim(path, next(self._slots), self._connect)
            except EventSpoolError as error:
                if not tolerant:
                    for each in found:
                        each.close()
                    raise
                if isinstance(error, SpoolDamagedError):
                    self._damaged.add(path)
                _log.error("events of a dead process cannot be sent: %s", error)
                continue
            if file is not None:
                found.append(file)
        return found

    def _drop_drained(self) -> None:
        for file in [file for file in self._inherited if not file.events]:
            self._inherited.remove(file)
            file.close()
        if self._own is not None and not self._own.events:
            self._own.shrink()

    def _more_room(self, room: int) -> int:
        """Empty the log of the own file, and return the room then; ``room`` is what was left before."""
        before, self._others = self._room(), None
        if self._own is not None:
            self._own.empty_log()
        return room + max(0, self._room() - before)

    def _room(self) -> int:
        now = self._clock()
        if self._others is None or now - self._others[0] > 0.2:
            own = None if self._own is None else self._own.path.name
            size = 0
            for path in self.path.iterdir():
                if path.name != own:
                    try:
                        size += path.stat().st_size
                    except OSError:
                        continue  # another process has just removed it
            self._others = now, size
        return self._max_bytes - self._others[1] - (0 if self._own is None else self._own.used_bytes())

    def _full(self) -> EventSpoolFullError:
        return EventSpoolFullError(
            f"the event spool {self.path} has reached its limit of {self._max_bytes:,} bytes with {self.events:,} "
            "events of this process, so nothing of this call was accepted. Events leave when Lago has confirmed them: "
            "see whether it can be reached; look at the dead letters, which count too; or raise the limit"
        )


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name
