"""The tables of one currency: the largest customers, months and metrics, as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from lago_async.usage._report.text import (
    DASH,
    escape,
    format_money,
    format_month,
    format_others,
    format_percent,
    format_signed_percent,
    format_units,
    id_html,
)
from lago_async.usage._report.totals import CurrencyTotals, MonthTotals


def _table(caption: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], *, rest: tuple[str, ...] = ()) -> str:
    """Return a table of cells that are HTML. The first column names the row; `#` before a head marks numbers."""

    def cells(row: tuple[str, ...]) -> str:
        plain = (f"<td{_numeric(head)}>{cell}</td>" for head, cell in zip(heads[1:], row[1:], strict=True))
        return f'<th scope="row">{row[0]}</th>{"".join(plain)}'

    head = "".join(f'<th scope="col"{_numeric(head)}>{escape(head.removeprefix("#"))}</th>' for head in heads)
    body = "".join(f"<tr>{cells(row)}</tr>\n" for row in rows)
    last = f'<tr class="rest">{cells(rest)}</tr>\n' if rest else ""
    return (
        f'<div class="table"><table><caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}{last}</tbody></table></div>"
    )


def _numeric(head: str) -> str:
    return ' class="n"' if head.startswith("#") else ""


def customer_table(totals: CurrencyTotals) -> str:
    """Return the table of the customers that were billed most."""
    heads = ["Customer", "#Bills", "#Billed", "#Share", "Month by month"]
    rows = [
        (
            id_html(customer.external_customer_id),
            f"{customer.bills:,}",
            escape(format_money(customer.billed, totals.currency)),
            _share(customer.billed, totals.billed),
            _spark(customer.by_month),
        )
        for customer in totals.largest
    ]
    rest: tuple[str, ...] = ()
    if totals.customers > len(totals.largest):
        amount = totals.billed - sum(customer.billed for customer in totals.largest)
        bills = totals.bills - sum(customer.bills for customer in totals.largest)
        name = format_others(totals.customers - len(totals.largest), "customer", article="The")
        rest = (name, f"{bills:,}", escape(format_money(amount, totals.currency)), _share(amount, totals.billed), "")
    return _table("The largest customers", heads, rows, rest=rest)


def _share(part: int, whole: int) -> str:
    return escape(format_percent(part, whole)) if whole > 0 else DASH


def _spark(values: Sequence[int]) -> str:
    """Return months as small bars that need no script."""
    most = max(values, default=0)
    if most <= 0 or len(values) < 2:
        return ""
    step = 96 / len(values)
    bars = "".join(
        f'<rect x="{position * step:.2f}" y="{22 - 22 * value / most:.2f}" width="{step * 0.78:.2f}" '
        f'height="{22 * value / most:.2f}"/>'
        for position, value in enumerate(values)
        if value > 0
    )
    return f'<svg class="spark" viewBox="0 0 96 22" aria-hidden="true">{bars}</svg>'


def month_table(totals: CurrencyTotals) -> str:
    """Return the table of the months."""
    rows: list[tuple[str, ...]] = []
    before: MonthTotals | None = None
    for month in totals.months:
        change = ""
        if before is not None and before.billed > 0 and month.full:
            difference = month.billed - before.billed
            colour = "up" if difference > 0 else "down"
            percent = escape(format_signed_percent(difference, before.billed))
            change = f'<span class="{colour}">{percent}</span>'
        name = format_month(month.month) + ("" if month.full else " (incomplete)")
        rows.append((name, f"{month.bills:,}", escape(format_money(month.billed, totals.currency)), change))
        before = month
    return _table("Months", ["Month", "#Bills", "#Billed", "#Change"], rows)


def metric_table(totals: CurrencyTotals) -> str:
    """Return the table of the metrics that brought in most."""
    rows = [
        (
            id_html(metric.name or metric.code or "(no metric)"),
            id_html(metric.code) if metric.code else "",
            format_units(metric.units),
            f"{metric.events:,}",
            escape(format_money(metric.amount, totals.currency)),
        )
        for metric in totals.metrics
    ]
    rest: tuple[str, ...] = ()
    if totals.metrics_count > len(totals.metrics):
        amount = totals.used - sum(metric.amount for metric in totals.metrics)
        name = format_others(totals.metrics_count - len(totals.metrics), "metric", article="The")
        rest = (name, "", "", "", escape(format_money(amount, totals.currency)))
    return _table("Metrics", ["Metric", "Code", "#Units", "#Events", "#Amount before taxes"], rows, rest=rest)
