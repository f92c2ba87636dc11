"""The run of an export in blocking code: fetched by the blocking reader, written on the caller's thread."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from lago_async._validation import check_whole_number
from lago_async.errors import ForbiddenError, LagoArgumentError, NotFoundError
from lago_async.usage._export.outcomes import look_up, query_of, record, record_look_up, remaining
from lago_async.usage._export.progress import ProgressReporter
from lago_async.usage._export.rows import SHAPES
from lago_async.usage._export.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lago_async._bulk.ids import SubscriptionIds
    from lago_async._bulk.walks import PastUsage
    from lago_async.models import CustomerUsage
    from lago_async.usage._export.directory import ListName
    from lago_async.usage._export.progress import OnProgress
    from lago_async.usage._export.request import ExportRequest
    from lago_async.usage._export.summary import ExportSummary
    from lago_sync._bulk import Outcomes
    from lago_sync.client import LagoClient


def run_export(
    client: LagoClient, request: ExportRequest, *, concurrency: int, overwrite: bool, on_progress: OnProgress | None
) -> ExportSummary:
    """Fetch the usage that a request asks for, and publish its file; see `export` for the errors."""
    from lago_sync._bulk import calls_of, prepare_call, usage_of

    check_whole_number("concurrency", concurrency, least=1, error=LagoArgumentError)
    sink = Sink(request.out, request.file_format, request.settings, overwrite=overwrite, rows_of=SHAPES[request.rows])
    try:
        reporter = ProgressReporter(sink, on_progress)
        if sink.complete:
            return sink.summary()
        # Before a walk is resumed: the pages of another organisation are forgotten here.
        with suppress(ForbiddenError, NotFoundError):  # the key may not read whose usage it is
            sink.belong_to(client.billing_entities.find_all())
        left = remaining(request, sink)
        sink.directory.want(request, left)
        operations: dict[ListName, Callable[..., object]] = {
            "invoices": client.invoices.find_all,
            "customers": client.customers.find_all,
            "subscriptions": client.subscriptions.find_all,
            "plans": client.plans.find_all,
        }
        while lists := sink.directory.calls(prepare_call, operations):
            with calls_of(lists, concurrency=concurrency, ordered=False) as listed:
                for answer in listed:
                    sink.directory.take(answer)
        outcomes: Outcomes[SubscriptionIds, PastUsage | CustomerUsage] = usage_of(
            client,
            cast("Iterable[tuple[str, str]] | None", request.subscriptions) if left is None else left,
            query_of(request, sink),
            skip=sink.is_known if left is None else None,
            concurrency=concurrency,
            ordered=False,
            begun=sink.starts,
        )
        with outcomes:
            for outcome in outcomes:
                record(outcome, request=request, sink=sink)
                del outcome  # it may have megabytes, which must not be held while we wait for the next one
                if sink.due:
                    sink.flush()
                reporter.report(outcomes.total if left is None else sink.skipped + len(left))
        lookups = look_up(prepare_call, client.subscriptions.find_all, sink.doubted)
        with calls_of(lookups, concurrency=concurrency, ordered=False) as found:
            for answer in found:
                record_look_up(answer, sink=sink)
                if sink.due:
                    sink.flush()
        summary = sink.finish()
        reporter.report_end()
    except BaseException:
        sink.keep()
        raise
    else:
        return summary
    finally:
        sink.close()
