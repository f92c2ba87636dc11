"""How far a file of events has been sent: a journal next to the file, so that a command that was killed resumes.

The journal names the run before the first event is sent. Events without an id of their own get one from the run and
their line, so the server recognises each event that is sent again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import msgspec

from lago_async._cli.private_files import write_private
from lago_async._printable import printable
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async.models import Json

_VERSION: Final = 1
_PIECE: Final = 1024 * 1024


class Journal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The state of a file.

    Attributes:
        version: The version of this form.
        run: The id of the run, from which events get their ids.
        began_at: The time of events without one, in seconds since 1970.
        digest: The digest of the file.
        format: The format of the file.
        owner: The organisation of the key.
        settled: The events whose fate is known, from the beginning of the file.
        counts: How many of them have each fate.
        refused_bytes: The size of the file of refused events.
        finished: Whether all events are settled.
    """

    version: int
    run: str
    began_at: float
    digest: str
    format: str
    owner: str
    settled: int = 0
    counts: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    refused_bytes: int = 0
    finished: bool = False

    def transaction_id(self, number: int) -> str:
        """Return the id of the event in a line, which is the same in each run of the command."""
        return str(uuid.uuid5(uuid.UUID(self.run), str(number)))


class JournalFile:
    """The journal of a file, and the events of it that were refused.

    Args:
        source: The file with the events.
        path: The journal.
    """

    def __init__(self, source: Path, path: Path) -> None:
        self.source = source
        self.path = path
        self.refused = path.with_name(f"{path.name.removesuffix('.json')}.refused.ndjson")
        self._lines: list[bytes] = []

    def open(self, digest: str, shape: str, owner: str) -> Journal:
        """Return the state of the file; a new one is written before it is returned.

        Raises:
            LagoConfigError: The journal is of another file, format or organisation, or is damaged.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            journal = Journal(
                version=_VERSION,
                run=str(uuid.uuid4()),
                began_at=int(time.time() * 1_000) / 1_000,
                digest=digest,
                format=shape,
                owner=owner,
            )
            self._write(journal)
            return journal
        except OSError as error:
            raise LagoConfigError(f"{self.path} cannot be read: {error.strerror}") from None
        try:
            journal = msgspec.json.decode(content, type=Journal)
            uuid.UUID(journal.run)
        except (msgspec.MsgspecError, ValueError):
            raise LagoConfigError(f"{self.path} is not a journal of lago events send: name another --journal") from None
        if journal.version != _VERSION:
            raise LagoConfigError(f"{self.path} was made by a newer version of lago: install it again")
        if (journal.digest, journal.format) != (digest, shape):
            raise LagoConfigError(
                f"{self.source} has changed since {journal.settled:,} of its events were sent, so it is not known "
                f"which: restore it, or put the events that are new into a file of their own"
            )
        if journal.owner != owner:
            raise LagoConfigError(
                f"{self.source} was begun with the key of {printable(journal.owner)}, and this key is of {owner}: use "
                "the profile from before"
            )
        return journal

    def refuse(self, line: Json) -> None:
        """Add an event that was refused; `commit` writes it."""
        self._lines.append(msgspec.json.encode(line) + b"\n")

    def commit(self, journal: Journal) -> None:
        """Write the state durably, and the refused events before it.

        Raises:
            LagoConfigError: The file system refuses.
        """
        if self._lines:
            try:
                with self.refused.open("r+b" if journal.refused_bytes else "wb") as file:
                    file.truncate(journal.refused_bytes)  # lines behind the last commit come again
                    file.seek(journal.refused_bytes)
                    file.write(b"".join(self._lines))
                    file.flush()
                    os.fsync(file.fileno())
                    journal.refused_bytes = file.tell()
            except OSError as error:
                raise LagoConfigError(f"{self.refused} cannot be written: {error.strerror}") from None
            self._lines.clear()
        self._write(journal)

    def _write(self, journal: Journal) -> None:
        write_private(self.path, msgspec.json.format(msgspec.json.encode(journal)) + b"\n")


def digest_of(file: BinaryIO) -> str:
    """Return the digest of an open file, and go back to its beginning."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def lock(file: BinaryIO) -> bool:
    """Lock a file for this process, without waiting; return whether no other one has it. The lock ends with it."""
    try:
        _lock(file)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks; the ids of the events keep two runs from billing one twice
    return True


if sys.platform == "win32":
    import msvcrt

    _FAR: Final = 1 << 40  # a byte behind the events, so that they can be read

    def _lock(file: BinaryIO) -> None:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None
        finally:
            file.seek(0)
else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
