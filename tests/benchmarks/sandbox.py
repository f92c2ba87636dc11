"""Measures of the sandbox: how long a test waits for one, and what a prepared year costs."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lago_async.sandbox import Sandbox, add_demo_data
from tests.benchmarks.measuring import Line, at_most, in_turns

if TYPE_CHECKING:
    from tests.benchmarks.measuring import Effort

_START, _END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
_QUICK_END = datetime(2025, 2, 2, tzinfo=UTC)
_CUSTOMERS = 300


def sandbox_start(effort: Effort) -> list[Line]:
    """Measure the start of a sandbox after its import, and its end: the wall-clock time that each test waits."""
    rounds = effort.rounds(30)

    def start() -> float:
        begun = time.perf_counter()
        with Sandbox():
            started = time.perf_counter()
        both[0].append((started - begun) * 1e3)
        both[1].append((time.perf_counter() - started) * 1e3)
        return started - begun

    both: tuple[list[float], list[float]] = ([], [])
    in_turns({"ours": start}, rounds)
    return [
        _line(f"{what} of a sandbox", "ms", taken[-rounds:], 10, "wall-clock time, after the import")
        for what, taken in zip(("start", "end"), both, strict=True)
    ]


def sandbox_year(effort: Effort) -> list[Line]:
    """Measure a year of 300 customers: day by day, with events, and all that is billed on the way."""
    customers, end = (20, _QUICK_END) if effort.quick else (_CUSTOMERS, _END)

    def year() -> float:
        begun = time.process_time()
        add_demo_data(Sandbox(now=_START), end, customers)
        return time.process_time() - begun

    taken = in_turns({"ours": year}, effort.rounds(3))["ours"]
    how = f"CPU, {(end - _START).days} moves of the clock"
    return [_line(f"{(end - _START).days} days of {customers} customers", "s", taken, 20, how)]


def _line(measure: str, unit: str, taken: list[float], bound: float, how: str) -> Line:
    rounds = "one round" if len(taken) == 1 else f"median of {len(taken)} rounds"
    return Line(
        measure=measure,
        unit=unit,
        ours=statistics.median(taken),
        rival="",
        theirs=None,
        ratio=None,
        target=at_most(bound),
        how=f"{how}; {rounds}",
    )
