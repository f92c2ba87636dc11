"""How far an export is, as a value, and the callback that receives it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeAlias

import attrs

from lago_async.usage._export.schedule import Clock
from lago_async.usage._export.sink import Sink

_INTERVAL: Final = 0.1  # seconds between two calls of the callback


@attrs.frozen(kw_only=True)
class Progress:
    """How far an export is.

    Attributes:
        subscriptions: Subscriptions that are done, including those of earlier runs and those that failed.
        total: How many there are, if known; approximate if all of the organisation are exported.
        skipped: Subscriptions that an earlier run had done.
        failures: Subscriptions that failed in this run.
        rows: Rows in the file so far.
        seconds: Time since this run began.
    """

    subscriptions: int
    total: int | None
    skipped: int
    failures: int
    rows: int
    seconds: float

    @property
    def rate(self) -> float:
        """Subscriptions per second in this run."""
        return (self.subscriptions - self.skipped) / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds left at the present rate; None while that is unknown."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.subscriptions) / self.rate


OnProgress: TypeAlias = Callable[[Progress], None]


class ProgressReporter:
    """Calls a callback with the progress of an export, at most every 0.1 s."""

    def __init__(self, sink: Sink, on_progress: OnProgress | None, *, clock: Clock = time.monotonic) -> None:
        self._sink = sink
        self._on_progress = on_progress
        self._clock = clock
        self._began = clock()
        self._next = self._began

    def report(self, total: int | None) -> None:
        """Call the callback if it is due."""
        now = self._clock()
        if self._on_progress is not None and now >= self._next:
            self._next = now + _INTERVAL
            self._on_progress(self._progress(total))

    def report_end(self) -> None:
        """Call the callback with the final progress."""
        if self._on_progress is not None:
            progress = self._progress(None)
            self._on_progress(attrs.evolve(progress, total=progress.subscriptions))

    def _progress(self, total: int | None) -> Progress:
        sink = self._sink
        return Progress(
            subscriptions=sink.skipped + sink.finished + sink.failures,
            total=total,
            skipped=sink.skipped,
            failures=sink.failures,
            rows=sink.rows,
            seconds=self._clock() - self._began,
        )
