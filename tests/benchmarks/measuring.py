"""How everything here is measured: contestants take turns within one run, and what counts is the ratio of their turns.

A machine is never quiet and never equally fast. Seconds of two runs can't be compared; two turns that follow each other
can. So each round gives one ratio, and the median over the rounds is the result: a round that something disturbed
does not move it.

Where calls are measured, it is CPU time of the process (``time.process_time``: all its threads, in the kernel too) and
not the clock. A call mostly waits, for a server that is not ours and for a core that others use; what a client costs
is what it computes. Only where waiting is the point (many threads, a start) does the clock count.

Even so, who computes in many threads at once takes as many cores as are free, the server's among them, and is as fast
as the machine is empty. `on_one_core` gives each contestant one core, and the server another, as a container does.

The garbage collector stays on, as in any program: a client that litters pays for it. Before each turn it collects what
the turn before left behind, and what was imported is frozen, so that nobody pays for the size of the rivals' modules.
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
    """How much to do: all of it, or just enough to see that it works."""

    quick: bool = False

    def rounds(self, number: int) -> int:
        return 1 if self.quick else number

    def calls(self, number: int) -> int:
        return max(2, number // 20) if self.quick else number


@attrs.frozen
class Target:
    """What a ratio must keep to."""

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
        ratio: Ours by theirs; None for a number that stands for itself.
        target: None for a line that is there to be looked at.
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
    """The line of two contestants out of the rounds that ``in_turns`` took."""
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
    """Keep this process, and the threads that it starts meanwhile, on one core; the value is the other cores."""
    core, *others = sorted(os.sched_getaffinity(0))
    if not others:
        raise RuntimeError("this takes two cores: one for the contestants, another for the server")
    os.sched_setaffinity(0, {core})
    try:
        yield others
    finally:
        os.sched_setaffinity(0, {core, *others})


def cpu_each(work: Callable[[], object], count: int) -> float:
    """Microseconds of CPU for each of the ``count`` things that the work does."""
    start = time.process_time()
    work()
    return (time.process_time() - start) / count * 1e6


def side_by_side(work: Callable[[], None], crowd: int) -> float:
    """Seconds until all threads are done, from when all are ready. If one fails, so does this: a failure is fast."""
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
