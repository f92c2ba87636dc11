"""The sandbox itself: its options, its clock, its world, and what a test does to it."""

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import attrs

from lago_async._registry import ENDPOINTS
from lago_async.sandbox._money import clock
from lago_async.sandbox._operations import quotes
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import JSON_TYPE
from lago_async.sandbox._protocol.route import Route
from lago_async.sandbox._protocol.timestamps import in_utc
from lago_async.sandbox._protocol.wire import Json, decode
from lago_async.sandbox._server import options
from lago_async.sandbox._server.api import Api
from lago_async.sandbox._server.control import Control
from lago_async.sandbox._server.control_routes import ROUTES
from lago_async.sandbox._server.faults import Fault, Faults, Injection
from lago_async.sandbox._server.handling import RequestHandler
from lago_async.sandbox._server.limits import Limiter, RateLimits
from lago_async.sandbox._server.listener import Listener, Service
from lago_async.sandbox._server.messages import ReceivedRequest
from lago_async.sandbox._server.routing import Router
from lago_async.sandbox._server.running_clock import RunningClock
from lago_async.sandbox._server.webhook_sender import WebhookSender
from lago_async.sandbox._server.webhooks import SandboxWebhooks, webhooks_of
from lago_async.sandbox._state.copying import copy_world
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.world_file import world_of, write_file, write_world

BODY_LIMIT = 16 * 1024 * 1024
REQUESTS_KEPT = 10_000

# Read with the import, because starting a sandbox in a test has to be cheap. The rows alone load no model.
_PACKAGE_ROUTER = Router(ENDPOINTS.rows)


class Sandbox:
    """A small Lago in memory, for tests and first steps.

    Enter it with ``async with`` to serve on the running loop, or with ``with`` to serve on a thread of its own. It can
    be entered once; afterwards ``requests`` and the clock can still be read.

    Args:
        api_key: The only key it accepts; a random one by default.
        host: A loopback address or ``localhost``: a sandbox does not serve other machines.
        port: The port; 0 for any free one.
        now: The start of the clock, aware; the real time by default.
        clock_speed: How fast the clock runs while the sandbox serves: 1 is real time, 60 a minute per second. By
            default it stands still, and only `advance` moves it.
        time_source: Returns real time in seconds from any origin; it drives a clock that runs.
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
        clock_speed: float = 0,
        time_source: Callable[[], float] = time.monotonic,
        premium: bool = False,
        strict: bool = True,
        features: Collection[str] = (),
        front_url: str = "https://app.getlago.com",
        payment_providers: Mapping[str, str] | None = None,
        body_limit: int = BODY_LIMIT,
        requests_kept: int = REQUESTS_KEPT,
        rate_limits: RateLimits | None = None,
        hmac_key: str | None = None,
        webhook_hosts: Collection[str] = (),
        endpoints: Mapping[str, Route] | None = None,
    ) -> None:
        self.api_key: str = api_key or str(uuid4())
        self.hmac_key: str = hmac_key or str(uuid4())
        self.requests: deque[ReceivedRequest] = deque(maxlen=requests_kept)
        self.connections_opened: int = 0
        began = datetime.now(UTC) if now is None else in_utc(now, "now")
        flags = options.known_features(features)
        providers = {kind: kind for kind in options.PROVIDERS} if payment_providers is None else payment_providers
        self._first_world: Callable[[], Store] = lambda: Store(
            now=began,
            premium=premium,
            strict=strict,
            feature_flags=flags,
            front_url=front_url.rstrip("/"),
            payment_providers=providers,
        )
        self._like_this: Callable[[], Sandbox] = lambda: Sandbox(
            api_key=self.api_key,
            host=host,
            clock_speed=self.clock_speed,
            time_source=time_source,
            body_limit=body_limit,
            requests_kept=requests_kept,
            rate_limits=rate_limits,
            hmac_key=self.hmac_key,
            webhook_hosts=webhook_hosts,
            endpoints=endpoints,
        )
        self._store = self._first_world()
        self._store.hmac_key = self.hmac_key
        self._sender = WebhookSender(self._store, hosts=webhook_hosts)
        self.webhooks: SandboxWebhooks = webhooks_of(self._store, self._sender)
        self._clock = RunningClock(self._store, clock_speed, time_source)
        router = _PACKAGE_ROUTER if endpoints is None else Router(endpoints.values())
        self._api = Api(router, self._store, self.api_key, self._clock)
        self._faults = Faults()
        handler = RequestHandler(
            api=self._api,
            control=Control(self, ROUTES, operations=router.by_name, accepts=self._api.accepts),
            faults=self._faults,
            limiter=None if rate_limits is None else Limiter(rate_limits),
            requests=self.requests,
            body_limit=body_limit,
        )
        service = Service(
            handle=handler, refuses=self._refuses_connection, started=self._started, stopped=self._stopped
        )
        self._listener = Listener(options.loopback(host), port, service)
        self._url: str | None = None
        self._entered = False

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
            self._clock.catch_up()
            return self._store.now

    @property
    def clock_speed(self) -> float:
        """How fast the clock runs while the sandbox serves; 0 if it stands still."""
        return self._clock.speed

    def set_clock_speed(self, speed: float) -> None:
        """Let the clock run at another speed from now on; 0 stops it. May be called from any thread."""
        self._clock.speed = speed

    def advance(self, *, to: datetime | None = None, by: timedelta | None = None, days: float | None = None) -> None:
        """Move the clock forward, and bill every period that closes on the way. May be called from any thread.

        Give one of ``to``, which is aware, ``by`` and ``days``. A clock that runs continues from there.
        """
        if sum(given is not None for given in (to, by, days)) != 1:
            raise TypeError("give either to=, by= or days=")
        with self._store.lock:
            self._clock.catch_up()
            if to is None:
                target = self._store.now + (timedelta(days=days or 0) if by is None else by)
            else:
                target = in_utc(to, "to")
            try:
                clock.advance(self._store, target)
            finally:
                self._clock.restart()

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
        if response.body and response.content_type != JSON_TYPE:
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

    @property
    def faults(self) -> Sequence[Injection]:
        """The faults that wait for their requests, in the order of injection."""
        with self._store.lock:
            return tuple(attrs.evolve(item) for item in self._faults)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the world to a file: all records and the time, without faults, received requests and keys.

        The file appears whole or not at all. Only the version of this package that wrote it can open it.
        """
        write_file(Path(path), self.export_world())

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        api_key: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        clock_speed: float = 0,
        time_source: Callable[[], float] = time.monotonic,
        body_limit: int = BODY_LIMIT,
        requests_kept: int = REQUESTS_KEPT,
        rate_limits: RateLimits | None = None,
        hmac_key: str | None = None,
        webhook_hosts: Collection[str] = (),
    ) -> Self:
        """Make a sandbox from a file that `save` wrote; it is entered like any other.

        Opening a file runs no code from it. ``now``, ``premium`` and ``features`` are as they were saved.

        Raises:
            WorldFileError: the file is not a world, is damaged, or comes from another version of this package.
        """
        content = Path(path).read_bytes()
        opened = cls(
            api_key=api_key,
            host=host,
            port=port,
            clock_speed=clock_speed,
            time_source=time_source,
            body_limit=body_limit,
            requests_kept=requests_kept,
            rate_limits=rate_limits,
            hmac_key=hmac_key,
            webhook_hosts=webhook_hosts,
        )
        opened._first_world = lambda: world_of(content)
        opened.import_world(content)
        return opened

    def export_world(self) -> bytes:
        """Return the content of the file that `save` writes."""
        with self._store.lock:
            self._clock.catch_up()
            return write_world(self._store)

    def import_world(self, content: bytes) -> None:
        """Go on from a world that `export_world` returned; the present one is dropped.

        Raises:
            WorldFileError: the content is not a world, is damaged, or comes from another version of this package.
        """
        self._replace_world(world_of(content))

    def fork(self) -> "Sandbox":
        """Return a new sandbox with a copy of this one's world, and the same options; enter it like any other.

        Changes to one are not seen in the other. The copy has a port of its own, no faults and no requests. May be
        called from any thread, before, while and after this one serves.
        """
        forked = self._like_this()
        with self._store.lock:
            self._clock.catch_up()
            copy_world(self._store, forked._store)
        forked._first_world = self._first_world
        return forked

    def reset(self) -> None:
        """Start again as it was made, or opened, without faults and received requests. May be called from any thread.

        A fork starts again as the sandbox that it was forked from.
        """
        world = self._first_world()
        with self._store.lock:
            self._replace_world(world)
            self._faults.clear()
            self.requests.clear()

    def _replace_world(self, store: Store) -> None:
        with self._store.lock:
            self._store.become(store)
            self._clock.restart()
            self._store.wake_sender()

    async def __aenter__(self) -> Self:
        self._enter()
        await self._listener.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._listener.stop()

    def __enter__(self) -> Self:
        self._enter()
        self._listener.start_thread()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.stop_thread()

    def _enter(self) -> None:
        if self._entered:
            raise RuntimeError("a sandbox is entered once; make a new one")
        self._entered = True

    def _started(self, url: str) -> None:
        self._url = self._store.url = url
        self._clock.start()
        self.webhooks.serve_on(self._sender.start())

    async def _stopped(self) -> None:
        self._clock.stop()
        self.webhooks.serve_on(None)
        await self._sender.stop()

    def _refuses_connection(self) -> bool:
        with self._store.lock:
            self.connections_opened += 1
            return self._faults.take_on_connect()
