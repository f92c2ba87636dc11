"""NDJSON: one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from lago_async.usage._columns import UsageRow
from lago_async.usage._formats.base import NAMES, Format, FormatName


class Ndjson(Format):
    """One JSON object per line."""

    name: ClassVar[FormatName] = "ndjson"
    suffixes: ClassVar[tuple[str, ...]] = (".ndjson", ".jsonl")

    def __init__(self) -> None:
        self._line: Any = msgspec.defstruct("Line", [(name, Any) for name in NAMES], gc=False, frozen=True)
        self._encoder = msgspec.json.Encoder()

    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows as lines."""
        line = self._line
        try:
            return self._encoder.encode_lines([line(*row) for row in rows])
        except OverflowError:  # a number of more than 64 bits
            return b"".join(
                json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False, separators=(",", ":")).encode()
                + b"\n"
                for row in rows
            )
