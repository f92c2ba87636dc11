"""Events, spools and disks for the tests of the store below the event sink."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from lago_async._ingest.spool_folder import SpoolFolder
from lago_async._ingest.store import PendingEvent

LARGE = 1024**3


def body(number: int, size: int = 0) -> bytes:
    event = {"transaction_id": f"t{number}", "code": "calls", "properties": {"note": "x" * size}}
    return json.dumps(event, separators=(",", ":")).encode()


def numbers(events: Iterable[PendingEvent]) -> list[int]:
    return [int(each.transaction_id[1:]) for each in events]


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Sabotaged(sqlite3.Connection):
    """A file whose statements fail when ``fails`` says so; after the statement, or instead of it."""

    fails: Callable[[str], sqlite3.Error | None] = staticmethod(lambda _: None)
    after = False

    def execute(self, sql: str, parameters: object = (), /) -> sqlite3.Cursor:
        error = type(self).fails(sql)
        if error is None or type(self).after:
            cursor = super().execute(sql, parameters)  # type: ignore[arg-type]
            if error is None:
                return cursor
        raise error


def sqlite_error(code: int, text: str = "disk I/O error") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


def sabotaged(
    fails: Callable[[str], sqlite3.Error | None], *, after: bool = False
) -> Callable[[str], sqlite3.Connection]:
    """Return a way to open files on a disk that fails."""
    kind = type("_Sabotaged", (Sabotaged,), {"fails": staticmethod(fails), "after": after})

    def connect(path: str) -> sqlite3.Connection:
        uri = f"{Path(path).as_uri()}?mode=rw"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0, factory=kind)

    return connect


def folder_in(path: Path, *, max_bytes: int = LARGE, **settings: object) -> SpoolFolder:
    return SpoolFolder(path, max_bytes=max_bytes, slots=itertools.count(1), **settings)  # type: ignore[arg-type]
