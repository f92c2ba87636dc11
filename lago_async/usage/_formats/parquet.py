"""Parquet. It is spooled as a stream of Arrow record batches, because rows can be appended to that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

from lago_async.errors import LagoArgumentError
from lago_async.usage._columns import CHARGES, EXACT, Column, TableSchema, UsageRow
from lago_async.usage._errors import ExportConflictError
from lago_async.usage._formats.base import Format, FormatName, Target

DECIMAL_DIGITS, DECIMAL_PLACES = 38, 18
_PLACES = Decimal(1).scaleb(-DECIMAL_PLACES)
_WIDE = Context(prec=100, rounding=ROUND_HALF_EVEN)
_INT64 = 1 << 63
_NUMBERS = frozenset({"integer", "number", "boolean"})


class Parquet(Format):
    """Apache Parquet."""

    name: ClassVar[FormatName] = "parquet"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    as_spooled: ClassVar[bool] = False
    rows_together: ClassVar[int] = 2048

    # The limits of a row group: rows, or bytes in memory while it is collected, whichever is reached first.
    group_rows: ClassVar[int] = 128 * 1024
    group_bytes: ClassVar[int] = 32 * 1024 * 1024

    def __init__(self, schema: TableSchema = CHARGES) -> None:
        super().__init__(schema)
        try:
            self._arrow: Any = import_module("pyarrow")
            self._parquet: Any = import_module("pyarrow.parquet")
        except ImportError as error:
            raise LagoArgumentError(
                "Parquet needs pyarrow, which is not installed: pip install 'lago-async[parquet]'"
            ) from error

    @cached_property
    def _schema(self) -> Any:
        arrow = self._arrow
        types = {
            "text": arrow.string(),
            "json": arrow.string(),
            "integer": arrow.int64(),
            "decimal": arrow.decimal128(DECIMAL_DIGITS, DECIMAL_PLACES),
            "number": arrow.float64(),
            "boolean": arrow.bool_(),
            "timestamp": arrow.timestamp("us" if self.schema.microseconds else "ms", tz="UTC"),
            "date": arrow.date32(),
        }
        return arrow.schema(
            [arrow.field(column.name, types[column.type], column.nullable) for column in (*self.schema.columns, EXACT)],
            metadata={"lago_usage_schema_version": self.schema.version},
        )

    @cached_property
    def _begin(self) -> bytes:
        message: bytes = self._schema.serialize().to_pybytes()
        return message

    def begin(self) -> bytes:
        """Return the schema."""
        return self._begin

    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows as a record batch."""
        if not rows:
            return b""
        arrow = self._arrow
        exact: dict[int, dict[str, str]] = {}
        arrays = [
            self._array(column, kind, values, exact)
            for column, kind, values in zip(
                self.schema.columns, self._schema.types, zip(*rows, strict=True), strict=False
            )
        ]
        inexact = [None] * len(rows) if not exact else [_as_json(exact.get(row)) for row in range(len(rows))]
        arrays.append(arrow.array(inexact, arrow.string()))
        batch = arrow.RecordBatch.from_arrays(arrays, schema=self._schema)
        sink = arrow.BufferOutputStream()
        # Compressed, it has a fifth of the size, and is faster to write.
        writer = arrow.ipc.new_stream(sink, self._schema, options=arrow.ipc.IpcWriteOptions(compression="lz4"))
        writer.write_batch(batch)
        # Not closed, because that would end the stream, and more will be appended to it.
        message: bytes = sink.getvalue().slice(len(self._begin)).to_pybytes()
        return message

    def _array(self, column: Column, kind: Any, values: Sequence[Any], exact: dict[int, dict[str, str]]) -> Any:
        arrow = self._arrow
        if column.type in {"text", "json"}:
            return arrow.array(values, kind)
        try:
            if column.type in _NUMBERS:
                return arrow.array(values, kind)
            if column.type != "decimal" or not any(map(_is_long, values)):
                return arrow.array(values, arrow.string()).cast(kind)
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, OverflowError):
            if column.type not in {"integer", "decimal", "number"}:
                raise
        held: list[int | float | Decimal | None] = []
        for row, value in enumerate(values):
            kept, fits = _held(value, column)
            held.append(kept)
            if not fits:
                exact.setdefault(row, {})[column.name] = str(value)
        return arrow.array(held, kind)

    def assemble(self, spools: Sequence[Path], target: Target) -> None:
        """Write a Parquet file from spools, or from Parquet files."""
        arrow = self._arrow
        with self._parquet.ParquetWriter(target, self._schema, compression="zstd") as writer:
            batches: list[Any] = []
            rows = size = 0

            def flush() -> None:
                nonlocal rows, size
                if batches:
                    writer.write_table(arrow.Table.from_batches(batches), row_group_size=rows)
                batches.clear()
                rows = size = 0

            for path in spools:
                for batch in self._batches(path):
                    batches.append(batch)
                    rows += batch.num_rows
                    size += batch.nbytes
                    if rows >= self.group_rows or size >= self.group_bytes:
                        flush()
            flush()

    def _batches(self, path: Path) -> Any:
        arrow = self._arrow
        with path.open("rb") as file:
            published = file.read(4) == b"PAR1"
            file.seek(0)
            reader = self._parquet.ParquetFile(file) if published else arrow.ipc.open_stream(file)
            if not (reader.schema_arrow if published else reader.schema).equals(self._schema):
                raise ExportConflictError(f"{path} does not have these columns: it has another format or version")
            yield from reader.iter_batches(batch_size=16 * 1024) if published else reader


def _is_long(number: str | None) -> bool:
    """Return whether Arrow's cast might take a number for another one.

    It does not always refuse what a column cannot hold (pyarrow 26): "340282366920938463804", which is 2**128 units of
    1e-18 and a bit, becomes 340.6, and a number with 57 digits after its point becomes 0.
    """
    if number is None:
        return False
    whole = DECIMAL_DIGITS - DECIMAL_PLACES
    return len(number) > DECIMAL_DIGITS or (len(number) > whole and len(number.partition(".")[0]) > whole)


def _held(value: Any, column: Column) -> tuple[int | float | Decimal | None, bool]:
    """Return what a column can hold of a number, and whether that is the exact number."""
    if value is None:
        return None, True
    if column.type in _NUMBERS:
        # A number that its declared type cannot hold, such as 98765.4 for an integer, comes as text.
        if isinstance(value, str) or (column.type == "integer" and not -_INT64 <= value < _INT64):
            return None, False
        return value, True
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= DECIMAL_DIGITS - DECIMAL_PLACES:
        return None, False
    rounded = number.quantize(_PLACES, context=_WIDE)
    if rounded.adjusted() >= DECIMAL_DIGITS - DECIMAL_PLACES:
        return None, False
    return rounded, rounded == number


def _as_json(numbers: dict[str, str] | None) -> str | None:
    return None if numbers is None else json.dumps(numbers, separators=(",", ":"))
