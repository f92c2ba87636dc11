"""One page of a list, and its position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import attrs

__all__ = ["Page", "PageMeta"]

_T = TypeVar("_T")


@attrs.define(kw_only=True)
class PageMeta:
    """The position of a page in its list. Totals may be stale: the server caches some for up to 30 minutes.

    Attributes:
        current_page: The requested page; 0 if the list is empty.
        next_page: None on the last page.
        prev_page: None on the first page.
        total_pages: The number of pages of this size in the list.
        total_count: The number of items in the list.
    """

    current_page: int | None = None
    next_page: int | None = None
    prev_page: int | None = None
    total_pages: int | None = None
    total_count: int | None = None


def _position(given: PageMeta | None) -> PageMeta:
    return PageMeta() if given is None else given


@attrs.define
class Page(Generic[_T]):
    """One page of a list.

    Attributes:
        items: The items on the page.
        meta: The position of the page. All its fields are None if the server did not send it.
    """

    items: list[_T]
    meta: PageMeta = attrs.field(factory=PageMeta, converter=_position)

    def __iter__(self) -> Iterator[_T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def _repr_html_(self) -> str:
        """Return the page as a table, for notebooks."""
        from lago_async._table.page_html import page_html

        return page_html(self)
