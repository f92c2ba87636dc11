# GENERATED from lago_async/usage/_export/export.py by `python -m tools.generate`. Do not edit.
"""Resumable exports of usage, and reports built from them.

``summary = export(client, "usage.ndjson")``; ``README.md`` in ``lago_async/usage`` describes the columns. From the
command line: ``python -m lago_async usage export --out usage.ndjson``. The drawing library and pyarrow are imported
when a report, or a Parquet file, is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from lago_async._bulk.queries import CONCURRENCY
from lago_async.usage import (
    COLUMNS,
    PERIOD_COLUMNS,
    SCHEMA_VERSION,
    ClusterProgress,
    Column,
    ColumnType,
    ExportConflictError,
    ExportError,
    MergeSummary,
    OnClusterProgress,
    Progress,
    ReportError,
    ReportSummary,
    UsageError,
    export_on_cluster,
    merge,
    write_report,
)
from lago_async.usage._columns import RowShape
from lago_async.usage._export.progress import OnProgress
from lago_async.usage._export.request import ExportRequest, UsageKind, usage_query
from lago_async.usage._export.summary import ExportSummary
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.csv import Spreadsheet
from lago_async.usage._formats.partition import Partition
from lago_sync._usage import run_export

if TYPE_CHECKING:
    import os

    from lago_sync.client import LagoClient

__all__ = [
    "COLUMNS",
    "PERIOD_COLUMNS",
    "SCHEMA_VERSION",
    "ClusterProgress",
    "Column",
    "ColumnType",
    "ExportConflictError",
    "ExportError",
    "ExportSummary",
    "FormatName",
    "MergeSummary",
    "OnClusterProgress",
    "OnProgress",
    "Partition",
    "Progress",
    "ReportError",
    "ReportSummary",
    "RowShape",
    "Spreadsheet",
    "UsageError",
    "UsageKind",
    "export",
    "export_on_cluster",
    "merge",
    "write_report",
]


def export(
    client: LagoClient,
    out: str | os.PathLike[str],
    *,
    format: FormatName | None = None,  # noqa: A002 - the common name of it
    kind: UsageKind = "past",
    rows: RowShape = "charge",
    subscriptions: Iterable[tuple[str, str]] | None = None,
    from_datetime: datetime | None = None,
    to_datetime: datetime | None = None,
    periods_count: int | None = None,
    billable_metric_code: str | None = None,
    per_page: int | None = None,
    concurrency: int = CONCURRENCY,
    raw_text: bool = False,
    spreadsheet: Spreadsheet | None = None,
    partition: Partition | None = None,
    names: bool = True,
    overwrite: bool = False,
    on_progress: OnProgress | None = None,
) -> ExportSummary:
    """Fetch usage concurrently into one file, with one row per charge, filter and group, or per period.

    After any interruption, even a kill, calling it again with the same arguments resumes the export and produces the
    same rows. If some subscriptions fail, the file is published without them, and calling it again retries only those
    and adds them. ``README.md`` in ``lago_async/usage`` describes the columns and the files.

    Args:
        client: The client to fetch with.
        out: A file, whose suffix says the format; or a folder, which gets a file ``usage.ndjson``, for example.
        format: ``ndjson``, ``csv``, ``parquet`` or ``xlsx``. The last two need the extra of the same name.
        kind: ``past`` for billed periods, ``current`` for the running one.
        rows: ``charge`` for one row per charge, filter and group, ``period`` for one row per period.
        subscriptions: Your ids of customers and subscriptions, as pairs; None for all of the organisation. An iterator
            must give the same subscriptions again when an export is resumed.
        from_datetime: Past usage only: periods that begin at this time or later, aware.
        to_datetime: Past usage only: periods that begin before this time, aware.
        periods_count: Past usage only: at most this many periods per subscription, newest first.
        billable_metric_code: Only usage of this metric.
        per_page: Past usage only: periods per page; None for as many as fit in about half a megabyte.
        concurrency: The number of calls in flight at a time.
        raw_text: CSV only: write text as it is. By default, text that a spreadsheet would run as a formula gets an
            apostrophe in front; ``README.md`` says how to remove it.
        spreadsheet: CSV only: write what a spreadsheet reads without help; ``point`` if numbers have a decimal point in
            its language, ``comma`` if they have a decimal comma.
        partition: ``month`` for a folder of one file per month instead of one file: ``month=2026-01/part-0.parquet``.
            The month is that of the period's start (``from_datetime``), in UTC. The folder is published whole.
        names: Also list invoices, customers, subscriptions and plans, for the columns ``invoice_status``,
            ``customer_name``, ``plan_code`` and ``plan_name``. It takes about one call per 100 invoices, and memory for
            the status of each. Without it, these columns are empty, and drafts and voided invoices look like others.
        overwrite: Start from the beginning, even if an export is there. Its file stays until the new one is complete.
        on_progress: Called at most every 0.1 s, on the thread of the caller.

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
    request = ExportRequest.for_path(
        out,
        format,
        rows=rows,
        raw_text=raw_text,
        spreadsheet=spreadsheet,
        partition=partition,
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
        names=names,
    )
    return run_export(client, request, concurrency=concurrency, overwrite=overwrite, on_progress=on_progress)
