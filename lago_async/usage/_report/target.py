"""The file that a report is written to: never one that it reads, and never one that is not a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lago_async.errors import LagoArgumentError
from lago_async.usage._errors import ExportConflictError
from lago_async.usage._paths import ExportPaths, partitioned_around, same_file
from lago_async.usage._report.sources import export_suffixes

GENERATOR: Final = "lago-async usage report"
"""The page says this in its head, so that a later report recognises it."""

_HEAD_BYTES: Final = 4096


def check_target(path: Path, *, read: Sequence[Path], overwrite: bool) -> None:
    """Check that a report may be written to a path.

    Args:
        path: The path.
        read: The exports that the report reads.
        overwrite: Whether a file may be replaced that is not a report.

    Raises:
        LagoArgumentError: It is one of the exports, or has the name of an export.
        ExportConflictError: A file is there that is not a report.
    """
    around = partitioned_around(path)
    if around is not None:
        raise LagoArgumentError(f"{around} is an export in partitions, which the report would change; write elsewhere")
    for source in read:
        paths = ExportPaths(source)
        if any(same_file(path, there) for there in (source, *paths.companions)):
            raise LagoArgumentError(
                f"{path} is an export that the report reads, or belongs to one; write the report to another file, such "
                f"as {source.with_suffix('.html').name}"
            )
    if path.suffix.lower() in export_suffixes():
        raise LagoArgumentError(
            f"{path} has the name of an export, and a report is an HTML page; write it to a file such as "
            f"{path.with_suffix('.html').name}"
        )
    if not overwrite and path.exists() and not _is_report(path):
        raise ExportConflictError(
            f"{path} exists, and is not a report", remedy="write to another file, or replace it with overwrite=True"
        )


def _is_report(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return f'content="{GENERATOR}"'.encode() in file.read(_HEAD_BYTES)
