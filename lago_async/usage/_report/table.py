"""A table of the page as HTML: it can be sorted and searched if scripts run, and is complete without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from lago_async.usage._report.text import escape

Cell: TypeAlias = "str | tuple[str, int | str]"
"""The HTML of a cell; with a value to sort by, if its text is not."""


@attrs.frozen
class Head:
    """The head of a column.

    Attributes:
        text: Its text.
        numeric: Whether it has numbers.
        minor: Whether narrow screens leave it out.
        sortable: Whether rows can be sorted by it.
    """

    text: str
    numeric: bool = False
    minor: bool = False
    sortable: bool = True


@attrs.frozen
class Row:
    """A row.

    Attributes:
        cells: Its cells; the first one names it.
        id: The id of its element.
        group: The group that links select together.
    """

    cells: Sequence[Cell]
    id: str = ""
    group: str = ""


def render_table(
    caption: str,
    heads: Sequence[Head],
    rows: Sequence[Row],
    *,
    rest: Sequence[Cell] = (),
    id: str = "",  # noqa: A002 - the common name of it
    searchable: bool = False,
) -> str:
    """Return the HTML of a table.

    Args:
        caption: Its caption, as HTML.
        heads: Its columns.
        rows: Its rows.
        rest: A last row for all that is not shown, which sorting leaves there.
        id: The id of its element.
        searchable: Whether its rows can be searched; it scrolls if it is long.
    """
    head = "".join(
        f'<th scope="col"{_classes(one)}{"" if one.sortable else " data-fixed"}>{escape(one.text)}</th>'
        for one in heads
    )
    body = "".join(f"<tr{_attributes(row)}>{_cells(heads, row.cells)}</tr>\n" for row in rows)
    last = f'<tr class="rest">{_cells(heads, rest)}</tr>\n' if rest else ""
    named = f' id="{id}"' if id else ""
    kind = "table find" if searchable else "table"
    return (
        f'<div class="{kind}"{named}><div class="scroll"><table><caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}{last}</tbody></table></div></div>"
    )


def _attributes(row: Row) -> str:
    named = f' id="{row.id}"' if row.id else ""
    return named + (f' data-group="{row.group}"' if row.group else "")


def _cells(heads: Sequence[Head], cells: Sequence[Cell]) -> str:
    parts: list[str] = []
    for position, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        text, value = cell if isinstance(cell, tuple) else (cell, None)
        data = "" if value is None else f' data-v="{escape(str(value))}"'
        if position == 0:
            parts.append(f'<th scope="row"{data}>{text}</th>')
        else:
            parts.append(f"<td{_classes(head)}{data}>{text}</td>")
    return "".join(parts)


def _classes(head: Head) -> str:
    names = [name for name, given in (("n", head.numeric), ("minor", head.minor)) if given]
    return f' class="{" ".join(names)}"' if names else ""
