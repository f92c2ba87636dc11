"""The files that a report reads, and those that it refuses."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lago_async.usage import ReportError, write_report
from lago_async.usage._report.adding import add_up
from tests.lago_async.usage.report.made_up_exports import FORMATS, row, write


def test_several_exports_in_any_format_add_up(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{ending}.{ending}", [row(ending)]) for ending in FORMATS]
    found = add_up(files)
    assert (found.rows, found.customers, found.currencies[0].billed) == (3, 3, 600)


def test_of_a_folder_the_exports_are_read_and_nothing_else(tmp_path: Path) -> None:
    for ending in FORMATS:
        write(tmp_path / f"usage.{ending}", [row("a")])  # one export, in three formats
    write(tmp_path / "usage-2.jsonl", [row("b")])
    for name in ("usage.ndjson.failures.ndjson", "failures.csv", "usage.csv.journal", ".usage.csv", "usage.csv.part"):
        (tmp_path / name).write_text("external_customer_id\nx\n")
    found = add_up([tmp_path])
    assert [file.name for file in found.files] == ["usage.parquet", "usage-2.jsonl"]
    assert found.customers == 2


def test_a_period_in_two_files_is_refused(tmp_path: Path) -> None:
    files = [write(tmp_path / name, [row("a"), row("b")]) for name in ("one.csv", "two.ndjson")]
    with pytest.raises(
        ReportError, match=r"one\.csv and .*two\.ndjson both contain the period .*pass only one of them"
    ):
        add_up(files)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.csv", None, "no such file"),
        ("usage.xls", b"", "the name of an export ends in"),
        ("usage.xlsx", b"", "a report cannot read xlsx; export to Parquet, too"),
        ("usage.csv", b"a,b\n1,2\n", "lacks the columns external_customer_id"),
        ("usage.csv", b"\xff\xfe\x00", "not text in UTF-8"),
        ("usage.ndjson", b'{"a": 1}\n', "lacks the columns external_customer_id"),
        ("usage.ndjson", b"[1]\n", "lacks the columns"),
        ("usage.ndjson", b"<html>\n", "its first line is not JSON"),
        ("usage.parquet", b"PAR1 not really", "cannot be read as an export"),
    ],
)
def test_what_is_no_export_is_named_with_the_reason(tmp_path: Path, name: str, content: bytes | None, why: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReportError, match=why) as caught:
        write_report([path], tmp_path / "report.html")
    assert str(path) in str(caught.value)
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize("ending", ["ndjson", "csv"])
@pytest.mark.parametrize(
    "bad",
    [
        {"amount_cents": "1.5"},
        {"units": "many"},
        {"units": "1157920892373161954235709850086879090877"},  # 2**256 and a bit: Arrow makes 12344.3 of it
        {"from_datetime": "yesterday"},
    ],
)
def test_a_value_that_is_not_what_its_column_says_is_no_export(
    tmp_path: Path, ending: str, bad: Mapping[str, Any]
) -> None:
    path = write(tmp_path / f"usage.{ending}", [row(), row(**bad)])
    with pytest.raises(ReportError, match="cannot be read as an export"):
        add_up([path])


def test_a_folder_without_exports_and_no_source_at_all_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no export in this folder"):
        add_up([tmp_path])
    with pytest.raises(ReportError, match="no export was given"):
        add_up([])
    file = write(tmp_path / "usage.csv", [row()])
    with pytest.raises(ReportError, match="given twice"):
        add_up([file, tmp_path])


@pytest.mark.parametrize("module", ["pyarrow", "plotly.offline"])
def test_what_is_not_installed_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    file = write(tmp_path / "usage.csv", [row()])
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ReportError, match=r"pip install 'lago-async\[report\]'"):
        write_report([file], tmp_path / "report.html")
