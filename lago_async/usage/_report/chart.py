"""The parts of charts: bars, axes and layouts, as the drawing library takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import attrs

from lago_async.usage._report.text import (
    decimals_of,
    escape_label,
    format_month,
    id_label,
    printable,
    short_name,
    unbroken,
)
from lago_async.usage._report.totals import MonthTotals

Json: TypeAlias = "str | int | float | bool | None | Sequence[Json] | dict[str, Json]"

_SHORT_LABEL: Final = 17  # characters of an id in a chart on a narrow screen


@attrs.frozen(kw_only=True)
class Chart:
    """A chart of the page.

    Attributes:
        id: The id of its element.
        sentence: The message of the chart, as HTML.
        data: The traces, with colours named as in the style sheet.
        layout: The axes and other layout options.
        note: A note about the chart, as HTML.
        short: Shorter labels for narrow screens.
    """

    id: str
    sentence: str
    data: list[Json]
    layout: dict[str, Json]
    note: str = ""
    short: tuple[str, ...] = ()

    def spec(self) -> Json:
        """Return the data that the script draws the chart from."""
        return {"id": self.id, "data": self.data, "layout": self.layout, "short": self.short}

    def figure(self) -> str:
        """Return the HTML into which the chart is drawn."""
        note = f"<p>{self.note}</p>" if self.note else ""
        label = "Chart. The figures are in the tables."
        return (
            f"<figure><figcaption>{unbroken(self.sentence)}</figcaption>{note}"
            f'<div class="chart" id="{self.id}" role="img" aria-label="{label}"></div></figure>'
        )


def bars(
    name: str,
    *,
    x: Sequence[Json],
    y: Sequence[Json],
    hover: Sequence[str],
    colour: str | Sequence[str],
    flat: bool = False,
    hatched: bool = False,
    text: Sequence[str] = (),
) -> Json:
    """Return bars.

    Args:
        name: The name in the legend.
        x: The position of each bar, or its length if they are flat.
        y: The length of each bar, or its position if they are flat.
        hover: The text that appears over each bar, escaped.
        colour: The colour of all bars, or of each.
        flat: Whether they are horizontal.
        hatched: Whether they are hatched, because their amounts are not the last word.
        text: A label for each bar, escaped.
    """
    marker: dict[str, Json] = {"color": colour, "line": {"width": 0, "color": "--card"}}
    if hatched:
        marker["pattern"] = {"shape": "/", "size": 7, "solidity": 0.45}
    labels: dict[str, Json] = {"text": text, "textposition": "auto", "cliponaxis": False} if text else {}
    return {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "orientation": "h" if flat else "v",
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": marker,
        **labels,
    }


def layout(
    height: int, *, x: dict[str, Json], y: dict[str, Json], more: dict[str, Json] | None = None
) -> dict[str, Json]:
    """Return the layout of a chart with these axes."""
    common: dict[str, Json] = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "xaxis": {"automargin": True, "fixedrange": True, **x},
        "yaxis": {"automargin": True, "fixedrange": True, **y},
        "bargap": 0.28,
        "showlegend": False,
        "separators": ".,",
    }
    return common | (more or {})


def in_major_units(amount: int, currency: str) -> float:
    """Return an amount for an axis. It is not exact; exact amounts are shown as text."""
    return float(amount / (10 ** decimals_of(currency)))


def money_axis(currency: str) -> dict[str, Json]:
    """Return an axis of amounts."""
    suffix = f" {escape_label(printable(currency, 12))}" if currency else ""
    return {"exponentformat": "B", "nticks": 6, "ticksuffix": suffix, "separatethousands": True, "rangemode": "tozero"}


def month_axis(months: Sequence[MonthTotals]) -> dict[str, Json]:
    """Return an axis of months."""
    return {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": month_labels(months),
        "showgrid": False,
    }


def month_labels(months: Sequence[MonthTotals]) -> list[Json]:
    """Return the names of months on their axis."""
    return [
        format_month(month.month, short=True).replace(" ", "<br>")
        + ("<br>so far" if month.running or not month.ended else "")
        for month in months
    ]


def name_axis(names: Sequence[str]) -> dict[str, Json]:
    """Return a vertical axis of names. It goes by position, because two names may look the same."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [f"{id_label(name)} " for name in names],
        "autorange": "reversed",
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }


def short_labels(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names for narrow screens."""
    return tuple(f"{escape_label(short_name(name, _SHORT_LABEL))} " for name in names)
