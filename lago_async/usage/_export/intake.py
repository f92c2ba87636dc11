"""From pages to bytes: pages of usage become encoded rows, which go to the spool one whole subscription at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from lago_async.models.customer_usage import CustomerUsage, UsagePeriod
from lago_async.usage._columns import UsageRow
from lago_async.usage._export.directory import Directory
from lago_async.usage._export.pages import Identity, PageStore, StoredPages
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.rows import RowsOf, rows_of
from lago_async.usage._export.spool import Spool
from lago_async.usage._formats.base import Format

if TYPE_CHECKING:
    from lago_async._bulk.walks import WalkStart
    from lago_async.usage._export.schedule import Clock

Periods: TypeAlias = Sequence[UsagePeriod] | Sequence[CustomerUsage]

# A page is encoded when it arrives, and then dropped, because objects that live on slow down the garbage collector.
# A page with more leaves than this would block an event loop for too long, and waits for `flush`.
_LEAVES_AT_ONCE: Final = 2_000
_BYTES_TOGETHER: Final = 2 * 1024 * 1024

_ROWS_HELD: Final = 1024
_SECONDS_HELD: Final = 1.0


class _HeldRows:
    """Buffered rows of a subscription whose last page has not arrived; the older part is in the store of pages."""

    __slots__ = ("periods", "position", "rows", "stored")

    def __init__(self, stored: StoredPages | None = None) -> None:
        self.rows: list[UsageRow] = []
        self.periods: list[Identity] = []
        self.position = 0
        self.stored = stored

    @property
    def large(self) -> bool:
        """Whether rows are in the store, or should be."""
        return self.stored is not None or len(self.rows) >= _ROWS_HELD


class Intake:
    """Pages of subscriptions, on their way to the spool.

    Args:
        file_format: The format of the export.
        spool: The spool.
        pages: The store of pages.
        rows: Rows of earlier runs.
        clock: The clock that decides when a page has waited long.
        directory: What lists say of the periods; without it, nothing is known.
        rows_of: Makes the rows of one period.

    Attributes:
        rows: Rows of the subscriptions that are whole, those of earlier runs included.
        whole: Subscriptions that are whole, and not committed yet.
        starts: Where the walks of the subscriptions are resumed whose first pages an earlier run has stored.
    """

    def __init__(
        self,
        file_format: Format,
        spool: Spool,
        pages: PageStore,
        rows: int,
        clock: Clock,
        directory: Directory | None = None,
        rows_of: RowsOf = rows_of,
    ) -> None:
        self._directory = directory or Directory()
        self.rows = rows
        self._rows_of = rows_of
        self.whole: list[Pair] = []
        self._format = file_format
        self._spool = spool
        self._pages = pages
        self._clock = clock
        self._earlier = pages.load()
        self.starts: dict[Pair, WalkStart] = {pair: stored.start for pair, stored in self._earlier.items()}
        self._inbox: list[tuple[Pair, Periods, bool, int]] = []
        self._held: dict[Pair, _HeldRows] = {}
        self._oldest: float | None = None  # the time since when a page waits that is not stored
        self._ready: list[UsageRow] = []
        self._pieces: list[bytes] = []
        self._pieces_size = 0

    @property
    def has_much(self) -> bool:
        """Whether large pages or many bytes wait for `flush`."""
        return bool(self._inbox) or self._pieces_size >= _BYTES_TOGETHER

    @property
    def has_old(self) -> bool:
        """Whether a page has waited long for the last one of its subscription, and should be stored."""
        return self._oldest is not None and self._clock() - self._oldest >= _SECONDS_HELD

    @property
    def unfinished(self) -> int:
        """How many subscriptions wait for another page."""
        return len(self._held)

    def add(self, pair: Pair, periods: Periods, *, last: bool, position: int) -> None:
        """Take a page of a subscription. It is fast and does not wait for the disk: a large page waits for `flush`.

        Args:
            pair: The subscription.
            periods: The page.
            last: Whether no further page of the subscription follows.
            position: The position after the page, where the walk can be resumed.
        """
        held = self._held.get(pair)
        if (
            self._inbox
            or pair in self._earlier
            or (held is not None and held.large)
            or _leaves(periods) > _LEAVES_AT_ONCE
        ):
            self._inbox.append((pair, periods, last, position))
        else:
            self._take(pair, periods, last=last, position=position)

    def add_row(self, pair: Pair, row: UsageRow) -> None:
        """Take the only row of an object. It is fast and does not wait for the disk."""
        self._accept([row])
        self.whole.append(pair)

    def drop(self, pair: Pair) -> None:
        """Forget the pages of a subscription that failed. A later run resumes it with those that are stored."""
        self._inbox = [entry for entry in self._inbox if entry[0] != pair]
        self._held.pop(pair, None)
        self._earlier.pop(pair, None)

    def flush(self) -> None:
        """Encode the pages that wait, and write all bytes."""
        inbox, self._inbox = self._inbox, []
        for pair, periods, last, position in inbox:
            self._take(pair, periods, last=last, position=position)
            held = self._held.get(pair)
            if held is not None and held.large:
                self._store(pair, held)
            self._write()
        self._write()

    def flush_whole(self) -> None:
        """Write all rows of the subscriptions that are whole."""
        self.flush()
        self._encode_ready()
        self._write()

    def store_pages(self, *, stopping: bool = False) -> None:
        """Store the pages that wait for the last one of their subscription.

        Args:
            stopping: Store them even if none has waited long.
        """
        if stopping or self.has_old:
            for pair, held in self._held.items():
                self._store(pair, held)
            self._oldest = None
            self._pages.tidy()

    def forget_pages(self, export: str) -> None:
        """Forget the pages that an earlier run has stored, because another export begins.

        Args:
            export: The text that is the new export's alone.
        """
        self._earlier.clear()
        self.starts.clear()
        self._pages.restart(export)

    def close(self) -> None:
        """Close the files. Everything that was not written is lost."""
        self._pages.close()

    def _take(self, pair: Pair, periods: Periods, *, last: bool, position: int) -> None:
        """Make rows of a page, and encode them if the subscription is whole."""
        held = self._held.get(pair)
        if held is None:
            stored = self._earlier.pop(pair, None)
            if stored is not None or not last:
                held = self._held[pair] = _HeldRows(stored)
        for period in periods:
            rows = self._rows_of(pair, period, self._directory.describe(pair, period))
            if held is None:
                self._accept(rows)
            else:
                held.rows += rows
                held.periods.append((period.lago_invoice_id, period.from_datetime, period.to_datetime))
        if held is not None:
            held.position = position
            if last:
                self._accept_stored(held)
                self._accept(held.rows)
                del self._held[pair]
                self._pages.drop(pair)
            elif self._oldest is None:
                self._oldest = self._clock()
        if last:
            self.whole.append(pair)

    def _accept(self, rows: list[UsageRow]) -> None:
        """Take rows of a subscription that is whole, or will be when this page is taken."""
        self.rows += len(rows)
        self._ready += rows
        if len(self._ready) >= self._format.rows_together:
            self._encode_ready()

    def _store(self, pair: Pair, held: _HeldRows) -> None:
        """Move the rows that are held from memory to the store of pages."""
        if not held.rows and not held.periods:
            return
        rows, held.rows = held.rows, []
        periods, held.periods = held.periods, []
        held.stored = self._pages.append(
            pair, periods, self._format.pieces(rows), rows=len(rows), position=held.position
        )

    def _accept_stored(self, held: _HeldRows) -> None:
        """Copy the stored rows of a subscription to the spool, because the subscription is whole now."""
        if held.stored is not None:
            self._encode_ready()
            self._write()
            stored = held.stored
            self._spool.append_through(lambda target: self._pages.copy(stored, target))
            self.rows += stored.rows

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
