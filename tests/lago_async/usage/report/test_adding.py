"""The totals of a report: bills, months, customers and metrics."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from lago_async import LagoClient
from lago_async.sandbox import DEMO_CUSTOMER, DEMO_HISTORY, DEMO_SUBSCRIPTION, Sandbox, add_demo_data
from lago_async.usage import export, write_report
from lago_async.usage._formats.csv import Csv
from lago_async.usage._report.adding import add_up
from lago_async.usage._report.totals import Comparison, CustomerChange
from tests.lago_async.usage.report.made_up_exports import FORMATS, NAMES, counted, page_of, row, without_scripts, write


@pytest.mark.parametrize("ending", FORMATS)
def test_a_bill_counts_once_however_many_rows_it_has(tmp_path: Path, ending: str) -> None:
    rows = [row(billable_metric_code=f"metric {number}", amount_cents=number) for number in range(5)]
    found = counted(write(tmp_path / f"usage.{ending}", rows))
    assert (found.billed, found.bills, found.used, found.metrics_count) == (200, 1, 10, 5)


@pytest.mark.parametrize("ending", FORMATS)
def test_usage_that_is_on_no_invoice_yet_is_said_to_be(tmp_path: Path, ending: str) -> None:
    rows = [row("c1"), *(row("c2", lago_invoice_id=None, billable_metric_code=code) for code in ("calls", "storage"))]
    out = tmp_path / "report.html"
    write_report([write(tmp_path / f"usage.{ending}", rows)], out)
    said = "2.00 EUR billed on 1 invoice, taxes included; 2.00 EUR so far in 1 running period, on no invoice yet."
    assert said in without_scripts(out)
    write_report([write(tmp_path / f"billed.{ending}", rows[:1])], out)
    assert "no invoice yet" not in without_scripts(out)


def test_an_invoice_over_several_subscriptions_is_one_bill(tmp_path: Path) -> None:
    rows = [row(external_subscription_id=name, lago_invoice_id="one for both") for name in ("a", "b")]
    found = add_up([write(tmp_path / "usage.csv", rows)])
    assert (found.subscriptions, found.periods, found.shared_bills) == (2, 2, 1)
    assert (found.currencies[0].billed, found.currencies[0].bills, found.currencies[0].used) == (200, 1, 200)


def test_without_an_invoice_each_period_counts_and_is_not_billed(tmp_path: Path) -> None:
    rows = [row(month=month, lago_invoice_id=None) for month in ("2025-01", "2025-02", "2025-02")]
    found = counted(write(tmp_path / "usage.csv", rows))
    assert (found.billed, found.bills, found.running, found.running_bills) == (0, 0, 400, 2)
    assert [(month.billed, month.running) for month in found.months] == [(0, 200), (0, 200)]
    assert (found.used, found.growing, found.compared) == (0, (), None)


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_gives_the_same_totals(tmp_path: Path, ending: str) -> None:
    rows = [
        row('a\n"b",c', "2024-12", units="0.000000000000000001", period_total_amount_cents=2**62),
        row("NA", "2025-01", units="12345678901234567890123.5", amount_cents=2**62),
        row("null", "2025-02", units="0.1234567890123456789012345678901", amount_cents=2**62),
        row("none", "2025-02", level="period", period_total_amount_cents=0, **dict.fromkeys(NAMES[15:])),
        row("unknown", "2025-02", period_total_amount_cents=None),
        row("late", from_datetime=None, to_datetime=None),
    ]  # fmt: skip
    found = add_up([write(tmp_path / f"usage.{ending}", rows)])
    (currency,) = found.currencies
    assert (found.rows, found.customers, found.periods) == (6, 6, 6)
    assert currency.billed == 2**62 + 600
    assert (currency.bills, currency.bills_without_amount, currency.undated) == (5, 1, 200)
    assert [(month.month - 12 * 2025, month.billed, month.ended) for month in currency.months] == [
        (-1, 2**62, True),
        (0, 200, True),
        (1, 200, True),
    ]
    assert [one.external_customer_id for one in currency.largest] == ['a\n"b",c', "NA", "late", "null", "none"]
    (metric,) = currency.metrics
    assert metric.amount == 2**63 + 300  # more than an int64 holds
    assert metric.units == Decimal("12345678901234567890126.6234567890123456799012345678901")
    assert metric.events == 15


@pytest.mark.parametrize("ending", FORMATS)
def test_names_that_begin_like_a_formula_are_the_same_in_every_format(tmp_path: Path, ending: str) -> None:
    names = ["=1+1", "+49", "-5", "@a", "\tb", "\rc", "'d", "''e", "\uff1df", "g'=", "'"]
    rows = [row(name, period_total_amount_cents=100 + number) for number, name in enumerate(names)]
    file = tmp_path / f"usage.{ending}"
    if ending == "csv":
        file.write_bytes(Csv().begin() + Csv().encode([tuple(each[name] for name in NAMES) for each in rows]))
    else:
        write(file, rows)
    (currency,) = add_up([file]).currencies
    assert [one.external_customer_id for one in currency.largest] == names[::-1][: len(currency.largest)]


def test_currencies_are_never_added_together(tmp_path: Path) -> None:
    rows = [row("a"), row("a", currency="JPY", amount_currency="JPY", period_total_amount_cents=70), row("b")]
    found = add_up([write(tmp_path / "usage.ndjson", rows)])
    assert [(one.currency, one.billed, one.used) for one in found.currencies] == [("EUR", 400, 200), ("JPY", 70, 100)]


def test_months_are_those_of_utc_and_leave_none_out(tmp_path: Path) -> None:
    rows = [row("a", from_datetime="2024-12-31T23:00:00Z"), row("b", "2025-03")]
    found = counted(write(tmp_path / "usage.parquet", rows))
    assert [month.month - 12 * 2025 for month in found.months] == [-1, 0, 1, 2]
    assert [month.billed for month in found.months] == [200, 0, 0, 200]


def test_a_month_that_the_export_does_not_reach_the_end_of_is_not_over(tmp_path: Path) -> None:
    rows = [row("a", month) for month in ("2025-01", "2025-02")]
    rows.append(row("a", "2025-03", to_datetime="2025-03-14T23:59:59Z"))
    assert [month.ended for month in counted(write(tmp_path / "usage.csv", rows)).months] == [True, True, False]


def test_who_grew_and_who_shrank_most(tmp_path: Path) -> None:
    before = {"up": 100, "down": 900, "same": 50, "gone": 30}
    after = {"up": 400, "down": 100, "same": 50, "new": 70}
    rows = [
        row(name, month, period_total_amount_cents=amount, customer_name=name.upper())
        for month, bills in (("2025-01", before), ("2025-02", after))
        for name, amount in bills.items()
    ]
    found = counted(write(tmp_path / "usage.ndjson", rows))
    assert found.growing == (CustomerChange("up", "UP", 100, 400),)
    assert found.shrinking == (CustomerChange("down", "DOWN", 900, 100),)
    assert (found.appeared, found.left) == ((1, 70), (1, 30))
    assert [month.comparison for month in found.months] == [None, Comparison(3, 1050, 550)]


def test_five_years_of_months_are_shown_and_the_rest_is_said(tmp_path: Path) -> None:
    rows = [row("a", f"{year}-{month:02}") for year in range(2018, 2025) for month in range(1, 13)]
    found = counted(write(tmp_path / "usage.csv", rows))
    assert len(found.months) == 60
    assert (found.earlier, found.billed) == (24 * 200, 84 * 200)
    assert "48.00 EUR was billed before them" in without_scripts(page_of(tmp_path, rows))


def test_a_row_larger_than_a_block_is_read(tmp_path: Path) -> None:
    rows = [row("a"), row("b", presentation_breakdowns="x" * (5 << 20)), row("c")]
    assert counted(write(tmp_path / "usage.ndjson", rows)).billed == 600
    assert counted(write(tmp_path / "usage.csv", rows)).billed == 600


async def test_what_an_export_writes_is_what_a_report_reads(tmp_path: Path) -> None:
    now = datetime(2025, 6, 10, tzinfo=UTC)
    async with Sandbox(now=now - DEMO_HISTORY) as sandbox:
        add_demo_data(sandbox, now)
        async with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            billed = sum([period.total_amount_cents async for period in client.customers.find_all_past_usage(
                DEMO_CUSTOMER, external_subscription_id=DEMO_SUBSCRIPTION
            )])  # fmt: skip
            for ending in FORMATS:
                await export(client, tmp_path / ending / f"usage.{ending}")
    found = [add_up([tmp_path / ending]) for ending in FORMATS]
    assert billed == found[0].currencies[0].billed > 0
    assert len(found[0].currencies[0].months) == 3
    assert found[0].currencies[0].metrics_count == 2
    assert [evolve(one, files=(), provenance=()) for one in found] == [evolve(found[0], files=(), provenance=())] * 3
