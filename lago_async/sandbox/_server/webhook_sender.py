"""Sending of webhooks: real HTTP from the loop of the sandbox, a few at a time, with the server's retries."""

import asyncio
import logging
from collections.abc import Collection, Mapping

import aiohttp
from yarl import URL

from lago_async._net.addresses import is_loopback
from lago_async.sandbox._protocol import signatures
from lago_async.sandbox._state.outbox import ENDPOINTS, Webhook, WebhookAttempt
from lago_async.sandbox._state.store import Store

_logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30.0
"""How long the server waits for an endpoint."""

_SUCCESSES = frozenset({200, 201, 202, 204})
# How many webhooks are on their way at a time.
_AT_A_TIME = 8
# A longer response has no use, and an endpoint that sends without end is not to fill the memory.
_READ_BYTES = 64 * 1024


def headers_of(store: Store, webhook: Webhook) -> Mapping[str, str]:
    """Return the headers of a webhook, signed as its endpoint asks for.

    Raises:
        signatures.CannotSignError: The signature can't be made here.
    """
    algorithm = str(webhook.endpoint.values["signature_algo"])
    body = webhook.payload.body
    signature = (
        signatures.hmac_signature(store.hmac_key, body) if algorithm == "hmac" else signatures.jwt(body, store.url)
    )
    return {
        "Content-Type": "application/json",
        "X-Lago-Signature": signature,
        "X-Lago-Signature-Algorithm": algorithm,
        "X-Lago-Unique-Key": webhook.lago_id,
    }


class WebhookSender:
    """Sends what is due in the outbox of a store, from the start to the end of its server."""

    def __init__(self, store: Store, *, hosts: Collection[str], timeout: float = TIMEOUT_SECONDS) -> None:
        self._store = store
        self._hosts = frozenset(hosts)
        self._timeout = timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiters: list[asyncio.Future[None]] = []
        self._woken = False
        self._warned: set[str] = set()
        store.wake_sender = self.wake

    def start(self) -> asyncio.AbstractEventLoop:
        """Begin to send, on the running loop; return it."""
        self._loop = asyncio.get_running_loop()
        self.wake()
        return self._loop

    async def stop(self) -> None:
        """End what is on its way, which stays pending, and close the connections."""
        self._loop = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._release()
        if self._session is not None:
            await self._session.close()

    def wake(self) -> None:
        """Have the loop look at what is due. May be called from any thread."""
        loop = self._loop
        if loop is not None and not self._woken:
            self._woken = True
            loop.call_soon_threadsafe(self._pump)

    async def settled(self) -> None:
        """Return when nothing is due or on its way."""
        loop = self._loop
        if loop is None:
            return
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        self._pump()
        await waiter

    def _pump(self) -> None:
        """Start as many as may be on their way at a time."""
        self._woken = False
        if self._loop is None:
            return
        while len(self._tasks) < _AT_A_TIME:
            with self._store.lock:
                webhook = self._store.outbox.take(self._store.now)
            if webhook is None:
                break
            task = self._loop.create_task(self._send(webhook))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        if not self._tasks:
            self._release()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("the sandbox failed to send a webhook", exc_info=error)
        self._pump()

    def _release(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def _send(self, webhook: Webhook) -> None:
        """Make one attempt, and record how it went; one that is cut off was none."""
        try:
            await self._attempt(webhook)
        except asyncio.CancelledError:
            self._put(webhook)
            raise
        # Not after an error of our own, which would come again.
        self._put(webhook)

    def _put(self, webhook: Webhook) -> None:
        with self._store.lock:
            self._store.outbox.put(webhook)

    async def _attempt(self, webhook: Webhook) -> None:
        with self._store.lock:
            # The server sends to where the endpoint is now, also when it tries again.
            url = str(webhook.endpoint.values["webhook_url"])
            problem = self._problem(webhook, url)
            headers: Mapping[str, str] = {}
            if problem is None:
                try:
                    headers = headers_of(self._store, webhook)
                except signatures.CannotSignError as error:
                    problem = str(error)
            if problem is not None:
                if problem not in self._warned:
                    self._warned.add(problem)
                    _logger.warning("webhooks are not sent: %s", problem)
                webhook.refuse(problem)
                return
        status, failure = await self._post(url, webhook.payload.body, headers)
        with self._store.lock:
            # Its time is when it fell due: the sandbox's clock may have gone on while it was on its way.
            attempt = WebhookAttempt(at=webhook.due or self._store.now, status=status, error=failure)
            webhook.close(attempt, succeeded=status in _SUCCESSES)

    def _problem(self, webhook: Webhook, url: str) -> str | None:
        """Return why a webhook is not sent at all."""
        if webhook.endpoint.lago_id not in self._store.plain_objects[ENDPOINTS]:
            return "the endpoint was deleted"
        try:
            host = URL(url).host or ""
        except ValueError as error:
            return f"{url!r} is no URL: {error}"
        if is_loopback(host) or host in self._hosts:
            return None
        return (
            f"the sandbox sends webhooks to this machine only, and {host!r} is not a loopback address: "
            f"allow it with Sandbox(webhook_hosts=[{host!r}])"
        )

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int | None, str | None]:
        """Send one request; return the status of the response, or what went wrong."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout), cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                await response.content.read(_READ_BYTES)
                return response.status, None
        except TimeoutError:
            return None, f"no response within {self._timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, f"{type(error).__name__}: {error}"
