"""NDJSON: one JSON object per line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from lago_async.usage._columns import CHARGES, TableSchema, UsageRow
from lago_async.usage._formats.base import Format, FormatName


class Ndjson(Format):
    """One JSON object per line."""

    name: ClassVar[FormatName] = "ndjson"
    suffixes: ClassVar[tuple[str, ...]] = (".ndjson", ".jsonl")

    def __init__(self, schema: TableSchema = CHARGES) -> None:
        super().__init__(schema)
        self._line: Any = msgspec.defstruct("Line", [(name, Any) for name in schema.names], gc=False, frozen=True)
        self._encoder = msgspec.json.Encoder()
        self._json_places = (
            frozenset(place for place, column in enumerate(schema.columns) if column.type == "json")
            if schema.json_values
            else frozenset[int]()
        )

    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows as lines."""
        line = self._line
        values: Sequence[Sequence[Any]] = rows
        if self._json_places:
            values = [self._with_json(row) for row in rows]
        try:
            return self._encoder.encode_lines([line(*row) for row in values])
        except OverflowError:  # a number of more than 64 bits
            return b"".join(self._line_of(row) for row in rows)

    def _with_json(self, row: UsageRow) -> list[Any]:
        return [
            msgspec.Raw(value.encode()) if place in self._json_places and isinstance(value, str) else value
            for place, value in enumerate(row)
        ]

    def _line_of(self, row: UsageRow) -> bytes:
        values = [
            json.loads(value) if place in self._json_places and isinstance(value, str) else value
            for place, value in enumerate(row)
        ]
        named = dict(zip(self.schema.names, values, strict=True))
        return json.dumps(named, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
