"""The deliveries of all processes of one machine, in an SQLite file."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from typing import Final

from lago_async._validation import check_seconds
from lago_async.errors import LagoConfigError
from lago_async.webhooks._deliveries import LEASE, ClaimResult, QueuedDelivery
from lago_async.webhooks._redelivery import LONGEST_DELAY

_KEPT: Final = 90 * 86_400.0  # seconds; Lago keeps webhooks for 90 days, and somebody may repeat one until then

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS deliveries (key TEXT PRIMARY KEY, at REAL NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_at ON deliveries (at);
CREATE TABLE IF NOT EXISTS queue (key TEXT PRIMARY KEY, body BLOB NOT NULL, attempts INTEGER NOT NULL, due REAL);
CREATE INDEX IF NOT EXISTS queue_due ON queue (due);
"""
"""`due` is NULL for a delivery that was set aside."""

_DUE: Final = "due IS NOT NULL AND (due <= :now OR due > :never)"
"""A time that no delay and no lease reaches means that the clock was set back."""


class SqliteDeliveryStore:
    """Remembers deliveries in a file that all processes of one machine may share.

    It is also a ``DeliveryQueue``: with ``respond="at_once"``, the file holds the body of each delivery until it is
    handled, and only its owner may read a file that this class makes.

    A delivery whose process has died in the middle is handled again after ``lease`` seconds: when Lago repeats it, or
    by a worker if it is in the queue. Only a handler that changes your database in one transaction with the delivery's
    key is safe in that case, too.

    Args:
        path: The file; it is made if it does not exist. It must be on a local disk.
        lease: The number of seconds after which a claim counts as abandoned. Choose more than a handler ever takes.
            With more than 21, what a killed process was handling is refused when Lago repeats it for the last time. A
            worker renews the lease of what it handles, and needs only more than its event loop is ever blocked.
        clock: A clock of the time of day in seconds, for tests.

    Raises:
        LagoConfigError: The lease is not a positive number, or the path names no file.
        sqlite3.Error: The file cannot be opened or is not a database.
    """

    def __init__(
        self, path: str | os.PathLike[str], /, *, lease: float = LEASE, clock: Callable[[], float] = time.time
    ) -> None:
        check_seconds("lease", lease, positive=True, optional=False)
        self.lease = lease
        self._path = os.fspath(path)
        if self._path in ("", ":memory:"):
            raise LagoConfigError(
                "SqliteDeliveryStore needs the path of a file: use MemoryDeliveryStore for deliveries in memory"
            )
        self._clock = clock
        self._claims: dict[str, float] = {}
        """The times of the claims of this object, so that it gives back no later claim of another process."""
        with suppress(OSError):  # it exists, or SQLite says what is wrong
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)

    def _connect(self) -> sqlite3.Connection:
        """Open the file. Each call does, because a connection must not pass to a forked child or another thread."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")  # the default can be another one; what was answered must stay
        return connection

    @contextmanager
    def _writing(self) -> Generator[tuple[sqlite3.Connection, float]]:
        """Begin a transaction, and yield it with the time after the wait for others; commit it if nothing is raised."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection, self._clock()
            connection.execute("COMMIT")

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        with self._writing() as (connection, now):
            result = self._known(connection, key, now)
            if result == "new":
                connection.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, 0)", (key, now))
                connection.execute("DELETE FROM deliveries WHERE at < ?", (now - _KEPT,))
        if result == "new":
            self._claims[key] = now
        return result

    def _known(self, connection: sqlite3.Connection, key: str, now: float) -> ClaimResult:
        if connection.execute("SELECT 1 FROM queue WHERE key = ?", (key,)).fetchone():
            return "done"  # a worker handles it, or somebody looks after what was set aside
        found: tuple[float, int] | None = connection.execute(
            "SELECT at, done FROM deliveries WHERE key = ?", (key,)
        ).fetchone()
        if found is None:
            return "new"
        if found[1]:
            return "done"
        return "busy" if abs(now - found[0]) < self.lease else "new"  # clocks are also set back

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        with self._writing() as (connection, now):
            connection.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, 1)", (key, now))
            connection.execute("DELETE FROM queue WHERE key = ?", (key,))
        self._claims.pop(key, None)

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed, unless another process has taken it after the lease."""
        claimed_at = self._claims.pop(key, None)
        with closing(self._connect()) as connection:
            connection.execute("DELETE FROM deliveries WHERE key = ? AND at = ? AND done = 0", (key, claimed_at))

    # --- the queue ---

    def put(self, key: str, body: bytes, /) -> ClaimResult:
        """Keep a delivery, unless it is in the queue or done ("done"), or is being handled elsewhere ("busy")."""
        with self._writing() as (connection, now):
            result = self._known(connection, key, now)
            if result == "new":
                connection.execute("INSERT INTO queue VALUES (?, ?, 0, ?)", (key, body, now))
                connection.execute("DELETE FROM deliveries WHERE at < ?", (now - _KEPT,))
        return result

    def take(self) -> QueuedDelivery | None:
        """Take the delivery that is due first, and count the attempt; None if no delivery is due."""
        with closing(self._connect()) as connection:  # a look takes no lock
            if not connection.execute(f"SELECT 1 FROM queue WHERE {_DUE} LIMIT 1", self._times()).fetchone():  # noqa: S608 - a constant
                return None
        with self._writing() as (connection, now):
            found: tuple[str, bytes, int] | None = connection.execute(
                f"SELECT key, body, attempts + 1 FROM queue WHERE {_DUE} ORDER BY due LIMIT 1",  # noqa: S608 - a constant
                self._times(),
            ).fetchone()
            if found is None:
                return None
            key, body, attempts = found
            connection.execute(
                "UPDATE queue SET attempts = ?, due = ? WHERE key = ?", (attempts, now + self.lease, key)
            )
        return QueuedDelivery(key=key, body=body, attempts=attempts)

    def _times(self) -> dict[str, float]:
        now = self._clock()
        return {"now": now, "never": now + max(self.lease, LONGEST_DELAY)}

    def renew(self, delivery: QueuedDelivery, /) -> None:
        """Start the lease of a delivery again, unless another process has taken it meanwhile."""
        self._set_due(delivery, self.lease)

    def put_back(self, delivery: QueuedDelivery, /, *, delay: float) -> None:
        """Make a delivery due again after ``delay`` seconds, unless another process has taken it meanwhile."""
        self._set_due(delivery, delay)

    def set_aside(self, delivery: QueuedDelivery, /) -> None:
        """Keep a delivery that has failed too often, and never take it again by itself: see ``retry``."""
        self._set_due(delivery, None)

    def _set_due(self, delivery: QueuedDelivery, delay: float | None) -> None:
        # The number of attempts tells whose turn it is: it grows whenever somebody takes the delivery.
        with self._writing() as (connection, now):
            connection.execute(
                "UPDATE queue SET due = ? WHERE key = ? AND attempts = ? AND due IS NOT NULL",
                (None if delay is None else now + delay, delivery.key, delivery.attempts),
            )

    def waiting(self) -> int:
        """Return the number of deliveries that are still to be handled, without those that were set aside."""
        with closing(self._connect()) as connection:
            found: tuple[int] = connection.execute("SELECT count(*) FROM queue WHERE due IS NOT NULL").fetchone()
        return found[0]

    def failed(self) -> list[QueuedDelivery]:
        """Return the deliveries that were set aside because they failed too often."""
        with closing(self._connect()) as connection:
            rows: list[tuple[str, bytes, int]] = connection.execute(
                "SELECT key, body, attempts FROM queue WHERE due IS NULL ORDER BY rowid"
            ).fetchall()
        return [QueuedDelivery(key=key, body=body, attempts=attempts) for key, body, attempts in rows]

    def retry(self, key: str, /) -> bool:
        """Put a delivery that was set aside back into the queue, with all its attempts; False if there is none."""
        with self._writing() as (connection, now):
            changed = connection.execute(
                "UPDATE queue SET attempts = 0, due = ? WHERE key = ? AND due IS NULL", (now, key)
            ).rowcount
        return changed > 0

    def discard(self, key: str, /) -> bool:
        """Drop a delivery that was set aside, as if it had been handled; False if there is none."""
        with self._writing() as (connection, now):
            changed = connection.execute("DELETE FROM queue WHERE key = ? AND due IS NULL", (key,)).rowcount
            if changed:
                connection.execute("INSERT OR REPLACE INTO deliveries VALUES (?, ?, 1)", (key, now))
        return changed > 0
