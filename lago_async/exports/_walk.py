"""The walk through a list that changes meanwhile, and that an earlier run may have begun; pure, for both faces."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, cast

from lago_async._table.stable_pages import StablePages
from lago_async.usage._export.pairs import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lago_async._table.messages import Request, Response
    from lago_async._table.page_requests import PageRequests
    from lago_async._table.pages import Page
    from lago_async.exports._rows import RowMaker
    from lago_async.usage._columns import UsageRow
    from lago_async.usage._export.pairs import Pair

    Taken = tuple[Pair, UsageRow]


def pair_of(key: str) -> Pair:
    """Return what stands for an object in the journal, in the place of a customer and a subscription."""
    return "", key


class ListWalk:
    """The pages of one list, each of which begins at or before the last object of the page before.

    Args:
        requests: The requests of the list.
        maker: Makes rows and keys.
        known: The digests of the objects that are in the file. The caller adds those that `take` returns.

    Attributes:
        request: The next request; None at the end.
        total: How many objects the list has, as the server last said.
        changes: How many pages did not begin where the list was before, because objects joined or left it.
    """

    def __init__(self, requests: PageRequests[Any], maker: RowMaker, known: AbstractSet[bytes]) -> None:
        self._maker = maker
        self._known = known
        self._end: int = len(known)
        self._pages = StablePages[Any](requests, self._digest, end=self._end, known=cast("AbstractSet[Any]", known))
        self.request: Request | None = self._pages.first
        self.total: int | None = None
        self.changes = 0

    def take(self, response: Response, page: Page[Any]) -> list[Taken]:
        """Return the rows of the objects on a page that are not in the file, and choose the next request.

        Raises:
            LagoPageError: The pages do not fit together.
        """
        before = self._end
        found, self.request = self._pages.take(response, page)
        if page.meta.total_count is not None:
            self.total = page.meta.total_count
        if not found:
            self.changes += self.request is not None  # the page began too late
            return []
        self._end = self._pages.end
        repeated = sum(key in self._known for key, _ in found)
        expected = min(max(0, before - (self._end - len(found))), len(found))
        self.changes += repeated != expected
        return list(self._rows(found))

    def _rows(self, found: Iterable[tuple[object, Any]]) -> Iterable[Taken]:
        taken: set[object] = set()
        for key, item in found:
            if key not in self._known and key not in taken:
                taken.add(key)
                yield pair_of(self._maker.key(item)), self._maker.row(item)

    def _digest(self, item: object) -> bytes:
        return digest(pair_of(self._maker.key(item)))


def rows_of_whole_list(items: Sequence[object], maker: RowMaker) -> Iterable[Taken]:
    """Return the rows of a list that comes in one response, so that no object can come twice."""
    for place, item in enumerate(items):
        yield pair_of(str(place)), maker.row(item)
