"""The format of an export, by its name or by the suffix of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lago_async.errors import LagoArgumentError
from lago_async.usage._formats.base import Format, FormatName
from lago_async.usage._formats.csv import Csv
from lago_async.usage._formats.ndjson import Ndjson
from lago_async.usage._formats.parquet import Parquet

FORMATS: Final[dict[FormatName, type[Format]]] = {item.name: item for item in (Ndjson, Csv, Parquet)}


def format_of(name: str, *, raw_text: bool = False) -> Format:
    """Return the format with this name.

    Args:
        name: The name.
        raw_text: CSV only: do not make text harmless for spreadsheets.

    Raises:
        LagoArgumentError: The name is unknown, a library that the format needs is not installed, or the format always
            has raw text.
    """
    for item in FORMATS.values():
        if item.name == name:
            if not raw_text:
                return item()
            if item is Csv:
                return Csv(raw_text=True)
            raise LagoArgumentError(f"raw_text is for CSV: {name} always holds text as it is")
    raise LagoArgumentError(f"the formats are {', '.join(FORMATS)}, not {name!r}")


def target_of(out: Path, *, folder: bool, name: str | None, raw_text: bool = False) -> tuple[Path, Format]:
    """Return the file to write, and its format.

    Args:
        out: A file, or a folder, which gets a file ``usage`` with the suffix of the format.
        folder: Whether the path ends with a slash, and so is a folder even if it does not exist.
        name: The format; None for the one that the suffix says, and for NDJSON in a folder.
        raw_text: CSV only: do not make text harmless for spreadsheets.

    Raises:
        LagoArgumentError: The suffix is unknown, or the format cannot be made; see `format_of`.
    """
    if folder or out.is_dir() or not out.suffix:
        form = format_of(name or "ndjson", raw_text=raw_text)
        return out / f"usage{form.suffixes[0]}", form
    if name is not None:
        return out, format_of(name, raw_text=raw_text)
    for item in FORMATS.values():
        if out.suffix.lower() in item.suffixes:
            return out, format_of(item.name, raw_text=raw_text)
    known = ", ".join(suffix for item in FORMATS.values() for suffix in item.suffixes)
    raise LagoArgumentError(f"{out.name!r} has no known suffix: use one of {known}, or pass format=")
