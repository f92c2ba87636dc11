"""The entries of a journal, as they stand in its lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from lago_async.usage._export.pairs import Pair

ExportSettings: TypeAlias = Mapping[str, str | int | None]
"""What must be the same for an export to be resumed. They never contain the API key."""

CSV_TEXT: Final = "CSV text"
"""The setting that says whether the text of a CSV file is raw, or harmless for spreadsheets."""


class Began(msgspec.Struct, tag="began", tag_field="entry"):
    """The first entry.

    Attributes:
        settings: The settings of the export.
        journal: The version of the journal's entries.
    """

    settings: dict[str, str | int | None]
    journal: int = 1


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
        rows: Rows in the file with them.
        done: The subscriptions.
    """

    offset: int
    rows: int
    done: list[Pair]


class Completed(msgspec.Struct, tag="completed", tag_field="entry"):
    """The file was published.

    Attributes:
        rows: Rows in the file.
        subscriptions: Subscriptions in the file.
        failed: Subscriptions that failed, and are not in the file.
    """

    rows: int
    subscriptions: int
    failed: list[Pair]


Entry: TypeAlias = Began | Owned | Committed | Completed

_decoder: Final = msgspec.json.Decoder(Entry)
_encoder: Final = msgspec.json.Encoder()


def encode_entry(entry: Entry) -> bytes:
    """Return the line of an entry."""
    return _encoder.encode(entry) + b"\n"


def decode_entry(line: bytes) -> Entry:
    """Return the entry of a line.

    Raises:
        DecodeError: The line is not an entry.
        UnicodeDecodeError: The same.
    """
    entry: Entry = _decoder.decode(line)
    return entry
