"""Resumable exports of any list of the API: invoices, fees, wallets, customers and all others.

``summary = await export_list(client.invoices.find_all(currency="EUR"), "invoices.parquet")``; the page "Exports of
lists" of the documentation describes columns and files. From the command line:
``python -m lago_async export invoices --out invoices.parquet``. Usage has exports of its own, in ``lago_async.usage``.
"""

from lago_async.exports._export import export_list, list_columns
from lago_async.exports._summary import ListExportSummary, ListProgress, OnListProgress
from lago_async.usage._columns import Column, ColumnType
from lago_async.usage._errors import ExportConflictError, ExportError
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.csv import Spreadsheet
from lago_async.usage._formats.partition import Partition

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
