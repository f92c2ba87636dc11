"""An export as one HTML page that needs no network: bills by customer and month, growth, and usage by metric."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import secrets
import string
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import attrs

from lago_async.errors import LagoFileError
from lago_async.usage.tally import (
    MOST_MOVES,
    CurrencyTally,
    MonthTally,
    ReportError,
    Tally,
    exponent,
    needed,
    tally,
)

__all__ = ["ReportError", "ReportSummary", "write_report"]

_Value: TypeAlias = "str | int | float | bool | None | Sequence[_Value] | dict[str, _Value]"

_MINUS, _DASH = "\u2212", "\u2013"
_STACKED = 10
_LABEL, _SHORT_LABEL, _LONGEST_NAME = 34, 15, 200


@attrs.frozen
class ReportSummary:
    """What a report was made of, and where it is.

    Attributes:
        periods: Billed periods, each once.
        currencies: The one with most bills first, as on the page.
    """

    rows: int
    customers: int
    subscriptions: int
    periods: int
    currencies: tuple[str, ...]
    path: Path


def write_report(sources: Sequence[Path], out: Path, *, title: str | None = None) -> ReportSummary:
    """Turn finished exports into one HTML page.

    The same exports give the same page, to the byte. The page holds totals, never rows: its size is that of the
    drawing library in it, about 5 MB.

    Args:
        sources: Files that end in .ndjson, .jsonl, .csv or .parquet, in any mix, or folders of them.
        out: The page. It is replaced whole, or left as it was.
        title: The page's heading.

    Raises:
        ReportError: A source is no export, two of them hold the same period, or pyarrow or plotly is not installed.
        LagoFileError: The page cannot be written.
    """
    plotly_js: str = needed("plotly.offline").get_plotlyjs()
    found = tally(sources)
    page = _page(found, title or "Usage and bills", plotly_js)
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.partial")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise LagoFileError(f"{out}: the report cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return ReportSummary(
        rows=found.rows,
        customers=found.customers,
        subscriptions=found.subscriptions,
        periods=found.periods,
        currencies=tuple(one.currency for one in found.currencies),
        path=out,
    )


# --- text -------------------------------------------------------------------------------------------------------------


def _shown(text: str, most: int = _LONGEST_NAME) -> str:
    """An id as it can be shown: what is invisible or turns text around becomes visible, what is long ends in `…`."""
    clean = "".join("\ufffd" if unicodedata.category(one) in _UNSEEN else one for one in text[: most + 1])
    if not clean.strip():
        return "(empty)"
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _h(text: str) -> str:
    """Text for HTML."""
    return html.escape(text)


def _p(text: str) -> str:
    """Text for a chart, whose labels know some tags of HTML."""
    return html.escape(text, quote=False)


def _id(text: str) -> str:
    """An id for HTML; its own direction of writing ends with it."""
    return f"<bdi>{_h(_shown(text))}</bdi>"


def _money(amount: int, currency: str) -> str:
    digits = exponent(currency)
    whole, part = divmod(abs(amount), 10**digits)
    fraction = f".{part:0{digits}}" if digits else ""
    code = f" {_shown(currency, 12)}" if currency else ""
    return f"{_MINUS if amount < 0 else ''}{whole:,}{fraction}{code}"


def _units(units: Decimal) -> str:
    """A decimal with all its digits and no zeros after them."""
    text = f"{units:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(amount: int, currency: str) -> str:
    return f"{'+' if amount > 0 else ''}{_money(amount, currency)}"


def _percent(part: int, whole: int) -> str:
    """A share or change in per cent, to one decimal, from whole numbers."""
    tenths = (2000 * abs(part) + whole) // (2 * whole)
    if tenths == 0 and part:
        return "less than 0.1 %"
    return f"{tenths // 10:,}.{tenths % 10} %"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _month(month: int, *, short: bool = False) -> str:
    year, position = divmod(month, 12)
    return f"{_MONTHS[position][: 3 if short else None]} {year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _others(count: int, one: str, *, article: str = "the") -> str:
    if count == 1:
        return f"{article} other {one}"
    return f"{article} other {count:,} {one}s together"


# --- charts -----------------------------------------------------------------------------------------------------------


@attrs.frozen
class _Chart:
    """A chart under its sentence; colours are named as in the style sheet."""

    id: str
    sentence: str
    data: list[_Value]
    layout: dict[str, _Value]
    note: str = ""
    short: tuple[str, ...] = ()

    def spec(self) -> _Value:
        return {"id": self.id, "data": self.data, "layout": self.layout, "short": self.short}

    def figure(self) -> str:
        note = f"<p>{self.note}</p>" if self.note else ""
        label = "Chart. The figures are in the tables."
        return (
            f"<figure><figcaption>{self.sentence}</figcaption>{note}"
            f'<div class="chart" id="{self.id}" role="img" aria-label="{label}"></div></figure>'
        )


def _bars(
    name: str,
    x: Sequence[_Value],
    y: Sequence[_Value],
    hover: Sequence[str],
    colour: str | Sequence[str],
    *,
    flat: bool = False,
) -> _Value:
    """Bars; what is shown of one on hovering is text of its own, escaped already."""
    return {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "orientation": "h" if flat else "v",
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"color": colour, "line": {"width": 0, "color": "--card"}},
    }


def _layout(height: int, x: dict[str, _Value], y: dict[str, _Value], **more: _Value) -> dict[str, _Value]:
    layout: dict[str, _Value] = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "xaxis": {"automargin": True, "fixedrange": True, **x},
        "yaxis": {"automargin": True, "fixedrange": True, **y},
        "bargap": 0.28,
        "showlegend": False,
        "separators": ".,",
    }
    return layout | more


def _major(amount: int, currency: str) -> float:
    """An amount as the axis counts it; what is read exactly stands in text."""
    return float(amount / (10 ** exponent(currency)))


def _money_axis(currency: str) -> dict[str, _Value]:
    suffix = f" {_p(_shown(currency, 12))}" if currency else ""
    return {"exponentformat": "B", "nticks": 6, "ticksuffix": suffix, "separatethousands": True, "rangemode": "tozero"}


def _month_axis(months: Sequence[MonthTally]) -> dict[str, _Value]:
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": _month_labels(months),
        "showgrid": False,
    }


def _month_labels(months: Sequence[MonthTally]) -> list[_Value]:
    return [_month(month.month, short=True).replace(" ", "<br>") for month in months]


def _name_axis(names: Sequence[str]) -> dict[str, _Value]:
    """Names down the side: by position, for two names may look the same."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [f"{_p(_shown(name, _LABEL))} " for name in names],
        "autorange": "reversed",
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }


def _short(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{_p(_shown(name, _SHORT_LABEL))} " for name in names)


def _by_month(key: str, one: CurrencyTally) -> _Chart:
    labels = _month_labels(one.months)
    stacked = one.largest[:_STACKED]
    data: list[_Value] = []
    for position, customer in enumerate(stacked):
        name = _p(_shown(customer.external_customer_id, _LABEL))
        hover = [
            f"<b>{name}</b><br>{_month(month.month)}: {_p(_money(amount, one.currency))}"
            for month, amount in zip(one.months, customer.by_month, strict=True)
        ]
        y = [_major(amount, one.currency) for amount in customer.by_month]
        data.append(_bars(name, labels, y, hover, f"--c{position}"))
    rest = [
        month.billed - sum(customer.by_month[position] for customer in stacked)
        for position, month in enumerate(one.months)
    ]
    if one.customers > len(stacked):
        name = _others(one.customers - len(stacked), "customer", article="The")
        hover = [
            f"<b>{name}</b><br>{_month(month.month)}: {_p(_money(amount, one.currency))}"
            f"<br>All customers: {_p(_money(month.billed, one.currency))}"
            for month, amount in zip(one.months, rest, strict=True)
        ]
        data.append(_bars(name, labels, [_major(amount, one.currency) for amount in rest], hover, "--rest"))
    full = [month for month in one.months if month.full]
    if len(full) > 1 and full[-2].billed > 0:
        now, before = full[-1], full[-2]
        change = now.billed - before.billed
        how = (
            "as much as" if not change else f"{_percent(change, before.billed)} {'more' if change > 0 else 'less'} than"
        )
        sentence = (
            f"In {_month(now.month)}, {_money(now.billed, one.currency)} was billed, {how} in {_month(before.month)}"
        )
    else:
        most = max(one.months, key=lambda month: month.billed)
        sentence = f"{_money(most.billed, one.currency)} was billed in {_month(most.month)}"
        sentence += ", the highest month" if len(one.months) > 1 else ""
    notes = ["By the month in which the billed period began."]
    if one.customers > len(stacked):
        notes.append(f"The {len(stacked)} largest customers have a colour of their own.")
    if one.earlier:
        notes.append(
            f"The latest {len(one.months)} months are shown; "
            f"{_money(one.earlier, one.currency)} was billed before them."
        )
    if len(full) < 2:
        notes.append("Growth needs two full months, and is not shown.")
    last = max(one.months, key=lambda month: month.month)
    if not last.full:
        notes.append(f"The export ends before {_month(last.month)} does.")
    legend: _Value = {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "traceorder": "normal"}
    return _Chart(
        f"{key}-months",
        _h(sentence) + ".",
        data,
        _layout(
            440,
            _month_axis(one.months),
            _money_axis(one.currency),
            barmode="relative",
            showlegend=len(data) > 1,
            legend=legend,
        ),
        _h(" ".join(notes)),
    )


def _growth(key: str, one: CurrencyTally) -> _Chart | None:
    full = [month for month in one.months if month.full]
    pairs = [(before, now) for before, now in pairwise(full) if before.billed > 0]
    if not pairs:
        return None
    changes = [(now.billed - before.billed, before.billed) for before, now in pairs]
    months = [now for _, now in pairs]
    hover = [
        f"<b>{_month(now.month)}</b>: {_sign(change)}{_percent(change, base)}<br>{_p(_money(base, one.currency))} → "
        f"{_p(_money(now.billed, one.currency))}"
        for now, (change, base) in zip(months, changes, strict=True)
    ]
    colours = ["--up" if change >= 0 else "--down" for change, _ in changes]
    grew = sum(change > 0 for change, _ in changes)
    most = max(range(len(pairs)), key=lambda position: abs(changes[position][0]) / changes[position][1])
    change, base = changes[most]
    sentence = f"Bills grew in {grew:,} of {_count(len(pairs), 'month')}"
    if change:
        sentence += f"; the largest change was {_sign(change)}{_percent(change, base)}, in {_month(months[most].month)}"
    missing = len(full) - 1 - len(pairs)
    note = "Change of the whole amount from the month before, full months only."
    if missing:
        note += f" {_count(missing, 'month')} after one without bills cannot be compared, and left out."
    return _Chart(
        f"{key}-growth",
        _h(sentence) + ".",
        [
            _bars(
                "change", _month_labels(months),
                [100 * change / base for change, base in changes], hover, colours,
            )
        ],
        _layout(300, _month_axis(months), {"ticksuffix": " %", "nticks": 6, "separatethousands": True}),
        _h(note),
    )  # fmt: skip


def _sign(change: int) -> str:
    return "+" if change > 0 else _MINUS if change < 0 else ""


def _moves(key: str, one: CurrencyTally) -> _Chart | None:
    moves = [*one.growing, *reversed(one.shrinking)]
    if not moves:
        return None
    before, now = [month.month for month in one.months if month.full][-2:]
    hover = [
        f"<b>{_p(_shown(move.external_customer_id, _LABEL))}</b>: {_p(_signed(move.after - move.before, one.currency))}"
        f"<br>{_p(_money(move.before, one.currency))} → {_p(_money(move.after, one.currency))}"
        for move in moves
    ]
    ends: list[str] = []
    if one.growing:
        top = one.growing[0]
        ends.append(f"{_id(top.external_customer_id)} grew most (+{_h(_money(top.after - top.before, one.currency))})")
    if one.shrinking:
        top = one.shrinking[0]
        ends.append(f"{_id(top.external_customer_id)} shrank most ({_h(_money(top.after - top.before, one.currency))})")
    names = [move.external_customer_id for move in moves]
    return _Chart(
        f"{key}-moves",
        f"From {_month(before)} to {_month(now)}, {' and '.join(ends)}.",
        [
            _bars(
                "change", [_major(move.after - move.before, one.currency) for move in moves], list(range(len(moves))),
                hover, ["--up" if move.after > move.before else "--down" for move in moves], flat=True,
            )
        ],
        _layout(70 + 26 * len(moves), _money_axis(one.currency) | {"zeroline": True}, _name_axis(names)),
        f"At most {MOST_MOVES} that grew and {MOST_MOVES} that shrank, of {_count(one.customers, 'customer')}.",
        _short(names),
    )  # fmt: skip


def _by_customer(key: str, one: CurrencyTally) -> _Chart:
    names = [customer.external_customer_id for customer in one.largest]
    hover = [
        f"<b>{_p(_shown(customer.external_customer_id, _LABEL))}</b><br>{_p(_money(customer.billed, one.currency))}"
        + (f", {_percent(customer.billed, one.billed)} of all" if one.billed > 0 else "")
        + f"<br>{_count(customer.bills, 'bill')}"
        for customer in one.largest
    ]
    theirs = sum(customer.billed for customer in one.largest)
    rest = one.customers - len(one.largest)
    if rest and one.billed > 0:
        sentence = (
            f"The {len(one.largest)} largest customers were billed {_percent(theirs, one.billed)} of it all, "
            f"{_others(rest, 'customer')} {_money(one.billed - theirs, one.currency)}"
        )
    elif one.customers > 1 and one.billed > 0:
        share = _percent(one.largest[0].billed, one.billed)
        sentence = f"The largest of {one.customers:,} customers was billed {share} of it all"
    else:
        sentence = (
            f"{_count(one.customers, 'customer was', 'customers were')} billed {_money(one.billed, one.currency)}"
        )
    return _Chart(
        f"{key}-customers",
        _h(sentence) + ".",
        [
            _bars(
                "billed", [_major(customer.billed, one.currency) for customer in one.largest],
                list(range(len(names))), hover, "--c0", flat=True,
            )
        ],
        _layout(70 + 26 * len(names), _money_axis(one.currency), _name_axis(names)),
        short=_short(names),
    )  # fmt: skip


def _by_metric(key: str, one: CurrencyTally) -> _Chart | None:
    if not one.metrics:
        return None
    names = [metric.name or metric.code or "(no metric)" for metric in one.metrics]
    hover = [
        f"<b>{_p(_shown(name, _LABEL))}</b>{f' ({_p(_shown(metric.code, _LABEL))})' if metric.code else ''}"
        f"<br>{_p(_money(metric.amount, one.currency))}<br>{_units(metric.units)} units"
        f"<br>{_count(metric.events, 'event')}"
        for name, metric in zip(names, one.metrics, strict=True)
    ]
    rest = one.metrics_count - len(one.metrics)
    sentence = f"{_id(names[0])} brought in {_h(_money(one.metrics[0].amount, one.currency))}"
    if one.used > 0 and one.metrics_count > 1:
        sentence += f", {_percent(one.metrics[0].amount, one.used)} of what usage came to"
    note = "Usage of each billable metric, before taxes; subscription fees are not in it."
    if rest:
        amount = one.used - sum(metric.amount for metric in one.metrics)
        note += f" Not shown: {_others(rest, 'metric')}, {_money(amount, one.currency)}."
    return _Chart(
        f"{key}-metrics",
        f"{sentence}.",
        [
            _bars(
                "usage", [_major(metric.amount, one.currency) for metric in one.metrics], list(range(len(names))),
                hover, "--c2", flat=True,
            )
        ],
        _layout(70 + 30 * len(names), _money_axis(one.currency), _name_axis(names)),
        _h(note),
        _short(names),
    )  # fmt: skip


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(caption: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], *, rest: tuple[str, ...] = ()) -> str:
    """A table of HTML that is escaped already: the first column names the row, `#` before a head marks numbers."""

    def cells(row: tuple[str, ...]) -> str:
        plain = (f"<td{_numeric(head)}>{cell}</td>" for head, cell in zip(heads[1:], row[1:], strict=True))
        return f'<th scope="row">{row[0]}</th>{"".join(plain)}'

    head = "".join(f'<th scope="col"{_numeric(head)}>{_h(head.removeprefix("#"))}</th>' for head in heads)
    body = "".join(f"<tr>{cells(row)}</tr>\n" for row in rows)
    last = f'<tr class="rest">{cells(rest)}</tr>\n' if rest else ""
    return (
        f'<div class="table"><table><caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}{last}</tbody></table></div>"
    )


def _numeric(head: str) -> str:
    return ' class="n"' if head.startswith("#") else ""


def _customer_table(one: CurrencyTally) -> str:
    heads = ["Customer", "#Bills", "#Billed", "#Share", "Month by month"]
    rows = [
        (
            _id(customer.external_customer_id), f"{customer.bills:,}", _h(_money(customer.billed, one.currency)),
            _share(customer.billed, one.billed), _spark(customer.by_month),
        )
        for customer in one.largest
    ]  # fmt: skip
    rest: tuple[str, ...] = ()
    if one.customers > len(one.largest):
        amount = one.billed - sum(customer.billed for customer in one.largest)
        bills = one.bills - sum(customer.bills for customer in one.largest)
        name = _others(one.customers - len(one.largest), "customer", article="The")
        rest = (name, f"{bills:,}", _h(_money(amount, one.currency)), _share(amount, one.billed), "")
    return _table("The largest customers", heads, rows, rest=rest)


def _share(part: int, whole: int) -> str:
    return _h(_percent(part, whole)) if whole > 0 else _DASH


def _spark(values: Sequence[int]) -> str:
    """Months as small bars, drawn without any script."""
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


def _month_table(one: CurrencyTally) -> str:
    rows: list[tuple[str, ...]] = []
    before: MonthTally | None = None
    for month in one.months:
        change = ""
        if before is not None and before.billed > 0 and month.full:
            difference = month.billed - before.billed
            colour = "up" if difference > 0 else "down"
            change = f'<span class="{colour}">{_sign(difference)}{_h(_percent(difference, before.billed))}</span>'
        name = _month(month.month) + ("" if month.full else " (not all of it)")
        rows.append((name, f"{month.bills:,}", _h(_money(month.billed, one.currency)), change))
        before = month
    return _table("Months", ["Month", "#Bills", "#Billed", "#Change"], rows)


def _metric_table(one: CurrencyTally) -> str:
    rows = [
        (
            _id(metric.name or metric.code or "(no metric)"), _id(metric.code) if metric.code else "",
            _units(metric.units), f"{metric.events:,}", _h(_money(metric.amount, one.currency)),
        )
        for metric in one.metrics
    ]  # fmt: skip
    rest: tuple[str, ...] = ()
    if one.metrics_count > len(one.metrics):
        amount = one.used - sum(metric.amount for metric in one.metrics)
        name = _others(one.metrics_count - len(one.metrics), "metric", article="The")
        rest = (name, "", "", "", _h(_money(amount, one.currency)))
    return _table("Metrics", ["Metric", "Code", "#Units", "#Events", "#Amount before taxes"], rows, rest=rest)


# --- the page ---------------------------------------------------------------------------------------------------------


def _section(number: int, one: CurrencyTally, *, alone: bool) -> tuple[str, list[_Chart]]:
    key = f"c{number}"
    name = _shown(one.currency, 12) if one.currency else "No currency given"
    parts = [f'<section id="{key}" aria-label="{_h(name)}">']
    if not alone or not one.currency:
        parts.append(f"<h2>{_h(name)}</h2>")
    sentence = (
        f"{_count(one.customers, 'customer was', 'customers were')} billed {_money(one.billed, one.currency)} "
        f"on {_count(one.bills, 'bill')}, taxes included."
    )
    if one.bills_without_amount:
        sentence += (
            f" {_count(one.bills_without_amount, 'more bill has', 'more bills have')} no amount and could not be added."
        )
    if one.undated:
        sentence += f" {_money(one.undated, one.currency)} of it is of no known month."
    if not one.currency:
        sentence += " Without a currency, amounts are shown in its smallest unit."
    parts.append(f"<p>{_h(sentence)}</p>")
    charts: list[_Chart] = []
    if one.bills:
        drawn = [_by_month(key, one), _growth(key, one)] if one.months else []
        drawn += [_by_customer(key, one), _moves(key, one)]
        charts += [chart for chart in drawn if chart is not None]
    if (metric := _by_metric(key, one)) is not None:
        charts.append(metric)
    parts += [chart.figure() for chart in charts]
    if one.bills:
        parts.append(_customer_table(one))
    if one.months:
        parts.append(_month_table(one))
    if one.metrics:
        parts.append(_metric_table(one))
    parts.append("</section>")
    return "\n".join(parts), charts


def _tiles(found: Tally) -> str:
    totals = "".join(
        f"<span>{_h(amount)} <small>{_h(code)}</small></span>"
        for amount, _, code in (_money(one.billed, one.currency).partition(" ") for one in found.currencies[:6])
    )
    if len(found.currencies) > 6:
        totals += (
            f"<span><small>and {_count(len(found.currencies) - 6, 'more currency', 'more currencies')}</small></span>"
        )
    tiles = [
        ("Billed, taxes included", totals),
        ("Customers", f"{found.customers:,}"),
        ("Subscriptions", f"{found.subscriptions:,}"),
        ("Billed periods", f"{found.periods:,}"),
        ("Months", f"{len(found.months):,}"),
    ]
    return "".join(
        f'<div class="{"tile" if position else "wide tile"}"><dt>{name}</dt><dd>{value}</dd></div>'
        for position, (name, value) in enumerate(tiles)
    )


def _notes(found: Tally) -> str:
    notes = [
        "A bill is an invoice as Lago shows it in past usage: all its fees with taxes, before coupons and credits.",
        "A month is that of the day on which the billed period began, in UTC.",
        "Currencies are never added together.",
    ]
    if found.running:
        notes.insert(
            1,
            f"{_count(found.running, 'period is', 'periods are')} on no invoice yet: "
            "what is called billed here is what the usage comes to so far.",
        )
    if found.shared_bills:
        notes.insert(
            1,
            f"{_count(found.shared_bills, 'bill covers', 'bills cover')} more than one period, such as several "
            "subscriptions of a customer; each is counted once.",
        )
    files = [_h(_shown(file.name)) for file in found.files[:10]]
    if len(found.files) > 10:
        files.append(f"and {_count(len(found.files) - 10, 'more file')}")
    items = "".join(f"<li>{_h(note)}</li>" for note in notes)
    return f'<div class="notes"><ul>{items}<li>Read: {", ".join(files)}.</li></ul></div>'


def _page(found: Tally, title: str, plotly_js: str) -> str:
    shown_title = _h(_shown(title))
    span = ""
    if found.months:
        first, last = _month(found.months[0]), _month(found.months[-1])
        span = f"{first} to {last}, " if first != last else f"{first}, "
    parts = [f'<header><h1>{shown_title}</h1><p class="quiet">{span}from {_count(found.rows, "row")} of usage</p>']
    charts: list[_Chart] = []
    if found.rows:
        parts.append(f"<dl>{_tiles(found)}</dl></header>")
        parts.append(
            "<noscript><p>The charts need JavaScript. The tables below hold the same figures without it.</p></noscript>"
        )
        alone = len(found.currencies) == 1
        if not alone:
            links = "".join(
                f'<a href="#c{number}">{_h(_shown(one.currency, 12) if one.currency else "No currency given")}</a>'
                for number, one in enumerate(found.currencies)
            )
            parts.append(f'<nav aria-label="Currencies"><p>{links}</p></nav>')
        for number, one in enumerate(found.currencies):
            section, its_charts = _section(number, one, alone=alone)
            parts.append(section)
            charts += its_charts
    else:
        parts.append("</header><p><strong>The export holds no rows:</strong> no period was billed in its range.</p>")
    parts.append(_notes(found))

    files = resources.files("lago_async.usage")
    text = {name: (files / f"report.{name}").read_text("utf-8") for name in ("html", "css", "js")}
    scripts = {"plotly": _script(plotly_js) if charts else "", "js": _script(text["js"]) if charts else ""}
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts.values())
    # Nothing is fetched from anywhere, and no script runs but the two that are written here. (Images within the page:
    # some releases of plotly.js look with one what the browser can show.)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return string.Template(text["html"]).substitute(
        policy=policy,
        title=shown_title,
        css=text["css"],
        body="\n".join(parts),
        charts=_json([chart.spec() for chart in charts]),
        **scripts,
    )


def _script(code: str) -> str:
    """A script as the browser reads it back from a page, so that its hash is the same."""
    return code.replace("\r\n", "\n").replace("\r", "\n").replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _json(value: _Value) -> str:
    """JSON that may stand in a page: nothing in it ends the script, or begins a comment."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
