"""Export usage on a Dask cluster, in shards by subscription, and merge the shards into one file.

Every worker exports some shards, within its part of the organisation's rate limit. If a worker dies, another one
resumes its shard. All machines need a folder that they share. On the command line, the same export is
`python -m lago_async usage export --dask SCHEDULER --out FILE`.

Without settings it needs no account: it embeds a sandbox with some customers and the rate limits of Lago Cloud. With
LAGO_API_KEY (and LAGO_API_URL) set, it reads from that Lago. Workers on other machines (--scheduler) need these
variables in their own environment, because no task contains the key.

    pip install 'lago-async[dask,parquet]'
    python examples/distributed_past_usage.py --out usage.parquet [--workers 4] [--customers 300]
"""

# pyright: basic, reportMissingTypeStubs=false
# Dask annotates only some of its types.

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from distributed import Client, LocalCluster

from lago_async.sandbox import DEMO_HISTORY, RateLimits, Sandbox, add_demo_data
from lago_sync.usage import ClusterProgress, export_on_cluster


def export_on(cluster: Client, out: Path, shards: int) -> None:
    """Export the past usage of all subscriptions, and print the progress."""

    def show(progress: ClusterProgress) -> None:
        print(f"{progress.finished} of {progress.shards} shards, {progress.rows:,} rows")

    summary = export_on_cluster(cluster, out, shards=shards, overwrite=True, on_progress=show)
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
                silence_logs=logging.ERROR,  # not that a worker is slow to stop
                dashboard_address=None,  # pyright: ignore[reportArgumentType] - Dask's own value for no address
            ) as machine,
            Client(machine) as cluster,
        ):
            export_on(cluster, arguments.out, arguments.shards)


if __name__ == "__main__":
    main()
