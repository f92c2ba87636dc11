"""Which deliveries were handled, so that one that Lago repeats is not handled again."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from typing import Final, Literal, Protocol, TypeAlias

from lago_async._validation import check_seconds, check_whole_number

ClaimResult: TypeAlias = Literal["new", "done", "busy"]
"""Whether a delivery is to be handled now, was handled, or is being handled elsewhere."""

LEASE: Final = 300.0
"""Seconds. A claim that is older counts as abandoned: its process has died."""

_KEPT: Final = 90 * 86_400.0  # seconds; Lago keeps webhooks for 90 days, and somebody may repeat one until then


class DeliveryStore(Protocol):
    """Remembers deliveries by their ``X-Lago-Unique-Key``; write your own for Redis or your database.

    Every method is atomic, also for other processes that share the store, and may block: the asynchronous handlers call
    it on a worker thread.
    """

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        ...

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        ...

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed."""
        ...


class MemoryDeliveryStore:
    """Remembers deliveries in this process, at most ``max_keys``, and forgets the oldest ones first.

    A restart forgets all, and other processes know nothing of it: use ``SqliteDeliveryStore``, or a store of your own,
    if you have several, or if handling a delivery again does harm.
    """

    def __init__(self, *, max_keys: int = 100_000) -> None:
        check_whole_number("max_keys", max_keys, least=1)
        self._max_keys = max_keys
        self._done: OrderedDict[str, None] = OrderedDict()
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        with self._lock:
            if key in self._done:
                return "done"
            if key in self._claimed:
                return "busy"
            self._claimed.add(key)
            return "new"

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        with self._lock:
            self._claimed.discard(key)
            self._done[key] = None
            if len(self._done) > self._max_keys:
                self._done.popitem(last=False)

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed."""
        with self._lock:
            self._claimed.discard(key)


class SqliteDeliveryStore:
    """Remembers deliveries in a file that all processes of one machine may share.

    A delivery whose process has died in the middle is handled again, when Lago repeats it after ``lease`` seconds or
    more. Only a handler that changes your database in one transaction with the delivery's key is safe in that case,
    too.

    Args:
        path: The file; it is made if it does not exist. It must be on a local disk.
        lease: The number of seconds after which a claim counts as abandoned. Choose more than a handler ever takes.
        clock: A clock of the time of day in seconds, for tests.

    Raises:
        LagoConfigError: The lease is not a positive number.
        sqlite3.Error: The file cannot be opened or is not a database.
    """

    def __init__(
        self, path: str | os.PathLike[str], /, *, lease: float = LEASE, clock: Callable[[], float] = time.time
    ) -> None:
        check_seconds("lease", lease, positive=True, optional=False)
        self._path = os.fspath(path)
        self._lease = lease
        self._clock = clock
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS deliveries "
                "(key TEXT PRIMARY KEY, at REAL NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID"
            )
            connection.execute("CREATE INDEX IF NOT EXISTS deliveries_at ON deliveries (at)")

    def _connect(self) -> sqlite3.Connection:
        """Open the file. Each call does, because a connection must not pass to a forked child or another thread."""
        return sqlite3.connect(self._path, timeout=30, isolation_level=None)

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            now = self._clock()  # after the wait for others
            found: tuple[float, int] | None = connection.execute(
                "SELECT at, done FROM deliveries WHERE key = ?", (key,)
            ).fetchone()
            if found is not None and found[1]:
                result: ClaimResult = "done"
            elif found is not None and abs(now - found[0]) < self._lease:  # clocks are also set back
                result = "busy"
            else:
                result = "new"
                connection.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, 0)", (key, now))
                connection.execute("DELETE FROM deliveries WHERE at < ?", (now - _KEPT,))
            connection.execute("COMMIT")
        return result

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        with closing(self._connect()) as connection:
            connection.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, 1)", (key, self._clock()))

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed."""
        with closing(self._connect()) as connection:
            connection.execute("DELETE FROM deliveries WHERE key = ? AND done = 0", (key,))
