"""The asyncio client: its settings, one attribute per resource group, and how it opens and closes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, NoReturn, ParamSpec, TypeVar, cast, get_args

from lago_async._client_state import client_state_of
from lago_async._concurrency import side_by_side
from lago_async._net.configuration import settings_of
from lago_async._net.hooks import hooks_of
from lago_async._net.options import Options, headers_of, hidden, retries_of, timeout_of
from lago_async._table.door import plain_request
from lago_async._table.http_info import http_info
from lago_async._table.rows import row_of
from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError
from lago_async.resources import Resources

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from lago_async._net.hooks import AttemptEnded, AttemptStarted, RetryScheduled
    from lago_async._net.limits import RateLimit
    from lago_async._table.door import QueryValue
    from lago_async._table.http_info import HttpInfo
    from lago_async._table.messages import ApiVersion, HttpMethod, Request, Response
    from lago_async._telemetry.opentelemetry import OpenTelemetry
    from lago_async.models import Json
    from lago_async.settings import RetryPolicy, Timeout

__all__ = ["LagoClient"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


class LagoClient(Resources):
    """A client of the Lago API, for asyncio.

    One client serves a whole application: it pools connections and any number of tasks may share it. Use it as
    ``async with LagoClient() as client``, or call ``close()`` at the end.

    Args:
        api_key: The organisation's key; ``LAGO_API_KEY`` if not given.
        base_url: ``lago_async.US`` (the default), ``lago_async.EU`` or the URL of your own server, with or without
            ``/api/v1``; ``LAGO_API_URL`` if not given.
        ingest_url: A URL of its own for ``events.create`` and ``events.create_batch``, which gets the API key too:
            ``lago_async.US_INGEST``, or that of your own server; ``LAGO_INGEST_URL`` if not given. Without one,
            ``base_url`` gets the events. Everything else, and looking an event up, goes to ``base_url``.
        timeout: Seconds for a whole call, retries included (120 by default; ``LAGO_TIMEOUT``), or a ``Timeout``.
        max_retries: Attempts after the first one (3 by default; ``LAGO_MAX_RETRIES``), or a ``RetryPolicy``.
            A request that may have moved money is never sent twice, whatever the number.
        headers: Additional headers for every request.
        max_connections: Connections in the pool; calls beyond it wait for a free one.
        max_response_bytes: The limit of a response; a larger one raises ``LagoDecodeError``.
        rate_share: The part of the organisation's rate limit that this client may use, at most 1. All keys of an
            organisation share one limit: give each of four processes 0.25.
        proxy: URL of an HTTP proxy, for every host: ``http://user:password@proxy.example.com:3128``.
        trust_env: Use the proxies of ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``ALL_PROXY``, except for the hosts of
            ``NO_PROXY`` and for this machine; off by default (``LAGO_TRUST_ENV``). ``proxy`` has precedence.
        ssl_context: Set it to trust a private certificate authority.
        allow_insecure_http: Allow sending the key over plain http to another machine.
        on_request: Called with an ``AttemptStarted`` before each attempt of a call. No hook may block or make a call,
            and an exception in one is logged and has no effect on the call.
        on_response: Called with an ``AttemptEnded`` after each attempt.
        on_retry: Called with a ``RetryScheduled`` before the wait for another attempt.
        telemetry: ``OpenTelemetry()`` makes each call a span, and measures each attempt; it needs the extra
            ``opentelemetry``.

    Raises:
        LagoConfigError: A setting is missing or invalid; the message names it, and the remedy.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        ingest_url: str | None = None,
        timeout: float | Timeout | None = None,
        max_retries: int | RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        max_connections: int = 100,
        max_response_bytes: int = 256 * 1024 * 1024,
        rate_share: float = 1.0,
        proxy: str | None = None,
        trust_env: bool | None = None,
        ssl_context: ssl.SSLContext | None = None,
        allow_insecure_http: bool = False,
        on_request: Callable[[AttemptStarted], object] | None = None,
        on_response: Callable[[AttemptEnded], object] | None = None,
        on_retry: Callable[[RetryScheduled], object] | None = None,
        telemetry: OpenTelemetry | None = None,
    ) -> None:
        # Before anything else, so that no traceback that shows local variables shows the key or the proxy's password.
        api_key, proxy = hidden(api_key), hidden(proxy)
        self._state = client_state_of(
            settings_of(
                api_key=api_key,
                base_url=base_url,
                ingest_url=ingest_url,
                max_connections=max_connections,
                max_response_bytes=max_response_bytes,
                rate_share=rate_share,
                proxy=proxy,
                trust_env=trust_env,
                ssl_context=ssl_context,
                allow_insecure_http=allow_insecure_http,
                hooks=hooks_of(on_request, on_response, on_retry),
            ),
            telemetry,
        )
        self._options = Options(
            timeout=timeout_of(timeout),
            retries=retries_of(max_retries),
            headers=headers_of({} if headers is None else headers),
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

    async def request(
        self,
        method: HttpMethod,
        path: str,
        /,
        *,
        query: Mapping[str, QueryValue] | None = None,
        body: Mapping[str, Json] | None = None,
        version: ApiVersion = "v1",
        repeatable: bool | None = None,
        **path_values: str,
    ) -> HttpInfo[Json]:
        """Call an operation that the table of this version does not have yet, and return its JSON.

        ``await client.request("GET", "/quotes/{id}", id="...")``. Ids stand in braces, and their values are
        keyword arguments, which are percent-encoded. Retries, time limits, the rate budget and errors are those of any
        call.

        Args:
            method: The HTTP method.
            path: The path below the version, with path parameters in braces.
            query: Query parameters. A list is sent as ``key[]``, and a mapping as ``key[name]``.
            body: The JSON to send, with its envelope.
            version: The version of the API that has the operation.
            repeatable: Whether the client may send it twice; by default, all methods except POST.
            path_values: The values of the path parameters, by name.

        Raises:
            LagoArgumentError: An argument is invalid, and nothing was sent.
            LagoApiError: The server refused the call or failed to handle it.
            LagoConnectionError: No response arrived.
            LagoDecodeError: The response is not JSON.
        """
        request = plain_request(
            method, path, path_values, query=query, body=body, version=version, repeatable=repeatable
        )
        response = await self.send(request)
        return http_info(await request.endpoint.adecode(response), response)

    async def send(self, request: Request, /) -> Response:
        """Send a request that ``Endpoint.encode`` made, and return the response, whatever its status.

        ``Endpoint.decode`` reads it.
        """
        return await self._state.send(request, self._options)

    async def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:
        """Send prepared requests, ``concurrency`` at a time; return the responses in the order of the requests.

        Raises:
            LagoArgumentError: ``concurrency`` is not a whole number, 1 or more.
        """
        check_whole_number("send_all: concurrency", concurrency, least=1, error=LagoArgumentError)
        return await side_by_side(self.send, requests, concurrency)

    async def wait_for_file(
        self, operation: Callable[_P, Awaitable[_T | None]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Repeat a call at growing intervals until its result has a ``file_url``, and return that result.

        ``await client.with_options(timeout=300).wait_for_file(client.invoices.download, "...")``: the timeout of the
        view limits the whole wait.

        Raises:
            LagoFileError: The file was not ready in time.
            LagoArgumentError: The operation's result has no ``file_url``.
        """
        from lago_async._net.files import wait_for_file

        row = row_of(operation)
        if not any(hasattr(result, "file_url") for result in (row.endpoint.returns, *get_args(row.endpoint.returns))):
            raise LagoArgumentError(
                f"wait_for_file: {row.name} has no file_url; it is for downloads, such as those of invoices"
            )

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
            to: A path, which gets the complete file or none; or a file that is open for writing bytes. A symbolic link
                at the path is replaced. A file that can be rewound is left as it was if the download fails.
            on_progress: Called with the bytes received so far, and with the size of the file if it is known.
            max_bytes: The limit of the file; a larger one raises ``LagoFileError``.

        Raises:
            LagoFileError: The file could not be downloaded completely; or its URL, or a redirect, leads into a private
                network or to this machine, where ``base_url`` is not.
            LagoArgumentError: The URL is not https (or allowed plain http), has no host, or holds credentials; or
                ``to`` is neither the path of a file nor a file that is open for writing bytes.
        """
        file_url = hidden(file_url) or file_url  # its signature gives access: no traceback is to show it
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
    def ingest_url(self) -> str:
        """The URL that events are sent to, with ``/api/v1``; that of the API unless another was given."""
        return self._state.settings.ingest_url

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
        from lago_async._net.event_loop import running_loop

        running_loop()
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
