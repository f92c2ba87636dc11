"""The text of a report's page."""

import os
from pathlib import Path

import plotly.graph_objects as go
import pytest

from lago_async.errors import LagoFileError
from lago_async.usage import ReportSummary, write_report
from tests.lago_async.usage.report.made_up_exports import (
    FORMATS,
    page_of,
    row,
    specs,
    without_scripts,
    write,
    year_of_bills,
)

UNKNOWN = "unknown whether subscriptions are missing, and of when it is."


def test_the_summary_says_what_was_read(tmp_path: Path) -> None:
    file = write(tmp_path / "usage.csv", [row("a"), row("a"), row("b", currency="USD", amount_currency="USD")])
    out = tmp_path / "report.html"
    assert write_report([file], out) == ReportSummary(
        rows=3, customers=2, subscriptions=2, periods=2, currencies=("EUR", "USD"), path=out,
        check=(
            (
                "Read",
                "2 customers with 2 subscriptions: 2 periods in 3 rows, that began in January 2025.",
            ),
            ("In EUR", "2.00 EUR billed on 1 invoice, taxes included."),
            ("In USD", "2.00 USD billed on 1 invoice, taxes included."),
            (
                "Missing",
                f"usage.csv: there is no usage.csv.journal next to it, so it is {UNKNOWN}",
            ),
            ("Of when", "Unknown."),
        ),
    )  # fmt: skip


def test_the_same_export_gives_the_same_page(tmp_path: Path) -> None:
    rows = [row(f"cus_{number % 40}", f"2025-{number % 12 + 1:02}", amount_cents=number) for number in range(500)]
    pages = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        pages.append(page_of(tmp_path / name, rows).read_bytes())
    assert pages[0] == pages[1]


def test_a_page_that_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "usage.csv", [row()])
    out = tmp_path / "report.html"
    write_report([file], out)
    old = out.read_text()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LagoFileError, match="No space left"):
        write_report([file], out)
    assert out.read_text() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "usage.csv"]


@pytest.mark.parametrize(
    ("currency", "cents", "shown"),
    [
        ("EUR", 123456789, "1,234,567.89 EUR"),
        ("USD", 5, "0.05 USD"),
        ("JPY", 1234567, "1,234,567 JPY"),
        ("KWD", 1234567, "1,234.567 KWD"),
    ],
)
def test_money_has_the_decimals_of_its_currency(tmp_path: Path, currency: str, cents: int, shown: str) -> None:
    rows = [row(currency=currency, amount_currency=currency, period_total_amount_cents=cents)]
    assert f"1 customer was billed {shown} on 1 bill" in without_scripts(page_of(tmp_path, rows))


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    rows = [
        row(f"cus_{number:03}", billable_metric_code=f"m{number}", period_total_amount_cents=1000 - number)
        for number in range(130)
    ]
    text = without_scripts(page_of(tmp_path, rows))
    assert "The 20 largest customers were billed 16.3&nbsp;% of the total, the other 110 customers together" in text
    assert text.count('<tr id="c0-b-') == 130  # every customer is listed, and linked to its bills
    assert "Not shown: the other 118 metrics together, 118.00 EUR." in text
    assert "So no growth is shown." in text
    names = [trace["name"] for trace in specs(tmp_path / "report.html")[0]["data"]]
    assert names == [*["API calls"] * 8, "Fees, taxes and all else"]


@pytest.mark.parametrize("ending", FORMATS)
def test_an_export_without_rows_gives_a_page_that_says_so(tmp_path: Path, ending: str) -> None:
    page = page_of(tmp_path, [], f"usage.{ending}")
    assert "The export holds no rows" in without_scripts(page)
    assert page.stat().st_size < 20_000


def test_an_export_of_no_bytes_gives_that_page_too(tmp_path: Path) -> None:
    (tmp_path / "usage.ndjson").write_bytes(b"")
    assert write_report([tmp_path / "usage.ndjson"], tmp_path / "report.html").rows == 0


def test_the_charts_are_such_as_plotly_knows(tmp_path: Path) -> None:
    charts = specs(page_of(tmp_path, year_of_bills()))
    assert [chart["id"] for chart in charts] == ["c0-months", "c0-growth", "c0-customers", "c0-moves", "c0-metrics"]
    for chart in charts:
        for trace in chart["data"]:
            del trace["marker"]["color"], trace["marker"]["line"]["color"]  # names of the style sheet's
        go.Figure(data=chart["data"], layout=chart["layout"])  # refuses unknown names
