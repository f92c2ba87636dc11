"""The first check in words: amounts by what they are, what is missing, and of when it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lago_async.__main__ import main
from lago_async.usage import ExportSummary, write_report
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import BROKEN, run
from tests.lago_async.usage.report.made_up_exports import NAMES, page_of, row, without_scripts, write

NOW = datetime(2025, 2, 3, 4, 5, tzinfo=UTC)
NOTHING = "No subscription of those that were asked for is missing."


def checked(*files: Path) -> dict[str, str]:
    return dict(write_report(files, files[0].with_suffix(".html")).check)


def exported(out: Path, **options: object) -> ExportSummary:
    return run(out, Quick(), now=NOW, **options)  # type: ignore[arg-type]


def test_drafts_are_told_apart_and_voided_invoices_are_in_no_total(tmp_path: Path) -> None:
    statuses = ["finalized", "draft", "voided", "failed", "pending", "closed", None]
    rows = [
        row(f"c{number}", invoice_status=status, period_total_amount_cents=10**number, amount_cents=10**number)
        for number, status in enumerate(statuses)
    ]
    rows.append(row("running", lago_invoice_id=None, invoice_status=None, period_total_amount_cents=7, amount_cents=7))
    said = checked(write(tmp_path / "usage.csv", rows))
    assert said["In EUR"] == (
        "10,000.01 EUR billed on 2 invoices, taxes included; 110.10 EUR on 3 drafts, not billed yet; "
        "0.07 EUR so far in 1 running period, on no invoice yet; 1,001.00 EUR on 2 voided invoices, in no total."
    )
    assert "The status of 1 invoice is unknown: they count as billed" in said["Missing"]


@pytest.mark.parametrize("ending", ["ndjson", "csv", "parquet"])
def test_the_journal_tells_of_when_an_export_is_and_that_nothing_is_missing(tmp_path: Path, ending: str) -> None:
    exported(tmp_path / f"usage.{ending}")
    said = checked(tmp_path / f"usage.{ending}")
    assert said["Missing"].startswith(NOTHING)
    assert said["Of when"] == "Fetched at 2025-02-03 04:05 UTC. What was billed or used later is not in it."


def test_subscriptions_that_failed_and_what_was_not_asked_for_are_said_to_be_missing(tmp_path: Path) -> None:
    settings = {"kind": "past", "from": "2025-01-01T00:00:00+00:00", "metric": "calls", "subscriptions": "all"}
    exported(tmp_path / "usage.ndjson", failing=[BROKEN], settings=settings)
    said = checked(tmp_path / "usage.ndjson")["Missing"]
    assert said.startswith("1 subscription is missing, because the calls failed: run the export again.")
    assert "Only periods that began at 2025-01-01 00:00 UTC or later were exported." in said
    assert "Only usage of the metric calls was exported; the bills are whole." in said
    exported(tmp_path / "usage.ndjson", settings=settings)
    assert checked(tmp_path / "usage.ndjson")["Missing"].startswith("No subscription of the organisation is missing.")


def test_a_file_that_was_changed_is_not_vouched_for(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    exported(out)
    whole = out.read_bytes()
    out.write_bytes(b"".join(whole.splitlines(keepends=True)[:-3]))
    said = checked(out)
    assert "it is not the file that usage.ndjson.journal lists: it was changed since" in said["Missing"]
    assert said["Of when"] == "Unknown."
    out.write_bytes(whole)
    (tmp_path / "usage.ndjson.journal").write_bytes(b"{}\n")
    assert "usage.ndjson.journal is damaged" in checked(out)["Missing"]


def test_a_month_that_was_not_over_when_the_export_was_made_is_said_to_be_so_far(tmp_path: Path) -> None:
    exported(tmp_path / "usage.ndjson")  # its periods are those of January, and it was made in February
    write_report([tmp_path / "usage.ndjson"], tmp_path / "report.html")
    assert "January 2025</th>" in without_scripts(tmp_path / "report.html")
    run(tmp_path / "early.ndjson", Quick(), now=datetime(2025, 1, 20, tzinfo=UTC))
    write_report([tmp_path / "early.ndjson"], tmp_path / "report.html")
    assert "January 2025 (not over)</th>" in without_scripts(tmp_path / "report.html")


def test_an_export_of_version_1_lacks_statuses_and_names_and_is_read(tmp_path: Path) -> None:
    new = ("invoice_status", "customer_name", "plan_code", "plan_name")
    file = write(tmp_path / "usage.csv", [row("a")])
    header, line = file.read_text("utf-8").splitlines()
    kept = [place for place, name in enumerate(NAMES) if name not in new]
    file.write_text("".join(",".join(text.split(",")[place] for place in kept) + "\n" for text in (header, line)))
    said = checked(file)
    assert said["In EUR"] == "2.00 EUR billed on 1 invoice, taxes included."
    assert "The status of 1 invoice is unknown" in said["Missing"]


def test_the_command_says_the_first_check_and_the_page_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "usage.csv", [row("a"), row("b", lago_invoice_id=None)])
    assert main(["usage", "report", str(file), "--out", str(tmp_path / "report.html")]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "Read: 2 customers with 2 subscriptions: 2 periods in 2 rows, that began in January 2025."
    assert shown[1].startswith("In EUR: 2.00 EUR billed on 1 invoice, taxes included; 2.00 EUR so far in 1 running")
    assert [line.partition(":")[0] for line in shown] == [
        "Read",
        "In EUR",
        "Missing",
        "Of when",
        f"written to {tmp_path}/report.html",
    ]
    page = without_scripts(tmp_path / "report.html")
    assert "2 customers with 2 subscriptions: 2 periods in 2 rows" in page


def test_names_are_escaped_and_customers_are_linked_to_their_bills(tmp_path: Path) -> None:
    rows = [row("a", customer_name="<b>A & Co</b>"), row("b", customer_name=None), row("b", "2025-02")]
    page = without_scripts(page_of(tmp_path, rows))
    assert (
        '<a href="#c0-b-1"><bdi>&lt;b&gt;A &amp; Co&lt;/b&gt;</bdi> <small class="id"><bdi>a</bdi></small></a>' in page
    )
    assert '<a href="#c0-b-0"><bdi>b</bdi></a>' in page
    assert page.count('id="c0-b-0"') == page.count('id="c0-b-1"') == 1
    assert page.count('data-group="c0-b-0"') == 2
