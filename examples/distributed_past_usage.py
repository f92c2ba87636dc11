"""Export usage on a Dask cluster, in shards by subscription, and merge the shards into one file.

Every worker exports its own shard, with its share of the organisation's rate limit. Exports are resumable: if a worker
dies, another one finishes its shard. This, and the merge, need a folder that all machines share.

Without settings it needs no account: it embeds a sandbox with some customers and the rate limits of Lago Cloud. With
LAGO_API_KEY (and LAGO_API_URL) set, it reads from that Lago. Workers on other machines (--scheduler) need these
variables in their own environment, because no task contains the key.

    pip install 'lago-async[parquet]' distributed
    python examples/distributed_past_usage.py --out usage.parquet [--workers 4] [--customers 300]
"""

# pyright: basic, reportMissingTypeStubs=false
# Dask annotates only some of its types.

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
    """Return the ids of every customer and subscription, without duplicates."""
    with LagoClient() as client:
        listed = client.subscriptions.find_all(status=["active", "terminated"])
        return list(dict.fromkeys((item.external_customer_id, item.external_id) for item in listed))


def shards_of(pairs: list[Pair], count: int) -> list[list[Pair]]:
    """Split subscriptions into shards, the same way in every process, because a resumed export needs the same ones."""
    shards: list[list[Pair]] = [[] for _ in range(count)]
    for pair in pairs:
        shards[crc32("\0".join(pair).encode()) % count].append(pair)
    return shards


def export_shard(pairs: list[Pair], file: str, rate_share: float) -> int:
    """Export one shard to one file, on a worker; return the number of its rows."""
    with LagoClient(rate_share=rate_share) as client:
        return export(client, file, subscriptions=pairs).rows


def export_on(cluster: Client, out: Path, shards: int) -> None:
    """Export one shard per thread of the cluster at a time, and merge the files."""
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
    """Use the Lago in the environment variables, or else a sandbox whose settings the workers inherit."""
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
    parser.add_argument("--out", type=Path, required=True, help="the output file; its suffix selects the format")
    parser.add_argument(
        "--shards", type=int, default=8, help="number of shards; more than workers, because some take longer"
    )
    parser.add_argument("--workers", type=int, default=4, help="number of processes to start on this machine")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, instead of processes on this machine")
    parser.add_argument("--customers", type=int, default=300, help="number of customers in the sandbox")
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
                dashboard_address=None,  # pyright: ignore[reportArgumentType] - Dask's own value for no address
            ) as machine,
            Client(machine) as cluster,
        ):
            export_on(cluster, arguments.out, arguments.shards)


if __name__ == "__main__":
    main()
