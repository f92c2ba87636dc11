"""The plan of a distributed export: what it fetches, in how many shards, since when. A journal holds it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Final

import msgspec

from lago_async.usage._cluster.folder import ShardFolder, folder_of
from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.journal import Journal
from lago_async.usage._export.marks import FileMark, mark_of
from lago_async.usage._export.moments import LONGEST_PAUSE, STAYS_TRUE, is_open_ended, shown, utc_now
from lago_async.usage._paths import ExportPaths

if TYPE_CHECKING:
    from lago_async.usage._export.entries import ExportSettings
    from lago_async.usage._export.merge import MergeSummary

_SHARDS: Final = "shards"


class ShardPlan:
    """The plan of one distributed export. No other process can work on it until it is closed.

    Attributes:
        folder: The folder of its shards.

    Args:
        out: The file that all shards are merged into.
        settings: The settings of the export.
        shards: The number of shards of a new plan.
        overwrite: Start from the beginning, even if a plan or a file is there.

    Raises:
        ExportConflictError: What is there belongs to another export, or to another time.
        ExportError: Another process works on it.
        OSError: The file system refuses.
    """

    def __init__(self, out: Path, settings: ExportSettings, *, shards: int, overwrite: bool) -> None:
        path = folder_of(out)
        if not overwrite and not path.exists():
            _refuse_existing(out)
        path.mkdir(parents=True, exist_ok=True)
        self._merged = path / "merged.json"
        self._journal = Journal(path / "plan.journal", Disk())
        try:
            found = None if overwrite else self._found(out, settings)
            if not overwrite and out.exists() and not self._is_merged(out):
                _refuse_existing(out)
            self.folder = found or self._begin(out, settings, shards)
        except BaseException:
            self._journal.close()
            raise

    def _found(self, out: Path, settings: ExportSettings) -> ShardFolder | None:
        state = self._journal.read()
        if state.settings is None or state.began is None:
            return None
        folder = ShardFolder(out, state.id, int(state.settings[_SHARDS] or 1))
        if not folder.is_listed:
            return None  # nothing was fetched, so it blocks nothing
        _check_same(out, state.settings, settings)
        _check_moment(out, settings, state.began)
        return folder

    def _begin(self, out: Path, settings: ExportSettings, shards: int) -> ShardFolder:
        state = self._journal.begin({**settings, _SHARDS: shards}, at=utc_now())
        self._merged.unlink(missing_ok=True)
        folder = ShardFolder(out, state.id, shards)
        for old in folder.path.parent.iterdir():
            if old.is_dir():
                rmtree(old, ignore_errors=True)
        folder.path.mkdir()
        return folder

    def _is_merged(self, out: Path) -> bool:
        """Tell whether the file is what this plan has made, without the subscriptions that failed."""
        try:
            found = msgspec.json.decode(self._merged.read_bytes(), type=FileMark)
        except FileNotFoundError:
            return False
        return mark_of(out) == found

    def finish(self, summary: MergeSummary) -> None:
        """Remove the shards; keep them if subscriptions failed, for a run that retries only those."""
        if summary.failures:
            self._merged.write_bytes(msgspec.json.encode(mark_of(summary.path)))
        else:
            self.close()
            rmtree(self.folder.path.parent)

    def close(self) -> None:
        """Let other processes work on it."""
        self._journal.close()


def _refuse_existing(out: Path) -> None:
    for there in (out, *ExportPaths(out).companions):
        if there.exists():
            raise ExportConflictError(
                f"{there} exists", remedy="write to another file, or replace it with overwrite=True"
            )


def _check_same(out: Path, there: ExportSettings, now: Mapping[str, str | int | None]) -> None:
    differing = [
        f"{name} {there.get(name)} there, {now.get(name)} now"
        for name in {**there, **now}
        if name != _SHARDS and there.get(name) != now.get(name)
    ]
    if differing:
        raise ExportConflictError(
            f"{folder_of(out)} belongs to an export with other settings ({'; '.join(differing)})",
            remedy="write to another file, or start again with overwrite=True",
        )


def _check_moment(out: Path, settings: ExportSettings, began: datetime) -> None:
    longest = LONGEST_PAUSE if settings.get("kind") == "current" else STAYS_TRUE
    if is_open_ended(settings, began) and utc_now() - began > longest:
        raise ExportConflictError(
            f"{folder_of(out)} belongs to an unfinished export that began at {shown(began)}, and resuming it now would "
            "mix usage of two times",
            remedy="write to another file, or start again with overwrite=True",
        )
