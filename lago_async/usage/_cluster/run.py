"""The run of a distributed export: one task per shard, repeated until it is done, and the merge at the end."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from lago_async._bulk.queries import CONCURRENCY
from lago_async._net.configuration import check_rate_share, server_of
from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError, LagoError
from lago_async.usage._cluster.connection import Cluster, Task, require_distributed
from lago_async.usage._cluster.folder import ShardFolder
from lago_async.usage._cluster.plan import ShardPlan
from lago_async.usage._cluster.worker import NAMES, ShardTask, export_shard, list_subscriptions
from lago_async.usage._errors import ExportConflictError, ExportError, is_lasting
from lago_async.usage._export.merge import MergeSummary, join, source_of
from lago_async.usage._export.request import ExportRequest, UsageKind, usage_query
from lago_async.usage._formats.base import FormatName
from lago_async.usage._paths import ExportPaths

if TYPE_CHECKING:
    import os

    from distributed import Client

    from lago_async.usage._export.summary import ExportSummary

__all__ = ["ClusterProgress", "OnClusterProgress", "export_on_cluster"]

_PER_THREAD: Final = 4  # shards, because some take longer than others
_TRIES: Final = 5  # in a row, without progress
_PAUSE: Final = 2.0  # seconds before a shard is tried again, times the tries
_LOOK: Final = 1.0  # seconds between two looks at the workers
_WITHOUT_WORKERS: Final = 300.0  # seconds until a cluster without workers is given up; new machines take minutes


@attrs.frozen(kw_only=True)
class ClusterProgress:
    """The progress of an export on a cluster.

    Attributes:
        finished: Shards that are finished.
        shards: All shards.
        running: Shards that are being exported.
        rows: Rows of the finished shards.
        subscriptions: Subscriptions of the finished shards.
    """

    finished: int
    shards: int
    running: int
    rows: int
    subscriptions: int


OnClusterProgress: TypeAlias = Callable[[ClusterProgress], None]
"""Called when a shard begins or ends, on the caller's thread."""


def export_on_cluster(
    cluster: Client,
    out: str | os.PathLike[str],
    *,
    shards: int | None = None,
    format: FormatName | None = None,  # noqa: A002 - the common name of it
    kind: UsageKind = "past",
    subscriptions: Collection[tuple[str, str]] | None = None,
    from_datetime: datetime | None = None,
    to_datetime: datetime | None = None,
    periods_count: int | None = None,
    billable_metric_code: str | None = None,
    per_page: int | None = None,
    concurrency: int = CONCURRENCY,
    raw_text: bool = False,
    overwrite: bool = False,
    base_url: str | None = None,
    allow_insecure_http: bool = False,
    rate_share: float = 1.0,
    on_progress: OnClusterProgress | None = None,
) -> MergeSummary:
    """Export usage like `export`, on the workers of a Dask cluster, and merge the shards. It blocks.

    The subscriptions are divided into shards, and each worker exports some of them at a time. The rate limit is divided
    between the exports that run, and divided again when their number changes. If a worker dies, another one resumes its
    shard. After any interruption, calling it again with the same arguments resumes it. The rows are those of an export
    on one machine with ``names=False``, in another order.

    All machines need the folder of the file under the same path, and this package with the extra ``dask``. The workers
    read the key from ``LAGO_API_KEY`` in their own environment, because no task contains it.

    Args:
        cluster: A client of the cluster.
        out: The file, or a folder for it; see `export`. The shards are in the folder ``<file>.shards`` meanwhile.
        shards: The number of shards; None for four per thread of the workers. A resumed export keeps its shards.
        format: See `export`.
        kind: See `export`.
        subscriptions: See `export`; None for all of the organisation.
        from_datetime: See `export`.
        to_datetime: See `export`.
        periods_count: See `export`.
        billable_metric_code: See `export`.
        per_page: See `export`.
        concurrency: The number of calls in flight of one worker.
        raw_text: See `export`.
        overwrite: Start from the beginning, even if an export is there.
        base_url: The URL of the API; None for ``LAGO_API_URL`` of this process, or Lago Cloud.
        allow_insecure_http: Whether the workers may send the key over plain http.
        rate_share: The part of the organisation's rate limit that all workers together may use, at most 1.
        on_progress: Called when a shard begins or ends.

    Returns:
        What is in the file. If subscriptions failed, the file is published without them, and calling it again retries
        only those.

    Raises:
        ExportConflictError: The files there belong to another export. They were left unchanged.
        ExportError: A shard failed five times without progress, or the cluster has no workers. Call it again to resume.
        LagoArgumentError: An argument is invalid.
        LagoConfigError: A setting is invalid, the workers have no key, or Dask is not installed.
        LagoApiError: The server refuses the key, or every call.
        OSError: The file system refuses.
    """
    if shards is not None:
        check_whole_number("shards", shards, least=1, error=LagoArgumentError)
    check_whole_number("concurrency", concurrency, least=1, error=LagoArgumentError)
    check_rate_share(rate_share)
    request = ExportRequest.for_path(
        out,
        format,
        raw_text=raw_text,
        server=server_of(base_url, allow_insecure_http=allow_insecure_http),
        query=usage_query(
            kind=kind,
            from_datetime=from_datetime,
            to_datetime=to_datetime,
            periods_count=periods_count,
            billable_metric_code=billable_metric_code,
            per_page=per_page,
        ),
        subscriptions=subscriptions,
        names=NAMES,
    )
    if not request.file_format.readable:
        raise LagoArgumentError(
            f"a cluster cannot merge shards to {request.file_format.name}; use another format=, such as parquet"
        )
    task = ShardTask(
        server=request.server,
        query=request.query,
        format_name=request.file_format.name,
        raw_text=raw_text,
        allow_insecure_http=allow_insecure_http,
        concurrency=concurrency,
    )
    dask = _Dask(cluster)
    count = shards or _PER_THREAD * max(1, dask.threads())
    plan = ShardPlan(request.out.absolute(), request.settings, shards=count, overwrite=overwrite)
    try:
        folder = plan.folder
        if not folder.is_listed:
            if request.pairs is None:
                dask.call(list_subscriptions, task, folder)
            else:
                lists = folder.new_lists()
                lists.add(request.pairs)
                lists.finish()
        _Run(dask, task, folder, rate_share, on_progress).export()
        parts = [source_of(file, may_lack=True) for file in folder.files]
        summary = join(parts, ExportPaths(folder.out), request.file_format)
        plan.finish(summary)
    finally:
        plan.close()
    return summary


class _LostError(ExportError):
    """All workers that had a task died."""


class _Dask:
    """The calls into Dask."""

    def __init__(self, cluster: Client) -> None:
        distributed = require_distributed()
        if not isinstance(cluster, distributed.Client):
            raise LagoArgumentError(f"cluster must be a distributed.Client, not {type(cluster).__name__}")
        self._cluster = cast("Cluster", cluster)
        self._wait: Callable[..., Any] = distributed.wait
        self._died: type[Exception] = distributed.scheduler.KilledWorker
        self._seen = time.monotonic()

    def threads(self) -> int:
        """Return the number of tasks that the workers run at a time.

        Raises:
            ExportError: There have been no workers for five minutes.
        """
        found = self._cluster.nthreads()
        now = time.monotonic()
        if found:
            self._seen = now
        elif now - self._seen > _WITHOUT_WORKERS:
            raise ExportError(
                f"the cluster has had no workers for {_WITHOUT_WORKERS:.0f} seconds",
                remedy="start some, and run it again to resume",
            )
        return sum(found.values())

    def submit(self, function: Callable[..., object], *args: object) -> Task:
        """Start a function on a worker."""
        return self._cluster.submit(function, *args, pure=False)

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Run a function on a worker, and again on another one if it dies.

        Raises:
            ExportError: The workers died.
        """
        for attempt in range(_TRIES):
            task = self.submit(function, *args)
            try:
                while not self.ended([task]):
                    self.threads()
                self.result(task)
            except _LostError:
                if attempt == _TRIES - 1:
                    raise
            else:
                return
            finally:
                task.cancel()

    def ended(self, tasks: Collection[Task]) -> set[Task]:
        """Wait a second for the first of some tasks to end, and return those that have."""
        with suppress(TimeoutError):
            done: set[Task] = self._wait(list(tasks), timeout=_LOOK, return_when="FIRST_COMPLETED").done
            return done
        return set()

    def result(self, task: Task) -> object:
        """Return the result of a task that has ended.

        Raises:
            ExportError: Its workers died, or the scheduler was lost.
            Exception: What the task raised.
        """
        if task.status in ("cancelled", "lost"):
            raise ExportError("the connection to the Dask scheduler was lost", remedy="run it again to resume")
        try:
            return task.result()
        except self._died as error:
            raise _LostError(f"the workers died: {error}", remedy="run it again to resume") from None


class Shard:
    """A shard that is not finished.

    Attributes:
        file: Its export.
        due: The time from which it may be tried again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.due = 0.0
        self._tries = 0
        self._size = -1

    def failed(self, error: Exception) -> None:
        """Note that it has failed, and when to try it again.

        Raises:
            Exception: It is not tried again.
        """
        if not isinstance(error, LagoError) or is_lasting(error):
            raise error
        journal = ExportPaths(self.file).journal
        size = journal.stat().st_size if journal.exists() else 0
        self._tries = 1 if size != self._size else self._tries + 1
        self._size = size
        if self._tries >= _TRIES:
            raise error
        self.due = time.monotonic() + _PAUSE * self._tries


class _Run:
    """One run over the shards that are not finished."""

    def __init__(
        self,
        dask: _Dask,
        task: ShardTask,
        folder: ShardFolder,
        rate_share: float,
        on_progress: OnClusterProgress | None,
    ) -> None:
        self._dask = dask
        self._task = task
        self._folder = folder
        self._rate_share = rate_share
        self._on_progress = on_progress
        self._id = secrets.token_hex(8)
        self._running: dict[Task, Shard] = {}
        self._finished: list[tuple[int, int]] = []  # rows and subscriptions of each

    def export(self) -> None:
        """Export all shards that are not finished; see `export_on_cluster` for the errors."""
        waiting = [Shard(file) for file in self._left(self._folder.files)]
        between = 0
        try:
            while waiting or self._running:
                threads = self._dask.threads()
                now = time.monotonic()
                ready = [shard for shard in waiting if shard.due <= now]
                # Before the exports begin, and generously: each of them may begin at any time.
                exports = max(1, min(len(self._running) + len(ready), threads))
                if exports != between:
                    between = exports
                    self._folder.share_between(exports, run=self._id, share=self._rate_share)
                for shard in ready:
                    waiting.remove(shard)
                    self._running[self._dask.submit(export_shard, self._task, shard.file, self._id)] = shard
                if ready:
                    self._report()
                if not self._running:
                    time.sleep(_LOOK)
                    continue
                for task in self._dask.ended(self._running):
                    waiting += self._end(task, self._running.pop(task))
                    self._report()
        finally:
            self._folder.stop(run=self._id)
            for task in self._running:
                task.cancel()

    def _left(self, files: Iterable[Path]) -> list[Path]:
        left: list[Path] = []
        for file in files:
            try:
                part = source_of(file)
            except ExportConflictError:
                left.append(file)
            else:
                self._finished.append((part.rows, part.subscriptions))
        return left

    def _end(self, task: Task, shard: Shard) -> list[Shard]:
        """Take the end of a task into account, and return its shard if it has to be tried again."""
        try:
            summary = cast("ExportSummary", self._dask.result(task))
        except Exception as error:  # noqa: BLE001 - raised again, unless the shard is tried again
            shard.failed(error)
            return [shard]
        self._finished.append((summary.rows, summary.subscriptions))
        return []

    def _report(self) -> None:
        if self._on_progress is not None:
            self._on_progress(
                ClusterProgress(
                    finished=len(self._finished),
                    shards=self._folder.count,
                    running=len(self._running),
                    rows=sum(rows for rows, _ in self._finished),
                    subscriptions=sum(subscriptions for _, subscriptions in self._finished),
                )
            )
