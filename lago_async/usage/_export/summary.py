"""The value that an export returns."""

from __future__ import annotations

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
        """Whether no subscription is missing."""
        return self.failures == 0
