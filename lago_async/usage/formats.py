"""The three formats: rows to bytes that can be appended to a file, and what makes the final file of them."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TypeAlias

import msgspec

from lago_async.errors import LagoArgumentError
from lago_async.usage.disk import DiskFile
from lago_async.usage.journal import ExportConflictError
from lago_async.usage.schema import COLUMNS, SCHEMA_VERSION, Column, Row

__all__ = ["FormatName"]

FormatName: TypeAlias = Literal["ndjson", "csv", "parquet"]

_NAMES: Final = tuple(column.name for column in COLUMNS)


class Format(ABC):
    """How rows are written.

    Attributes:
        name: What ``--format`` calls it.
        suffixes: Of files in it.
        as_spooled: Whether the bytes of the rows, one after the other, are the file.
        rows_together: How many rows to encode at once. Text in small pieces, which stay in the processor's cache and
            need no new pages of memory, costs half of what it does in large ones.
    """

    name: ClassVar[FormatName]
    suffixes: ClassVar[tuple[str, ...]]
    as_spooled: ClassVar[bool] = True
    rows_together: ClassVar[int] = 256

    def begin(self) -> bytes:
        """What stands before the first row."""
        return b""

    @abstractmethod
    def encode(self, rows: Sequence[Row]) -> bytes:
        """Rows as they stand behind each other."""

    def assemble(self, spools: Sequence[Path], target: DiskFile) -> None:
        """Write the file that published files (where `as_spooled`) or spools come to together.

        Raises:
            ExportConflictError: A source is not in this format, or not of this schema.
        """
        begin = self.begin()
        target.write(begin)
        for path in spools:
            with path.open("rb") as source:
                if source.read(len(begin)) != begin:
                    raise ExportConflictError(f"{path} does not begin as a file of these columns does")
                target.copy(source)


class Ndjson(Format):
    """One JSON object a line."""

    name: ClassVar[FormatName] = "ndjson"
    suffixes: ClassVar[tuple[str, ...]] = (".ndjson", ".jsonl")

    def __init__(self) -> None:
        self._line: Any = msgspec.defstruct("Line", [(name, Any) for name in _NAMES], gc=False, frozen=True)
        self._encoder = msgspec.json.Encoder()

    def encode(self, rows: Sequence[Row]) -> bytes:
        """Rows as lines."""
        line = self._line
        try:
            return self._encoder.encode_lines([line(*row) for row in rows])
        except OverflowError:  # a number of more than 64 bits
            return b"".join(
                json.dumps(dict(zip(_NAMES, row, strict=True)), ensure_ascii=False, separators=(",", ":")).encode()
                + b"\n"
                for row in rows
            )


class Csv(Format):
    """A header, and a line a row, as RFC 4180 has it but with plain line feeds; null is nothing."""

    name: ClassVar[FormatName] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def begin(self) -> bytes:
        """The header."""
        return (",".join(_NAMES) + "\n").encode()

    def encode(self, rows: Sequence[Row]) -> bytes:
        """Rows as lines."""
        lines: list[str] = []
        head: Row = ()
        first = ""
        for row in rows:
            if row[:_HEAD] != head:  # the period and the charge: the same for many rows in succession
                head = row[:_HEAD]
                first = ",".join(map(_cell, head))
            group, values, name, units, total, events, amount, currency, *pricing = row[_HEAD:]
            lines.append(
                f"{first},{_cell(group)},{_cell(values)},{_cell(name)},{'' if units is None else units},"
                f"{'' if total is None else total},{'' if events is None else events},"
                f"{'' if amount is None else amount},{_cell(currency)},"
                f"{',,,' if pricing == _NO_PRICING else ','.join(map(_cell, pricing))}\n"
            )
        return "".join(lines).encode()


_HEAD: Final = _NAMES.index("grouped_by")
_NO_PRICING: Final = [None] * 4
_needs_quotes = re.compile(r'[",\r\n]').search


@lru_cache(maxsize=8192, typed=True)
def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int) or not _needs_quotes(value):
        return str(value)
    return '"' + value.replace('"', '""') + '"'


EXACT: Final = Column(
    "exact",
    "json",
    nullable=True,
    description="Parquet only: the numbers of the row that their columns cannot hold exactly, as text by column",
)

_DECIMAL_DIGITS, _DECIMAL_PLACES = 38, 18
_PLACES = Decimal(1).scaleb(-_DECIMAL_PLACES)
_WIDE = Context(prec=100, rounding=ROUND_HALF_EVEN)
_INT64 = 1 << 63


class Parquet(Format):
    """Apache Parquet. Its rows are first kept as a stream of Arrow's record batches, which can be appended to."""

    name: ClassVar[FormatName] = "parquet"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    as_spooled: ClassVar[bool] = False
    rows_together: ClassVar[int] = 2048

    # Rows of a row group, or bytes in memory while one is gathered, whichever is reached first.
    group_rows: ClassVar[int] = 128 * 1024
    group_bytes: ClassVar[int] = 32 * 1024 * 1024

    def __init__(self) -> None:
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
            "decimal": arrow.decimal128(_DECIMAL_DIGITS, _DECIMAL_PLACES),
            "timestamp": arrow.timestamp("ms", tz="UTC"),
            "date": arrow.date32(),
        }
        return arrow.schema(
            [arrow.field(column.name, types[column.kind], column.nullable) for column in (*COLUMNS, EXACT)],
            metadata={"lago_usage_schema_version": str(SCHEMA_VERSION)},
        )

    @cached_property
    def _begin(self) -> bytes:
        message: bytes = self._schema.serialize().to_pybytes()
        return message

    def begin(self) -> bytes:
        """The schema."""
        return self._begin

    def encode(self, rows: Sequence[Row]) -> bytes:
        """Rows as a record batch."""
        if not rows:
            return b""
        arrow = self._arrow
        exact: dict[int, dict[str, str]] = {}
        arrays = [
            self._array(column, kind, values, exact)
            for column, kind, values in zip(COLUMNS, self._schema.types, zip(*rows, strict=True), strict=False)
        ]
        inexact = [None] * len(rows) if not exact else [_as_json(exact.get(row)) for row in range(len(rows))]
        arrays.append(arrow.array(inexact, arrow.string()))
        batch = arrow.RecordBatch.from_arrays(arrays, schema=self._schema)
        sink = arrow.BufferOutputStream()
        # Compressed: a fifth of the size, and faster than to write it all.
        writer = arrow.ipc.new_stream(sink, self._schema, options=arrow.ipc.IpcWriteOptions(compression="lz4"))
        writer.write_batch(batch)
        # Never closed: that would end the stream, to which more is to be appended.
        message: bytes = sink.getvalue().slice(len(self._begin)).to_pybytes()
        return message

    def _array(self, column: Column, kind: Any, values: Sequence[Any], exact: dict[int, dict[str, str]]) -> Any:
        arrow = self._arrow
        if column.kind in {"text", "json"}:
            return arrow.array(values, kind)
        try:
            if column.kind == "integer":
                return arrow.array(values, kind)
            if column.kind != "decimal" or not any(map(_is_long, values)):
                return arrow.array(values, arrow.string()).cast(kind)
        except (arrow.ArrowInvalid, OverflowError):
            if column.kind not in {"integer", "decimal"}:
                raise
        held: list[int | Decimal | None] = []
        for row, value in enumerate(values):
            kept, fits = _held(value, column)
            held.append(kept)
            if not fits:
                exact.setdefault(row, {})[column.name] = str(value)
        return arrow.array(held, kind)

    def assemble(self, spools: Sequence[Path], target: DiskFile) -> None:
        """Write the Parquet file that spools, or Parquet files, come to together."""
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
                raise ExportConflictError(f"{path} does not have these columns")
            yield from reader.iter_batches(batch_size=16 * 1024) if published else reader


def _is_long(number: str | None) -> bool:
    """Whether a number has more digits before its point than the column; or perhaps not, but this is quick.

    Arrow doesn't always refuse these: its cast of "340282366920938463804", which is 2**128 units of 1e-18 and a bit,
    gives 340.6 (pyarrow 26).
    """
    whole = _DECIMAL_DIGITS - _DECIMAL_PLACES
    return number is not None and len(number) > whole and len(number.partition(".")[0]) > whole


def _held(value: Any, column: Column) -> tuple[int | Decimal | None, bool]:
    """What a column of Parquet can hold of a number, and whether that is all of it."""
    if value is None:
        return None, True
    if column.kind == "integer":
        return (value, True) if -_INT64 <= value < _INT64 else (None, False)
    number = Decimal(value)
    if not number.is_finite() or number.adjusted() >= _DECIMAL_DIGITS - _DECIMAL_PLACES:
        return None, False
    rounded = number.quantize(_PLACES, context=_WIDE)
    if rounded.adjusted() >= _DECIMAL_DIGITS - _DECIMAL_PLACES:
        return None, False
    return rounded, rounded == number


def _as_json(numbers: dict[str, str] | None) -> str | None:
    return None if numbers is None else json.dumps(numbers, separators=(",", ":"))


FORMATS: Final[dict[FormatName, type[Format]]] = {each.name: each for each in (Ndjson, Csv, Parquet)}


def format_of(name: str) -> Format:
    """The format of this name.

    Raises:
        LagoArgumentError: There is none, or what it needs is not installed.
    """
    for each in FORMATS.values():
        if each.name == name:
            return each()
    raise LagoArgumentError(f"the formats are {', '.join(FORMATS)}, not {name!r}")


def target_of(out: Path, *, folder: bool, name: str | None) -> tuple[Path, Format]:
    """The file to write, and in which format.

    Args:
        out: A file, or a folder, in which it is ``usage`` with the suffix of the format.
        folder: Whether it was written as a folder, with a slash at its end.
        name: The format; by default what the suffix says, and NDJSON in a folder.

    Raises:
        LagoArgumentError: The suffix says nothing.
    """
    if folder or out.is_dir() or not out.suffix:
        form = format_of(name or "ndjson")
        return out / f"usage{form.suffixes[0]}", form
    if name is not None:
        return out, format_of(name)
    for each in FORMATS.values():
        if out.suffix.lower() in each.suffixes:
            return out, each()
    known = ", ".join(suffix for each in FORMATS.values() for suffix in each.suffixes)
    raise LagoArgumentError(f"{out.name!r} does not say its format: end it in one of {known}, or give format=")
