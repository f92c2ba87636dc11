"""The body of one response: read in chunks, decoded, and bounded; what has arrived is kept if the rest does not."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from multidict import istr

from lago_async._net.content_encoding import inflater_of
from lago_async._net.failures import AttemptError, Failure
from lago_async._net.retry import NoResponse
from lago_async._printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

_CODING: Final = istr("Content-Encoding")  # a lookup by it needs no conversion
_AT_ONCE: Final = 65_536  # bytes; a longer body is read in chunks, and each chunk restarts the read timeout


def arrived(http: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """Return the body if all of it has arrived already and is not longer than the limit; None if it has to be read."""
    content = http.content
    if not content.is_eof() or content.total_bytes > limit or _CODING in http.headers:
        return None
    return content.read_nowait()


class Body:
    """The bytes of a response, so far."""

    __slots__ = ("_chunks", "_limit", "_received")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._received = 0

    def joined(self) -> bytes:
        """Return the bytes that have arrived, at most as many as the limit."""
        chunks = self._chunks
        return (chunks[0] if len(chunks) == 1 else b"".join(chunks))[: self._limit]

    async def read(self, http: aiohttp.ClientResponse, restart_timer: Callable[[], None]) -> None:
        """Read the body to its end.

        Raises:
            AttemptError: It has more bytes than the limit, or is not in the coding that its header names.
        """
        content = http.content
        coding = http.headers.get(_CODING)
        length = http.content_length
        if coding is None and length is not None and length <= min(_AT_ONCE, self._limit):
            while chunk := await content.readany():  # too short to be worth a timer of its own
                self._chunks.append(chunk)
                if content.at_eof():
                    break
            return
        inflater = inflater_of(coding)
        while chunk := await content.readany():
            restart_timer()
            if inflater is None:
                self._add(chunk)
                continue
            try:
                for piece in inflater.decode(chunk):
                    self._add(piece)
            except zlib.error as error:
                raise _unreadable(http, str(error)) from None
        if inflater is not None:
            try:
                self._add(inflater.finish())
            except (zlib.error, EOFError) as error:
                raise _unreadable(http, str(error)) from None

    def _add(self, piece: bytes) -> None:
        self._chunks.append(piece)
        self._received += len(piece)
        if self._received > self._limit:
            raise AttemptError(
                Failure(
                    kind=NoResponse.LOST,
                    reason=f"more than {self._limit} bytes",
                    hopeless=True,
                    advice="raise max_response_bytes, or request fewer items with per_page",
                )
            )


def _unreadable(http: aiohttp.ClientResponse, reason: str) -> AttemptError:
    coding = printable(http.headers.get(_CODING, ""))
    return AttemptError(Failure(kind=NoResponse.LOST, reason=f"a body that is not in its coding {coding!r} ({reason})"))
