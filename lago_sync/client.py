"""The blocking client: the async one behind a bridge to the loop thread."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, ParamSpec, TypeVar, cast, overload

from lago_async._net.options import hidden, switch_of
from lago_async._table.door import plain_request
from lago_async._table.http_info import http_info
from lago_async._table.rows import row_of
from lago_async._validation import check_switch
from lago_async.client import LagoClient as AsyncLagoClient
from lago_async.errors import LagoClosedError, LagoConfigError
from lago_sync._resource import Resource
from lago_sync._runtime import Lease
from lago_sync._sender import ConcurrentCalls
from lago_sync.resources import Resources

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from lago_async._net.hooks import AttemptEnded, AttemptStarted, RetryScheduled
    from lago_async._net.limits import RateLimit
    from lago_async._table.door import QueryValue
    from lago_async._table.http_info import HttpInfo
    from lago_async._table.messages import ApiVersion, HttpMethod, Request, Response
    from lago_async._table.pages import Page
    from lago_async._telemetry.opentelemetry import OpenTelemetry
    from lago_async.models import Json
    from lago_async.settings import RetryPolicy, Timeout
    from lago_sync.pager import Pager

__all__ = ["LagoClient"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


class _Owner:
    """The state that all views of one client share: the lease of the loop thread, which ends with the last view."""

    def __init__(self, client: AsyncLagoClient, *, uvloop: bool) -> None:
        self.base_url = client.base_url
        self.lease = Lease(client.close, uvloop=uvloop)

    def __del__(self) -> None:
        if hasattr(self, "lease") and not self.lease.closed:
            self.lease.abandon()  # first, because a warning may be made to raise
            warnings.warn(
                f"a LagoClient for {self.base_url} was never closed: use `with`, or call close()",
                ResourceWarning,
                source=self,
                stacklevel=1,
            )


def _checked_uvloop(*, uvloop: bool) -> bool:
    """Return whether to run the loop on uvloop, as the argument or the environment says."""
    check_switch("uvloop", uvloop)
    wanted = uvloop or switch_of("uvloop", None, "LAGO_UVLOOP")
    if wanted and find_spec("uvloop") is None:
        raise LagoConfigError("uvloop is not installed: pip install 'lago-async[uvloop]', or leave it off")
    return wanted


class LagoClient(Resources):
    """A blocking client of the Lago API.

    One client serves a whole application: it pools connections and any number of threads may share it. Use it as
    ``with LagoClient() as client``, or call ``close()`` at the end. Inside asyncio code, use ``lago_async``.

    Args:
        api_key: The organisation's key; ``LAGO_API_KEY`` if not given.
        base_url: ``lago_sync.US`` (the default), ``lago_sync.EU`` or the URL of your own server, with or without
            ``/api/v1``; ``LAGO_API_URL`` if not given.
        ingest_url: A URL of its own for ``events.create`` and ``events.create_batch``, which gets the API key too:
            ``lago_sync.US_INGEST``, or that of your own server; ``LAGO_INGEST_URL`` if not given. Without one,
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
        on_request: Called with an ``AttemptStarted`` before each attempt of a call, on the background thread. No hook
            may block or make a call, and an exception in one is logged and has no effect on the call.
        on_response: Called with an ``AttemptEnded`` after each attempt, on the background thread.
        on_retry: Called with a ``RetryScheduled`` before the wait for another attempt, on the background thread.
        telemetry: ``OpenTelemetry()`` makes each call a span, and measures each attempt; it needs the extra
            ``opentelemetry``.
        uvloop: Run the background loop on uvloop (the extra ``uvloop``); not in programs that fork while calling.

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
        uvloop: bool = False,
    ) -> None:
        # Before anything else, so that no traceback that shows local variables shows the key or the proxy's password.
        api_key, proxy = hidden(api_key), hidden(proxy)
        on_uvloop = _checked_uvloop(uvloop=uvloop)
        self._async = AsyncLagoClient(
            api_key=api_key,
            base_url=base_url,
            ingest_url=ingest_url,
            timeout=timeout,
            max_retries=max_retries,
            headers=headers,
            max_connections=max_connections,
            max_response_bytes=max_response_bytes,
            rate_share=rate_share,
            proxy=proxy,
            trust_env=trust_env,
            ssl_context=ssl_context,
            allow_insecure_http=allow_insecure_http,
            on_request=on_request,
            on_response=on_response,
            on_retry=on_retry,
            telemetry=telemetry,
        )
        self._owner = _Owner(self._async, uvloop=on_uvloop)

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
                the client's other calls. ``lago_sync.bulk`` sets it by itself.
        """
        view = object.__new__(type(self))
        view._async = self._async.with_options(
            timeout=timeout, max_retries=max_retries, headers=headers, background=background
        )
        view._owner = self._owner
        return view

    @overload
    def with_http_info(
        self, operation: Callable[_P, Pager[_T]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> HttpInfo[Page[_T]]: ...

    @overload
    def with_http_info(self, operation: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> HttpInfo[_T]: ...

    def with_http_info(self, operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> HttpInfo[Any]:
        """Call any operation, and return its result together with the status and the headers.

        ``client.with_http_info(client.customers.find, "cus_1")``. For a list, the result is its first page.
        """
        endpoint = row_of(Resource.async_method(operation)).endpoint
        response = self.send(endpoint.encode(args, kwargs))
        return http_info(endpoint.decode(response), response)

    def request(
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

        ``client.request("GET", "/quotes/{id}", id="...")``. Ids stand in braces, and their values are
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
        response = self.send(request)
        return http_info(request.endpoint.decode(response), response)

    def send(self, request: Request, /) -> Response:
        """Send a request that ``Endpoint.encode`` made, and return the response, whatever its status.

        ``Endpoint.decode`` reads it.
        """
        return self._owner.lease.run(self._async.send, request)

    def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:
        """Send prepared requests, ``concurrency`` at a time; return the responses in the order of the requests.

        Raises:
            LagoArgumentError: ``concurrency`` is not a whole number, 1 or more.
        """
        return self._owner.lease.run(self._async.send_all, requests, concurrency=concurrency)

    def _calls(self) -> ConcurrentCalls:
        return ConcurrentCalls(self._owner.lease, self._async.send)

    def wait_for_file(self, operation: Callable[_P, _T | None], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Repeat a call at growing intervals until its result has a ``file_url``, and return that result.

        ``client.with_options(timeout=300).wait_for_file(client.invoices.download, "...")``: the timeout of the view
        limits the whole wait.

        Raises:
            LagoFileError: The file was not ready in time.
            LagoArgumentError: The operation's result has no ``file_url``.
        """
        method = cast("Callable[_P, Awaitable[_T | None]]", Resource.async_method(operation))

        async def wait() -> _T:
            return await self._async.wait_for_file(method, *args, **kwargs)

        return self._owner.lease.run(wait)

    def download_file(
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
            on_progress: Called with the bytes received so far, and with the size of the file if it is known. It is
                called on the background thread, so it must not make a call.
            max_bytes: The limit of the file; a larger one raises ``LagoFileError``.

        Raises:
            LagoFileError: The file could not be downloaded completely; or its URL, or a redirect, leads into a private
                network or to this machine, where ``base_url`` is not.
            LagoArgumentError: The URL is not https (or allowed plain http), has no host, or holds credentials; or
                ``to`` is neither the path of a file nor a file that is open for writing bytes.
        """
        file_url = hidden(file_url) or file_url  # its signature gives access: no traceback is to show it
        return self._owner.lease.run(
            self._async.download_file, file_url, to, on_progress=on_progress, max_bytes=max_bytes
        )

    def close(self) -> None:
        """Close the connections; calls in flight raise ``LagoClosedError``. Closing twice has no effect."""
        self._owner.lease.close()

    @property
    def base_url(self) -> str:
        """The URL of the API, with ``/api/v1``."""
        return self._async.base_url

    @property
    def ingest_url(self) -> str:
        """The URL that events are sent to, with ``/api/v1``; that of the API unless another was given."""
        return self._async.ingest_url

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The rate limits that the server's responses have shown; empty before the first, or without limits."""
        return self._async.rate_limits

    @property
    def closed(self) -> bool:
        """Whether the client was closed."""
        return self._owner.lease.closed

    def __enter__(self) -> Self:
        if self.closed:
            raise LagoClosedError("the client is closed; create a new one")
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if not hasattr(self, "_owner"):
            return "<LagoClient, not set up>"  # in a traceback of __init__ that shows local variables
        return f"<LagoClient {self.base_url}{' closed' if self.closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a client cannot be pickled, because its key must not be stored: create a client in each process"
        )
