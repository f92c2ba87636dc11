"""The spool of an export: the file of the rows that will be published."""

from __future__ import annotations

from collections.abc import Iterable
from io import FileIO

from lago_async.usage._export.disk import Disk, DiskFile, Readable
from lago_async.usage._export.paths import ExportPaths
from lago_async.usage._formats.base import Format


class Spool:
    """Rows in a file that only grows, until it is published. It is opened when it is first written to.

    Attributes:
        paths: The files of the export.
        offset: The size up to which rows are committed. Anything that a crash leaves after it does not count.
    """

    def __init__(self, paths: ExportPaths, file_format: Format, disk: Disk) -> None:
        self.paths = paths
        self.offset = 0
        self._format = file_format
        self._disk = disk
        self._file: FileIO | None = None

    @property
    def exists(self) -> bool:
        """Whether the file holds all that is committed."""
        path = self.paths.spool
        return path.exists() and path.stat().st_size >= self.offset

    @property
    def is_published(self) -> bool:
        """Whether the published file is the spool: a crash may come between publishing and recording it."""
        out = self.paths.out
        return self._format.as_spooled and out.exists() and out.stat().st_size == self.offset

    def append(self, pieces: Iterable[bytes]) -> None:
        """Write encoded rows."""
        file = self._open()
        for piece in pieces:
            self._disk.write(file, piece)

    def append_file(self, source: Readable) -> None:
        """Write encoded rows from another file."""
        target = DiskFile(self._disk, self._open())
        target.copy(source)
        target.flush()

    def sync(self) -> int:
        """Make what was written durable, and return the size of the file."""
        file = self._open()
        self._disk.sync(file)
        return file.tell()

    def publish(self) -> None:
        """Make the final file."""
        if self._file is None and self.offset and not self.exists:
            return  # published before; only the journal's entry is missing
        paths, file = self.paths, self._open()
        self._disk.sync(file)
        self.close()
        if self._format.as_spooled:
            self._disk.replace(paths.spool, paths.out)
        else:
            self._disk.make(paths.out, paths.part, lambda target: self._format.assemble([paths.spool], target))

    def remove(self) -> None:
        """Remove the file."""
        self._disk.remove(self.paths.spool)

    def remove_part(self) -> None:
        """Remove the file that was being made when an earlier run stopped."""
        self._disk.remove(self.paths.part)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> FileIO:
        """Return the file, at the position of the next row."""
        if self._file is not None:
            return self._file
        paths, offset = self.paths, self.offset
        if offset and not self.exists:
            # The rows are in the published file. Add to a copy, so that readers of the file always find it whole.
            with paths.out.open("rb") as published:
                self._disk.make(paths.spool, paths.part, lambda file: file.copy(published, offset))
        file = self._file = self._disk.open(paths.spool)
        self._disk.truncate(file, offset)
        if not offset:
            self._disk.write(file, self._format.begin())
        self._disk.sync_folder(paths.out.parent)
        return file
