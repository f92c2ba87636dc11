"""The file of events that the server refused permanently: one JSON object per line, which any tool can read.

A line is on disk before the event leaves the spool. A process that dies between the two sends the event again, is
refused again and writes a second line with the same ``id``; reading drops it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

import msgspec

from lago_async._folder_sync import sync_folder
from lago_async._ingest.outcomes import DeadLetter
from lago_async._ingest.spool_errors import spool_error

FILE_NAME: Final = "dead-letters.ndjson"
_LOCK_NAME: Final = "lock"
_PIECE: Final = 64 * 1024


class _Line(msgspec.Struct):
    id: str
    transaction_id: str
    rejected_at: datetime
    status_code: int
    reason: msgspec.Raw
    event: msgspec.Raw


class _Id(msgspec.Struct):
    id: str


class _Refusal(msgspec.Struct):
    status_code: int
    error_details: msgspec.Raw


_LINE: Final = msgspec.json.Decoder(_Line)
_ID: Final = msgspec.json.Decoder(_Id)
_REFUSAL: Final = msgspec.json.Decoder(_Refusal)


def letter_line(letter_id: str, transaction_id: str, event: bytes, reason: bytes, at: datetime) -> bytes:
    """Return the line of a letter; event and reason are JSON, as `EventStore.reject` gets them."""
    refusal = _REFUSAL.decode(reason)
    line = _Line(letter_id, transaction_id, at, refusal.status_code, refusal.error_details, msgspec.Raw(event))
    return msgspec.json.encode(line).replace(b"\n", b" ") + b"\n"  # JSON has line breaks between tokens only


def append(folder: Path, lines: Sequence[bytes]) -> None:
    """Add lines durably.

    Raises:
        OSError: The file system refuses. The file has none of the lines, or incomplete ones that no reader takes.
    """
    with locked(folder), _open(folder / FILE_NAME) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # a power cut left part of a line
                lines = [b"\n", *lines]
        try:
            _write(file, b"".join(lines))
        except OSError:
            with suppress(OSError):
                file.truncate(size)
            raise
        if not size:
            sync_folder(folder)


def read(folder: Path) -> list[DeadLetter]:
    """Return all letters, oldest first.

    Raises:
        EventSpoolError: The file cannot be read.
    """
    letters: dict[str, DeadLetter] = {}
    for line in _lines(folder):
        with suppress(msgspec.MsgspecError):  # an incomplete line, whose event is in the spool still
            found = _LINE.decode(line)
            letters.setdefault(
                found.id,
                DeadLetter(
                    id=found.id,
                    transaction_id=found.transaction_id,
                    event=msgspec.json.decode(found.event),
                    status_code=found.status_code,
                    reason=msgspec.json.decode(found.reason),
                    rejected_at=found.rejected_at,
                ),
            )
    return list(letters.values())


def events_of(folder: Path, ids: Collection[str]) -> list[tuple[str, bytes]]:
    """Return the ids of letters that are in the file, each with the JSON of its event."""
    found: dict[str, bytes] = {}
    for line in _lines(folder):
        with suppress(msgspec.MsgspecError):
            letter = _LINE.decode(line)
            if letter.id in ids:
                found.setdefault(letter.id, bytes(letter.event))
    return list(found.items())


def remove(folder: Path, ids: Collection[str]) -> int:
    """Remove letters durably, and return how many there were.

    Raises:
        EventSpoolError: The file cannot be read.
        OSError: The file cannot be written. It is unchanged.
    """
    with locked(folder):
        removed: set[str] = set()
        kept: list[bytes] = []
        for line in _lines(folder):
            with suppress(msgspec.MsgspecError):
                found = _ID.decode(line).id
                if found in ids:
                    removed.add(found)
                    continue
            kept.append(line)
        if removed:
            replace_file(folder / FILE_NAME, lambda file: _write(file, b"".join(kept)))
    return len(removed)


def replace_file(path: Path, fill: Callable[[IO[bytes]], None]) -> None:
    """Replace a file durably: there is the old content or the new one, and only this user may read it."""
    part = path.with_name(f"{path.name}.part")
    with _open(part) as file:
        file.truncate(0)
        fill(file)
    part.replace(path)
    sync_folder(path.parent)


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Keep other processes from changing the shared files meanwhile."""
    with _open(folder / _LOCK_NAME) as file:
        _lock(file)
        yield


def _lines(folder: Path) -> list[bytes]:
    path = folder / FILE_NAME
    try:
        return path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise spool_error(error, path) from None


def _open(path: Path) -> IO[bytes]:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)


def _write(file: IO[bytes], data: bytes) -> None:
    """Write durably at the end of the file."""
    file.seek(0, os.SEEK_END)
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest[:_PIECE]) or 0 :]
    os.fsync(file.fileno())


def now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
