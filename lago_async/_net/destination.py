"""The way to the API: directly, or through a proxy whose password stays out of its URL and so of any exception."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs
from yarl import URL

from lago_async._net.options import Secret

if TYPE_CHECKING:
    from typing import Self

    from lago_async._net.options import Settings

_NONE: Mapping[str, str] = MappingProxyType({})


@attrs.frozen
class Destination:
    """The way to the API.

    Attributes:
        base_url: The URL of the API, as errors name it.
        proxy: The URL of the proxy, without credentials; None for a direct way.
        proxy_headers: The headers of the request for a tunnel, which only the proxy sees.
        request_headers: Headers of every request; over plain http, the proxy finds its credentials here.
    """

    base_url: str
    proxy: URL | None = None
    proxy_headers: Mapping[str, str] = attrs.field(default=_NONE, repr=False)
    request_headers: Mapping[str, str] = attrs.field(default=_NONE, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the way that the settings name."""
        if settings.proxy is None:
            return cls(settings.base_url)
        whole = URL(str(settings.proxy))
        headers = _NONE
        if whole.user is not None or whole.password is not None:
            credentials = f"{whole.user or ''}:{whole.password or ''}".encode()
            headers = {"Proxy-Authorization": Secret(f"Basic {b64encode(credentials).decode('ascii')}")}
        tunnel = settings.base_url.startswith("https:")
        return cls(
            settings.base_url,
            whole.with_user(None),
            headers if tunnel else _NONE,
            _NONE if tunnel else headers,
        )

    def __str__(self) -> str:
        return self.base_url if self.proxy is None else f"{self.base_url} through the proxy {self.proxy.origin()}"
