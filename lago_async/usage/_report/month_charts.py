"""The charts of one currency along time: bills by month, and growth from month to month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

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
    format_percent,
    format_signed_percent,
    id_label,
    money_label,
)
from lago_async.usage._report.totals import Comparison, CurrencyTotals, MonthTotals, PlanTotals

_STACKED: Final = 8  # plans or metrics with a colour of their own


@attrs.frozen
class _Layer:
    """One layer of the stacks: a plan, a metric, or all that remains."""

    name: str
    by_month: tuple[int, ...]
    colour: str
    hatched: bool = False


def bills_by_month(key: str, totals: CurrencyTotals) -> Chart:
    """Return the chart of the bills of each month, by plan or metric; drafts and running periods are hatched."""
    layers, what = _layers(totals)
    data = [_bars_of(layer, totals) for layer in layers]
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
                "legend": {"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "traceorder": "normal"},
            },
        ),
        note=escape(" ".join(_bills_notes(totals, what))),
    )


def _bars_of(layer: _Layer, totals: CurrencyTotals) -> Json:
    name = id_label(layer.name)
    hover = [
        f"<b>{name}</b><br>{format_month(month.month)}: {money_label(amount, totals.currency)}"
        f"<br>Billed in all: {money_label(month.billed, totals.currency)}"
        for month, amount in zip(totals.months, layer.by_month, strict=True)
    ]
    y = [in_major_units(amount, totals.currency) for amount in layer.by_month]
    return bars(name, x=month_labels(totals.months), y=y, hover=hover, colour=layer.colour, hatched=layer.hatched)


def plan_name(plan: PlanTotals) -> str:
    """Return the name of a plan for people."""
    if plan.code == "":
        return "Several plans on one bill"
    return plan.name or plan.code or "Plan unknown"


def _layers(totals: CurrencyTotals) -> tuple[list[_Layer], str]:
    """Return the layers of the stacks, and what the colours mean."""
    months, what = totals.months, ""
    if totals.plans_count > 1:
        what = "The colours are the plans."
        parts = [(plan_name(plan), plan.by_month) for plan in totals.plans[:_STACKED]]
        rest = "All other plans"
    elif totals.metrics_count > 1:
        what = "The colours are the billable metrics, before taxes; fees and taxes are what is left of the bills."
        parts = [(metric.name or metric.code or "(no metric)", metric.by_month) for metric in totals.metrics[:_STACKED]]
        rest = "Fees, taxes and all else"
    else:
        parts, rest = [], "Billed"
    layers = [_Layer(name, amounts, f"--c{position}") for position, (name, amounts) in enumerate(parts)]
    left = tuple(
        month.billed - sum(layer.by_month[position] for layer in layers) for position, month in enumerate(months)
    )
    if any(left) or not layers:
        layers.append(_Layer(rest, left, "--rest" if layers else "--c0"))
    if any(month.drafts for month in months):
        layers.append(_Layer("Drafts", tuple(month.drafts for month in months), "--quiet", hatched=True))
    if any(month.running for month in months):
        layers.append(_Layer("So far, on no invoice", tuple(month.running for month in months), "--c0", hatched=True))
    return layers, what


def _bills_sentence(totals: CurrencyTotals) -> str:
    currency = totals.currency
    compared = _comparisons(totals)
    if compared:
        now, comparison = compared[-1]
        amount = format_money(now.billed, currency)
        how = _how(comparison)
        return (
            f"In {format_month(now.month)}, {amount} was billed; like for like, {how} in {format_month(now.month - 1)}"
        )
    most = max(totals.months, key=lambda month: month.billed)
    if not most.billed:
        return "Nothing was billed yet"
    sentence = f"{format_money(most.billed, currency)} was billed in {format_month(most.month)}"
    return sentence + (", the highest month" if len(totals.months) > 1 else "")


def _how(comparison: Comparison) -> str:
    if not comparison.change:
        return "as much as"
    return f"{format_percent(comparison.change, comparison.before)} {'more' if comparison.change > 0 else 'less'} than"


def _bills_notes(totals: CurrencyTotals, what: str) -> list[str]:
    notes = ["By the month in which the period began.", what] if what else ["By the month in which the period began."]
    if totals.drafts or totals.running:
        notes.append("Hatched amounts are not billed: drafts may change, and running periods are so far.")
    if totals.earlier:
        notes.append(
            f"The latest {len(totals.months)} months are shown; "
            f"{format_money(totals.earlier, totals.currency)} was billed before them."
        )
    if not _comparisons(totals):
        notes.append(f"{NOT_COMPARED} So no growth is shown.")
    last = max(totals.months, key=lambda month: month.month)
    if not last.ended:
        notes.append(f"{format_month(last.month)} was not over when the export was made.")
    return notes


NOT_COMPARED: Final = "No customer had the same subscriptions billed from beginning to end of two months in a row."


def growth(key: str, totals: CurrencyTotals) -> Chart | None:
    """Return the chart of the changes from month to month, like for like; None if there are not two of them."""
    compared = _comparisons(totals)
    if len(compared) < 2:
        return None
    currency = totals.currency
    months = [month for month, _ in compared]
    hover = [
        f"<b>{format_month(month.month)}</b>: {format_signed_percent(comparison.change, comparison.before)}"
        f"<br>{money_label(comparison.before, currency)} → {money_label(comparison.after, currency)}"
        f"<br>{format_count(comparison.customers, 'customer')}"
        for month, comparison in compared
    ]
    colours = ["--up" if comparison.change >= 0 else "--down" for _, comparison in compared]
    y = [float(100 * comparison.change / comparison.before) for _, comparison in compared]
    last = compared[-1][1]
    note = (
        "Like for like: only customers whose same subscriptions were billed from the beginning to the end of both "
        f"months; {format_count(last.customers, 'customer')} in the last one."
    )
    return Chart(
        id=f"{key}-growth",
        sentence=f"{escape(_growth_sentence(compared))}.",
        data=[bars("change", x=month_labels(months), y=y, hover=hover, colour=colours)],
        layout=layout(300, x=month_axis(months), y={"ticksuffix": " %", "nticks": 6, "separatethousands": True}),
        note=escape(note),
    )


def _growth_sentence(compared: Sequence[tuple[MonthTotals, Comparison]]) -> str:
    grew = sum(comparison.change > 0 for _, comparison in compared)
    month, most = max(compared, key=lambda pair: abs(pair[1].change) / pair[1].before)
    sentence = f"Bills grew in {grew:,} of {format_count(len(compared), 'month')}"
    if most.change:
        change = format_signed_percent(most.change, most.before)
        sentence += f"; the largest change was {change}, in {format_month(month.month)}"
    return sentence


def _comparisons(totals: CurrencyTotals) -> list[tuple[MonthTotals, Comparison]]:
    """Return the months with a comparison from which a change in per cent can be told."""
    return [
        (month, month.comparison)
        for month in totals.months
        if month.comparison is not None and month.comparison.before > 0
    ]
