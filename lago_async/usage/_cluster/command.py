"""The part of the command line that exports on a cluster: its options, its progress, and what it prints at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lago_async._streams import say, say_error
from lago_async.usage._cluster.connection import connected

if TYPE_CHECKING:
    import argparse

    from lago_async.usage._cluster.run import ClusterProgress
    from lago_async.usage._export.merge import MergeSummary


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--dask",
        metavar="SCHEDULER",
        help="export on the workers of this Dask cluster, such as tcp://10.0.0.5:8786. They read the API key from "
        "LAGO_API_KEY in their own environment, and need the folder of the file under the same path. --dask implies "
        "--no-names",
    )
    parser.add_argument(
        "--shards", type=int, metavar="N", help="with --dask: the number of shards; default: 4 per thread"
    )


def run_on_cluster(scheduler: str, export: Callable[..., MergeSummary], *, quiet: bool) -> int:
    """Export on a cluster, and return the exit code.

    Args:
        scheduler: The address of the scheduler.
        export: The export, which lacks the cluster and the function for its progress.
        quiet: Whether to show no progress.
    """
    with connected(scheduler) as cluster:
        summary = export(cluster=cluster, on_progress=None if quiet else _print_progress)
    print_merged(summary)
    if not summary.failures:
        return 0
    subscriptions = "subscription" if summary.failures == 1 else "subscriptions"
    say(
        f"{summary.failures:,} {subscriptions} failed, and are listed in "
        f"{summary.failures_path}; run the same command again to retry only those\n"
    )
    return 3


def print_merged(summary: MergeSummary) -> None:
    """Print what is in a merged file."""
    say(f"{summary.subscriptions:,} subscriptions, {summary.rows:,} rows\nwritten to {summary.path}\n")


def _print_progress(progress: ClusterProgress) -> None:
    say_error(
        f"{progress.finished:,} of {progress.shards:,} shards, {progress.subscriptions:,} subscriptions, "
        f"{progress.rows:,} rows\n"
    )
