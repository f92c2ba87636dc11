"""Measures of the spool: events accepted on disk per second, against `sqlite3` alone with the same group commit."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lago_async._ingest.acceptance import EventEncoder
from lago_async._ingest.spool import EventSpool
from tests.benchmarks.measuring import Line, at_least, compare, in_turns

if TYPE_CHECKING:
    from tests.benchmarks.measuring import Effort

_CROWD = 1000
_ALONE = f"sqlite3 alone, {_CROWD} rows per commit"


def events_spooled(effort: Effort) -> list[Line]:
    """Measure events that are on disk when `put` returns, many tasks at once; their latency, and their size there."""
    count = effort.calls(20) * _CROWD
    encoder = EventEncoder()
    events = [
        encoder.encode({"code": "calls", "external_subscription_id": "sub_12345678", "properties": {"calls": number}})[
            1
        ]
        for number in range(count)
    ]
    latencies: list[float] = []
    sizes: list[float] = []

    async def ours(folder: Path) -> float:
        spool = EventSpool(folder)
        await spool.open()
        waiting = iter(events)

        async def add() -> None:
            for event in waiting:
                began = time.perf_counter()
                await spool.put([event])
                latencies.append(time.perf_counter() - began)

        start = time.perf_counter()
        await asyncio.gather(*(add() for _ in range(_CROWD)))
        took = time.perf_counter() - start
        await spool.aclose()  # which moves the log of SQLite into the file
        sizes.append(sum(path.stat().st_size for path in folder.iterdir()) / count)
        return count / took

    def alone(folder: Path) -> float:
        connection = sqlite3.connect(folder / "alone.db", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "CREATE TABLE events (key INTEGER PRIMARY KEY, body BLOB NOT NULL)",
        ):
            connection.execute(statement)
        start = time.perf_counter()
        for first in range(0, count, _CROWD):
            connection.execute("BEGIN IMMEDIATE")
            rows = [(first + index, body) for index, body in enumerate(events[first : first + _CROWD])]
            connection.executemany("INSERT INTO events VALUES (?, ?)", rows)
            connection.execute("COMMIT")
        took = time.perf_counter() - start
        connection.close()
        return count / took

    def in_folder(name: str) -> float:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(ours(Path(folder))) if name == "ours" else alone(Path(folder))

    taken = in_turns({"ours": lambda: in_folder("ours"), _ALONE: lambda: in_folder(_ALONE)}, effort.rounds(5))
    latencies.sort()
    body = statistics.mean(map(len, events))
    how = f"wall-clock time, {count:,} events per turn, {_CROWD} tasks, each waits for its own event"
    return [
        compare("events accepted on disk", taken, _ALONE, unit="/s", target=at_least(0.1), how=how),
        Line(
            measure="latency of an event to the disk, 99.9th percentile", unit="us",
            ours=latencies[int(len(latencies) * 0.999)] * 1e6,
            rival="", theirs=None, ratio=None, target=None, how=f"{len(latencies):,} events of {_CROWD} tasks",
        ),
        Line(
            measure="bytes on disk per event", unit="B", ours=statistics.median(sizes), rival="its JSON",
            theirs=body, ratio=statistics.median(sizes) / body, target=None, how=f"{count:,} events, {os.name}",
        ),
    ]  # fmt: skip
