"""The file that a report is written to."""

import os
from pathlib import Path

import pytest

from lago_async import LagoArgumentError
from lago_async.__main__ import main
from lago_async.usage import ExportConflictError, write_report
from tests.lago_async.usage.report.made_up_exports import FORMATS, row, write


@pytest.mark.parametrize("ending", FORMATS)
def test_a_report_is_never_written_over_an_export_that_it_reads(tmp_path: Path, ending: str) -> None:
    file = write(tmp_path / f"usage.{ending}", [row()])
    before = file.read_bytes()
    (tmp_path / "linked.html").symlink_to(file)
    os.link(file, tmp_path / "hard.html")
    (tmp_path / f"usage.{ending}.journal").write_text("the journal")
    for out in (file, tmp_path / "linked.html", tmp_path / "hard.html", tmp_path / f"usage.{ending}.journal"):
        for sources in ([file], [tmp_path]):
            with pytest.raises(LagoArgumentError, match="write the report to another file"):
                write_report(sources, out, overwrite=True)
    assert file.read_bytes() == before
    assert (tmp_path / f"usage.{ending}.journal").read_text() == "the journal"


@pytest.mark.parametrize("suffix", [".csv", ".ndjson", ".jsonl", ".parquet", ".CSV"])
def test_a_report_with_the_name_of_an_export_is_a_mistake(tmp_path: Path, suffix: str) -> None:
    file = write(tmp_path / "usage.csv", [row()])
    with pytest.raises(LagoArgumentError, match=r"has the name of an export.*such as report\.html"):
        write_report([file], tmp_path / f"report{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == ["usage.csv"]


def test_only_a_report_is_replaced_by_a_report_unless_the_caller_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = write(tmp_path / "usage.csv", [row()]), tmp_path / "report.html"
    for content in (b"", b"precious", b"<!DOCTYPE html><html></html>"):
        out.write_bytes(content)
        with pytest.raises(ExportConflictError, match="is not a report"):
            write_report([file], out)
        assert out.read_bytes() == content
    command = ["usage", "report", str(file), "--out", str(out)]
    assert main(command) == 2
    assert capsys.readouterr().err.endswith("write to another file, or replace it with --overwrite\n")
    assert main([*command, "--force"]) == 0
    assert main(command) == 0
    assert main(["usage", "report", str(file), "--out", str(file), "--force"]) == 2
