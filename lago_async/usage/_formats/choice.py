"""The format of an export, by its name or by the suffix of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lago_async.errors import LagoArgumentError
from lago_async.usage._columns import CHARGES, TableSchema
from lago_async.usage._formats.base import Format, FormatName
from lago_async.usage._formats.csv import SPREADSHEETS, Csv, Spreadsheet
from lago_async.usage._formats.ndjson import Ndjson
from lago_async.usage._formats.parquet import Parquet
from lago_async.usage._formats.partition import Partition, Partitioned
from lago_async.usage._formats.xlsx import Xlsx
from lago_async.usage._paths import is_partitioned, partitioned_around

FORMATS: Final[dict[FormatName, type[Format]]] = {item.name: item for item in (Ndjson, Csv, Parquet, Xlsx)}


def format_of(
    name: str, schema: TableSchema = CHARGES, *, raw_text: bool = False, spreadsheet: Spreadsheet | None = None
) -> Format:
    """Return the format with this name.

    Args:
        name: The name.
        schema: The columns.
        raw_text: CSV only: do not make text harmless for spreadsheets.
        spreadsheet: CSV only: the decimal sign of the spreadsheet that will open the file.

    Raises:
        LagoArgumentError: The name is unknown, a library that the format needs is not installed, or an option is not
            for the format.
    """
    if spreadsheet is not None and spreadsheet not in SPREADSHEETS:
        raise LagoArgumentError(f"spreadsheet= is one of {', '.join(SPREADSHEETS)}, not {spreadsheet!r}")
    if raw_text and spreadsheet is not None:
        raise LagoArgumentError(
            "raw_text and spreadsheet= exclude each other, because a spreadsheet runs formulas: omit one"
        )
    for item in FORMATS.values():
        if item.name == name:
            if item is Csv:
                return Csv(schema, raw_text=raw_text, spreadsheet=spreadsheet)
            if raw_text:
                raise LagoArgumentError(f"raw_text is for CSV: {name} always holds text as it is")
            if spreadsheet is not None:
                raise LagoArgumentError(f"spreadsheet= is for CSV, not for {name}")
            return item(schema)
    raise LagoArgumentError(f"the formats are {', '.join(FORMATS)}, not {name!r}")


def target_of(
    out: Path,
    *,
    folder: bool,
    name: str | None,
    schema: TableSchema = CHARGES,
    raw_text: bool = False,
    spreadsheet: Spreadsheet | None = None,
    partition: Partition | None = None,
) -> tuple[Path, Format]:
    """Return the file or folder to write, and its format.

    Args:
        out: A file, or a folder, which gets a file named by the schema with the suffix of the format.
        folder: Whether the path ends with a slash, and so is a folder even if it does not exist.
        name: The format; None for the one that the suffix says, and for NDJSON in a folder.
        schema: The columns.
        raw_text: CSV only: do not make text harmless for spreadsheets.
        spreadsheet: CSV only: the decimal sign of the spreadsheet that will open the file.
        partition: Make a folder of one file per month.

    Raises:
        LagoArgumentError: The suffix is unknown, the format cannot be made (see `format_of`), or the file would be in
            the folder of an export in partitions.
    """
    around = partitioned_around(out)
    if around is not None:
        raise LagoArgumentError(f"{around} is an export in partitions, which other files would change; write elsewhere")
    if partition is not None:
        if out.name in {"", ".."}:
            raise LagoArgumentError(f"partition= writes a folder of its own, which {out} cannot be: name a new one")
        named = name or next((item.name for item in FORMATS.values() if out.suffix.lower() in item.suffixes), "ndjson")
        inner = format_of(named, schema, raw_text=raw_text, spreadsheet=spreadsheet)
        return out, Partitioned(inner, partition)
    if is_partitioned(out):
        raise LagoArgumentError(f"{out} is an export in partitions: pass partition= again, or write elsewhere")
    if folder or out.is_dir() or not out.suffix:
        form = format_of(name or "ndjson", schema, raw_text=raw_text, spreadsheet=spreadsheet)
        return out / f"{schema.stem}{form.suffixes[0]}", form
    if name is not None:
        return out, format_of(name, schema, raw_text=raw_text, spreadsheet=spreadsheet)
    for item in FORMATS.values():
        if out.suffix.lower() in item.suffixes:
            return out, format_of(item.name, schema, raw_text=raw_text, spreadsheet=spreadsheet)
    known = ", ".join(suffix for item in FORMATS.values() for suffix in item.suffixes)
    raise LagoArgumentError(f"{out.name!r} has no known suffix: use one of {known}, or pass format=")
