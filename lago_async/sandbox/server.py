"""The sandbox itself: a real HTTP server on a loopback port, on the running loop or on a thread of its own."""

import asyncio
import selectors
import sys
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from types import TracebackType
from typing import Self
from uuid import uuid4

import attrs
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from lago_async._net.options import is_loopback
from lago_async._registry import ENDPOINTS
from lago_async.sandbox import billing, errors
from lago_async.sandbox.api import JSON_TYPE, Answer, Api, Request, refusal_answer, request_id
from lago_async.sandbox.faults import DropConnection, Fault, Faults, RateLimited, RawAnswer, ServerError, TruncatedBody
from lago_async.sandbox.limits import Limiter, RateLimits
from lago_async.sandbox.routing import Route, Router
from lago_async.sandbox.store import Store
from lago_async.sandbox.wire import Json, decode

PROVIDERS = ("stripe", "gocardless", "adyen", "moneyhash", "cashfree", "flutterwave")

_TOO_MANY = Answer(429, b'{"status":429,"error":"Too Many Requests"}')

# A request in flight when the sandbox stops gets this long; tests should not wait for an injected latency.
_SHUTDOWN_SECONDS = 0.1


@attrs.define(kw_only=True)
class ReceivedRequest:
    """One request that arrived; ``status`` is None while it runs, and where nothing was answered."""

    method: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: CIMultiDictProxy[str]
    body: bytes
    operation: str | None
    status: int | None = None


class _Closed(asyncio.Protocol):
    """A connection that is closed as soon as it is made."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _aware(moment: datetime, name: str) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{name} must be aware, as in datetime(2026, 1, 1, tzinfo=UTC)")
    return moment.astimezone(UTC)


@cache
def _package_router() -> Router:
    # Once: tests make many sandboxes. Of the rows, not the endpoints: those would load every model.
    return Router(ENDPOINTS.rows)


def _new_loop() -> asyncio.AbstractEventLoop:
    # Not epoll: a set of it is shared with forked children, whose exit would make this server deaf.
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(selectors.PollSelector())


class Sandbox:
    """A small Lago in memory, for tests and first steps.

    Enter it with ``async with`` to serve on the running loop, or with ``with`` to serve on a thread of its own. It is
    entered once;
    afterwards ``requests`` and the clock may still be read.

    Args:
        api_key: The one key it knows; a random one unless given.
        host: A loopback address or ``localhost``: a sandbox is not for others on the network.
        port: The port, or 0 for any that is free.
        now: Where the clock starts, aware; the real time unless given. It moves only through `advance`.
        premium: Whether time zones, grace periods and what else needs a licence have an effect.
        front_url: Where links to the customer portal lead.
        payment_providers: Connected payment providers, code to kind; one of each kind unless given.
        body_limit: Longer request bodies are answered with 413.
        requests_kept: How many of the last requests ``requests`` holds.
        rate_limits: How many requests are answered in a while, as by Lago Cloud's gateway; no limits unless given.
        endpoints: The table to serve; the package's own unless given.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        now: datetime | None = None,
        premium: bool = False,
        front_url: str = "https://app.getlago.com",
        payment_providers: Mapping[str, str] | None = None,
        body_limit: int = 16 * 1024 * 1024,
        requests_kept: int = 10_000,
        rate_limits: RateLimits | None = None,
        endpoints: Mapping[str, Route] | None = None,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(
                f"the sandbox serves this machine only, and {host!r} is not a loopback address: "
                "use 127.0.0.1, ::1 or localhost"
            )
        self.api_key: str = api_key or str(uuid4())
        self.requests: deque[ReceivedRequest] = deque(maxlen=requests_kept)
        self.connections_opened: int = 0
        self._host = host
        self._port = port
        self._body_limit = body_limit
        self._store = Store(
            now=datetime.now(UTC) if now is None else _aware(now, "now"),
            premium=premium,
            front_url=front_url.rstrip("/"),
            payment_providers=dict(zip(PROVIDERS, PROVIDERS, strict=True))
            if payment_providers is None
            else payment_providers,
        )
        router = _package_router() if endpoints is None else Router(endpoints.values())
        self._api = Api(router, self._store, self.api_key)
        self._faults = Faults()
        self._limiter = None if rate_limits is None else Limiter(rate_limits)
        self._url: str | None = None
        self._entered = False
        self._web_server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._thread: threading.Thread | None = None
        self._thread_ready = threading.Event()
        self._thread_error: BaseException | None = None
        self._thread_stop: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def __repr__(self) -> str:
        return f"<Sandbox {self._url or 'not started'}>"

    @property
    def url(self) -> str:
        """Where it serves: ``http://127.0.0.1:PORT``. The API is below ``/api/v1``."""
        if self._url is None:
            raise RuntimeError("the sandbox has not started: enter it first, with `async with` or `with`")
        return self._url

    @property
    def now(self) -> datetime:
        """What time it is in the sandbox, in UTC."""
        with self._store.lock:
            return self._store.now

    def advance(self, *, to: datetime | None = None, by: timedelta | None = None) -> None:
        """Move the clock forward, billing every period that closes on the way. May be called from any thread."""
        if (to is None) == (by is None):
            raise TypeError("give either to= or by=")
        with self._store.lock:
            target = self._store.now + by if by is not None else _aware(to or self._store.now, "to")
            billing.advance(self._store, target)

    def perform(self, operation: str, given: Json = None, *path_params: str) -> Json:
        """Do an operation without HTTP, to set up a test in bulk; answers what the envelope of the response holds.

        ``given`` is what the envelope of the request would hold, or the whole request where it has none. No fault, no
        authorization, no entry in ``requests``.

        Raises:
            ValueError: The operation was refused.
        """
        answer = self._api.perform(operation, given, path_params)
        if answer.status != 200:
            raise ValueError(f"{operation} answered {answer.status}: {answer.body.decode()}")
        if answer.content_type != JSON_TYPE:
            return answer.body.decode()
        body = decode(answer.body) if answer.body else None
        return next(iter(body.values())) if isinstance(body, dict) else None

    def inject(self, fault: Fault, *, operation: str | None = None, times: int | None = 1) -> None:
        """Let the next ``times`` requests of an operation meet a fault.

        Without ``operation`` it is any; with ``times=None`` it lasts until the faults are cleared.
        """
        with self._store.lock:
            self._faults.inject(fault, operation, times)

    def clear_faults(self) -> None:
        """Behave again."""
        with self._store.lock:
            self._faults.clear()

    async def __aenter__(self) -> Self:
        self._enter()
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stop()

    def __enter__(self) -> Self:
        self._enter()
        self._thread = threading.Thread(target=self._run_thread, name="lago-sandbox", daemon=True)
        self._thread.start()
        self._thread_ready.wait()
        if self._thread_error is not None:
            self._thread.join()
            raise self._thread_error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is None or self._thread_stop is None:
            return
        loop, stop = self._thread_stop
        loop.call_soon_threadsafe(stop.set)
        self._thread.join()
        if self._thread_error is not None:
            raise self._thread_error

    def _enter(self) -> None:
        if self._entered:
            raise RuntimeError("a sandbox is entered once; make a new one")
        self._entered = True

    def _run_thread(self) -> None:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            try:
                runner.run(self._serve_until_stopped())
            except BaseException as error:  # noqa: BLE001 - carried to the thread that waits for the start
                self._thread_error = error
                self._thread_ready.set()

    async def _serve_until_stopped(self) -> None:
        stop = asyncio.Event()
        await self._start()
        self._thread_stop = (asyncio.get_running_loop(), stop)
        self._thread_ready.set()
        await stop.wait()
        await self._stop()

    async def _start(self) -> None:
        self._web_server = web.Server(self._handle, access_log=None)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._protocol, self._host, self._port)
        port = self._listener.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._url = f"http://{host}:{port}"
        self._store.url = self._url

    async def _stop(self) -> None:
        if self._listener is None or self._web_server is None:
            return
        self._listener.close()
        self._web_server.pre_shutdown()
        await self._web_server.shutdown(_SHUTDOWN_SECONDS)
        # A closed transport lets go of its socket one turn of the loop later.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _protocol(self) -> asyncio.Protocol:
        """Called for each connection."""
        if self._web_server is None:
            raise RuntimeError("connections before the start")
        with self._store.lock:
            self.connections_opened += 1
            if self._faults.take_on_connect():
                return _Closed()
        return self._web_server()

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        body = await self._read(incoming)
        request = Request(
            method=incoming.method,
            target=_target(incoming.raw_path),
            headers=incoming.headers,
            body=body or b"",
            request_id=request_id(incoming.headers),
        )
        received = ReceivedRequest(
            method=request.method,
            raw_path=request.raw_path,
            query=request.query,
            headers=CIMultiDictProxy(CIMultiDict(incoming.headers)),
            body=request.body,
            operation=self._api.operation(request),
        )
        limited, limits = self._limit(received.operation)
        with self._store.lock:
            self.requests.append(received)
            # A request that the gateway refuses gets no further, and meets no fault.
            seconds, fault = (0.0, None) if limited else self._faults.take(received.operation)
        if seconds:
            await asyncio.sleep(seconds)
        answer = _TOO_MANY if limited else self._fault_answer(fault)
        if answer is None:
            if isinstance(fault, DropConnection) and fault.when == "before_handling":
                return _dropped(incoming)
            answer = refusal_answer(errors.too_large()) if body is None else self._api.answer(request)
            if isinstance(fault, DropConnection):
                return _dropped(incoming)
        received.status = answer.status
        headers = {"X-Request-Id": request.request_id, **limits, **answer.headers}
        if answer.status < 300:
            headers.setdefault("Cache-Control", "max-age=0, private, must-revalidate")
        if isinstance(fault, TruncatedBody):
            return await _truncated(incoming, answer, headers, consistent_length=fault.consistent_length)
        response = web.Response(status=answer.status, body=answer.body, headers=headers)
        response.headers["Content-Type"] = answer.content_type
        if body is None:
            response.force_close()
        return response

    def _limit(self, operation: str | None) -> tuple[bool, Mapping[str, str]]:
        """Whether there have been too many requests, and what every answer says of it."""
        if self._limiter is None:
            return False, {}
        allowed, headers = self._limiter.take(operation)
        return not allowed, headers

    async def _read(self, incoming: web.BaseRequest) -> bytes | None:
        """The body; None where it is longer than allowed."""
        parts: list[bytes] = []
        size = 0
        async for part in incoming.content.iter_any():
            size += len(part)
            if size > self._body_limit:
                return None
            parts.append(part)
        return b"".join(parts)

    def _fault_answer(self, fault: Fault | None) -> Answer | None:
        """The answer of a fault that answers by itself, without anything being done."""
        match fault:
            case RateLimited(limit, remaining, reset):
                headers = {
                    "x-ratelimit-limit": str(limit),
                    "x-ratelimit-remaining": str(remaining),
                    "x-ratelimit-reset": str(reset),
                }
                return attrs.evolve(_TOO_MANY, headers=headers)
            case ServerError(status, html, empty):
                return _server_error(status, html=html, empty=empty)
            case RawAnswer(status, body, content_type, headers):
                return Answer(status, body, content_type, headers)
            case _:
                return None


_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


def _server_error(status: int, *, html: bool, empty: bool) -> Answer:
    reason = _REASONS[status]
    if empty:
        return Answer(status, b"", "text/html; charset=utf-8")
    if html:
        title = f"{status} {reason}"
        page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<h1>{title}</h1>\r\n</body>\r\n</html>\r\n"
        return Answer(status, page.encode(), "text/html")
    return Answer(status, f'{{"status":{status},"error":"{reason}"}}'.encode())


def _target(raw_path: str) -> str:
    """Path and query, also where the request line carries a whole URL."""
    _, scheme, rest = raw_path.partition("://")
    if scheme and not raw_path.startswith("/"):
        return "/" + rest.partition("/")[2]
    return raw_path


def _dropped(incoming: web.BaseRequest) -> web.Response:
    """Close the connection. The response is needed for form only: it has nowhere to go."""
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response()


async def _truncated(
    incoming: web.BaseRequest, answer: Answer, headers: Mapping[str, str], *, consistent_length: bool
) -> web.StreamResponse:
    half = answer.body[: len(answer.body) // 2]
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.headers["Content-Type"] = answer.content_type
    response.content_length = len(half) if consistent_length else len(answer.body)
    await response.prepare(incoming)
    await response.write(half)
    if not consistent_length:
        if incoming.transport is not None:
            incoming.transport.close()
        response.force_close()
    return response
