"""CSV: a header, and one line per row. Text that a spreadsheet would run as a formula is made harmless."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Final

from lago_async.usage._columns import COLUMNS, UsageRow
from lago_async.usage._formats.base import NAMES, Format, FormatName

TEXT_COLUMNS: Final = tuple(column.name for column in COLUMNS if column.type == "text")
"""The columns whose cells may get an apostrophe: ids and names, which other people choose."""

MARKED: Final = "^'(['=+@\\t\\r\\n\uff1d\uff0b\uff0d\uff20-])"
"""What a cell with an additional apostrophe begins with, as a regular expression.

A spreadsheet takes text as a formula if it begins with one of these characters, four of which have a wide form. The
apostrophe itself is one of them so that the value can always be restored.
"""


class Csv(Format):
    """A header, and one line per row, as in RFC 4180 but with plain line feeds. Null is empty.

    Args:
        raw_text: Write text as it is, even if a spreadsheet would run it as a formula.
    """

    name: ClassVar[FormatName] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def __init__(self, *, raw_text: bool = False) -> None:
        self.raw_text = raw_text
        self._text = _cell if raw_text else _harmless_cell
        self._head = tuple(self._text if name in TEXT_COLUMNS else _cell for name in NAMES[:_HEAD])

    def begin(self) -> bytes:
        """Return the header."""
        return (",".join(NAMES) + "\n").encode()

    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows as lines."""
        lines: list[str] = []
        head: UsageRow = ()
        first = ""
        text = self._text
        for row in rows:
            if row[:_HEAD] != head:  # period and charge are the same for many consecutive rows
                head = row[:_HEAD]
                first = ",".join([cell(value) for cell, value in zip(self._head, head, strict=True)])
            group, values, name, units, total, events, amount, currency, cents, unit, rate, parts = row[_HEAD:]
            pricing = ",,,"
            if (cents, unit, rate, parts) != _NO_PRICING:
                pricing = f"{_cell(cents)},{text(unit)},{_cell(rate)},{_cell(parts)}"
            lines.append(
                f"{first},{_cell(group)},{_cell(values)},{text(name)},{'' if units is None else units},"
                f"{'' if total is None else total},{'' if events is None else events},"
                f"{'' if amount is None else amount},{text(currency)},{pricing}\n"
            )
        return "".join(lines).encode()


def restore_text(cell: str) -> str:
    """Return the text of a cell, without an additional apostrophe."""
    return cell[1:] if _is_marked(cell) else cell


_HEAD: Final = NAMES.index("grouped_by")
_NO_PRICING: Final = (None, None, None, None)
_is_marked = re.compile(MARKED).match
_needs_quotes = re.compile(r'[",\r\n]').search


@lru_cache(maxsize=8192, typed=True)
def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int) or not _needs_quotes(value):
        return str(value)
    return '"' + value.replace('"', '""') + '"'


@lru_cache(maxsize=8192, typed=True)
def _harmless_cell(value: str | int | None) -> str:
    return _cell(f"'{value}" if isinstance(value, str) and _is_marked(f"'{value}") else value)
