"""The errors of SQLite and of the file system, as errors of ours that name the remedy."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Final

from lago_async._printable import printable
from lago_async.errors import EventSpoolError, EventSpoolFullError

_KEPT: Final = "events that were accepted before are kept"
_FULL_DISK: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


class SpoolDamagedError(EventSpoolError):
    """A file of the spool is not what was written."""


class SpoolDiskFullError(EventSpoolFullError):
    """The disk has no room. The log needs some for a removal too, so removing events makes none."""


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another process, or another spool of this one, owns the file."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_full(error: Exception) -> bool:
    """Tell whether the disk has no room."""
    if isinstance(error, sqlite3.Error):
        return _code(error) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in _FULL_DISK


def lacks_table(error: sqlite3.Error) -> bool:
    """Tell whether SQLite did not find what a statement names."""
    return _code(error) == sqlite3.SQLITE_ERROR


def spool_error(error: Exception, path: Path, *, committing: bool = False) -> EventSpoolError:
    """Return the error of ours for one of SQLite or the file system.

    Args:
        error: What was raised.
        path: The file, or the folder of the spool.
        committing: Whether it was raised while events were made durable.
    """
    if isinstance(error, EventSpoolError):
        # Several callers wait for one commit, and each needs an exception of its own.
        return type(error)(*error.args, maybe_accepted=error.maybe_accepted)
    if is_full(error):
        return SpoolDiskFullError(
            f"the disk of the event spool {path} is full, so nothing of this call was accepted; {_KEPT}. "
            "Free some space"
        )
    if isinstance(error, sqlite3.Error):
        code = _code(error)
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return damaged(path, str(error))
        if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
            return _unwritable(path, str(error))
        return EventSpoolError(
            f"the event spool {path} failed: {error}. Check its disk; {_KEPT}",
            maybe_accepted=committing and code == sqlite3.SQLITE_IOERR,
        )
    if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return _unwritable(path, error.strerror or "refused")
    if isinstance(error, FileNotFoundError):
        return EventSpoolError(
            f"the event spool {path} was deleted while it was in use, and the events in it are lost unless you restore "
            "it: make the folder again, and start the program again"
        )
    if isinstance(error, FileExistsError | NotADirectoryError):
        return EventSpoolError(f"the event spool {path} must be a folder, or not exist yet: pass another path")
    if isinstance(error, OSError):
        return EventSpoolError(f"the event spool {path} failed: {error.strerror or error}. Check its disk; {_KEPT}")
    return EventSpoolError(f"the event spool {path} failed: {type(error).__name__}: {error}; {_KEPT}")


def damaged(path: Path, reason: str) -> SpoolDamagedError:
    """Return the error for a file of a spool that is damaged or foreign."""
    return SpoolDamagedError(
        f"{path} is damaged, or not a file of an event spool ({printable(reason)}). It was left unchanged. "
        f"Move it, and the file {path.name}-wal, out of the folder to go on; `sqlite3 {path.name} .recover` reads what "
        "is left of its events"
    )


def _unwritable(path: Path, reason: str) -> EventSpoolError:
    return EventSpoolError(
        f"the event spool {path} cannot be written ({reason}): give this user the right to write to the folder and to "
        f"all files in it, or pass another path; {_KEPT}"
    )


def _code(error: sqlite3.Error) -> int:
    """Return the primary code of SQLite; 0 for errors of Python's module."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return 0 if code is None else code & 0xFF
