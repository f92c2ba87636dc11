"""The settings of a client, from arguments and then from the environment, checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from lago_async.errors import LagoConfigError
from lago_async.settings import US, RetryPolicy, Timeout

if TYPE_CHECKING:
    import ssl

    from aiohttp import ClientTimeout

_API = "/api/v1"
_OWN_HEADERS = frozenset({
    "authorization", "accept", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection",
    "host", "user-agent", "x-request-id", "cookie",
})  # fmt: skip


class Secret(str):
    """Text whose repr hides it, in our frames and in those of the HTTP library."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class Flow:
    """The calls of one background job, which take turns with those of other jobs and of the service itself."""


@attrs.frozen(kw_only=True)
class Options:
    """The options that may differ between views of one client.

    Attributes:
        timeout: The time limits of a call.
        retries: The retry policy of a call.
        headers: Additional headers of every request.
        flow: The background job that the calls belong to; None for a service's own calls, which are sent immediately
            while there is room.
    """

    timeout: Timeout = attrs.field(factory=Timeout)
    retries: RetryPolicy = attrs.field(factory=RetryPolicy)
    headers: Mapping[str, str] = MappingProxyType({})
    flow: Flow | None = None

    @cached_property
    def http_timeout(self) -> ClientTimeout:
        """The limit that aiohttp enforces; our own timers enforce the others (see ``lago_async._net.timers``)."""
        from aiohttp import ClientTimeout

        return ClientTimeout(total=None, sock_connect=self.timeout.connect)

    def with_changes(
        self,
        *,
        timeout: float | Timeout | None,
        max_retries: int | RetryPolicy | None,
        headers: Mapping[str, str] | None,
        background: bool | None = None,
    ) -> Options:
        """Return these options with changes; headers are added to the existing ones."""
        return Options(
            timeout=self.timeout if timeout is None else timeout_of(timeout),
            retries=self.retries if max_retries is None else retries_of(max_retries),
            headers=self.headers if headers is None else headers_of({**self.headers, **headers}),
            flow=self.flow if background is None else Flow() if background else None,
        )


@attrs.frozen(kw_only=True)
class Settings:
    """The settings that are fixed for the life of a client.

    Attributes:
        base_url: Normalised: with ``/api/v1``, without a trailing slash.
        max_response_bytes: A larger response raises, so that no server can fill the memory.
        rate_share: The part of the organisation's rate limit that this client may use.
    """

    api_key: Secret = attrs.field(repr=False)
    base_url: str
    max_connections: int
    max_response_bytes: int
    rate_share: float
    proxy: Secret | None = attrs.field(repr=False)
    ssl_context: ssl.SSLContext | None
    allow_insecure_http: bool
    user_agent: str


def api_key_of(given: str | None) -> Secret:
    """Return the API key.

    Raises:
        LagoConfigError: The key is missing or malformed.
    """
    given = Secret(given if given is not None else os.environ.get("LAGO_API_KEY", ""))
    if not given:
        raise LagoConfigError(
            "no API key: pass api_key= or set LAGO_API_KEY (keys are in Lago's dashboard, under Developers)"
        )
    if not given.isascii() or not given.isprintable() or " " in given:
        raise LagoConfigError(
            "the API key has a line break, a space or another character that a key cannot have; "
            "if you read it from a file, strip the line end"
        )
    return given


def base_url_of(given: str | None, *, allow_insecure_http: bool = False) -> str:
    """Return the normal form of a base URL: ``https://host[:port][/sub/path]/api/v1``.

    Raises:
        LagoConfigError: It is not a URL that the client may send a key to.
    """
    given = given if given is not None else os.environ.get("LAGO_API_URL") or US
    if any(character in given for character in "\\ \t\r\n%"):
        raise LagoConfigError("base_url has a character that a URL cannot have")
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise LagoConfigError(f"base_url is not a URL: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise LagoConfigError("base_url must not hold credentials (user:password@): remove them, the API key is enough")
    shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise LagoConfigError(f"base_url must begin with https:// and name a host, such as {US}; it is {shown!r}")
    if parts.query or parts.fragment:
        raise LagoConfigError(f"base_url must not have a query or a fragment: {shown!r} is enough")
    if not parts.netloc.isascii():
        raise LagoConfigError("base_url has a character that a URL cannot have")
    if parts.scheme == "http" and not allow_insecure_http and not is_loopback(parts.hostname):
        raise LagoConfigError(
            f"base_url is {shown!r}: over plain http, others could read the API key. Use https, "
            "or pass allow_insecure_http=True inside a network that you trust"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/").removesuffix(_API).rstrip("/")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}{_API}"


def is_loopback(host: str) -> bool:
    """Tell whether a host name can only mean this machine."""
    if host == "localhost":
        return True
    from ipaddress import ip_address  # needed for plain http only

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def timeout_of(given: float | Timeout | None) -> Timeout:
    """Return the time limits; a number of seconds limits the whole call, with the defaults for the other limits."""
    if given is None:
        seconds = os.environ.get("LAGO_TIMEOUT")
        return Timeout() if seconds is None else Timeout(_number("LAGO_TIMEOUT", seconds))
    return given if isinstance(given, Timeout) else Timeout(given)


def retries_of(given: int | RetryPolicy | None) -> RetryPolicy:
    """Return the retry policy; a number is ``max_retries`` of the default policy."""
    if given is None:
        count = os.environ.get("LAGO_MAX_RETRIES")
        return RetryPolicy() if count is None else retries_of(int(_number("LAGO_MAX_RETRIES", count)))
    if isinstance(given, RetryPolicy):
        return given
    if given < 0:
        raise LagoConfigError(f"max_retries must be 0 or more, not {given}")
    return RetryPolicy(max_retries=given)


def headers_of(given: Mapping[str, str]) -> Mapping[str, str]:
    """Check the caller's own headers, and return them.

    Raises:
        LagoConfigError: The library sets this header itself, or the header could inject another line.
    """
    for name, value in given.items():
        if name.lower() in _OWN_HEADERS:
            raise LagoConfigError(f"headers: the client sets {name} itself; remove it")
        if not name.isascii() or not (name + value).isprintable() or set(name) & set(' ():,"'):
            raise LagoConfigError(f"headers: {name!r} or its value has a character that a header cannot have")
    return MappingProxyType(dict(given))


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LagoConfigError(f"{name} must be a number, not {text!r}") from None
