"""The rows of one export, batch by batch, with the columns that a report needs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path

# pyarrow has no types of its own.
from typing import Any, Final, cast

from lago_async.usage._columns import COLUMNS, EXACT, ColumnType
from lago_async.usage._errors import ReportError
from lago_async.usage._formats.base import FormatName
from lago_async.usage._formats.csv import MARKED, TEXT_COLUMNS
from lago_async.usage._report.extras import require
from lago_async.usage._report.sources import format_of

_NAMES: Final = (
    "external_customer_id",
    "external_subscription_id",
    "lago_invoice_id",
    "currency",
    "billable_metric_code",
    "billable_metric_name",
    "amount_currency",
    "from_datetime",
    "to_datetime",
    "period_total_amount_cents",
    "events_count",
    "amount_cents",
    "units",
)
_OPTIONAL: Final = ("invoice_status", "customer_name", "plan_code", "plan_name")  # exports of version 1 lack them
_ALL: Final = (*_NAMES, *_OPTIONAL)
_TYPES: Final[dict[str, ColumnType]] = {column.name: column.type for column in COLUMNS if column.name in _ALL}
_NEVER_NULL: Final = tuple(column.name for column in COLUMNS if column.name in _NAMES and not column.nullable)

_BATCH_ROWS: Final = 1 << 16
_READ_AHEAD: Final = 4

_UNITS_DIGITS: Final = 38  # on each side of the point
_UNITS: Final = Context(prec=2 * _UNITS_DIGITS, rounding=ROUND_HALF_EVEN)
_UNITS_STEP: Final = Decimal(1).scaleb(-_UNITS_DIGITS)


def read_batches(file: Path, block: int) -> Iterator[Any]:
    """Yield the rows of an export as Arrow tables of the columns that a report needs.

    Args:
        file: The export.
        block: Bytes of text to parse at a time. A row must fit into it.

    Raises:
        ReportError: The file is not an export.
        ArrowException: The same, as pyarrow says it; or a row does not fit.
        UnicodeDecodeError: The file is not text in UTF-8.
    """
    pa = require("pyarrow")
    for batch in _READERS[format_of(file)](file, block):
        yield pa.table(_cast_columns(file, batch))


def no_rows() -> Any:
    """Return a table like those of `read_batches`, without rows."""
    pa = require("pyarrow")
    return pa.table({name: pa.array([], arrow_type) for name, arrow_type in _arrow_types(text=False).items()})


def not_an_export(file: Path, why: str) -> ReportError:
    """Return the error for a file that cannot be read."""
    return ReportError(f"{file}: cannot be read as an export ({why}); export it again, or omit it")


def _arrow_types(*, text: bool) -> dict[str, Any]:
    """Return the types of the columns: as they are parsed from text, or as they are computed with."""
    pa = require("pyarrow")
    types: dict[ColumnType, Any] = {"integer": pa.int64()}
    if not text:
        types["timestamp"] = pa.timestamp("s")
        types["decimal"] = pa.decimal256(2 * _UNITS_DIGITS, _UNITS_DIGITS)
    return {name: types.get(_TYPES[name], pa.string()) for name in _ALL}


def _ndjson(file: Path, block: int) -> Iterator[Any]:
    pa, pajson, dataset = require("pyarrow"), require("pyarrow.json"), require("pyarrow.dataset")
    with file.open("rb") as lines:
        first = next((line for line in lines if line.strip()), b"")
    if not first:
        return
    try:
        row: Any = json.loads(first)
    except ValueError as error:
        raise not_an_export(file, "its first line is not JSON") from error
    _require_columns(file, list(cast("dict[str, Any]", row)) if isinstance(row, dict) else [])
    types = _arrow_types(text=True)
    schema = pa.schema(list(types.items()))
    fragment = dataset.JsonFileFormat(
        read_options=pajson.ReadOptions(block_size=block),
        parse_options=pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    ).make_fragment(str(file), filesystem=require("pyarrow.fs").LocalFileSystem())
    yield from fragment.scanner(schema=schema, columns=list(types), batch_readahead=_READ_AHEAD).to_batches()


def _csv(file: Path, block: int) -> Iterator[Any]:
    pacsv = require("pyarrow.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), None)
    if header is None:
        return
    _require_columns(file, header)
    types = _arrow_types(text=True)
    for batch in pacsv.open_csv(
        str(file),
        read_options=pacsv.ReadOptions(block_size=block),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            include_columns=list(types),
            include_missing_columns=True,
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
        ),
    ):
        yield _with_restored_text(batch)


def _with_restored_text(batch: Any) -> Any:
    """Return a batch of CSV without the apostrophes that make text harmless for spreadsheets."""
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    names: list[str] = batch.schema.names
    for place, name in enumerate(names):
        column = batch.column(place)
        if name in TEXT_COLUMNS and pc.any(pc.starts_with(column, "'")).as_py():
            restored = pc.replace_substring_regex(column, pattern=MARKED, replacement=r"\1")
            batch = batch.set_column(place, pa.field(name, pa.string()), restored)
    return batch


def _parquet(file: Path, _block: int) -> Iterator[Any]:
    with require("pyarrow.parquet").ParquetFile(str(file)) as parquet:
        names = parquet.schema_arrow.names
        _require_columns(file, names)
        columns = [*_NAMES, *(name for name in (*_OPTIONAL, EXACT.name) if name in names)]
        yield from parquet.iter_batches(batch_size=_BATCH_ROWS, columns=columns)


def _require_columns(file: Path, found: Sequence[str]) -> None:
    missing = [name for name in _NAMES if name not in found]
    if missing:
        raise not_an_export(file, f"it lacks the columns {', '.join(missing)}")


_READERS: Final[dict[FormatName, Callable[[Path, int], Iterator[Any]]]] = {
    "ndjson": _ndjson,
    "csv": _csv,
    "parquet": _parquet,
}


def _cast_columns(file: Path, batch: Any) -> dict[str, Any]:
    """Return the columns of a batch, cast to the types that they are computed with."""
    pa = require("pyarrow")
    types = _arrow_types(text=False)
    columns: dict[str, Any] = {}
    for name in _ALL:
        if name not in batch.schema.names:
            columns[name] = pa.nulls(batch.num_rows, types[name])
            continue
        column = batch.column(name)
        if _TYPES[name] == "timestamp":
            # Cast to UTC seconds first: calendar functions on a type with a time zone need the system's zone files.
            column = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).cast(types[name])
        elif name == "units":
            column = _exact_units(batch, column)
        elif not column.type.equals(types[name]):
            column = column.cast(types[name])
        columns[name] = column
    for name in _NEVER_NULL:
        if columns[name].null_count:
            raise not_an_export(file, f"a row has no {name}")
    return columns


def _exact_units(batch: Any, column: Any) -> Any:
    """Return units with all their digits, rounded half even to 38 decimals."""
    pa = require("pyarrow")
    kind = pa.decimal256(2 * _UNITS_DIGITS, _UNITS_DIGITS)
    exact: list[str | None] = batch.column(EXACT.name).to_pylist() if EXACT.name in batch.schema.names else []
    if not any(exact) and not _may_wrap_around(column):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:  # a value has more digits: convert one by one below
            pass
    values: list[Decimal | None] = []
    for position, value in enumerate(column.to_pylist()):
        more = exact[position] if exact else None
        text: Any = json.loads(more).get("units", value) if more else value
        try:
            values.append(None if text is None else Decimal(text).quantize(_UNITS_STEP, context=_UNITS))
        except InvalidOperation as error:
            raise pa.ArrowInvalid(
                f"units are not a decimal of at most {_UNITS_DIGITS} digits before the point: {text!r}"
            ) from error
    return pa.array(values, kind)


def _may_wrap_around(column: Any) -> bool:
    """Return whether a text is so long that Arrow's cast might take it for another number; see `_formats.parquet`."""
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    if not pa.types.is_string(column.type):
        return False
    longest: int | None = pc.max(pc.utf8_length(column)).as_py()
    return longest is not None and longest > _UNITS_DIGITS
