"""The totals of one currency: its bills by customer and month, and usage by metric."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

# pyarrow has no types of its own; what this module returns has.
from typing import Any

from lago_async.usage._report.extras import require
from lago_async.usage._report.grouping import Grouping
from lago_async.usage._report.totals import (
    MOST_CHANGES,
    MOST_CUSTOMERS,
    MOST_METRICS,
    MOST_MONTHS,
    CurrencyTotals,
    CustomerChange,
    CustomerTotals,
    MetricTotals,
    MonthTotals,
)


def total_currency(code: str, all_bills: Any, all_metrics: Any, *, until: datetime | None) -> CurrencyTotals:
    """Return the totals of one currency.

    Args:
        code: The currency; empty for bills and usage without one.
        all_bills: A table of the bills in all currencies.
        all_metrics: A table of usage by metric in all currencies.
        until: The end of the last period.
    """
    pc = require("pyarrow.compute")
    in_currency = all_bills.filter(pc.equal(all_bills["currency"], code))
    bills = in_currency.filter(pc.is_valid(in_currency["total"]))
    billed_and_bills = {"billed": ("total", "sum"), "bills": ("total", "count")}
    customers = Grouping(["external_customer_id"], billed_and_bills).of(bills)
    billed = _sum(customers["billed"])

    of_month = {
        row["month"]: (int(row["billed"]), int(row["bills"]))
        for row in Grouping(["month"], billed_and_bills).of(bills).to_pylist()
    }
    undated, _ = of_month.pop(None, (0, 0))
    last = max(of_month, default=-1)
    first = max(min(of_month, default=0), last - MOST_MONTHS + 1)
    ended = _months_ended(until)
    months = tuple(
        MonthTotals(month, *of_month.get(month, (0, 0)), full=month < ended) for month in range(first, last + 1)
    )

    largest = customers.sort_by([("billed", "descending"), ("external_customer_id", "ascending")])
    top = largest.slice(0, MOST_CUSTOMERS)
    theirs = bills.filter(
        pc.is_in(bills["external_customer_id"], value_set=top["external_customer_id"].combine_chunks())
    )
    cells = {
        (row["external_customer_id"], row["month"]): int(row["billed"])
        for row in Grouping(["external_customer_id", "month"], billed_and_bills).of(theirs).to_pylist()
    }
    growing, shrinking = _changes(bills, months)

    metrics = all_metrics.filter(pc.equal(pc.fill_null(all_metrics["currency"], ""), code))
    leading = metrics.sort_by([("amount", "descending"), ("billable_metric_code", "ascending")])
    return CurrencyTotals(
        currency=code,
        billed=billed,
        customers=customers.num_rows,
        bills=bills.num_rows,
        bills_without_amount=in_currency.num_rows - bills.num_rows,
        undated=undated,
        earlier=billed - undated - sum(month.billed for month in months),
        months=months,
        largest=tuple(
            CustomerTotals(
                row["external_customer_id"],
                int(row["billed"]),
                row["bills"],
                tuple(cells.get((row["external_customer_id"], month.month), 0) for month in months),
            )
            for row in top.to_pylist()
        ),
        growing=growing,
        shrinking=shrinking,
        used=_sum(metrics["amount"]),
        metrics=tuple(
            MetricTotals(
                row["billable_metric_code"],
                row["name"],
                int(row["amount"] or 0),
                row["units"] or Decimal(),
                int(row["events"] or 0),
            )
            for row in leading.slice(0, MOST_METRICS).to_pylist()
        ),
        metrics_count=metrics.num_rows,
    )


def _sum(column: Any) -> int:
    return int(require("pyarrow.compute").sum(column).as_py() or 0)


def _months_ended(until: datetime | None) -> int:
    """Return the first month that the export does not cover to its end. Periods end one second before the next one."""
    if until is None:
        return 0
    try:
        after = until + timedelta(seconds=1)
    except OverflowError:
        after = until
    return 12 * after.year + after.month - 1


def _changes(
    bills: Any, months: Sequence[MonthTotals]
) -> tuple[tuple[CustomerChange, ...], tuple[CustomerChange, ...]]:
    """Return the customers whose bills grew and shrank most between the last two full months."""
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    full = [month.month for month in months if month.full]
    if len(full) < 2:
        return (), ()
    nothing = pa.scalar(0, pa.decimal128(38, 0))
    month = pc.fill_null(bills["month"], -1)
    before = pc.if_else(pc.equal(month, full[-2]), bills["total"], nothing)
    after = pc.if_else(pc.equal(month, full[-1]), bills["total"], nothing)
    # A bill belongs to one month, so it adds to one of the two, or to neither.
    change = pc.if_else(pc.equal(month, full[-2]), pc.negate(bills["total"]), after)
    sides = pa.table({"customer": bills["external_customer_id"], "before": before, "after": after, "change": change})
    sums = Grouping(["customer"], {name: (name, "sum") for name in ("before", "after", "change")}).of(sides)

    def most(order: str) -> tuple[CustomerChange, ...]:
        found = sums.sort_by([("change", order), ("customer", "ascending")]).slice(0, MOST_CHANGES)
        return tuple(
            CustomerChange(row["customer"], int(row["before"]), int(row["after"]))
            for row in found.to_pylist()
            if (row["change"] > 0) == (order == "descending") and row["change"]
        )

    return most("descending"), most("ascending")
