"""The options of a view and the settings of a client, and the checks of what a view may change."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

import attrs

from lago_async._net.flow import Flow
from lago_async._validation import check_switch, described
from lago_async.errors import LagoConfigError
from lago_async.settings import RetryPolicy, Timeout

if TYPE_CHECKING:
    import ssl

    from aiohttp import ClientTimeout

    from lago_async._net.hooks import Hooks

_OWN_HEADERS: Final = frozenset({
    "authorization", "accept", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection",
    "host", "user-agent", "x-request-id", "cookie", "expect", "upgrade", "trailer", "keep-alive",
    "proxy-connection",
})  # fmt: skip
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")  # a token, see RFC 9110


_ON: Final = frozenset({"1", "true", "yes", "on"})
_OFF: Final = frozenset({"", "0", "false", "no", "off"})


class Secret(str):
    """Text whose repr hides it, in our frames and in those of the HTTP library."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class WrongType(Secret):
    """A setting that must be text and was given as something else; its text is the name of the type that was given."""

    __slots__ = ()


def hidden(given: object) -> Secret | None:
    """Return a setting that may be secret as text with a hidden repr, before anything can fail and show it.

    A value of another type is not kept, only the name of its type: the setting is refused later.
    """
    if given is None or isinstance(given, Secret):
        return given
    # `str(given)` of an enumeration's member would be its name.
    return Secret(str.__str__(given)) if isinstance(given, str) else WrongType(type(given).__name__)


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
        """Return these options with changes; headers are added to the existing ones.

        Raises:
            LagoConfigError: A change is not valid.
        """
        if background is not None:
            check_switch("background", background)
        return Options(
            timeout=self.timeout if timeout is None else timeout_of(timeout),
            retries=self.retries if max_retries is None else retries_of(max_retries),
            headers=self.headers if headers is None else headers_of(headers, self.headers),
            flow=self.flow if background is None else Flow() if background else None,
        )


@attrs.frozen(kw_only=True)
class Settings:
    """The settings that are fixed for the life of a client.

    Attributes:
        base_url: Normalised: with ``/api/v1``, without a trailing slash.
        ingest_url: The URL for events, in the same form; ``base_url`` unless another was given.
        max_response_bytes: A larger response raises, so that no server can fill the memory.
        rate_share: The part of the organisation's rate limit that this client may use.
        proxy: The proxy for ``base_url``: the given one, or that of the environment.
        ingest_proxy: The proxy for ``ingest_url``, likewise.
        trust_env: Whether the environment decides which URLs go through which proxy.
        hooks: The functions that are called with the events of calls; None if there is none.
    """

    api_key: Secret = attrs.field(repr=False)
    base_url: str
    ingest_url: str
    max_connections: int
    max_response_bytes: int
    rate_share: float
    proxy: Secret | None = attrs.field(repr=False)
    ingest_proxy: Secret | None = attrs.field(repr=False)
    trust_env: bool
    ssl_context: ssl.SSLContext | None
    allow_insecure_http: bool
    user_agent: str
    hooks: Hooks | None


def timeout_of(given: float | Timeout | None) -> Timeout:
    """Return the time limits; a number of seconds limits the whole call, with the defaults for the other limits.

    Raises:
        LagoConfigError: It is neither.
    """
    if isinstance(given, Timeout):
        return given
    if given is not None:
        return Timeout(given)
    seconds = os.environ.get("LAGO_TIMEOUT")
    if not seconds:
        return Timeout()
    try:
        return Timeout(float(seconds))
    except ValueError:  # LagoConfigError is one
        raise LagoConfigError("LAGO_TIMEOUT must be a number of seconds, more than 0, such as 30") from None


def retries_of(given: int | RetryPolicy | None) -> RetryPolicy:
    """Return the retry policy; a number is ``max_retries`` of the default policy.

    Raises:
        LagoConfigError: It is neither.
    """
    if isinstance(given, RetryPolicy):
        return given
    if given is not None:
        return RetryPolicy(max_retries=given)
    count = os.environ.get("LAGO_MAX_RETRIES")
    if not count:
        return RetryPolicy()
    try:
        return RetryPolicy(max_retries=int(count))
    except ValueError:  # LagoConfigError is one
        raise LagoConfigError("LAGO_MAX_RETRIES must be a whole number, 0 or more, such as 3") from None


def headers_of(given: object, existing: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, str]:
    """Check the caller's own headers, and add them to the existing ones. The case of a name has no meaning.

    Raises:
        LagoConfigError: The library sets this header itself, or the header could inject another line.
    """
    if not isinstance(given, Mapping):
        raise LagoConfigError(f"headers must be a mapping of names to values, not {described(given)}")
    headers = dict[str, str]()
    names = set[str]()
    for name, value in cast("Mapping[object, object]", given).items():
        if not isinstance(name, str) or not _HEADER_NAME.match(name):
            raise LagoConfigError(
                f"headers: a name is not that of a header: use letters, digits and hyphens, not {described(name)}"
            )
        lower = name.lower()
        if lower == "proxy-authorization":
            # In the headers of a request it would go to Lago, through the proxy.
            raise LagoConfigError("headers: put the user name and the password of a proxy into the URL of proxy=")
        if lower in _OWN_HEADERS:
            raise LagoConfigError(f"headers: the client sets {name} itself; remove it")
        if lower in names:
            raise LagoConfigError(f"headers: {name} is given twice; join the values with a comma")
        if not isinstance(value, str):
            raise LagoConfigError(f"headers: the value of {name} must be text (str), not {described(value)}")
        if not value.isascii() or not value.isprintable():
            raise LagoConfigError(
                f"headers: the value of {name} has a character that a header cannot have, such as a line break; "
                "percent-encode letters beyond ASCII"
            )
        names.add(lower)
        headers[name] = value
    kept = {name: value for name, value in existing.items() if name.lower() not in names}
    return MappingProxyType({**kept, **headers})


def switch_of(name: str, given: bool | None, variable: str) -> bool:  # noqa: FBT001 - the setting itself
    """Return a setting that is on or off: the argument, or else the variable of the environment.

    Raises:
        LagoConfigError: It is neither on nor off.
    """
    if given is not None:
        check_switch(name, given)
        return given
    text = os.environ.get(variable, "").strip().lower()
    if text not in _ON | _OFF:
        raise LagoConfigError(f"{variable} must be 1 or 0")
    return text in _ON
