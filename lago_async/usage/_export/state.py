"""The progress of an export, as its journal records it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import msgspec

from lago_async.usage._errors import ExportConflictError
from lago_async.usage._export.entries import Began, Committed, Completed, Entry, ExportSettings, Owned, decode_entry
from lago_async.usage._export.pairs import Pair, digest


@attrs.define
class State:
    """The entries of a journal, taken together.

    Attributes:
        settings: The settings of the export; None if the journal is empty.
        owners: The organisation's billing entities, as far as the key may read them.
        offset: Size of the file up to which its rows are committed.
        rows: Rows up to the offset.
        done: Digests of the subscriptions up to the offset.
        missing: Subscriptions that are neither in the published file nor committed since; None if no file was
            published.
        published: Whether everything that is committed is in the published file.
        size: Size of the journal without an incomplete last line.
    """

    settings: ExportSettings | None = None
    owners: set[str] = attrs.field(factory=set[str])
    offset: int = 0
    rows: int = 0
    done: set[bytes] = attrs.field(factory=set[bytes])
    missing: dict[bytes, Pair] | None = None
    published: bool = False
    size: int = 0

    @property
    def complete(self) -> bool:
        """Whether nothing is left to fetch."""
        return self.published and not self.missing

    def add(self, entry: Entry) -> None:
        """Add an entry."""
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
    """Yield the entries of a journal, each with the offset of its end. An incomplete last line is skipped.

    Raises:
        ExportConflictError: The file is not a journal, or is damaged.
    """
    end = 0
    with path.open("rb") as file:
        for line in file:
            end += len(line)
            try:
                entry = decode_entry(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if not file.read(1):
                    return  # the process or the machine stopped while it wrote the line
                raise ExportConflictError(
                    f"{path} is damaged after {end - len(line):,} bytes ({error}): start again with overwrite"
                ) from None
            if not line.endswith(b"\n"):
                return
            if isinstance(entry, Began) != (end == len(line)) or (isinstance(entry, Began) and entry.journal != 1):
                raise ExportConflictError(
                    f"{path} is not the journal of an export, or was written by a later version: write to another file"
                )
            yield entry, end


def read_state(path: Path) -> State:
    """Return the state that a journal describes."""
    state = State()
    for entry, end in read_entries(path):
        state.add(entry)
        state.size = end
    return state
