"""Content codings of responses: gzip and deflate, decoded here, so that a broken one does not cost the status.

aiohttp decodes inside its parser: where that fails, it drops the head of the response as well. It also takes a body in
``x-gzip``, which RFC 9110 makes the same as ``gzip``, for plain.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCEPTED: Final = "gzip, deflate"

_MAGIC: Final = b"\x1f"  # with which a gzip member begins
_GZIP: Final = 16 + zlib.MAX_WBITS
_AT_MOST: Final = 1 << 20  # bytes of one decoded piece, so that a small body cannot become a large one at once


class Inflater:
    """The decoder of one body that is coded as gzip or deflate."""

    def __init__(self, coding: str) -> None:
        self._wbits = zlib.MAX_WBITS if coding == "deflate" else _GZIP
        self._stream = zlib.decompressobj(self._wbits)
        self._first = b""
        self._begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield the decoded pieces of the next bytes of a body.

        Raises:
            zlib.error: The bytes are not in this coding.
        """
        if not self._begun:
            self._first += data
            if len(self._first) < 2:
                return
            data, self._begun = self._first, True
            if self._wbits != _GZIP and not _has_zlib_header(data):
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        while data:
            if self._stream.eof:
                # A gzip body may consist of several members. Any other bytes after the end, such as padding, mean
                # nothing, and must not cost the response.
                if self._wbits != _GZIP or not data.startswith(_MAGIC):
                    return
                self._stream = zlib.decompressobj(_GZIP)
            piece = self._stream.decompress(data, _AT_MOST)
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> bytes:
        """Return the last decoded bytes.

        Raises:
            EOFError: The body ended in the middle.
        """
        last = self._stream.flush()
        if self._first and not self._stream.eof:
            raise EOFError("the body ended in the middle of its content coding")
        return last


def _has_zlib_header(data: bytes) -> bool:
    """Tell whether a deflate stream begins with the header that belongs to it; some servers leave it out."""
    return data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0


def inflater_of(content_encoding: str | None) -> Inflater | None:
    """Return the decoder for a ``Content-Encoding``; None for a body that is plain, or in a coding of another kind."""
    coding = (content_encoding or "").strip().lower()
    return Inflater(coding) if coding in ("gzip", "x-gzip", "deflate") else None
