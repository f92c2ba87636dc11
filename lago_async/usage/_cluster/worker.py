"""The tasks on a worker of the cluster: to list the subscriptions, and to export one shard.

A task never contains the API key: a worker reads it from its own environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import attrs

from lago_async.usage._cluster.folder import STOP, ShardFolder, list_of, read_share
from lago_async.usage._errors import ExportError
from lago_async.usage._export.request import ExportRequest
from lago_async.usage._export.run import run_export
from lago_async.usage._export.selection import read_pairs

if TYPE_CHECKING:
    from lago_async._bulk.queries import UsageQuery
    from lago_async.client import LagoClient
    from lago_async.models import SubscriptionStatus
    from lago_async.usage._export.pairs import Pair
    from lago_async.usage._export.summary import ExportSummary
    from lago_async.usage._formats.base import FormatName

_LISTED_AT_ONCE: Final = 10_000  # subscriptions in memory while they are listed

NAMES: Final = False
"""Whether shards list names: each of them would list the invoices and the customers of the whole organisation."""

FOLLOW_INTERVAL: Final = 1.0
"""Seconds between two looks at the share of the rate limit."""


@attrs.frozen(kw_only=True)
class ShardTask:
    """The parts of a task that all shards of an export share.

    Attributes:
        server: The URL of the API.
        query: The usage to fetch of each subscription.
        format_name: The format of the files. The format itself has encoders, which cannot be sent to a worker.
        raw_text: CSV only: write text as it is.
        allow_insecure_http: Whether the key may be sent over plain http.
        concurrency: The number of calls in flight of one export.
    """

    server: str
    query: UsageQuery
    format_name: FormatName
    raw_text: bool
    allow_insecure_http: bool
    concurrency: int

    def client(self, share: float = 1.0) -> LagoClient:
        """Return a client with the key of this worker.

        Raises:
            LagoConfigError: The environment of the worker has no key.
        """
        from lago_async.client import LagoClient

        return LagoClient(
            base_url=self.server,
            allow_insecure_http=self.allow_insecure_http,
            rate_share=share,
            max_connections=max(100, self.concurrency),
        )


def list_subscriptions(task: ShardTask, folder: ShardFolder) -> None:
    """Write the list of each shard, of all subscriptions of the organisation."""
    asyncio.run(_list(task, folder))


async def _list(task: ShardTask, folder: ShardFolder) -> None:
    from anyio.to_thread import run_sync

    lists = await run_sync(folder.new_lists)
    found: list[Pair] = []
    try:
        async with task.client() as client:
            status = cast("Sequence[SubscriptionStatus]", task.query.STATUSES)
            async for each in client.subscriptions.find_all(status=status, per_page=100).stable():
                found.append((each.external_customer_id, each.external_id))
                if len(found) == _LISTED_AT_ONCE:
                    await run_sync(lists.add, found)
                    found = []
        lists.add(found)
        await run_sync(lists.finish)
    finally:
        lists.close()


def export_shard(task: ShardTask, file: Path, run: str) -> ExportSummary:
    """Export one shard, with the share of the rate limit that the folder tells.

    Raises:
        ExportError: The run was stopped, or another process still writes this shard.
    """
    return asyncio.run(_export(task, file, run))


async def _export(task: ShardTask, file: Path, run: str) -> ExportSummary:
    from anyio.to_thread import run_sync

    def look() -> Awaitable[float]:
        return run_sync(read_share, file.parent, run)

    share = await look()
    if share == STOP:
        raise _stopped()
    pairs = await run_sync(read_pairs, list_of(file))
    async with task.client(share) as client:
        request = ExportRequest.for_path(
            file,
            task.format_name,
            raw_text=task.raw_text,
            server=task.server,
            query=task.query,
            subscriptions=pairs,
            names=NAMES,
        )
        work = asyncio.create_task(
            run_export(client, request, concurrency=task.concurrency, overwrite=False, on_progress=None)
        )
        try:
            while not (await asyncio.wait([work], timeout=FOLLOW_INTERVAL))[0]:
                share = await look()
                if share == STOP:
                    raise _stopped()
                client._state.open().rate_share = share  # pyright: ignore[reportPrivateUsage]
            return work.result()
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait([work])


def _stopped() -> ExportError:
    return ExportError("the distributed export was stopped", remedy="run it again to resume")
