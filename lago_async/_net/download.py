"""The download of one file: attempts by the retry policy, each with a file of its own and one request per URL."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import zlib
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import aiohttp
import attrs

from lago_async._net.connections import open_session
from lago_async._net.connector import CheckedConnector
from lago_async._net.content_encoding import Inflater, inflater_of
from lago_async._net.destination import Destination
from lago_async._net.event_loop import running_loop
from lago_async._net.failures import AttemptError, Failure, failure_of, limit_hit, refused_by_proxy
from lago_async._net.file_target import in_thread
from lago_async._net.reach import Reach
from lago_async._net.retry import NoResponse, random_fraction, retry_after_of, retry_delay
from lago_async._net.urls import MalformedUrlError
from lago_async._printable import printable
from lago_async.errors import LagoFileError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from lago_async._net.file_target import FileTarget
    from lago_async._net.file_url import FileUrl
    from lago_async._net.options import Options, Settings

_log = logging.getLogger("lago_async")

_T = TypeVar("_T")

_PIECE: Final = 256 * 1024
_REDIRECTS: Final = 5
_REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
_WORTH_ANOTHER_TRY: Final = frozenset({408, 425, 429})  # and every 5xx: reading a file changes nothing
_EXPIRED: Final = "its link may have expired: get a new file_url"
_PATH: Final = re.compile(r"(://[^\s/?#'\";,)]*)[/?#]\S*")


@attrs.frozen
class FailedAttempt:
    """An attempt that did not fetch the file.

    Attributes:
        failure: The failure.
        status: The status of the response; None without one.
        retry_after: Seconds that the server asked to wait, if it did.
    """

    failure: Failure
    status: int | None = None
    retry_after: float | None = None


class Download:
    """The download of one file.

    Args:
        url: Where it starts.
        target: Where the bytes go.
        settings: The client's settings.
        options: The options of the client's view.
        on_progress: Called with the bytes so far, and with the size of the file if it is known.
        max_bytes: The largest file to accept.
    """

    def __init__(
        self,
        url: FileUrl,
        target: FileTarget,
        settings: Settings,
        options: Options,
        *,
        on_progress: Callable[[int, int | None], None] | None,
        max_bytes: int,
    ) -> None:
        self._url = url
        self._target = target
        self._settings = settings
        self._options = options
        self._on_progress = on_progress
        self._max_bytes = max_bytes
        self._reach = Reach(settings)
        self._received = 0

    async def run(self) -> int:
        """Fetch the file, and return its size.

        Raises:
            LagoFileError: The file could not be downloaded completely.
        """
        total = self._options.timeout.total
        deadline = None if total is None else running_loop().time() + total
        session = open_session(
            CheckedConnector(self._reach),
            # The size of the file is known only if the server does not compress it on the way.
            {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": self._settings.user_agent},
        )
        failed: FailedAttempt | None = None
        limit = asyncio.timeout_at(deadline)
        try:
            async with limit, session:
                failed = await self._attempts(session, deadline)
        except TimeoutError:
            if not limit.expired():
                raise
            failed = FailedAttempt(_late("total"))
        if failed is not None:
            raise self._error(failed)
        return self._received

    async def _attempts(self, session: aiohttp.ClientSession, deadline: float | None) -> FailedAttempt | None:
        """Try until the file is fetched, or no attempt is left; return the last failure."""
        attempt = 0
        while True:
            attempt += 1
            await in_thread(self._target.begin)
            self._received = 0
            failed = await self._attempt(session)
            if failed is None:
                return None
            delay = self._delay(failed, attempt)
            if delay is None or (deadline is not None and running_loop().time() + delay >= deadline):
                return failed
            _log.info(
                "download from %s: attempt %d ended with %s; the next in %.2f s",
                self._url.origin,
                attempt,
                failed.status or _without_paths(failed.failure.reason),
                delay,
            )
            await asyncio.sleep(delay)

    def _delay(self, failed: FailedAttempt, attempt: int) -> float | None:
        """Return the seconds until the next attempt, or None to give up."""
        if failed.failure.hopeless or (self._received and not self._target.restartable):
            return None
        return retry_delay(
            self._options.retries,
            repeatable=True,
            attempt=attempt,
            outcome=failed.failure.kind,
            retry_after=failed.retry_after,
            jitter=random_fraction(),
        )

    async def _attempt(self, session: aiohttp.ClientSession) -> FailedAttempt | None:
        """Fetch the file once, through its redirects; return the failure, if it fails."""
        url = self._url
        for _ in range(_REDIRECTS + 1):
            response = await self._request(session, url)
            if isinstance(response, Failure):
                return FailedAttempt(response)
            try:
                if response.status == 200:
                    return await self._pass_on(response)
                location = response.headers.get("Location")
                if response.status not in _REDIRECT_STATUSES or location is None:
                    return _refused(response, url)
            finally:
                response.close()
            try:
                url = url.redirected(location, self._settings)
            except MalformedUrlError as error:
                reason = f"the file's server redirects to a URL that {error}"
                return FailedAttempt(_hopeless(reason, _EXPIRED), response.status)
        return FailedAttempt(
            _hopeless(f"the file's server redirects more than {_REDIRECTS} times", "get a new file_url")
        )

    async def _request(self, session: aiohttp.ClientSession, url: FileUrl) -> aiohttp.ClientResponse | Failure:
        """Send one request, and return the response as soon as its head has arrived."""
        way = Destination.through(url.proxy, url.text)
        timeout = self._options.timeout
        self._reach.proxy = None if way.proxy is None else way.proxy.raw_host

        async def send() -> aiohttp.ClientResponse:
            await self._reach.check(url.origin.host)
            return await session.get(
                url.url,
                headers=way.request_headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=timeout.connect),
                ssl=self._settings.ssl_context or True,
                proxy=way.proxy,
                proxy_headers=way.proxy_headers,
            )

        response = await self._in_time(send())
        if not isinstance(response, Failure) and response.status == 407 and way.proxy is not None:
            response.close()
            return refused_by_proxy(response.status, response.reason or "")
        return response

    async def _pass_on(self, response: aiohttp.ClientResponse) -> FailedAttempt | None:
        """Write the body of a response to the target; return the failure, if it does not arrive completely."""
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        inflater = inflater_of(coding)
        if inflater is None and coding not in ("", "identity"):
            reason = f"the file's server sent it in the coding {printable(coding, 40)!r}, which was not asked for"
            return FailedAttempt(_hopeless(reason, "get a new file_url"), 200)
        # The length of a compressed body is not the size of the file.
        total = response.content_length if inflater is None else None
        if total is not None and total > self._max_bytes:
            return FailedAttempt(self._too_large(f"the file has {total} bytes, more than"), 200)
        while True:
            piece = await self._in_time(response.content.read(_PIECE))
            if isinstance(piece, Failure):
                return FailedAttempt(piece, 200)
            failure = await self._add(piece, inflater, total)
            if failure is not None or not piece:
                return None if failure is None else FailedAttempt(failure, 200)

    async def _add(self, piece: bytes, inflater: Inflater | None, total: int | None) -> Failure | None:
        """Write a piece of the body, or what the decoder still holds if the piece is empty."""
        pieces = _decoded(piece, inflater)
        while True:
            try:
                decoded = next(pieces, b"")
            except (zlib.error, EOFError):
                return Failure(kind=NoResponse.LOST, reason="the file is not in the coding that its header names")
            if not decoded:
                return None
            if self._received + len(decoded) > self._max_bytes:
                return self._too_large("the file has more than")
            await in_thread(partial(self._target.write, decoded))
            self._received += len(decoded)
            if self._on_progress is not None:
                self._on_progress(self._received, total)

    def _too_large(self, more_than: str) -> Failure:
        return _hopeless(f"{more_than} max_bytes={self._max_bytes}", "raise max_bytes= if you expect that")

    async def _in_time(self, step: Awaitable[_T]) -> _T | Failure:
        """Wait for the network, at most as long as a server may be silent; return the failure, if it fails."""
        limit = asyncio.timeout(self._options.timeout.read)
        try:
            async with limit:
                try:
                    return await step
                except asyncio.CancelledError as error:
                    # A subclass, which the limit would not know for its own.
                    raise asyncio.CancelledError(*error.args) from None
        except TimeoutError as error:
            return _late("read") if limit.expired() else failure_of(error)
        except (aiohttp.ClientError, AttemptError, OSError) as error:
            return failure_of(error)

    def _error(self, failed: FailedAttempt) -> LagoFileError:
        """Return the error of the download. It leads to no exception of the library, which would show the URL."""
        failure = failed.failure
        reason = _without_paths(failure.reason)
        if failure.limit is not None:
            reason = f"no data in time ({limit_hit(failure.limit, self._options.timeout)})"
        advice = failure.advice
        if advice is None:
            advice = "try again"
            if self._received and not self._target.restartable:
                advice = "it was not repeated, because the file cannot be rewound: pass a path, and try again"
        if failure.advice is None or not failure.hopeless:
            reason = f"the download failed after {self._received} bytes: {reason}"
        return LagoFileError(f"{reason}; {advice} ({self._url.origin})", status_code=failed.status)


def _refused(response: aiohttp.ClientResponse, url: FileUrl) -> FailedAttempt:
    status = response.status
    again = status >= 500 or status in _WORTH_ANOTHER_TRY
    return FailedAttempt(
        Failure(
            kind=NoResponse.LOST,
            reason=f"the file's server {url.origin.host} responded with {status}",
            hopeless=not again,
            advice="try again later" if again else _EXPIRED,
        ),
        status,
        retry_after_of(status, response.headers, time.time()) if again else None,
    )


def _hopeless(reason: str, advice: str) -> Failure:
    return Failure(kind=NoResponse.LOST, reason=reason, hopeless=True, advice=advice)


def _late(limit: str) -> Failure:
    return Failure(kind=NoResponse.LOST, reason="TimeoutError", limit=limit, advice="raise timeout=, or try again")


def _decoded(piece: bytes, inflater: Inflater | None) -> Iterator[bytes]:
    """Yield the decoded bytes of a piece of a body; an empty piece is its end."""
    if inflater is None:
        yield piece
    elif piece:
        yield from inflater.decode(piece)
    else:
        yield inflater.finish()


def _without_paths(reason: str) -> str:
    """Return a reason without path and query of any URL in it, which may hold a signature: the library names them."""
    return _PATH.sub(r"\1", reason)
