"""The formats hold exactly the same rows, and name their columns."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async import LagoArgumentError
from lago_async.usage import COLUMNS, ExportConflictError
from lago_async.usage._columns import UsageRow
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.rows import plain, rows_of
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.choice import FORMATS, format_of, target_of
from lago_async.usage._formats.csv import Csv, restore_text
from lago_async.usage._formats.ndjson import Ndjson
from lago_async.usage._formats.parquet import Parquet
from lago_async.usage._formats.xlsx import Xlsx
from tests.lago_async.usage.formats.files import assembled, from_parquet, same_numbers
from tests.lago_async.usage.worlds import NAMES, PERIODS, period

IDS = ("c,1", 's"1')
ROWS = rows_of(IDS, period(1)) + rows_of(IDS, period(2))

_TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=12)
_VALUES = {
    "text": _TEXT,
    "json": _TEXT,
    "integer": st.none() | st.integers(-(2**70), 2**70),
    "decimal": st.none() | (st.decimals() | st.decimals(-(10**21), 10**21, places=19)).map(plain),
    "timestamp": st.none() | st.datetimes().map(lambda at: f"{at.isoformat('T', 'seconds')}Z"),
    "date": st.none() | st.dates().map(str),
}
_WILD = st.lists(
    st.tuples(
        *(
            _VALUES[column.type] if column.nullable else st.text(st.characters(codec="utf-8"), max_size=9)
            for column in COLUMNS
        )
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30)
@given(_WILD)
def test_ndjson_holds_every_value(rows: list[UsageRow]) -> None:
    lines = Ndjson().encode(rows).split(b"\n")
    assert lines.pop() == b""
    assert [tuple(json.loads(line).values()) for line in lines] == rows
    assert all(list(json.loads(line)) == NAMES for line in lines)


@settings(max_examples=30)
@given(_WILD)
def test_csv_holds_every_value_whatever_commas_quotes_and_line_ends_are_in_it(rows: list[UsageRow]) -> None:
    form = Csv(raw_text=True)
    text = (form.begin() + form.encode(rows)).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read[0] == NAMES
    assert read[1:] == [["" if value is None else str(value) for value in row] for row in rows]


_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@settings(max_examples=100)
@given(_WILD, st.lists(st.sampled_from(["", "'", "''", *_FORMULAS]), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_no_text_in_csv_is_a_formula_and_every_value_can_be_restored(rows: list[UsageRow], starts: list[str]) -> None:
    rows = [
        tuple(
            f"{start}{value}" if column.type == "text" and value is not None else value
            for column, start, value in zip(COLUMNS, starts, row, strict=True)
        )
        for row in rows
    ]
    text = Csv().encode(rows).decode()
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for row, cells in zip(rows, read, strict=True):
        for column, value, cell in zip(COLUMNS, row, cells, strict=True):
            is_text = column.type == "text"
            assert not (is_text and cell.startswith(_FORMULAS))
            assert (restore_text(cell) if is_text else cell) == ("" if value is None else str(value))


def test_numbers_below_zero_stay_numbers_in_csv() -> None:
    numbers: dict[str, int | str] = {"integer": -5, "decimal": "-1.5"}
    row = tuple(numbers.get(column.type, "x") for column in COLUMNS)
    cells = dict(zip(NAMES, Csv().encode([row]).decode().rstrip("\n").split(","), strict=True))
    assert {name: cells[name] for name in ("amount_cents", "units", "pricing_unit_conversion_rate")} == {
        "amount_cents": "-5",
        "units": "-1.5",
        "pricing_unit_conversion_rate": "-1.5",
    }
    assert "'" not in "".join(cells.values())


@pytest.mark.parametrize("name", ["ndjson", "parquet", "xlsx"])
def test_formats_that_always_hold_raw_text_refuse_the_option(name: str, tmp_path: Path) -> None:
    with pytest.raises(LagoArgumentError, match=f"raw_text is for CSV: {name}"):
        target_of(tmp_path / f"usage.{name}", folder=False, name=None, raw_text=True)


@settings(max_examples=30)
@given(_WILD)
def test_parquet_holds_every_value_and_what_does_not_fit_beside_it(
    tmp_path_factory: pytest.TempPathFactory, rows: list[UsageRow]
) -> None:
    path = assembled(Parquet(), tmp_path_factory.mktemp("parquet"), rows)
    read = from_parquet(path)
    assert len(read) == len(rows)
    for row, again in zip(rows, read, strict=True):
        assert same_numbers(row, again), (row, again)


@pytest.mark.parametrize(
    "units",
    [
        "340282366920938463804",
        "-340282366920938463804.5",
        "9" * 20,
        "1" + "0" * 20,
        "0.000000000000000000000000000853994546879536596628463564605",
        "-7.00000000000000000000000000000000000001",
    ],
)
def test_parquet_wraps_no_number_around(tmp_path: Path, units: str) -> None:
    place = NAMES.index("units")
    row = (*ROWS[0][:place], units, *ROWS[0][place + 1 :])
    (again,) = from_parquet(assembled(Parquet(), tmp_path, [row]))
    assert Decimal(again[place]) == Decimal(units)


@settings(max_examples=30)
@given(PERIODS)
def test_all_formats_take_whatever_usage_there_is(usage: Any) -> None:
    for item in FORMATS.values():
        assert item().encode(rows_of(IDS, usage))


@pytest.mark.parametrize(
    ("units", "held", "exact"),
    [
        ("4.0", "4.000000000000000000", False),
        ("0.000000000000000001", "1E-18", False),
        ("0.0000000000000000005", "0E-18", True),  # half to even
        ("0.0000000000000000015", "2E-18", True),
        ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999", False),
        ("99999999999999999999.9999999999999999999", None, True),  # rounding would give it a digit too many
        ("100000000000000000000", None, True),
        ("NaN", None, True),
        ("-12345678901234567890.1234567890123456789", "-12345678901234567890.123456789012345679", True),
    ],
)
def test_a_decimal_that_parquet_cannot_hold_is_rounded_and_kept_as_text(
    units: str, held: str | None, exact: bool, tmp_path: Path
) -> None:
    row = list(ROWS[0])
    row[NAMES.index("units")] = units
    path = assembled(Parquet(), tmp_path, [tuple(row), ROWS[1]])
    record, other = pq.read_table(path).to_pylist()
    assert record["units"] == (None if held is None else Decimal(held))
    assert record["exact"] == (json.dumps({"units": units}, separators=(",", ":")) if exact else None)
    assert other["exact"] is None


def test_parquet_has_types_and_says_the_version_of_its_schema(tmp_path: Path) -> None:
    path = assembled(Parquet(), tmp_path, ROWS)
    schema = pq.read_schema(path)
    assert schema.names == [*NAMES, "exact"]
    assert schema.metadata == {b"lago_usage_schema_version": b"2"}
    assert schema.field("from_datetime").type == pa.timestamp("ms", tz="UTC")
    assert schema.field("issuing_date").type == pa.date32()
    assert schema.field("units").type == pa.decimal128(38, 18)
    assert schema.field("amount_cents").type == pa.int64()
    assert [field.nullable for field in schema] == [*(column.nullable for column in COLUMNS), True]


def test_parquet_gathers_what_was_committed_bit_by_bit_in_few_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Parquet, "group_rows", 10)
    path = assembled(Parquet(), tmp_path, *[[row] for row in ROWS * 6])
    metadata = pq.read_metadata(path)
    assert metadata.num_rows == len(ROWS) * 6 == 24
    assert [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)] == [10, 10, 4]
    assert from_parquet(path)[:4] == from_parquet(path)[4:8]


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.readable])
def test_files_are_joined_to_one_that_has_the_rows_of_all(name: Any, tmp_path: Path) -> None:
    form = format_of(name)
    parts: list[Path] = []
    for number, rows in enumerate(([*ROWS], [], ROWS[:1])):
        (tmp_path / str(number)).mkdir()
        parts.append(assembled(form, tmp_path / str(number), rows))
    out = tmp_path / "joined"
    Disk().make(out, tmp_path / "part", lambda file: form.assemble(parts, file))
    (tmp_path / "whole").mkdir()
    whole = assembled(form, tmp_path / "whole", [*ROWS, ROWS[0]])
    if name == "parquet":
        assert from_parquet(out) == from_parquet(whole)
    else:
        assert out.read_bytes() == whole.read_bytes()


def test_a_file_of_other_columns_is_not_joined(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,2\n")
    with pytest.raises(ExportConflictError, match=r"a\.csv does not start"):
        Disk().make(tmp_path / "b", tmp_path / "p", lambda file: Csv().assemble([tmp_path / "a.csv"], file))
    pq.write_table(pa.table({"id": [1]}), tmp_path / "a.parquet")
    with pytest.raises(ExportConflictError, match=r"a\.parquet does not have these columns"):
        Disk().make(tmp_path / "b", tmp_path / "p", lambda file: Parquet().assemble([tmp_path / "a.parquet"], file))
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("out", "name", "path", "form"),
    [
        ("x.ndjson", None, "x.ndjson", Ndjson),
        ("x.jsonl", None, "x.jsonl", Ndjson),
        ("x.CSV", None, "x.CSV", Csv),
        ("x.parquet", None, "x.parquet", Parquet),
        ("x.xlsx", None, "x.xlsx", Xlsx),
        ("x.txt", "csv", "x.txt", Csv),
        ("folder", None, "folder/usage.ndjson", Ndjson),
        ("folder", "parquet", "folder/usage.parquet", Parquet),
        ("folder.d/", "csv", "folder.d/usage.csv", Csv),
    ],
)
def test_the_suffix_says_the_format_and_a_folder_gets_a_file(
    out: str, name: str | None, path: str, form: type[Format], tmp_path: Path
) -> None:
    made = target_of(tmp_path / out, folder=out.endswith("/"), name=name)
    assert made[0] == tmp_path / path
    assert type(made[1]) is form


def test_a_folder_that_is_there_is_one_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").mkdir()
    assert target_of(tmp_path / "usage.csv", folder=False, name=None)[0] == tmp_path / "usage.csv" / "usage.ndjson"


def test_a_suffix_or_a_format_that_nobody_knows_is_refused() -> None:
    with pytest.raises(LagoArgumentError, match=r"\.ndjson, \.jsonl, \.csv, \.parquet, \.xlsx"):
        target_of(Path("x.xls"), folder=False, name=None)
    with pytest.raises(LagoArgumentError, match="ndjson, csv, parquet, xlsx"):
        format_of("xls")


def test_without_pyarrow_parquet_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(LagoArgumentError, match=r"pip install 'lago-async\[parquet\]'"):
        format_of("parquet")
