"""The blocking pager: it fetches whole pages through the bridge, and decodes them on the caller's thread."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

from lago_async._table.http_info import http_info
from lago_async._table.page_requests import PageRequests, check_collect
from lago_async._table.page_window import PageWindow
from lago_async._table.stable_pages import StablePages, stable_pages

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.http_info import HttpInfo
    from lago_async._table.messages import Request, Response
    from lago_async._table.pages import Page
    from lago_sync._sender import Sender

__all__ = ["Pager"]

_T = TypeVar("_T")


class Pager(Generic[_T]):
    """A list that is fetched on demand; creating the pager sends no request.

    ``pager.page()`` fetches the first page; iterating walks the items of all pages, ``.pages()`` the
    pages; ``.collect()`` gathers the items in a list. ``.pages_with_http_info()`` walks the pages together with their
    HTTP responses. Each use starts again from the beginning.

    A plain walk (iterating, ``.pages()`` and ``.collect()``) promises each object once only if the list does not change
    meanwhile, because the server divides the list into pages again for each request. If an object joins the list, most
    often at the front, another may come twice. If one leaves it, because it is deleted or no longer fits the filter,
    another one that stays may be missed. ``.stable()`` walks a list that changes: each object that is in it from
    beginning to end comes exactly once.
    """

    def __init__(
        self, client: Sender, endpoint: Endpoint, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> None:
        self._client = client
        self._requests = PageRequests[_T](endpoint, args, kwargs)

    def page(self) -> Page[_T]:
        """Fetch the first page."""
        return self._fetch(self._requests.first)

    def __iter__(self) -> Iterator[_T]:
        for page in self.pages():
            yield from page.items
            del page

    def pages(self) -> Iterator[Page[_T]]:
        """Fetch page after page."""
        number: int | None = self._requests.start
        while number is not None:
            page = self._fetch(self._requests.at(number))
            number = self._requests.after(number, page)
            yield page
            del page  # free it before fetching the next page; keeping it makes 32 threads a quarter slower

    def pages_with_http_info(self) -> Iterator[HttpInfo[Page[_T]]]:
        """Fetch page after page, each with its HTTP response, such as for fields that the models do not have yet."""
        number: int | None = self._requests.start
        while number is not None:
            response = self._client.send(self._requests.at(number))
            page = self._decode(response)
            number = self._requests.after(number, page)
            yield http_info(page, response)
            del page, response

    def stable(self, *, key: Callable[[_T], Hashable] | None = None) -> Iterator[_T]:
        """Walk the items of a list that changes meanwhile: each that is in it from beginning to end comes exactly once.

        An item that is added or removed during the walk comes once or not at all. The pages overlap, so the walk takes
        about a seventh more requests than a plain one, and about two more for a removal. They have at most
        ``per_page`` items, or 32 if that is less. The walk keeps the keys of all items in memory.

        Args:
            key: Returns what identifies an item; by default its ``lago_id``.

        Raises:
            LagoArgumentError: The pager was made with ``page`` or ``periods_count``, or the items have no ``lago_id``
                and ``key`` is missing.
            LagoPageError: The pages do not fit together, or a key is None; raised while walking.
        """
        return self._walk(stable_pages(self._requests, key))

    def collect(self, *, limit: int | None = None, concurrency: int = 1) -> list[_T]:
        """Return the items of all pages in a list, in the server's order.

        Args:
            limit: Stop after this many items.
            concurrency: Fetch this many pages at a time, as far as the server announces them. At most this many
                requests go beyond the last page.

        Raises:
            LagoArgumentError: ``limit`` is not a whole number, 0 or more, or ``concurrency`` is not one, 1 or more.
        """
        check_collect(limit, concurrency)
        if limit == 0:
            return []
        window = PageWindow(self._requests, limit=limit, concurrency=concurrency)
        with self._client._calls() as calls:  # pyright: ignore[reportPrivateUsage]
            while (requests := window.take()) or window.waits:
                for number, result in calls.swap(requests):
                    try:
                        window.put(number, self._decode(result))
                    except Exception as error:  # noqa: BLE001 - raised by `result`, if the page is needed
                        window.fail(number, error)
            return window.result()

    def _walk(self, pages: StablePages[_T]) -> Iterator[_T]:
        seen: set[Hashable] = set()
        request: Request | None = pages.first
        while request is not None:
            response = self._client.send(request)
            found, request = pages.take(response, response.request.endpoint.decode(response))
            for key, item in found:
                if key not in seen:
                    seen.add(key)
                    yield item
            del response, found

    def _fetch(self, request: Request) -> Page[_T]:
        return self._decode(self._client.send(request))

    def _decode(self, result: Response | Exception) -> Page[_T]:
        if isinstance(result, Exception):
            raise result
        page: Page[_T] = result.request.endpoint.decode(result)
        return page

    def __repr__(self) -> str:
        return f"<Pager of {self._requests.endpoint.name}>"
