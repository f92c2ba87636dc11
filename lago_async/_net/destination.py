"""The way to the API: directly, or through a proxy whose password stays out of its URL and so of any exception."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs
from yarl import URL

from lago_async._net.options import Secret
from lago_async._net.proxies import unused_proxy

if TYPE_CHECKING:
    from typing import Self

    from lago_async._net.options import Settings
    from lago_async._table.messages import ApiHost

_NONE: Mapping[str, str] = MappingProxyType({})


@attrs.frozen
class Destination:
    """The way to the API, or to a file.

    Attributes:
        base_url: The URL of the API, or of the file's server, as errors name it.
        proxy: The URL of the proxy, without credentials; None for a direct way.
        proxy_headers: The headers of the request for a tunnel, which only the proxy sees.
        request_headers: Headers of every request; over plain http, the proxy finds its credentials here.
        hint: Advice for a connection that cannot be opened, after a semicolon; usually empty.
        setting: The name of the setting that has this URL.
    """

    base_url: str
    proxy: URL | None = None
    proxy_headers: Mapping[str, str] = attrs.field(default=_NONE, repr=False)
    request_headers: Mapping[str, str] = attrs.field(default=_NONE, repr=False)
    hint: str = ""
    setting: str = "base_url"

    @classmethod
    def of(cls, settings: Settings) -> Mapping[ApiHost, Self]:
        """Return the ways to the hosts that the settings name; one way if both are the same."""
        api = ingest = cls.through(settings.proxy, settings.base_url, hint=unused_proxy(settings.base_url, settings))
        if settings.ingest_url != settings.base_url:
            hint = unused_proxy(settings.ingest_url, settings)
            ingest = cls.through(settings.ingest_proxy, settings.ingest_url, hint=hint, setting="ingest_url")
        return {"api": api, "ingest": ingest}

    @classmethod
    def through(cls, proxy: Secret | None, url: str, *, hint: str = "", setting: str = "base_url") -> Self:
        """Return the way to a URL, through a proxy if there is one."""
        if proxy is None:
            return cls(url, hint=hint, setting=setting)
        whole = URL(str(proxy))
        headers = _NONE
        if whole.user is not None or whole.password is not None:
            credentials = f"{whole.user or ''}:{whole.password or ''}".encode()
            headers = {"Proxy-Authorization": Secret(f"Basic {b64encode(credentials).decode('ascii')}")}
        tunnel = url.startswith("https:")
        return cls(
            url, whole.with_user(None), headers if tunnel else _NONE, _NONE if tunnel else headers, hint, setting
        )

    def __str__(self) -> str:
        return self.base_url if self.proxy is None else f"{self.base_url} through the proxy {self.proxy.origin()}"
