"""Values of a response that cannot be read as declared: counted by field, and logged once for each field."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Final

from lago_async._codec.parsing import json_type

_log = logging.getLogger("lago_async.codec")

_MOST: Final = 20
"""Warnings for one response. A server that changed a whole model must not flood the log."""


class Oddities:
    """The oddities of one response, counted."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def unreadable(self, field: str, value: object, kind: str) -> None:
        """Count a value that is read as None, or as an empty list."""
        # The value is not logged: it may be personal data. `with_http_info(...).body` has it.
        instead = "an empty list" if kind == "list" else "None"
        self._counts[field, f"a JSON {json_type(value)} cannot be read as {kind} and is {instead}"] += 1

    def inexact(self, field: str, kind: str) -> None:
        """Count a number that its type cannot hold, and that is read as a ``Decimal``."""
        self._counts[field, f"a number does not fit {kind} and is a Decimal"] += 1

    def log(self, operation: str) -> None:
        """Write one warning for each field, and one for all fields beyond the limit."""
        for (field, text), count in list(self._counts.items())[:_MOST]:
            times = f" ({count} times)" if count > 1 else ""
            _log.warning("%s: %s: %s%s", operation, field, text, times)
        if len(self._counts) > _MOST:
            _log.warning("%s: %d more fields cannot be read as declared", operation, len(self._counts) - _MOST)
