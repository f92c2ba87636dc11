"""The transport: it sends a request until it has a response, with retries; each attempt is one HTTP exchange."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from functools import lru_cache, partial
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias, get_args

import attrs
from yarl import URL

from lago_async._net.attempts import attempt_ended, attempt_started, log_attempt, log_retry, retry_scheduled
from lago_async._net.body import Body, arrived
from lago_async._net.call import Call
from lago_async._net.connections import Connections
from lago_async._net.event_loop import running_loop
from lago_async._net.failures import (
    CancelledBeforeSendingError,
    Failure,
    closed_error,
    failure_of,
    out_of_time,
    refused_by_proxy,
)
from lago_async._net.retry import NoResponse
from lago_async._table.messages import ApiHost, ApiVersion, Response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import aiohttp

    from lago_async._net.limits import RateLimit
    from lago_async._net.options import Options, Settings
    from lago_async._net.rate_budget import Ticket
    from lago_async._net.timers import Timer
    from lago_async._table.messages import Request

Settle: TypeAlias = "Callable[[Response, Options, float], Awaitable[Response]]"

_log = logging.getLogger("lago_async")

_NEVER: Final = float("inf")

_KEPT_URLS: Final = 256  # building one takes about 5 us, with what the HTTP library derives from it


class Transport:
    """The connections of one client: one set per event loop that the client is used on, nearly always one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rate_share = settings.rate_share
        self._hooks = settings.hooks
        # Random and then counted, because to ask the kernel for each id takes longer than the rest of the call's state.
        self._request_ids = os.urandom(12).hex()
        self._numbers = count()
        bases: dict[ApiHost, Mapping[ApiVersion, URL]] = {
            "api": _bases_of(settings.base_url),
            "ingest": _bases_of(settings.ingest_url),
        }
        # Events always go to one URL, and a service asks for the same customers again.
        self._url = lru_cache(maxsize=_KEPT_URLS)(partial(_url, bases))
        self._connections: Connections | None = None  # of the loop of the last call
        self._by_loop: dict[asyncio.AbstractEventLoop, Connections] = {}
        # Loops of several threads may call and close at once. Reentrant, because a finalizer may run while it is held.
        self._lock = threading.RLock()
        self.closed: bool = False

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The server's rate limits, as its responses have shown them."""
        return () if self._connections is None else self._connections.budget.rate_limits

    @property
    def rate_share(self) -> float:
        """The part of the organisation's rate limit that the client may use. Set it on the loop that calls."""
        return self._rate_share

    @rate_share.setter
    def rate_share(self, share: float) -> None:
        self._rate_share = share
        for connections in self._by_loop.values():
            connections.budget.share = share

    async def send(self, request: Request, options: Options, settle: Settle) -> Response:
        """Send a request, with retries, and return the last response, whatever its status.

        Args:
            request: The request.
            options: The options of the call.
            settle: Returns the response that the caller gets instead of a refusal, if the response to an earlier
                attempt was lost; it gets the seconds since the call began, too.

        Raises:
            LagoConnectionError: No response arrived; ``maybe_applied`` tells whether the server may have acted.
            LagoTimeoutError: No response arrived in time.
            LagoClosedError: The client was closed before or during the call.
        """
        loop = asyncio._get_running_loop() or running_loop()
        connections = self._connections
        if connections is None or connections.loop is not loop:
            connections = self._open(loop)
        total, now = options.timeout.total, loop.time()
        began, deadline = now, _NEVER if total is None else now + total
        call = Call(request, options, f"{self._request_ids}{next(self._numbers):08x}", deadline)
        while True:
            ticket = connections.budget.admit_now(request.endpoint.name, options.flow, now)
            if ticket is None:
                ticket = await self._admit(connections, call)
            call.attempts += 1
            is_followed = self._hooks is not None or _log.isEnabledFor(logging.DEBUG)
            attempt = self._followed_attempt if is_followed else self._attempt
            outcome = await attempt(connections, call, ticket)
            if isinstance(outcome, Response) and outcome.status_code < 400:
                return outcome
            delay = call.delay(outcome)
            if delay is None or call.too_late(delay):
                if isinstance(outcome, Response):
                    return await settle(outcome, options, loop.time() - began) if outcome.uncertain else outcome
                raise call.no_response(outcome, connections.destinations[request.endpoint.host])
            retry = retry_scheduled(call, outcome, delay)
            log_retry(retry)
            if self._hooks is not None:
                self._hooks.retrying(retry)
            await asyncio.sleep(delay)
            if self.closed:
                raise closed_error()
            now = loop.time()

    async def _admit(self, connections: Connections, call: Call) -> Ticket:
        """Wait for the rate limit, in turns with other calls."""
        began = connections.loop.time()
        ticket = await connections.budget.admit(call.request.endpoint.name, call.options.flow, call.wait_too_long)
        call.waited = waited = connections.loop.time() - began
        _log.debug("%s waited %.2f s for the rate limit", call.request.endpoint.name, waited)
        if call.options.flow is not None:
            call.deadline += waited  # the time limit does not include the queue before the call
        if self.closed:
            connections.budget.end(ticket)
            raise closed_error()
        return ticket

    async def _followed_attempt(self, connections: Connections, call: Call, ticket: Ticket) -> Response | Failure:
        """Make an attempt that hooks or the log follow. An attempt that is cancelled has an end too."""
        hooks = self._hooks
        outcome: Response | Failure | None = None
        try:
            if hooks is not None:
                hooks.started(attempt_started(call))
            call.waited = 0.0
            outcome = await self._attempt(connections, call, ticket)
            return outcome
        finally:
            connections.budget.end(ticket)  # a second time, unless a hook was interrupted, for example by Ctrl-C
            event = attempt_ended(call, outcome, connections.loop.time() - ticket.began)
            log_attempt(event)
            if hooks is not None:
                hooks.ended(event)

    async def _attempt(self, connections: Connections, call: Call, ticket: Ticket) -> Response | Failure:
        """Send one request on the wire, once; return its response, or its failure."""
        loop, request, slots, now = connections.loop, call.request, connections.slots, ticket.began
        has_slot = slots.take()
        timer = connections.timers.arm(call.read_deadline(now) if has_slot else call.deadline, now)
        http: aiohttp.ClientResponse | None = None
        whole: bytes | None = None
        body: Body | None = None
        failure: Failure | None = None
        cancelled: asyncio.CancelledError | None = None
        try:
            if not has_slot:
                await slots.wait()
                has_slot = True
                _restart(timer, call, loop)
            http = await connections.request(
                request.endpoint.method,
                self._url(request.endpoint.host, request.endpoint.version, request.target),
                host=request.endpoint.host,
                headers=call.headers,
                body=request.body,
                limits=call.options.http_timeout,
            )
            whole = arrived(http, self._settings.max_response_bytes)
            if whole is None:
                body = Body(self._settings.max_response_bytes)
                await body.read(http, partial(_restart, timer, call, loop))
                whole = body.joined()
            connections.budget.learn(ticket, http.status, http.headers)
        except asyncio.CancelledError as error:
            if timer.disarm():
                sent = has_slot and not isinstance(error, CancelledBeforeSendingError)
                failure = out_of_time("total" if loop.time() >= call.deadline else "read", sent=sent, has_slot=has_slot)
            else:
                cancelled = asyncio.CancelledError(*error.args)
        except Exception as error:  # noqa: BLE001 - whatever the library raises leads to frames that hold the key
            failure = failure_of(error)
        finally:
            timer.disarm()
            if http is not None and whole is None:
                http.close()
            if has_slot:
                slots.give_back()
            connections.budget.end(ticket)
        if cancelled is not None:
            raise cancelled
        if failure is not None and self.closed:
            raise closed_error()
        if http is None:
            assert failure is not None  # noqa: S101 - for type checkers: without a response, something failed
            call.uncertain |= failure.kind is NoResponse.LOST
            return failure
        if http.status == 407 and connections.destinations[request.endpoint.host].proxy is not None:
            return refused_by_proxy(http.status, http.reason or "")
        if whole is None:
            whole = b"" if body is None else body.joined()
        response = call.response(http.status, http.headers, whole)
        if failure is None or http.status >= 400:
            return response  # a refusal remains one if its text broke off
        call.uncertain = True
        return attrs.evolve(failure, partial=response)

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
                connections = self._by_loop[loop] = Connections(loop, self._settings, self._rate_share)
            self._connections = connections
            return connections

    def _take(self) -> list[Connections]:
        """Take all connections out of this transport."""
        with self._lock:
            taken = list(self._by_loop.values())
            self._connections, self._by_loop = None, {}
            return taken


def _restart(timer: Timer, call: Call, loop: asyncio.AbstractEventLoop) -> None:
    """Restart the limit on the server's silence."""
    now = loop.time()
    timer.rearm(call.read_deadline(now), now)


def _bases_of(url: str) -> Mapping[ApiVersion, URL]:
    """Return the URL of each version of the API, from that of the first."""
    root = url.removesuffix("v1")
    return {version: URL(root + version, encoded=True) for version in get_args(ApiVersion)}


def _url(bases: Mapping[ApiHost, Mapping[ApiVersion, URL]], host: ApiHost, version: ApiVersion, target: str) -> URL:
    """Return the URL of a request. ``encoded`` keeps yarl from decoding %2E and collapsing the dots."""
    base = bases[host][version]
    path, _, query = target.partition("?")
    # Takes a third of the time of parsing the whole URL again.
    return URL.build(
        scheme=base.scheme,
        authority=base.raw_authority,
        path=base.raw_path + path,
        query_string=query,
        encoded=True,
    )
