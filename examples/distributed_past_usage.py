"""One machine is not always enough: the usage export on Dask, in shards by subscription, merged to one file.

Every worker exports a shard of its own, with its part of the organisation's rate limit. An export goes on where it was,
so a shard whose worker dies is finished by another; that, and the merging, needs a folder that all of them see.

Without settings it needs no account: a sandbox with some customers is embedded, and refuses as Lago Cloud's gateway
does. With LAGO_API_KEY (and LAGO_API_URL) set, it reads from that Lago. Workers that are started elsewhere
(--scheduler) need these in their own environment: the key travels in no task.

    pip install 'lago-async[parquet]' distributed
    python examples/distributed_past_usage.py --out usage.parquet [--workers 4] [--customers 300]
"""

# pyright: basic, reportMissingTypeStubs=false
# Dask tells only some of its types.

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

from distributed import Client, LocalCluster, as_completed

from lago_async.sandbox import DEMO_HISTORY, RateLimits, Sandbox, add_demo_data
from lago_sync import LagoClient
from lago_sync.usage import export, merge

Pair = tuple[str, str]


def all_subscriptions() -> list[Pair]:
    """The ids of every customer and subscription, each once."""
    with LagoClient() as client:
        listed = client.subscriptions.find_all(status=["active", "terminated"])
        return list(dict.fromkeys((each.external_customer_id, each.external_id) for each in listed))


def shards_of(pairs: list[Pair], count: int) -> list[list[Pair]]:
    """The same subscription in the same shard, whoever asks and whenever: an export that goes on must find its own."""
    shards: list[list[Pair]] = [[] for _ in range(count)]
    for pair in pairs:
        shards[crc32("\0".join(pair).encode()) % count].append(pair)
    return shards


def export_shard(pairs: list[Pair], file: str, rate_share: float) -> int:
    """On a worker: one shard to one file; the value is the number of its rows."""
    with LagoClient(rate_share=rate_share) as client:
        return export(client, file, subscriptions=pairs).rows


def export_on(cluster: Client, out: Path, shards: int) -> None:
    """Export side by side, as many shards at a time as there are threads, and merge the files."""
    at_once = min(
        shards, sum(worker["nthreads"] for worker in cluster.scheduler_info(n_workers=-1)["workers"].values())
    )
    parts = out.with_name(f"{out.name}.shards")
    parts.mkdir(parents=True, exist_ok=True)
    files = [parts / f"{number:04}-of-{shards:04}{out.suffix}" for number in range(shards)]
    tasks = [
        cluster.submit(export_shard, pairs, str(file), 1 / at_once, pure=False, retries=3)
        for pairs, file in zip(shards_of(all_subscriptions(), shards), files, strict=True)
    ]
    names = dict(zip(tasks, files, strict=True))
    for task in as_completed(tasks):
        print(f"{names[task].name}: {task.result():,} rows")
    summary = merge(files, out, overwrite=True)
    shutil.rmtree(parts)
    print(f"{summary.path}: {summary.rows:,} rows of {summary.subscriptions:,} subscriptions from {shards} shards")


@contextmanager
def lago(customers: int) -> Generator[None]:
    """The Lago that the environment names; a sandbox, whose settings the workers then inherit, if it names none."""
    if os.environ.get("LAGO_API_KEY"):
        yield
        return
    now = datetime(2026, 1, 10, tzinfo=UTC)
    with Sandbox(now=now - DEMO_HISTORY, rate_limits=RateLimits(others=200)) as sandbox:
        add_demo_data(sandbox, now, customers)
        os.environ.update(LAGO_API_KEY=sandbox.api_key, LAGO_API_URL=sandbox.url)
        print(f"No LAGO_API_KEY is set: using an embedded sandbox with {customers} customers.")
        try:
            yield
        finally:
            del os.environ["LAGO_API_KEY"], os.environ["LAGO_API_URL"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Export past usage of every subscription on a Dask cluster.")
    parser.add_argument("--out", type=Path, required=True, help="the file; its suffix says the format")
    parser.add_argument("--shards", type=int, default=8, help="pieces of work; more than workers, as some take longer")
    parser.add_argument("--workers", type=int, default=4, help="processes to start on this machine")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, instead of processes on this machine")
    parser.add_argument("--customers", type=int, default=300, help="how many the sandbox has")
    arguments = parser.parse_args()
    with lago(arguments.customers):
        if arguments.scheduler:
            with Client(arguments.scheduler) as cluster:
                export_on(cluster, arguments.out, arguments.shards)
            return
        with (
            LocalCluster(
                n_workers=arguments.workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address=None,  # pyright: ignore[reportArgumentType] - Dask's own word for none
            ) as machine,
            Client(machine) as cluster,
        ):
            export_on(cluster, arguments.out, arguments.shards)


if __name__ == "__main__":
    main()
