"""What the journal of an export says of it: of when it is, and what is missing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import attrs

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import Began, Committed, Completed, ExportSettings, Publishing
from lago_async.usage._export.marks import mark_of
from lago_async.usage._export.state import read_entries
from lago_async.usage._paths import ExportPaths


@attrs.frozen(kw_only=True)
class Provenance:
    """What is known of how an export came to be.

    Attributes:
        file: The export.
        trouble: Why nothing is known; None if it is known.
        began: The time of the first call.
        latest: The time of the last commit.
        missing: How many subscriptions are missing, because their calls failed; None if the export has not ended.
        settings: What was asked for.
    """

    file: Path
    trouble: str | None = None
    began: datetime | None = None
    latest: datetime | None = None
    missing: int | None = None
    settings: ExportSettings = attrs.field(factory=dict[str, "str | int | None"])


def provenance_of(file: Path) -> Provenance:
    """Read the journal next to an export."""
    journal = ExportPaths(file).journal
    if not journal.is_file():
        return Provenance(file=file, trouble=f"there is no {journal.name} next to it")
    found = Provenance(file=file)
    mark = None
    try:
        for entry, _ in read_entries(journal):
            match entry:
                case Began():
                    found = attrs.evolve(found, began=entry.at, latest=entry.at, settings=entry.settings)
                case Committed():
                    found = attrs.evolve(found, latest=entry.at)
                case Publishing():
                    mark = entry
                case Completed():
                    found = attrs.evolve(found, latest=entry.at, missing=len(entry.failed))
                case _:
                    pass
    except ExportConflictError:
        return Provenance(file=file, trouble=f"{journal.name} is damaged")
    there = mark_of(file)
    if mark is None or (there.size, there.sha256) != (mark.size, mark.sha256):
        return Provenance(file=file, trouble=f"it is not the file that {journal.name} lists: it was changed since")
    return found
