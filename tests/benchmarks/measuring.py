"""The method of all measures: contestants take turns within one run, and the result is the ratio of their turns.

A machine is never idle, and its speed varies. So the times of two runs cannot be compared, but those of two consecutive
turns can. Each round gives one ratio, and the median over the rounds is the result, so that a disturbed round does not
change it.

Calls are measured in CPU time of the process (``time.process_time``: all threads, including kernel time), not in
wall-clock time. A call mostly waits, for a server that is not ours and for a core that others use, so the cost of a
client is its computing time. Wall-clock time is used only if waiting is the subject (many threads, a start).

Still, a contestant that computes in many threads takes all free cores, including the server's, so its speed depends on
the load of the machine. `on_one_core` gives each contestant one core, and the server another, as a container does.

The garbage collector stays on, as in any program: a client that creates garbage pays for it. Before each turn it
collects the garbage of the turn before, and imported objects are frozen, so that no contestant pays for the others'
modules.
"""

from __future__ import annotations

import contextlib
import gc
import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

Turn: TypeAlias = "Callable[[], float]"
"""Does its piece of work and tells what one unit of it took."""


@attrs.frozen
class Effort:
    """The amount of work: all of it, or just enough to check that it works."""

    quick: bool = False

    def rounds(self, number: int) -> int:
        return 1 if self.quick else number

    def calls(self, number: int) -> int:
        return max(2, number // 20) if self.quick else number


@attrs.frozen
class Target:
    """The limit that a ratio must meet."""

    side: Literal["<=", ">=", "="]
    bound: float

    def met(self, value: float) -> bool:
        if self.side == "=":
            return value == self.bound
        return value <= self.bound if self.side == "<=" else value >= self.bound

    def __str__(self) -> str:
        return f"{self.side} {self.bound:.3g}"


def at_most(bound: float) -> Target:
    return Target("<=", bound)


def at_least(bound: float) -> Target:
    return Target(">=", bound)


def exactly(bound: float) -> Target:
    return Target("=", bound)


@attrs.frozen(kw_only=True)
class Line:
    """One line of the table.

    Attributes:
        ratio: Our value divided by theirs; None for a number without a comparison.
        target: The limit; None for a line that is only informative.
        how: The method, in a few words.
    """

    measure: str
    unit: str
    ours: float
    rival: str
    theirs: float | None
    ratio: float | None
    target: Target | None
    how: str

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met(self.ours if self.ratio is None else self.ratio)


def compare(
    measure: str,
    taken: Mapping[str, Sequence[float]],
    rival: str,
    *,
    ours: str = "ours",
    unit: str,
    target: Target | None,
    how: str,
) -> Line:
    """Return the line for two contestants, from the rounds that ``in_turns`` took."""
    rounds = len(taken[ours])
    return Line(
        measure=measure,
        unit=unit,
        ours=statistics.median(taken[ours]),
        rival=rival,
        theirs=statistics.median(taken[rival]),
        ratio=statistics.median(mine / theirs for mine, theirs in zip(taken[ours], taken[rival], strict=True)),
        target=target,
        how=f"{how}; " + ("one round" if rounds == 1 else f"median of {rounds} rounds"),
    )


def in_turns(turns: Mapping[str, Turn], rounds: int) -> dict[str, list[float]]:
    """Let the contestants take turns, forwards and backwards, after a first round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in turns}
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds + 1):
            for name in list(turns)[:: 1 if number % 2 else -1]:
                gc.collect()
                took = turns[name]()
                if number:
                    taken[name].append(took)
    finally:
        gc.unfreeze()
    return taken


@contextlib.contextmanager
def on_one_core() -> Iterator[list[int]]:
    """Keep this process, and the threads that it starts meanwhile, on one core; yield the other cores."""
    core, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise RuntimeError("this needs two cores: one for the contestants, another for the server")
    os.sched_setaffinity(0, {core})
    try:
        yield others
    finally:
        os.sched_setaffinity(0, {core, *others})


def cpu_each(work: Callable[[], object], count: int) -> float:
    """Return the microseconds of CPU per item of work that processes ``count`` items."""
    start = time.process_time()
    work()
    return (time.process_time() - start) / count * 1e6


def side_by_side(work: Callable[[], None], crowd: int) -> float:
    """Return the seconds from the time when all threads are ready until all are done. If one fails, raise its error."""
    ready = threading.Barrier(crowd + 1)

    def when_ready() -> None:
        ready.wait()
        work()

    with ThreadPoolExecutor(crowd) as pool:
        workers = [pool.submit(when_ready) for _ in range(crowd)]
        ready.wait()
        start = time.perf_counter()
        wait(workers)
        took = time.perf_counter() - start
    for worker in workers:
        worker.result()
    return took
