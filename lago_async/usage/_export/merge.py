"""Merges finished exports of one format into one file: those that several processes or machines made concurrently."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from os import fspath
from pathlib import Path
from typing import cast

import attrs

from lago_async.errors import LagoArgumentError
from lago_async.usage._columns import SCHEMAS, RowShape
from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.disk import Disk, DiskFile
from lago_async.usage._export.entries import (
    CSV_TEXT,
    LIST,
    PARTITION,
    ROWS,
    SPREADSHEET,
    Committed,
    Completed,
    ExportSettings,
    Publishing,
)
from lago_async.usage._export.journal import Journal
from lago_async.usage._export.marks import FileMark, mark_of
from lago_async.usage._export.moments import utc_now
from lago_async.usage._export.pairs import Pair, digest
from lago_async.usage._export.state import read_entries, read_state
from lago_async.usage._formats.base import Format, FormatName
from lago_async.usage._formats.choice import FORMATS, format_of, target_of
from lago_async.usage._formats.csv import Spreadsheet
from lago_async.usage._paths import ExportPaths, files_of, is_partitioned, same_file

__all__ = ["MergeSummary", "merge"]

_PAIRS_PER_ENTRY = 10_000  # subscriptions per journal entry; every entry costs an fsync


@attrs.frozen(kw_only=True)
class MergeSummary:
    """The result of a merge.

    Attributes:
        path: The merged file.
        rows: Rows in the file.
        subscriptions: Subscriptions in the file.
        failures: Subscriptions that failed, and are missing; only after an export on a cluster.
        failures_path: The file that lists them; None if there are none.
    """

    path: Path
    rows: int
    subscriptions: int
    failures: int = 0
    failures_path: Path | None = None


def merge(
    sources: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str], *, overwrite: bool = False
) -> MergeSummary:
    """Merge finished exports of one format into one file. It blocks.

    The rows of each export stay together, in the order of the sources.

    Args:
        sources: The files, or folders with one export each, or folders of exports in partitions.
        out: The merged file, or a folder for it. It appears when it is complete, with a journal like that of an export.
        overwrite: Replace an existing file.

    Returns:
        What is in the merged file.

    Raises:
        ExportConflictError: A source is not finished, lacks subscriptions that failed, or is not as it was published;
            a subscription is in two sources; or the merged file exists.
        LagoArgumentError: There are no sources, they differ in format, rows, schema version or kind, or one of them is
            XLSX or the export of a list.
        OSError: The file system refuses, such as a full disk.
    """
    if not sources:
        raise LagoArgumentError("there is nothing to merge; name at least one export")
    found = [source_of(Path(item)) for item in sources]
    first = found[0]
    for item in found[1:]:
        for name in ("format", CSV_TEXT, SPREADSHEET, ROWS, "schema version", "kind"):
            if item.settings.get(name) != first.settings.get(name):
                raise LagoArgumentError(
                    f"{first.path} and {item.path} cannot be merged: "
                    f"they have {name} {_shown(name, first)} and {_shown(name, item)}"
                )
    file_format = format_of(
        str(first.settings["format"]),
        SCHEMAS[cast("RowShape", first.settings.get(ROWS, "charge"))],
        spreadsheet=cast("Spreadsheet | None", first.settings.get(SPREADSHEET)),
    )
    text = fspath(out)
    path, _ = target_of(Path(text), folder=text.endswith(("/", os.sep)), name=file_format.name)
    paths = ExportPaths(path)
    for item in found:
        for read in (item.path, ExportPaths(item.path).journal):
            if any(same_file(read, written) for written in (path, *paths.companions)):
                raise LagoArgumentError(
                    f"{read} is one of the sources, or its journal, and would be written over; write to another file"
                )
    if not overwrite:
        for there in (path, *paths.companions):
            if there.exists():
                raise ExportConflictError(
                    f"{there} exists", remedy="write to another file, or replace it with overwrite=True"
                )
    _refuse_twice(found)
    return join(found, paths, file_format)


def _shown(name: str, source: MergeSource) -> str:
    default = "charge" if name == ROWS else "none"
    value = source.settings.get(name)
    return default if value is None else str(value)


@attrs.frozen
class MergeSource:
    """A published export.

    Attributes:
        path: The file.
        settings: The settings of the export.
        rows: Rows in the file.
        subscriptions: Subscriptions in the file.
        began: The time of its first call.
        failed: Subscriptions that failed, and are not in the file.
    """

    path: Path
    settings: ExportSettings
    rows: int
    subscriptions: int
    began: datetime
    failed: list[Pair]

    def pairs(self) -> Iterator[list[Pair]]:
        """Yield the subscriptions in the file."""
        for entry, _ in read_entries(ExportPaths(self.path).journal):
            if isinstance(entry, Committed):
                yield entry.done


def source_of(given: Path, *, may_lack: bool = False) -> MergeSource:
    """Return a published export, after a look at its file.

    Args:
        given: The file, or a folder with one export.
        may_lack: Whether it may lack subscriptions that failed.

    Raises:
        ExportConflictError: It is not finished, lacks subscriptions, or is not as it was published.
    """
    path = given
    if given.is_dir() and not is_partitioned(given):
        journals = sorted(given.glob("*.journal"))
        if len(journals) != 1:
            raise ExportConflictError(f"{given} has {len(journals)} exports instead of one", remedy="name the files")
        path = journals[0].with_suffix("")
    beside = ExportPaths(path).journal
    if not beside.exists():
        raise ExportConflictError(
            f"{path} cannot be merged without {beside.name}, which lists what is in it",
            remedy="put the journal next to it",
        )
    state, _ = read_state(beside)
    if state.settings is None or not state.published or not path.exists() or not state.marks or state.began is None:
        raise ExportConflictError(f"{path} is not finished", remedy="run its export again")
    name = str(state.settings["format"])
    if not FORMATS[cast("FormatName", name)].readable:
        raise LagoArgumentError(f"{path} is {name}, which cannot be merged; export to Parquet, and merge that")
    if LIST in state.settings:
        raise LagoArgumentError(f"{path} is an export of a list, {state.settings[LIST]}; only usage can be merged")
    missing = list((state.missing or {}).values())
    if missing and not may_lack:
        raise ExportConflictError(
            f"{path} lacks {len(missing)} subscriptions that failed",
            remedy="run its export again before you merge",
        )
    if mark_of(path) != state.marks[-1]:
        raise ExportConflictError(
            f"{path} is not the file that was published, as {beside.name} lists it",
            remedy="put the file back as it was, or export it again",
        )
    return MergeSource(path, state.settings, state.rows, len(state.done), state.began, missing)


def _refuse_twice(sources: Sequence[MergeSource]) -> None:
    where: dict[bytes, int] = {}
    for number, source in enumerate(sources):
        for pairs in source.pairs():
            for pair in pairs:
                other = where.setdefault(digest(pair), number)
                if other != number:
                    raise ExportConflictError(
                        f"subscription {pair[1]!r} of customer {pair[0]!r} is in {sources[other].path} "
                        f"and in {source.path}, and would count twice",
                        remedy="merge only one of them",
                    )


def _in_batches(pairs: Iterator[Pair]) -> Iterator[list[Pair]]:
    while batch := list(islice(pairs, _PAIRS_PER_ENTRY)):
        yield batch


def join(sources: Sequence[MergeSource], paths: ExportPaths, file_format: Format) -> MergeSummary:
    """Make the file of all sources, its journal, and the list of what failed."""
    disk = Disk()
    paths.out.parent.mkdir(parents=True, exist_ok=True)
    rows, subscriptions = sum(item.rows for item in sources), sum(item.subscriptions for item in sources)
    settings = {
        name: value if all(item.settings.get(name) == value for item in sources) else "various"
        for name, value in sources[0].settings.items()
    }
    settings.pop(PARTITION, None)
    settings["subscriptions"] = f"{subscriptions} of {len(sources)} exports"
    # While the file is made, its journal is locked and says that the file is not finished.
    own = Journal(paths.journal, disk)
    marks: list[FileMark] = []

    def announce(mark: FileMark) -> None:
        marks.append(mark)
        own.append(Publishing(mark.size, mark.sha256))

    try:
        own.begin(settings, at=min(item.began for item in sources), replaces=True)
        for path in (paths.failures, paths.spool, paths.pages):
            disk.remove(path)
        failed = [pair for item in sources for pair in item.failed]
        lists = [ExportPaths(item.path).failures for item in sources if item.failed]
        if failed:
            disk.make(paths.failures, paths.part, lambda file: _concatenate(lists, file))
        disk.make(
            paths.out,
            paths.part,
            lambda file: file_format.assemble([part for item in sources for part in files_of(item.path)], file),
            announce,
        )
        mark, now = marks[-1], utc_now()
        for batch in _in_batches(pair for source in sources for pairs in source.pairs() for pair in pairs):
            own.append(Committed(mark.size, mark.sha256, rows, now, batch))
        own.append(Completed(rows, subscriptions, now, failed))
    finally:
        own.close()
    return MergeSummary(
        path=paths.out,
        rows=rows,
        subscriptions=subscriptions,
        failures=len(failed),
        failures_path=paths.failures if failed else None,
    )


def _concatenate(files: Sequence[Path], into: DiskFile) -> None:
    for path in files:
        with path.open("rb") as file:
            into.copy(file)
