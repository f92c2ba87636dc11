"""The transport: it sends a request until it has a response, with retries; each attempt is one HTTP exchange."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from typing import TYPE_CHECKING, Final

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from lago_async._net.call import Call
from lago_async._net.connections import Connections
from lago_async._net.failures import NOT_SENT, NoSlotError, closed_error
from lago_async._table.refusals import describe
from lago_async.errors import LagoDecodeError

if TYPE_CHECKING:
    from lago_async._net.limits import RateLimit
    from lago_async._net.options import Options, Settings
    from lago_async._net.rate_budget import Ticket
    from lago_async._net.timers import Timer
    from lago_async._table.messages import Request, Response

_log = logging.getLogger("lago_async")

_NEVER: Final = float("inf")
_AT_ONCE: Final = 65_536  # bytes; a longer body is read in chunks, and each chunk restarts the read timeout


class Transport:
    """The connections of one client: one set per event loop that the client is used on, nearly always one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._base = URL(settings.base_url, encoded=True)
        self._connections: Connections | None = None  # of the loop of the last call
        self._by_loop: dict[asyncio.AbstractEventLoop, Connections] = {}
        # Loops of several threads may call and close at once. Reentrant, because a finalizer may run while it is held.
        self._lock = threading.RLock()
        self.closed: bool = False

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The server's rate limits, as its responses have shown them."""
        return () if self._connections is None else self._connections.budget.rate_limits

    async def send(self, request: Request, options: Options) -> Response:
        """Send a request, with retries, and return the last response, whatever its status.

        Raises:
            LagoConnectionError: No response arrived; ``maybe_applied`` tells whether the server may have acted.
            LagoTimeoutError: No response arrived in time.
            LagoClosedError: The client was closed before or during the call.
        """
        loop = asyncio.get_running_loop()
        connections = self._connections
        if connections is None or connections.loop is not loop:
            connections = self._open(loop)
        total = options.timeout.total
        deadline = _NEVER if total is None else loop.time() + total
        call = Call(request, options, os.urandom(16).hex(), deadline)
        while True:
            ticket = connections.budget.admit_now(request.endpoint.name, options.flow)
            if ticket is None:
                ticket = await self._admit(connections, call)
            call.attempts += 1
            response, failure = await self._attempt(connections, call, ticket)
            if response is not None and response.status_code < 400:
                return response
            delay = call.delay(response, failure)
            if delay is None or call.too_late(delay):
                if response is not None:
                    return response
                raise call.no_response(failure, self._settings.base_url) from failure
            _log.info(
                "%s: attempt %d ended with %s; the next in %.2f s (request %s)",
                request.endpoint.name,
                call.attempts,
                response.status_code if response is not None else type(failure).__name__,
                delay,
                call.request_id,
            )
            await asyncio.sleep(delay)
            if self.closed:
                raise closed_error()

    async def _admit(self, connections: Connections, call: Call) -> Ticket:
        """Wait for the rate limit, in turns with other calls."""
        began = connections.loop.time()
        ticket = await connections.budget.admit(call.request.endpoint.name, call.options.flow, call.wait_too_long)
        waited = connections.loop.time() - began
        _log.debug("%s waited %.2f s for the rate limit", call.request.endpoint.name, waited)
        if call.options.flow is not None:
            call.deadline += waited  # the time limit does not include the queue before the call
        if self.closed:
            connections.budget.end(ticket)
            raise closed_error()
        return ticket

    async def _attempt(
        self, connections: Connections, call: Call, ticket: Ticket
    ) -> tuple[Response | None, Exception | None]:
        """Send one request on the wire; return its response, or its failure."""
        loop, request = connections.loop, call.request
        timer = connections.timers.arm(call.deadline)
        http: aiohttp.ClientResponse | None = None
        body: bytes | None = None
        failure: Exception | None = None
        has_slot = False
        try:
            async with connections.slots:
                has_slot = True
                timer.rearm(call.read_deadline(loop.time()))
                http = await connections.session.request(
                    request.endpoint.method,
                    self._url(request.target),
                    headers=call.headers,
                    data=request.body,
                    allow_redirects=False,
                    timeout=call.options.http_timeout,
                    ssl=self._settings.ssl_context or True,
                    proxy=self._settings.proxy,
                )
                body = await self._read(http, call, timer)
                connections.budget.learn(ticket, http.status, http.headers)
        except asyncio.CancelledError:
            if not timer.disarm():
                raise
            late = TimeoutError if has_slot else NoSlotError
            failure = late("total" if loop.time() >= call.deadline else "read")
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            failure = error
        finally:
            timer.disarm()
            if http is not None and body is None:
                http.close()
            connections.budget.end(ticket)
        if http is None or body is None:
            if self.closed:
                raise closed_error()
            call.uncertain = call.uncertain or not isinstance(failure, NOT_SENT)
            return None, failure
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "%s %s -> %d in %.0f ms (request %s, attempt %d)",
                request.endpoint.method,
                request.target,
                http.status,
                (loop.time() - ticket.began) * 1e3,
                call.request_id,
                call.attempts,
            )
        return call.response(http.status, http.headers, body), None

    def _url(self, target: str) -> URL:
        """Return the URL of a request. ``encoded`` keeps yarl from decoding %2E and collapsing the dots."""
        base = self._base
        path, _, query = target.partition("?")
        # Takes a third of the time of parsing the whole URL again.
        return URL.build(
            scheme=base.scheme,
            authority=base.raw_authority,
            path=base.raw_path + path,
            query_string=query,
            encoded=True,
        )

    async def close(self) -> None:
        """Close the connections. Calls in flight raise ``LagoClosedError``."""
        self.closed = True
        running = asyncio._get_running_loop()  # None if the loop of a blocking client has ended with an error
        taken = self._take()
        for connections in taken:
            if connections.loop is not running:
                connections.close_from_outside()
        for connections in taken:
            if connections.loop is running:
                await connections.close()

    def abandon(self) -> bool:
        """Close a forgotten client's connections, from any thread, without waiting; return whether any were open."""
        self.closed = True
        taken = self._take()
        for connections in taken:
            connections.close_from_outside()
        return bool(taken)

    def _open(self, loop: asyncio.AbstractEventLoop) -> Connections:
        """Return the connections of a loop other than that of the last call."""
        with self._lock:
            if self.closed:
                raise closed_error()
            for ended in [other for other in self._by_loop if other.is_closed()]:
                self._by_loop.pop(ended).close_from_outside()
            connections = self._by_loop.get(loop)
            if connections is None:
                connections = self._by_loop[loop] = Connections(loop, self._settings)
            self._connections = connections
            return connections

    def _take(self) -> list[Connections]:
        """Take all connections out of this transport."""
        with self._lock:
            taken = list(self._by_loop.values())
            self._connections, self._by_loop = None, {}
            return taken

    async def _read(self, http: aiohttp.ClientResponse, call: Call, timer: Timer) -> bytes:
        limit = self._settings.max_response_bytes
        length = http.content_length
        if length is not None and length <= min(_AT_ONCE, limit) and "Content-Encoding" not in http.headers:
            return await http.read()
        # The body is long, or its length is unknown or is that of the compressed bytes: count the bytes, and restart
        # the read timeout with each chunk.
        chunks: list[bytes] = []
        received = 0
        async for chunk in http.content.iter_any():
            timer.rearm(call.read_deadline(asyncio.get_running_loop().time()))
            chunks.append(chunk)
            received += len(chunk)
            if received > limit:
                raise LagoDecodeError(
                    f"{http.status} with more than {limit} bytes: {describe(call.request)} "
                    f"(request {call.request_id}); raise max_response_bytes, or request fewer items with per_page",
                    **call.description(),
                    status_code=http.status,
                    headers=CIMultiDict(http.headers),
                    body=b"".join(chunks)[:limit],
                )
        return b"".join(chunks)
