"""The progress of an export, as its journal records it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import attrs

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import (
    VERSION,
    Began,
    Committed,
    Completed,
    DamagedEntryError,
    Entry,
    EntryChain,
    ExportSettings,
    Owned,
    Publishing,
    may_begin,
    version_of,
)
from lago_async.usage._export.marks import FileMark
from lago_async.usage._export.pairs import Pair, digest


@attrs.define
class State:
    """The entries of a journal, taken together.

    Attributes:
        settings: The settings of the export; None if the journal is empty.
        id: The random text that is this export's alone.
        began: The time of the first call.
        latest: The time of the last commit; of the first call if there is none.
        replaces: Whether a file that was there before the first call may be replaced.
        owners: The organisation's billing entities, as far as the key may read them.
        offset: Size of the file up to which its rows are committed.
        sha256: The digest of these bytes.
        rows: Rows up to the offset.
        done: Digests of the subscriptions up to the offset.
        missing: Subscriptions that are neither in the published file nor committed since; None if no file was
            published.
        published: Whether everything that is committed is in the published file.
        marks: The marks of the files that were published, or were about to be, in their order.
        no_rows: Why the published file has no rows.
        weight: The bytes of a period in the responses so far, if known.
        size: Size of the journal without an incomplete last line.
    """

    settings: ExportSettings | None = None
    id: str = ""
    began: datetime | None = None
    latest: datetime | None = None
    replaces: bool = False
    owners: set[str] = attrs.field(factory=set[str])
    offset: int = 0
    sha256: str = ""
    rows: int = 0
    done: set[bytes] = attrs.field(factory=set[bytes])
    missing: dict[bytes, Pair] | None = None
    published: bool = False
    marks: list[FileMark] = attrs.field(factory=list[FileMark])
    no_rows: str | None = None
    weight: int | None = None
    size: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is left to fetch."""
        return self.published and not self.missing

    @property
    def is_empty(self) -> bool:
        """Whether nothing was committed or published yet."""
        # Not by `done`, to which a run adds what it asks about.
        return not self.sha256 and not self.marks

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        match entry:
            case Began():
                self.settings, self.id, self.replaces = entry.settings, entry.id, entry.replaces
                self.began = self.latest = entry.at
            case Owned():
                self.owners.update(entry.billing_entities)
            case Committed():
                self.offset, self.sha256, self.rows, self.published = entry.offset, entry.sha256, entry.rows, False
                self.latest = entry.at
                self.weight = entry.weight or self.weight
                for pair in entry.done:
                    key = digest(pair)
                    self.done.add(key)
                    if self.missing is not None:
                        self.missing.pop(key, None)
            case Publishing():
                self.marks.append(FileMark(entry.size, entry.sha256))
            case Completed():
                self.published = True
                self.latest, self.no_rows = entry.at, entry.no_rows
                self.missing = {digest(pair): pair for pair in entry.failed}


def read_entries(path: Path, chain: EntryChain | None = None) -> Iterator[tuple[Entry, int]]:
    """Yield the entries of a journal, each with the offset of its end. An incomplete last line is skipped.

    Args:
        path: The journal.
        chain: The chain to continue; it is at the last entry when this ends.

    Raises:
        ExportConflictError: The file is not a journal, or is damaged.
    """
    end, chain = 0, chain or EntryChain()
    with path.open("rb") as file:
        for line in file:
            begin, end = end, end + len(line)
            try:
                entry = chain.decode(line)
            except DamagedEntryError as error:
                # The process or the machine stopped while it wrote the line: its end is missing, or a part is zeros.
                torn = not file.read(1) and (not line.endswith(b"\n") or b"\0" in line)
                if begin == 0 and not (torn and may_begin(line)):
                    raise _not_a_journal(path, line) from None
                if torn:
                    return
                raise ExportConflictError(
                    f"{path} is damaged after {begin:,} bytes ({error}), so what {path.name} stands for is not known",
                    remedy="restore it from a copy, write to another file, or start again with overwrite=True",
                ) from None
            if isinstance(entry, Began) != (begin == 0):
                raise _not_a_journal(path, line)
            yield entry, end


def read_state(path: Path) -> tuple[State, EntryChain]:
    """Return the state that a journal describes, and the chain that its next entry continues."""
    state, chain = State(), EntryChain()
    for entry, end in read_entries(path, chain):
        state.add(entry)
        state.size = end
    return state, chain


def _not_a_journal(path: Path, first: bytes) -> ExportConflictError:
    version = version_of(first)
    if version is None:
        return ExportConflictError(
            f"{path} is not the journal of an export, or its first line is damaged",
            remedy="write to another file, or replace it with overwrite=True",
        )
    if version == VERSION:
        return ExportConflictError(
            f"{path} is damaged: its first line does not fit its checksum",
            remedy="restore it from a copy, write to another file, or start again with overwrite=True",
        )
    return ExportConflictError(
        f"{path} was written by {'an earlier' if version < VERSION else 'a later'} version of this library",
        remedy="finish the export with that version, write to another file, or start again with overwrite=True",
    )
