"""An export on disk: takes the pages of subscriptions, commits them, and publishes the file. Both faces share it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lago_async._bulk.page_size import PageSize
from lago_async.usage._columns import UsageRow
from lago_async.usage._errors import ExportConflictError, ExportError
from lago_async.usage._export.directory import Directory
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.entries import Committed, Completed, ExportSettings, Owned, Publishing
from lago_async.usage._export.failures import UNKNOWN, Failures
from lago_async.usage._export.intake import Intake, Periods
from lago_async.usage._export.journal import Journal
from lago_async.usage._export.marks import FileMark
from lago_async.usage._export.moments import WallClock, is_open_ended, utc_now
from lago_async.usage._export.pages import PageStore
from lago_async.usage._export.pairs import Pair, digest
from lago_async.usage._export.reasons import Reasons
from lago_async.usage._export.resume import begin, refuse_foreign_files, resume
from lago_async.usage._export.rows import RowsOf, rows_of
from lago_async.usage._export.schedule import Clock, CommitSchedule
from lago_async.usage._export.spool import Spool
from lago_async.usage._export.summary import ExportSummary
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.partition import Partitioned
from lago_async.usage._paths import ExportPaths

if TYPE_CHECKING:
    from lago_async._bulk.walks import WalkStart
    from lago_async.models import BillingEntity


class Sink:
    """An export on disk, open for more pages. It is locked against other processes until it is closed.

    Subscriptions are committed whole, and many at a time: first their rows go to the spool, then an entry goes to the
    journal. Anything that a crash leaves after the last entry does not count.

    Attributes:
        doubted: Given subscriptions without a billed period, which may not exist.
        reasons: What the run has seen besides rows.
        directory: What lists say of the periods.

    Args:
        out: The file to make.
        file_format: Its format.
        settings: What distinguishes this export from others.
        overwrite: Start from the beginning, even if an export is there.
        rows_of: Makes the rows of one period.
        reasons: Says why there are no rows; by default, for usage.
        disk: The steps on disk; tests replace them.
        clock: The clock that decides when to commit; tests replace it.
        now: The clock that tells of when the usage is; tests replace it.

    Raises:
        ExportConflictError: The files there belong to another export.
        ExportError: Another process is writing this export.
        OSError: The file system refuses.
    """

    def __init__(
        self,
        out: Path,
        file_format: Format,
        settings: ExportSettings,
        *,
        overwrite: bool = False,
        rows_of: RowsOf = rows_of,
        reasons: Reasons | None = None,
        disk: Disk | None = None,
        clock: Clock = time.monotonic,
        now: WallClock = utc_now,
    ) -> None:
        disk = disk or Disk()
        self.paths: ExportPaths = ExportPaths(out, isinstance(file_format, Partitioned))
        self.ended: int = 0
        self.finished: int = 0
        self._broken = False
        out.parent.mkdir(parents=True, exist_ok=True)
        if not overwrite and not self.paths.journal.exists():
            refuse_foreign_files(self.paths)
        self._spool = Spool(self.paths, file_format, disk)
        if overwrite:
            self._spool.check_replaceable()
        self._journal = Journal(self.paths.journal, disk)
        self._settings = settings
        self._now = now
        try:
            self._state = (begin if overwrite else resume)(
                settings, journal=self._journal, spool=self._spool, now=now()
            )
        except BaseException:
            self._journal.close()
            raise
        self._found: bool = out.exists()
        self.skipped: int = len(self._state.done)
        self._seen = self._state.done  # one set for both: an export may have millions of them
        self._untouched = self._state.complete
        pages = PageStore(self.paths.pages, self.paths.part, disk, self._state.id)
        self.directory = Directory()
        self._intake = Intake(file_format, self._spool, pages, self._state.rows, clock, self.directory, rows_of)
        self._failures = Failures(self.paths, disk)
        self._schedule = CommitSchedule(clock)
        self.reasons: Reasons = reasons or Reasons()
        self.doubted: list[Pair] = []
        self._page_size: PageSize | None = None

    @property
    def complete(self) -> bool:
        """Whether there is nothing to do."""
        return self._state.complete

    @property
    def missing(self) -> list[Pair] | None:
        """The subscriptions that an earlier run left to do; None if it did not look at all of them."""
        return None if self._state.missing is None else list(self._state.missing.values())

    @property
    def rows(self) -> int:
        """How many rows the file has, or will have with what was added."""
        return self._intake.rows

    @property
    def failures(self) -> int:
        """How many subscriptions failed in this run."""
        return len(self._failures.pairs)

    @property
    def due(self) -> bool:
        """Whether it is time to `flush`."""
        intake = self._intake
        return intake.has_much or ((bool(intake.whole) or intake.has_old) and self._schedule.due)

    @property
    def done(self) -> AbstractSet[bytes]:
        """The digests of what is done, and of what was asked about; see `is_known`."""
        return self._seen

    @property
    def starts(self) -> Mapping[Pair, WalkStart]:
        """Where to resume the walks of subscriptions whose first pages an earlier run has stored."""
        return self._intake.starts

    def page_size(self, fixed: int | None) -> PageSize:
        """Return the page size of this run: it begins with what earlier runs have seen, and the next one with this.

        Args:
            fixed: The size that the caller wants; None for one that follows the responses.
        """
        self._page_size = PageSize(fixed, self._state.weight)
        return self._page_size

    def is_known(self, pair: Pair) -> bool:
        """Return whether a subscription is done, or was asked about before."""
        key = digest(pair)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def belong_to(self, billing_entities: Iterable[BillingEntity]) -> None:
        """Record the organisation, so that resuming with another organisation's key is refused.

        Otherwise the file would mix the data of both.

        Args:
            billing_entities: Those of the organisation, because the API gives no other id of it.

        Raises:
            ExportConflictError: The export belongs to another organisation.
        """
        owners = {entity.lago_id for entity in billing_entities if entity.lago_id}
        if self._state.owners and owners and self._state.owners.isdisjoint(owners):
            if not self._state.is_empty:
                raise ExportConflictError(
                    f"{self.paths.out} was started with the key of another organisation",
                    remedy="use that key, write to another file, or start again with overwrite=True",
                )
            with self._breaking():
                self._state = begin(
                    self._settings, journal=self._journal, spool=self._spool, now=self._now(),
                    replaces=self._state.replaces,
                )  # fmt: skip
            self._intake.forget_pages(self._state.id)
        if new := sorted(owners - self._state.owners):
            with self._breaking():
                self._journal.append(Owned(new))
            self._state.owners.update(new)

    def add(self, pair: Pair, periods: Periods, *, last: bool = True, position: int = 0) -> None:
        """Take a page of a subscription. It is fast and does not wait for the disk.

        Args:
            pair: The subscription.
            periods: The page.
            last: Whether no further page of the subscription follows.
            position: The position after the page, where the walk can be resumed.
        """
        self._failures.note_success()
        self.finished += last
        with self._breaking():
            self._intake.add(pair, periods, last=last, position=position)

    def add_row(self, pair: Pair, row: UsageRow) -> None:
        """Take the only row of an object. It is fast and does not wait for the disk."""
        self.finished += 1
        self._seen.add(digest(pair))
        with self._breaking():
            self._intake.add_row(pair, row)

    def fail(self, pair: Pair, error: Exception) -> None:
        """Record that a subscription failed.

        Raises:
            ExportError: The server seems to be down.
        """
        self._failures.add(pair, error)
        self._intake.drop(pair)

    def fail_unknown(self, pair: Pair) -> None:
        """Record that a given subscription does not exist."""
        self.reasons.unknown.append(pair)
        self._failures.add(pair, ExportError("the customer has no subscription with this id"), code=UNKNOWN)
        self._intake.drop(pair)

    def flush(self) -> None:
        """Write what was added, and commit it if a commit is due.

        It waits for the disk: do not call it on an event loop.

        Raises:
            OSError: The file system refuses, such as a full disk. Committed data stays.
        """
        with self._breaking():
            self._intake.flush()
        if self._schedule.due:
            self.commit()

    def commit(self, *, stopping: bool = False) -> None:
        """Write what was added, and make it durable.

        Args:
            stopping: Also store the pages that have not waited long for the last one of their subscription.
        """
        intake, spool = self._intake, self._spool
        with self._schedule.measuring(), self._breaking():
            intake.flush()
            intake.store_pages(stopping=stopping)
            if intake.whole:
                intake.flush_whole()
                mark = spool.sync()
                weight = None if self._page_size is None else self._page_size.weight
                entry = Committed(mark.size, mark.sha256, intake.rows, self._now(), intake.whole, weight)
                self._journal.append(entry)
                spool.offset, self._state.published = mark.size, False
                intake.whole = []

    def finish(self) -> ExportSummary:
        """Publish the file.

        Raises:
            OSError: The file system refuses. Committed data stays, and so does a file that was published before.
        """
        self.commit()
        if self._intake.unfinished:
            raise RuntimeError(f"{self._intake.unfinished} subscriptions have no last page")
        with self._breaking():
            self._failures.publish()
            if not self._state.published:
                self._spool.publish(self._announce)
            failed = self._failures.pairs
            self._state.latest = self._now()
            self._journal.append(
                Completed(self.rows, self.skipped + self.finished, self._state.latest, failed, self._no_rows())
            )
            if not failed:
                self._spool.remove()
                self._spool.remove_pages()
        return self.summary()

    def summary(self) -> ExportSummary:
        """Return the result so far."""
        began = self._state.began or self._now()
        return ExportSummary(
            path=self.paths.out,
            rows=self.rows,
            subscriptions=self.skipped + self.finished,
            skipped=self.skipped,
            failures=self.failures,
            failures_path=self.paths.failures if self.failures else None,
            ended=self.ended,
            untouched=self._untouched,
            began_at=began,
            finished_at=self._state.latest or began,
            open_ended=is_open_ended(self._settings, began),
            unknown=tuple(self.reasons.unknown),
            no_rows=self._no_rows(),
        )

    def _no_rows(self) -> str | None:
        """Return why the file has no rows; None if it has some."""
        if self.rows:
            return None
        if self._untouched:
            return self._state.no_rows
        return self.reasons.no_rows(
            subscriptions=self.skipped + self.finished,
            failed=self.failures,
            listed=self._settings.get("subscriptions") == "all",
            current=self._settings.get("kind") == "current",
        )

    def _announce(self, mark: FileMark) -> None:
        """Record the file that is about to be published, unless another one has come to its place."""
        state, out = self._state, self.paths.out
        if out.exists() and not (self._found or state.replaces):
            raise ExportConflictError(
                f"{out} was made by something else while the export ran",
                remedy="move it away, and run the same export again, which only publishes what was fetched",
            )
        self._journal.append(Publishing(mark.size, mark.sha256))

    def keep(self) -> None:
        """Commit as much as possible before an error ends the export."""
        if not self._broken:
            with suppress(OSError):
                self.commit(stopping=True)

    def close(self) -> None:
        """Close the files. Uncommitted data is lost."""
        self._failures.close()
        self._intake.close()
        self._spool.close()
        self._journal.close()

    @contextmanager
    def _breaking(self) -> Generator[None]:
        """Allow no further commit after a step that failed, because the content of the spool is unknown then."""
        try:
            yield
        except BaseException:
            self._broken = True
            raise
