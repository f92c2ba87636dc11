"""Pages of subscriptions whose last page has not arrived, in a file next to the export.

An interrupted run resumes such a subscription where it was. A page that is lost or damaged is only fetched again, so
nothing waits for the disk here, and a record counts only if its checksum fits and it continues the record before.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import msgspec

from lago_async._bulk.walks import WalkStart
from lago_async.usage._export.disk import Disk, DiskFile, Readable
from lago_async.usage._export.marks import new_digest
from lago_async.usage._export.pairs import Pair

if TYPE_CHECKING:
    from io import BufferedReader

Identity = tuple[str | None, datetime | None, datetime | None]
"""What tells a period from all others of its subscription: its invoice, its beginning and its end."""

_GARBAGE: Final = 32 * 1024 * 1024  # bytes of subscriptions that are finished, before the file is rewritten


class _Header(msgspec.Struct):
    """The line before the rows of a record.

    Attributes:
        export: The export that the record belongs to.
        pair: The subscription.
        begin: The position of the first period, those outside of the range included.
        position: The position after the last one.
        periods: The periods in the range.
        rows: How many rows follow.
        size: How many bytes they have.
        sha256: The digest of the rows and of this header without it.
    """

    export: str
    pair: Pair
    begin: int
    position: int
    periods: list[Identity]
    rows: int
    size: int
    sha256: str = ""


@attrs.define
class StoredPages:
    """The pages of one subscription that are in the file.

    Attributes:
        position: The position after the last of them.
        rows: How many rows they have.
        periods: The periods that they hold.
        records: Where each record begins, where its rows begin, and where it ends.
    """

    position: int = 0
    rows: int = 0
    periods: list[Identity] = attrs.field(factory=list[Identity])
    records: list[tuple[int, int, int]] = attrs.field(factory=list[tuple[int, int, int]])

    @property
    def start(self) -> WalkStart:
        """Where the walk of the subscription is resumed."""
        return WalkStart(self.position, len(self.periods), frozenset(self.periods))

    @property
    def size(self) -> int:
        """The bytes of the records."""
        return sum(end - begin for begin, _, end in self.records)


class PageStore:
    """The file of pages. It is opened when it is first written to.

    Args:
        path: The file.
        part: The name of the file while it is rewritten.
        disk: The steps on disk.
        export: The text that is this export's alone.
    """

    def __init__(self, path: Path, part: Path, disk: Disk, export: str) -> None:
        self._path = path
        self._part = part
        self._disk = disk
        self._export = export
        self._file: FileIO | None = None
        self._size = 0
        self._live: dict[Pair, StoredPages] = {}

    def load(self) -> dict[Pair, StoredPages]:
        """Return the pages that an earlier run stored, and continue the file after the last whole record."""
        self._live, self._size = {}, 0
        if not self._path.exists():
            return {}
        with self._path.open("rb") as file:
            while (header := _read_header(file, self._export)) is not None:
                rows, end = file.tell() - header.size, file.tell()
                begin, self._size = self._size, end
                pages = self._live.get(header.pair)
                if header.begin == 0:
                    pages = self._live[header.pair] = StoredPages()
                if pages is None or header.begin != pages.position:
                    continue  # the records before it are of a part that was damaged
                self._add(pages, header, (begin, rows, end))
        return dict(self._live)

    def append(
        self, pair: Pair, periods: Iterable[Identity], pieces: Iterable[bytes], *, rows: int, position: int
    ) -> StoredPages:
        """Add pages to those of a subscription.

        Args:
            pair: The subscription.
            periods: The periods on the pages.
            pieces: Their rows, encoded.
            rows: How many rows that are.
            position: The position after the last period on the pages.
        """
        file = self._open()
        data = b"".join(pieces)
        pages = self._live.get(pair) or StoredPages()
        header = _Header(self._export, pair, pages.position, position, list(periods), rows, len(data))
        line = _line(header, data)
        self._disk.write(file, line)
        self._disk.write(file, data)
        begin, self._size = self._size, self._size + len(line) + len(data)
        self._live[pair] = pages
        self._add(pages, header, (begin, begin + len(line), self._size))
        return pages

    def copy(self, pages: StoredPages, target: DiskFile) -> None:
        """Write the rows of a subscription to another file."""
        with self._path.open("rb") as file:
            for _, begin, end in pages.records:
                file.seek(begin)
                target.copy(file, end - begin)

    def drop(self, pair: Pair) -> None:
        """Forget the pages of a subscription."""
        self._live.pop(pair, None)

    def tidy(self) -> None:
        """Rewrite the file if most of it is not needed any more."""
        live = sum(pages.size for pages in self._live.values())
        if self._size - live <= max(_GARBAGE, live):
            return
        self.close()
        moved: dict[Pair, list[tuple[int, int, int]]] = {}

        def fill(target: DiskFile) -> None:
            with self._path.open("rb") as file:
                for pair, pages in self._live.items():
                    moved[pair] = []
                    for begin, rows, end in pages.records:
                        start = target.tell()
                        file.seek(begin)
                        target.copy(file, end - begin)
                        moved[pair].append((start, start + rows - begin, target.tell()))

        self._disk.make(self._path, self._part, fill)
        for pair, records in moved.items():
            self._live[pair].records = records
        self._size = live

    def restart(self, export: str) -> None:
        """Forget everything, and store the pages of another export from here on."""
        self.close()
        self._export = export
        self._live, self._size = {}, 0

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> FileIO:
        if self._file is None:
            self._file = self._disk.open(self._path)
            self._disk.truncate(self._file, self._size)
        return self._file

    @staticmethod
    def _add(pages: StoredPages, header: _Header, record: tuple[int, int, int]) -> None:
        pages.position = header.position
        pages.rows += header.rows
        pages.periods += header.periods
        pages.records.append(record)


_decode = msgspec.json.Decoder(_Header).decode
_encode = msgspec.json.Encoder().encode


def _line(header: _Header, data: bytes) -> bytes:
    digest = new_digest()
    header.sha256 = ""
    digest.update(_encode(header))
    digest.update(data)
    header.sha256 = digest.hexdigest()
    return _encode(header) + b"\n"


def _read_header(file: BufferedReader, export: str) -> _Header | None:
    """Return the next header of an export, and move behind its rows; None at the end, or where the file is damaged."""
    try:
        header = _decode(file.readline())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    claimed = header.sha256
    if header.export != export or not 0 <= header.size <= os.fstat(file.fileno()).st_size - file.tell():
        return None
    digest = new_digest()
    header.sha256 = ""
    digest.update(_encode(header))
    for piece in _pieces(file, header.size):
        digest.update(piece)
    return header if digest.hexdigest() == claimed else None


def _pieces(file: Readable, size: int) -> Iterable[bytes]:
    while size > 0 and (piece := file.read(min(size, 1024 * 1024))):
        size -= len(piece)
        yield piece
