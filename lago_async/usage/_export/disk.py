"""The operations of an export on files. Each method is one step that a crash may interrupt."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Protocol

from lago_async._folder_sync import sync_folder
from lago_async.usage._export.marks import FileMark, new_digest

_PIECE = 1024 * 1024


class Readable(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return at most this many bytes; none at the end."""
        ...


class Disk:
    """The file system. Tests replace it with one that fails at a chosen step."""

    def open(self, path: Path) -> FileIO:
        """Open a file for reading and writing, without a buffer. Create it if it does not exist."""
        descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), 0o666
        )
        return FileIO(descriptor, "r+")

    def write(self, file: FileIO, data: bytes | bytearray | memoryview) -> None:
        """Write all bytes at the position of the file."""
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) or 0 :]

    def sync(self, file: FileIO) -> None:
        """Make what was written survive a power failure."""
        os.fsync(file.fileno())

    def truncate(self, file: FileIO, size: int) -> None:
        """Cut the file at a size, and move its position there."""
        file.truncate(size)
        file.seek(size)

    def replace(self, source: Path, target: Path) -> None:
        """Replace a file by another atomically: readers see one of them, complete."""
        source.replace(target)
        self.sync_folder(target.parent)

    def move(self, source: Path, target: Path) -> None:
        """Give a folder another name, which no other folder has. It has one of them at any time."""
        source.rename(target)
        self.sync_folder(target.parent)

    def make_folder(self, path: Path) -> None:
        """Make a folder."""
        path.mkdir()
        self.sync_folder(path.parent)

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def remove(self, path: Path) -> None:
        """Remove a file, if it exists."""
        path.unlink(missing_ok=True)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder survive a power failure."""
        sync_folder(folder)

    def make(
        self,
        target: Path,
        part: Path,
        fill: Callable[[DiskFile], None],
        announce: Callable[[FileMark], None] | None = None,
    ) -> None:
        """Make a file atomically: it is complete, or does not exist.

        Args:
            target: The name of the file; an existing file is replaced.
            part: The name of the file while it is made.
            fill: Writes the content.
            announce: Called with the mark of the file when it is whole, and has not got its name yet.
        """
        digest = new_digest()
        with self.open(part) as file:
            self.truncate(file, 0)
            whole = DiskFile(self, file, digest.update)
            fill(whole)
            whole.flush()
            self.sync(file)
        if announce is not None:
            announce(FileMark(whole.tell(), digest.hexdigest()))
        self.replace(part, target)


class DiskFile:
    """A file object that writes through a `Disk`, for libraries that write to file objects.

    Args:
        disk: The file system.
        file: The file.
        observe: Called with all bytes that are written.
    """

    closed = False

    def __init__(self, disk: Disk, file: FileIO, observe: Callable[[bytearray], None]) -> None:
        self._disk = disk
        self._observe = observe
        self._file = file
        self._written = file.tell()
        self._pending = bytearray()  # a library may write a few bytes at a time

    def write(self, data: bytes | memoryview) -> int:
        """Write all bytes, at the latest when the file is flushed."""
        size = memoryview(data).nbytes
        self._pending += data
        self._written += size
        if len(self._pending) >= _PIECE:
            self.flush()
        return size

    def copy(self, source: Readable, size: int | None = None) -> None:
        """Write the rest of another file, or its next ``size`` bytes."""
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
        """Write the bytes that are buffered."""
        pending, self._pending = self._pending, bytearray()
        if pending:
            self._disk.write(self._file, pending)
            self._observe(pending)

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._written

    def close(self) -> None:
        """Do nothing: the owner of the file closes it."""
