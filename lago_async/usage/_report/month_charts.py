"""The charts of one currency along time: bills by month, and growth from month to month."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from lago_async.usage._report.chart import (
    Chart,
    Json,
    bars,
    in_major_units,
    layout,
    money_axis,
    month_axis,
    month_labels,
)
from lago_async.usage._report.text import (
    escape,
    format_count,
    format_money,
    format_month,
    format_others,
    format_percent,
    format_signed_percent,
    id_label,
    money_label,
)
from lago_async.usage._report.totals import CurrencyTotals, MonthTotals

_STACKED: Final = 10  # customers with a colour of their own


def bills_by_month(key: str, totals: CurrencyTotals) -> Chart:
    """Return the chart of the bills of each month, the largest customers in colours of their own."""
    data = _stacks(totals)
    return Chart(
        id=f"{key}-months",
        sentence=f"{escape(_bills_sentence(totals))}.",
        data=data,
        layout=layout(
            440,
            x=month_axis(totals.months),
            y=money_axis(totals.currency),
            more={
                "barmode": "relative",
                "showlegend": len(data) > 1,
                "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "traceorder": "normal"},
            },
        ),
        note=escape(" ".join(_bills_notes(totals))),
    )


def _stacks(totals: CurrencyTotals) -> list[Json]:
    """Return the bars of each of the largest customers, and those of all others together."""
    currency, months = totals.currency, totals.months
    labels = month_labels(months)
    stacked = totals.largest[:_STACKED]
    data: list[Json] = []
    for position, customer in enumerate(stacked):
        name = id_label(customer.external_customer_id)
        hover = [
            f"<b>{name}</b><br>{format_month(month.month)}: {money_label(amount, currency)}"
            for month, amount in zip(months, customer.by_month, strict=True)
        ]
        y = [in_major_units(amount, currency) for amount in customer.by_month]
        data.append(bars(name, x=labels, y=y, hover=hover, colour=f"--c{position}"))
    if totals.customers > len(stacked):
        rest = [
            month.billed - sum(customer.by_month[position] for customer in stacked)
            for position, month in enumerate(months)
        ]
        name = format_others(totals.customers - len(stacked), "customer", article="The")
        hover = [
            f"<b>{name}</b><br>{format_month(month.month)}: {money_label(amount, currency)}"
            f"<br>All customers: {money_label(month.billed, currency)}"
            for month, amount in zip(months, rest, strict=True)
        ]
        y = [in_major_units(amount, currency) for amount in rest]
        data.append(bars(name, x=labels, y=y, hover=hover, colour="--rest"))
    return data


def _bills_sentence(totals: CurrencyTotals) -> str:
    currency, full = totals.currency, _full_months(totals)
    if len(full) > 1 and full[-2].billed > 0:
        before, now = full[-2:]
        change = now.billed - before.billed
        how = "as much as"
        if change:
            how = f"{format_percent(change, before.billed)} {'more' if change > 0 else 'less'} than"
        amount = format_money(now.billed, currency)
        return f"In {format_month(now.month)}, {amount} was billed, {how} in {format_month(before.month)}"
    most = max(totals.months, key=lambda month: month.billed)
    sentence = f"{format_money(most.billed, currency)} was billed in {format_month(most.month)}"
    return sentence + (", the highest month" if len(totals.months) > 1 else "")


def _bills_notes(totals: CurrencyTotals) -> list[str]:
    notes = ["By the month in which the billed period began."]
    stacked = totals.largest[:_STACKED]
    if totals.customers > len(stacked):
        notes.append(f"The {len(stacked)} largest customers have a colour of their own.")
    if totals.earlier:
        notes.append(
            f"The latest {len(totals.months)} months are shown; "
            f"{format_money(totals.earlier, totals.currency)} was billed before them."
        )
    if len(_full_months(totals)) < 2:
        notes.append("Growth needs two full months, and is not shown.")
    last = max(totals.months, key=lambda month: month.month)
    if not last.full:
        notes.append(f"The export ends before {format_month(last.month)} does.")
    return notes


def growth(key: str, totals: CurrencyTotals) -> Chart | None:
    """Return the chart of the changes from month to month; None if no two full months can be compared."""
    full = _full_months(totals)
    pairs = [(before, now) for before, now in pairwise(full) if before.billed > 0]
    if not pairs:
        return None
    changes = [(now.billed - before.billed, before.billed) for before, now in pairs]
    months = [now for _, now in pairs]
    hover = [
        f"<b>{format_month(now.month)}</b>: {format_signed_percent(change, base)}"
        f"<br>{money_label(base, totals.currency)} → {money_label(now.billed, totals.currency)}"
        for now, (change, base) in zip(months, changes, strict=True)
    ]
    colours = ["--up" if change >= 0 else "--down" for change, _ in changes]
    y = [100 * change / base for change, base in changes]
    missing = len(full) - 1 - len(pairs)
    note = "Change of the whole amount from the month before, full months only."
    if missing:
        note += f" Not shown: {format_count(missing, 'month')} after a month without bills."
    return Chart(
        id=f"{key}-growth",
        sentence=f"{escape(_growth_sentence(months, changes))}.",
        data=[bars("change", x=month_labels(months), y=y, hover=hover, colour=colours)],
        layout=layout(300, x=month_axis(months), y={"ticksuffix": " %", "nticks": 6, "separatethousands": True}),
        note=escape(note),
    )


def _growth_sentence(months: Sequence[MonthTotals], changes: Sequence[tuple[int, int]]) -> str:
    grew = sum(change > 0 for change, _ in changes)
    most = max(range(len(changes)), key=lambda position: abs(changes[position][0]) / changes[position][1])
    change, base = changes[most]
    sentence = f"Bills grew in {grew:,} of {format_count(len(changes), 'month')}"
    if change:
        month = format_month(months[most].month)
        sentence += f"; the largest change was {format_signed_percent(change, base)}, in {month}"
    return sentence


def _full_months(totals: CurrencyTotals) -> list[MonthTotals]:
    return [month for month in totals.months if month.full]
