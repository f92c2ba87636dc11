"""Resumable exports of usage, and reports built from them.

``summary = await export(client, "usage.ndjson")``; ``README.md`` next to this file describes the columns. From the
command line: ``python -m lago_async usage export --out usage.ndjson``. The drawing library and pyarrow are imported
when a report, or a Parquet file, is made.
"""

from lago_async.usage._cluster.run import ClusterProgress, OnClusterProgress, export_on_cluster
from lago_async.usage._columns import COLUMNS, PERIOD_COLUMNS, SCHEMA_VERSION, Column, ColumnType, RowShape
from lago_async.usage._errors import ExportConflictError, ExportError, ReportError, UsageError
from lago_async.usage._export.merge import MergeSummary, merge
from lago_async.usage._export.progress import OnProgress, Progress
from lago_async.usage._export.request import UsageKind
from lago_async.usage._export.export import export
from lago_async.usage._export.summary import ExportSummary
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.csv import Spreadsheet
from lago_async.usage._formats.partition import Partition
from lago_async.usage._report.write import ReportSummary, write_report

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
