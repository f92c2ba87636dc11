"""Exports with one row per period, CSV for spreadsheets, ranges in words, and a report in the same command."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lago_sync.usage
from lago_async import LagoArgumentError
from lago_async.__main__ import main
from lago_async.models.customer_usage import UsagePeriod
from lago_async.sandbox import Sandbox
from lago_async.usage import COLUMNS, PERIOD_COLUMNS, ExportConflictError, RowShape, Spreadsheet, _command_line, merge
from lago_async.usage._columns import CHARGES, PERIODS, SCHEMAS, UsageRow
from lago_async.usage._export.rows import SHAPES, period_rows_of, rows_of
from lago_async.usage._export.selection import read_pairs
from lago_async.usage._formats.csv import BYTE_ORDER_MARK, Csv, restore_text
from lago_sync import LagoClient
from tests.lago_async.usage.formats.workbooks import from_xlsx
from tests.lago_async.usage.worlds import PERIODS as ANY_PERIOD
from tests.lago_async.usage.worlds import billed

NAMES = PERIODS.names


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    with billed(6, months=2) as running:
        yield running


@pytest.fixture
def command(world: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    monkeypatch.setenv("LAGO_API_URL", world.url)
    return ["usage", "export", "--quiet"]


def test_the_shapes_have_their_columns() -> None:
    assert set(SCHEMAS) == set(SHAPES) == set(get_args(RowShape))
    before = [column.name for column in COLUMNS].index("level")
    assert PERIODS.columns == PERIOD_COLUMNS
    assert PERIODS.columns[:before] == CHARGES.columns[:before]
    assert PERIODS.columns[before:] != CHARGES.columns[before:]


@given(ANY_PERIOD)
def test_a_period_is_one_row_with_the_columns_of_its_charges_and_their_sums(usage: UsagePeriod) -> None:
    charges, (row,) = rows_of(("c", "s"), usage), period_rows_of(("c", "s"), usage)
    assert len(row) == len(NAMES)
    named = dict(zip(NAMES, row, strict=True))
    before = CHARGES.names.index("level")
    assert {charge[:before] for charge in charges} == {row[:before]}
    found: list[Any] = [charge for charge in usage.charges_usage if charge is not None]
    assert named["charges_count"] == len(found)
    amounts = [charge.amount_cents for charge in found if charge.amount_cents is not None]
    if len({charge.amount_currency for charge in found}) > 1:
        assert (named["charges_amount_cents"], named["charges_currency"]) == (None, None)
    elif amounts or not found:
        assert named["charges_amount_cents"] == sum(amounts)


@pytest.mark.parametrize("suffix", ["ndjson", "csv", "parquet", "xlsx"])
def test_rows_of_periods_are_exported_resumed_and_merged_as_such(
    suffix: str, command: list[str], world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"periods.{suffix}"
    assert main([*command, "--rows", "period", "--out", str(out)]) == 0
    assert "12 rows" in capsys.readouterr().out
    rows: list[dict[str, Any]]
    if suffix == "ndjson":
        rows = [json.loads(line) for line in out.read_bytes().splitlines()]
    elif suffix == "csv":
        rows = list(csv.DictReader(io.StringIO(out.read_text())))
    elif suffix == "parquet":
        rows = pq.read_table(out).to_pylist()
    else:
        rows = [dict(zip(NAMES, row, strict=True)) for row in from_xlsx(out, PERIODS)]
    assert tuple(rows[0])[: len(NAMES)] == NAMES
    assert sum(int(row["events_count"]) for row in rows) == 24
    assert main([*command, "--out", str(out)]) == 2
    assert "rows period there, none now" in capsys.readouterr().err
    if suffix == "xlsx":
        return  # no report and no merge reads it
    charges = tmp_path / f"charges.{suffix}"
    assert main([*command, "--out", str(charges)]) == 0
    with pytest.raises(LagoArgumentError, match="they have rows period and charge"):
        merge([out, charges], tmp_path / f"merged.{suffix}")
    pairs = tmp_path / "pairs.csv"
    parts = [tmp_path / f"part{number}.{suffix}" for number in range(2)]
    for number, part in enumerate(parts):
        lines = "".join(f"c{each},s{each}\n" for each in range(number, 6, 2))
        pairs.write_text("external_customer_id,external_subscription_id\n" + lines)
        assert main([*command, "--rows", "period", "--subscriptions", str(pairs), "--out", str(part)]) == 0
    assert merge(parts, tmp_path / f"merged.{suffix}").rows == 12


def test_both_faces_and_no_unknown_shape(world: Sandbox, tmp_path: Path) -> None:
    with LagoClient(api_key=world.api_key, base_url=world.url) as client:
        summary = lago_sync.usage.export(client, tmp_path / "p.ndjson", rows="period")
        assert summary.rows == 12
        wrong: Any = "day"
        with pytest.raises(LagoArgumentError, match="rows= is one of charge, period, not 'day'"):
            lago_sync.usage.export(client, tmp_path / "x.ndjson", rows=wrong)
        with pytest.raises(LagoArgumentError, match="spreadsheet= is one of point, comma, not 'day'"):
            lago_sync.usage.export(client, tmp_path / "x.csv", spreadsheet=wrong)
    assert not (tmp_path / "x.ndjson.journal").exists()


# --- spreadsheets -----------------------------------------------------------------------------------------------------

_STARTS = st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d"])


@given(st.lists(ANY_PERIOD, max_size=3), st.sampled_from(get_args(Spreadsheet)), _STARTS)
def test_a_spreadsheet_finds_its_separator_its_decimal_sign_and_no_formula(
    periods: list[UsagePeriod], spreadsheet: Spreadsheet, start: str
) -> None:
    rows: list[UsageRow] = [row for usage in periods for row in rows_of((f"{start}c;,", "s"), usage)]
    form = Csv(spreadsheet=spreadsheet)
    text = (form.begin() + form.encode(rows)).decode()
    assert text.startswith(BYTE_ORDER_MARK)
    read = list(
        csv.reader(io.StringIO(text[1:], newline=""), delimiter=";" if spreadsheet == "comma" else ",", strict=True)
    )
    assert tuple(read[0]) == CHARGES.names
    assert len(read) == len(rows) + 1
    for row, cells in zip(rows, read[1:], strict=True):
        for column, value, cell in zip(COLUMNS, row, cells, strict=True):
            if value is None:
                assert cell == ""
            elif column.type == "text":
                assert restore_text(cell) == value
                assert cell[:1] not in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
            elif column.type == "decimal":
                assert (cell.replace(",", ".") if spreadsheet == "comma" else cell) == value
                assert spreadsheet == "point" or "." not in cell
            elif column.type == "timestamp":
                assert f"{cell.replace(' ', 'T')}Z" == value
            else:
                assert cell == str(value)


def test_a_csv_for_spreadsheets_is_made_resumed_merged_and_read_as_a_list(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "usage.csv"
    assert main([*command, "--spreadsheet", "comma", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbfexternal_customer_id;")
    assert main([*command, "--spreadsheet", "comma", "--out", str(out)]) == 0
    assert "already complete" in capsys.readouterr().out
    assert main([*command, "--spreadsheet", "--out", str(out)]) == 2
    assert "spreadsheet comma there, point now" in capsys.readouterr().err
    assert len(read_pairs(out)) == 6
    assert merge([out], tmp_path / "merged.csv").rows == 24
    assert (tmp_path / "merged.csv").read_bytes() == out.read_bytes()
    plain = tmp_path / "plain.csv"
    assert main([*command, "--out", str(plain)]) == 0
    with pytest.raises(LagoArgumentError, match="they have spreadsheet comma and none"):
        merge([out, plain], tmp_path / "both.csv")


# --- a file per month, and spreadsheets -------------------------------------------------------------------------------


def test_a_folder_of_months_is_exported_reported_and_told_apart_from_a_file(
    command: list[str], world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "usage", tmp_path / "report.html"
    months = [*command, "--out", f"{out}/", "--partition", "month", "--format", "parquet"]
    assert main([*months, "--report", str(page)]) == 0
    assert f"24 rows\nwritten to {out}, as of" in capsys.readouterr().out
    assert sorted(path.parent.name for path in out.glob("*/part-0.parquet")) == ["month=2025-01", "month=2025-02"]
    whole = tmp_path / "whole.parquet"
    assert main([*command, "--out", str(whole)]) == 0
    again = tmp_path / "again.html"
    for source in (out, whole):
        capsys.readouterr()
        assert main(["usage", "report", str(source), "--out", str(again)]) == 0
        assert "No subscription of the organisation is missing" in (said := capsys.readouterr().out)
        assert "24 rows, that began from January 2025 to February 2025" in said
    assert again.read_bytes().replace(b"whole.parquet", b"usage") == page.read_bytes()
    assert main([*months]) == 0
    assert f"{out} is already complete" in capsys.readouterr().out
    asked = len(world.requests)
    for words, wrong in {
        (*months, "--rows", "period"): "rows none there, period now",
        (*command, "--out", f"{out}/"): "pass --partition again, or write elsewhere",
        (*command, "--out", f"{out}/more.csv"): "is an export in partitions, which other files would change",
        ("usage", "report", str(out), "--out", f"{out}/r.html"): "which the report would change; write elsewhere",
        (*command, "--out", "x/", "--partition", "month", "--format", "xlsx", "--report", "r.html"): "cannot read xlsx",
        (*command, "--out", "x.xlsx", "--report", "r.html"): "omit --report, or export to Parquet, too",
        (
            *command,
            "--out",
            "x",
            "--partition",
            "month",
            "--dask",
            "tcp://x",
        ): "--partition and --report are for",
    }.items():
        assert main(list(words)) == 2, words
        assert wrong in capsys.readouterr().err, words
    inside = out / "pairs.csv"
    inside.write_text("external_customer_id,external_subscription_id\nc0,s0\n")
    assert main([*months, "--subscriptions", str(inside)]) == 2
    assert "would be written over" in capsys.readouterr().err
    inside.unlink()
    assert len(world.requests) == asked
    (out / "month=2025-01" / "part-0.parquet").unlink()
    assert main(months) == 2
    assert f"{out} is not the folder that was published" in capsys.readouterr().err
    assert main([*months, "--force", "--rows", "period"]) == 0


def test_a_folder_of_months_of_workbooks_is_not_reported(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "usage.xlsx"
    assert main([*command, "--out", str(out), "--partition", "month"]) == 0
    assert len(from_xlsx(out / "month=2025-02" / "part-0.xlsx")) == 12
    assert main(["usage", "report", str(out), "--out", str(tmp_path / "r.html")]) == 1
    assert "part-0.xlsx: a report cannot read xlsx; export to Parquet, too" in capsys.readouterr().err


def test_a_cluster_writes_no_workbook(tmp_path: Path) -> None:
    nobody: Any = None
    with pytest.raises(LagoArgumentError, match="a cluster cannot merge shards to xlsx; use another format="):
        lago_sync.usage.export_on_cluster(nobody, tmp_path / "usage.xlsx", base_url="http://127.0.0.1:9")
    assert list(tmp_path.iterdir()) == []


# --- ranges in words, and the report ----------------------------------------------------------------------------------


def test_a_range_in_words_is_said_in_days_and_is_part_of_the_export(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_command_line, "utc_now", lambda: datetime(2025, 2, 10, tzinfo=UTC))
    out = str(tmp_path / "january.ndjson")
    assert main([*command, "--out", out, "--during", "last month"]) == 0
    said = capsys.readouterr().out
    assert "periods that begin at 2025-01-01 00:00 UTC or later and before 2025-02-01 00:00 UTC" in said
    assert "12 rows" in said
    assert main([*command, "--out", out, "--from", "2025-01", "--to", "2025-02-01"]) == 0
    assert "already complete" in capsys.readouterr().out
    assert main([*command, "--out", out, "--during", "this month"]) == 2
    for words, wrong in {
        ("--during", "last month", "--from", "2025"): "omit --from and --to",
        ("--from", "2025-02", "--to", "2025-02-01"): "the range is empty",
    }.items():
        assert main([*command, "--out", str(tmp_path / "x.csv"), *words]) == 2
        assert wrong in capsys.readouterr().err
    for option, text, wrong in (
        ("--to", "2025-02", "2025-02-01, 2025-02-28 or 2025-03-01, or use --during"),
        ("--during", "2025-02-01T00:00:00Z", "names no span"),
    ):
        with pytest.raises(SystemExit):
            main([*command, "--out", str(tmp_path / "x.csv"), option, text])
        assert wrong in capsys.readouterr().err


def test_one_command_exports_and_reports_and_checks_both_before_it_fetches(
    command: list[str], world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "usage.parquet", tmp_path / "report.html"
    assert main([*command, "--out", str(out), "--report", str(page), "--title", "January"]) == 0
    assert f"written to {page}" in capsys.readouterr().out
    assert b"January" in page.read_bytes()
    page.write_text("mine")
    asked = len(world.requests)
    for words, wrong in {
        ("--out", str(out), "--report", str(out)): "is an export that the report reads",
        ("--out", str(tmp_path / "x.csv"), "--report", str(page)): "is not a report",
        ("--out", str(tmp_path / "x.csv"), "--report", str(tmp_path / "r.csv")): "has the name of an export",
        ("--out", str(out), "--report", "r.html", "--rows", "period"): "omit --rows",
        ("--out", str(tmp_path / "x.csv"), "--report", "r.html", "--spreadsheet"): "omit --spreadsheet",
    }.items():
        assert main([*command, *words]) == 2, words
        assert wrong in capsys.readouterr().err
    assert len(world.requests) == asked
    assert not (tmp_path / "x.csv.journal").exists()
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("external_customer_id,external_subscription_id\nc0,s0\nnobody,none\n")
    more = ["--out", str(tmp_path / "y.csv"), "--report", str(tmp_path / "y.html"), "--subscriptions", str(pairs)]
    assert main([*command, *more]) == 3
    assert "no report was written" in capsys.readouterr().out
    assert not (tmp_path / "y.html").exists()


def test_an_export_of_a_list_is_not_merged(tmp_path: Path, command: list[str]) -> None:
    out = tmp_path / "customers.csv"
    assert main(["export", "customers", "--out", str(out), "--quiet"]) == 0
    with pytest.raises(LagoArgumentError, match="is an export of a list, customers; only usage can be merged"):
        merge([out], tmp_path / "merged.csv")
    with pytest.raises(ExportConflictError):
        lago_sync.usage.merge([tmp_path / "none.csv"], tmp_path / "merged.csv")
