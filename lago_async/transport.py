"""The aiohttp session: one call is one request's bytes out and one answer's bytes in, with retries in between."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import sys
from typing import TYPE_CHECKING, Any, TypedDict

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from lago_async.endpoint import Answer, describe
from lago_async.errors import LagoClosedError, LagoConnectionError, LagoDecodeError, LagoTimeoutError
from lago_async.rate_budget import RateBudget
from lago_async.retry import Outcome, seconds_asked
from lago_async.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.endpoint import Request
    from lago_async.settings import Options, Settings, Timeout

__all__ = ["Transport"]

_log = logging.getLogger("lago_async")

# Sessions that are open. A forgotten client is garbage together with all that it holds, and the collector picks the
# order of the finalizers: aiohttp's would warn before ours could close. And in a forked child the sockets are the
# parent's: to close them, or to have them collected, would send the parent's servers a goodbye; they stay for good.
_OPEN: set[aiohttp.ClientSession] = set()

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_NOT_TRUSTED = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
# RuntimeError: the interpreter or the loop is shutting down, and no name can be looked up any more.
_HOPELESS = (*_NOT_TRUSTED, RuntimeError)


class _Call:
    """One call under way: what its attempts share.

    Attributes:
        uncertain: The answer to an attempt was lost, and the server may have acted on it.
    """

    __slots__ = ("attempts", "headers", "options", "request", "request_id", "uncertain")

    def __init__(self, request: Request, options: Options, request_id: str) -> None:
        self.request = request
        self.options = options
        self.request_id = request_id
        self.attempts = 0
        self.uncertain = False
        self.headers = {"X-Request-Id": request_id, **options.headers}
        if request.body is not None:
            self.headers["Content-Type"] = "application/json"

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
        return Answer(self.request, status, headers, body, self.request_id, self.attempts, self.uncertain)

    def delay(self, answer: Answer | None, failure: Exception | None) -> float | None:
        """Seconds until the next attempt, or None if there is to be none."""
        if isinstance(failure, _HOPELESS):
            return None
        outcome: Outcome | int
        if answer is not None:
            outcome = answer.status_code
        else:
            outcome = Outcome.NOT_SENT if isinstance(failure, _NOT_SENT) else Outcome.LOST
        return self.options.retries.delay(
            repeatable=self.request.repeatable,
            attempt=self.attempts,
            outcome=outcome,
            asked=seconds_asked(answer.headers) if answer is not None and outcome == 429 else None,
            chance=random.random(),  # noqa: S311 - it spreads clients in time, and hides nothing
        )

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


class Transport:
    """The connections of one client: a session for each event loop that the client is used on, nearly always one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pid = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._others: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}
        self._budget = RateBudget()
        self.closed: bool = False

    async def send(self, request: Request, options: Options) -> Answer:
        """Send a request until there is an answer, of whatever status, or no hope of one.

        Raises:
            LagoConnectionError: There is no answer; ``maybe_applied`` tells whether the server may have acted.
            LagoTimeoutError: The same, for want of time.
            LagoClosedError: The client is, or was meanwhile, closed.
        """
        loop = asyncio.get_running_loop()
        session = self._session
        if session is None or self._loop is not loop:
            session = self._open(loop)
        call = _Call(request, options, secrets.token_hex(16))
        deadline = None if options.timeout.total is None else loop.time() + options.timeout.total
        while True:
            await self._hold(call, deadline)
            call.attempts += 1
            answer, failure = await self._attempt(session, call, deadline)
            if answer is not None and answer.status_code < 400:
                return answer
            delay = call.delay(answer, failure)
            if delay is None or _too_late(loop, deadline, delay):
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

    async def _hold(self, call: _Call, deadline: float | None) -> None:
        """Wait while the rate limit is used up."""
        loop = asyncio.get_running_loop()
        name = call.request.endpoint.name
        while (seconds := self._budget.wait(name, loop.time())) > 0.0:
            if seconds > call.options.retries.max_delay or _too_late(loop, deadline, seconds):
                return  # the server's own refusal says it better than ours
            _log.debug("%s waits %.2f s for the rate limit", name, seconds)
            await asyncio.sleep(seconds)

    async def _attempt(
        self, session: aiohttp.ClientSession, call: _Call, deadline: float | None
    ) -> tuple[Answer | None, Exception | None]:
        """One request on the wire: what came back, or what went wrong."""
        loop = asyncio.get_running_loop()
        request, endpoint, timeout = call.request, call.request.endpoint, call.options.timeout
        started = loop.time()
        try:
            async with session.request(
                endpoint.method,
                # `encoded`: yarl would decode %2E, and collapse what it then takes for dots.
                URL(self._settings.base_url + request.target, encoded=True),
                headers=call.headers,
                data=request.body,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None if deadline is None else max(deadline - started, 1e-3),
                    sock_connect=timeout.connect,
                    sock_read=timeout.read,
                ),
                ssl=self._settings.ssl_context or True,
                proxy=self._settings.proxy,
            ) as response:
                body = await self._read(response, call)
        except (aiohttp.ClientError, TimeoutError, OSError, RuntimeError) as error:
            if self.closed:
                raise _closed() from None
            call.uncertain = call.uncertain or not isinstance(error, _NOT_SENT)
            return None, error
        finally:
            self._budget.ended(endpoint.name)
        self._budget.learn(endpoint.name, response.headers, loop.time())
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "%s %s -> %d in %.0f ms (request %s, attempt %d)",
                endpoint.method,
                request.target,
                response.status,
                (loop.time() - started) * 1e3,
                call.request_id,
                call.attempts,
            )
        return call.answered(response.status, response.headers, body), None

    async def close(self) -> None:
        """Close the connections. Calls under way end with ``LagoClosedError``."""
        self.closed = True
        loop = asyncio.get_running_loop()
        sessions = self._take_sessions()
        for other, session in sessions:
            if other is not loop:
                _close_from_outside(other, session)
        for other, session in sessions:
            if other is loop:
                await session.close()

    def abandon(self) -> bool:
        """Close what a forgotten client left open, from any thread, without waiting; tell if there was."""
        self.closed = True
        sessions = self._take_sessions()
        for loop, session in sessions:
            _close_from_outside(loop, session)
        return bool(sessions)

    def _open(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """The session of a loop that is not the one of the last call."""
        if self.closed:
            raise _closed()
        if self._pid != os.getpid():
            self._pid, self._session, self._loop, self._others = os.getpid(), None, None, {}
        if self._session is not None and self._loop is not None:
            self._others[self._loop] = self._session
        for other in [other for other in self._others if other.is_closed()]:
            ended = self._others.pop(other)
            _OPEN.discard(ended)
            _close_from_outside(other, ended)
        session = self._others.pop(loop, None) or self._new_session()
        _OPEN.add(session)
        self._loop, self._session = loop, session
        return session

    def _new_session(self) -> aiohttp.ClientSession:
        settings = self._settings
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=settings.max_connections),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=CIMultiDict({
                "Authorization": Secret(f"Bearer {settings.api_key}"),
                "Accept": "application/json",
                "User-Agent": settings.user_agent,
            }),
        )  # fmt: skip

    def _take_sessions(self) -> list[tuple[asyncio.AbstractEventLoop, aiohttp.ClientSession]]:
        sessions = list(self._others.items())
        if self._session is not None and self._loop is not None:
            sessions.append((self._loop, self._session))
        self._session, self._loop, self._others = None, None, {}
        if self._pid != os.getpid():
            return []
        _OPEN.difference_update(session for _, session in sessions)
        return sessions

    async def _read(self, response: aiohttp.ClientResponse, call: _Call) -> bytes:
        limit = self._settings.max_response_bytes
        length = response.content_length
        if length is not None and length <= limit and "Content-Encoding" not in response.headers:
            return await response.read()
        # The length is unknown, or is that of the compressed bytes, or is too much: count.
        received = bytearray()
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > limit:
                raise LagoDecodeError(
                    f"{response.status} with more than {limit} bytes: {describe(call.request)} "
                    f"(request {call.request_id}); raise max_response_bytes, or ask for less with per_page",
                    **call.described(),
                    status_code=response.status,
                    headers=CIMultiDict(response.headers),
                    body=bytes(received[:limit]),
                )
        return bytes(received)

    def _no_answer(self, call: _Call, failure: Exception | None) -> LagoConnectionError:
        request, timeout = call.request, call.options.timeout
        late = isinstance(failure, TimeoutError)
        what = f"no answer in time ({_limit_hit(failure, timeout)})" if late else f"no answer ({_in_words(failure)})"
        if isinstance(failure, _NOT_TRUSTED):
            advice = "the certificate was not accepted: check base_url, or pass ssl_context= for a private authority"
        elif not call.uncertain:
            advice = "nothing was sent: check base_url and the network"
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
    if isinstance(failure, aiohttp.ConnectionTimeoutError):
        return f"connect={timeout.connect:g} s" if timeout.connect is not None else "connect"
    if isinstance(failure, aiohttp.SocketTimeoutError):
        return f"read={timeout.read:g} s" if timeout.read is not None else "read"
    return f"total={timeout.total:g} s" if timeout.total is not None else "the operating system's limit"


def _in_words(failure: Exception | None) -> str:
    return f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__


def _too_late(loop: asyncio.AbstractEventLoop, deadline: float | None, delay: float) -> bool:
    """Whether the call, or a scope of anyio's around it, would be out of time before the next attempt."""
    now = loop.time()
    if deadline is not None and now + delay >= deadline:
        return True
    anyio: Any = sys.modules.get("anyio")  # if nobody has imported it, nobody is in a scope of its own
    return anyio is not None and now + delay >= anyio.current_effective_deadline()


def _close_from_outside(loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession) -> None:
    """Close a session whose loop is another's, or has ended, without waiting for it."""
    connector = session.connector
    session.detach()  # or it would warn, as if the user had forgotten it
    if connector is None:
        return
    try:
        loop.call_soon_threadsafe(_close_on_loop, loop, connector)
    except RuntimeError:
        # The loop has ended, and the sockets went, or go, with it: the first step of the coroutine only tidies up.
        closing = connector.close().__await__()
        next(closing, None)
        closing.close()


def _close_on_loop(loop: asyncio.AbstractEventLoop, connector: aiohttp.BaseConnector) -> None:
    task = loop.create_task(_wait_for(connector))
    _CLOSING.add(task)
    task.add_done_callback(_CLOSING.discard)


async def _wait_for(connector: aiohttp.BaseConnector) -> None:
    await connector.close()


_CLOSING: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly
