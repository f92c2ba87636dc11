"""The page of a report: its header, a section for each currency, and the notes."""

from __future__ import annotations

from typing import Final

from lago_async.usage._report.chart import Chart
from lago_async.usage._report.document import render_document
from lago_async.usage._report.first_check import check_in_words
from lago_async.usage._report.multiples import HATCH
from lago_async.usage._report.section import currency_name, currency_section
from lago_async.usage._report.text import escape, format_count, format_money, format_month, printable
from lago_async.usage._report.totals import Totals

_CURRENCIES_SHOWN: Final = 6  # in the header
_FILES_SHOWN: Final = 10

_NOTES: Final = (
    "A bill is an invoice as Lago shows it in past usage: all its fees with taxes, before coupons and credits.",
    "Past usage adds up taxes fee by fee, each rounded, so that a bill may differ from its invoice by a cent or so.",
    "Billed means: on an invoice that is neither a draft nor voided. Voided invoices are in no total.",
    "Months are compared like for like: customers whose same subscriptions were billed from beginning to end of both.",
    "A month is that of the day on which the period began, in UTC.",
    "Currencies are never added together.",
)


def _tiles(totals: Totals) -> str:
    shown = totals.currencies[:_CURRENCIES_SHOWN]
    billed = "".join(
        f"<span>{escape(amount)} <small>{escape(code)}</small></span>"
        for amount, _, code in (format_money(item.billed, item.currency).partition(" ") for item in shown)
    )
    rest = len(totals.currencies) - len(shown)
    if rest:
        billed += f"<span><small>and {format_count(rest, 'more currency', 'more currencies')}</small></span>"
    tiles = [
        ("Billed, taxes included", billed),
        ("Customers", f"{totals.customers:,}"),
        ("Subscriptions", f"{totals.subscriptions:,}"),
        ("Periods", f"{totals.periods:,}"),
        ("Months", f"{len(totals.months):,}"),
    ]
    return "".join(
        f'<div class="{"tile" if position else "wide tile"}"><dt>{name}</dt><dd>{value}</dd></div>'
        for position, (name, value) in enumerate(tiles)
    )


def _notes(totals: Totals) -> str:
    notes = list(_NOTES)
    if totals.shared_bills:
        notes.insert(
            1,
            f"{format_count(totals.shared_bills, 'bill covers', 'bills cover')} more than one period, such as several "
            "subscriptions of a customer; each is counted once.",
        )
    files = [escape(printable(file.name)) for file in totals.files[:_FILES_SHOWN]]
    rest = len(totals.files) - len(files)
    if rest:
        files.append(f"and {format_count(rest, 'more file')}")
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f'<div class="notes"><ul>{items}<li>Read: {", ".join(files)}.</li></ul></div>'


def render_page(totals: Totals, *, title: str, plotly_js: str) -> str:
    """Return the page as one HTML document that needs no network."""
    shown_title = escape(printable(title))
    span = ""
    if totals.months:
        first, last = format_month(totals.months[0]), format_month(totals.months[-1])
        span = f"{first} to {last}, " if first != last else f"{first}, "
    rows = format_count(totals.rows, "row")
    parts = [f'{HATCH}<header><h1>{shown_title}</h1><p class="quiet">{span}from {rows} of usage</p>']
    words = "".join(f"<dt>{escape(about)}</dt><dd>{escape(said)}</dd>" for about, said in check_in_words(totals))
    check = f'<dl class="check" id="check">{words}</dl>'
    charts: list[Chart] = []
    if totals.rows:
        parts.append(f'<dl class="tiles">{_tiles(totals)}</dl>{check}</header>')
        parts.append(
            "<noscript><p>The charts need JavaScript. The tables below hold the same figures without it.</p></noscript>"
        )
        alone = len(totals.currencies) == 1
        if not alone:
            links = "".join(
                f'<a href="#c{number}">{escape(currency_name(item.currency))}</a>'
                for number, item in enumerate(totals.currencies)
            )
            parts.append(f'<nav aria-label="Currencies"><p>{links}</p></nav>')
        for number, item in enumerate(totals.currencies):
            section, its_charts = currency_section(number, item, alone=alone)
            parts.append(section)
            charts += its_charts
    else:
        parts.append(f"{check}</header><p><strong>The export holds no rows.</strong></p>")
    parts.append(_notes(totals))
    return render_document(title=shown_title, body="\n".join(parts), charts=charts, plotly_js=plotly_js)
