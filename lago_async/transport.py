"""The aiohttp session: one call is one request's bytes out and one answer's bytes in, with retries in between."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
from typing import TYPE_CHECKING, Any, TypedDict

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from lago_async.alarms import Alarm, Alarms
from lago_async.endpoint import Answer, describe
from lago_async.errors import LagoClosedError, LagoConnectionError, LagoDecodeError, LagoTimeoutError
from lago_async.rate_budget import RateBudget, RateLimit, Ticket
from lago_async.retry import NoAnswer, seconds_asked
from lago_async.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.endpoint import Request
    from lago_async.settings import Options, Settings, Timeout

__all__ = ["Transport"]

_log = logging.getLogger("lago_async")

_NEVER = float("inf")
_FORGIVEN_IN_BULK = 10  # refusals for the rate, of one call
_AT_ONCE = 65_536  # bytes that are waited for as one; more come in pieces, each of which is a sign of life

# Connections that are open. A forgotten client is garbage together with all that it holds, and the collector picks the
# order of the finalizers: aiohttp's would warn before ours could close. And in a forked child the sockets are the
# parent's: to close them, or to have them collected, would send the parent's servers a goodbye; they stay for good.
_OPEN: set[_Connections] = set()


class _NoPlaceError(TimeoutError):
    """The time ran out before there was a free connection."""


_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, _NoPlaceError)
_NOT_TRUSTED = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
# RuntimeError: the interpreter or the loop is shutting down, and no name can be looked up any more.
_HOPELESS = (*_NOT_TRUSTED, RuntimeError)


class _Call:
    """One call under way: what its attempts share.

    Attributes:
        forgiven: Attempts that were refused for their rate and do not count.
        uncertain: The answer to an attempt was lost, and the server may have acted on it.
    """

    __slots__ = ("attempts", "deadline", "forgiven", "headers", "options", "request", "request_id", "uncertain")

    def __init__(self, request: Request, options: Options, request_id: str, deadline: float) -> None:
        self.request = request
        self.options = options
        self.request_id = request_id
        self.deadline = deadline
        self.attempts = 0
        self.forgiven = 0
        self.uncertain = False
        self.headers = {"X-Request-Id": request_id, **options.headers}
        if request.body is not None:
            self.headers["Content-Type"] = "application/json"

    def patience(self, now: float) -> float:
        """Until when to wait for a sign of the server, beginning now."""
        read = self.options.timeout.read
        return self.deadline if read is None else min(self.deadline, now + read)

    def wait_too_long(self, seconds: float) -> bool:
        """Whether waiting for the rate limit is more than what the call would wait for anything."""
        return seconds > self.options.retries.max_delay or self.too_late(seconds)

    def too_late(self, delay: float) -> bool:
        """Whether the call, or a scope of anyio's around it, would be out of time after a delay."""
        then = asyncio.get_running_loop().time() + delay
        if then >= self.deadline:
            return True
        anyio: Any = sys.modules.get("anyio")  # if nobody has imported it, nobody is in a scope of its own
        return anyio is not None and then >= anyio.current_effective_deadline()

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return Answer(self.request, status, headers, body, self.request_id, self.attempts, self.uncertain)

    def delay(self, answer: Answer | None, failure: Exception | None) -> float | None:
        """Seconds until the next attempt, or None if there is to be none."""
        if isinstance(failure, _HOPELESS):
            return None
        outcome: NoAnswer | int
        if answer is not None:
            outcome = answer.status_code
        else:
            outcome = NoAnswer.NOT_SENT if isinstance(failure, _NOT_SENT) else NoAnswer.LOST
        retries, asked = self.options.retries, None
        patient = outcome == 429 and self.options.flow is not None and self.forgiven < _FORGIVEN_IN_BULK
        if answer is not None and outcome == 429:
            asked = seconds_asked(answer.headers)
        if patient:
            # Nothing was done, nobody waits at a screen, and the budget holds the next attempt for as long as it takes.
            self.forgiven += 1
            asked = None if asked is None else min(asked, retries.max_delay)
        seconds = retries.delay(
            repeatable=self.request.repeatable,
            attempt=max(1, self.attempts - self.forgiven),
            outcome=outcome,
            asked=asked,
            chance=random.random(),  # noqa: S311 - it spreads clients in time, and hides nothing
        )
        if patient and seconds is not None:
            self.deadline += seconds
        return seconds

    def described(self) -> _Described:
        """What an error says of the call."""
        return {
            "operation": self.request.endpoint.name,
            "method": self.request.endpoint.method,
            "path": self.request.target,
            "request_id": self.request_id,
            "attempts": self.attempts,
        }


class _Described(TypedDict):
    operation: str
    method: str
    path: str
    request_id: str
    attempts: int


class _Connections:
    """What belongs to one event loop: the session, its places, and the time limits of its calls."""

    def __init__(self, loop: asyncio.AbstractEventLoop, settings: Settings) -> None:
        self.loop = loop
        self.alarms = Alarms(loop)
        self.budget = RateBudget(loop, settings.rate_share)
        # Our own queue for a connection rather than the connector's: the limit on the server's silence must not count
        # the wait for a place.
        self.places = asyncio.Semaphore(settings.max_connections)
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
        self.alarms.clear()
        self.budget.close(_closed)
        await self.session.close()

    def close_from_outside(self) -> None:
        """Close without waiting; the loop is another's, or has ended."""
        _OPEN.discard(self)
        connector = self.session.connector
        self.session.detach()  # or it would warn, as if the user had forgotten it
        if connector is None:
            return
        try:
            self.loop.call_soon_threadsafe(self._close_soon, connector)
        except RuntimeError:
            # The loop has ended, and the sockets went, or go, with it: the coroutine's first step only tidies up.
            closing = connector.close().__await__()
            next(closing, None)
            closing.close()

    def _close_soon(self, connector: aiohttp.BaseConnector) -> None:
        self.alarms.clear()
        self.budget.close(_closed)
        task = self.loop.create_task(_wait_for(connector))
        _CLOSING.add(task)
        task.add_done_callback(_CLOSING.discard)


async def _wait_for(connector: aiohttp.BaseConnector) -> None:
    await connector.close()


_CLOSING: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly


class Transport:
    """The connections of one client: a session for each event loop that the client is used on, nearly always one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._base = URL(settings.base_url, encoded=True)
        self._pid = os.getpid()
        self._connections: _Connections | None = None  # those of the loop that was used last
        self._others: dict[asyncio.AbstractEventLoop, _Connections] = {}
        self.closed: bool = False

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """What the answers have told of the server's limits."""
        return () if self._connections is None else self._connections.budget.rate_limits

    async def send(self, request: Request, options: Options) -> Answer:
        """Send a request until there is an answer, of whatever status, or no hope of one.

        Raises:
            LagoConnectionError: There is no answer; ``maybe_applied`` tells whether the server may have acted.
            LagoTimeoutError: The same, for want of time.
            LagoClosedError: The client is, or was meanwhile, closed.
        """
        loop = asyncio.get_running_loop()
        connections = self._connections
        if connections is None or connections.loop is not loop:
            connections = self._open(loop)
        total = options.timeout.total
        deadline = _NEVER if total is None else loop.time() + total
        call = _Call(request, options, os.urandom(16).hex(), deadline)
        while True:
            ticket = connections.budget.admit_now(request.endpoint.name, options.flow)
            if ticket is None:
                ticket = await self._admit(connections, call)
            call.attempts += 1
            answer, failure = await self._attempt(connections, call, ticket)
            if answer is not None and answer.status_code < 400:
                return answer
            delay = call.delay(answer, failure)
            if delay is None or call.too_late(delay):
                if answer is not None:
                    return answer
                raise self._no_answer(call, failure) from failure
            _log.info(
                "%s: attempt %d ended with %s; the next in %.2f s (request %s)",
                request.endpoint.name,
                call.attempts,
                answer.status_code if answer is not None else type(failure).__name__,
                delay,
                call.request_id,
            )
            await asyncio.sleep(delay)
            if self.closed:
                raise _closed()

    async def _admit(self, connections: _Connections, call: _Call) -> Ticket:
        """Wait for the rate limit, in line with other calls."""
        began = connections.loop.time()
        ticket = await connections.budget.admit(call.request.endpoint.name, call.options.flow, call.wait_too_long)
        waited = connections.loop.time() - began
        _log.debug("%s waited %.2f s for the rate limit", call.request.endpoint.name, waited)
        if call.options.flow is not None:
            call.deadline += waited  # the limit is for the call, not for the line in front of it
        if self.closed:
            connections.budget.end(ticket)
            raise _closed()
        return ticket

    async def _attempt(
        self, connections: _Connections, call: _Call, ticket: Ticket
    ) -> tuple[Answer | None, Exception | None]:
        """One request on the wire: what came back, or what went wrong."""
        loop, request = connections.loop, call.request
        alarm = connections.alarms.arm(call.deadline)
        response: aiohttp.ClientResponse | None = None
        body: bytes | None = None
        failure: Exception | None = None
        has_place = False
        try:
            async with connections.places:
                has_place = True
                alarm.rearm(call.patience(loop.time()))
                response = await connections.session.request(
                    request.endpoint.method,
                    self._url(request.target),
                    headers=call.headers,
                    data=request.body,
                    allow_redirects=False,
                    timeout=call.options.http_timeout,
                    ssl=self._settings.ssl_context or True,
                    proxy=self._settings.proxy,
                )
                body = await self._read(response, call, alarm)
                connections.budget.learn(ticket, response.status, response.headers)
        except asyncio.CancelledError:
            if not alarm.disarm():
                raise
            late = TimeoutError if has_place else _NoPlaceError
            failure = late("total" if loop.time() >= call.deadline else "read")
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            failure = error
        finally:
            alarm.disarm()
            if response is not None and body is None:
                response.close()
            connections.budget.end(ticket)
        if response is None or body is None:
            if self.closed:
                raise _closed()
            call.uncertain = call.uncertain or not isinstance(failure, _NOT_SENT)
            return None, failure
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "%s %s -> %d in %.0f ms (request %s, attempt %d)",
                request.endpoint.method,
                request.target,
                response.status,
                (loop.time() - ticket.began) * 1e3,
                call.request_id,
                call.attempts,
            )
        return call.answered(response.status, response.headers, body), None

    def _url(self, target: str) -> URL:
        """Where a request goes. ``encoded``: yarl would decode %2E, and collapse what it then takes for dots."""
        base = self._base
        path, _, query = target.partition("?")
        # A third of the price of parsing it all again.
        return URL.build(
            scheme=base.scheme,
            authority=base.raw_authority,
            path=base.raw_path + path,
            query_string=query,
            encoded=True,
        )

    async def close(self) -> None:
        """Close the connections. Calls under way end with ``LagoClosedError``."""
        self.closed = True
        running = asyncio.get_running_loop()
        taken = self._take()
        for connections in taken:
            if connections.loop is not running:
                connections.close_from_outside()
        for connections in taken:
            if connections.loop is running:
                await connections.close()

    def abandon(self) -> bool:
        """Close what a forgotten client left open, from any thread, without waiting; tell if there was."""
        self.closed = True
        taken = self._take()
        for connections in taken:
            connections.close_from_outside()
        return bool(taken)

    def _open(self, loop: asyncio.AbstractEventLoop) -> _Connections:
        """The connections of a loop that is not the one of the last call."""
        if self.closed:
            raise _closed()
        if self._pid != os.getpid():
            self._pid, self._connections, self._others = os.getpid(), None, {}
        if self._connections is not None:
            self._others[self._connections.loop] = self._connections
        for ended in [other for other in self._others if other.is_closed()]:
            self._others.pop(ended).close_from_outside()
        self._connections = self._others.pop(loop, None) or _Connections(loop, self._settings)
        return self._connections

    def _take(self) -> list[_Connections]:
        """All connections, which are then nobody's; none of a parent process's."""
        taken = list(self._others.values())
        if self._connections is not None:
            taken.append(self._connections)
        self._connections, self._others = None, {}
        return taken if self._pid == os.getpid() else []

    async def _read(self, response: aiohttp.ClientResponse, call: _Call, alarm: Alarm) -> bytes:
        limit = self._settings.max_response_bytes
        length = response.content_length
        if length is not None and length <= min(_AT_ONCE, limit) and "Content-Encoding" not in response.headers:
            return await response.read()
        # It is long, or its length is unknown, or is that of the compressed bytes: count, and wait for each piece anew.
        pieces: list[bytes] = []
        received = 0
        async for chunk in response.content.iter_any():
            alarm.rearm(call.patience(asyncio.get_running_loop().time()))
            pieces.append(chunk)
            received += len(chunk)
            if received > limit:
                raise LagoDecodeError(
                    f"{response.status} with more than {limit} bytes: {describe(call.request)} "
                    f"(request {call.request_id}); raise max_response_bytes, or ask for less with per_page",
                    **call.described(),
                    status_code=response.status,
                    headers=CIMultiDict(response.headers),
                    body=b"".join(pieces)[:limit],
                )
        return b"".join(pieces)

    def _no_answer(self, call: _Call, failure: Exception | None) -> LagoConnectionError:
        request, timeout = call.request, call.options.timeout
        late = isinstance(failure, TimeoutError)
        what = f"no answer in time ({_limit_hit(failure, timeout)})" if late else f"no answer ({_in_words(failure)})"
        if isinstance(failure, _NOT_TRUSTED):
            advice = "the certificate was not accepted: check base_url, or pass ssl_context= for a private authority"
        elif not call.uncertain:
            advice = "nothing was sent: check base_url and the network"
            if isinstance(failure, _NoPlaceError):
                advice = "nothing was sent: all connections were busy; raise max_connections or timeout"
        elif request.repeatable:
            advice = "the call may be repeated safely"
        else:
            advice = "it MAY HAVE BEEN CARRIED OUT and was not repeated: look it up before you call again"
        tried = f"{call.attempts} attempt{'s' if call.attempts > 1 else ''}"
        return (LagoTimeoutError if late else LagoConnectionError)(
            f"{what}: {describe(request)} at {self._settings.base_url} ({tried}, request {call.request_id}); {advice}",
            **call.described(),
            maybe_applied=call.uncertain,
        )


def _closed() -> LagoClosedError:
    return LagoClosedError("the client is closed; make a new one, or close it only when all of its calls are done")


def _limit_hit(failure: Exception | None, timeout: Timeout) -> str:
    limits = {"total": timeout.total, "read": timeout.read, "connect": timeout.connect}
    name = "connect" if isinstance(failure, aiohttp.ConnectionTimeoutError) else str(failure)
    seconds = limits.get(name)
    return "the operating system's limit" if seconds is None else f"{name}={seconds:g} s"


def _in_words(failure: Exception | None) -> str:
    return f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
