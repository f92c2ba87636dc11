"""The time of an export, which is a part of its identity: usage that is fetched later is other usage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import LIST

if TYPE_CHECKING:
    from pathlib import Path

    from lago_async.usage._export.entries import ExportSettings
    from lago_async.usage._export.state import State

WallClock: TypeAlias = Callable[[], datetime]
"""A clock that tells the time, aware."""

LONGEST_PAUSE: Final = timedelta(hours=1)
"""How long an export of current usage may have been interrupted to be resumed."""

STAYS_TRUE: Final = timedelta(days=1)
"""How long a complete export of past usage without an end, or of a list, is taken for what a new one would be.

An export of a list may have been interrupted for as long.
"""


def utc_now() -> datetime:
    """Return the time, without a fraction of a second."""
    return datetime.now(UTC).replace(microsecond=0)


def is_open_ended(settings: ExportSettings, began: datetime | None) -> bool:
    """Return whether a later export with the same settings may find more: its range had not ended when it began."""
    end = settings.get("to")
    if settings.get("kind") == "current" or not isinstance(end, str) or began is None:
        return True
    return datetime.fromisoformat(end) > began


def check_moment(state: State, *, now: datetime, out: Path) -> None:
    """Check that what an earlier run fetched may stand for what would be fetched now.

    Raises:
        ExportConflictError: It may not.
    """
    settings, began, latest = state.settings, state.began, state.latest
    if settings is None or began is None or latest is None or state.is_empty:
        return
    if LIST in settings:
        _check_list(state, str(settings[LIST]).replace("_", " "), latest=latest, began=began, now=now, out=out)
        return
    current = settings.get("kind") == "current"
    if current and state.complete:
        raise ExportConflictError(
            f"{out} has the current usage of {shown(began)}, and no newer usage was fetched",
            remedy="to fetch the current usage of now, write to another file, or replace this one with overwrite=True",
        )
    if current and now - latest > LONGEST_PAUSE:
        raise ExportConflictError(
            f"{out} belongs to an unfinished export of the current usage of {shown(latest)}, and resuming it now would "
            "mix usage of two times",
            remedy="write to another file, or start again with overwrite=True",
        )
    if state.complete and is_open_ended(settings, began) and now - began > STAYS_TRUE:
        raise ExportConflictError(
            f"{out} is complete, but as of {shown(began)}: what was billed since then is not in it, because the export "
            "has no end, or its end was in the future",
            remedy="to fetch everything again, write to another file, or replace this one with overwrite=True; an "
            "export to a time in the past (to_datetime) stays complete",
        )


def _check_list(state: State, name: str, *, latest: datetime, began: datetime, now: datetime, out: Path) -> None:
    if state.complete and now - began > STAYS_TRUE:
        raise ExportConflictError(
            f"{out} is complete, but has the {name} of {shown(began)}, which may have changed since",
            remedy="to fetch them again, write to another file, or replace this one with overwrite=True",
        )
    if not state.complete and now - latest > STAYS_TRUE:
        raise ExportConflictError(
            f"{out} belongs to an unfinished export of the {name} of {shown(latest)}, and resuming it now would "
            "mix the state of two days",
            remedy="write to another file, or start again with overwrite=True",
        )


def shown(time: datetime) -> str:
    """Return a time for people, in UTC."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def shown_span(began: datetime, finished: datetime) -> str:
    """Say for people of when something is that was fetched between two times."""
    return (
        f"as of {shown(began)}"
        if shown(began) == shown(finished)
        else f"fetched from {shown(began)} to {shown(finished)}"
    )
