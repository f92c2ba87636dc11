"""The settings of a client, from arguments and then from the environment, checked before anything is sent."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from lago_async._net.log_output import follow_environment
from lago_async._net.options import Secret, Settings, WrongType, switch_of
from lago_async._net.proxies import checked_proxy, environment_proxy
from lago_async._net.urls import base_url_of
from lago_async._validation import check_switch, check_whole_number, described, is_number
from lago_async.errors import LagoConfigError
from lago_async.settings import US, US_INGEST
from lago_async.version import __version__

if TYPE_CHECKING:
    import ssl

    from lago_async._net.hooks import Hooks


def settings_of(
    *,
    api_key: Secret | None,
    base_url: str | None,
    ingest_url: str | None,
    max_connections: int,
    max_response_bytes: int,
    rate_share: float,
    proxy: Secret | None,
    trust_env: bool | None,
    ssl_context: ssl.SSLContext | None,
    allow_insecure_http: bool,
    hooks: Hooks | None,
) -> Settings:
    """Return the settings of a client. `LagoClient` documents the arguments.

    Raises:
        LagoConfigError: A setting is missing or invalid; the message names it, and the remedy.
    """
    follow_environment()
    check_whole_number("max_connections", max_connections, least=1)
    check_whole_number("max_response_bytes", max_response_bytes, least=1)
    check_rate_share(rate_share)
    check_switch("allow_insecure_http", allow_insecure_http)
    key = api_key_of(api_key)
    url = server_of(base_url, allow_insecure_http=allow_insecure_http)
    if ingest_url is None:
        ingest_url = os.environ.get("LAGO_INGEST_URL") or None
    events_url = url
    if ingest_url is not None:
        events_url = base_url_of(
            ingest_url, name="ingest_url", example=US_INGEST, allow_insecure_http=allow_insecure_http
        )
    trusts = switch_of("trust_env", trust_env, "LAGO_TRUST_ENV")
    given = None if proxy is None else checked_proxy("proxy", proxy)
    proxies: dict[str, Secret | None] = {}
    for place, name in ((url, "a base_url"), (events_url, "an ingest_url")):
        if place in proxies:
            continue
        proxies[place] = through = environment_proxy(place) if given is None and trusts else given
        if through is not None and place.startswith("http://") and not allow_insecure_http:
            # Also to this machine: it is the proxy that sends the key on, and where "localhost" is, the proxy decides.
            raise LagoConfigError(
                f"proxy: with {name} of plain http, the proxy and others could read the API key. Use https, remove the "
                "proxy, or pass allow_insecure_http=True inside a network that you trust"
            )
    return Settings(
        api_key=key,
        base_url=url,
        ingest_url=events_url,
        max_connections=max_connections,
        max_response_bytes=max_response_bytes,
        rate_share=float(rate_share),
        proxy=proxies[url],
        ingest_proxy=proxies[events_url],
        trust_env=trusts and proxy is None,
        ssl_context=_checked_context(ssl_context),
        allow_insecure_http=allow_insecure_http,
        hooks=hooks,
        user_agent=f"lago-async/{__version__} Python/{platform.python_version()}",
    )


def check_rate_share(share: object) -> None:
    """Refuse a share of the rate limit that is out of bounds.

    Raises:
        LagoConfigError: It is not a number, or is out of bounds.
    """
    if not is_number(share) or not 0 < share <= 1:
        raise LagoConfigError(f"rate_share must be a number, more than 0 and at most 1, not {described(share)}")


def server_of(base_url: str | None, *, allow_insecure_http: bool) -> str:
    """Return the URL of the API: the given one, that of the environment, or Lago Cloud's.

    Raises:
        LagoConfigError: It is not such a URL.
    """
    if base_url is None:
        base_url = os.environ.get("LAGO_API_URL") or US
    return base_url_of(base_url, allow_insecure_http=allow_insecure_http)


def api_key_of(given: Secret | None) -> Secret:
    """Return the API key.

    Raises:
        LagoConfigError: The key is missing or malformed.
    """
    if isinstance(given, WrongType):
        raise LagoConfigError(f"api_key must be text (str), not a value of type {given}")
    given = given if given is not None else Secret(os.environ.get("LAGO_API_KEY", ""))
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


def _checked_context(given: object) -> ssl.SSLContext | None:
    if given is None:
        return None
    import ssl

    if not isinstance(given, ssl.SSLContext):
        raise LagoConfigError(
            f"ssl_context must be an ssl.SSLContext, such as ssl.create_default_context(cafile=...), "
            f"not {described(given)}"
        )
    if given.protocol is ssl.PROTOCOL_TLS_SERVER:
        raise LagoConfigError("ssl_context is one for servers: make it with ssl.create_default_context(cafile=...)")
    return given
