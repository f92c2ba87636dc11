"""A page as an HTML table, for notebooks. Every text is escaped, because names and addresses may hold anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

if TYPE_CHECKING:
    from lago_async._table.pages import Page

__all__ = ["page_html"]

_ROWS: Final = 50
_LONGEST: Final = 60  # characters of one cell


def page_html(page: Page[Any]) -> str:
    """Return a table of the items with a column for each field that one of them has, and the position of the page."""
    shown = page.items[:_ROWS]
    columns = _columns(shown)
    head = "".join(f"<th>{escape(label)}</th>" for label in columns.values())
    rows = "".join(f"<tr>{''.join(_cells(item, columns))}</tr>" for item in shown)
    return (
        f"<table><caption>{escape(_caption(page))}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _columns(items: Iterable[object]) -> dict[str, str]:
    """Return the fields to show, each with the name that users write; one column for items that are not models."""
    columns: dict[str, str] = {}
    for item in items:
        if not attrs.has(type(item)):
            return {"": "item"}
        fields = attrs.fields(cast("type[Any]", type(item)))
        columns |= {field.name: str(field.alias) for field in fields if _has(getattr(item, field.name))}
    order = {field.name: index for item in items for index, field in enumerate(attrs.fields(cast("Any", type(item))))}
    return dict(sorted(columns.items(), key=lambda column: order[column[0]]))


def _has(value: object) -> bool:
    return value is not None and value != []


def _cells(item: object, columns: Mapping[str, str]) -> Iterable[str]:
    hidden = (
        {field.name for field in attrs.fields(cast("Any", type(item))) if not field.repr} if "" not in columns else ()
    )
    for name in columns:
        value = item if name == "" else getattr(item, name)
        yield f"<td>{escape('<hidden>' if name in hidden and _has(value) else _text(value))}</td>"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        count = len(cast("list[object]", value))
        return f"{count} item{'' if count == 1 else 's'}" if count else ""
    text = f"{type(value).__name__}(...)" if attrs.has(type(value)) else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _caption(page: Page[Any]) -> str:
    meta, count = page.meta, len(page.items)
    text = f"{count} item{'' if count == 1 else 's'}"
    if meta.current_page is not None:
        text += f", page {meta.current_page} of {'?' if meta.total_pages is None else meta.total_pages}"
    if meta.total_count is not None:
        text += f", {meta.total_count} in all"
    return text if count <= _ROWS else f"{text}; the first {_ROWS} are shown"
