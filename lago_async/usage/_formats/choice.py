"""Which format an export has: by its name, or by the suffix of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from lago_async.errors import LagoArgumentError
from lago_async.usage._formats.base import Format, FormatName
from lago_async.usage._formats.csv import Csv
from lago_async.usage._formats.ndjson import Ndjson
from lago_async.usage._formats.parquet import Parquet

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
