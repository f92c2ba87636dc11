"""The run of the export of a list, for asyncio: page after page, into one file that can be resumed."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from lago_async._table.page_requests import PageRequests
from lago_async.errors import ForbiddenError, NotFoundError
from lago_async.exports._progress import ListReporter, summary_of
from lago_async.exports._request import ListRequest
from lago_async.exports._walk import ListWalk, rows_of_whole_list
from lago_async.usage._export.sink import Sink

if TYPE_CHECKING:
    import os

    from lago_async.client import LagoClient
    from lago_async.exports._request import ListSource
    from lago_async.exports._summary import ListExportSummary, OnListProgress
    from lago_async.usage._formats.base import FormatName
    from lago_async.usage._formats.csv import Spreadsheet
    from lago_async.usage._formats.partition import Partition


async def run_list_export(
    source: ListSource,
    client: LagoClient,
    out: str | os.PathLike[str],
    format_name: FormatName | None,
    *,
    raw_text: bool,
    spreadsheet: Spreadsheet | None,
    partition: Partition | None,
    overwrite: bool,
    on_progress: OnListProgress | None,
) -> ListExportSummary:
    """Fetch a list, and publish its file; see `export_list` for the errors."""
    from anyio import CancelScope
    from anyio.to_thread import run_sync

    client = client.with_options(background=True)
    request = ListRequest.for_path(
        source,
        out,
        format_name,
        server=client.base_url,
        raw_text=raw_text,
        spreadsheet=spreadsheet,
        partition=partition,
    )
    sink = await run_sync(
        partial(
            Sink,
            request.out,
            request.file_format,
            request.settings,
            overwrite=overwrite,
            reasons=request.reasons,
        )
    )
    try:
        if sink.complete:
            return summary_of(sink, changed=False)
        reporter = ListReporter(sink, on_progress)
        with suppress(ForbiddenError, NotFoundError):  # the key may not read whose list it is
            await run_sync(sink.belong_to, await client.billing_entities.find_all())
        maker, endpoint, changed = request.maker, source.endpoint, False
        if not endpoint.paged:
            items = await endpoint.adecode(await client.send(source.first))
            for pair, row in rows_of_whole_list(items, maker):
                sink.add_row(pair, row)
        else:
            walk = ListWalk(PageRequests(endpoint, source.args, source.kwargs), maker, sink.done)
            while walk.request is not None:
                response = await client.send(walk.request)
                for pair, row in walk.take(response, await endpoint.adecode(response)):
                    sink.add_row(pair, row)
                del response
                if sink.due:
                    await run_sync(sink.flush)  # waits for the disk
                reporter.report(walk.total)
            changed = walk.changes > 0
        await run_sync(sink.finish)
        reporter.report(sink.rows, last=True)
        return summary_of(sink, changed=changed)
    except BaseException:
        with CancelScope(shield=True):
            await run_sync(sink.keep)
        raise
    finally:
        sink.close()
