"""XLSX: every value is in its cell with its type, or says why not; no text is a formula; and the limits of a sheet."""

import sys
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lago_sync.exports
import lago_sync.usage
from lago_async import LagoArgumentError
from lago_async.usage._columns import CHARGES, Column, TableSchema, UsageRow
from lago_async.usage._formats.xlsx import CELL_CHARACTERS, Xlsx, exact_number, fitting
from lago_sync import LagoClient
from tests.lago_async.usage.formats.files import assembled
from tests.lago_async.usage.formats.test_formats import ROWS
from tests.lago_async.usage.formats.workbooks import sheets_of, time_of

_KINDS: Any = ("text", "json", "integer", "decimal", "number", "boolean", "timestamp", "date")
SCHEMA = TableSchema(
    stem="things",
    columns=tuple(Column(kind, kind, nullable=True, description="") for kind in _KINDS),
    version="1",
    json_values=True,
    microseconds=True,
)
_STARTS = st.sampled_from(["", "=1+", "+", "-", "@", "http://", "mailto:", "_x0041_", " ", "'"])
_TEXT = st.builds(str.__add__, _STARTS, st.text(st.characters(codec="utf-8"), max_size=9))
_ROW = st.tuples(
    st.none() | _TEXT,
    st.none() | st.sampled_from(['{"a":"=1"}', "[]", "null"]),
    st.none() | st.integers(-(2**70), 2**70) | st.integers(-(10**16), 10**16),
    st.none() | st.decimals(-(10**20), 10**20, places=9).map(str) | st.sampled_from(["NaN", "-Infinity", "0.1"]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
    st.none() | st.datetimes(max_value=datetime(9998, 1, 1)).map(lambda at: f"{at.isoformat()}Z"),  # noqa: DTZ001 - in UTC
    st.none() | st.dates().map(str),
)  # fmt: skip


def _digits(value: object) -> int:
    return len("".join(map(str, Decimal(str(value)).as_tuple().digits)).strip("0"))


def _is_same(kind: str, value: Any, cell: Any) -> bool:
    if value is None:
        return cell is None
    if kind in {"text", "json"}:
        return bool(cell == "".join(repr(char)[1:-1] if _is_forbidden(char) else char for char in value))
    if kind == "boolean":
        return cell is value
    if isinstance(cell, str):  # a spreadsheet cannot hold it
        assert value < "1900-03" if kind in {"timestamp", "date"} else exact_number(value) is None
        return cell == str(value)
    if kind == "timestamp":
        return abs(time_of(cell) - datetime.fromisoformat(value[:-1])) <= timedelta(milliseconds=1)
    if kind == "date":
        return time_of(cell).date().isoformat() == str(value)
    assert Decimal(str(value)) == Decimal(f"{cell:.15g}"), (value, cell)
    return _digits(value) <= 15


def _is_forbidden(char: str) -> bool:
    return (char < " " and char not in "\t\n\r") or char in "\ufffe\uffff"


@settings(max_examples=40, deadline=None)
@given(st.lists(_ROW, min_size=1, max_size=12))
@example([("_x000D_\r\n\x00\x1b\uffff", None, 10**15, "0.1", 0.1, True, "2026-01-31T12:00:00.123456Z", "2026-01-31")])
@example([("=1", None, -(10**15) - 1, "1E-400", 1e300, False, "1900-02-28T23:59:59Z", "1900-02-28")])
def test_every_value_is_in_its_cell_and_no_text_is_a_formula(
    tmp_path_factory: pytest.TempPathFactory, rows: list[UsageRow]
) -> None:
    path = assembled(Xlsx(SCHEMA), tmp_path_factory.mktemp("xlsx"), rows)
    (sheet,) = sheets_of(path).values()
    assert tuple(sheet[0].values()) == SCHEMA.names
    assert len(sheet) <= len(rows) + 1
    for row, cells in zip_longest(rows, sheet[1:], fillvalue=cast("Any", {})):
        for column, value in zip(SCHEMA.columns, row, strict=True):
            assert _is_same(column.type, value, cells.get(column.name)), (value, cells)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (123456789012345, 123456789012345.0),
        (1234567890123456, None),
        (123456789012345000, 123456789012345000.0),
        ("0.30", 0.3),
        ("98765.4321", 98765.4321),
        ("0.000000000000000000000000000123456789012345", 1.23456789012345e-28),
        (0.1 + 0.2, None),
        ("NaN", None),
        ("-Infinity", None),
        ("0.000", 0.0),
        ("1E-400", None),
    ],
)
def test_a_number_is_a_number_with_up_to_15_digits_and_otherwise_text(value: Any, number: float | None) -> None:
    assert exact_number(value) == number


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    whole, wide = "x" * CELL_CHARACTERS, "\U0001f600" * (CELL_CHARACTERS // 2)
    assert (fitting(whole), fitting(wide)) == (whole, wide)
    for text, count in ((f"{whole}y", 32_768), (f"{wide}ab", 32_768), ("\x00" * 10_000, 40_000)):
        cut = fitting(text)
        end = f"... [cut: {count:,} characters]"
        assert cut.endswith(end)
        assert CELL_CHARACTERS - 1 <= len(cut.encode("utf-16-le")) // 2 <= CELL_CHARACTERS
        assert fitting(text[:10]).startswith(cut[:10])


def test_rows_beyond_a_sheet_go_to_further_sheets_each_with_the_names_of_the_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Xlsx, "rows_per_sheet", 3)
    path = assembled(Xlsx(), tmp_path, [*ROWS, ROWS[0]])
    found = sheets_of(path)
    assert {name: len(rows) for name, rows in found.items()} == {"usage": 3, "usage 2": 3, "usage 3": 2}
    assert all(tuple(rows[0].values()) == CHARGES.names for rows in found.values())


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    paths = []
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        paths.append(assembled(Xlsx(), tmp_path / str(number), ROWS))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_without_xlsxwriter_both_exports_say_what_to_install_and_touch_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with LagoClient(api_key="key", base_url="http://127.0.0.1:9") as client:
        for export in (
            lambda: lago_sync.usage.export(client, tmp_path / "new" / "usage.xlsx"),
            lambda: lago_sync.exports.export_list(client.invoices.find_all(), tmp_path / "new" / "invoices.xlsx"),
        ):
            with pytest.raises(LagoArgumentError, match=r"pip install 'lago-async\[xlsx\]'"):
                export()
    assert list(tmp_path.iterdir()) == []
