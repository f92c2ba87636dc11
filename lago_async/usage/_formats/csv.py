"""CSV: a header, and one line per row. Text that a spreadsheet would run as a formula is made harmless.

A program reads plain CSV. The CSV for a spreadsheet has what the program that opens it needs to take numbers and times
for what they are: a byte order mark, and the separator and the decimal sign of its reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import ClassVar, Final, Literal, TypeAlias, get_args

from lago_async.usage._columns import CHARGES, COLUMNS, ColumnType, TableSchema, UsageRow
from lago_async.usage._formats.base import Format, FormatName

Spreadsheet: TypeAlias = Literal["point", "comma"]
"""The decimal sign of the spreadsheet's language. With a comma, the separator is a semicolon."""

SPREADSHEETS: Final = get_args(Spreadsheet)

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
        schema: The columns.
        raw_text: Write text as it is, even if a spreadsheet would run it as a formula.
        spreadsheet: The decimal sign of the spreadsheet that will open the file; None for a program.
    """

    name: ClassVar[FormatName] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def __init__(
        self, schema: TableSchema = CHARGES, *, raw_text: bool = False, spreadsheet: Spreadsheet | None = None
    ) -> None:
        super().__init__(schema)
        self.raw_text = raw_text
        self.spreadsheet = spreadsheet
        self._text = _cell if raw_text else _harmless_cell
        self._head = tuple(self._text if name in TEXT_COLUMNS else _cell for name in NAMES[:_HEAD])
        self._separator = ";" if spreadsheet == "comma" else ","
        self._line_end = "\n" if spreadsheet is None else "\r\n"
        cells = _cells(raw_text=raw_text, spreadsheet=spreadsheet)
        self._cells = [cells[column.type] for column in schema.columns]

    def begin(self) -> bytes:
        """Return the header, behind a byte order mark for a spreadsheet."""
        mark = "" if self.spreadsheet is None else BYTE_ORDER_MARK
        return (mark + self._separator.join(self.schema.names) + self._line_end).encode()

    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows as lines."""
        if self.schema is CHARGES and self.spreadsheet is None:
            return self._encode_charges(rows)
        cells, separator, end = self._cells, self._separator, self._line_end
        return "".join(
            separator.join(["" if value is None else cell(value) for cell, value in zip(cells, row, strict=True)]) + end
            for row in rows
        ).encode()

    def _encode_charges(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows of usage as lines; many consecutive ones have the same beginning."""
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


NAMES: Final = CHARGES.names
BYTE_ORDER_MARK: Final = "\ufeff"
"""A spreadsheet takes a CSV file for UTF-8 only if it begins with this."""

_HEAD: Final = NAMES.index("grouped_by")
_NO_PRICING: Final = (None, None, None, None)
_is_marked = re.compile(MARKED).match
_needs_quotes = re.compile(r'[",\r\n]').search
_needs_quotes_between_semicolons = re.compile(r'[",;\r\n]').search


def _cells(*, raw_text: bool, spreadsheet: Spreadsheet | None) -> dict[ColumnType, Callable[[str | float], str]]:
    """Return the functions that write the cells of each type, none of which is null."""
    needs_quotes = _needs_quotes if spreadsheet != "comma" else _needs_quotes_between_semicolons

    def quoted(value: str | float) -> str:
        text = str(value)
        return '"' + text.replace('"', '""') + '"' if needs_quotes(text) else text

    def harmless(value: str | float) -> str:
        return quoted(f"'{value}" if _is_marked(f"'{value}") else value)

    def number(value: str | float) -> str:
        text = str(value)
        return quoted(text.replace(".", ",") if spreadsheet == "comma" else text)

    def time(value: str | float) -> str:
        # A spreadsheet knows no time zone, and takes ISO 8601 for text; all times are in UTC.
        return quoted(value if spreadsheet is None else str(value).replace("T", " ").removesuffix("Z"))

    def boolean(value: str | float) -> str:
        return "true" if value else "false"

    return {
        "text": quoted if raw_text else harmless,
        "integer": number,
        "decimal": number,
        "number": number,
        "boolean": boolean,
        "timestamp": time,
        "date": quoted,
        "json": quoted,
    }


@lru_cache(maxsize=8192, typed=True)
def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not _needs_quotes(value):
        return str(value)
    return '"' + value.replace('"', '""') + '"'


@lru_cache(maxsize=8192, typed=True)
def _harmless_cell(value: str | float | None) -> str:
    return _cell(f"'{value}" if isinstance(value, str) and _is_marked(f"'{value}") else value)
