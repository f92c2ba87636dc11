"""Ids, amounts, months and counts as text for the page."""

from __future__ import annotations

import html
import unicodedata
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from lago_async._currencies import exponent

MINUS: Final = "\u2212"
DASH: Final = "\u2013"
_LABEL: Final = 34  # characters of an id in a chart
_LONGEST_NAME: Final = 200


def printable(text: str, most: int = _LONGEST_NAME) -> str:
    """Return an id as it can be shown: invisible and text-reversing characters replaced, a long id cut with `…`."""
    clean = "".join("\ufffd" if unicodedata.category(char) in _INVISIBLE else char for char in text[: most + 1])
    if not clean.strip():
        return "(empty)"
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escape(text: str) -> str:
    """Return text for HTML."""
    return html.escape(text)


def escape_label(text: str) -> str:
    """Return text for a label of a chart, where some HTML tags are known."""
    return html.escape(text, quote=False)


def id_html(text: str) -> str:
    """Return an id for HTML; its writing direction does not affect what follows."""
    return f"<bdi>{escape(printable(text))}</bdi>"


def id_label(text: str) -> str:
    """Return an id for a label of a chart."""
    return escape_label(printable(text, _LABEL))


def customer_html(external_id: str, name: str | None) -> str:
    """Return a customer for HTML: the name, and the id beside it."""
    if not name:
        return id_html(external_id)
    return f'{id_html(name)} <small class="id">{id_html(external_id)}</small>'


def customer_names(customers: Sequence[tuple[str, str | None]]) -> list[str]:
    """Return a name for each customer: the id if it has no name, and with its id if others have the same name.

    Args:
        customers: Ids and names.
    """
    count = Counter(name for _, name in customers if name)
    return [
        external_id if not name else name if count[name] == 1 else f"{name} ({external_id})"
        for external_id, name in customers
    ]


def unbroken(text: str) -> str:
    """Return HTML in which no line ends between a number and its per cent sign."""
    return text.replace(" %", "&nbsp;%")


def short_name(text: str, most: int) -> str:
    """Return a name that fits: of a long one the beginning and the end, because many names begin alike."""
    shown = printable(text)
    end = most // 2 - 1
    return shown if len(shown) <= most else f"{shown[: most - end - 1]}…{shown[-end:]}"


def decimals_of(currency: str) -> int:
    """Return how many decimals to show of an amount: none where the currency is not known."""
    return exponent(currency) if currency else 0


def format_money(amount: int, currency: str) -> str:
    """Return an amount in the smallest unit of a currency, as people write it."""
    digits = decimals_of(currency)
    whole, part = divmod(abs(amount), 10**digits)
    fraction = f".{part:0{digits}}" if digits else ""
    code = f" {printable(currency, 12)}" if currency else ""
    return f"{MINUS if amount < 0 else ''}{whole:,}{fraction}{code}"


def format_units(units: Decimal) -> str:
    """Return a decimal with all its digits, without trailing zeros."""
    text = f"{units:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_label(amount: int, currency: str) -> str:
    """Return an amount for a label of a chart."""
    return escape_label(format_money(amount, currency))


def signed_money_label(amount: int, currency: str) -> str:
    """Return a change of an amount for a label of a chart, with its sign."""
    return f"{'+' if amount > 0 else ''}{money_label(amount, currency)}"


def format_percent(part: int, whole: int) -> str:
    """Return a share or a change in per cent, rounded to one decimal, without a sign."""
    tenths = (2000 * abs(part) + whole) // (2 * whole)
    if tenths == 0 and part:
        return "less than 0.1 %"
    return f"{tenths // 10:,}.{tenths % 10} %"


def format_count(number: int, one: str, many: str | None = None) -> str:
    """Return a count of things, in the singular or the plural."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def format_month(month: int, *, short: bool = False) -> str:
    """Return the name and the year of a month, which is counted from the year 0."""
    year, position = divmod(month, 12)
    return f"{_MONTHS[position][: 3 if short else None]} {year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def format_others(count: int, one: str, *, article: str = "the") -> str:
    """Return words for the things that are not shown."""
    if count == 1:
        return f"{article} other {one}"
    return f"{article} other {count:,} {one}s together"


def format_signed_percent(change: int, base: int) -> str:
    """Return a change in per cent, with its sign."""
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    percent = format_percent(change, base)
    return f"less than {sign}0.1 %" if percent.startswith("less") else f"{sign}{percent}"
