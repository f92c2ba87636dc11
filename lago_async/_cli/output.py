"""Results on standard output: a table, JSON, JSON per line, or CSV. Page by page, so that memory does not grow."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from lago_async._cli.exit_codes import OutputEndedError
from lago_async._printable import printable
from lago_async._streams import is_terminal, print_result, say_error

if TYPE_CHECKING:
    from lago_async.models import Json

OutputFormat: TypeAlias = Literal["table", "json", "ndjson", "csv"]

FORMATS: Final[Sequence[OutputFormat]] = ("table", "json", "ndjson", "csv")

_FIRST: Final = (
    "lago_id", "external_id", "code", "number", "name", "status", "invoice_type", "payment_status", "currency",
    "total_amount_cents", "amount_cents", "issuing_date", "external_customer_id", "plan_code", "transaction_id",
)  # fmt: skip
"""The columns that a table begins with, if the objects have them."""

_FORMULA: Final = re.compile("['=+@\t\r\n\uff1d\uff0b\uff0d\uff20-]").match
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z").match
_WIDEST: Final = 48  # characters of a cell
_GAP: Final = 2


def emit(text: str) -> None:
    """Write text to standard output.

    Raises:
        OutputEndedError: The reader has gone, or the disk is full.
    """
    code = print_result(text)
    if code:
        raise OutputEndedError(code)


def default_format() -> OutputFormat:
    """Return the format if none was asked for: a table on a terminal, JSON for programs."""
    return "table" if is_terminal("stdout") else "json"


def as_json(value: Json, *, indent: int | None = 2) -> str:
    """Return JSON in which everything that a terminal would act on is escaped; parsed again, it is the same."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text if text.isprintable() else _UNPRINTABLE.sub(_escape, text)


_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e\n]")


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return char if char.isprintable() else json.dumps(char)[1:-1]


class Output:
    """Writes one result, or the items of a list in any number of parts.

    Args:
        shape: The format.
        columns: The fields to show, for a table and CSV; all by default.
        known: The fields that the objects of a list have as far as the table of operations knows.
        raw_text: For CSV: write text as it is, even if a spreadsheet would run it as a formula.
    """

    def __init__(
        self, shape: OutputFormat, *, columns: Sequence[str] = (), known: Sequence[str] = (), raw_text: bool = False
    ) -> None:
        self._format = shape
        self._columns = list(columns)
        self._known = known
        self._raw_text = raw_text
        self._waiting: list[Json] = []
        self._items = 0
        self._unseen: dict[str, None] = {}
        self._chosen = bool(columns)

    def write(self, value: Json) -> None:
        """Write the whole result of a call."""
        if isinstance(value, list):
            self.add(value)
            self.end()
        elif self._format == "json":
            emit(f"{as_json(value)}\n")
        elif self._format == "ndjson":
            emit(f"{as_json(value, indent=None)}\n")
        elif isinstance(value, dict) and self._format == "table" and not self._columns:
            emit(_card(value))
        elif isinstance(value, dict):
            self.add([value])
            self.end()
        elif value is not None:
            emit(f"{_harmless_text(value) if isinstance(value, str) else as_json(value)}\n")

    def add(self, items: Sequence[Json]) -> None:
        """Write some items of a list."""
        if self._format == "table":
            self._waiting += items
        elif self._format == "ndjson":
            emit("".join(f"{as_json(item, indent=None)}\n" for item in items))
        elif self._format == "json":
            parts: list[str] = []
            for index, item in enumerate(items, self._items):
                text = as_json(item).replace("\n", "\n  ")
                parts.append(f"{'[' if index == 0 else ','}\n  {text}")
            emit("".join(parts))
        else:
            self._add_lines(items)
        self._items += len(items)

    def end(self) -> None:
        """Write what ends a list. Without it, JSON is visibly not complete."""
        if self._format == "json":
            emit("\n]\n" if self._items else "[]\n")
        elif self._format == "table":
            emit(_table(self._waiting, self._columns))
        elif self._format == "csv" and not self._items:
            emit(self._header([]))
        if self._unseen:
            names = printable(", ".join(self._unseen))
            say_error(f"these fields came after the header was written, and are not in the CSV: {names}; use ndjson\n")

    def _add_lines(self, items: Sequence[Json]) -> None:
        head = "" if self._items else self._header(items)
        rows = [item if isinstance(item, dict) else {"value": item} for item in items]
        shown = set(self._columns)
        for row in rows:
            self._unseen |= dict.fromkeys(name for name in row if name not in shown and not self._chosen)
        emit(head + _csv([[_cell(row.get(name)) for name in self._columns] for row in rows], self._harmless()))

    def _header(self, items: Sequence[Json]) -> str:
        if not self._columns:
            self._columns = list(dict.fromkeys([*self._known, *_names_in(items)]))
        return _csv([self._columns], self._harmless())

    def _harmless(self) -> Callable[[str], str]:
        return str if self._raw_text else _harmless


def _harmless_text(value: str) -> str:
    """Return a text of some lines without what a terminal would act on."""
    return _UNPRINTABLE.sub(_escape, value.rstrip("\n"))


def _names_in(items: Iterable[Json]) -> list[str]:
    names: dict[str, None] = {}
    for item in items:
        names |= dict.fromkeys(item if isinstance(item, dict) else ["value"])
    return list(names)


def _cell(value: Json) -> str:
    """Return a value as a cell: text as it is, everything else as JSON, and nothing for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value, indent=None)


def _harmless(text: str) -> str:
    """Return the text of a cell that no spreadsheet runs: with an apostrophe where it looks like a formula."""
    return f"'{text}" if _FORMULA(text) and not _NUMBER(text) else text


def _csv(rows: Iterable[Sequence[str]], harmless: Callable[[str], str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _card(value: Mapping[str, Json]) -> str:
    """Return one object with a field per line."""
    width = max(map(len, value), default=0)
    return "".join(
        f"{printable(name):<{width}}  {printable(_cell(item), 1_000)}".rstrip() + "\n" for name, item in value.items()
    )


def _table(items: Sequence[Json], columns: Sequence[str]) -> str:
    """Return rows with as many columns as the terminal is wide for; a last line says how many fields are not shown."""
    if not items:
        return "nothing found\n"
    rows = [cast("dict[str, Json]", item if isinstance(item, dict) else {"value": item}) for item in items]
    names = list(columns) or _useful(rows)
    cells = {
        name: [printable(name, _WIDEST), *(printable(_cell(row.get(name)), _WIDEST) for row in rows)] for name in names
    }
    widths = {name: max(map(len, column)) for name, column in cells.items()}
    shown = names if columns else _fitting(names, widths, shutil.get_terminal_size((120, 24)).columns)
    lines = [
        (" " * _GAP).join(cells[name][index].ljust(widths[name]) for name in shown).rstrip()
        for index in range(len(rows) + 1)
    ]
    left_out = len(_names_in(rows)) - len(shown)
    if left_out > 0 and not columns:
        lines.append(f"({left_out} more fields: --columns NAME,... or -o json)")
    return "\n".join([*lines, ""])


def _useful(rows: Sequence[Mapping[str, Json]]) -> list[str]:
    """Return the fields that have a plain value somewhere, with the most telling ones first."""
    names = [
        name
        for name in _names_in(cast("Sequence[Json]", rows))
        if any(isinstance(row.get(name), str | int | float) for row in rows)
    ]
    order = {name: number for number, name in enumerate(_FIRST)}
    return sorted(names, key=lambda name: order.get(name, len(order)))


def _fitting(names: Sequence[str], widths: Mapping[str, int], room: int) -> list[str]:
    shown: list[str] = []
    for name in names:
        room -= widths[name] + (_GAP if shown else 0)
        if room < 0 and shown:
            break
        shown.append(name)
    return shown
