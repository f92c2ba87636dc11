"""URLs that a user or a server gives us: their parts, checked, and the normal form of a base URL."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

import attrs

from lago_async._net.addresses import is_loopback
from lago_async._validation import described
from lago_async.errors import LagoConfigError
from lago_async.settings import US

API_PATH: Final = "/api/v1"

_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME: Final = re.compile(rf"(?=.{{1,254}}\Z){_LABEL}(?:\.{_LABEL})*\.?\Z")
_ENDS_IN_A_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?\Z")
_SEGMENTS: Final = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*\Z")


@attrs.frozen
class Origin:
    """The scheme, host and port of a URL.

    Attributes:
        scheme: In lower case.
        host: In lower case; an IPv6 address has no brackets here.
        port: None for the default of the scheme.
    """

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.port is None else f':{self.port}'}"


class MalformedUrlError(ValueError):
    """A text is not a URL. The message says why and shows none of it, because a part may be a secret."""


def split(text: str) -> tuple[Origin, SplitResult]:
    """Return the origin and the parts of an absolute URL.

    Raises:
        MalformedUrlError: It is not an absolute URL.
    """
    if not text.isascii() or not text.isprintable() or " " in text:
        raise MalformedUrlError(
            "has a character that a URL cannot have (a host with other letters is written with xn--)"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        # The library's own text may show a part of a password.
        raise MalformedUrlError("is not a URL: its host or its port is malformed") from None
    host = parts.hostname
    if not host or not parts.scheme:
        raise MalformedUrlError("must begin with https:// and name a host")
    if port == 0:
        raise MalformedUrlError("has the port 0, which nothing can connect to")
    bare = parts.netloc.rpartition("@")[2]
    if not (_is_ipv6(host) if bare.startswith("[") else _is_name_or_ipv4(host)):
        raise MalformedUrlError("has a host that is neither a name nor an address")
    return Origin(parts.scheme, host, port), parts


def base_url_of(given: object, *, name: str = "base_url", example: str = US, allow_insecure_http: bool = False) -> str:
    """Return the normal form of a base URL: ``https://host[:port][/sub/path]/api/v1``.

    Args:
        given: The setting.
        name: Its name, for errors.
        example: A right one, for errors.
        allow_insecure_http: Whether the key may be sent over plain http to another machine.

    Raises:
        LagoConfigError: It is not a URL that the client may send a key to.
    """
    if not isinstance(given, str):
        raise LagoConfigError(f"{name} must be text (str), such as {example}, not {described(given)}")
    try:
        origin, parts = split(given)
    except MalformedUrlError as error:
        raise LagoConfigError(f"{name} {error}; a right one is {example}") from None
    if parts.username is not None or parts.password is not None:
        raise LagoConfigError(f"{name} must not hold credentials (user:password@): remove them, the API key is enough")
    if origin.scheme not in ("https", "http"):
        raise LagoConfigError(f"{name} must begin with https:// and name a host, such as {example}")
    if parts.query or parts.fragment or given[-1] in "?#":
        raise LagoConfigError(f"{name} must not have a query or a fragment: remove all from ? or # on (for {origin})")
    path = _sub_path(name, origin, parts.path.rstrip("/"))
    if origin.scheme == "http" and not allow_insecure_http and not is_loopback(origin.host):
        raise LagoConfigError(
            f"{name} is {str(origin)!r}: over plain http, others could read the API key. Use https, "
            "or pass allow_insecure_http=True inside a network that you trust"
        )
    return f"{origin}{path}{API_PATH}"


def _sub_path(name: str, origin: Origin, path: str) -> str:
    """Return the path below which the server has ``/api/v1``."""
    if not _SEGMENTS.match(path) or {".", ".."} & set(path.split("/")):
        raise LagoConfigError(
            f"{name} has a path that the client does not send: below {origin}, use letters, digits and hyphens, "
            "without empty segments, dots alone, or escapes"
        )
    sub_path = path.removesuffix(API_PATH)
    if f"{sub_path}/".lower().find(f"{API_PATH}/") >= 0:
        raise LagoConfigError(f"{name} continues after {API_PATH}: remove what follows, as in {origin}{API_PATH}")
    if sub_path == path and path.rpartition("/")[2] in ("api", "v1"):
        # A server behind a proxy that removes /api from the path and one without such a proxy look the same here.
        raise LagoConfigError(
            f"{name} ends in {path!r}, so the place of the API is unclear: write {origin}{API_PATH}, "
            f"or {origin}{path}{API_PATH} if a proxy serves all of Lago below {path!r}"
        )
    return sub_path


def _is_ipv6(host: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(host)
    except ValueError:
        return False
    return "%" not in host


def _is_name_or_ipv4(host: str) -> bool:
    if not _ENDS_IN_A_NUMBER.match(host):
        return _NAME.match(host) is not None
    from ipaddress import IPv4Address

    # Other numbers, such as 127.1 or 0x7f000001, are addresses to the operating system but not to anybody who reads
    # them.
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True
