"""Exports are merged into one, or the error says why not."""

from pathlib import Path
from typing import Any

import pytest

from lago_async import LagoArgumentError
from lago_async.__main__ import main
from lago_async.usage import ExportConflictError, merge
from lago_async.usage._export.entries import CSV_TEXT
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats.choice import FORMATS, format_of
from lago_async.usage._paths import ExportPaths
from tests.lago_async.usage.export.small_exports import error, rows_in
from tests.lago_async.usage.worlds import ids, period


def exported(
    out: Path, numbers: list[int], *, failing: list[Pair] | None = None, finished: bool = True, **settings: Any
) -> Path:
    """Make an export of some subscriptions."""
    form = format_of(out.suffix[1:])
    sink = Sink(out, form, {"schema version": 1, "format": form.name, "kind": "past", **settings})
    for number, pair in zip(numbers, ids(numbers), strict=True):
        sink.add(pair, [period(number)])
        sink.commit()
    for pair in failing or []:
        sink.fail(pair, error(pair))
    if finished:
        sink.finish()
    sink.close()
    return out


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.readable])
def test_the_joined_file_has_the_rows_of_all_and_is_an_export_itself(name: str, tmp_path: Path) -> None:
    parts = [
        exported(tmp_path / "1" / f"usage.{name}", [0, 1]),
        exported(tmp_path / "2" / f"usage.{name}", []),
        exported(tmp_path / "3" / f"usage.{name}", [2]),
    ]
    summary = merge([parts[0], tmp_path / "2", tmp_path / "3"], tmp_path / f"all.{name}")
    assert (summary.path, summary.rows, summary.subscriptions) == (tmp_path / f"all.{name}", 6, 3)
    whole = exported(tmp_path / "whole" / f"usage.{name}", [0, 1, 2])
    assert rows_in(summary.path) == rows_in(whole)
    more = exported(tmp_path / f"more.{name}", [7])
    again = merge([summary.path, more], tmp_path / f"again.{name}")
    assert (again.rows, again.subscriptions) == (8, 4)


def test_xlsx_is_not_merged(tmp_path: Path) -> None:
    out = exported(tmp_path / "usage.xlsx", [0])
    with pytest.raises(LagoArgumentError, match=r"usage\.xlsx is xlsx, which cannot be merged; export to Parquet"):
        merge([out], tmp_path / "all.xlsx")
    assert not (tmp_path / "all.xlsx").exists()


def test_a_subscription_in_two_of_them_is_refused_and_named(tmp_path: Path) -> None:
    one, other = exported(tmp_path / "1.csv", [0, 1]), exported(tmp_path / "2.csv", [2, 1])
    with pytest.raises(ExportConflictError, match=r"'s1' of customer 'c1' is in .*1\.csv and in .*2\.csv"):
        merge([one, other], tmp_path / "all.csv")
    with pytest.raises(ExportConflictError, match="would count twice"):
        merge([one, one], tmp_path / "all.csv")
    assert not (tmp_path / "all.csv").exists()


def test_what_is_not_finished_or_lacks_something_is_refused(tmp_path: Path) -> None:
    whole = exported(tmp_path / "1.csv", [0])
    running = exported(tmp_path / "2.csv", [1], finished=False)
    lacking = exported(tmp_path / "3.csv", [2], failing=ids([3]))
    (tmp_path / "4.csv").write_bytes(whole.read_bytes())
    for other, said in (
        (running, r"2\.csv is not finished"),
        (lacking, r"3\.csv lacks 1 subscriptions that failed"),
        (tmp_path / "4.csv", r"without 4\.csv\.journal"),
        (tmp_path / "5", r"without 5\.journal"),
        (tmp_path, "4 exports instead of one|3 exports instead of one"),
    ):
        with pytest.raises(ExportConflictError, match=said):
            merge([whole, other], tmp_path / "all.csv")
    assert not (tmp_path / "all.csv").exists()


def test_what_differs_in_format_or_kind_is_refused(tmp_path: Path) -> None:
    one = exported(tmp_path / "1.csv", [0])
    with pytest.raises(LagoArgumentError, match="format csv and ndjson"):
        merge([one, exported(tmp_path / "2.ndjson", [1])], tmp_path / "all.csv")
    with pytest.raises(LagoArgumentError, match="kind past and current"):
        merge([one, exported(tmp_path / "3.csv", [1], kind="current")], tmp_path / "all.csv")
    with pytest.raises(LagoArgumentError, match="schema version 1 and 2"):
        merge(
            [one, exported(tmp_path / "4.csv", [1], failing=None, finished=True, **{"schema version": 2})],
            tmp_path / "all.csv",
        )
    with pytest.raises(LagoArgumentError, match="CSV text raw and harmless"):
        text = [
            exported(tmp_path / f"{name}.csv", [1], failing=None, finished=True, **{CSV_TEXT: name})
            for name in ("raw", "harmless")
        ]
        merge(text, tmp_path / "all.csv")
    with pytest.raises(LagoArgumentError, match="nothing to merge"):
        merge([], tmp_path / "all.csv")
    with pytest.raises(LagoArgumentError, match="is one of the sources"):
        merge([one], one, overwrite=True)


def test_a_file_that_is_there_is_replaced_only_if_it_may_be(tmp_path: Path) -> None:
    one = exported(tmp_path / "1.csv", [0])
    other = exported(tmp_path / "2.csv", [1], failing=ids([3]))
    with pytest.raises(ExportConflictError, match="exists: write to another file"):
        merge([one], other)
    assert merge([one], other, overwrite=True).rows == 2
    assert rows_in(other) == rows_in(one)
    assert not ExportPaths(other).failures.exists()


def test_the_command_joins_and_says_what_it_came_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [str(exported(tmp_path / f"{number}.csv", [number])) for number in range(3)]
    assert main(["usage", "merge", "--out", str(tmp_path / "all"), *sources]) == 0
    assert capsys.readouterr().out == f"3 subscriptions, 6 rows\nwritten to {tmp_path}/all/usage.csv\n"
    assert main(["usage", "merge", "--out", str(tmp_path / "all"), *sources]) == 2
    assert main(["usage", "merge", "--out", str(tmp_path / "all"), "--overwrite", *sources]) == 0
