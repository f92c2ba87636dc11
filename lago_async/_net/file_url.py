"""URLs of files, byte for byte: a signature covers the exact text, so no escape in it may change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urljoin

import attrs
from yarl import URL

from lago_async._net.addresses import is_loopback
from lago_async._net.options import Secret
from lago_async._net.proxies import proxy_of
from lago_async._net.urls import MalformedUrlError, Origin, split

if TYPE_CHECKING:
    from lago_async._net.options import Settings

_ASCII: Final = "".join(map(chr, range(33, 127)))
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@attrs.frozen
class FileUrl:
    """The URL of a file, checked. Path and query are credentials, which no message and no log shows.

    Attributes:
        origin: Scheme, host and port.
        text: The whole URL.
        url: The URL as the HTTP library sends it.
        proxy: The proxy for it.
    """

    origin: Origin
    text: Secret = attrs.field(repr=False)
    url: URL = attrs.field(repr=False)
    proxy: Secret | None = attrs.field(repr=False)

    @classmethod
    def of(cls, text: str, settings: Settings) -> FileUrl:
        """Check a URL.

        Raises:
            MalformedUrlError: It is not a URL to fetch a file from; the message says why.
        """
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            raise MalformedUrlError("has a line break or another control character")
        try:
            # Only what cannot stand in a URL is escaped: a server may redirect to a path with plain letters of any
            # script.
            text = quote(text, safe=_ASCII, errors="surrogateescape")
        except UnicodeEncodeError:
            raise MalformedUrlError("has a character that a URL cannot have") from None
        origin, parts = split(text)
        if parts.username is not None or parts.password is not None:
            raise MalformedUrlError(
                "must not hold credentials (user:password@): files are downloaded over https without"
            )
        if origin.scheme not in ("https", "http"):
            raise MalformedUrlError(f"must begin with https://: files are downloaded over https, not from {origin}")
        proxy = proxy_of(str(origin), settings)
        direct = proxy is None and is_loopback(origin.host)
        if origin.scheme == "http" and not (direct or settings.allow_insecure_http):
            raise MalformedUrlError(
                f"is not safe: files are downloaded over https, not from {origin}; "
                "allow_insecure_http=True allows plain http"
            )
        authority = str(origin).partition("://")[2]
        url = URL.build(
            scheme=origin.scheme,
            authority=authority,
            path=parts.path or "/",
            query_string=parts.query,
            encoded=True,
        )
        return cls(origin, Secret(text), url, proxy)

    def redirected(self, location: str, settings: Settings) -> FileUrl:
        """Return the URL that a redirect leads to.

        Raises:
            MalformedUrlError: It is not a URL to fetch a file from.
        """
        try:
            joined = location if _ABSOLUTE.match(location) else urljoin(self.text, location)
        except ValueError:
            raise MalformedUrlError("is not a URL") from None
        target = FileUrl.of(joined, settings)
        if self.origin.scheme == "https" and target.origin.scheme != "https":
            raise MalformedUrlError(f"is not safe: files are downloaded over https, not from {target.origin}")
        return target
