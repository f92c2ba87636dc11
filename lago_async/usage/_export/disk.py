"""What the export does to files, step by step: each method is one step that a crash may interrupt."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Protocol

_PIECE = 1024 * 1024


class Readable(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes:
        """So many of them, or what is left."""
        ...


class Disk:
    """The steps. Tests put one in its place that fails at a chosen step."""

    def open(self, path: Path) -> FileIO:
        """Open for reading and writing, and make it if there is none; nothing is buffered on our side."""
        descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), 0o666
        )
        return FileIO(descriptor, "r+")

    def write(self, file: FileIO, data: bytes | bytearray | memoryview) -> None:
        """Write all of it at the file's position."""
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) or 0 :]

    def sync(self, file: FileIO) -> None:
        """Have what was written survive a loss of power."""
        os.fsync(file.fileno())

    def truncate(self, file: FileIO, size: int) -> None:
        """Cut off what follows, and go on writing there."""
        file.truncate(size)
        file.seek(size)

    def replace(self, source: Path, target: Path) -> None:
        """Put a file in another's place: whoever looks sees either of them, whole."""
        source.replace(target)
        self.sync_folder(target.parent)

    def remove(self, path: Path) -> None:
        """Take a file away, if it is there."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Have the names in a folder survive a loss of power."""
        if sys.platform == "win32":
            return  # there a folder can't be opened, and needs not be
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # not every file system knows how
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make(self, target: Path, part: Path, fill: Callable[[DiskFile], None]) -> None:
        """Make a file that is there whole or not at all.

        Args:
            target: Its name; what is there already is replaced.
            part: Its name while it is made.
            fill: Writes it.
        """
        with self.open(part) as file:
            self.truncate(file, 0)
            whole = DiskFile(self, file)
            fill(whole)
            whole.flush()
            self.sync(file)
        self.replace(part, target)


class DiskFile:
    """A file that writes through a `Disk`: for libraries that want an object to write to."""

    closed = False

    def __init__(self, disk: Disk, file: FileIO) -> None:
        self._disk = disk
        self._file = file
        self._written = file.tell()
        self._pending = bytearray()  # a library may write a few bytes at a time

    def write(self, data: bytes | memoryview) -> int:
        """Write all of it, at the latest when it is flushed."""
        size = memoryview(data).nbytes
        self._pending += data
        self._written += size
        if len(self._pending) >= _PIECE:
            self.flush()
        return size

    def copy(self, source: Readable, size: int | None = None) -> None:
        """Write what follows in another file, or its next ``size`` bytes."""
        while size is None or size > 0:
            piece = source.read(_PIECE if size is None else min(_PIECE, size))
            if not piece:
                if size:
                    raise EOFError(f"{size} bytes are missing")
                return
            self.write(piece)
            if size is not None:
                size -= len(piece)

    def flush(self) -> None:
        """Hold nothing back."""
        pending, self._pending = self._pending, bytearray()
        if pending:
            self._disk.write(self._file, pending)

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._written

    def close(self) -> None:
        """The file is its owner's to close."""
