"""The report of an export: what it adds up, what the page says, and what a browser draws of it."""

import csv
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import evolve

from lago_async import LagoClient
from lago_async.errors import LagoFileError
from lago_async.sandbox import DEMO_CUSTOMER, DEMO_HISTORY, DEMO_SUBSCRIPTION, Sandbox, add_demo_data
from lago_async.usage import export
from lago_async.usage.report import ReportError, ReportSummary, write_report
from lago_async.usage.schema import COLUMNS
from lago_async.usage.tally import CurrencyTally, Move, tally
from tests.usage import browser

Row = Mapping[str, Any]
NAMES = [column.name for column in COLUMNS]
FORMATS = ["ndjson", "csv", "parquet"]


def row(customer: str = "acme", month: str = "2025-01", **more: Any) -> Row:
    """One row of a period that began with a month, with 1.00 EUR of usage on a bill of 2.00 EUR."""
    days = {"02": 28, "04": 30, "06": 30, "09": 30, "11": 30}.get(month[5:], 31)
    subscription = more.get("external_subscription_id", f"sub of {customer}")
    return dict.fromkeys(NAMES) | {
        "external_customer_id": customer,
        "external_subscription_id": subscription,
        "lago_invoice_id": f"{subscription} {month}",
        "from_datetime": f"{month}-01T00:00:00Z",
        "to_datetime": f"{month}-{days}T23:59:59Z",
        "issuing_date": f"{month}-{days}",
        "currency": "EUR",
        "period_total_amount_cents": 200,
        "level": "charge",
        "billable_metric_code": "calls",
        "billable_metric_name": "API calls",
        "units": "1.5",
        "events_count": 3,
        "amount_cents": 100,
        "amount_currency": "EUR",
    } | more  # fmt: skip


def write(path: Path, rows: Iterable[Row]) -> Path:
    """An export, in the format that its name says."""
    lines = list(rows)
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, NAMES, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
    elif path.suffix == ".parquet":
        pq.write_table(as_table(lines), path)
    else:
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def as_decimal(text: str) -> Decimal | None:
    """What of a decimal a column of 20 digits before the point and 18 after it holds."""
    rounded = Decimal(text).quantize(Decimal("1e-18"), context=Context(prec=60))
    return rounded if abs(rounded) < 10**20 else None


def is_long(text: str | None) -> bool:
    return text is not None and as_decimal(text) != Decimal(text)


def as_table(rows: Sequence[Row]) -> pa.Table:
    kinds = {
        "integer": (pa.int64(), lambda value: value),
        "decimal": (pa.decimal128(38, 18), as_decimal),
        "timestamp": (pa.timestamp("ms", "UTC"), lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC)),
        "date": (pa.date32(), date.fromisoformat),
    }
    arrays = {}
    for column in COLUMNS:
        kind, made = kinds.get(column.kind, (pa.string(), str))
        values = [None if one[column.name] is None else made(one[column.name]) for one in rows]
        arrays[column.name] = pa.array(values, kind)
    exact = [json.dumps({"units": one["units"]}) if is_long(one["units"]) else None for one in rows]
    return pa.table(arrays | {"exact": pa.array(exact, pa.string())})


def counted(*files: Path) -> CurrencyTally:
    """The one currency of some exports."""
    (currency,) = tally(files).currencies
    return currency


def page_of(folder: Path, rows: Iterable[Row], name: str = "usage.ndjson") -> Path:
    out = folder / "report.html"
    write_report([write(folder / name, rows)], out)
    return out


def without_scripts(page: Path) -> str:
    """What the page says; not the drawing library."""
    return re.sub(r"<script.*?</script>", "", page.read_text("utf-8"), flags=re.DOTALL)


def specs(page: Path) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page.read_text("utf-8"))
    assert found
    charts: list[dict[str, Any]] = json.loads(found[1])
    return charts


# --- adding up --------------------------------------------------------------------------------------------------------


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
    assert "1 period is on no invoice yet" in out.read_text("utf-8")
    write_report([write(tmp_path / f"billed.{ending}", rows[:1])], out)
    assert "no invoice yet" not in out.read_text("utf-8")


def test_an_invoice_over_several_subscriptions_is_one_bill(tmp_path: Path) -> None:
    rows = [row(external_subscription_id=name, lago_invoice_id="one for both") for name in ("a", "b")]
    found = tally([write(tmp_path / "usage.csv", rows)])
    assert (found.subscriptions, found.periods, found.shared_bills) == (2, 2, 1)
    assert (found.currencies[0].billed, found.currencies[0].bills, found.currencies[0].used) == (200, 1, 200)


def test_without_an_invoice_each_period_is_a_bill(tmp_path: Path) -> None:
    rows = [row(month=month, lago_invoice_id=None) for month in ("2025-01", "2025-02", "2025-02")]
    assert (counted(write(tmp_path / "usage.csv", rows)).billed) == 400


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_gives_the_same_totals(tmp_path: Path, ending: str) -> None:
    rows = [
        row('a\n"b",c', "2024-12", units="0.000000000000000001", period_total_amount_cents=2**62),
        row("NA", "2025-01", units="12345678901234567890123.5", amount_cents=2**62),
        row("null", "2025-02", units="0.1234567890123456789012345678901", amount_cents=2**62),
        row("none", "2025-02", level="period", period_total_amount_cents=0, **dict.fromkeys(NAMES[11:])),
        row("unknown", "2025-02", period_total_amount_cents=None),
        row("late", from_datetime=None, to_datetime=None),
    ]  # fmt: skip
    found = tally([write(tmp_path / f"usage.{ending}", rows)])
    (currency,) = found.currencies
    assert (found.rows, found.customers, found.periods) == (6, 6, 6)
    assert currency.billed == 2**62 + 600
    assert (currency.bills, currency.bills_without_amount, currency.undated) == (5, 1, 200)
    assert [(month.month - 12 * 2025, month.billed, month.full) for month in currency.months] == [
        (-1, 2**62, True),
        (0, 200, True),
        (1, 200, True),
    ]
    assert [one.external_customer_id for one in currency.largest] == ['a\n"b",c', "NA", "late", "null", "none"]
    (metric,) = currency.metrics
    assert metric.amount == 2**63 + 300  # more than an int64 holds
    assert metric.units == Decimal("12345678901234567890126.6234567890123456799012345678901")
    assert metric.events == 15


def test_currencies_are_never_added_together(tmp_path: Path) -> None:
    rows = [row("a"), row("a", currency="JPY", amount_currency="JPY", period_total_amount_cents=70), row("b")]
    found = tally([write(tmp_path / "usage.ndjson", rows)])
    assert [(one.currency, one.billed, one.used) for one in found.currencies] == [("EUR", 400, 200), ("JPY", 70, 100)]


def test_months_are_those_of_utc_and_leave_none_out(tmp_path: Path) -> None:
    rows = [row("a", from_datetime="2024-12-31T23:00:00Z"), row("b", "2025-03")]
    found = counted(write(tmp_path / "usage.parquet", rows))
    assert [month.month - 12 * 2025 for month in found.months] == [-1, 0, 1, 2]
    assert [month.billed for month in found.months] == [200, 0, 0, 200]


def test_a_month_that_the_export_does_not_reach_the_end_of_is_not_full(tmp_path: Path) -> None:
    rows = [row("a", month) for month in ("2025-01", "2025-02")]
    rows.append(row("a", "2025-03", to_datetime="2025-03-14T23:59:59Z"))
    assert [month.full for month in counted(write(tmp_path / "usage.csv", rows)).months] == [True, True, False]


def test_who_grew_and_who_shrank_most(tmp_path: Path) -> None:
    before = {"up": 100, "down": 900, "same": 50, "gone": 30}
    after = {"up": 400, "down": 100, "same": 50, "new": 70}
    rows = [
        row(name, month, period_total_amount_cents=amount)
        for month, bills in (("2025-01", before), ("2025-02", after))
        for name, amount in bills.items()
    ]
    found = counted(write(tmp_path / "usage.ndjson", rows))
    assert found.growing == (Move("up", 100, 400), Move("new", 0, 70))
    assert found.shrinking == (Move("down", 900, 100), Move("gone", 30, 0))


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
    found = [tally([tmp_path / ending]) for ending in FORMATS]
    assert billed == found[0].currencies[0].billed > 0
    assert len(found[0].currencies[0].months) == 3
    assert found[0].currencies[0].metrics_count == 2
    assert [evolve(one, files=()) for one in found] == [evolve(found[0], files=())] * 3


# --- which files ------------------------------------------------------------------------------------------------------


def test_several_exports_in_any_format_add_up(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{ending}.{ending}", [row(ending)]) for ending in FORMATS]
    found = tally(files)
    assert (found.rows, found.customers, found.currencies[0].billed) == (3, 3, 600)


def test_of_a_folder_the_exports_are_read_and_nothing_else(tmp_path: Path) -> None:
    for ending in FORMATS:
        write(tmp_path / f"usage.{ending}", [row("a")])  # one export, in three formats
    write(tmp_path / "usage-2.jsonl", [row("b")])
    for name in ("usage.ndjson.failures.ndjson", "failures.csv", "usage.csv.journal", ".usage.csv", "usage.csv.part"):
        (tmp_path / name).write_text("external_customer_id\nx\n")
    found = tally([tmp_path])
    assert [file.name for file in found.files] == ["usage.parquet", "usage-2.jsonl"]
    assert found.customers == 2


def test_a_period_in_two_files_is_refused(tmp_path: Path) -> None:
    files = [write(tmp_path / name, [row("a"), row("b")]) for name in ("one.csv", "two.ndjson")]
    with pytest.raises(ReportError, match=r"one\.csv and .*two\.ndjson both hold the period .*give only one of them"):
        tally(files)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("missing.csv", None, "no such file"),
        ("usage.xlsx", b"", "the name of an export ends in"),
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
        tally([path])


def test_a_folder_without_exports_and_no_source_at_all_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no export in this folder"):
        tally([tmp_path])
    with pytest.raises(ReportError, match="no export was given"):
        tally([])
    file = write(tmp_path / "usage.csv", [row()])
    with pytest.raises(ReportError, match="given twice"):
        tally([file, tmp_path])


@pytest.mark.parametrize("module", ["pyarrow", "plotly.offline"])
def test_what_is_not_installed_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    file = write(tmp_path / "usage.csv", [row()])
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ReportError, match=r"pip install 'lago-async\[report\]'"):
        write_report([file], tmp_path / "report.html")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_summary_says_what_was_read(tmp_path: Path) -> None:
    file = write(tmp_path / "usage.csv", [row("a"), row("a"), row("b", currency="USD", amount_currency="USD")])
    out = tmp_path / "report.html"
    assert write_report([file], out) == ReportSummary(
        rows=3, customers=2, subscriptions=2, periods=2, currencies=("EUR", "USD"), path=out
    )


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
    out.write_text("the old one")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LagoFileError, match="No space left"):
        write_report([file], out)
    assert out.read_text() == "the old one"
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
    assert "The 20 largest customers were billed 16.3 % of it all, the other 110 customers together" in text
    assert "The other 110 customers together</th>" in text
    assert "Not shown: the other 118 metrics together, 118.00 EUR." in text
    assert "Growth needs two full months" in text
    assert [trace["name"] for trace in specs(tmp_path / "report.html")[0]["data"]][-1] == (
        "The other 120 customers together"
    )


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
        go.Figure(data=chart["data"], layout=chart["layout"])  # refuses what it does not know


# --- what a browser draws ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> str:
    found = browser.find_chromium()
    if found is None and os.environ.get("LAGO_TEST_BROWSER") == "required":
        pytest.fail("LAGO_TEST_BROWSER=required, and there is no Chromium: apt-get install chromium")
    return found or pytest.skip("there is no Chromium here; .ci/run installs Debian's")


@pytest.fixture
async def chrome(chromium: str) -> AsyncIterator[browser.Browser]:
    async with browser.running(chromium) as started:
        yield started


# Kept when all charts are drawn.
DRAWN = """new Promise(done => {
  const root = document.documentElement, drawn = () => Number(root.dataset.drawn);
  if (drawn()) return done(drawn());
  new MutationObserver((_, seen) => { if (drawn()) { seen.disconnect(); done(drawn()); } })
    .observe(root, {attributes: true});
})"""


def bars_of(chart: str, trace: int = 0) -> str:
    """The boxes of the bars that a trace drew, those of no size left out."""
    return f"""[...document.querySelectorAll('#{chart} .trace.bars')[{trace}].querySelectorAll('.point path')]
        .map(path => path.getBoundingClientRect()).map(({{x, y, width, height}}) => ({{x, y, width, height}}))
        .filter(box => box.width && box.height)"""


def texts_of(selector: str) -> str:
    return f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.textContent.trim())"


def year_of_bills() -> list[Row]:
    """Month totals of 1 : 2 : 3 : 2 by twelve customers; customer 0 is the largest, and grows while 1 shrinks."""
    rows = []
    for month, factor in (("2025-01", 1), ("2025-02", 2), ("2025-03", 3), ("2025-04", 2)):
        for customer in range(12):
            amount = 1000 * factor * (12 - customer)
            if month == "2025-04" and customer < 2:
                amount += 5000 if customer == 0 else -5000
            rows.append(
                row(
                    f"cus_{customer:02}",
                    month,
                    period_total_amount_cents=amount,
                    billable_metric_code=("calls", "storage")[customer % 2],
                    billable_metric_name=("API calls", "Storage")[customer % 2],
                    amount_cents=300 if customer % 2 else 900,
                )
            )
    return rows


async def test_the_bars_are_as_long_as_the_bills_are_high(chrome: browser.Browser, tmp_path: Path) -> None:
    url = page_of(tmp_path, year_of_bills()).as_uri()
    page = await chrome.open(url)
    assert await page.evaluate(DRAWN) == 5

    # By month: ten customers and the other two, one upon the other; the whole as 1 : 2 : 3 : 2.
    assert await page.evaluate("document.querySelectorAll('#c0-months .trace.bars').length") == 11
    stacks = [await page.evaluate(bars_of("c0-months", trace)) for trace in range(11)]
    assert [len(stack) for stack in stacks] == [4] * 11
    whole = [sum(stack[month]["height"] for stack in stacks) for month in range(4)]
    assert whole == pytest.approx([whole[0] * factor for factor in (1, 2, 3, 2)], abs=1)
    assert stacks[0][2]["height"] == pytest.approx(whole[2] * 12 / 78, abs=1)
    assert await page.evaluate(texts_of("#c0-months .xtick text")) == ["Jan2025", "Feb2025", "Mar2025", "Apr2025"]
    legend = await page.evaluate(texts_of("#c0-months .legendtext"))
    assert legend == [f"cus_{customer:02}" for customer in range(10)] + ["The other 2 customers together"]

    # By customer: the longest on top, in proportion.
    customers = await page.evaluate(bars_of("c0-customers"))
    billed = [8 * 12 + 5, 8 * 11 - 5, *(8 * (12 - customer) for customer in range(2, 12))]
    unit = customers[0]["width"] / billed[0]
    assert [bar["width"] for bar in customers] == pytest.approx([unit * amount for amount in billed], abs=1)
    assert [bar["y"] for bar in customers] == sorted(bar["y"] for bar in customers)
    assert await page.evaluate(texts_of("#c0-customers .ytick text")) == [f"cus_{number:02}" for number in range(12)]

    # Growth: +100 %, +50 %, -33.3 %, the last below the line.
    growth = await page.evaluate(bars_of("c0-growth"))
    assert [bar["height"] for bar in growth] == pytest.approx(
        [growth[0]["height"] * part for part in (1, 0.5, 1 / 3)], abs=1
    )
    assert growth[2]["y"] == pytest.approx(growth[0]["y"] + growth[0]["height"], abs=1)

    # Who moved: one to the right, the others to the left.
    moves = await page.evaluate(bars_of("c0-moves"))
    assert [bar["x"] < moves[0]["x"] for bar in moves[1:]] == [True] * (len(moves) - 1)

    metrics = await page.evaluate(bars_of("c0-metrics"))
    assert metrics[1]["width"] == pytest.approx(metrics[0]["width"] / 3, abs=1)
    assert await page.evaluate(texts_of("#c0-metrics .ytick text")) == ["API calls", "Storage"]

    assert page.problems == []
    assert page.requests == [url]


async def hovered(page: browser.Page, chart: str, bar: Mapping[str, float]) -> str:
    """What is shown while the mouse is on a bar."""
    listen = f"document.getElementById('{chart}').once('plotly_hover', () => done(true))"
    await page.evaluate(f"window.hovered = new Promise(done => {{ {listen} }}), 0")
    middle = {"x": bar["x"] + bar["width"] / 2, "y": bar["y"] + bar["height"] / 2}
    await page.send("Input.dispatchMouseEvent", type="mouseMoved", **middle)
    assert await page.evaluate("window.hovered")
    (text,) = await page.evaluate(texts_of(f"#{chart} .hoverlayer .hovertext"))
    return str(text)


async def test_hovering_tells_the_exact_amount_units_and_events(chrome: browser.Browser, tmp_path: Path) -> None:
    page = await chrome.open(page_of(tmp_path, year_of_bills()).as_uri(), height=4000)
    await page.evaluate(DRAWN)
    (bar, _) = await page.evaluate(bars_of("c0-metrics"))
    assert await hovered(page, "c0-metrics", bar) == "API calls (calls)216.00 EUR36 units72 events"


HOSTILE = [
    "</script><script>document.title='run'</script>",
    "<!--<script>",
    "<img src=x onerror=\"document.title='run'\">",
    "<a href=\"javascript:document.title='run'\">press</a>",
    "<b>bold</b><br>&amp;",
    "%{y}{{x}}$x$ ${title}",
    "\u2028\u202egnp.exe\x07'\"",
    "",
    "x" * 5000,
]


async def test_ids_are_text_whatever_they_hold(chrome: browser.Browser, tmp_path: Path) -> None:
    rows = [
        row(
            name,
            month,
            external_subscription_id=name,
            billable_metric_code=name,
            billable_metric_name=name,
            lago_invoice_id=f"{number} {month}",
            period_total_amount_cents=(100 - number) * factor,
            amount_cents=100 - number,
        )
        for month, factor in (("2025-01", 1), ("2025-02", 2))
        for number, name in enumerate(HOSTILE)
    ]
    rows += [row("a", currency=name, amount_currency=name) for name in HOSTILE[:3]]
    url = page_of(tmp_path, rows).as_uri()
    page = await chrome.open(url, height=4000)
    assert await page.evaluate(DRAWN) == 5 + 2 * 3 + 3  # of one month there is no growth and no move
    assert await page.evaluate("document.title") == "Usage and bills"
    assert await page.evaluate("document.scripts.length") == 3
    assert await page.evaluate("document.querySelectorAll('main a:not([href^=\"#c\"]), main img, svg a').length") == 0
    shown = [
        "</script><script>document.title='…",
        "<!--<script>",
        '<img src=x onerror="document.titl…',
        '<a href="javascript:document.titl…',
        "<b>bold</b><br>&amp;",
        "%{y}{{x}}$x$ ${title}",
        "\ufffd\ufffdgnp.exe\ufffd'\"",
        "(empty)",
        "x" * 33 + "…",
    ]  # fmt: skip
    assert await page.evaluate(texts_of("#c0-customers .ytick text")) == shown
    metrics = ["(no metric)" if name == "(empty)" else name for name in shown]
    assert await page.evaluate(texts_of("#c0-metrics .ytick text")) == metrics
    assert await page.evaluate(texts_of("#c0-months .legendtext")) == shown
    bars = await page.evaluate(bars_of("c0-customers"))
    assert (await hovered(page, "c0-customers", bars[4])).startswith("<b>bold</b><br>&amp;2.88 EUR, 11.")
    table = await page.evaluate(texts_of("#c0 table:first-of-type tbody th"))
    assert HOSTILE[0] in table
    assert page.problems == []
    assert page.requests == [url]


async def test_a_script_that_is_not_the_pages_own_does_not_run(chrome: browser.Browser, tmp_path: Path) -> None:
    page_file = page_of(tmp_path, year_of_bills())
    text = page_file.read_text("utf-8")
    page_file.write_text(
        text.replace("</main>", "<script>document.title='run'</script><img src='https://lago.invalid/'></main>"),
        "utf-8",
    )
    page = await chrome.open(page_file.as_uri())
    assert await page.evaluate(DRAWN) == 5
    assert await page.evaluate("document.title") == "Usage and bills"
    assert len([problem for problem in page.problems if "Content Security Policy" in problem]) == 2


async def test_it_fits_a_telephone_and_follows_dark(chrome: browser.Browser, tmp_path: Path) -> None:
    url = page_of(tmp_path, year_of_bills()).as_uri()
    paper = {}
    for dark in (False, True):
        page = await chrome.open(url, width=400, dark=dark)
        await page.evaluate(DRAWN)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 400
        assert (
            await page.evaluate("Math.max(...[...document.querySelectorAll('.chart svg')].map(one => one.clientWidth))")
            < 400
        )
        ink = "getComputedStyle(document.querySelector('#c0-customers .ytick text')).fill"
        paper[dark] = await page.evaluate("getComputedStyle(document.body).backgroundColor"), await page.evaluate(ink)
        assert page.problems == []
    assert paper == {
        False: ("rgb(246, 247, 249)", "rgb(27, 35, 48)"),
        True: ("rgb(18, 22, 29)", "rgb(231, 235, 242)"),
    }


async def test_without_javascript_the_tables_say_it_all(chrome: browser.Browser, tmp_path: Path) -> None:
    page = await chrome.open(page_of(tmp_path, year_of_bills()).as_uri(), script=False)
    document = await page.send("DOM.getDocument", depth=0)
    found = await page.send("DOM.querySelector", nodeId=document["root"]["nodeId"], selector="noscript p")
    box = await page.send("DOM.getBoxModel", nodeId=found["nodeId"])
    assert box["model"]["height"] > 0
    text = without_scripts(tmp_path / "report.html")
    assert "1,010.00 EUR" in text  # the largest customer's: (1 + 2 + 3 + 2) x 120.00 + 50.00
    assert page.problems == []
