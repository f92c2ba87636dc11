"""Pages and their ``meta``, with the server's reactions to odd values."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import JsonObject

PER_PAGE = 100
_PER_PAGE_IF_ODD = 25
_T = TypeVar("_T")


def _leading_number(text: str) -> int | None:
    """Return the number that a text begins with, as Ruby reads it."""
    digits = re.match(r"\s*(\d+)", text)
    return int(digits[1][:18]) if digits else None


@attrs.frozen
class Window:
    """The requested part of a list: ``limit`` rows after ``offset``."""

    offset: int
    limit: int

    @classmethod
    def of(cls, params: Fields) -> "Window":
        """Read ``page`` and ``per_page``; the server answers 500 to a page size of zero."""
        given = params.text("per_page")
        limit = PER_PAGE if given is None else _leading_number(given)
        if limit is None:
            limit = _PER_PAGE_IF_ODD
        if limit == 0:
            raise refusals.crashed()
        page = _leading_number(params.text("page") or "") or 1
        return cls((page - 1) * limit, limit)

    def meta(self, total: int) -> JsonObject:
        """Return the five numbers of ``meta``; in an empty list all are zero or null."""
        if total == 0:
            return {"current_page": 0, "next_page": None, "prev_page": None, "total_pages": 0, "total_count": 0}
        current = self.offset // self.limit + 1
        pages = -(-total // self.limit)
        return {
            "current_page": current,
            "next_page": current + 1 if current < pages else None,
            "prev_page": current - 1 if current > 1 else None,
            "total_pages": pages,
            "total_count": total,
        }

    def page(self, rows: Sequence[_T], render: Callable[[_T], bytes]) -> PagedList:
        """Render the rows of this window."""
        shown = rows[self.offset : self.offset + self.limit]
        return PagedList([render(row) for row in shown], self.meta(len(rows)))
