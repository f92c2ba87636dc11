"""The asyncio client: its settings, one attribute per resource group, and how it opens and closes."""

from __future__ import annotations

import os
import platform
import sys
import warnings
from typing import TYPE_CHECKING, BinaryIO, NoReturn, ParamSpec, TypeVar, cast

from lago_async._codec.collector import notice_fork
from lago_async._concurrency import side_by_side
from lago_async._net.options import (
    Options,
    Secret,
    Settings,
    api_key_of,
    base_url_of,
    headers_of,
    retries_of,
    timeout_of,
)
from lago_async._table.http_info import http_info
from lago_async._table.rows import row_of
from lago_async.errors import LagoClosedError, LagoConfigError
from lago_async.resources import Resources
from lago_async.version import __version__

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from lago_async._net.limits import RateLimit
    from lago_async._net.transport import Transport
    from lago_async._table.http_info import HttpInfo
    from lago_async._table.messages import Request, Response
    from lago_async.settings import RetryPolicy, Timeout

__all__ = ["LagoClient"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


class _ClientState:
    """The state that all views of one client share: the settings, and the connections once they are open."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.transport: Transport | None = None
        self.closed = False
        self._process_id = os.getpid()

    async def send(self, request: Request, options: Options) -> Response:
        """Send a request over the client's connections."""
        transport = self.transport
        if transport is None or self._process_id != os.getpid():
            transport = self.open()
        return await transport.send(request, options)

    def open(self) -> Transport:
        """Return the transport; create it on first use in a process.

        A forked child does not use the parent's connections, even if it continues to run the same event loop: each of
        the two could read the response that is for the other.
        """
        if self.closed:
            raise LagoClosedError("the client is closed; create a new one")
        if self._process_id != os.getpid():
            self._process_id, self.transport = os.getpid(), None
            notice_fork()
        if self.transport is None:
            from lago_async._net.transport import Transport  # aiohttp takes longer to import than all the rest

            self.transport = Transport(self.settings)
        return self.transport

    async def close(self) -> None:
        """Close the connections; they cannot be opened again."""
        self.closed = True
        if self.transport is not None and self._process_id == os.getpid():
            await self.transport.close()

    def __del__(self) -> None:
        if (
            not self.closed
            and self.transport is not None
            and self._process_id == os.getpid()
            and self.transport.abandon()
            and not sys.is_finalizing()
        ):
            warnings.warn(
                f"a LagoClient for {self.settings.base_url} was never closed: use `async with`, or call close()",
                ResourceWarning,
                source=self,
                stacklevel=1,
            )


class LagoClient(Resources):
    """A client of the Lago API, for asyncio.

    One client serves a whole application: it pools connections and any number of tasks may share it. Use it as
    ``async with LagoClient() as client``, or call ``close()`` at the end.

    Args:
        api_key: The organisation's key; ``LAGO_API_KEY`` if not given.
        base_url: ``lago_async.US`` (the default), ``lago_async.EU`` or the URL of your own server, with or without
            ``/api/v1``; ``LAGO_API_URL`` if not given.
        timeout: Seconds for a whole call, retries included (120 by default; ``LAGO_TIMEOUT``), or a ``Timeout``.
        max_retries: Attempts after the first one (3 by default; ``LAGO_MAX_RETRIES``), or a ``RetryPolicy``.
            A request that may have moved money is never sent twice, whatever the number.
        headers: Additional headers for every request.
        max_connections: Connections in the pool; calls beyond it wait for a free one.
        max_response_bytes: The limit of a response; a larger one raises ``LagoDecodeError``.
        rate_share: The part of the organisation's rate limit that this client may use, at most 1. All keys of an
            organisation share one limit: give each of four processes 0.25.
        proxy: URL of an HTTP proxy. The environment's proxy variables are not read.
        ssl_context: Set it to trust a private certificate authority.
        allow_insecure_http: Allow sending the key over plain http to another machine.

    Raises:
        LagoConfigError: A setting is missing or invalid; the message names it, and the remedy.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        max_connections: int = 100,
        max_response_bytes: int = 256 * 1024 * 1024,
        rate_share: float = 1.0,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        allow_insecure_http: bool = False,
    ) -> None:
        # Before anything else, so that no traceback that shows local variables shows the key.
        api_key = None if api_key is None else Secret(api_key)
        proxy = None if proxy is None else Secret(proxy)  # it may hold a password
        if max_connections < 1 or max_response_bytes < 1:
            raise LagoConfigError("max_connections and max_response_bytes must be 1 or more")
        if not 0.0 < rate_share <= 1.0:
            raise LagoConfigError(f"rate_share must be more than 0 and at most 1, not {rate_share!r}")
        self._state = _ClientState(
            Settings(
                api_key=api_key_of(api_key),
                base_url=base_url_of(base_url, allow_insecure_http=allow_insecure_http),
                max_connections=max_connections,
                max_response_bytes=max_response_bytes,
                rate_share=rate_share,
                proxy=None if proxy is None else Secret(proxy),
                ssl_context=ssl_context,
                allow_insecure_http=allow_insecure_http,
                user_agent=f"lago-async/{__version__} Python/{platform.python_version()}",
            )
        )
        self._options = Options(
            timeout=timeout_of(timeout), retries=retries_of(max_retries), headers=headers_of(headers or {})
        )

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        background: bool | None = None,
    ) -> Self:
        """Return a lightweight view of this client with other options; those that are not given stay.

        A view shares the connections: closing one view closes all of them.

        Args:
            timeout: Seconds for a whole call, or a ``Timeout``.
            max_retries: Attempts after the first one, or a ``RetryPolicy``.
            headers: Headers to add to the existing ones.
            background: Whether calls of this view are bulk work: spread over the rate limit's window, and in turns with
                the client's other calls. ``lago_async.bulk`` sets it by itself.
        """
        view = object.__new__(type(self))
        view._state = self._state
        view._options = self._options.with_changes(
            timeout=timeout, max_retries=max_retries, headers=headers, background=background
        )
        return view

    async def with_http_info(
        self, operation: Callable[_P, Awaitable[_T]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> HttpInfo[_T]:
        """Call any operation, and return its result together with the status and the headers.

        ``await client.with_http_info(client.customers.find, "cus_1")``. For a list, the result is its first page.
        """
        endpoint = row_of(operation).endpoint
        response = await self.send(endpoint.encode(args, kwargs))
        return http_info(cast("_T", await endpoint.adecode(response)), response)

    async def send(self, request: Request, /) -> Response:
        """Send a request that ``Endpoint.encode`` made, and return the response, whatever its status.

        ``Endpoint.decode`` reads it.
        """
        return await self._state.send(request, self._options)

    async def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:
        """Send prepared requests, ``concurrency`` at a time; return the responses in the order of the requests."""
        return await side_by_side(self.send, requests, concurrency)

    async def wait_for_file(
        self, operation: Callable[_P, Awaitable[_T | None]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Repeat a call at growing intervals until its result has a ``file_url``, and return that result.

        ``await client.with_options(timeout=300).wait_for_file(client.invoices.download, "...")``: the timeout of the
        view limits the whole wait.

        Raises:
            LagoFileError: The file was not ready in time.
        """
        from lago_async._net.files import wait_for_file

        row = row_of(operation)

        async def fetch() -> _T | None:
            return cast("_T | None", await row.endpoint.adecode(await self.send(row.endpoint.encode(args, kwargs))))

        return await wait_for_file(fetch, row.name, self._options)

    async def download_file(
        self,
        file_url: str,
        to: str | os.PathLike[str] | BinaryIO,
        *,
        on_progress: Callable[[int, int | None], None] | None = None,
        max_bytes: int = 256 * 1024 * 1024,
    ) -> int:
        """Download the file at a ``file_url`` in chunks, without sending the API key; return its size in bytes.

        Args:
            file_url: The ``file_url`` of an invoice, a credit note or a payment receipt.
            to: A path, which gets the complete file or none; or a file that is open for writing bytes.
            on_progress: Called with the bytes received so far, and with the size of the file if it is known.
            max_bytes: The limit of the file; a larger one raises ``LagoFileError``.

        Raises:
            LagoFileError: The file could not be downloaded completely.
            LagoArgumentError: The URL is not https (or allowed plain http), has no host, or holds credentials.
        """
        from lago_async._net.files import download_file

        self._state.open()
        return await download_file(
            file_url, to, self._state.settings, self._options, on_progress=on_progress, max_bytes=max_bytes
        )

    async def close(self) -> None:
        """Close the connections; calls in flight raise ``LagoClosedError``. Closing twice has no effect."""
        await self._state.close()

    @property
    def base_url(self) -> str:
        """The URL of the API, with ``/api/v1``."""
        return self._state.settings.base_url

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The rate limits that the server's responses have shown; empty before the first, or without limits."""
        transport = self._state.transport
        return () if transport is None else transport.rate_limits

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        return self._state.closed

    async def __aenter__(self) -> Self:
        self._state.open()  # so that a service imports aiohttp when it starts, not during its first request
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        if not hasattr(self, "_state"):
            return "<LagoClient, not set up>"  # in a traceback of __init__ that shows local variables
        return f"<LagoClient {self.base_url}{' closed' if self.closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client cannot be pickled, because its key must not be stored: create a client in each process"
        )
