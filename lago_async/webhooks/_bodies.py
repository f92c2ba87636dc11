"""Read the body of a request up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterable


async def read_bounded(parts: AsyncIterable[bytes], length: str | None, limit: int) -> bytes | None:
    """Return a body; None as soon as it is, or says that it is, larger than the limit."""
    if length is not None and length.isdecimal() and (len(length) > 20 or int(length) > limit):
        return None
    body = bytearray()
    async for part in parts:
        if len(body) + len(part) > limit:
            return None
        body += part
    return bytes(body)
