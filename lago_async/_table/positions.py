"""Whether a page is the one that was asked for, and whether another one follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

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


class ListEnd:
    """Decides whether a list that ends with a page ends where the server's own total says.

    For lists whose totals the server counts again for each response; those of invoices and fees may be old. The server
    counts just after it reads the page, and an item may be added between the two: so a list that ends early is
    asked for again, a few times, before it is an error.

    Args:
        what: The items, as a word.
    """

    TRIES: Final = 3

    def __init__(self, what: str) -> None:
        self._what = what
        self._total: int | None = None
        self._tries_left = self.TRIES

    def learn(self, page: Page[Any]) -> None:
        """Take the total of a page into account."""
        if page.meta.total_count is not None:
            self._total = page.meta.total_count

    def is_reached(self, response: Response, page: Page[Any], position: int) -> bool:
        """Return whether the list ends here; if not, it is to be asked for again.

        Args:
            response: The response that the last page came in.
            page: The last page.
            position: The position after its last item.

        Raises:
            LagoPageError: The list ended early too often.
        """
        total, meta = self._total, page.meta
        announced = meta.next_page is not None and not page.items
        if not announced and (total is None or position >= total):
            return True
        self._tries_left -= 1
        if not self._tries_left:
            known = f"{position:,}" if total is None else f"{position:,} of {total:,}"
            raise misplaced(
                response,
                f"the end of the list after {known} {self._what}",
                "the rest did not come; call again, and look for what shortens lists between this program and Lago",
            )
        return False


def _position(meta: PageMeta) -> int | None:
    """Return the number of a page; None if the server does not say it, as in an empty list."""
    if meta.current_page:
        return meta.current_page
    if meta.next_page is not None:
        return meta.next_page - 1
    return meta.prev_page + 1 if meta.prev_page is not None else None
