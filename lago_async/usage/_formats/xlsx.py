"""XLSX, for spreadsheets: values have types, and no text is a formula. It is made from rows when it is published."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final

from lago_async.errors import LagoArgumentError
from lago_async.usage._columns import CHARGES, ColumnType, TableSchema, UsageRow
from lago_async.usage._formats.base import FormatName, Target
from lago_async.usage._formats.row_lines import RowLines

ROWS_PER_SHEET: Final = 1_048_576
"""The most rows of a sheet, the names of the columns included."""

CELL_CHARACTERS: Final = 32_767
"""The most characters of a cell, as Excel counts them: in UTF-16."""

NUMBER_DIGITS: Final = 15
"""The digits that a spreadsheet keeps of a number."""

_WIDTHS: Final[dict[ColumnType, int]] = {"timestamp": 20, "date": 12, "text": 24, "json": 24}
_FORMATS: Final[dict[ColumnType, str]] = {
    "integer": "0",
    "timestamp": "yyyy-mm-dd hh:mm:ss",
    "date": "yyyy-mm-dd",
}
_MILLISECONDS: Final = "yyyy-mm-dd hh:mm:ss.000"
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# The same rows give the same bytes, so it is not the time of now; it is the zero of the times in a ZIP file.
_CREATED: Final = datetime(1980, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST_DAY: Final = "1900-03-01"  # Excel takes 1900 for a leap year, so that earlier days have two numbers
_illegal = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_is_plain = re.compile(r"-?\d{1,9}(?:\.\d{1,5})?").fullmatch


class Xlsx(RowLines):
    """A workbook with one sheet, or several if there are more rows than a sheet has."""

    name: ClassVar[FormatName] = "xlsx"
    suffixes: ClassVar[tuple[str, ...]] = (".xlsx",)
    as_spooled: ClassVar[bool] = False
    readable: ClassVar[bool] = False
    rows_per_sheet: ClassVar[int] = ROWS_PER_SHEET

    def __init__(self, schema: TableSchema = CHARGES) -> None:
        super().__init__(schema)
        try:
            self._library: Any = import_module("xlsxwriter")
        except ImportError as error:
            raise LagoArgumentError(
                "XLSX needs XlsxWriter, which is not installed: pip install 'lago-async[xlsx]'"
            ) from error

    def assemble(self, spools: Sequence[Path], target: Target) -> None:
        """Write the workbook of spools. Its sheets are temporary files meanwhile."""
        with TemporaryDirectory(prefix="lago-xlsx-") as folder:
            whole = Path(folder, "whole.xlsx")
            with self._library.Workbook(str(whole), {**_OPTIONS, "tmpdir": folder}) as book:
                book.use_zip64()
                book.set_properties({"created": _CREATED, "comments": "All times are in UTC."})
                write = _Sheets(book, self.schema, self.rows_per_sheet).write
                for rows in self.read(spools):
                    for row in rows:
                        write(row)
            with whole.open("rb") as source:
                target.copy(source)


class _Sheets:
    """The sheets of a workbook, while rows are added."""

    def __init__(self, book: Any, schema: TableSchema, most: int) -> None:
        self._book = book
        self._schema = schema
        self._most = most
        self._head = book.add_format({"bold": True})
        self._formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        self._milliseconds = book.add_format({"num_format": _MILLISECONDS})
        self._count = 0
        self._begin()

    def write(self, row: UsageRow) -> None:
        """Add a row, to a further sheet if this one is full."""
        if self._row == self._most:
            self._begin()
        at = self._row
        for column, (value, write) in enumerate(zip(row, self._cells, strict=True)):
            if value is not None:
                write(at, column, value)
        self._row += 1

    def _begin(self) -> None:
        self._count += 1
        name = self._schema.stem[:25]  # Excel allows 31 characters
        self._sheet = sheet = self._book.add_worksheet(name if self._count == 1 else f"{name} {self._count}")
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._schema.columns):
            sheet.set_column(place, place, max(_WIDTHS.get(column.type, 14), len(column.name) + 2))
            sheet.write_string(0, place, column.name, self._head)
        self._row = 1
        numbers = partial(self._number, self._formats["integer"]), partial(self._number, None)
        cells: dict[ColumnType, Callable[[int, int, Any], None]] = {
            "text": self._text,
            "json": self._text,
            "integer": numbers[0],
            "decimal": numbers[1],
            "number": numbers[1],
            "boolean": sheet.write_boolean,
            "timestamp": self._time,
            "date": self._date,
        }
        self._cells = [cells[column.type] for column in self._schema.columns]

    def _text(self, row: int, column: int, value: str) -> None:
        self._sheet.write_string(row, column, fitting(value))

    def _number(self, form: Any, row: int, column: int, value: str | float) -> None:
        number = exact_number(value)
        if number is None:
            self._text(row, column, str(value))
        elif form is None or not number.is_integer():
            self._sheet.write_number(row, column, number)
        else:
            self._sheet.write_number(row, column, number, form)

    def _time(self, row: int, column: int, value: str) -> None:
        if value < _FIRST_DAY:
            self._text(row, column, value)
            return
        time = datetime.fromisoformat(value).replace(tzinfo=None)  # always in UTC, and Excel knows no zones
        form = self._milliseconds if time.microsecond else self._formats["timestamp"]
        self._sheet.write_datetime(row, column, time, form)

    def _date(self, row: int, column: int, value: str) -> None:
        if value < _FIRST_DAY:
            self._text(row, column, value)
        else:
            self._sheet.write_datetime(row, column, date.fromisoformat(value), self._formats["date"])


def exact_number(value: str | float) -> float | None:
    """Return the number that a spreadsheet holds with all digits of a value; None if it would lose some."""
    if isinstance(value, str) and _is_plain(value):
        return float(value)
    number = Decimal(str(value))
    if not number.is_finite():
        return None
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if not digits:
        return 0.0
    return float(number) if len(digits) <= NUMBER_DIGITS and abs(number.adjusted()) < 300 else None


def fitting(text: str) -> str:
    """Return a text as a cell can hold it: without characters that XML forbids, and cut if it is too long."""
    text = _illegal.sub(_escape, text)
    if len(text) <= CELL_CHARACTERS // 2:
        return text
    units = text.encode("utf-16-le")
    count = len(units) // 2
    if count <= CELL_CHARACTERS:
        return text
    end = f"... [cut: {count:,} characters]"
    return units[: 2 * (CELL_CHARACTERS - len(end))].decode("utf-16-le", "ignore") + end


def _escape(found: re.Match[str]) -> str:
    return repr(found[0])[1:-1]
