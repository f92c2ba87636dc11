"""Proof by killing: the processes of one export are killed at random points, and its rows are counted in the end.

``python -m tests.lago_async.usage.export.kill_proof --kills 100`` does so for CSV and Parquet, on both faces. The file
must have the rows of an export that nothing has disturbed, each once.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs

import lago_async
import lago_async.usage
import lago_sync
import lago_sync.usage
from lago_async.sandbox import Latency
from tests.lago_async.usage.formats.files import from_parquet
from tests.lago_async.usage.worlds import billed

FACES: Final = ("async", "sync")
PAST: Final = "find_all_customer_past_usage"
MONTHS: Final = 6
PER_KILL: Final = 5  # subscriptions; a run does a few before it is killed
PATIENCE: Final = 300.0  # seconds for one process

Server = tuple[str, str]


def export(face: str, server: Server, out: Path, concurrency: int) -> None:
    """Export on one of the faces."""
    url, key = server
    if face == "sync":
        with lago_sync.LagoClient(api_key=key, base_url=url) as client:
            lago_sync.usage.export(client, out, per_page=2, concurrency=concurrency)
        return

    async def main() -> None:
        async with lago_async.LagoClient(api_key=key, base_url=url) as client:
            await lago_async.usage.export(client, out, per_page=2, concurrency=concurrency)

    asyncio.run(main())


def forked(work: Callable[[], object]) -> int:
    """Run a function in a process of its own, and return its id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:  # noqa: BLE001 - printed; the child must not run the code of its parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(child: int, *, wait: bool = False) -> bool:
    """Tell whether a process has ended by itself.

    Raises:
        RuntimeError: It has failed.
    """
    found, status = os.waitpid(child, 0 if wait else os.WNOHANG)
    if found and (code := os.waitstatus_to_exitcode(status)) != 0:
        raise RuntimeError(f"an export ended with {code}")
    return found != 0


def serve(subscriptions: int) -> tuple[int, Server]:
    """Start a server of billed subscriptions in a process of its own, which ends with this one."""
    parent = os.getpid()
    reading, writing = os.pipe()

    def work() -> None:
        with billed(subscriptions, months=MONTHS, requests_kept=1) as world:
            world.inject(Latency(0.03), operation=PAST, times=None)
            os.write(writing, json.dumps((world.url, world.api_key)).encode())
            os.close(writing)
            while os.getppid() == parent:
                time.sleep(0.5)

    child = forked(work)
    os.close(writing)
    with os.fdopen(reading) as file:
        url, key = json.loads(file.read())
    return child, (url, key)


def undisturbed(face: str, server: Server, out: Path) -> None:
    """Export without a kill; import what that has imported, so that a process starts in milliseconds."""
    reading, writing = os.pipe()

    def work() -> None:
        export(face, server, out, 64)
        with os.fdopen(writing, "w") as file:
            file.write("\n".join(sys.modules))

    child = forked(work)
    os.close(writing)
    with os.fdopen(reading) as file:
        names = file.read().split("\n")
    ended(child, wait=True)
    for name in names:
        if name.startswith(("lago_", "aiohttp", "anyio", "cattrs", "yarl", "multidict", "asyncio", "pyarrow")):
            importlib.import_module(name)


def rows_of(out: Path) -> Counter[Any]:
    return Counter(map(repr, from_parquet(out)) if out.suffix == ".parquet" else out.read_bytes().splitlines())


def moment(out: Path, chance: random.Random) -> Callable[[], bool]:
    """Return the condition for a kill: some time has passed, or one of the files has grown, or has appeared."""
    suffix, most = chance.choice([("", 0), (".journal", 500), (".spool", 20_000), (".pages", 6_000)])
    until = time.monotonic() + (chance.uniform(0.0, 0.4) if not suffix else 0.6)
    path = out.with_name(out.name + suffix)
    size = (path.stat().st_size if path.exists() else 0) + chance.randint(1, max(1, most))

    def come() -> bool:
        return time.monotonic() >= until or (suffix != "" and path.exists() and path.stat().st_size >= size)

    return come


@attrs.frozen(kw_only=True)
class Proof:
    """The result of a proof.

    Attributes:
        kills: Processes that were killed.
        exports: Exports that these were the processes of: one, unless an export was faster than its kills.
        rows: Rows of an undisturbed export.
        wrong: Rows in the files that an undisturbed export does not have, or not as often.
        missing: Rows that it has and the files do not have.
        left: Files that are left, other than the exports and their journals.
        seconds: How long it took.
    """

    kills: int
    exports: int
    rows: int
    wrong: int
    missing: int
    left: int
    seconds: float

    @property
    def holds(self) -> bool:
        return not (self.wrong or self.missing or self.left) and self.rows > 0


def prove(folder: Path, server: Server, face: str, name: str, *, kills: int, seed: int) -> Proof:
    """Export in processes that are killed, then in one that is not, and compare the rows."""
    began, chance = time.monotonic(), random.Random(seed)
    calm = folder / "calm" / f"usage.{name}"
    undisturbed(face, server, calm)
    wanted = rows_of(calm)
    out = folder / "killed" / f"usage.{name}"
    killed = exports = wrong = missing = left = 0
    while True:
        exports += 1
        while True:
            child = forked(lambda: export(face, server, out, 4))
            is_time = moment(out, chance) if killed < kills else lambda: False
            deadline = time.monotonic() + PATIENCE
            while not (done := ended(child)) and not is_time():
                if time.monotonic() > deadline:
                    raise RuntimeError("an export does not end")
                time.sleep(0.0005)
            if done:
                break
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            killed += 1
        found = rows_of(out)
        wrong += (found - wanted).total()
        missing += (wanted - found).total()
        left += len({path.name for path in out.parent.iterdir()} - {out.name, f"{out.name}.journal"})
        if killed >= kills:
            break
        shutil.rmtree(out.parent)
    return Proof(
        kills=killed, exports=exports, rows=wanted.total(), wrong=wrong, missing=missing, left=left,
        seconds=time.monotonic() - began,
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100, help="of each format on each face")
    parser.add_argument("--formats", nargs="+", default=["csv", "parquet"])
    parser.add_argument("--faces", nargs="+", default=list(FACES), choices=FACES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    holds = True
    # All processes are forked from this one, which has neither a thread nor an event loop.
    child, server = serve(PER_KILL * arguments.kills)
    try:
        for face in arguments.faces:
            for name in arguments.formats:
                with tempfile.TemporaryDirectory() as folder:
                    proof = prove(Path(folder), server, face, name, kills=arguments.kills, seed=arguments.seed)
                shown = ", ".join(f"{key} {value:,.0f}" for key, value in attrs.asdict(proof).items())
                print(f"{face:5} {name:7} {shown}", flush=True)
                holds &= proof.holds
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return 0 if holds else 1


if __name__ == "__main__":
    assert threading.active_count() == 1
    sys.exit(main())
