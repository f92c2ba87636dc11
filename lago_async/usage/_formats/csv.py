"""CSV: a header, and one line per row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Final

from lago_async.usage._columns import UsageRow
from lago_async.usage._formats.base import NAMES, Format, FormatName


class Csv(Format):
    """A header, and one line per row, as in RFC 4180 but with plain line feeds. Null is empty."""

    name: ClassVar[FormatName] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def begin(self) -> bytes:
        """Return the header."""
        return (",".join(NAMES) + "\n").encode()

    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return rows as lines."""
        lines: list[str] = []
        head: UsageRow = ()
        first = ""
        for row in rows:
            if row[:_HEAD] != head:  # period and charge are the same for many consecutive rows
                head = row[:_HEAD]
                first = ",".join(map(_cell, head))
            group, values, name, units, total, events, amount, currency, *pricing = row[_HEAD:]
            lines.append(
                f"{first},{_cell(group)},{_cell(values)},{_cell(name)},{'' if units is None else units},"
                f"{'' if total is None else total},{'' if events is None else events},"
                f"{'' if amount is None else amount},{_cell(currency)},"
                f"{',,,' if pricing == _NO_PRICING else ','.join(map(_cell, pricing))}\n"
            )
        return "".join(lines).encode()


_HEAD: Final = NAMES.index("grouped_by")
_NO_PRICING: Final = [None] * 4
_needs_quotes = re.compile(r'[",\r\n]').search


@lru_cache(maxsize=8192, typed=True)
def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int) or not _needs_quotes(value):
        return str(value)
    return '"' + value.replace('"', '""') + '"'
