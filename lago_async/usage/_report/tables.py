"""The tables of one currency: customers, their bills, months, plans and metrics, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from lago_async.usage._report.month_charts import plan_name
from lago_async.usage._report.states import BILLED, DRAFT, RUNNING, VOIDED
from lago_async.usage._report.table import Cell, Head, Row, render_table
from lago_async.usage._report.text import (
    DASH,
    customer_html,
    escape,
    format_count,
    format_money,
    format_month,
    format_others,
    format_percent,
    format_signed_percent,
    format_units,
    id_html,
    printable,
)
from lago_async.usage._report.totals import Bill, CurrencyTotals

_WORDS: Final = {BILLED: "billed", DRAFT: "draft", VOIDED: "voided", RUNNING: "so far"}


def customer_table(key: str, totals: CurrencyTotals) -> str:
    """Return the table of the customers with the largest amounts, each linked to its bills."""
    linked = {bill.external_customer_id for bill in totals.rows}
    waits = bool(totals.drafts or totals.running)
    heads = [Head("Customer"), Head("Bills", numeric=True), Head("Billed", numeric=True)]
    heads += [Head("Share", numeric=True, minor=True)]
    heads += [Head("Not billed yet", numeric=True, minor=True)] if waits else []
    heads += [Head("Month by month", minor=True, sortable=False)]
    rows: list[Row] = []
    for position, customer in enumerate(totals.listed):
        name = customer_html(customer.external_customer_id, customer.name)
        if customer.external_customer_id in linked:
            name = f'<a href="#{key}-b-{position}">{name}</a>'
        cells: list[Cell] = [
            (name, printable(customer.name or customer.external_customer_id).casefold()),
            (f"{customer.bills:,}", customer.bills),
            (escape(format_money(customer.billed, totals.currency)), customer.billed),
            (_share(customer.billed, totals.billed), customer.billed),
        ]
        if waits:
            waiting = escape(format_money(customer.waiting, totals.currency)) if customer.waiting else DASH
            cells.append((waiting, customer.waiting))
        cells.append(_spark(customer.by_month))
        rows.append(Row(cells))
    rest: list[Cell] = []
    if totals.listed_of > len(totals.listed):
        amount = totals.billed - sum(customer.billed for customer in totals.listed)
        bills = totals.bills - sum(customer.bills for customer in totals.listed)
        name = format_others(totals.listed_of - len(totals.listed), "customer", article="The")
        rest = [name, f"{bills:,}", escape(format_money(amount, totals.currency)), _share(amount, totals.billed)]
        if waits:
            left = totals.drafts + totals.running - sum(customer.waiting for customer in totals.listed)
            rest.append(escape(format_money(left, totals.currency)))
        rest.append("")
    return render_table("Customers", heads, rows, rest=rest, id=f"{key}-table", searchable=True)


def _share(part: int, whole: int) -> str:
    return escape(format_percent(part, whole)) if whole > 0 else DASH


def _spark(values: Sequence[int]) -> str:
    """Return months as small bars that need no script."""
    most = max(values, default=0)
    if most <= 0 or len(values) < 2:
        return ""
    step = 96 / len(values)
    bars = "".join(
        f"M{position * step:.4g} 22v-{22 * value / most:.3g}h{step * 0.78:.3g}V22z"
        for position, value in enumerate(values)
        if value > 0
    )
    return f'<svg class="spark" viewBox="0 0 96 22" aria-hidden="true"><path d="{bars}"/></svg>'


def bill_table(key: str, totals: CurrencyTotals) -> str:
    """Return the table of the bills, to which the customers are linked."""
    heads = [
        Head("Customer"), Head("Period"), Head("Subscription", minor=True), Head("Plan", minor=True), Head("Status"),
        Head("Amount", numeric=True), Head("Invoice", minor=True),
    ]  # fmt: skip
    places = {customer.external_customer_id: position for position, customer in enumerate(totals.listed)}
    named: set[int] = set()
    rows: list[Row] = []
    for bill in totals.rows:
        place = places[bill.external_customer_id]
        customer = totals.listed[place]
        subscription = id_html(bill.subscription)
        if bill.subscriptions > 1:
            subscription += f" and {bill.subscriptions - 1:,} more"
        cells: list[Cell] = [
            (customer_html(bill.external_customer_id, customer.name), place),
            (_days(bill.begin, bill.end), "" if bill.begin is None else bill.begin.isoformat()),
            subscription,
            DASH if bill.plan is None else id_html(bill.plan),
            _status(bill),
            (DASH, -1) if bill.total is None else (escape(format_money(bill.total, totals.currency)), bill.total),
            DASH if bill.invoice is None else f"<code>{id_html(bill.invoice)}</code>",
        ]
        rows.append(Row(cells, id="" if place in named else f"{key}-b-{place}", group=f"{key}-b-{place}"))
        named.add(place)
    caption = "Bills, invoice by invoice"
    if totals.rows_of > len(rows):
        shown = len(named)
        whose = f"{shown:,} largest customers" if shown > 1 else "largest customer"
        caption += f": {len(rows):,} of {totals.rows_of:,}, those of the {whose}"
    return render_table(caption, heads, rows, id=f"{key}-bills", searchable=True)


def _days(begin: datetime | None, end: datetime | None) -> str:
    if begin is None:
        return DASH
    first, last = begin.date().isoformat(), begin.date().isoformat() if end is None else end.date().isoformat()
    return f'<span class="d">{first}</span>' + (f' to <span class="d">{last}</span>' if last != first else "")


def _status(bill: Bill) -> str:
    word = _WORDS[bill.state]
    if bill.state == BILLED and bill.status is None:
        word = "billed, status unknown"
    elif bill.status not in (None, "finalized", word):
        word = printable(str(bill.status), 20)
    return f'<span class="{bill.state}">{escape(word)}</span>'


def month_table(totals: CurrencyTotals) -> str:
    """Return the table of the months."""
    drafts, running = bool(totals.drafts), bool(totals.running)
    heads = [Head("Month"), Head("Bills", numeric=True, minor=True), Head("Billed", numeric=True)]
    heads += [Head("Drafts", numeric=True)] if drafts else []
    heads += [Head("So far", numeric=True)] if running else []
    heads += [Head("Like for like", numeric=True), Head("Customers compared", numeric=True, minor=True)]
    rows: list[Row] = []
    for month in totals.months:
        change: Cell = (DASH, -(10**6))
        comparison = month.comparison
        if comparison is not None and comparison.before > 0:
            colour = "up" if comparison.change > 0 else "down"
            percent = escape(format_signed_percent(comparison.change, comparison.before))
            change = (f'<span class="{colour}">{percent}</span>', comparison.change * 10**6 // comparison.before)
        name = format_month(month.month) + ("" if month.ended else " (not over)")
        cells: list[Cell] = [
            (name, month.month),
            (f"{month.bills:,}", month.bills),
            (escape(format_money(month.billed, totals.currency)), month.billed),
        ]
        for shown, amount in ((drafts, month.drafts), (running, month.running)):
            if shown:
                cells.append((escape(format_money(amount, totals.currency)) if amount else DASH, amount))
        compared = 0 if comparison is None else comparison.customers
        rows.append(Row([*cells, change, (f"{compared:,}" if compared else DASH, compared)]))
    return render_table("Months", heads, rows)


def plan_table(totals: CurrencyTotals) -> str:
    """Return the table of the plans that were billed most."""
    heads = [
        Head("Plan"), Head("Code", minor=True), Head("Bills", numeric=True), Head("Billed", numeric=True),
        Head("Share", numeric=True),
    ]  # fmt: skip
    rows = [
        Row(
            [
                id_html(plan_name(plan)),
                id_html(plan.code) if plan.code else "",
                (f"{plan.bills:,}", plan.bills),
                (escape(format_money(plan.billed, totals.currency)), plan.billed),
                (_share(plan.billed, totals.billed), plan.billed),
            ]
        )
        for plan in totals.plans
    ]
    rest: list[Cell] = []
    if totals.plans_count > len(totals.plans):
        amount = totals.billed - sum(plan.billed for plan in totals.plans)
        bills = totals.bills - sum(plan.bills for plan in totals.plans)
        name = format_others(totals.plans_count - len(totals.plans), "plan", article="The")
        money = escape(format_money(amount, totals.currency))
        rest = [name, "", f"{bills:,}", money, _share(amount, totals.billed)]
    return render_table("Plans", heads, rows, rest=rest)


def metric_table(totals: CurrencyTotals) -> str:
    """Return the table of the metrics that brought in most."""
    heads = [
        Head("Metric"), Head("Code", minor=True), Head("Units", numeric=True), Head("Events", numeric=True, minor=True),
        Head("Amount before taxes", numeric=True),
    ]  # fmt: skip
    rows = [
        Row(
            [
                id_html(metric.name or metric.code or "(no metric)"),
                id_html(metric.code) if metric.code else "",
                (format_units(metric.units), format_units(metric.units).replace(",", "")),
                (f"{metric.events:,}", metric.events),
                (escape(format_money(metric.amount, totals.currency)), metric.amount),
            ]
        )
        for metric in totals.metrics
    ]
    rest: list[Cell] = []
    if totals.metrics_count > len(totals.metrics):
        amount = totals.used - sum(metric.amount for metric in totals.metrics)
        name = format_others(totals.metrics_count - len(totals.metrics), "metric", article="The")
        rest = [name, "", "", "", escape(format_money(amount, totals.currency))]
    return render_table(f"Metrics: {format_count(totals.metrics_count, 'metric')} on bills", heads, rows, rest=rest)
