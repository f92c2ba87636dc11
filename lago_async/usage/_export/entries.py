"""The entries of a journal, as they stand in its lines, each with a checksum that also covers all lines before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec

from lago_async.usage._export.pairs import Pair

ExportSettings: TypeAlias = Mapping[str, str | int | None]
"""What must be the same for an export to be resumed. They never contain the API key."""

CSV_TEXT: Final = "CSV text"
"""The setting that says whether the text of a CSV file is raw, or harmless for spreadsheets."""

SPREADSHEET: Final = "spreadsheet"
"""The setting that says for which spreadsheet a CSV file is; none for a program."""

LIST: Final = "list"
"""The setting that names the list of an export that is not of usage."""

ROWS: Final = "rows"
"""The setting that says the shape of the rows; none for one row per charge."""

PARTITION: Final = "partition"
"""The setting that says what the files of an export in partitions are divided by."""

VERSION: Final = 2
"""The version of the entries."""


class Began(msgspec.Struct, tag="began", tag_field="entry"):
    """The first entry.

    Attributes:
        settings: The settings of the export.
        journal: The version of the journal's entries.
        id: A random text, so that no two exports have the same checksums.
        at: The time of the first call.
        replaces: Whether a file that was there may be replaced, because the caller said so.
    """

    settings: dict[str, str | int | None]
    id: str
    at: datetime
    replaces: bool = False
    journal: int = VERSION


class Owned(msgspec.Struct, tag="owned", tag_field="entry"):
    """The organisation whose usage this is.

    Attributes:
        billing_entities: The ``lago_id`` of the organisation's billing entities that no earlier entry names.
    """

    billing_entities: list[str]


class Committed(msgspec.Struct, tag="committed", tag_field="entry"):
    """More subscriptions are complete, and in the file.

    Attributes:
        offset: Size of the file with them.
        sha256: The digest of all bytes up to the offset.
        rows: Rows in the file with them.
        at: The time.
        done: The subscriptions.
        weight: The bytes of a period in the responses so far, by which the next run chooses the size of its first
            pages; None if that is not known.
    """

    offset: int
    sha256: str
    rows: int
    at: datetime
    done: list[Pair]
    weight: int | None = None


class Publishing(msgspec.Struct, tag="publishing", tag_field="entry"):
    """The file is whole, and is about to get its name.

    Attributes:
        size: Its size.
        sha256: Its digest.
    """

    size: int
    sha256: str


class Completed(msgspec.Struct, tag="completed", tag_field="entry"):
    """The file was published.

    Attributes:
        rows: Rows in the file.
        subscriptions: Subscriptions in the file.
        at: The time.
        failed: Subscriptions that failed, and are not in the file.
        no_rows: The reason if there are no rows; None if there are some.
    """

    rows: int
    subscriptions: int
    at: datetime
    failed: list[Pair]
    no_rows: str | None = None


Entry: TypeAlias = Began | Owned | Committed | Publishing | Completed

_decoder: Final = msgspec.json.Decoder(Entry)
_encoder: Final = msgspec.json.Encoder()
_CHECK: Final = b',"check":"'
_END: Final = b'"}\n'
_FIRST: Final = b'{"entry":"began"'


class DamagedEntryError(ValueError):
    """A line is not the entry that follows the lines before it."""


class EntryChain:
    """The lines of one journal, in order. Each has a checksum of itself and of the checksum before it.

    So a line that is changed, missing, repeated or moved does not fit, and neither does one of another journal.
    """

    def __init__(self) -> None:
        self._last = b""

    def encode(self, entry: Entry) -> bytes:
        """Return the line of the next entry."""
        body = _encoder.encode(entry)
        self._last = self._check(body)
        return body[:-1] + _CHECK + self._last + _END

    def decode(self, line: bytes) -> Entry:
        """Return the entry of the next line.

        Raises:
            DamagedEntryError: The line is not the next entry.
        """
        rest, separator, end = line.rpartition(_CHECK)
        body = rest + b"}"
        check = end.removesuffix(_END)
        if not separator or not end.endswith(_END) or check != self._check(body):
            raise DamagedEntryError("its checksum does not fit")
        try:
            entry: Entry = _decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DamagedEntryError(str(error)) from None
        self._last = check
        return entry

    def _check(self, body: bytes) -> bytes:
        return sha256(self._last + body, usedforsecurity=False).hexdigest()[:32].encode()


def version_of(line: bytes) -> int | None:
    """Return the version of a journal by its first line; None if the line does not begin a journal."""
    try:
        found = msgspec.json.decode(line, type=_First)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found.journal


class _First(msgspec.Struct, tag="began", tag_field="entry"):
    journal: int = 1


def may_begin(line: bytes) -> bool:
    """Return whether an incomplete line is what a crash may leave of the first entry."""
    return line.startswith((_FIRST[: len(line)], b"\0"))
