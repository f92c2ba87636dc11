"""Whether a page is the one that was asked for, and whether another one follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lago_async._table.pages import PageMeta
from lago_async._table.refusals import misplaced

if TYPE_CHECKING:
    from lago_async._table.messages import Response
    from lago_async._table.pages import Page

_SILENT = PageMeta()

_asked = re.compile(r"[?&]page=(\d+)").search  # a value cannot hold this, because its characters are percent-encoded


def check_position(response: Response, page: Page[Any], disables_paging: str | None) -> None:
    """Check that a page is the one that its request asks for.

    Args:
        response: The response that the page came in.
        page: The page.
        disables_paging: The query parameter with which the server numbers pages wrongly, if there is one.

    Raises:
        LagoPageError: It is another page.
    """
    came = _position(page.meta)
    if came is None:
        return
    target = response.request.target
    found = _asked(target)
    asked = 1 if found is None else int(found[1])
    if came == asked:
        return
    if disables_paging is not None and f"{disables_paging}=" in target:
        return
    raise misplaced(response, f"page {came} instead of page {asked}")


def another_follows(page: Page[Any], *, first: bool) -> bool:
    """Return whether to ask for the page after this one.

    ``next_page`` is a hint that there is more, not the number of the next page: a walk that follows the number of a
    broken server would go in circles. The totals may be half an hour old, so they decide nothing.

    Args:
        page: The page.
        first: Whether the walk began with it. Without a position, the first page is the whole list; a later one is
            followed by pages until one is empty, because an earlier page announced it.
    """
    meta = page.meta
    announced = not first if meta == _SILENT else meta.next_page is not None
    return announced and bool(page.items)


def _position(meta: PageMeta) -> int | None:
    """Return the number of a page; None if the server does not say it, as in an empty list."""
    if meta.current_page:
        return meta.current_page
    if meta.next_page is not None:
        return meta.next_page - 1
    return meta.prev_page + 1 if meta.prev_page is not None else None
