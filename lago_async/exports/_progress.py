"""Calls a callback with the progress of the export of a list."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from lago_async.exports._summary import ListExportSummary, ListProgress

if TYPE_CHECKING:
    from lago_async.exports._summary import OnListProgress
    from lago_async.usage._export.schedule import Clock
    from lago_async.usage._export.sink import Sink

_INTERVAL: Final = 0.1  # seconds between two calls of the callback


class ListReporter:
    """Calls a callback with the progress of one run, at most every 0.1 s."""

    def __init__(self, sink: Sink, on_progress: OnListProgress | None, *, clock: Clock = time.monotonic) -> None:
        self._sink = sink
        self._on_progress = on_progress
        self._clock = clock
        self._began = clock()
        self._next = self._began

    def report(self, total: int | None, *, last: bool = False) -> None:
        """Call the callback if it is due, or if the export is complete."""
        now = self._clock()
        if self._on_progress is not None and (last or now >= self._next):
            self._next = now + _INTERVAL
            sink = self._sink
            self._on_progress(
                ListProgress(rows=sink.rows, total=total, skipped=sink.skipped, seconds=now - self._began)
            )


def summary_of(sink: Sink, *, changed: bool) -> ListExportSummary:
    """Return the result of an export."""
    whole = sink.summary()
    return ListExportSummary(
        path=whole.path,
        rows=whole.rows,
        skipped=whole.skipped,
        changed=changed,
        untouched=whole.untouched,
        began_at=whole.began_at,
        finished_at=whole.finished_at,
        no_rows=whole.no_rows,
    )
