"""The charts of one currency by name: the customers that changed most, and the largest customers and metrics."""

from __future__ import annotations

from lago_async.usage._report.chart import Chart, bars, in_major_units, layout, money_axis, name_axis, short_labels
from lago_async.usage._report.text import (
    customer_names,
    escape,
    escape_label,
    format_count,
    format_money,
    format_month,
    format_others,
    format_percent,
    format_signed_percent,
    format_units,
    id_html,
    id_label,
    money_label,
    signed_money_label,
)
from lago_async.usage._report.totals import MOST_CHANGES, CurrencyTotals, CustomerChange


def customer_changes(key: str, totals: CurrencyTotals) -> Chart | None:
    """Return the chart of the customers that grew and shrank most; None if no two months can be compared."""
    changes = [*totals.growing, *reversed(totals.shrinking)]
    if not changes or totals.compared is None:
        return None
    currency = totals.currency
    before, now = totals.compared - 1, totals.compared
    shown = [_percent(item) for item in changes]
    hover = [
        f"<b>{id_label(item.name or item.external_customer_id)}</b> ({id_label(item.external_customer_id)}): "
        f"{signed_money_label(item.change, currency)}"
        f"<br>{money_label(item.before, currency)} → {money_label(item.after, currency)}"
        for item in changes
    ]
    ends: list[str] = []
    for those, verb in ((totals.growing, "grew"), (totals.shrinking, "shrank")):
        if those:
            top = those[0]
            part = f", {escape(_percent(top))}" if top.before > 0 else ""
            amount = escape(format_money(top.change, currency))
            sign = "+" if top.change > 0 else ""
            ends.append(f"{id_html(top.name or top.external_customer_id)} {verb} most ({sign}{amount}{part})")
    names = customer_names([(item.external_customer_id, item.name) for item in changes])
    lengths = [in_major_units(item.change, currency) for item in changes]
    room = 0.16 * (max(0.0, *lengths) - min(0.0, *lengths))  # for the labels beside short bars
    axis = money_axis(currency) | {"zeroline": True, "range": [min(0.0, *lengths) - room, max(0.0, *lengths) + room]}
    return Chart(
        id=f"{key}-moves",
        sentence=f"From {format_month(before)} to {format_month(now)}, {' and '.join(ends)}.",
        data=[
            bars(
                "change",
                x=lengths,
                y=list(range(len(names))),
                hover=hover,
                colour=["--up" if item.change > 0 else "--down" for item in changes],
                flat=True,
                text=[escape_label(text) for text in shown],
            )
        ],
        layout=layout(70 + 26 * len(changes), x=axis, y=name_axis(names)),
        note=escape(_moves_note(totals, before, now)),
        short=short_labels(names),
    )


def _percent(item: CustomerChange) -> str:
    return format_signed_percent(item.change, item.before) if item.before > 0 else "from nothing"


def _moves_note(totals: CurrencyTotals, before: int, now: int) -> str:
    notes = [
        f"At most {MOST_CHANGES} that grew and {MOST_CHANGES} that shrank, with the change in per cent.",
        "Only customers with the same subscriptions for both whole months.",
    ]
    for (count, amount), one, other in ((totals.appeared, now, before), (totals.left, before, now)):
        if count:
            notes.append(
                f"{format_count(count, 'customer has', 'customers have')} bills for {format_month(one)} and none for "
                f"{format_month(other)} ({format_money(amount, totals.currency)})."
            )
    return " ".join(notes)


def bills_by_customer(key: str, totals: CurrencyTotals) -> Chart:
    """Return the chart of the customers that were billed most."""
    currency, largest = totals.currency, totals.largest
    names = customer_names([(customer.external_customer_id, customer.name) for customer in largest])
    hover = [
        f"<b>{id_label(customer.name or customer.external_customer_id)}</b><br>{money_label(customer.billed, currency)}"
        + (f", {format_percent(customer.billed, totals.billed)} of all" if totals.billed > 0 else "")
        + f"<br>{format_count(customer.bills, 'bill')}"
        for customer in largest
    ]
    return Chart(
        id=f"{key}-customers",
        sentence=f"{escape(_customers_sentence(totals))}.",
        data=[
            bars(
                "billed",
                x=[in_major_units(customer.billed, currency) for customer in largest],
                y=list(range(len(names))),
                hover=hover,
                colour="--c0",
                flat=True,
            )
        ],
        layout=layout(70 + 26 * len(names), x=money_axis(currency), y=name_axis(names)),
        short=short_labels(names),
    )


def _customers_sentence(totals: CurrencyTotals) -> str:
    currency, largest = totals.currency, totals.largest
    rest = totals.customers - len(largest)
    if rest and totals.billed > 0:
        theirs = sum(customer.billed for customer in largest)
        return (
            f"The {len(largest)} largest customers were billed {format_percent(theirs, totals.billed)} of the total, "
            f"{format_others(rest, 'customer')} {format_money(totals.billed - theirs, currency)}"
        )
    if totals.customers > 1 and totals.billed > 0:
        share = format_percent(largest[0].billed, totals.billed)
        return f"The largest of {totals.customers:,} customers was billed {share} of the total"
    customers = format_count(totals.customers, "customer was", "customers were")
    return f"{customers} billed {format_money(totals.billed, currency)}"


def usage_by_metric(key: str, totals: CurrencyTotals) -> Chart | None:
    """Return the chart of the metrics that brought in most; None if there is no usage."""
    currency, metrics = totals.currency, totals.metrics
    if not metrics:
        return None
    names = [metric.name or metric.code or "(no metric)" for metric in metrics]
    hover = [
        f"<b>{id_label(name)}</b>{f' ({id_label(metric.code)})' if metric.code else ''}"
        f"<br>{money_label(metric.amount, currency)}<br>{format_units(metric.units)} units"
        f"<br>{format_count(metric.events, 'event')}"
        for name, metric in zip(names, metrics, strict=True)
    ]
    sentence = f"{id_html(names[0])} brought in {escape(format_money(metrics[0].amount, currency))}"
    if totals.used > 0 and totals.metrics_count > 1:
        sentence += f", {format_percent(metrics[0].amount, totals.used)} of what usage came to"
    rest = totals.metrics_count - len(metrics)
    note = "Billed usage of each metric, before taxes; subscription fees, drafts and running periods are not in it."
    if rest:
        amount = totals.used - sum(metric.amount for metric in metrics)
        note += f" Not shown: {format_others(rest, 'metric')}, {format_money(amount, currency)}."
    return Chart(
        id=f"{key}-metrics",
        sentence=f"{sentence}.",
        data=[
            bars(
                "usage",
                x=[in_major_units(metric.amount, currency) for metric in metrics],
                y=list(range(len(names))),
                hover=hover,
                colour="--c2",
                flat=True,
            )
        ],
        layout=layout(70 + 30 * len(names), x=money_axis(currency), y=name_axis(names)),
        note=escape(note),
        short=short_labels(names),
    )
