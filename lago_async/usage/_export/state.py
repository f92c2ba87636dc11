"""What an export has done so far, as its journal says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import msgspec

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import Began, Committed, Completed, Entry, Owned, Settings, decode_entry
from lago_async.usage._export.pairs import Pair, digest


@attrs.define
class State:
    """What the lines of a journal say together.

    Attributes:
        settings: None where nothing was begun.
        owners: The organisation's billing entities, where they could be had.
        offset: So many bytes of the file count.
        rows: So many rows are in them.
        done: Digests of the subscriptions in them.
        missing: What the file as last published lacks, without what was done since; None if it never was.
        published: Whether the file was published as it is now.
        size: So many bytes of the journal count; the rest is a line that was being written.
    """

    settings: Settings | None = None
    owners: set[str] = attrs.field(factory=set[str])
    offset: int = 0
    rows: int = 0
    done: set[bytes] = attrs.field(factory=set[bytes])
    missing: dict[bytes, Pair] | None = None
    published: bool = False
    size: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.published and not self.missing

    def add(self, entry: Entry) -> None:
        """Take a line into account."""
        match entry:
            case Began():
                self.settings = entry.settings
            case Owned():
                self.owners.update(entry.billing_entities)
            case Committed():
                self.offset, self.rows, self.published = entry.offset, entry.rows, False
                for pair in entry.done:
                    key = digest(pair)
                    self.done.add(key)
                    if self.missing is not None:
                        self.missing.pop(key, None)
            case Completed():
                self.published = True
                self.missing = {digest(pair): pair for pair in entry.failed}


def read_entries(path: Path) -> Iterator[tuple[Entry, int]]:
    """The lines of a journal, each with where it ends; a last one that is not whole is left out.

    Raises:
        ExportConflictError: It is no journal.
    """
    end = 0
    with path.open("rb") as file:
        for line in file:
            end += len(line)
            try:
                entry = decode_entry(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if not file.read(1):
                    return  # the process or the machine stopped in the middle of it
                raise ExportConflictError(f"{path} is damaged after {end - len(line):,} bytes: {error}") from None
            if not line.endswith(b"\n"):
                return
            if isinstance(entry, Began) != (end == len(line)) or (isinstance(entry, Began) and entry.journal != 1):
                raise ExportConflictError(f"{path} is no journal of an export that this version knows")
            yield entry, end


def read_state(path: Path) -> State:
    """What a journal says."""
    state = State()
    for entry, end in read_entries(path):
        state.add(entry)
        state.size = end
    return state
