"""The value that an export returns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import attrs


@attrs.frozen(kw_only=True)
class ExportSummary:
    """The result of an export.

    Attributes:
        path: The file.
        rows: Rows in the file.
        subscriptions: Subscriptions in the file.
        skipped: Subscriptions in the file that an earlier run had fetched.
        failures: Subscriptions that are missing because their calls failed. Calling the export again retries them.
        failures_path: The file that lists the failures; None if there are none.
        ended: Subscriptions without rows, because they ended while current usage was fetched.
        untouched: Whether the export was complete before, so that nothing was done.
        began_at: The time of the first call: nothing in the file is older.
        finished_at: The time at which the file was published: nothing in the file is newer.
        open_ended: Whether the range had not ended when the export began, so that a later one may have more.
        unknown: Subscriptions of the given ones that do not exist. They count as failures.
        no_rows: Why there are no rows; None if there are some.
    """

    path: Path
    rows: int
    subscriptions: int
    skipped: int
    failures: int
    failures_path: Path | None
    ended: int
    untouched: bool
    began_at: datetime
    finished_at: datetime
    open_ended: bool
    unknown: tuple[tuple[str, str], ...] = ()
    no_rows: str | None = None

    @property
    def complete(self) -> bool:
        """Whether no subscription is missing."""
        return self.failures == 0
