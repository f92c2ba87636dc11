"""Usage of everybody, on disk: exports that go on after whatever stopped them, and what is made of them.

``summary = await export(client, "usage.ndjson")``; the columns are described in ``README.md`` beside this file. From
the command line: ``python -m lago_async usage export --out usage.ndjson``.
"""

from lago_async.usage.export import export
from lago_async.usage.job import Progress
from lago_async.usage.journal import ExportConflictError, ExportError
from lago_async.usage.merge import MergeSummary, merge
from lago_async.usage.schema import COLUMNS, SCHEMA_VERSION, Column
from lago_async.usage.sink import ExportSummary

__all__ = [
    "COLUMNS",
    "SCHEMA_VERSION",
    "Column",
    "ExportConflictError",
    "ExportError",
    "ExportSummary",
    "MergeSummary",
    "Progress",
    "export",
    "merge",
]
