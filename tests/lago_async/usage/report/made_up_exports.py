"""Exports that are written by hand, and the content of a report's page."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from lago_async.usage import COLUMNS, write_report
from lago_async.usage._report.adding import add_up
from lago_async.usage._report.totals import CurrencyTotals

pa: Any = import_module("pyarrow")  # without types
pq: Any = import_module("pyarrow.parquet")

UsageRow = Mapping[str, Any]
NAMES = [column.name for column in COLUMNS]
FORMATS = ["ndjson", "csv", "parquet"]


def row(customer: str = "acme", month: str = "2025-01", **more: Any) -> UsageRow:
    """Return one row of a period that began with a month, with 1.00 EUR of usage on a bill of 2.00 EUR."""
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
        "invoice_status": "finalized",
        "customer_name": None,
        "level": "charge",
        "billable_metric_code": "calls",
        "billable_metric_name": "API calls",
        "units": "1.5",
        "events_count": 3,
        "amount_cents": 100,
        "amount_currency": "EUR",
    } | more  # fmt: skip


def write(path: Path, rows: Iterable[UsageRow]) -> Path:
    """Write an export in the format of its suffix."""
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
    """Return a decimal as a column holds it, with 20 digits before the point and 18 after it."""
    rounded = Decimal(text).quantize(Decimal("1e-18"), context=Context(prec=60))
    return rounded if abs(rounded) < 10**20 else None


def is_long(text: str | None) -> bool:
    return text is not None and as_decimal(text) != Decimal(text)


def as_table(rows: Sequence[UsageRow]) -> Any:
    kinds: dict[str, tuple[Any, Callable[[Any], object]]] = {
        "integer": (pa.int64(), lambda value: value),
        "decimal": (pa.decimal128(38, 18), as_decimal),
        "timestamp": (pa.timestamp("ms", "UTC"), lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC)),
        "date": (pa.date32(), date.fromisoformat),
    }
    arrays: dict[str, Any] = {}
    for column in COLUMNS:
        kind, made = kinds.get(column.type, (pa.string(), str))
        values = [None if one[column.name] is None else made(one[column.name]) for one in rows]
        arrays[column.name] = pa.array(values, kind)
    exact = [json.dumps({"units": one["units"]}) if is_long(one["units"]) else None for one in rows]
    return pa.table(arrays | {"exact": pa.array(exact, pa.string())})


def counted(*files: Path) -> CurrencyTotals:
    """Return the totals of the only currency of some exports."""
    (currency,) = add_up(files).currencies
    return currency


def page_of(folder: Path, rows: Iterable[UsageRow], name: str = "usage.ndjson") -> Path:
    out = folder / "report.html"
    write_report([write(folder / name, rows)], out)
    return out


def without_scripts(page: Path) -> str:
    """Return the text of the page, without that of the drawing library."""
    return re.sub(r"<script.*?</script>", "", page.read_text("utf-8"), flags=re.DOTALL)


def specs(page: Path) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page.read_text("utf-8"))
    assert found
    charts: list[dict[str, Any]] = json.loads(found[1])
    return charts


def year_of_bills() -> list[UsageRow]:
    """Return month totals of 1 : 2 : 3 : 2 for twelve customers; customer 0 is largest, and grows while 1 shrinks."""
    rows: list[UsageRow] = []
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


PLANS = ("Starter", "Growth", "Scale")


def business_year() -> list[UsageRow]:
    """Return eight months of ten customers on three plans: a draft and a voided bill in June, and August so far."""
    rows: list[UsageRow] = []
    for month in range(1, 9):
        for customer in range(10):
            if (customer == 3 and month > 4) or (customer == 5 and month < 3):
                continue
            amount = (10_000 + 500 * month) // (customer + 1)
            status = {(6, 0): "voided", (6, 1): "draft"}.get((month, customer), "finalized")
            rows.append(
                row(
                    f"cus_{customer:02}",
                    f"2025-{month:02}",
                    customer_name=f"Company {customer} & Sons",
                    plan_code=PLANS[customer % 3].lower(),
                    plan_name=PLANS[customer % 3],
                    lago_invoice_id=None if month == 8 else f"invoice {month} {customer}",
                    invoice_status=None if month == 8 else status,
                    period_total_amount_cents=amount,
                    amount_cents=amount // 2,
                )
            )
    return rows
