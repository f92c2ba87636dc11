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
from lago_async.usage._export.export import export
from lago_async.usage._export.selection import read_pairs

if TYPE_CHECKING:
    from datetime import datetime

    from lago_async._bulk.queries import UsageQuery
    from lago_async.client import LagoClient
    from lago_async.models import SubscriptionStatus
    from lago_async.usage._export.pairs import Pair
    from lago_async.usage._export.request import UsageKind
    from lago_async.usage._export.summary import ExportSummary
    from lago_async.usage._formats.base import FormatName

_LISTED_AT_ONCE: Final = 10_000  # subscriptions in memory while they are listed

FOLLOW_INTERVAL: Final = 1.0
"""Seconds between two looks at the share of the rate limit."""


@attrs.frozen(kw_only=True)
class ShardSource:
    """The server, and the usage to fetch from it.

    Attributes:
        base_url: The URL of the API.
        allow_insecure_http: Whether the key may be sent over plain http.
        format_name: The format of the files.
        kind: Billed periods, or the running one.
        from_datetime: Past usage only: periods that begin at this time or later.
        to_datetime: Past usage only: periods that begin before this time.
        periods_count: Past usage only: at most this many periods per subscription.
        billable_metric_code: Only usage of this metric.
        per_page: Past usage only: periods per page.
        concurrency: The number of calls in flight of one export.
        raw_text: CSV only: write text as it is.
    """

    base_url: str
    allow_insecure_http: bool
    format_name: FormatName
    kind: UsageKind
    from_datetime: datetime | None
    to_datetime: datetime | None
    periods_count: int | None
    billable_metric_code: str | None
    per_page: int | None
    concurrency: int
    raw_text: bool

    def client(self, share: float = 1.0) -> LagoClient:
        """Return a client with the key of this worker.

        Raises:
            LagoConfigError: The environment of the worker has no key.
        """
        from lago_async.client import LagoClient

        return LagoClient(
            base_url=self.base_url,
            allow_insecure_http=self.allow_insecure_http,
            rate_share=share,
            max_connections=max(100, self.concurrency),
        )


def list_subscriptions(source: ShardSource, folder: ShardFolder, query: UsageQuery) -> None:
    """Write the list of each shard, of all subscriptions of the organisation."""
    asyncio.run(_list(source, folder, query.STATUSES))


async def _list(source: ShardSource, folder: ShardFolder, statuses: Sequence[str]) -> None:
    from anyio.to_thread import run_sync

    lists = await run_sync(folder.new_lists)
    found: list[Pair] = []
    try:
        async with source.client() as client:
            status = cast("Sequence[SubscriptionStatus]", statuses)
            async for each in client.subscriptions.find_all(status=status, per_page=100).stable():
                found.append((each.external_customer_id, each.external_id))
                if len(found) == _LISTED_AT_ONCE:
                    await run_sync(lists.add, found)
                    found = []
        lists.add(found)
        await run_sync(lists.finish)
    finally:
        lists.close()


def export_shard(source: ShardSource, file: Path, run: str) -> ExportSummary:
    """Export one shard, with the share of the rate limit that the folder tells.

    Raises:
        ExportError: The run was stopped, or another process still writes this shard.
    """
    return asyncio.run(_export(source, file, run))


async def _export(source: ShardSource, file: Path, run: str) -> ExportSummary:
    from anyio.to_thread import run_sync

    def look() -> Awaitable[float]:
        return run_sync(read_share, file.parent, run)

    share = await look()
    if share == STOP:
        raise _stopped()
    pairs = await run_sync(read_pairs, list_of(file))
    async with source.client(share) as client:
        work = asyncio.create_task(
            export(
                client,
                file,
                format=source.format_name,
                kind=source.kind,
                subscriptions=pairs,
                from_datetime=source.from_datetime,
                to_datetime=source.to_datetime,
                periods_count=source.periods_count,
                billable_metric_code=source.billable_metric_code,
                per_page=source.per_page,
                concurrency=source.concurrency,
                raw_text=source.raw_text,
                names=False,  # each shard would list the invoices and customers of the organisation
            )
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
