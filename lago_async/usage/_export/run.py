"""The run of an export, for asyncio: past or current usage of many subscriptions, into one file that can be resumed."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from lago_async._validation import check_whole_number
from lago_async.errors import ForbiddenError, LagoArgumentError, NotFoundError
from lago_async.usage._export.outcomes import look_up, query_of, record, record_look_up, remaining
from lago_async.usage._export.progress import ProgressReporter
from lago_async.usage._export.rows import SHAPES
from lago_async.usage._export.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.reader import Outcomes
    from lago_async._bulk.walks import PastUsage
    from lago_async.client import LagoClient
    from lago_async.models import CustomerUsage
    from lago_async.usage._export.directory import ListName
    from lago_async.usage._export.progress import OnProgress
    from lago_async.usage._export.request import ExportRequest
    from lago_async.usage._export.summary import ExportSummary


async def run_export(
    client: LagoClient, request: ExportRequest, *, concurrency: int, overwrite: bool, on_progress: OnProgress | None
) -> ExportSummary:
    """Fetch the usage that a request asks for, and publish its file; see `export` for the errors."""
    from anyio import CancelScope
    from anyio.to_thread import run_sync

    from lago_async._bulk.reader import calls_of, prepare_call, usage_of

    check_whole_number("concurrency", concurrency, least=1, error=LagoArgumentError)
    sink = await run_sync(
        partial(
            Sink, request.out, request.file_format, request.settings, overwrite=overwrite, rows_of=SHAPES[request.rows]
        )
    )
    try:
        reporter = ProgressReporter(sink, on_progress)
        if sink.complete:
            return sink.summary()
        # Before a walk is resumed: the pages of another organisation are forgotten here.
        with suppress(ForbiddenError, NotFoundError):  # the key may not read whose usage it is
            await run_sync(sink.belong_to, await client.billing_entities.find_all())
        left = remaining(request, sink)
        sink.directory.want(request, left)
        operations: dict[ListName, Callable[..., object]] = {
            "invoices": client.invoices.find_all,
            "customers": client.customers.find_all,
            "subscriptions": client.subscriptions.find_all,
            "plans": client.plans.find_all,
        }
        while lists := sink.directory.calls(prepare_call, operations):
            async with calls_of(lists, concurrency=concurrency, ordered=False) as listed:
                async for answer in listed:
                    sink.directory.take(answer)
        outcomes: Outcomes[SubscriptionIds, PastUsage | CustomerUsage] = usage_of(
            client,
            request.subscriptions if left is None else left,
            query_of(request, sink),
            skip=sink.is_known if left is None else None,
            concurrency=concurrency,
            ordered=False,
            begun=sink.starts,
        )
        async with outcomes:
            async for outcome in outcomes:
                record(outcome, request=request, sink=sink)
                del outcome  # it may have megabytes, which must not be held while we wait for the next one
                if sink.due:
                    await run_sync(sink.flush)  # waits for the disk
                reporter.report(outcomes.total if left is None else sink.skipped + len(left))
        lookups = look_up(prepare_call, client.subscriptions.find_all, sink.doubted)
        async with calls_of(lookups, concurrency=concurrency, ordered=False) as found:
            async for answer in found:
                record_look_up(answer, sink=sink)
                if sink.due:
                    await run_sync(sink.flush)
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
