"""Tell the billing stories of a running Lago to the sandbox, and hold invariants in random worlds.

python -m tools.billing                             # the stories: right, silently wrong, refused
python -m tools.billing --worlds 10000              # and the invariants in 10,000 random worlds
python -m tools.billing --worlds 1 --seed 4711      # one world again
"""

import argparse
import asyncio
import sys
import time
from collections import Counter

from tests.billing import STORIES
from tools.billing.stories import VERDICTS, all_told
from tools.billing.worlds import broken


def main() -> int:
    """Run the command; 1 if a number is wrong, a story failed, or an invariant does not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.billing", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--worlds", type=int, default=0, help="the number of random worlds")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the first one; the others follow")
    parser.add_argument("--processes", type=int, default=1, help="how many worlds are billed at a time")
    options = parser.parse_args()
    failed = tell_stories()
    if options.worlds:
        failed += bill_worlds(options.seed, options.worlds, options.processes)
    return 1 if failed else 0


def tell_stories() -> int:
    """Print what came of the stories; return how many are wrong or failed."""
    found = asyncio.run(all_told(STORIES))
    for each in found:
        if each.verdict != "right":
            title = f"{each.story.theme}, {each.story.title}"
            sys.stdout.write(f"{each.verdict}: {title}: {'; '.join(each.problems)}\n")
    counts = Counter(each.verdict for each in found)
    sys.stdout.write(f"{len(found)} stories: {', '.join(f'{counts[verdict]} {verdict}' for verdict in VERDICTS)}\n")
    return counts["wrong"] + counts["failed"]


def bill_worlds(first: int, count: int, processes: int) -> int:
    """Print the worlds in which an invariant does not hold; return their number."""
    started = time.monotonic()
    failed = 0
    for seed, problems in broken(range(first, first + count), processes):
        failed += bool(problems)
        for problem in problems:
            sys.stdout.write(f"seed {seed}: {problem}\n")
    seconds = time.monotonic() - started
    sys.stdout.write(f"{count} worlds from seed {first} in {seconds:.0f} s: all invariants hold in {count - failed}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main())
