"""The start of an export: it finds nothing on disk, an earlier run to resume, or files of something else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import ExportSettings
from lago_async.usage._export.journal import Journal
from lago_async.usage._export.marks import mark_of
from lago_async.usage._export.moments import check_moment
from lago_async.usage._export.spool import Spool
from lago_async.usage._export.state import State
from lago_async.usage._paths import ExportPaths


def begin(settings: ExportSettings, *, journal: Journal, spool: Spool, now: datetime, replaces: bool = True) -> State:
    """Start from the beginning. A published file stays until the new one replaces it.

    Args:
        settings: The settings of the export.
        journal: The journal.
        spool: The spool.
        now: The time.
        replaces: Whether the new file may replace one that is not the export's own.
    """
    spool.recover()
    state = journal.begin(settings, at=now, replaces=replaces)
    spool.remove()
    spool.remove_pages()
    spool.remove_part()
    return state


def resume(settings: ExportSettings, *, journal: Journal, spool: Spool, now: datetime) -> State:
    """Continue from the last entry of the journal, or start from the beginning if nothing was committed.

    Raises:
        ExportConflictError: The journal and the files do not match these settings, this time, or each other.
    """
    paths, state = spool.paths, journal.read()
    if state.settings is not None:
        spool.recover()
    if state.settings is None:
        refuse_foreign_files(paths)
        return begin(settings, journal=journal, spool=spool, now=now, replaces=False)
    differing = [
        f"{name} {_shown(state.settings.get(name))} there, {_shown(settings.get(name))} now"
        for name in {**state.settings, **settings}
        if state.settings.get(name) != settings.get(name)
    ]
    if differing and not state.is_empty:
        raise ExportConflictError(
            f"{paths.out} belongs to an export with other settings ({'; '.join(differing)})",
            remedy="write to another file, or start again with overwrite=True",
        )
    check_moment(state, now=now, out=paths.out)
    _check_published(state, paths)
    if differing:  # a first try that fetched nothing must not keep the name from the right one
        return begin(settings, journal=journal, spool=spool, now=now, replaces=state.replaces)
    spool.remove_part()
    if state.complete:
        spool.remove()
        spool.remove_pages()
        return state
    spool.restore(state.offset, state.sha256)
    return state


def _check_published(state: State, paths: ExportPaths) -> None:
    """Check that the file is one that this export published, as it was then."""
    out, journal = paths.out, paths.journal
    if not out.exists():
        if state.published:
            raise ExportConflictError(
                f"{out} was finished, but no longer exists",
                remedy="put it back, or start again with overwrite=True",
            )
        return
    if state.replaces and state.missing is None:
        return  # it is the file that the caller wants to be replaced
    if not state.marks:
        raise _foreign(out, f"is not listed in {journal.name}")
    found = mark_of(out)
    # A crash may come between the last two entries: then the file is that of the entry before, or of the last one.
    if found not in state.marks[-1 if state.published else -2 :]:
        expected = state.marks[-1]
        raise ExportConflictError(
            f"{out} is not the {'folder' if out.is_dir() else 'file'} that was published: "
            + (
                f"it has {found.size:,} bytes instead of {expected.size:,}"
                if found.size != expected.size
                else f"its SHA-256 is {found.sha256} instead of {expected.sha256}"
            ),
            remedy="put the file back as it was, write to another file, or start again with overwrite=True",
        )


def refuse_foreign_files(paths: ExportPaths) -> None:
    """Refuse the files that are there while no journal says that an export made them.

    Raises:
        ExportConflictError: There is one.
    """
    for path in (paths.out, *paths.companions):
        if path.exists() and path != paths.journal:
            raise _foreign(path, "has no journal of an export")


def _foreign(path: Path, why: str) -> ExportConflictError:
    if path.is_dir():
        return ExportConflictError(
            f"{path} exists, but {why}",
            remedy="write to another folder, move this one away, or replace it with overwrite=True if exports made all "
            "that is in it",
        )
    return ExportConflictError(
        f"{path} exists, but {why}", remedy="write to another file, or replace it with overwrite=True"
    )


def _shown(value: str | int | None) -> str:
    return "none" if value is None else str(value)
