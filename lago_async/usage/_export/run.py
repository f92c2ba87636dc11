"""The export itself, for asyncio: past or current usage of many subscriptions, into one file that can be resumed."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from lago_async._bulk.queries import CONCURRENCY, PastUsageQuery, UsageQuery
from lago_async.errors import ForbiddenError, NotFoundError
from lago_async.usage._export.outcomes import record, remaining
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.progress import OnProgress, ProgressReporter
from lago_async.usage._export.request import ExportRequest, UsageKind, usage_query
from lago_async.usage._export.sink import Sink
from lago_async.usage._export.summary import ExportSummary
from lago_async.usage._formats.base import FormatName

if TYPE_CHECKING:
    import os

    from lago_async._bulk.queries import SubscriptionIds
    from lago_async._bulk.walks import PastUsage
    from lago_async.bulk import Outcomes
    from lago_async.client import LagoClient
    from lago_async.models.customer_usage import CustomerUsage

__all__ = ["export"]


async def export(
    client: LagoClient,
    out: str | os.PathLike[str],
    *,
    format: FormatName | None = None,  # noqa: A002 - the common name of it
    kind: UsageKind = "past",
    subscriptions: Iterable[tuple[str, str]] | AsyncIterable[tuple[str, str]] | None = None,
    from_datetime: datetime | None = None,
    to_datetime: datetime | None = None,
    periods_count: int | None = None,
    billable_metric_code: str | None = None,
    per_page: int | None = None,
    concurrency: int = CONCURRENCY,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> ExportSummary:
    """Fetch usage concurrently into one file, with one row per charge, filter and group.

    After any interruption, even a kill, calling it again with the same arguments resumes the export and produces the
    same rows. If some subscriptions fail, the file is published without them, and calling it again retries only those
    and adds them. ``README.md`` in ``lago_async/usage`` describes the columns and the files.

    Args:
        client: The client to fetch with.
        out: A file, whose suffix says the format; or a folder, which gets a file ``usage.ndjson``, for example.
        format: ``ndjson``, ``csv`` or ``parquet``, which needs the extra ``parquet``.
        kind: ``past`` for billed periods, ``current`` for the running one.
        subscriptions: Your ids of customers and subscriptions, as pairs; None for all of the organisation. An iterator
            must give the same subscriptions again when an export is resumed.
        from_datetime: Past usage only: periods that begin at this time or later, aware.
        to_datetime: Past usage only: periods that begin before this time, aware.
        periods_count: Past usage only: at most this many periods per subscription, newest first.
        billable_metric_code: Only usage of this metric.
        per_page: Past usage only: periods per page; None for as many as fit in about half a megabyte.
        concurrency: The number of calls in flight at a time.
        overwrite: Start from the beginning, even if an export is there. Its file stays until the new one is complete.
        on_progress: Called at most every 0.1 s, on the event loop.

    Returns:
        The content of the file, and the number of subscriptions that failed.

    Raises:
        ExportConflictError: The files there belong to another export or organisation, or to no export. They were left
            unchanged.
        ExportError: Another process is writing this export, or the server seems to be down.
        LagoArgumentError: An argument is invalid.
        LagoApiError: The server refuses the key, or every call.
        OSError: The file system refuses, such as a full disk.
    """
    from anyio import CancelScope
    from anyio.to_thread import run_sync

    request = ExportRequest.for_path(
        out,
        format,
        server=client.base_url,
        query=usage_query(
            kind=kind,
            from_datetime=from_datetime,
            to_datetime=to_datetime,
            periods_count=periods_count,
            billable_metric_code=billable_metric_code,
            per_page=per_page,
        ),
        subscriptions=subscriptions,
    )
    sink = await run_sync(partial(Sink, request.out, request.file_format, request.settings, overwrite=overwrite))
    try:
        reporter = ProgressReporter(sink, on_progress)
        if sink.complete:
            return sink.summary()
        left = remaining(request, sink)
        outcomes = _outcomes(
            client,
            request.query,
            subscriptions if left is None else left,
            skip=sink.is_known if left is None else None,
            concurrency=concurrency,
        )
        async with outcomes:
            with suppress(ForbiddenError, NotFoundError):  # the key may not read whose usage it is
                await run_sync(sink.belong_to, await client.billing_entities.find_all())
            async for outcome in outcomes:
                record(outcome, request=request, sink=sink)
                del outcome  # it may have megabytes, which must not be held while we wait for the next one
                if sink.due:
                    await run_sync(sink.flush)  # waits for the disk
                reporter.report(outcomes.total if left is None else sink.skipped + len(left))
        summary = await run_sync(sink.finish)
        reporter.report_end()
    except BaseException:
        with CancelScope(shield=True):
            await run_sync(sink.keep)
        raise
    else:
        return summary
    finally:
        sink.close()


def _outcomes(
    client: LagoClient,
    query: UsageQuery,
    subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None,
    *,
    skip: Callable[[SubscriptionIds], bool] | None,
    concurrency: int,
) -> Outcomes[SubscriptionIds, PastUsage] | Outcomes[SubscriptionIds, CustomerUsage]:
    """Start the calls that a query needs."""
    from lago_async import bulk

    if isinstance(query, PastUsageQuery):
        return bulk.past_usage(
            client,
            subscriptions,
            from_datetime=query.from_datetime,
            to_datetime=query.to_datetime,
            periods_count=query.periods_count,
            billable_metric_code=query.billable_metric_code,
            per_page=query.per_page,
            skip=skip,
            concurrency=concurrency,
        )
    return bulk.current_usage(
        client,
        subscriptions,
        billable_metric_code=query.billable_metric_code,
        apply_taxes=query.apply_taxes,
        skip=skip,
        concurrency=concurrency,
    )
