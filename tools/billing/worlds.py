"""Bill worlds that are drawn at random, and report each in which an invariant does not hold."""

import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.lago_async.sandbox.invariants import problems_of_seed

_SEEDS_PER_TASK = 50


def broken(seeds: Iterable[int], processes: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each seed with what does not hold in its world, in the order of the seeds; an empty list if all does."""
    if processes == 1:
        yield from map(_problems, seeds)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_problems, seeds, chunksize=_SEEDS_PER_TASK)


def _problems(seed: int) -> tuple[int, list[str]]:
    try:
        return seed, problems_of_seed(seed)
    except Exception:  # noqa: BLE001 - one world that fails must not hide the others
        return seed, [traceback.format_exc(limit=-3)]
