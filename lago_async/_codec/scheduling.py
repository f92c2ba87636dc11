"""The scheduling of decoding: the size limits, the size of pieces, and the turns that large bodies take.

msgspec keeps the interpreter lock while it decodes, for 7 ms per MB, so a large body decoded in one call would stall
the loop, even from another thread. Bodies are therefore read in pieces of 2 ms (4 ms by the tolerant reader). The first
scan of a body is one piece and takes 0.7 ms per MB: 20 ms at 30 MB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

_T = TypeVar("_T")

INLINE: Final = 65_536
"""Bytes. Bodies up to this size (0.4 ms) are decoded immediately. Larger ones take turns; otherwise all waiting bodies
would be decoded in one iteration of the loop."""

LARGE: Final = 524_288
"""Bytes. Bodies above this size are decoded in pieces."""

PIECE: Final = 262_144
"""Bytes of one piece, roughly."""

COLLECTOR_MATTERS: Final = 16_384
"""Bytes. Below this size, a pause of the garbage collector costs more than it saves."""

# Each loop decodes one large body at a time; the loop's other tasks run between its pieces.
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def finish(steps: Generator[None, None, _T]) -> _T:
    """Run all steps. The interpreter may switch to another thread between two steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result


async def finish_in_turns(steps: Generator[None, None, _T]) -> _T:
    """Run all steps, one body at a time; let the loop run other tasks before, between and after them."""
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        while True:
            await asyncio.sleep(0)
            try:
                next(steps)
            except StopIteration as end:
                result: _T = end.value
                break
        await asyncio.sleep(0)  # a garbage collection happens here, not together with the use of the result
    return result
