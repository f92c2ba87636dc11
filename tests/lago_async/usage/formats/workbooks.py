"""XLSX files, read back with the standard library."""

import re
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from lago_async.usage._columns import CHARGES, TableSchema

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet has no zones


def _unescaped(text: str) -> str:
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def _cell(element: ET.Element) -> str | float | bool:
    kind = element.get("t")
    if kind == "inlineStr":
        return _unescaped("".join(part.text or "" for part in element.iter(f"{_NS}t")))
    text = element.findtext(f"{_NS}v") or ""
    return text == "1" if kind == "b" else float(text)


def sheets_of(path: Path) -> dict[str, list[dict[str, str | float | bool]]]:
    """Return the rows of each sheet, by the name of the sheet: the cells that are not empty, by column."""
    with zipfile.ZipFile(path) as book:
        assert book.testzip() is None
        names = [sheet.get("name") or "" for sheet in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{_NS}sheet")]
        found: dict[str, list[dict[str, str | float | bool]]] = {}
        for number, name in enumerate(names, 1):
            sheet = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert next(sheet.iter(f"{_NS}f"), None) is None, "a formula"
            assert next(sheet.iter(f"{_NS}hyperlink"), None) is None, "a link"
            rows: list[dict[str, str | float | bool]] = []
            for row in sheet.iter(f"{_NS}row"):
                rows += [{}] * (int(row.get("r") or 0) - 1 - len(rows))  # a row without cells is not written
                cells = {(cell.get("r") or "").rstrip("0123456789"): _cell(cell) for cell in row}
                rows.append(cells)
            if rows:
                header = {letter: str(text) for letter, text in rows[0].items()}
                rows = [{header[letter]: cell for letter, cell in row.items()} for row in rows]
            found[name] = rows
    return found


def time_of(serial: float) -> datetime:
    """Return the time that a spreadsheet shows for a number, to the millisecond."""
    return _ZERO + timedelta(milliseconds=round(serial * 86_400_000))


def from_xlsx(path: Path, schema: TableSchema = CHARGES) -> list[tuple[Any, ...]]:
    """Return the rows of all sheets in the form of NDJSON, except that decimals are numbers."""
    rows: list[tuple[Any, ...]] = []
    for sheet in sheets_of(path).values():
        assert tuple(sheet[0].values()) == schema.names
        for cells in sheet[1:]:
            values: list[Any] = []
            for column in schema.columns:
                value: Any = cells.get(column.name)
                if isinstance(value, float):
                    if column.type == "timestamp":
                        value = f"{time_of(value).isoformat()}Z"
                    elif column.type == "date":
                        value = time_of(value).date().isoformat()
                    elif column.type == "integer":
                        value = int(value)
                    else:
                        value = Decimal(f"{value:.15g}")
                elif isinstance(value, str) and column.type == "integer":
                    value = int(value)
                values.append(value)
            rows.append(tuple(values))
    return rows
