"""From an object of a list to its row, and to the key that tells it from all others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from lago_async._codec.writing import encode
from lago_async._plain_json import plain_json
from lago_async.usage._columns import ColumnType, TableSchema, UsageRow
from lago_async.usage._export.rows import plain

Cell: TypeAlias = str | int | float | None

_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "ActivityLog": ("activity_id",),
    "SecurityLog": ("log_id",),
    "Feature": ("code",),
    "UsagePeriod": ("lago_invoice_id", "from_datetime", "to_datetime"),
}
"""What identifies an object of a model that has no ``lago_id``. Without a line here, it is the whole object."""


class RowMaker:
    """Makes the rows of one list.

    Args:
        schema: The columns.
        model: The name of the model.
    """

    def __init__(self, schema: TableSchema, model: str) -> None:
        self._cells = tuple((column.name, _CELLS[column.type]) for column in schema.columns)
        self._keys = ("lago_id",) if "lago_id" in schema.names else _KEYS.get(model, ())

    def row(self, item: object) -> UsageRow:
        """Return the row of an object."""
        return tuple([None if (value := getattr(item, name)) is None else cell(value) for name, cell in self._cells])

    def key(self, item: object) -> str:
        """Return a text that no other object of the list has.

        An object that lacks its id, such as an event of a server that keeps none, is identified by all of its values.
        """
        keys = [getattr(item, name) for name in self._keys]
        if not keys or any(key is None for key in keys):
            keys = list(self.row(item))
        if len(keys) == 1:
            return str(keys[0])
        return blake2b(repr([str(key) for key in keys]).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# Reading is tolerant: a number that its declared type cannot hold is a `Decimal`, and is written with all its digits.


def _integer(value: Any) -> Cell:
    return plain(value) if isinstance(value, Decimal) else int(value)


def _number(value: Any) -> Cell:
    return plain(value) if isinstance(value, Decimal) else float(value)


def _decimal(value: Any) -> Cell:
    return plain(value if isinstance(value, Decimal) else Decimal(str(value)))


def _boolean(value: Any) -> Cell:
    return bool(value)


def _timestamp(value: Any) -> Cell:
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def _date(value: Any) -> Cell:
    text: str = value.isoformat()
    return text


def _json(value: Any) -> Cell:
    whole = plain_json(value)
    try:
        return encode(whole).decode()
    except OverflowError:  # a number of more than 64 bits
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


_CELLS: Final[dict[ColumnType, Callable[[Any], Cell]]] = {
    "text": str,
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
    "json": _json,
}
