"""Progress of an export on standard error: a bar on a terminal if rich is installed, else a line every 5 seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, TextIO, TypeAlias, cast

if TYPE_CHECKING:
    from lago_async._net.limits import RateLimit
    from lago_async._streams import ProgressStream
    from lago_async.usage._export.progress import Progress
    from lago_async.usage._export.schedule import Clock

_LINE_EVERY = 5.0


Limits: TypeAlias = "Callable[[], Sequence[RateLimit]]"


@contextmanager
def shown(
    stream: TextIO | ProgressStream | None,
    limits: Limits,
    *,
    quiet: bool,
    things: str = "subscriptions",
    clock: Clock = time.monotonic,
) -> Generator[Callable[[Progress], None] | None]:
    """Show progress on a stream: yield the callback that receives it, or None if quiet.

    Args:
        stream: Where to show it; None to show nothing.
        limits: Returns the present rate limits, which are shown too.
        quiet: Show nothing.
        things: What is exported.
        clock: The clock that decides when to write a line; tests replace it.
    """
    if quiet or stream is None:
        yield None
        return
    if stream.isatty() and find_spec("rich") is not None:
        with _bar(stream, limits, things) as show:
            yield show
        return
    yield _Lines(stream, limits, things, clock)


@contextmanager
def _bar(stream: TextIO | ProgressStream, limits: Limits, things: str) -> Generator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        BarColumn(bar_width=None), TextColumn("{task.description}"), TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Bars(*columns, console=Console(file=cast("TextIO", stream)), transient=True, refresh_per_second=5) as bars:
        task = bars.add_task(f"listing {things}", total=None, left="")

        def show(progress: Progress) -> None:
            left = "" if progress.remaining is None else f"{_duration(progress.remaining)} left"
            # The list may have grown since it was counted: never show a total below what is done.
            total = None if progress.total is None else max(progress.total, progress.subscriptions)
            bars.update(
                task,
                completed=progress.subscriptions,
                total=total,
                description=line_of(progress, limits(), things),
                left=left,
            )

        yield show


class _Lines:
    """Writes a line every 5 seconds."""

    def __init__(self, stream: TextIO | ProgressStream, limits: Limits, things: str, clock: Clock) -> None:
        self._stream = stream
        self._limits = limits
        self._things = things
        self._clock = clock
        self._next = clock() + _LINE_EVERY

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _LINE_EVERY
        left = "" if progress.remaining is None else f", {_duration(progress.remaining)} left"
        self._stream.write(f"{line_of(progress, self._limits(), self._things)}{left}\n")
        self._stream.flush()


def line_of(progress: Progress, limits: Sequence[RateLimit], things: str = "subscriptions") -> str:
    """Return the progress as one line, without the remaining time."""
    total = "" if progress.total is None else f" of {max(progress.total, progress.subscriptions):,}"
    rows = [f"{progress.rows:,} rows"] if things == "subscriptions" else []
    parts = [f"{progress.subscriptions:,}{total} {things}", *rows, f"{progress.rate:,.0f}/s"]
    if progress.failures:
        parts.append(f"{progress.failures:,} failed")
    if limits:
        limit = max(limits, key=_how_used)
        parts.append(f"{limit.used:,} of {limit.limit:,} calls in {limit.window:.3g} s")
    return ", ".join(parts)


def _how_used(limit: RateLimit) -> float:
    return limit.used / max(1, limit.limit)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
