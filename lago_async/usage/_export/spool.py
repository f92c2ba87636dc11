"""The spool of an export: the file of the rows that will be published."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import FileIO
from pathlib import Path

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.disk import Disk, DiskFile
from lago_async.usage._export.folder import PublishedFolder
from lago_async.usage._export.marks import FileMark, digest_of, new_digest
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.partition import Partitioned
from lago_async.usage._paths import ExportPaths


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
        self._digest = new_digest()
        self._folder = PublishedFolder(paths, disk)

    def recover(self) -> None:
        """Put back what a run had moved aside when it was stopped."""
        if isinstance(self._format, Partitioned):
            self._folder.recover()

    def check_replaceable(self) -> None:
        """Check that what is there may be replaced: any file, but no folder with files that no export has made.

        Raises:
            ExportConflictError: It may not.
        """
        if isinstance(self._format, Partitioned):
            self._folder.check_replaceable()

    def restore(self, offset: int, sha256: str) -> None:
        """Find the rows that an earlier run committed, in the spool or in the published file.

        Args:
            offset: How many bytes they are.
            sha256: Their digest.

        Raises:
            ExportConflictError: They are nowhere, or not as they were.
        """
        self.offset = offset
        if not offset:
            return
        path = self._source()
        if path is None:
            raise ExportConflictError(
                f"the rows that {self.paths.journal} lists are in neither {self.paths.spool.name} nor "
                f"{self.paths.out.name}",
                remedy="put them back, or start again with overwrite=True",
            )
        digest, size = digest_of(path, offset)
        if size != offset or digest.hexdigest() != sha256:
            raise ExportConflictError(
                f"{path} is damaged: its first {offset:,} bytes are not those that {self.paths.journal.name} lists",
                remedy="restore it from a copy, write to another file, or start again with overwrite=True",
            )
        self._digest = digest

    def append(self, pieces: Iterable[bytes]) -> None:
        """Write encoded rows."""
        file = self._open()
        for piece in pieces:
            self._disk.write(file, piece)
            self._digest.update(piece)

    def append_through(self, fill: Callable[[DiskFile], None]) -> None:
        """Write encoded rows that a function writes to the file that it is given."""
        target = DiskFile(self._disk, self._open(), self._digest.update)
        fill(target)
        target.flush()

    def sync(self) -> FileMark:
        """Make what was written durable, and return the mark of the file."""
        file = self._open()
        self._disk.sync(file)
        return FileMark(file.tell(), self._digest.hexdigest())

    def publish(self, announce: Callable[[FileMark], None]) -> None:
        """Make the final file.

        Args:
            announce: Called with the mark of the file when it is whole, and has not got its name yet.
        """
        if self._file is None and self.offset and not self._is_spooled():
            return  # published before; only the journal's entry is missing
        paths = self.paths
        mark = self.sync()
        self.close()
        if isinstance(self._format, Partitioned):
            self._folder.publish(self._format, [paths.spool], announce)
        elif self._format.as_spooled:
            announce(mark)
            self._disk.replace(paths.spool, paths.out)
        else:
            self._disk.make(
                paths.out, paths.part, lambda target: self._format.assemble([paths.spool], target), announce
            )

    def remove(self) -> None:
        """Remove the file."""
        self._disk.remove(self.paths.spool)

    def remove_pages(self) -> None:
        """Remove the pages of subscriptions that are not whole."""
        self._disk.remove(self.paths.pages)

    def remove_part(self) -> None:
        """Remove the file or the folder that was being made when an earlier run stopped."""
        self._disk.remove(self.paths.part)
        if isinstance(self._format, Partitioned):
            self._folder.tidy()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _is_spooled(self) -> bool:
        path = self.paths.spool
        return path.exists() and path.stat().st_size >= self.offset

    def _source(self) -> Path | None:
        """Return the file that holds all that is committed; the spool itself becomes the published file."""
        out = self.paths.out
        if self._is_spooled():
            return self.paths.spool
        return out if self._format.as_spooled and out.exists() and out.stat().st_size == self.offset else None

    def _open(self) -> FileIO:
        """Return the file, at the position of the next row."""
        if self._file is not None:
            return self._file
        paths, offset = self.paths, self.offset
        if offset and not self._is_spooled():
            # The rows are in the published file. Add to a copy, so that readers of the file always find it whole.
            with paths.out.open("rb") as published:
                self._disk.make(paths.spool, paths.part, lambda file: file.copy(published, offset))
        file = self._file = self._disk.open(paths.spool)
        self._disk.truncate(file, offset)
        if not offset:
            self._digest = new_digest()
            begin = self._format.begin()
            self._disk.write(file, begin)
            self._digest.update(begin)
        self._disk.sync_folder(paths.out.parent)
        return file
