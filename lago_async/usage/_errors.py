"""What can go wrong with exports and reports, besides a bad argument, a failed call and the file system."""

from __future__ import annotations

from lago_async.errors import LagoError

__all__ = ["ExportConflictError", "ExportError", "ReportError", "UsageError"]


class UsageError(LagoError):
    """An export, a merge or a report could not be made."""


class ExportError(UsageError):
    """An export stopped. What it has done is kept: call it again with the same arguments to resume."""


class ExportConflictError(ExportError):
    """The output file, or a source of a merge, is not what was expected. It was left unchanged."""


class ReportError(UsageError):
    """No report can be made of these files, or in this environment. The message names the remedy."""
