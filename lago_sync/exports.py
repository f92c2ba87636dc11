# GENERATED from lago_async/exports/_export.py by `python -m tools.generate`. Do not edit.
"""Resumable exports of any list of the API: invoices, fees, wallets, customers and all others.

``summary = export_list(client.invoices.find_all(currency="EUR"), "invoices.parquet")``; the page "Exports of
lists" of the documentation describes columns and files. From the command line:
``python -m lago_async export invoices --out invoices.parquet``. Usage has exports of its own, in ``lago_sync.usage``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from lago_async.exports import ColumnType, ExportConflictError, ExportError, ListProgress
from lago_async.exports._request import source_of
from lago_async.exports._summary import ListExportSummary, OnListProgress
from lago_async.usage._columns import Column
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.csv import Spreadsheet
from lago_async.usage._formats.partition import Partition
from lago_sync._exports import run_list_export

if TYPE_CHECKING:
    import os

    from lago_sync._bulk import Prepared
    from lago_sync.pager import Pager

__all__ = [
    "Column",
    "ColumnType",
    "ExportConflictError",
    "ExportError",
    "FormatName",
    "ListExportSummary",
    "ListProgress",
    "OnListProgress",
    "Partition",
    "Spreadsheet",
    "export_list",
    "list_columns",
]

_T = TypeVar("_T")


def export_list(
    source: Pager[_T] | Prepared[list[_T]],
    out: str | os.PathLike[str],
    *,
    format: FormatName | None = None,  # noqa: A002 - the common name of it
    raw_text: bool = False,
    spreadsheet: Spreadsheet | None = None,
    partition: Partition | None = None,
    overwrite: bool = False,
    on_progress: OnListProgress | None = None,
) -> ListExportSummary:
    """Fetch a list into one file, with one row per object and one column per field of its model.

    After any interruption, even a kill, calling it again with the same arguments resumes the export. The pages overlap,
    so that a list that changes meanwhile loses and doubles nothing: each object that is in the list from beginning to
    end is in the file once. One page is fetched at a time; ``find_all(per_page=...)`` sets its size. Objects
    and lists inside of an object are JSON text in CSV and Parquet, and JSON in NDJSON.

    Args:
        source: The list: a pager, such as ``client.invoices.find_all(currency="EUR")``. An operation that returns a
            list without pages is prepared: ``bulk.prepare(client.billing_entities.find_all)``.
        out: A file, whose suffix says the format; or a folder, which gets a file ``invoices.ndjson``, for example.
        format: ``ndjson``, ``csv``, ``parquet`` or ``xlsx``. The last two need the extra of the same name.
        raw_text: CSV only: write text as it is. By default, text that a spreadsheet would run as a formula gets an
            apostrophe in front.
        spreadsheet: CSV only: write what a spreadsheet reads without help; ``point`` if numbers have a decimal point in
            its language, ``comma`` if they have a decimal comma.
        partition: ``month`` for a folder of one file per month instead of one file: ``month=2026-01/part-0.parquet``.
            The month is that of ``created_at``, or else of the first column with a time or day, in UTC. The folder is
            published whole.
        overwrite: Start from the beginning, even if an export is there. Its file stays until the new one is complete.
        on_progress: Called at most every 0.1 s, on the thread of the caller.

    Returns:
        The content of the file.

    Raises:
        ExportConflictError: The files there belong to another export or organisation, or to no export. They were left
            unchanged.
        ExportError: Another process is writing this export.
        LagoArgumentError: An argument is invalid.
        LagoCallError: A page did not come. The committed pages are kept.
        OSError: The file system refuses, such as a full disk.
    """
    return run_list_export(
        *source_of(source),
        out,
        format,
        raw_text=raw_text,
        spreadsheet=spreadsheet,
        partition=partition,
        overwrite=overwrite,
        on_progress=on_progress,
    )


def list_columns(source: Pager[_T] | Prepared[list[_T]]) -> tuple[Column, ...]:
    """Return the columns that `export_list` writes for a list, in their order; it sends nothing."""
    found, _ = source_of(source)
    return found.schema.columns
