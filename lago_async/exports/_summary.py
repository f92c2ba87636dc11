"""The result of the export of a list, and its progress, as values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import attrs


@attrs.frozen(kw_only=True)
class ListExportSummary:
    """The result of the export of a list.

    Attributes:
        path: The file.
        rows: Rows in the file, one per object.
        skipped: Rows of them that an earlier run had fetched.
        changed: Whether objects joined or left the list while it was fetched. Each one that was in the list from
            beginning to end is in the file once; one that joined or left meanwhile may be in it or not.
        untouched: Whether the export was complete before, so that nothing was done.
        began_at: The time of the first call: nothing in the file is older.
        finished_at: The time at which the file was published: nothing in the file is newer.
        no_rows: Why there are no rows; None if there are some.
    """

    path: Path
    rows: int
    skipped: int
    changed: bool
    untouched: bool
    began_at: datetime
    finished_at: datetime
    no_rows: str | None = None


@attrs.frozen(kw_only=True)
class ListProgress:
    """How far the export of a list is.

    Attributes:
        rows: Rows so far, those of earlier runs included.
        total: How many objects the list has, as the server says; it may be half an hour old.
        skipped: Rows that an earlier run had fetched.
        seconds: Time since this run began.
    """

    rows: int
    total: int | None
    skipped: int
    seconds: float


OnListProgress: TypeAlias = Callable[[ListProgress], None]
