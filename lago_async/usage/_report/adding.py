"""Adds up exports: files to periods, and periods to bills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

# pyarrow has no types of its own; what this module returns has.
from typing import Any

from lago_async.usage._errors import ReportError
from lago_async.usage._report.currency_totals import total_currency
from lago_async.usage._report.extras import require
from lago_async.usage._report.file_totals import BY_METRIC, BY_PERIOD, FileTotals, total_file
from lago_async.usage._report.grouping import Grouping
from lago_async.usage._report.sources import export_files
from lago_async.usage._report.totals import Totals


def add_up(sources: Sequence[Path]) -> Totals:
    """Read exports once, batch by batch, and add them up. Memory grows with the periods, not with the rows.

    Raises:
        ReportError: A source is not an export, or two sources contain the same period.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    files = export_files(sources)
    read = [total_file(file) for file in files]
    periods = _periods(read, files)
    customers = Grouping(["external_customer_id"]).of(periods).num_rows
    subscriptions = Grouping(["external_customer_id", "external_subscription_id"]).of(periods).num_rows
    bills, shared_bills = _bills(periods)
    until: datetime | None = pc.max(periods["until"]).as_py()
    metrics = BY_METRIC.of(pa.concat_tables([item.metrics for item in read]))
    codes = {code or "" for table in (bills, metrics) for code in pc.unique(table["currency"]).to_pylist()}
    currencies = [total_currency(code, bills, metrics, until=until) for code in codes]
    # Sorted by bills, because amounts in two currencies cannot be compared.
    currencies.sort(key=lambda item: (-item.bills, -item.metrics_count, item.currency))
    return Totals(
        files=tuple(files),
        rows=sum(item.rows for item in read),
        customers=customers,
        subscriptions=subscriptions,
        periods=periods.num_rows,
        running=periods["lago_invoice_id"].null_count,
        shared_bills=shared_bills,
        months=tuple(sorted(pc.unique(bills["month"].drop_null()).to_pylist())),
        currencies=tuple(currencies),
    )


def _periods(read: Sequence[FileTotals], files: Sequence[Path]) -> Any:
    """Return the periods of all files."""
    if len(read) == 1:
        return read[0].periods
    pa = require("pyarrow")
    tables: list[Any] = []
    for number, item in enumerate(read):
        source = pa.repeat(pa.scalar(number, pa.int32()), item.periods.num_rows)
        tables.append(item.periods.append_column("source", source))
    sources = {"source": ("source", "min"), "last_source": ("source", "max")}
    periods = Grouping(BY_PERIOD.keys, {**BY_PERIOD.results, **sources}).of(pa.concat_tables(tables))
    _refuse_twice(periods, files)
    return periods


def _refuse_twice(periods: Any, files: Sequence[Path]) -> None:
    """Refuse a period that is in two files, because its usage would count twice."""
    pc = require("pyarrow.compute")
    twice = periods.filter(pc.not_equal(periods["source"], periods["last_source"]))
    if twice.num_rows:
        row = twice.slice(0, 1).to_pylist()[0]
        raise ReportError(
            f"{files[row['source']]} and {files[row['last_source']]} both contain the period from "
            f"{row['from_datetime']} of subscription {row['external_subscription_id']!r} "
            f"(and {twice.num_rows - 1:,} more): its usage would count twice; pass only one of them"
        )


def _bills(periods: Any) -> tuple[Any, int]:
    """Return a table with one row per bill, and how many bills cover more than one period.

    Lago repeats the amounts of an invoice on each of its periods, and an invoice may bill several subscriptions of a
    customer. So a bill is an invoice, or a period without an invoice.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    begin, invoice = periods["from_datetime"], periods["lago_invoice_id"]
    alone = pc.is_null(invoice)
    no_subscription = pa.scalar(None, pa.string())
    month = pc.add(pc.multiply(pc.year(begin), 12), pc.subtract(pc.month(begin), 1))
    keyed = pa.table(
        {
            "external_customer_id": periods["external_customer_id"],
            "currency": pc.fill_null(periods["currency"], ""),
            "invoice": invoice,
            "subscription": pc.if_else(alone, periods["external_subscription_id"], no_subscription),
            "begin": pc.if_else(alone, begin, pa.scalar(None, begin.type)),
            "month": month,
            "total": periods["total"],
        }
    )
    bills = Grouping(
        ["external_customer_id", "currency", "invoice", "subscription", "begin"],
        {"month": ("month", "min"), "total": ("total", "max"), "periods": ("month", "count")},
    ).of(keyed)
    shared = pc.sum(pc.greater(bills["periods"], 1)).as_py() or 0
    total = bills.column_names.index("total")
    return bills.set_column(total, "total", bills["total"].cast(pa.decimal128(38, 0))), shared
