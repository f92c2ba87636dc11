"""The sandbox itself: a real HTTP server on a loopback port, on the running loop or on a thread of its own."""

import asyncio
import selectors
import sys
import threading
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from types import TracebackType
from typing import Self
from uuid import uuid4

import attrs
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from lago_async._net.addresses import is_loopback
from lago_async._registry import ENDPOINTS
from lago_async.sandbox._money import clock
from lago_async.sandbox._operations import order_gates, quotes
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import JSON_TYPE
from lago_async.sandbox._protocol.route import Route
from lago_async.sandbox._protocol.wire import Json, decode
from lago_async.sandbox._server.api import Api
from lago_async.sandbox._server.fault_responses import (
    TOO_MANY_REQUESTS,
    ClosedConnection,
    drop,
    fault_response,
    truncate,
)
from lago_async.sandbox._server.faults import DropConnection, Fault, Faults, TruncatedBody
from lago_async.sandbox._server.limits import Limiter, RateLimits
from lago_async.sandbox._server.messages import IncomingRequest, refusal_response, request_id, target_of
from lago_async.sandbox._server.routing import Router
from lago_async.sandbox._server.webhook_sender import WebhookSender
from lago_async.sandbox._server.webhooks import SandboxWebhooks
from lago_async.sandbox._state.store import Store

FEATURES = frozenset({order_gates.FLAG})
PROVIDERS = ("stripe", "gocardless", "adyen", "moneyhash", "cashfree", "flutterwave")

# How long a stopping sandbox waits for requests in flight; short, so that tests do not wait for injected latencies.
_SHUTDOWN_SECONDS = 0.1


@attrs.define(kw_only=True)
class ReceivedRequest:
    """A request that arrived. ``status`` is None until a response is sent, and if none is."""

    method: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: CIMultiDictProxy[str]
    body: bytes
    operation: str | None
    status: int | None = None


def _aware(at: datetime, name: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{name} must be aware, as in datetime(2026, 1, 1, tzinfo=UTC)")
    return at.astimezone(UTC)


@cache
def _package_router() -> Router:
    # Cached, because tests make many sandboxes. Made of the rows, because the endpoints would load every model.
    return Router(ENDPOINTS.rows)


def _new_loop() -> asyncio.AbstractEventLoop:
    # Not epoll: forked children share its set, and their exit would remove the sockets of this server from it.
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(selectors.PollSelector())


class Sandbox:
    """A small Lago in memory, for tests and first steps.

    Enter it with ``async with`` to serve on the running loop, or with ``with`` to serve on a thread of its own. It can
    be entered once; afterwards ``requests`` and the clock can still be read.

    Args:
        api_key: The only key it accepts; a random one by default.
        host: A loopback address or ``localhost``: a sandbox does not serve other machines.
        port: The port; 0 for any free one.
        now: The start of the clock, aware; the real time by default. Only `advance` moves the clock.
        premium: Whether features that need a licence, such as time zones and grace periods, have an effect.
        strict: Whether fields that would change what is billed, and are not simulated, are refused instead of ignored.
        features: The feature flags of the organization that are on: ``{"order_forms"}`` or none, as on a new server.
        front_url: The base of the links to the customer portal.
        payment_providers: Connected payment providers, code to kind; one of each kind by default.
        body_limit: The largest accepted request body in bytes; longer ones get a 413.
        requests_kept: The number of requests that ``requests`` holds.
        rate_limits: The limits of Lago Cloud's gateway to apply; none by default.
        hmac_key: The organization's key for signatures of webhooks; a random one by default.
        webhook_hosts: Hosts besides this machine that webhooks are sent to, by name or address; none by default.
        endpoints: The endpoint table to serve; the package's own by default.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        now: datetime | None = None,
        premium: bool = False,
        strict: bool = True,
        features: Collection[str] = (),
        front_url: str = "https://app.getlago.com",
        payment_providers: Mapping[str, str] | None = None,
        body_limit: int = 16 * 1024 * 1024,
        requests_kept: int = 10_000,
        rate_limits: RateLimits | None = None,
        hmac_key: str | None = None,
        webhook_hosts: Collection[str] = (),
        endpoints: Mapping[str, Route] | None = None,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(
                f"the sandbox serves this machine only, and {host!r} is not a loopback address: "
                "use 127.0.0.1, ::1 or localhost"
            )
        if unknown := set(features) - FEATURES:
            raise ValueError(f"features has {', '.join(sorted(unknown))}; the sandbox knows {', '.join(FEATURES)}")
        self.api_key: str = api_key or str(uuid4())
        self.requests: deque[ReceivedRequest] = deque(maxlen=requests_kept)
        self.connections_opened: int = 0
        self._host = host
        self._port = port
        self._body_limit = body_limit
        self._store = Store(
            now=datetime.now(UTC) if now is None else _aware(now, "now"),
            premium=premium,
            strict=strict,
            feature_flags=frozenset(features),
            front_url=front_url.rstrip("/"),
            payment_providers={kind: kind for kind in PROVIDERS} if payment_providers is None else payment_providers,
        )
        self.hmac_key: str = hmac_key or self._store.hmac_key
        self._store.hmac_key = self.hmac_key
        self.webhooks = SandboxWebhooks(self._store, WebhookSender(self._store, hosts=webhook_hosts))
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
        """The base URL, ``http://127.0.0.1:PORT``. The API is below ``/api/v1`` and ``/api/v2``."""
        if self._url is None:
            raise RuntimeError("the sandbox has not started: enter it first, with `async with` or `with`")
        return self._url

    @property
    def now(self) -> datetime:
        """The time of the sandbox in UTC."""
        with self._store.lock:
            return self._store.now

    def advance(self, *, to: datetime | None = None, by: timedelta | None = None) -> None:
        """Move the clock forward, and bill every period that closes on the way. May be called from any thread."""
        if (to is None) == (by is None):
            raise TypeError("give either to= or by=")
        with self._store.lock:
            target = self._store.now + by if by is not None else _aware(to or self._store.now, "to")
            clock.advance(self._store, target)
            self._store.outbox.notify()

    def perform(self, operation: str, given: Json = None, *path_params: str) -> Json:
        """Perform an operation without HTTP, to set up a test quickly; returns the content of the response's envelope.

        ``given`` is the content of the request's envelope, or the whole request if it has none. There are no faults, no
        authorization and no entry in ``requests``.

        Raises:
            ValueError: the operation was refused.
        """
        response = self._api.perform(operation, given, path_params)
        if response.status != 200:
            raise ValueError(f"{operation} answered {response.status}: {response.body.decode()}")
        if response.content_type != JSON_TYPE:
            return response.body.decode()
        body = decode(response.body) if response.body else None
        return next(iter(body.values())) if isinstance(body, dict) else None

    def draft_quote(
        self,
        external_customer_id: str,
        *,
        order_type: str = "one_off",
        external_subscription_id: str | None = None,
        currency: str | None = None,
        content: str | None = None,
        billing_items: Mapping[str, Json] | None = None,
        owners: Sequence[str] = (),
    ) -> Json:
        """Draft a quote, which no request can do: on a server, people draft quotes in Lago's app.

        Args:
            external_customer_id: The customer, by your id.
            order_type: ``one_off``, ``subscription_creation`` or ``subscription_amendment``.
            external_subscription_id: The active subscription that an amendment changes.
            currency: By default the customer's, or EUR.
            content: The text of the quote.
            billing_items: The items as the server writes them: ``addOns``, ``plans``, ``coupons``, ``walletCredits``.
            owners: The email addresses of its owners.

        Returns:
            The quote as ``find_quote`` returns it.

        Raises:
            ValueError: There is no such customer or subscription, or an argument is invalid.
        """
        with self._store.lock:
            try:
                return quotes.draft(
                    self._store,
                    external_customer_id,
                    order_type=order_type,
                    external_subscription_id=external_subscription_id,
                    currency=currency,
                    content=content,
                    billing_items=billing_items,
                    owners=owners,
                )
            except refusals.RefusalError as refusal:
                raise ValueError(f"draft_quote: {refusal}") from None

    def inject(self, fault: Fault, *, operation: str | None = None, times: int | None = 1) -> None:
        """Inject a fault into the next ``times`` requests of an operation.

        Without ``operation`` the fault applies to any; with ``times=None`` it lasts until `clear_faults`.
        """
        with self._store.lock:
            self._faults.inject(fault, operation, times)

    def clear_faults(self) -> None:
        """Remove all faults."""
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
        self.webhooks.start()

    async def _stop(self) -> None:
        if self._listener is None or self._web_server is None:
            return
        self._listener.close()
        await self.webhooks.stop()
        self._web_server.pre_shutdown()
        await self._web_server.shutdown(_SHUTDOWN_SECONDS)
        # A closed transport closes its socket in the next iteration of the loop.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _protocol(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        if self._web_server is None:
            raise RuntimeError("connections before the start")
        with self._store.lock:
            self.connections_opened += 1
            if self._faults.take_on_connect():
                return ClosedConnection()
        return self._web_server()

    async def _handle(self, incoming: web.BaseRequest) -> web.StreamResponse:
        body = await self._read(incoming)
        request = IncomingRequest(
            method=incoming.method,
            target=target_of(incoming.raw_path),
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
            # A request that the gateway refuses does not reach the server, and meets no fault.
            seconds, fault = (0.0, None) if limited else self._faults.take(received.operation)
        if seconds:
            await asyncio.sleep(seconds)
        outgoing = TOO_MANY_REQUESTS if limited else fault_response(fault)
        if outgoing is None:
            if isinstance(fault, DropConnection) and fault.when == "before_handling":
                return drop(incoming)
            outgoing = refusal_response(refusals.too_large()) if body is None else self._api.respond(request)
            if isinstance(fault, DropConnection):
                return drop(incoming)
        received.status = outgoing.status
        headers = {"X-Request-Id": request.request_id, **limits, **outgoing.headers}
        if outgoing.status < 300:
            headers.setdefault("Cache-Control", "max-age=0, private, must-revalidate")
        if isinstance(fault, TruncatedBody):
            return await truncate(incoming, outgoing, headers, consistent_length=fault.consistent_length)
        response = web.Response(status=outgoing.status, body=outgoing.body, headers=headers)
        response.headers["Content-Type"] = outgoing.content_type
        if body is None:
            response.force_close()
        return response

    def _limit(self, operation: str | None) -> tuple[bool, Mapping[str, str]]:
        """Return whether there are too many requests, and the headers that every response has."""
        if self._limiter is None:
            return False, {}
        allowed, headers = self._limiter.take(operation)
        return not allowed, headers

    async def _read(self, incoming: web.BaseRequest) -> bytes | None:
        """Return the body; None if it is longer than the limit."""
        parts: list[bytes] = []
        size = 0
        async for part in incoming.content.iter_any():
            size += len(part)
            if size > self._body_limit:
                return None
            parts.append(part)
        return b"".join(parts)
