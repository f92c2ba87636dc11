"""The connections of one event loop: the aiohttp session, its slots, its time limits, its rate budget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from http.cookies import BaseCookie, SimpleCookie
from typing import TYPE_CHECKING, Final

import aiohttp

from lago_async._net.connector import CheckedConnector
from lago_async._net.content_encoding import ACCEPTED
from lago_async._net.destination import Destination
from lago_async._net.direct_request import request_class
from lago_async._net.failures import closed_error
from lago_async._net.options import Secret
from lago_async._net.rate_budget import RateBudget
from lago_async._net.slots import Slots
from lago_async._net.timers import Timers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from yarl import URL

    from lago_async._net.options import Settings
    from lago_async._table.messages import ApiHost

# A proxy may add cookies and policies that are longer than the library's 8,190 bytes, and a header that is refused
# costs the whole response.
_LONGEST_HEADER: Final = 128 * 1024
_MOST_HEADERS: Final = 512

# asyncio reads each response into a new buffer of 256 KiB, which it then cuts to size. glibc maps such a buffer from
# the kernel, and unmaps it, until the process has once freed a mapped block that was larger: then it takes them from
# the heap. That saves three system calls and the faults of fresh pages for every response.
_LARGER_THAN_A_READ: Final = 272 * 1024

# Keep every open set of connections reachable. The collector chooses the order of finalizers, so in a forgotten client
# aiohttp's finalizer could warn before ours closes. And in a forked child the sockets belong to the parent: closing
# them, or letting the collector do so, would end the parent's connections. There they are never freed.
_OPEN: set[Connections] = set()


class Connections:
    """A client's objects that belong to one event loop.

    Attributes:
        loop: The event loop.
        timers: The time limits of the calls.
        budget: The rate budget.
        slots: One slot per connection of the pool.
        session: The HTTP library's session.
        destinations: The way to each host.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings, rate_share: float) -> None:
        bytes(_LARGER_THAN_A_READ)  # allocated and freed; none of its pages is touched
        self.loop = loop
        self.timers = Timers(loop)
        self.budget = RateBudget(loop, rate_share)
        # Our own queue for a connection, not the connector's: the wait for a slot must not count towards the limit on
        # the server's silence.
        self.slots = Slots(settings.max_connections)
        self.destinations = Destination.of(settings)
        always = {"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": settings.user_agent}
        key = {"Authorization": Secret(f"Bearer {settings.api_key}")}
        # With a proxy, the key is not a header of the session: aiohttp 3.14 sends those to the proxy as well, and
        # Authorization among them as Proxy-Authorization, in clear. Without one, headers of the session are cheaper.
        direct = all(way.proxy is None for way in self.destinations.values())
        self._headers: dict[ApiHost, dict[str, str]] = {
            host: {} if direct else {**key, **way.request_headers} for host, way in self.destinations.items()
        }
        self.session = open_session(CheckedConnector(), {**key, **always} if direct else always)
        self._ssl = settings.ssl_context or True
        self._closing: asyncio.Task[None] | None = None  # held here, because the loop holds its tasks weakly
        self._end_of_loop = self._close_with_loop()
        _OPEN.add(self)
        _first_step(self._end_of_loop)

    def request(
        self,
        method: str,
        url: URL,
        *,
        host: ApiHost,
        headers: Mapping[str, str],
        body: bytes | None,
        limits: aiohttp.ClientTimeout,
    ) -> Awaitable[aiohttp.ClientResponse]:
        """Send one request, once, and return the response as soon as its head has arrived."""
        destination, own = self.destinations[host], self._headers[host]
        # Not by the public `request`, which returns an object around this coroutine: every step would pass through it.
        return self.session._request(  # pyright: ignore[reportPrivateUsage]
            method,
            url,
            headers={**own, **headers} if own else headers,
            data=body,
            allow_redirects=False,
            timeout=limits,
            ssl=self._ssl,
            proxy=destination.proxy,
            proxy_headers=destination.proxy_headers,
        )

    async def close(self) -> None:
        """Close everything; on the loop."""
        # Not awaited itself: the cancellation of the caller does not stop it.
        await asyncio.wait([self._close_soon()])

    def close_from_outside(self) -> None:
        """Close without waiting, for a loop that runs in another thread, has stopped or has ended."""
        try:
            # All on the loop's own thread, where a call may be in flight. If the loop has stopped and never runs again,
            # nothing is closed, and these connections stay reachable: their finalizers would warn.
            self.loop.call_soon_threadsafe(self._close_soon)
        except RuntimeError:
            # The loop and its sockets have ended: the first step of the coroutine only cleans up.
            _OPEN.discard(self)
            connector = self.session.connector
            self.session.detach()  # otherwise its finalizer would warn
            if connector is not None:
                closing = connector.close().__await__()
                next(closing, None)
                closing.close()

    def _close_soon(self) -> asyncio.Task[None]:
        # A loop that ends cancels its tasks, perhaps before their first step.
        if self._closing is None or (self._closing.done() and not self.session.closed):
            self.timers.clear()
            self.budget.close(closed_error)
            self._closing = self.loop.create_task(self.session.close())
            self._closing.add_done_callback(self._note_closed)
        return self._closing

    def _note_closed(self, _task: asyncio.Task[None]) -> None:
        if self.session.closed:
            _OPEN.discard(self)

    async def _close_with_loop(self) -> AsyncGenerator[None]:
        """Wait until the loop ends its asynchronous generators, and close then.

        `asyncio.run` does that before it closes the loop, so a client that outlives a loop leaves no open socket there.
        """
        try:
            yield
        finally:
            await self.close()


class _NoCookies(aiohttp.DummyCookieJar):
    """Keeps no cookies, and makes no empty jar for each request, as the library's own does."""

    def __init__(self) -> None:
        super().__init__()
        self._none: BaseCookie[str] = SimpleCookie()

    def filter_cookies(self, request_url: URL) -> BaseCookie[str]:  # noqa: ARG002
        return self._none


def open_session(connector: CheckedConnector, headers: Mapping[str, str]) -> aiohttp.ClientSession:
    """Return a session of the HTTP library that adds nothing by itself, and decodes nothing."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=_NoCookies(),
        headers=headers,
        auto_decompress=False,
        request_class=request_class(),
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
        max_headers=_MOST_HEADERS,
    )


def _first_step(generator: AsyncGenerator[None]) -> None:
    """Run a generator to its first `yield`, so that the running loop knows it."""
    with suppress(StopIteration):
        generator.__anext__().send(None)
