"""From pages to bytes: pages of usage become encoded rows, which go to the spool one whole subscription at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Any, Final, TypeAlias

from lago_async.models.customer_usage import CustomerUsage, UsagePeriod
from lago_async.usage._columns import UsageRow
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.rows import rows_of
from lago_async.usage._export.spool import Spool
from lago_async.usage._formats.base import Format

Periods: TypeAlias = Sequence[UsagePeriod] | Sequence[CustomerUsage]

# A page is encoded when it arrives, and then dropped, because objects that live on slow down the garbage collector.
# A page with more leaves than this would block an event loop for too long, and waits for `flush`.
_LEAVES_AT_ONCE: Final = 2_000
_BYTES_TOGETHER: Final = 2 * 1024 * 1024

_ROWS_HELD: Final = 1024
_BYTES_HELD: Final = 1024 * 1024


class _HeldRows:
    """Buffered rows of a subscription whose last page has not arrived; spills to a temporary file."""

    __slots__ = ("file", "rows", "rows_in_file")

    def __init__(self) -> None:
        self.rows: list[UsageRow] = []
        self.rows_in_file = 0
        self.file: SpooledTemporaryFile[bytes] | None = None

    @property
    def large(self) -> bool:
        """Whether rows are in the file, or should be."""
        return self.file is not None or len(self.rows) >= _ROWS_HELD

    def spill(self, file_format: Format, folder: str) -> None:
        """Move the rows from memory to the file."""
        if self.file is None:
            self.file = SpooledTemporaryFile[bytes](max_size=_BYTES_HELD, dir=folder)
        for piece in file_format.pieces(self.rows):
            self.file.write(piece)
        self.rows_in_file += len(self.rows)
        self.rows = []

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class Intake:
    """Pages of subscriptions, on their way to the spool.

    Attributes:
        rows: Rows of the subscriptions that are whole, those of earlier runs included.
        whole: Subscriptions that are whole, and not committed yet.
    """

    def __init__(self, file_format: Format, spool: Spool, rows: int) -> None:
        self.rows = rows
        self.whole: list[Pair] = []
        self._format = file_format
        self._spool = spool
        self._folder = str(spool.paths.out.parent)
        self._inbox: list[tuple[Pair, Periods, bool]] = []
        self._held: dict[Pair, _HeldRows] = {}
        self._ready: list[UsageRow] = []
        self._pieces: list[bytes] = []
        self._pieces_size = 0

    @property
    def has_much(self) -> bool:
        """Whether large pages or many bytes wait for `flush`."""
        return bool(self._inbox) or self._pieces_size >= _BYTES_TOGETHER

    @property
    def unfinished(self) -> int:
        """How many subscriptions wait for another page."""
        return len(self._held)

    def add(self, pair: Pair, periods: Periods, *, last: bool) -> None:
        """Take a page of a subscription. It is fast and does not wait for the disk: a large page waits for `flush`."""
        held = self._held.get(pair)
        if self._inbox or (held is not None and held.large) or _leaves(periods) > _LEAVES_AT_ONCE:
            self._inbox.append((pair, periods, last))
        else:
            self._take(pair, periods, last=last)

    def drop(self, pair: Pair) -> None:
        """Forget the pages of a subscription that failed."""
        self._inbox = [entry for entry in self._inbox if entry[0] != pair]
        held = self._held.pop(pair, None)
        if held is not None:
            held.close()

    def flush(self) -> None:
        """Encode the pages that wait, and write all bytes."""
        inbox, self._inbox = self._inbox, []
        for pair, periods, last in inbox:
            self._take(pair, periods, last=last)
            held = self._held.get(pair)
            if held is not None and held.large:
                held.spill(self._format, self._folder)
            self._write()
        self._write()

    def flush_whole(self) -> None:
        """Write all rows of the subscriptions that are whole."""
        self.flush()
        self._encode_ready()
        self._write()

    def close(self) -> None:
        """Discard everything that was not written."""
        for held in self._held.values():
            with suppress(OSError):  # a full disk has no room for buffered rows, which are discarded anyway
                held.close()

    def _take(self, pair: Pair, periods: Periods, *, last: bool) -> None:
        """Make rows of a page, and encode them if the subscription is whole."""
        held = self._held.get(pair)
        if held is None and not last:
            held = self._held[pair] = _HeldRows()
        for period in periods:
            rows = rows_of(pair, period)
            if held is None:
                self._accept(rows)
            else:
                held.rows += rows
        if held is not None and last:
            self._accept_file(held)
            self._accept(held.rows)
            del self._held[pair]
        if last:
            self.whole.append(pair)

    def _accept(self, rows: list[UsageRow]) -> None:
        """Take rows of a subscription that is whole, or will be when this page is taken."""
        self.rows += len(rows)
        self._ready += rows
        if len(self._ready) >= self._format.rows_together:
            self._encode_ready()

    def _accept_file(self, held: _HeldRows) -> None:
        """Copy the spilled rows of a subscription to the spool, because the subscription is whole now."""
        if held.file is not None:
            self._encode_ready()
            self._write()
            held.file.seek(0)
            self._spool.append_file(held.file)
            held.close()
            self.rows += held.rows_in_file

    def _encode_ready(self) -> None:
        ready, self._ready = self._ready, []
        for piece in self._format.pieces(ready):
            self._pieces.append(piece)
            self._pieces_size += len(piece)

    def _write(self) -> None:
        if self._pieces:
            pieces, self._pieces, self._pieces_size = self._pieces, [], 0
            self._spool.append(pieces)


def _leaves(periods: Periods) -> int:
    """Return about how many rows periods will make."""
    count = 0
    for period in periods:
        charges: list[Any] = period.charges_usage
        for charge in charges:
            if charge is not None:
                groups = charge.grouped_usage
                count += 1 + len(charge.filters)
                if groups:
                    count += len(groups) * (1 + (len(groups[0].filters) if groups[0] is not None else 0))
    return count
