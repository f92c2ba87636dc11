"""Proof by killing: processes with one spool are killed at random points, against a server that fails at random.

``python -m tests.lago_async._ingest.kill_proof --events 1000000 --kills 400``. At the end, each event that was accepted
has to be stored exactly once at the server, or to be a dead letter if the server refuses it.

Events with an even number have a transaction id and a timestamp of the caller, who adds them again after a kill that
came before the acknowledgement. Those with an odd number get their id from the sink, and are not
added again: the caller cannot know whether they were accepted, so they have to be there at most once.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import os
import random
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

import attrs

from lago_async import EventSink, LagoClient, RetryPolicy, UndeliveredEventsError
from tests.lago_async._ingest.counting_server import CountingServer

WORKERS = 2
QUICK = RetryPolicy(max_retries=0, base_delay=0.005, max_delay=0.05)


def is_bad(number: int) -> bool:
    return number % 997 == 0


def event_of(number: int) -> dict[str, object]:
    event: dict[str, object] = {
        "code": "calls",
        "external_subscription_id": "sub_1",
        "properties": {"n": number, **({"bad": 1} if is_bad(number) else {})},
    }
    given = {"transaction_id": f"n{number}", "timestamp": 1_790_000_000 + number / 1000}
    return event | (given if number % 2 == 0 else {})


# --- a process that adds and sends, until it is killed ------------------------------------------------------------


async def work(url: str, spool: Path, chunks: Iterator[list[int]], report: int, until: int | None) -> None:
    """Add events; write what is being added and what was accepted to a pipe."""

    def say(kind: str, number: int, chunk: list[int]) -> None:
        os.write(report, f"{kind} {number} {json.dumps(chunk, separators=(',', ':'))}\n".encode())

    counter = iter(range(10**9))

    async def add(sink: EventSink) -> None:
        for chunk in chunks:
            while sink.counters.waiting > 20_000:
                await asyncio.sleep(0.01)
            number = next(counter)
            say("?", number, chunk)
            if len(chunk) == 1:
                await sink.add(event_of(chunk[0]))
            else:
                await sink.add_many([event_of(each) for each in chunk])
            say("!", number, [])
            if until is not None and number > until:
                return

    async with LagoClient(api_key="key-of-org-1", base_url=url, max_retries=QUICK, timeout=20) as client:
        try:
            async with EventSink(client, spool=spool, linger=0.02, close_timeout=0.5) as sink:
                await asyncio.gather(*(add(sink) for _ in range(20)))
                say(".", 0, [])
                if until is None:
                    await asyncio.Event().wait()
        except UndeliveredEventsError:
            pass  # a deploy: the next process sends them


@attrs.define
class Worker:
    """A slot for one process after another, with the numbers that are left for it."""

    numbers: Iterator[int]
    chance: random.Random
    again: list[int] = attrs.field(factory=list[int])
    accepted: set[int] = attrs.field(factory=set[int])
    unknown: set[int] = attrs.field(factory=set[int])
    attempts: dict[int, list[int]] = attrs.field(factory=dict[int, list[int]])
    process: int = 0
    pipe: int = -1
    rest: bytes = b""
    budget: int = 0
    since: float = 0.0
    finished: bool = False

    def start(self, url: str, spool: Path, mean: int, *, last: bool = False) -> None:
        ready = self.again[:2000]
        del self.again[:2000]
        plan: list[list[int]] = []
        size = 0
        limit = 20 * mean + 4000
        while ready:
            count = self.chance.choice([1, 1, 5, 40, 100])
            plan.append(ready[:count])
            del ready[:count]
        while size < limit:
            chunk = list(islice(self.numbers, self.chance.choice([1, 1, 5, 40, 100])))
            if not chunk:
                break
            plan.append(chunk)
            size += len(chunk)
        reading, writing = os.pipe()
        until = None if last or self.chance.random() > 0.1 else self.chance.randint(1, 60)
        self.budget = self.chance.randint(0, 2 * mean)
        self.since = time.monotonic() + 5
        self._plan = plan
        child = os.fork()
        if child == 0:
            try:
                os.close(reading)
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                asyncio.run(work(url, spool, iter(plan), writing, until))
            except BaseException:  # noqa: BLE001 - printed; the child must not run the code of its parent
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(writing)
        os.set_blocking(reading, False)
        self.process, self.pipe, self.rest, self.attempts, self.finished = child, reading, b"", {}, False
        self.planned = iter(plan)

    _plan: list[list[int]] = attrs.field(factory=list[list[int]])
    planned: Iterator[list[int]] = attrs.field(factory=lambda: iter(()))

    def read(self) -> bool:
        """Note what the process has written; return whether the pipe is at its end."""
        ended = False
        while True:
            try:
                data = os.read(self.pipe, 1 << 20)
            except BlockingIOError:
                break
            if not data:
                ended = True
                break
            self.rest += data
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            kind, number, chunk = line.split(b" ", 2)
            if kind == b"?":
                self.attempts[int(number)] = json.loads(chunk)
            elif kind == b"!":
                chunk_accepted = self.attempts.pop(int(number))
                self.accepted.update(chunk_accepted)
                self.budget -= len(chunk_accepted)
            else:
                self.finished = True
        return ended

    def end(self) -> None:
        """Sort out what a dead process had begun: what is not acknowledged is added again, or unknown."""
        os.close(self.pipe)
        started = {number for chunk in self.attempts.values() for number in chunk}
        self.unknown.update(number for number in started if number % 2)
        done = self.accepted | started
        self.again += [number for number in started if number % 2 == 0]
        self.again += [number for chunk in self._plan for number in chunk if number not in done]
        self.process = 0


# --- the whole ----------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Proof:
    """The result of a proof.

    Attributes:
        accepted: Events whose acceptance was acknowledged.
        unknown: Events whose process was killed between the call and the acknowledgement.
        lost: Accepted events that the server does not have and that are not dead letters.
        doubled: Events that the server has twice, or that it has although they are a dead letter.
        letters: Dead letters.
        kills: Processes that were killed.
        deploys: Processes that ended by themselves.
    """

    accepted: int
    unknown: int
    lost: int
    doubled: int
    letters: int
    kills: int
    deploys: int
    requests: int
    faults: dict[str, int]
    seconds: float
    left: int


def prove(folder: Path, *, events: int, kills: int, seed: int, dedupes: bool) -> Proof:
    """Add events in processes that are killed, then let the last one deliver what is left, and count."""
    began = time.monotonic()
    chance = random.Random(seed)
    server = CountingServer(dedupes=dedupes, chance=random.Random(seed + 1))
    listening = socket.create_server(("127.0.0.1", 0), backlog=100)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    spool = folder / "spool"
    mean = max(1, events // (2 * max(1, kills)))  # some are killed late, and some end by themselves
    workers = [
        Worker(numbers=iter(range(slot, events, WORKERS)), chance=random.Random(seed + 2 + slot))
        for slot in range(WORKERS)
    ]
    # All processes are forked from this one, which has neither a thread nor an event loop.
    counts = Counter[str]()
    pid = _serve_in_child(listening, server, folder)
    listening.close()
    try:
        _import_what_a_process_needs("http://127.0.0.1:1", folder / "first")
        active = list(workers)
        for worker in active:
            worker.start(url, spool, mean)
        while active:
            readable, _, _ = select.select([worker.pipe for worker in active], [], [], 0.05)
            for worker in list(active):
                ended = worker.read() if worker.pipe in readable else False
                kill = (worker.budget <= 0 or time.monotonic() > worker.since) and counts["kills"] < kills
                if worker.finished and not kill:
                    kill = True  # nothing is left to add
                if not ended and not kill:
                    continue
                if not ended:
                    time.sleep(chance.random() * 0.02)
                    os.kill(worker.process, signal.SIGKILL)
                    counts["kills"] += 1
                    while not worker.read():
                        select.select([worker.pipe], [], [], 1)
                else:
                    counts["deploys"] += 1
                status = os.waitstatus_to_exitcode(os.waitpid(worker.process, 0)[1])
                if status not in (0, -signal.SIGKILL):
                    raise RuntimeError(f"a process ended with {status}")
                worker.end()
                peeked = next(worker.numbers, None)
                if peeked is not None:
                    worker.again.append(peeked)
                if worker.again:
                    worker.start(url, spool, mean)
                else:
                    active.remove(worker)
        left, letters = asyncio.run(_deliver(url, spool))
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
    result = json.loads((folder / "stored.json").read_text())
    stored = Counter({int(number): count for number, count in result["stored"].items()})
    accepted = set().union(*(worker.accepted for worker in workers))
    unknown = set().union(*(worker.unknown for worker in workers)) - accepted
    dead = Counter(letters)
    wanted = accepted - unknown
    lost = [number for number in wanted if stored[number] + dead[number] < 1]
    doubled = [number for number in {*stored, *dead} if stored[number] + dead[number] > 1]
    strange = [number for number in {*stored, *dead} if number not in accepted | unknown]
    wrong = [number for number in stored if is_bad(number)] + [number for number in dead if not is_bad(number)]
    if lost or doubled:
        print(f"lost {lost[:20]}, doubled {[(each, stored[each], dead[each]) for each in doubled[:20]]}")
    if strange or wrong:
        raise RuntimeError(f"events that no process has added: {strange[:5]}, or in the wrong place: {wrong[:5]}")
    return Proof(
        accepted=len(accepted), unknown=len(unknown), lost=len(lost), doubled=len(doubled), letters=len(letters),
        kills=counts["kills"], deploys=counts["deploys"], requests=result["requests"], faults=result["faults"],
        seconds=time.monotonic() - began, left=left,
    )  # fmt: skip


def _import_what_a_process_needs(url: str, folder: Path) -> None:
    """Import the modules that are imported when they are first used, so that a process starts in milliseconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(work(url, folder, iter([[0]]), os.open(os.devnull, os.O_WRONLY), 0))
        os.write(writing, "\n".join(sys.modules).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        names = file.read().split("\n")
    os.waitpid(child, 0)
    for name in names:
        if name.startswith(("lago_async.", "aiohttp", "anyio", "cattrs", "yarl", "multidict", "asyncio")):
            importlib.import_module(name)


def _serve_in_child(listening: socket.socket, server: CountingServer, folder: Path) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child

    def stop() -> None:
        counts = {"stored": server.stored, "requests": server.requests, "faults": server.faults}
        (folder / "stored.json").write_text(json.dumps(counts))
        os._exit(0)

    async def serve() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
        await asyncio.start_server(server.serve, sock=listening)
        while os.getppid() == parent:
            await asyncio.sleep(1)

    try:
        asyncio.run(serve())
    finally:
        os._exit(1)


async def _deliver(url: str, spool: Path) -> tuple[int, list[int]]:
    """Send what is left, as the next process after a deploy; return what is left then, and the dead letters."""
    async with (
        LagoClient(api_key="key-of-org-1", base_url=url, max_retries=QUICK) as client,
        EventSink(client, spool=spool, linger=0.02, close_timeout=60) as sink,
    ):
        await asyncio.sleep(2.5)  # files of processes that have died just now are taken over
        await sink.flush(600)
        # An event that the caller has added twice is refused twice. It has one id.
        letters = {letter.transaction_id: letter.event["properties"] for letter in await sink.dead_letters()}
        return sink.counters.waiting, [cast("dict[str, int]", each)["n"] for each in letters.values()]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=400)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--clickhouse", action="store_true", help="a server that takes an id again")
    arguments = parser.parse_args()
    logging.getLogger("lago_async.events").setLevel(logging.CRITICAL)  # refused events are wanted here
    with tempfile.TemporaryDirectory() as folder:
        proof = prove(
            Path(folder),
            events=arguments.events,
            kills=arguments.kills,
            seed=arguments.seed,
            dedupes=not arguments.clickhouse,
        )
    print(f"seed {arguments.seed}")
    for name, value in attrs.asdict(proof).items():
        print(f"{name:10} {value:,}" if isinstance(value, int) else f"{name:10} {value}")
    return 1 if proof.lost or proof.doubled or proof.left else 0


if __name__ == "__main__":
    assert threading.active_count() == 1
    sys.exit(main())
