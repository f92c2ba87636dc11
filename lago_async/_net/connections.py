"""The connections of one event loop: the aiohttp session, its slots, its time limits, its rate budget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from multidict import CIMultiDict

from lago_async._net.failures import closed_error
from lago_async._net.options import Secret
from lago_async._net.rate_budget import RateBudget
from lago_async._net.timers import Timers

if TYPE_CHECKING:
    from lago_async._net.options import Settings

# Keep every open set of connections reachable. The collector picks the order of finalizers, so in a forgotten client
# aiohttp's would warn before ours could close. And in a forked child the sockets are the parent's: closing them, or
# having them collected, would say goodbye to the parent's servers. There they stay for good.
_OPEN: set[Connections] = set()

_CLOSING: set[asyncio.Task[None]] = set()  # the loop holds its tasks weakly


class Connections:
    """All that a client has on one event loop.

    Attributes:
        loop: The event loop.
        timers: The time limits of the calls.
        budget: The rate budget.
        slots: One per connection of the pool.
        session: The HTTP library's session.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings) -> None:
        self.loop = loop
        self.timers = Timers(loop)
        self.budget = RateBudget(loop, settings.rate_share)
        # Our own queue for a connection, not the connector's: the limit on the server's silence must not count the wait
        # for a slot.
        self.slots = asyncio.Semaphore(settings.max_connections)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=CIMultiDict({
                "Authorization": Secret(f"Bearer {settings.api_key}"),
                "Accept": "application/json",
                "User-Agent": settings.user_agent,
            }),
        )  # fmt: skip
        _OPEN.add(self)

    async def close(self) -> None:
        """Close, on the loop."""
        _OPEN.discard(self)
        self.timers.clear()
        self.budget.close(closed_error)
        await self.session.close()

    def close_from_outside(self) -> None:
        """Close without waiting; the loop runs in another thread, or has ended."""
        _OPEN.discard(self)
        connector = self.session.connector
        self.session.detach()  # or its finalizer would warn
        if connector is None:
            return
        try:
            self.loop.call_soon_threadsafe(self._close_soon, connector)
        except RuntimeError:
            # The loop has ended, and its sockets with it: the first step of the coroutine only tidies up.
            closing = connector.close().__await__()
            next(closing, None)
            closing.close()

    def _close_soon(self, connector: aiohttp.BaseConnector) -> None:
        self.timers.clear()
        self.budget.close(closed_error)
        task = self.loop.create_task(_wait_for(connector))
        _CLOSING.add(task)
        task.add_done_callback(_CLOSING.discard)


async def _wait_for(connector: aiohttp.BaseConnector) -> None:
    await connector.close()
