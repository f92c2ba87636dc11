"""The totals of one export: its periods, and its usage by metric."""

from __future__ import annotations

from pathlib import Path

# pyarrow has no types of its own.
from typing import Any, Final

import attrs

from lago_async.usage._paths import files_of
from lago_async.usage._report.batches import no_rows, not_an_export, read_batches
from lago_async.usage._report.extras import require
from lago_async.usage._report.grouping import Grouping, PartialGroups
from lago_async.usage._report.states import states_of

_BLOCK, _LARGEST_BLOCK = 4 << 20, 1 << 30  # bytes

BY_PERIOD: Final = Grouping(
    ("external_customer_id", "external_subscription_id", "lago_invoice_id", "from_datetime", "currency"),
    {
        "total": ("total", "max"),
        "until": ("until", "max"),
        "status": ("status", "max"),
        "customer_name": ("customer_name", "max"),
        "plan_code": ("plan_code", "max"),
        "plan_name": ("plan_name", "max"),
    },
)
BY_METRIC: Final = Grouping(
    ("amount_currency", "billable_metric_code", "month", "state"),
    {
        "currency": ("currency", "max"),
        "name": ("name", "max"),
        "units": ("units", "sum"),
        "events": ("events", "sum"),
        "amount": ("amount", "sum"),
    },
)


@attrs.frozen(kw_only=True)
class FileTotals:
    """The totals of one export.

    Attributes:
        rows: Rows in the file.
        periods: A table, grouped by `BY_PERIOD`.
        metrics: A table, grouped by `BY_METRIC`.
    """

    rows: int
    periods: Any
    metrics: Any


def total_file(file: Path) -> FileTotals:
    """Read an export. If a row does not fit into a block, start again with larger blocks.

    Raises:
        ReportError: The file is not an export.
    """
    pa = require("pyarrow")
    block = _BLOCK
    while True:
        try:
            return _total(file, block)
        except pa.ArrowException as error:
            if "straddling" in str(error) and block < _LARGEST_BLOCK:
                block *= 16
                continue
            raise not_an_export(file, _first_line(error)) from error
        except UnicodeDecodeError as error:
            raise not_an_export(file, "it is not text in UTF-8") from error


def _total(file: Path, block: int) -> FileTotals:
    rows = 0
    periods, metrics = PartialGroups(BY_PERIOD), PartialGroups(BY_METRIC)
    for part in files_of(file):
        for table in read_batches(part, block):
            rows += table.num_rows
            periods.add(_periods(table))
            metrics.add(_metrics(table))
    if not rows:
        periods.add(_periods(no_rows()))
        metrics.add(_metrics(no_rows()))
    return FileTotals(rows=rows, periods=periods.whole(), metrics=metrics.whole())


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _periods(table: Any) -> Any:
    """Return the columns of the periods, which are the same on each row of a period."""
    names = {"period_total_amount_cents": "total", "to_datetime": "until", "invoice_status": "status"}
    return table.select([*BY_PERIOD.keys, *names, "customer_name", "plan_code", "plan_name"]).rename_columns(
        [*BY_PERIOD.keys, *names.values(), "customer_name", "plan_code", "plan_name"]
    )


def month_of(time: Any) -> Any:
    """Return the months of times, counted from the year 0."""
    pc = require("pyarrow.compute")
    return pc.add(pc.multiply(pc.year(time), 12), pc.subtract(pc.month(time), 1))


def _metrics(table: Any) -> Any:
    """Return the columns of usage, without the rows of periods without charges."""
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    usage = table.filter(pc.or_(pc.is_valid(table["billable_metric_code"]), pc.is_valid(table["amount_cents"])))
    currency = pc.coalesce(usage["amount_currency"], usage["currency"])
    return pa.table(
        {
            "amount_currency": currency,
            "currency": currency,
            "billable_metric_code": usage["billable_metric_code"],
            "month": month_of(usage["from_datetime"]),
            "state": states_of(usage["lago_invoice_id"], usage["invoice_status"]),
            "name": usage["billable_metric_name"],
            "units": usage["units"],
            # Decimals, because a sum of int64 overflows silently.
            "events": usage["events_count"].cast(pa.decimal128(38, 0)),
            "amount": usage["amount_cents"].cast(pa.decimal128(38, 0)),
        }
    )
