"""Files in the formats of exports: made from rows, and read back."""

import datetime as dt
import json
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from lago_async.usage import COLUMNS
from lago_async.usage._columns import UsageRow
from lago_async.usage._export.disk import Disk
from lago_async.usage._formats.base import Format

pq: Any = import_module("pyarrow.parquet")  # without types


def assembled(form: Format, tmp_path: Path, *groups: list[UsageRow]) -> Path:
    """Return the file of groups of rows that are committed separately."""
    spool, out = tmp_path / "spool", tmp_path / f"out{form.suffixes[0]}"
    spool.write_bytes(form.begin() + b"".join(form.encode(rows) for rows in groups))
    if form.as_spooled:
        return spool.replace(out)
    Disk().make(out, tmp_path / "part", lambda file: form.assemble([spool], file))
    return out


def from_parquet(path: Path) -> list[tuple[Any, ...]]:
    """Return the rows of a Parquet file in the form of the other formats, except that decimals are numbers."""
    table = pq.read_table(path, partitioning=None)  # not what the path says
    rows: list[tuple[Any, ...]] = []
    for record in table.to_pylist():
        exact = json.loads(record.pop("exact") or "{}")
        values: list[Any] = []
        for column in COLUMNS:
            value = record[column.name]
            if column.name in exact:
                value = int(exact[column.name]) if column.type == "integer" else exact[column.name]
            elif isinstance(value, dt.datetime):
                value = value.replace(tzinfo=None).isoformat("T", "seconds") + "Z"
            elif isinstance(value, dt.date | Decimal):
                value = str(value) if isinstance(value, dt.date) else value
            values.append(value)
        rows.append(tuple(values))
    return rows


def same_numbers(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Tell whether rows are equal, except for trailing zeros of decimals."""
    for column, a, b in zip(COLUMNS, one, other, strict=True):
        if column.type == "decimal" and isinstance(b, Decimal):
            if a is None or Decimal(a) != b:
                return False
        elif a != b:
            return False
    return True
