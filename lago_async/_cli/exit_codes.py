"""The exit codes of the console script: one per cause, so that scripts can decide without reading messages."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from lago_async.errors import (
    LagoApiError,
    LagoArgumentError,
    LagoCallError,
    LagoConfigError,
    LagoConnectionError,
    LagoError,
    LagoFileError,
    LagoResponseError,
)


class ExitCode(IntEnum):
    """The exit codes of all commands. 2 to 5 mean the same as those of `lago doctor`, which has 6 for warnings."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    UNREACHABLE = 3
    KEY_REFUSED = 4
    SERVER_FAILED = 5
    NOT_FOUND = 7
    INVALID = 8
    NOT_ALLOWED = 9
    RATE_LIMITED = 10
    MAYBE_APPLIED = 11
    NOT_CONFIRMED = 12
    EVENTS_REFUSED = 13
    FILE_FAILED = 14
    EXTRA_MISSING = 15
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


class OutputEndedError(Exception):
    """Standard output takes nothing more; `code` is the exit code of the command."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class InterruptedCallError(Exception):
    """Ctrl-C while a request that changes something was in flight; the text says which."""


_BY_STATUS: Final = {
    401: ExitCode.KEY_REFUSED,
    403: ExitCode.KEY_REFUSED,
    404: ExitCode.NOT_FOUND,
    405: ExitCode.NOT_ALLOWED,
    429: ExitCode.RATE_LIMITED,
}


def is_uncertain(error: LagoError) -> bool:
    """Tell whether the server may have carried out a call that changes something, although it ended with an error."""
    return isinstance(error, LagoCallError) and error.maybe_applied and error.method != "GET"


def code_of(error: LagoError) -> ExitCode:
    """Return the exit code of an error. The one of an uncertain outcome comes before all others."""
    if is_uncertain(error):
        return ExitCode.MAYBE_APPLIED
    if isinstance(error, LagoArgumentError | LagoConfigError):
        return ExitCode.USAGE
    if isinstance(error, LagoConnectionError):
        return ExitCode.UNREACHABLE
    if isinstance(error, LagoApiError) and error.status_code < 500:
        return _BY_STATUS.get(error.status_code, ExitCode.INVALID)
    if isinstance(error, LagoResponseError):
        return ExitCode.SERVER_FAILED
    if isinstance(error, LagoFileError):
        return ExitCode.FILE_FAILED
    return ExitCode.FAILED
