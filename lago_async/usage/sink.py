"""Where an export's usage goes: into a spool, group by group, until the file is published. Both faces share it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

import attrs
import msgspec

from lago_async.errors import LagoApiError, LagoConnectionError, ServerError
from lago_async.models.customer_usage import CustomerUsage, UsagePeriod
from lago_async.usage.disk import Disk, DiskFile
from lago_async.usage.formats import Format
from lago_async.usage.journal import (
    Committed,
    Completed,
    ExportConflictError,
    ExportError,
    Journal,
    Owned,
    Pair,
    Settings,
    State,
    digest,
)
from lago_async.usage.schema import Row, rows_of

if TYPE_CHECKING:
    from lago_async.models import BillingEntity

__all__ = ["ExportSummary"]

Periods: TypeAlias = Sequence[UsagePeriod] | Sequence[CustomerUsage]

# A page is made into bytes where it is taken, and let go of: objects that live on are what makes the garbage collector
# slow. A page of more leaves than this would take too long for an event loop, and waits for `flush`.
_LEAVES_AT_ONCE: Final = 2_000
_BYTES_TOGETHER: Final = 2 * 1024 * 1024

_ROWS_HELD: Final = 1024
_BYTES_HELD: Final = 1024 * 1024
_FAILURES_IN_A_ROW: Final = 50

# A commit waits for the disk. It comes as often as costs a twentieth of the time, but soon and at least every second.
_COMMIT_SHARE: Final = 20.0
_COMMIT_SOONEST, _COMMIT_LATEST = 0.05, 1.0


@attrs.frozen(kw_only=True)
class ExportSummary:
    """What an export came to.

    Attributes:
        path: The file.
        rows: In the file.
        subscriptions: In the file.
        skipped: Those of them that an earlier run had done.
        failures: Subscriptions that are missing, because their calls failed; the same call again tries them again.
        failures_path: The file that lists them; None if there are none.
        ended: Those of the file's subscriptions without rows that ended while current usage was fetched.
        untouched: Whether the export was complete already, so that nothing was done.
    """

    path: Path
    rows: int
    subscriptions: int
    skipped: int
    failures: int
    failures_path: Path | None
    ended: int
    untouched: bool

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.failures == 0


@attrs.frozen
class Places:
    """The files of one export: what it makes, and what stands beside it.

    Attributes:
        out: The file that is published.
        journal: What says what is in it; it stays.
        failures: What is missing, and why; there only if something is.
        spool: What will be published, until it is.
        part: Something while it is made.
    """

    out: Path

    @property
    def journal(self) -> Path:
        return self.out.with_name(f"{self.out.name}.journal")

    @property
    def failures(self) -> Path:
        return self.out.with_name(f"{self.out.name}.failures.ndjson")

    @property
    def spool(self) -> Path:
        return self.out.with_name(f"{self.out.name}.spool")

    @property
    def part(self) -> Path:
        return self.out.with_name(f"{self.out.name}.part")


class Failure(msgspec.Struct):
    """A line of the list of failures."""

    external_customer_id: str
    external_subscription_id: str
    operation: str | None
    status_code: int | None
    code: str | None
    error: str
    request_id: str | None


class _Held:
    """Rows of a subscription whose last page is yet to come: in memory, and what is too much of it in a file."""

    __slots__ = ("file", "put_aside", "rows")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.put_aside = 0
        self.file: SpooledTemporaryFile[bytes] | None = None

    @property
    def large(self) -> bool:
        """Whether some of it is, or should be, in the file."""
        return self.file is not None or len(self.rows) >= _ROWS_HELD

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class Sink:
    """An export on disk, open for more. It is locked against other processes until it is closed.

    Subscriptions are committed whole, and many at a time: first their rows go to the spool, then a line to the journal.
    What a crash leaves behind the last line does not count.

    Args:
        out: The file to make.
        form: Its format.
        settings: What makes this export differ from another.
        overwrite: Begin anew, whatever is there.

    Raises:
        ExportConflictError: What is there belongs to another export.
        ExportError: Another process is writing this export.
        OSError: The file system refuses.
    """

    def __init__(
        self, out: Path, form: Format, settings: Settings, *, overwrite: bool = False, disk: Disk | None = None
    ) -> None:
        self.places: Places = Places(out)
        self.failures: int = 0
        self.ended: int = 0
        self.finished: int = 0
        self._form = form
        self._disk = disk or Disk()
        self._spool: FileIO | None = None
        self._broken = False
        out.parent.mkdir(parents=True, exist_ok=True)
        if not overwrite and out.exists() and not self.places.journal.exists():
            self._refuse_stranger()
        self._journal = Journal(self.places.journal, self._disk)
        try:
            self._state = self._begin(settings) if overwrite else self._resume(settings)
        except BaseException:
            self._journal.close()
            raise
        self.skipped: int = len(self._state.done)
        self.rows: int = self._state.rows
        self._seen = self._state.done
        self._inbox: list[tuple[Pair, Periods, bool]] = []
        self._held: dict[Pair, _Held] = {}
        self._ready: list[Row] = []
        self._pieces: list[bytes] = []
        self._pieces_size = 0
        self._whole: list[Pair] = []
        self._failed: list[Pair] = []
        self._failure_lines = SpooledTemporaryFile[bytes](max_size=_BYTES_HELD, dir=str(out.parent))
        self._failures_in_a_row = 0
        self._committed = time.monotonic()
        self._commit_after = _COMMIT_SOONEST
        self._untouched = self._state.complete

    # --- what is there already ----------------------------------------------------------------------------------------

    def _begin(self, settings: Settings) -> State:
        """Begin anew. A published file stays until there is another."""
        state = self._journal.begin(settings)
        self._disk.remove(self.places.spool)
        self._disk.remove(self.places.part)
        return state

    def _resume(self, settings: Settings) -> State:
        """Go on from what the journal says, or begin if it says nothing."""
        places, state = self.places, self._journal.read()
        if state.settings is None:
            if places.out.exists():
                self._refuse_stranger()
            return self._begin(settings)
        differing = [
            f"{name} {_shown(state.settings.get(name))} there, {_shown(settings.get(name))} now"
            for name in {**state.settings, **settings}
            if state.settings.get(name) != settings.get(name)
        ]
        if differing:
            raise ExportConflictError(
                f"{places.out} belongs to an export with other settings ({'; '.join(differing)}): "
                "write to another file, or begin anew with overwrite"
            )
        if state.published and not places.out.exists():
            raise ExportConflictError(
                f"{places.out} was finished and is no longer there: put it back, or begin anew with overwrite"
            )
        self._disk.remove(places.part)
        if state.complete:
            self._disk.remove(places.spool)
            return state
        if state.offset and not self._is_spooled(state) and not self._holds(state):
            raise ExportConflictError(
                f"what {places.journal} tells of is in neither {places.spool.name} nor {places.out.name}: "
                "begin anew with overwrite"
            )
        return state

    def _holds(self, state: State) -> bool:
        """Whether the published file is what was spooled: it was published, or is about to be said to be."""
        out = self.places.out
        return self._form.as_spooled and out.exists() and out.stat().st_size == state.offset

    def _refuse_stranger(self) -> NoReturn:
        raise ExportConflictError(
            f"{self.places.out} is there, and no journal tells of an export that made it: "
            "write to another file, or replace it with overwrite"
        )

    @property
    def complete(self) -> bool:
        """Whether there is nothing to do."""
        return self._state.complete

    @property
    def missing(self) -> list[Pair] | None:
        """What an earlier run left to do, where it came to its end; None if all subscriptions are to be looked at."""
        return None if self._state.missing is None else list(self._state.missing.values())

    def is_known(self, pair: Pair) -> bool:
        """Whether a subscription is done, or was asked about before."""
        key = digest(pair)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def belong_to(self, billing_entities: Iterable[BillingEntity]) -> None:
        """Take note of whose usage this is, for the same call with another organisation's key would mix the two.

        Args:
            billing_entities: Those of the organisation: they are the only thing of its own that the API tells of it.

        Raises:
            ExportConflictError: It is another's.
        """
        owners = {entity.lago_id for entity in billing_entities if entity.lago_id}
        known = self._state.owners
        if known and owners and known.isdisjoint(owners):
            raise ExportConflictError(
                f"{self.places.out} was begun with the key of another organisation: "
                "use that key, write to another file, or begin anew with overwrite"
            )
        if new := sorted(owners - known):
            self._journal.append(Owned(new))
            known.update(new)

    # --- what comes in ------------------------------------------------------------------------------------------------

    def add(self, pair: Pair, periods: Periods, *, last: bool = True) -> None:
        """Take a page of a subscription; it does not wait for the disk, nor take long.

        Args:
            pair: Whose it is.
            periods: What it says.
            last: Whether the subscription is whole with it.
        """
        self._failures_in_a_row = 0
        self.finished += last
        held = self._held.get(pair)
        if self._inbox or (held is not None and held.large) or _leaves(periods) > _LEAVES_AT_ONCE:
            self._inbox.append((pair, periods, last))
            return
        with self._breaking():
            self._take(pair, periods, last=last)

    def fail(self, pair: Pair, error: Exception) -> None:
        """Take note that a subscription can't be had.

        Raises:
            ExportError: It is no use to go on.
        """
        if isinstance(error, LagoConnectionError | ServerError):
            self._failures_in_a_row += 1
            if self._failures_in_a_row >= _FAILURES_IN_A_ROW:
                raise ExportError(
                    f"the server seems to be down, {self._failures_in_a_row} subscriptions failed in a row; the last: "
                    f"{error}"
                ) from error
        else:
            self._failures_in_a_row = 0
        self._inbox = [entry for entry in self._inbox if entry[0] != pair]
        held = self._held.pop(pair, None)
        if held is not None:
            held.close()
        pair = pair[0] or "", pair[1] or ""  # an id that the server left out comes to its end here
        self.failures += 1
        self._failed.append(pair)
        known = error if isinstance(error, LagoApiError) else None
        line = Failure(
            *pair,
            operation=getattr(error, "operation", None),
            status_code=getattr(error, "status_code", None),
            code=None if known is None else known.code,
            error=" ".join(str(error).split()) or type(error).__name__,
            request_id=getattr(error, "request_id", None),
        )
        self._failure_lines.write(msgspec.json.encode(line) + b"\n")

    @property
    def due(self) -> bool:
        """Whether it is time to `flush`."""
        return (
            bool(self._inbox)
            or self._pieces_size >= _BYTES_TOGETHER
            or (bool(self._whole) and time.monotonic() - self._committed >= self._commit_after)
        )

    # --- what goes out ------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what came in, and commit it if it is time to. It waits for the disk: not on an event loop.

        Raises:
            OSError: The file system refuses, such as a full disk. What is committed stays.
        """
        with self._breaking():
            self._take_in()
        if time.monotonic() - self._committed >= self._commit_after:
            self.commit()

    def commit(self) -> None:
        """Write what came in, and make it durable."""
        started = time.monotonic()
        with self._breaking():
            self._take_in()
            if self._whole:
                self._encode_ready()
                spool = self._write()
                self._disk.sync(spool)
                self._journal.append(Committed(offset=spool.tell(), rows=self.rows, done=self._whole))
                self._state.offset, self._state.published = spool.tell(), False
                self._whole = []
        self._committed = time.monotonic()
        self._commit_after = min(_COMMIT_LATEST, max(_COMMIT_SOONEST, (self._committed - started) * _COMMIT_SHARE))

    def _take_in(self) -> None:
        """Make bytes of what waits for it, and write them all."""
        inbox, self._inbox = self._inbox, []
        for pair, periods, last in inbox:
            self._take(pair, periods, last=last)
            held = self._held.get(pair)
            if held is not None and held.large:
                self._put_aside(held)
            self._write()
        self._write()

    def _take(self, pair: Pair, periods: Periods, *, last: bool) -> None:
        """Make rows of a page, and bytes of rows if the subscription is whole."""
        held = self._held.get(pair)
        if held is None and not last:
            held = self._held[pair] = _Held()
        for period in periods:
            rows = rows_of(pair, period)
            if held is None:
                self._accept(rows)
            else:
                held.rows += rows
        if held is not None and last:
            if held.file is not None:
                self._copy(held)
            self._accept(held.rows)
            del self._held[pair]
        if last:
            self._whole.append(pair)

    def _accept(self, rows: list[Row]) -> None:
        """Take rows of a subscription that is whole, or will be when this page is taken."""
        self.rows += len(rows)
        self._ready += rows
        if len(self._ready) >= self._form.rows_together:
            self._encode_ready()

    def _encode_ready(self) -> None:
        ready, self._ready = self._ready, []
        for piece in self._encoded(ready):
            self._pieces.append(piece)
            self._pieces_size += len(piece)

    def _encoded(self, rows: list[Row]) -> Iterator[bytes]:
        """Rows in pieces: each is a call that keeps the interpreter from all other threads, so they are short."""
        step = self._form.rows_together
        for start in range(0, len(rows), step):
            yield self._form.encode(rows[start : start + step])

    def _put_aside(self, held: _Held) -> None:
        """Put rows of a subscription that is not whole where they take no memory."""
        if held.file is None:
            held.file = SpooledTemporaryFile[bytes](max_size=_BYTES_HELD, dir=str(self.places.out.parent))
        for piece in self._encoded(held.rows):
            held.file.write(piece)
        held.put_aside += len(held.rows)
        held.rows = []

    def _copy(self, held: _Held) -> None:
        """Take what was put aside, as the subscription is whole now."""
        if held.file is not None:
            self._encode_ready()
            self._write()
            held.file.seek(0)
            spool = DiskFile(self._disk, self._open_spool())
            spool.copy(held.file)
            spool.flush()
            held.close()
            self.rows += held.put_aside

    def _write(self) -> FileIO:
        """Write what there is in bytes."""
        spool = self._open_spool()
        pieces, self._pieces, self._pieces_size = self._pieces, [], 0
        for piece in pieces:
            self._disk.write(spool, piece)
        return spool

    def _open_spool(self) -> FileIO:
        """The spool, where the next row belongs."""
        if self._spool is not None:
            return self._spool
        places, offset = self.places, self._state.offset
        if offset and not self._is_spooled(self._state):
            # It was published. What is added is added to a copy, so that whoever reads it finds it whole.
            with places.out.open("rb") as published:
                self._disk.make(places.spool, places.part, lambda file: file.copy(published, offset))
        spool = self._spool = self._disk.open(places.spool)
        self._disk.truncate(spool, offset)
        if not offset:
            self._disk.write(spool, self._form.begin())
        self._disk.sync_folder(places.out.parent)
        return spool

    def _is_spooled(self, state: State) -> bool:
        spool = self.places.spool
        return spool.exists() and spool.stat().st_size >= state.offset

    def finish(self) -> ExportSummary:
        """Publish the file.

        Raises:
            OSError: The file system refuses. What is committed stays, and so does what was published before.
        """
        self.commit()
        if self._held:
            raise RuntimeError(f"{len(self._held)} subscriptions never came to their last page")
        with self._breaking():
            self._list_failures()
            if not self._state.published:
                self._publish()
            self._journal.append(
                Completed(rows=self.rows, subscriptions=self.skipped + self.finished, failed=self._failed)
            )
            if not self._failed:
                self._disk.remove(self.places.spool)
        return self.summary()

    def _list_failures(self) -> None:
        places, lines = self.places, self._failure_lines
        if not self._failed:
            self._disk.remove(places.failures)
            return
        lines.seek(0)
        self._disk.make(places.failures, places.part, lambda file: file.copy(lines))

    def _publish(self) -> None:
        places, form = self.places, self._form
        if self._spool is None and self._state.offset and not self._is_spooled(self._state):
            return  # as it was; only the journal did not get to say so
        spool = self._open_spool()
        self._disk.sync(spool)
        spool.close()
        self._spool = None
        if form.as_spooled:
            self._disk.replace(places.spool, places.out)
        else:
            self._disk.make(places.out, places.part, lambda file: form.assemble([places.spool], file))

    def summary(self) -> ExportSummary:
        """What it comes to."""
        return ExportSummary(
            path=self.places.out,
            rows=self.rows,
            subscriptions=self.skipped + self.finished,
            skipped=self.skipped,
            failures=self.failures,
            failures_path=self.places.failures if self.failures else None,
            ended=self.ended,
            untouched=self._untouched,
        )

    def keep(self) -> None:
        """Commit what can be, before an error ends it all."""
        if not self._broken:
            with suppress(OSError):
                self.commit()

    def close(self) -> None:
        """Let go of the files; what was not committed is forgotten."""
        with suppress(OSError):  # a full disk has no room for what is to be forgotten, either
            self._failure_lines.close()
        for held in self._held.values():
            with suppress(OSError):
                held.close()
        if self._spool is not None:
            self._spool.close()
        self._journal.close()

    @contextmanager
    def _breaking(self) -> Generator[None]:
        """After a step that failed, nobody knows what is in the spool behind the last commit: no further one."""
        try:
            yield
        except BaseException:
            self._broken = True
            raise


def _leaves(periods: Periods) -> int:
    """About how many rows periods will make."""
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


def _shown(value: str | int | None) -> str:
    return "none" if value is None else str(value)
