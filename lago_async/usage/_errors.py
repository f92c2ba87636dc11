"""The errors of exports and reports, besides those of arguments, calls and the file system."""

from __future__ import annotations

from typing import Final

from lago_async.errors import LagoApiError, LagoArgumentError, LagoConfigError, LagoError

__all__ = ["ExportConflictError", "ExportError", "ReportError", "UsageError"]


class UsageError(LagoError):
    """The base of the errors of an export, a merge or a report.

    Attributes:
        problem: What is wrong.
        remedy: What to do about it, in the words of Python; may be empty.
    """

    def __init__(self, problem: str, *, remedy: str = "") -> None:
        super().__init__(f"{problem}: {remedy}" if remedy else problem)
        self.problem = problem
        self.remedy = remedy


class ExportError(UsageError):
    """An export stopped. Its progress is kept: call it again with the same arguments to resume."""


class ExportConflictError(ExportError):
    """The output file, or a source of a merge, is not what was expected. It was left unchanged."""


class ReportError(UsageError):
    """No report can be made of these files, or in this environment. The message names the remedy."""


_PASSING: Final = frozenset({408, 425, 429})  # refusals that the same call may not meet again


def is_lasting(error: Exception) -> bool:
    """Tell whether the same export would fail in the same way: the key, the address or an argument was refused."""
    if isinstance(error, LagoApiError):
        return error.status_code < 500 and error.status_code not in _PASSING
    return isinstance(error, ExportConflictError | LagoArgumentError | LagoConfigError)
