"""The entries of a journal, as they stand in its lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from lago_async.usage._export.pairs import Pair

Settings: TypeAlias = Mapping[str, str | int | None]
"""What makes one export differ from another; never the key."""


class Began(msgspec.Struct, tag="began", tag_field="entry"):
    """The first line.

    Attributes:
        journal: The version of what stands here.
    """

    settings: dict[str, str | int | None]
    journal: int = 1


class Owned(msgspec.Struct, tag="owned", tag_field="entry"):
    """Whose usage it is.

    Attributes:
        billing_entities: The ``lago_id`` of those of the organisation that were not known before.
    """

    billing_entities: list[str]


class Committed(msgspec.Struct, tag="committed", tag_field="entry"):
    """Some more subscriptions are whole, and in the file.

    Attributes:
        offset: The file's size with them.
        rows: The file's rows with them.
        done: The subscriptions.
    """

    offset: int
    rows: int
    done: list[Pair]


class Completed(msgspec.Struct, tag="completed", tag_field="entry"):
    """The file was published.

    Attributes:
        failed: The subscriptions that it lacks.
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
    return _decoder.decode(line)
