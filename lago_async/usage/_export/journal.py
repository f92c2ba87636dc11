"""What an export has done so far, durable: the journal beside it, which only one process at a time may write."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import Final, TypeAlias

import attrs
import msgspec

from lago_async.usage._errors import ExportConflictError, ExportError
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.pairs import Pair, digest

Settings: TypeAlias = Mapping[str, str | int | None]
"""What makes one export differ from another; never the key."""


# --- the lines --------------------------------------------------------------------------------------------------------


class Began(msgspec.Struct, tag="began", tag_field="entry"):
    """The first line.

    Attributes:
        journal: The version of what stands here.
    """

    settings: dict[str, str | int | None]
    journal: int = 1


class Owned(msgspec.Struct, tag="owned", tag_field="entry"):
    """Whose usage it is.

    Attributes:
        billing_entities: The ``lago_id`` of those of the organisation that were not known before.
    """

    billing_entities: list[str]


class Committed(msgspec.Struct, tag="committed", tag_field="entry"):
    """Some more subscriptions are whole, and in the file.

    Attributes:
        offset: The file's size with them.
        rows: The file's rows with them.
        done: The subscriptions.
    """

    offset: int
    rows: int
    done: list[Pair]


class Completed(msgspec.Struct, tag="completed", tag_field="entry"):
    """The file was published.

    Attributes:
        failed: The subscriptions that it lacks.
    """

    rows: int
    subscriptions: int
    failed: list[Pair]


Entry: TypeAlias = Began | Owned | Committed | Completed

_decoder: Final = msgspec.json.Decoder(Entry)
_encoder: Final = msgspec.json.Encoder()


# --- what they come to ------------------------------------------------------------------------------------------------


@attrs.define
class State:
    """What the lines of a journal say together.

    Attributes:
        settings: None where nothing was begun.
        owners: The organisation's billing entities, where they could be had.
        offset: So many bytes of the file count.
        rows: So many rows are in them.
        done: Digests of the subscriptions in them.
        missing: What the file as last published lacks, without what was done since; None if it never was.
        published: Whether the file was published as it is now.
        size: So many bytes of the journal count; the rest is a line that was being written.
    """

    settings: Settings | None = None
    owners: set[str] = attrs.field(factory=set[str])
    offset: int = 0
    rows: int = 0
    done: set[bytes] = attrs.field(factory=set[bytes])
    missing: dict[bytes, Pair] | None = None
    published: bool = False
    size: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.published and not self.missing

    def add(self, entry: Entry) -> None:
        """Take a line into account."""
        match entry:
            case Began():
                self.settings = entry.settings
            case Owned():
                self.owners.update(entry.billing_entities)
            case Committed():
                self.offset, self.rows, self.published = entry.offset, entry.rows, False
                for pair in entry.done:
                    key = digest(pair)
                    self.done.add(key)
                    if self.missing is not None:
                        self.missing.pop(key, None)
            case Completed():
                self.published = True
                self.missing = {digest(pair): pair for pair in entry.failed}


def entries(path: Path) -> Iterator[tuple[Entry, int]]:
    """The lines of a journal, each with where it ends; a last one that is not whole is left out.

    Raises:
        ExportConflictError: It is no journal.
    """
    end = 0
    with path.open("rb") as file:
        for line in file:
            end += len(line)
            try:
                entry = _decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if not file.read(1):
                    return  # the process or the machine stopped in the middle of it
                raise ExportConflictError(f"{path} is damaged after {end - len(line):,} bytes: {error}") from None
            if not line.endswith(b"\n"):
                return
            if isinstance(entry, Began) != (end == len(line)) or (isinstance(entry, Began) and entry.journal != 1):
                raise ExportConflictError(f"{path} is no journal of an export that this version knows")
            yield entry, end


def read(path: Path) -> State:
    """What a journal says."""
    state = State()
    for entry, end in entries(path):
        state.add(entry)
        state.size = end
    return state


class Journal:
    """A journal that is this process's to write, until it is closed.

    Raises:
        ExportError: Another process has it.
    """

    def __init__(self, path: Path, disk: Disk) -> None:
        self._disk = disk
        self._path = path
        self._file = disk.open(path)
        try:
            _lock(self._file)
        except (BlockingIOError, PermissionError):
            self._file.close()
            raise ExportError(f"another process is writing this export: it has locked {path}") from None
        except OSError:  # a file system that has no locks
            self._file.close()
            raise

    def read(self) -> State:
        """What it says; a line that was being written is cut off."""
        state = read(self._path)
        if self._file.seek(0, os.SEEK_END) != state.size:
            self._disk.truncate(self._file, state.size)
        return state

    def begin(self, settings: Settings) -> State:
        """Forget everything, and begin with these settings."""
        self._disk.truncate(self._file, 0)
        self.append(Began(dict(settings)))
        self._disk.sync_folder(self._path.parent)
        return State(settings=settings)

    def append(self, entry: Entry) -> None:
        """Add a line; when this returns, it is durable."""
        self._disk.write(self._file, _encoder.encode(entry) + b"\n")
        self._disk.sync(self._file)

    def close(self) -> None:
        """Let others have it."""
        self._file.close()


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 40  # a lock there keeps nobody from reading what is here

    def _lock(file: FileIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
