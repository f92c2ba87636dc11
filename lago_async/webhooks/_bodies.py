"""Read the body of a request up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Protocol


class BodyStream(Protocol):
    """A body that is read by a blocking call, as requests of Django are."""

    def read(self, size: int, /) -> bytes:
        """Read at most ``size`` bytes; none at the end."""
        ...


def says_more_than(length: str | None, limit: int) -> bool:
    """Tell whether the header ``Content-Length`` is beyond a limit."""
    return length is not None and length.isdecimal() and (len(length) > 20 or int(length) > limit)


async def read_bounded(parts: AsyncIterable[bytes], length: str | None, limit: int) -> bytes | None:
    """Return a body; None as soon as it is, or says that it is, larger than the limit."""
    if says_more_than(length, limit):
        return None
    body = bytearray()
    async for part in parts:
        if len(body) + len(part) > limit:
            return None
        body += part
    return bytes(body)


def read_bounded_stream(stream: BodyStream, length: str | None, limit: int) -> bytes | None:
    """Like ``read_bounded``, for a stream whose reads block."""
    if says_more_than(length, limit):
        return None
    body = bytearray()
    while part := stream.read(limit + 1 - len(body)):
        body += part
        if len(body) > limit:
            return None
    return bytes(body)
