"""The requests of a walk through a list that shrinks and grows meanwhile; pure, and shared by both faces."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, get_args

from lago_async._table.positions import another_follows
from lago_async._table.refusals import misplaced
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request, Response
    from lago_async._table.page_requests import PageRequests
    from lago_async._table.pages import Page

_T = TypeVar("_T")


class StablePages(Generic[_T]):
    """A walk that misses nothing that is in the list from beginning to end, whatever else is added or removed.

    The server takes a page number and a page size, so an object that leaves the list moves all later ones forward, and
    the next page begins too late. Totals do not show it, because another object may have come. But one response shows
    the list at one time: if a page contains an object of the part that is walked already, everything between that part
    and the end of the page is on the page. So each page begins at or before the last object of the page before. No page
    number of one size begins there, so the size varies: of the sizes up to the largest, the walk chooses one that
    repeats few objects.

    A page without a known object begins too late. It is dropped, and the walk steps back: by as many objects as the
    total has lost, at least by one, and twice as far each time until a page has a known object or is the first. Each
    such step costs one request and has at least one removal as its cause.

    The known objects are those on the last page, and the last object of each earlier page. Objects are assumed to keep
    their order.
    """

    DEFAULT: Final = 100
    """The page size if the caller gives none: the server's own."""

    SMALLEST: Final = 32
    """The least size of the largest page: with the sizes up to it, a page can overlap any page before."""

    PATIENCE: Final = 64
    """The number of pages in a row that begin too late before the walk gives up: no server changes that fast."""

    def __init__(
        self,
        requests: PageRequests[_T],
        key: Callable[[_T], Hashable],
        *,
        end: int = 0,
        known: AbstractSet[Hashable] = frozenset(),
    ) -> None:
        """Begin a walk, or resume one.

        Args:
            requests: The requests of the list.
            key: Returns what identifies an item.
            end: The position after the part that an earlier walk has taken.
            known: The keys of the objects of that part. The caller may add those that this walk returns.
        """
        self._requests = requests
        self._key = key
        self._largest = max(cast("int | None", requests.kwargs.get("per_page")) or self.DEFAULT, self.SMALLEST)
        self._page = 1
        self._size = self._largest
        self._end: int  # the position after the part that is walked, in the list as it was at the last page
        self._farthest = 0
        self._known: set[Hashable] = set()
        self._marks: set[Hashable] = set()
        self._total: int | None = None
        self._back: int  # by how many objects the walk stepped back last
        self._late: int  # the pages that began too late since the walk came farther than ever
        self._confirming = False
        self._confirmed = 0  # the end at which a page behind a short one had items
        self._earlier = known
        self._resumed = end > 0
        if self._resumed:
            self._end, self._back, self._late = end, 0, 0

    @property
    def first(self) -> Request:
        """The first request."""
        if self._resumed:
            return self._reach(self._end - 1)
        return self._requests.at(1, self._largest)

    @property
    def end(self) -> int:
        """The position after the part that is walked, in the list as it was at the last page with items."""
        return self._end

    def take(self, response: Response, page: Page[_T]) -> tuple[list[tuple[Hashable, _T]], Request | None]:
        """Return the items that a page adds, each with its key, and the next request; some items come repeatedly.

        Raises:
            LagoPageError: The pages do not fit together, or an item cannot be identified.
        """
        if self._confirming:
            return self._confirm(response, page)
        items = page.items
        start = (self._page - 1) * self._size
        keys = [self._key(item) for item in items]
        if None in keys:
            raise misplaced(response, "an item without a key", "pass a key that identifies each item")
        total = page.meta.total_count
        lost = self._total - total if self._total is not None and total is not None else 1
        if start and self._known.isdisjoint(keys) and self._marks.isdisjoint(keys) and self._earlier.isdisjoint(keys):
            return [], self._step_back(response, lost)
        self._total = total
        self._back = 0
        self._end = start + len(items)
        if self._end > self._farthest:
            self._farthest = self._end
            self._late = 0
        self._known = set(keys)
        self._marks.update(keys[-1:])
        found = list(zip(keys, items, strict=True))
        if not another_follows(page, first=start == 0):
            # The server may count with an old total (it keeps those of invoices and fees for half an hour), so that a
            # full page is the end only if nothing is behind it.
            is_full = total is not None and len(items) == self._size
            return found, self._reach(self._end - 1) if is_full else None
        if len(items) > self._size:
            raise misplaced(response, f"{len(items)} items instead of at most {self._size}")
        if len(items) < self._size:
            # This is the last page, and the total is old; or the server sends less per page than it is asked for.
            self._confirming = True
            return found, self._requests.at(self._page + 1, self._size)
        return found, self._reach(self._end - 1)

    def _confirm(self, response: Response, page: Page[_T]) -> tuple[list[tuple[Hashable, _T]], Request | None]:
        """End the walk after a short page: the page behind it is empty, unless the list has grown since.

        A server that limits the page size sends items too, and then the walk would not come farther.
        """
        self._confirming = False
        if page.items and self._end > self._confirmed:
            self._confirmed = self._end
            return [], self._requests.at(self._page, self._size)  # the same page, which is longer now
        if page.items:
            raise misplaced(
                response,
                f"fewer items per page than the {self._size} that were asked for",
                f"a stable walk needs pages of the size that it asks for: set per_page to one that the server allows, "
                f"of {self.SMALLEST} or more",
            )
        return [], None

    def _step_back(self, response: Response, lost: int) -> Request:
        self._late += 1
        if self._late > self.PATIENCE:
            raise misplaced(response, "a page that does not continue the one before, repeatedly")
        self._back = max(2 * self._back, lost, 1)
        return self._reach(max(0, self._end - 1 - self._back))

    def _reach(self, position: int) -> Request:
        """Return the request for a page that has the object at a position and as many behind it as possible."""
        sizes = range(self._largest // 2, self._largest + 1)
        self._size = max(sizes, key=lambda size: size - 2 * (position % size))
        self._page = position // self._size + 1
        return self._requests.at(self._page, self._size)


def stable_pages(requests: PageRequests[_T], key: Callable[[_T], Hashable] | None) -> StablePages[_T]:
    """Return a stable walk through a list.

    Args:
        requests: The requests of the list.
        key: Returns what identifies an item; None for its ``lago_id``.

    Raises:
        LagoArgumentError: The list cannot be walked this way.
    """
    endpoint, given = requests.endpoint, requests.kwargs
    for name in ("page", endpoint.disables_paging):
        if name is not None and given.get(name) is not None:
            raise LagoArgumentError(f"{endpoint.name}: a stable walk takes the whole list; omit {name}")
    return StablePages(requests, key or _lago_id(endpoint))


def _lago_id(endpoint: Endpoint) -> Callable[[Any], Hashable]:
    import attrs

    (model,) = get_args(endpoint.returns)
    if "lago_id" not in attrs.fields_dict(model):
        raise LagoArgumentError(
            f"{endpoint.name}: key is missing; {model.__name__} has no lago_id, so pass a function that returns what "
            "identifies an item"
        )
    return lambda item: cast("Hashable", item.lago_id)
