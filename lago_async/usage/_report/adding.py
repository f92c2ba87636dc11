"""Adds up exports: files to periods, and periods to bills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

# pyarrow has no types of its own; what this module returns has.
from typing import Any, Final

from lago_async.usage._errors import ReportError
from lago_async.usage._report.comparison import compared_customers
from lago_async.usage._report.currency_totals import total_currency
from lago_async.usage._report.extras import require
from lago_async.usage._report.file_totals import BY_METRIC, BY_PERIOD, FileTotals, month_of, total_file
from lago_async.usage._report.grouping import Grouping
from lago_async.usage._report.provenance import Provenance, provenance_of
from lago_async.usage._report.sources import export_files
from lago_async.usage._report.states import BILLED, states_of
from lago_async.usage._report.totals import Totals

_AHEAD_OF_UTC: Final = timedelta(hours=14)  # where a month ends first


def add_up(sources: Sequence[Path]) -> Totals:
    """Read exports once, batch by batch, and add them up. Memory grows with the periods, not with the rows.

    Raises:
        ReportError: A source is not an export, or two sources contain the same period.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    files = export_files(sources)
    provenance = [provenance_of(file) for file in files]
    read = [total_file(file) for file in files]
    periods = _with_states(_periods(read, files))
    customers = Grouping(["external_customer_id"]).of(periods).num_rows
    subscriptions = Grouping(["external_customer_id", "external_subscription_id"]).of(periods).num_rows
    bills = _bills(periods)
    compared = compared_customers(periods, bills)
    moment = _moment(provenance, periods)
    metrics = BY_METRIC.of(pa.concat_tables([item.metrics for item in read]))
    codes = {code or "" for table in (bills, metrics) for code in pc.unique(table["currency"]).to_pylist()}
    currencies = [total_currency(code, bills, metrics, compared, moment=moment) for code in codes]
    # Sorted by bills, because amounts in two currencies cannot be compared.
    currencies.sort(key=lambda item: (-item.bills, -item.metrics_count, item.currency))
    return Totals(
        files=tuple(files),
        provenance=tuple(provenance),
        rows=sum(item.rows for item in read),
        customers=customers,
        subscriptions=subscriptions,
        periods=periods.num_rows,
        running=periods["lago_invoice_id"].null_count,
        shared_bills=pc.sum(pc.greater(bills["periods"], 1)).as_py() or 0,
        months=tuple(sorted(pc.unique(bills["month"].drop_null()).to_pylist())),
        currencies=tuple(currencies),
    )


def _moment(provenance: Sequence[Provenance], periods: Any) -> datetime | None:
    """Return when the exports were made; if no journal says it, the latest end of a billed period, which was before."""
    known = [item.latest for item in provenance if item.latest is not None]
    if known and len(known) == len(provenance):
        return max(known).replace(tzinfo=None)
    pc = require("pyarrow.compute")
    last: datetime | None = pc.max(periods.filter(pc.equal(periods["state"], BILLED))["until"]).as_py()
    try:
        return None if last is None else last + _AHEAD_OF_UTC
    except OverflowError:
        return last


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


def _with_states(periods: Any) -> Any:
    """Return the periods with their months and states, and without currencies that are null."""
    pc = require("pyarrow.compute")
    place = periods.column_names.index("currency")
    periods = periods.set_column(place, "currency", pc.fill_null(periods["currency"], ""))
    periods = periods.append_column("month", month_of(periods["from_datetime"]))
    return periods.append_column("state", states_of(periods["lago_invoice_id"], periods["status"]))


def _bills(periods: Any) -> Any:
    """Return a table with one row per bill.

    Lago repeats the amounts of an invoice on each of its periods, and an invoice may bill several subscriptions of a
    customer. So a bill is an invoice, or a period without an invoice.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    begin, invoice = periods["from_datetime"], periods["lago_invoice_id"]
    alone = pc.is_null(invoice)
    keyed = periods.append_column("invoice", invoice)
    keyed = keyed.append_column(
        "alone", pc.if_else(alone, periods["external_subscription_id"], pa.scalar(None, pa.string()))
    )
    keyed = keyed.append_column("alone_begin", pc.if_else(alone, begin, pa.scalar(None, begin.type)))
    bills = Grouping(
        ["external_customer_id", "currency", "invoice", "alone", "alone_begin"],
        {
            "month": ("month", "min"),
            "last_month": ("month", "max"),
            "total": ("total", "max"),
            "periods": ("external_subscription_id", "count"),
            "subscription": ("external_subscription_id", "min"),
            "subscriptions": ("external_subscription_id", "count_distinct"),
            "begin": ("from_datetime", "min"),
            "end": ("until", "max"),
            "state": ("state", "max"),
            "status": ("status", "max"),
            "customer_name": ("customer_name", "max"),
            "plan_code": ("plan_code", "min"),
            "last_plan": ("plan_code", "max"),
            "plan_name": ("plan_name", "max"),
        },
    ).of(keyed)
    several = pc.fill_null(pc.not_equal(bills["plan_code"], bills["last_plan"]), pa.scalar(value=False))
    for name in ("plan_code", "plan_name"):
        place = bills.column_names.index(name)
        none = pa.scalar("", pa.string()) if name == "plan_code" else pa.scalar(None, pa.string())
        bills = bills.set_column(place, name, pc.if_else(several, none, bills[name]))
    total = bills.column_names.index("total")
    return bills.set_column(total, "total", bills["total"].cast(pa.decimal128(38, 0)))
