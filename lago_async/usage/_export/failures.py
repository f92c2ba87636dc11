"""The subscriptions that failed in a run of an export: their list, and the rule for giving up."""

from __future__ import annotations

from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Final

import msgspec

from lago_async.errors import LagoApiError, LagoConnectionError, ServerError
from lago_async.usage._errors import ExportError
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.pairs import Pair
from lago_async.usage._paths import ExportPaths

_BYTES_IN_MEMORY: Final = 1024 * 1024
_MOST_IN_A_ROW: Final = 50

UNKNOWN: Final = "subscription_not_found"
"""The code of a given subscription that does not exist."""


class FailureLine(msgspec.Struct):
    """A line of the list of failures."""

    external_customer_id: str
    external_subscription_id: str
    operation: str | None
    status_code: int | None
    code: str | None
    error: str
    request_id: str | None


class Failures:
    """The failures of one run.

    Attributes:
        pairs: The subscriptions that failed.
    """

    def __init__(self, paths: ExportPaths, disk: Disk) -> None:
        self.pairs: list[Pair] = []
        self._paths = paths
        self._disk = disk
        self._lines = SpooledTemporaryFile[bytes](max_size=_BYTES_IN_MEMORY, dir=str(paths.out.parent))
        self._in_a_row = 0

    def note_success(self) -> None:
        """Record that the server responded: earlier and later failures are then not consecutive."""
        self._in_a_row = 0

    def add(self, pair: Pair, error: Exception, *, code: str | None = None) -> None:
        """Add a subscription that failed.

        Args:
            pair: The subscription.
            error: The error.
            code: The code, if the error has none of the server's.

        Raises:
            ExportError: The server seems to be down.
        """
        if isinstance(error, LagoConnectionError | ServerError):
            self._in_a_row += 1
            if self._in_a_row >= _MOST_IN_A_ROW:
                raise ExportError(
                    f"the server seems to be down, {self._in_a_row} subscriptions failed in a row; the last: {error}"
                ) from error
        else:
            self._in_a_row = 0
        pair = pair[0] or "", pair[1] or ""  # the server may omit an id
        self.pairs.append(pair)
        line = FailureLine(
            *pair,
            operation=getattr(error, "operation", None),
            status_code=getattr(error, "status_code", None),
            code=error.code if isinstance(error, LagoApiError) else code,
            error=" ".join(str(error).split()) or type(error).__name__,
            request_id=getattr(error, "request_id", None),
        )
        self._lines.write(msgspec.json.encode(line) + b"\n")

    def publish(self) -> None:
        """Write the list next to the export; remove an older list if nothing failed."""
        if not self.pairs:
            self._disk.remove(self._paths.failures)
            return
        self._lines.seek(0)
        self._disk.make(self._paths.failures, self._paths.part, lambda file: file.copy(self._lines))

    def close(self) -> None:
        """Discard the lines that were not published."""
        with suppress(OSError):  # a full disk has no room for buffered lines, which are discarded anyway
            self._lines.close()
