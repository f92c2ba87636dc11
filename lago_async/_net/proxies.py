"""Proxies: the one that was given, checked, and those that the environment names."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from lago_async._net.addresses import is_loopback
from lago_async._net.options import Secret, WrongType
from lago_async._net.urls import MalformedUrlError, split
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async._net.options import Settings


_EXAMPLE: Final = "a right one is http://proxy.example.com:3128"
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def checked_proxy(name: str, given: Secret) -> Secret:
    """Return the URL of a proxy.

    Raises:
        LagoConfigError: It is not the URL of an HTTP proxy. The message shows none of it: it may hold a password.
    """
    if isinstance(given, WrongType):
        raise LagoConfigError(f"{name} must be text (str), not a value of type {given}; {_EXAMPLE}")
    scheme = given.partition("://")[0].lower()
    if scheme.startswith("socks"):
        raise LagoConfigError(f"{name} is a SOCKS proxy, which is not supported: use an HTTP proxy; {_EXAMPLE}")
    try:
        origin, parts = split(given)
    except MalformedUrlError as error:
        raise LagoConfigError(
            f"{name} {error}; {_EXAMPLE}. Percent-encode special characters of its user name and password"
        ) from None
    if origin.scheme not in ("http", "https"):
        raise LagoConfigError(f"{name} must begin with http:// or https://; {_EXAMPLE}")
    if parts.path not in ("", "/") or parts.query or parts.fragment or given[-1] in "?#":
        raise LagoConfigError(
            f"{name} must end after host and port; {_EXAMPLE}. "
            "If a / ? or # belongs to the password, percent-encode it: %2F %3F %23"
        )
    user, password = parts.username or "", parts.password or ""
    if _BARE_PERCENT.search(user + password) or not _is_utf8(user + password) or b":" in unquote_to_bytes(user):
        raise LagoConfigError(
            f"{name} has a user name or a password that cannot be sent: percent-encode special characters in them, "
            f"% as %25, and leave colons out of the user name; {_EXAMPLE}"
        )
    return given


def environment_proxy(url: str) -> Secret | None:
    """Return the proxy that the environment names for a URL, checked; None if the URL is to be reached directly.

    Raises:
        LagoConfigError: The variable does not hold the URL of an HTTP proxy.
    """
    found = _in_environment(url)
    return None if found is None else checked_proxy(*found)


def proxy_of(url: str, settings: Settings) -> Secret | None:
    """Return the proxy for the URL of a file, which may be another one than that of the API.

    Raises:
        LagoConfigError: A variable of the environment does not hold the URL of an HTTP proxy.
    """
    return environment_proxy(url) if settings.trust_env else settings.proxy


def unused_proxy(url: str, settings: Settings) -> str:
    """Return a hint for the error of a failed connection to a URL, if the environment names a proxy that is not used.

    The hint is empty if there is nothing to say, and otherwise begins with a semicolon.
    """
    if settings.trust_env or settings.proxy is not None:
        return ""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return ""
    found = _in_environment(url)
    return "" if found is None else f"; {found[0]} is set but not used: pass trust_env=True, or proxy="


def _in_environment(url: str) -> tuple[str, Secret] | None:
    """Return the variable that names the proxy for a URL, and its value."""
    from urllib.request import getproxies, proxy_bypass

    origin, _ = split(url)
    proxies = getproxies()
    scheme = origin.scheme if proxies.get(origin.scheme) else "all"
    value = proxies.get(scheme)
    place = origin.host if origin.port is None else f"{origin.host}:{origin.port}"
    if not value or is_loopback(origin.host) or proxy_bypass(place):
        return None
    name = f"{scheme}_proxy"
    names = [known for known in (name, name.upper()) if os.environ.get(known)]
    # Without a variable it is a setting of the operating system. Many programs accept a value without a scheme.
    return names[0] if names else name, Secret(value if "://" in value else f"http://{value}")


def _is_utf8(quoted: str) -> bool:
    try:
        unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        return False
    return True
