"""The start of an export: it finds nothing on disk, an earlier run to resume, or files of something else."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import ExportSettings
from lago_async.usage._export.journal import Journal
from lago_async.usage._export.spool import Spool
from lago_async.usage._export.state import State


def begin(settings: ExportSettings, *, journal: Journal, spool: Spool) -> State:
    """Start from the beginning. A published file stays until the new one replaces it."""
    state = journal.begin(settings)
    spool.remove()
    spool.remove_part()
    return state


def resume(settings: ExportSettings, *, journal: Journal, spool: Spool) -> State:
    """Continue from the last entry of the journal, or start from the beginning if it is empty.

    Raises:
        ExportConflictError: The journal and the files do not match these settings, or each other.
    """
    paths, state = spool.paths, journal.read()
    if state.settings is None:
        if paths.out.exists():
            refuse_foreign_file(paths.out)
        return begin(settings, journal=journal, spool=spool)
    differing = [
        f"{name} {_shown(state.settings.get(name))} there, {_shown(settings.get(name))} now"
        for name in {**state.settings, **settings}
        if state.settings.get(name) != settings.get(name)
    ]
    if differing:
        raise ExportConflictError(
            f"{paths.out} belongs to an export with other settings ({'; '.join(differing)}): "
            "write to another file, or start again with overwrite"
        )
    if state.published and not paths.out.exists():
        raise ExportConflictError(
            f"{paths.out} was finished, but no longer exists: put it back, or start again with overwrite"
        )
    spool.remove_part()
    if state.complete:
        spool.remove()
        return state
    spool.offset = state.offset
    if state.offset and not spool.exists and not spool.is_published:
        raise ExportConflictError(
            f"the rows that {paths.journal} lists are in neither {paths.spool.name} nor {paths.out.name}: "
            "start again with overwrite"
        )
    return state


def refuse_foreign_file(out: Path) -> NoReturn:
    """Refuse a file that no export is known to have made.

    Raises:
        ExportConflictError: Always.
    """
    raise ExportConflictError(
        f"{out} exists, but has no journal of an export: write to another file, or replace it with overwrite"
    )


def _shown(value: str | int | None) -> str:
    return "none" if value is None else str(value)
