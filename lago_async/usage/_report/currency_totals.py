"""The totals of one currency: its bills by customer, plan and month, and usage by metric."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

# pyarrow has no types of its own; what this module returns has.
from typing import Any, Final

from lago_async.usage._report.changes import Changes, changes_of, comparisons_of
from lago_async.usage._report.extras import require
from lago_async.usage._report.grouping import Grouping
from lago_async.usage._report.states import BILLED, DRAFT, RUNNING, VOIDED
from lago_async.usage._report.totals import (
    MOST_BILLS,
    MOST_LISTED,
    MOST_METRICS,
    MOST_MONTHS,
    MOST_PLANS,
    Bill,
    Comparison,
    CurrencyTotals,
    CustomerTotals,
    MetricTotals,
    MonthTotals,
    PlanTotals,
)

_CUSTOMER: Final = "external_customer_id"


def total_currency(
    code: str, all_bills: Any, all_metrics: Any, all_compared: Any, *, moment: datetime | None
) -> CurrencyTotals:
    """Return the totals of one currency.

    Args:
        code: The currency; empty for bills and usage without one.
        all_bills: A table of the bills in all currencies.
        all_metrics: A table of usage by metric in all currencies.
        all_compared: A table of the customers that can be compared; see `compared_customers`.
        moment: When the export was made, in UTC.
    """
    pc = require("pyarrow.compute")
    in_currency = _of_currency(all_bills, code)
    bills = in_currency.filter(pc.is_valid(in_currency["total"]))
    by_state = {
        row["state"]: row
        for row in Grouping(["state"], {"amount": ("total", "sum"), "bills": ("total", "count")}).of(bills).to_pylist()
    }

    def amount(state: str) -> int:
        return int(by_state[state]["amount"]) if state in by_state else 0

    def count(state: str) -> int:
        return int(by_state[state]["bills"]) if state in by_state else 0

    final = _of_state(bills, BILLED)
    compared = _of_currency(all_compared, code)
    comparisons = comparisons_of(compared)
    months, undated = _months(bills, comparisons, moment)
    listed, listed_of = _customers(bills, months)
    rows = bills_of(in_currency, listed)
    plans = _plans(final, months)
    changes = changes_of(final, compared, comparisons)
    metrics, metrics_count, used = _metrics(_of_state(_of_currency(all_metrics, code), BILLED), months)
    return CurrencyTotals(
        currency=code,
        billed=amount(BILLED),
        customers=Grouping([_CUSTOMER]).of(final).num_rows,
        bills=count(BILLED),
        bills_without_amount=in_currency.num_rows - bills.num_rows,
        drafts=amount(DRAFT),
        draft_bills=count(DRAFT),
        running=amount(RUNNING),
        running_bills=count(RUNNING),
        voided=amount(VOIDED),
        voided_bills=count(VOIDED),
        unknown=pc.sum(pc.is_null(final["status"])).as_py() or 0,
        undated=undated,
        earlier=amount(BILLED) - undated - sum(month.billed for month in months),
        months=months,
        listed=listed,
        listed_of=listed_of,
        rows=rows,
        rows_of=in_currency.num_rows,
        plans=plans[:MOST_PLANS],
        plans_count=len(plans),
        used=used,
        metrics=metrics,
        metrics_count=metrics_count,
        **_as_arguments(changes),
    )


def _as_arguments(changes: Changes) -> dict[str, Any]:
    return {
        "compared": changes.month,
        "growing": changes.growing,
        "shrinking": changes.shrinking,
        "appeared": changes.appeared,
        "left": changes.left,
    }


def _of_currency(table: Any, code: str) -> Any:
    pc = require("pyarrow.compute")
    return table.filter(pc.equal(pc.fill_null(table["currency"], ""), code))


def _of_state(table: Any, *states: str) -> Any:
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    return table.filter(pc.is_in(table["state"], value_set=pa.array(states, pa.string())))


def _months(
    bills: Any, comparisons: dict[int, Comparison], moment: datetime | None
) -> tuple[tuple[MonthTotals, ...], int]:
    """Return every month from the first to the last, and the amount that was billed for no known month."""
    cells = {
        (row["month"], row["state"]): (int(row["amount"]), int(row["bills"]))
        for row in Grouping(["month", "state"], {"amount": ("total", "sum"), "bills": ("total", "count")})
        .of(_of_state(bills, BILLED, DRAFT, RUNNING))
        .to_pylist()
    }
    undated, _ = cells.get((None, BILLED), (0, 0))
    known = [month for month, _ in cells if month is not None]
    last = max(known, default=-1)
    first = max(min(known, default=0), last - MOST_MONTHS + 1)
    ended = 0 if moment is None else _months_ended(moment)
    months = tuple(
        MonthTotals(
            month,
            *cells.get((month, BILLED), (0, 0)),
            drafts=cells.get((month, DRAFT), (0, 0))[0],
            running=cells.get((month, RUNNING), (0, 0))[0],
            ended=month < ended,
            comparison=comparisons.get(month),
        )
        for month in range(first, last + 1)
    )
    return months, undated


def _months_ended(moment: datetime) -> int:
    """Return the first month that was not over, in UTC."""
    return 12 * moment.year + moment.month - 1


def _customers(bills: Any, months: Sequence[MonthTotals]) -> tuple[tuple[CustomerTotals, ...], int]:
    """Return the customers with the largest amounts, and how many there are."""
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    owed = _of_state(bills, BILLED, DRAFT, RUNNING)
    nothing = pa.scalar(0, pa.decimal128(38, 0))
    is_final = pc.equal(owed["state"], BILLED)
    sides = owed.append_column("billed", pc.if_else(is_final, owed["total"], nothing))
    sides = sides.append_column("waiting", pc.if_else(is_final, nothing, owed["total"]))
    sides = sides.append_column("final", is_final.cast(pa.int64()))
    totals = Grouping(
        [_CUSTOMER],
        {
            "name": ("customer_name", "max"), "billed": ("billed", "sum"), "waiting": ("waiting", "sum"),
            "bills": ("final", "sum"),
        },
    ).of(sides)  # fmt: skip
    order = [("billed", "descending"), ("waiting", "descending"), (_CUSTOMER, "ascending")]
    top = totals.sort_by(order).slice(0, MOST_LISTED)
    theirs = sides.filter(pc.is_in(sides[_CUSTOMER], value_set=top[_CUSTOMER].combine_chunks()))
    cells = {
        (row[_CUSTOMER], row["month"]): (int(row["billed"]), int(row["waiting"]))
        for row in Grouping([_CUSTOMER, "month"], {"billed": ("billed", "sum"), "waiting": ("waiting", "sum")})
        .of(theirs)
        .to_pylist()
    }
    listed: list[CustomerTotals] = []
    for row in top.to_pylist():
        mine = [cells.get((row[_CUSTOMER], month.month), (0, 0)) for month in months]
        listed.append(
            CustomerTotals(
                row[_CUSTOMER],
                row["name"],
                int(row["billed"]),
                row["bills"],
                int(row["waiting"]),
                tuple(billed for billed, _ in mine),
                tuple(waiting for _, waiting in mine),
            )
        )
    return tuple(listed), totals.num_rows


def bills_of(bills: Any, listed: Sequence[CustomerTotals]) -> tuple[Bill, ...]:
    """Return the bills of customers, in the order of the customers, the newest first."""
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    order = pa.array([customer.external_customer_id for customer in listed], pa.string())
    place = pc.index_in(bills[_CUSTOMER], value_set=order)
    theirs = bills.append_column("place", place).filter(pc.is_valid(place))
    theirs = theirs.sort_by(
        [("place", "ascending"), ("begin", "descending"), ("invoice", "ascending"), ("subscription", "ascending")]
    )
    return tuple(
        Bill(
            external_customer_id=row[_CUSTOMER],
            subscription=row["subscription"],
            subscriptions=row["subscriptions"],
            plan=row["plan_name"] or row["plan_code"] or None,
            begin=row["begin"],
            end=row["end"],
            state=row["state"],
            status=row["status"],
            invoice=row["invoice"],
            total=None if row["total"] is None else int(row["total"]),
        )
        for row in theirs.slice(0, MOST_BILLS).to_pylist()
    )


def _plans(bills: Any, months: Sequence[MonthTotals]) -> tuple[PlanTotals, ...]:
    """Return the plans, those with the largest bills first."""
    sums = {"billed": ("total", "sum"), "bills": ("total", "count"), "name": ("plan_name", "max")}
    found = Grouping(["plan_code"], sums).of(bills).to_pylist()
    cells = {
        (row["plan_code"], row["month"]): int(row["billed"])
        for row in Grouping(["plan_code", "month"], {"billed": ("total", "sum")}).of(bills).to_pylist()
    }
    found.sort(key=lambda row: (-row["billed"], row["plan_code"] or ""))
    return tuple(
        PlanTotals(
            row["plan_code"],
            row["name"],
            int(row["billed"]),
            row["bills"],
            tuple(cells.get((row["plan_code"], month.month), 0) for month in months),
        )
        for row in found
    )


def _metrics(usage: Any, months: Sequence[MonthTotals]) -> tuple[tuple[MetricTotals, ...], int, int]:
    """Return the metrics with the largest amounts, how many there are, and the amount of all."""
    sums = {
        "name": ("name", "max"), "units": ("units", "sum"), "events": ("events", "sum"), "amount": ("amount", "sum"),
    }  # fmt: skip
    metrics = Grouping(["billable_metric_code"], sums).of(usage)
    leading = metrics.sort_by([("amount", "descending"), ("billable_metric_code", "ascending")])
    cells = {
        (row["billable_metric_code"], row["month"]): int(row["amount"] or 0)
        for row in Grouping(["billable_metric_code", "month"], {"amount": ("amount", "sum")}).of(usage).to_pylist()
    }
    found = tuple(
        MetricTotals(
            row["billable_metric_code"],
            row["name"],
            int(row["amount"] or 0),
            row["units"] or Decimal(),
            int(row["events"] or 0),
            tuple(cells.get((row["billable_metric_code"], month.month), 0) for month in months),
        )
        for row in leading.slice(0, MOST_METRICS).to_pylist()
    )
    used: Decimal | None = require("pyarrow.compute").sum(metrics["amount"]).as_py()
    return found, metrics.num_rows, int(used or 0)
