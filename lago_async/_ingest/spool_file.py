"""One SQLite file of a spool, which one process owns.

Each process writes a file of its own, because SQLite keeps its record of file locks across a fork: a child that opens
the file that its parent has open holds no lock, and loses events that were committed. SQLite's exclusive lock on the
file is the ownership. The operating system releases it when the process dies, and a forked child does not inherit it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

from lago_async._ingest.spool_errors import damaged, is_busy, is_full, lacks_table, spool_error
from lago_async._ingest.store import EventBatch
from lago_async.errors import EventSpoolError

_ROWS: Final = 50
_INSERT_ROW: Final = "INSERT INTO events VALUES (?, ?)"
_INSERT_ROWS: Final = f"{_INSERT_ROW}{', (?, ?)' * (_ROWS - 1)}"

Connect = Callable[[str], sqlite3.Connection]

PATTERN: Final = "events-*.db"
VERSION: Final = 1
_APPLICATION_ID: Final = 0x4C61_676F  # "Lago", in the header of the file
_LARGE: Final = 16 * 1024 * 1024  # a smaller file keeps its room when it is drained
_SLOT: Final = 1 << 44  # keys of a file; a key of the store is that of the file, and the number of the file before it

# The transaction id is in the body. The only row of `totals` makes opening a large file fast.
_SCHEMA: Final = (
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
    "CREATE TABLE events (key INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    "CREATE TABLE totals (events INTEGER NOT NULL, bytes INTEGER NOT NULL, last_key INTEGER NOT NULL)",
    "INSERT INTO totals VALUES (0, 0, 0)",
)


def connect(path: str) -> sqlite3.Connection:
    """Open a file that exists. Tests replace this with a disk that fails."""
    return sqlite3.connect(f"{Path(path).as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0)


def create_file(folder: Path) -> Path:
    """Create an empty file with a name that was never used before, which only this user may read."""
    # A name must not be used again: a process that removes a file would remove the journal of the next one.
    path = folder / f"events-{secrets.token_hex(8)}.db"
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
    return path


def claim(path: Path, slot: int, connect: Connect = connect) -> SpoolFile | None:
    """Own a file, and return it; return None if another process owns it or has removed it.

    Raises:
        SpoolDamagedError: The file is damaged, or foreign. It is unchanged.
        EventSpoolError: The file cannot be opened or written.
    """
    try:
        connection = connect(str(path))
    except sqlite3.Error as error:
        if not path.exists():
            return None
        raise spool_error(error, path) from None
    try:
        file = SpoolFile(path, slot, connection)
        # Its owner may have removed it after we opened it.
        if path.exists():
            return file
    except sqlite3.Error as error:
        connection.close()
        if is_busy(error) or not path.exists():
            return None
        if lacks_table(error):
            raise damaged(path, str(error)) from None
        raise spool_error(error, path) from None
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


class SpoolFile:
    """The events of one file. All methods block, and belong to the thread that opened it.

    Args:
        path: The file.
        slot: The number of the file in the store, which no other file of the process has had.
        connection: The file, opened.
    """

    def __init__(self, path: Path, slot: int, connection: sqlite3.Connection) -> None:
        self.path = path
        self._base = slot * _SLOT
        self._connection = connection
        execute = connection.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("PRAGMA trusted_schema = OFF")
        made_by: int = execute("PRAGMA application_id").fetchone()[0]
        pages: int = execute("PRAGMA page_count").fetchone()[0]
        if pages and made_by != _APPLICATION_ID:
            raise damaged(path, "another program made it")
        if pages:
            self._check()
        mode: str = execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise EventSpoolError(f"{path} cannot have a write-ahead log: use a folder on a local disk")
        execute("PRAGMA synchronous = FULL")
        execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk
        execute("PRAGMA checkpoint_fullfsync = ON")
        execute("PRAGMA journal_size_limit = 16777216")
        execute("BEGIN IMMEDIATE")
        if not pages:
            for statement in _SCHEMA:
                execute(statement)
        found: tuple[int, int, int] | None = execute("SELECT events, bytes, last_key FROM totals").fetchone()
        if found is None:
            raise damaged(path, "its totals are missing")
        execute("SELECT key, body FROM events LIMIT 0")
        execute("COMMIT")
        self.events, self.bytes, self._last_key = found
        self._page_size: int = execute("PRAGMA page_size").fetchone()[0]
        self._handed_out = 0  # all events up to this key are held, except the released ones
        self._released: list[int] = []  # in order

    def _check(self) -> None:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise EventSpoolError(
                f"{self.path} was made by a newer version of this library, which has to send its "
                "events: install it again"
            )
        verdict: str = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise damaged(self.path, verdict)

    def used_bytes(self) -> int:
        """Return the size of the pages in use. Free pages are used again before the file grows."""
        pages: int = self._connection.execute("PRAGMA page_count").fetchone()[0]
        free: int = self._connection.execute("PRAGMA freelist_count").fetchone()[0]
        return (pages - free) * self._page_size

    def has(self, key: int) -> bool:
        """Tell whether a key of the store belongs to this file."""
        return self._base < key < self._base + _SLOT

    def key_in_file(self, key: int) -> int:
        """Return the key in the file for one of the store."""
        return key - self._base

    def commit(self, added: Sequence[bytes], removed: Sequence[int]) -> None:
        """Add and remove events in one transaction, and return when it is on disk.

        Raises:
            EventSpoolError: Nothing was added or removed.
        """
        try:
            self._commit(added, removed)
        except sqlite3.Error as error:
            if not is_full(error):
                raise spool_error(error, self.path, committing=True) from None
            self.empty_log()  # this may find the room
            try:
                self._commit(added, removed)
            except sqlite3.Error as second:
                raise spool_error(second, self.path, committing=True) from None

    def _commit(self, added: Sequence[bytes], removed: Sequence[int]) -> None:
        events, size, last_key = self.events, self.bytes, self._last_key
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            if added:
                first, last_key = last_key + 1, last_key + len(added)
                self._insert(first, added)
                events += len(added)
                size += sum(map(len, added))
            for first, last in _ranges(sorted(key - self._base for key in removed)):
                span = (first, last)
                gone: tuple[int, int] = execute(
                    "SELECT count(*), coalesce(sum(length(body)), 0) FROM events WHERE key BETWEEN ? AND ?", span
                ).fetchone()
                execute("DELETE FROM events WHERE key BETWEEN ? AND ?", span)
                events -= gone[0]
                size -= gone[1]
            execute("UPDATE totals SET events = ?, bytes = ?, last_key = ?", (events, size, last_key))
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        self.events, self.bytes, self._last_key = events, size, last_key

    def _insert(self, first: int, bodies: Sequence[bytes]) -> None:
        """Add rows, many with one statement: each execution gives the interpreter away, and has to get it back."""
        whole = len(bodies) - len(bodies) % _ROWS
        for start in range(0, whole, _ROWS):
            part = bodies[start : start + _ROWS]
            keys = range(first + start, first + start + _ROWS)
            self._connection.execute(_INSERT_ROWS, tuple(chain.from_iterable(zip(keys, part, strict=True))))
        rest = range(first + whole, first + len(bodies))
        self._connection.executemany(_INSERT_ROW, zip(rest, bodies[whole:], strict=True))

    def take(self, limit: int) -> EventBatch:
        """Return the oldest events that no caller holds, at most ``limit``; they are held from now on.

        Raises:
            EventSpoolError: The file cannot be read. No more events are held than before.
        """
        again = self._released[:limit]
        rows: list[tuple[int, bytes]] = []
        try:
            for first, last in _ranges(again):
                rows += self._connection.execute(
                    "SELECT key, body FROM events WHERE key BETWEEN ? AND ? ORDER BY key", (first, last)
                )
            if len(again) < limit and self._handed_out < self._last_key:
                rows += self._connection.execute(
                    "SELECT key, body FROM events WHERE key > ? ORDER BY key LIMIT ?",
                    (self._handed_out, limit - len(again)),
                )
        except sqlite3.Error as error:
            raise spool_error(error, self.path) from None
        del self._released[:limit]
        if rows:
            self._handed_out = max(self._handed_out, rows[-1][0])
        base = self._base
        return EventBatch([base + key for key, _ in rows], [body for _, body in rows])

    def release(self, keys: Sequence[int]) -> None:
        """Let `take` return events again."""
        self._released = sorted({*self._released, *(key - self._base for key in keys)})

    def shrink(self) -> None:
        """Give the room of removed events back to the disk, if it is large and the file has no event."""
        with suppress(sqlite3.Error, OSError):  # the room is used again in any case
            if not self.events and self.path.stat().st_size > _LARGE:
                self._connection.execute("VACUUM")
                self.empty_log()

    def empty_log(self) -> None:
        """Move the write-ahead log into the file, if that is possible, so that the log takes no room."""
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file, so that another process may own it. An empty file is removed."""
        with suppress(OSError):  # an empty file that stays is used by the next process
            if not self.events and os.name == "posix":
                self.empty_log()
                self.path.unlink(missing_ok=True)  # while we own it, or another process could add events first
        self._connection.close()
        with suppress(OSError):
            if not self.path.exists():  # SQLite leaves the log of a file that it does not find
                self.path.with_name(f"{self.path.name}-wal").unlink(missing_ok=True)


def _ranges(keys: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and the last number of each run in a sorted sequence."""
    ranges: list[tuple[int, int]] = []
    for key in keys:
        if ranges and key <= ranges[-1][1] + 1:
            ranges[-1] = ranges[-1][0], key
        else:
            ranges.append((key, key))
    return ranges
