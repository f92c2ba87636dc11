"""Small multiples: a small chart for each of the largest customers, all with the same axes. They need no script."""

from __future__ import annotations

from typing import Final

from lago_async.usage._report.text import (
    customer_html,
    escape,
    format_money,
    format_month,
    format_percent,
)
from lago_async.usage._report.totals import CurrencyTotals, CustomerTotals

_SHOWN: Final = 12
_WIDTH, _HEIGHT = 200.0, 64.0

HATCH: Final = (
    '<svg class="defs" aria-hidden="true"><defs><pattern id="hatch" width="5" height="5" patternTransform="rotate(45)" '
    'patternUnits="userSpaceOnUse"><rect width="2" height="5"/></pattern></defs></svg>'
)
"""The pattern of amounts that are not the last word; the page has it once."""


def customer_multiples(key: str, totals: CurrencyTotals) -> str:
    """Return the small charts of the largest customers; empty if there are none, or only one month."""
    shown = [customer for customer in totals.largest[:_SHOWN] if customer.billed > 0]
    if len(totals.months) < 2 or len(shown) < 2:
        return ""
    highest = max((billed + max(0, waiting) for customer in shown for billed, waiting in _pairs(customer)), default=0)
    if highest <= 0:
        return ""
    top = format_money(highest, totals.currency)
    months = f"{format_month(totals.months[0].month)} to {format_month(totals.months[-1].month)}"
    charts = "".join(
        _chart(f"{key}-of-{position}", customer, totals, highest) for position, customer in enumerate(shown)
    )
    return (
        f'<figure class="multiples" id="{key}-multiples">'
        f"<figcaption>The {len(shown)} largest customers, month by month.</figcaption>"
        f"<p>{escape(months)}. All have the same scale, up to {escape(top)}; hatched is not billed yet.</p>"
        f'<div class="grid">{charts}</div></figure>'
    )


def _pairs(customer: CustomerTotals) -> list[tuple[int, int]]:
    return list(zip(customer.by_month, customer.waiting_by_month, strict=True))


def _chart(place: str, customer: CustomerTotals, totals: CurrencyTotals, highest: int) -> str:
    step = _WIDTH / len(totals.months)
    shapes: list[str] = []
    for position, (month, (billed, waiting)) in enumerate(zip(totals.months, _pairs(customer), strict=True)):
        base = _HEIGHT
        for amount, style, word in ((billed, "bar", "billed"), (waiting, "open", "not billed yet")):
            height = _HEIGHT * amount / highest
            if amount <= 0:
                continue
            base -= height
            label = f"{format_month(month.month)}: {format_money(amount, totals.currency)} {word}"
            shapes.append(
                f'<rect class="{style}" x="{position * step:.2f}" y="{base:.2f}" width="{step * 0.8:.2f}" '
                f'height="{height:.2f}"><title>{escape(label)}</title></rect>'
            )
    share = f", {escape(format_percent(customer.billed, totals.billed))} of all" if totals.billed > 0 else ""
    return (
        f'<div class="multiple" id="{place}"><div class="name">'
        f"{customer_html(customer.external_customer_id, customer.name)}</div>"
        f'<div class="quiet">{escape(format_money(customer.billed, totals.currency))}{share}</div>'
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none" role="img" '
        f'aria-label="Bills by month">{"".join(shapes)}<path class="axis" d="M0 {_HEIGHT:g}h{_WIDTH:g}"/></svg></div>'
    )
