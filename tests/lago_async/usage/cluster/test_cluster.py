"""The export on a Dask cluster of local processes: it makes the rows of one process, whatever happens to workers."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lago_async.sandbox import DEMO_HISTORY, RateLimits, RawResponse, Sandbox, add_demo_data
from lago_async.usage import ExportConflictError, ExportError, MergeSummary
from lago_async.usage._cluster.run import Shard
from lago_sync import LagoArgumentError, LagoClient, LagoConfigError
from lago_sync.usage import ClusterProgress, export, export_on_cluster

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the signals are those of POSIX")
UNTIL = datetime(2026, 4, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=UNTIL - DEMO_HISTORY, rate_limits=RateLimits(others=60)) as sandbox:
        add_demo_data(sandbox, UNTIL, customers=24)
        yield sandbox


@pytest.fixture(scope="module")
def scheduler(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster of processes: a scheduler, and two workers with the key in their environment."""
    folder = tmp_path_factory.mktemp("cluster")
    described, root = folder / "scheduler.json", str(Path(__file__).parents[4])
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": root, "LAGO_API_KEY": sandbox.api_key}
    started: list[subprocess.Popen[bytes]] = []
    with (folder / "log").open("wb") as log:
        for role, options in {
            "scheduler": ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
            "worker": ["--host", "127.0.0.1", "--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
        }.items():
            module = f"distributed.cli.dask_{role}"
            command = [sys.executable, "-m", module, *options, "--scheduler-file", str(described)]
            started.append(subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log))
    try:
        while not described.exists():
            assert started[0].poll() is None, (folder / "log").read_text()
            time.sleep(0.05)
        yield json.loads(described.read_bytes())["address"]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def cluster(scheduler: str) -> Iterator[Any]:
    from distributed import Client

    with Client(scheduler) as cluster:
        cluster.wait_for_workers(2, timeout=100)
        yield cluster


@pytest.fixture(scope="module")
def alone(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The rows of an export by one process, in order."""
    with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        path = export(client, tmp_path_factory.mktemp("alone") / "alone.ndjson", names=False).path
    return sorted(path.read_bytes().splitlines())


def rows(summary: MergeSummary) -> list[bytes]:
    return sorted(summary.path.read_bytes().splitlines())


def test_shards_make_the_rows_of_one_process_and_leave_one_file(
    cluster: Any, sandbox: Sandbox, alone: list[bytes], tmp_path: Path
) -> None:
    seen: list[ClusterProgress] = []
    out = tmp_path / "merged" / "usage.ndjson"
    summary = export_on_cluster(cluster, out, base_url=sandbox.url, shards=5, on_progress=seen.append)
    assert rows(summary) == alone
    assert (summary.path, summary.rows, summary.subscriptions, summary.failures) == (out, len(alone), 24, 0)
    assert sorted(path.name for path in out.parent.iterdir()) == ["usage.ndjson", "usage.ndjson.journal"]
    assert (seen[-1].finished, seen[-1].shards, seen[-1].rows) == (5, 5, len(alone))
    with pytest.raises(ExportConflictError, match="exists"):
        export_on_cluster(cluster, out, base_url=sandbox.url)


def test_workers_that_are_killed_at_random_change_no_row(
    cluster: Any, sandbox: Sandbox, alone: list[bytes], tmp_path: Path
) -> None:
    """The nanny of each worker starts another one, which resumes the shard."""
    chance, killers, killed = random.Random(7), list[threading.Timer](), list[int]()

    def kill() -> None:
        for pid in list(cluster.run(os.getpid, on_error="ignore").values())[:1]:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    def kill_soon(progress: ClusterProgress) -> None:
        if progress.finished in (0, 2):
            killers.append(threading.Timer(chance.uniform(0, 0.5), kill))
            killers[-1].start()

    out = tmp_path / "usage.ndjson"
    summary = export_on_cluster(cluster, out, base_url=sandbox.url, shards=4, per_page=1, on_progress=kill_soon)
    for killer in killers:
        killer.join()
    assert rows(summary) == alone
    assert killed


def test_what_fails_is_left_out_and_another_run_retries_only_that(
    cluster: Any, sandbox: Sandbox, alone: list[bytes], tmp_path: Path
) -> None:
    with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        listed = client.subscriptions.find_all(status=["active", "terminated"]).collect()
    pairs = [*((each.external_customer_id, each.external_id) for each in listed), ("nobody", "nothing")]
    sandbox.inject(RawResponse(status=422, body=b"{}"), operation="find_all_customer_past_usage", times=1)
    out = tmp_path / "usage.ndjson"
    summary = export_on_cluster(cluster, out, base_url=sandbox.url, subscriptions=pairs, shards=3)
    assert summary.failures == 2
    assert summary.failures_path is not None
    failed = {json.loads(line)["external_customer_id"] for line in summary.failures_path.read_bytes().splitlines()}
    assert len(failed) == 2

    before = len(sandbox.requests)
    again = export_on_cluster(cluster, out, base_url=sandbox.url, subscriptions=pairs, shards=3)
    assert rows(again) == alone
    assert again.failures == 1
    fetched = {
        request.raw_path.split("/")[4]
        for request in list(sandbox.requests)[before:]
        if "past_usage" in request.raw_path
    }
    assert fetched == failed
    with pytest.raises(ExportConflictError, match="other settings"):
        export_on_cluster(cluster, out, base_url=sandbox.url, subscriptions=pairs[:-1])


def test_a_run_that_is_interrupted_is_resumed_and_its_workers_stop(
    cluster: Any, sandbox: Sandbox, alone: list[bytes], tmp_path: Path
) -> None:
    class Interrupted(Exception):  # noqa: N818 - it stands for Ctrl-C
        pass

    def interrupt(progress: ClusterProgress) -> None:
        if progress.finished == 1:
            raise Interrupted

    out = tmp_path / "usage.csv"
    with pytest.raises(Interrupted):
        export_on_cluster(cluster, out, base_url=sandbox.url, shards=4, on_progress=interrupt)
    assert not out.exists()
    finished: list[int] = []
    summary = export_on_cluster(
        cluster, out, base_url=sandbox.url, on_progress=lambda progress: finished.append(progress.finished)
    )
    assert finished[0] >= 1
    assert summary.rows == len(alone)


def test_what_cannot_be_right_is_refused_before_a_file_is_touched(
    cluster: Any, sandbox: Sandbox, tmp_path: Path
) -> None:
    out = tmp_path / "usage.ndjson"
    wrong: dict[str, dict[str, Any]] = {
        "shards": {"shards": 0},
        "concurrency": {"concurrency": 0},
        "from_datetime": {"kind": "current", "from_datetime": UNTIL},
        "pair": {"subscriptions": [("only one",)]},
    }
    for problem, arguments in wrong.items():
        with pytest.raises(LagoArgumentError, match=problem):
            export_on_cluster(cluster, out, base_url=sandbox.url, **arguments)
    with pytest.raises(LagoArgumentError, match=r"a distributed\.Client, not str"):
        export_on_cluster("tcp://127.0.0.1:1", out, base_url=sandbox.url)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(LagoConfigError, match="rate_share"):
        export_on_cluster(cluster, out, base_url=sandbox.url, rate_share=2)
    with pytest.raises(LagoConfigError, match="base_url"):
        export_on_cluster(cluster, out, base_url="nonsense")
    assert list(tmp_path.iterdir()) == []


def test_the_command_exports_on_a_cluster(scheduler: str, sandbox: Sandbox, alone: list[bytes], tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    command = [sys.executable, "-m", "lago_async", "usage", "export", "--dask", scheduler, "--shards", "2"]
    ran = subprocess.run(
        [*command, "--out", str(out), "--api-url", sandbox.url],
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(Path(__file__).parents[4])},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, f"24 subscriptions, {len(alone):,} rows\nwritten to {out}\n"), ran.stderr
    assert f"2 of 2 shards, 24 subscriptions, {len(alone):,} rows" in ran.stderr
    assert sorted(out.read_bytes().splitlines()) == alone


def test_a_shard_is_given_up_after_five_failures_without_progress(tmp_path: Path) -> None:
    shard, stopped = Shard(tmp_path / "0000-of-0001.ndjson"), ExportError("it stopped")
    journal = tmp_path / "0000-of-0001.ndjson.journal"
    for size in range(3):  # each of these makes progress
        journal.write_bytes(b"x" * size)
        for _ in range(4):
            shard.failed(stopped)
    with pytest.raises(ExportError, match="it stopped"):
        shard.failed(stopped)
    for lasting in (LagoArgumentError("wrong"), ExportConflictError("another"), OSError("full")):
        with pytest.raises(type(lasting)):
            Shard(tmp_path / "1").failed(lasting)
