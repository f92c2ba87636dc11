"""What a client is set up with: from arguments, then from the environment, checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

from lago_async.errors import LagoConfigError
from lago_async.retry import RetryPolicy

if TYPE_CHECKING:
    import ssl

    from aiohttp import ClientTimeout

__all__ = ["EU", "US", "Timeout"]

US = "https://api.getlago.com"
"""Base URL of Lago Cloud in the United States; the default."""

EU = "https://api.eu.getlago.com"
"""Base URL of Lago Cloud in Europe."""

_API = "/api/v1"
_OWN_HEADERS = frozenset({
    "authorization", "accept", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection",
    "host", "user-agent", "x-request-id", "cookie",
})  # fmt: skip


class Secret(str):
    """Text that no repr shows; not in our frames, and not in those of the HTTP library."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def _positive(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is not None and not value > 0:
        raise LagoConfigError(f"timeout: {attribute.name} must be more than 0 seconds, or None, not {value!r}")


@attrs.frozen
class Timeout:
    """Limits in seconds; None is no limit.

    Attributes:
        total: The whole call, with its retries, its waiting for a free connection and for the rate limit.
        connect: Opening a connection, once for each attempt.
        read: The longest silence of the server, once for each attempt.
    """

    total: float | None = attrs.field(default=120.0, validator=_positive)
    connect: float | None = attrs.field(default=10.0, validator=_positive)
    read: float | None = attrs.field(default=60.0, validator=_positive)


class Flow:
    """A job's calls, which take turns with those of other jobs and of the service itself."""


@attrs.frozen(kw_only=True)
class Options:
    """What may differ between views of one client.

    Attributes:
        flow: The background job that the calls belong to; None for a service's own calls, which go at once if there is
            room.
    """

    timeout: Timeout = attrs.field(factory=Timeout)
    retries: RetryPolicy = attrs.field(factory=RetryPolicy)
    headers: Mapping[str, str] = MappingProxyType({})
    flow: Flow | None = None

    @cached_property
    def http_timeout(self) -> ClientTimeout:
        """What aiohttp sees to; the other limits are kept with fewer timers (see ``lago_async.alarms``)."""
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
        """These options, but for what is given; headers add to those that there are."""
        return Options(
            timeout=self.timeout if timeout is None else timeout_of(timeout),
            retries=self.retries if max_retries is None else retries_of(max_retries),
            headers=self.headers if headers is None else headers_of({**self.headers, **headers}),
            flow=self.flow if background is None else Flow() if background else None,
        )


@attrs.frozen(kw_only=True)
class Settings:
    """What is fixed for the life of a client.

    Attributes:
        base_url: Normalised: with ``/api/v1``, without a slash at the end.
        max_response_bytes: A larger answer is refused, so that no server can fill the memory.
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
    """The key to use.

    Raises:
        LagoConfigError: There is none, or it cannot be one.
    """
    given = Secret(given if given is not None else os.environ.get("LAGO_API_KEY", ""))
    if not given:
        raise LagoConfigError(
            "no API key: pass api_key= or set LAGO_API_KEY (keys are in Lago's dashboard, under Developers)"
        )
    if not given.isascii() or not given.isprintable() or " " in given:
        raise LagoConfigError(
            "the API key has a line break, a space or another character that no key has; "
            "was it read from a file with its line end?"
        )
    return given


def base_url_of(given: str | None, *, allow_insecure_http: bool = False) -> str:
    """The one form of a base URL: ``https://host[:port][/sub/path]/api/v1``.

    Raises:
        LagoConfigError: It is no URL to send a key to.
    """
    given = given if given is not None else os.environ.get("LAGO_API_URL") or US
    if any(character in given for character in "\\ \t\r\n%"):
        raise LagoConfigError("base_url has a character that does not belong in one")
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise LagoConfigError(f"base_url is no URL: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise LagoConfigError("base_url must not hold credentials (user:password@): the API key is all that is needed")
    shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise LagoConfigError(f"base_url must begin with https:// and name a host, such as {US}; it is {shown!r}")
    if parts.query or parts.fragment:
        raise LagoConfigError(f"base_url must not have a query or a fragment: {shown!r} is enough")
    if not parts.netloc.isascii():
        raise LagoConfigError("base_url has a character that does not belong in one")
    if parts.scheme == "http" and not allow_insecure_http and not is_loopback(parts.hostname):
        raise LagoConfigError(
            f"base_url is {shown!r}: over plain http the API key could be read on the way. Use https, "
            "or pass allow_insecure_http=True inside a network that you trust"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    path = parts.path.rstrip("/").removesuffix(_API).rstrip("/")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}{_API}"


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost":
        return True
    from ipaddress import ip_address  # needed for plain http only

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def timeout_of(given: float | Timeout | None) -> Timeout:
    """A number of seconds limits the whole call; the other limits stay as they are by default."""
    if given is None:
        seconds = os.environ.get("LAGO_TIMEOUT")
        return Timeout() if seconds is None else Timeout(_number("LAGO_TIMEOUT", seconds))
    return given if isinstance(given, Timeout) else Timeout(given)


def retries_of(given: int | RetryPolicy | None) -> RetryPolicy:
    """A number is ``max_retries`` of the default policy."""
    if given is None:
        count = os.environ.get("LAGO_MAX_RETRIES")
        return RetryPolicy() if count is None else retries_of(int(_number("LAGO_MAX_RETRIES", count)))
    if isinstance(given, RetryPolicy):
        return given
    if given < 0:
        raise LagoConfigError(f"max_retries must be 0 or more, not {given}")
    return RetryPolicy(max_retries=given)


def headers_of(given: Mapping[str, str]) -> Mapping[str, str]:
    """Headers of the caller's own.

    Raises:
        LagoConfigError: One that is this library's to set, or that would break out of its line.
    """
    for name, value in given.items():
        if name.lower() in _OWN_HEADERS:
            raise LagoConfigError(f"headers: {name} is set by the client")
        if not name.isascii() or not (name + value).isprintable() or set(name) & set(' ():,"'):
            raise LagoConfigError(f"headers: {name!r} or its value has a character that no header may have")
    return MappingProxyType(dict(given))


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LagoConfigError(f"{name} must be a number, not {text!r}") from None
