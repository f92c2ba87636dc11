"""An event loop with virtual time: it jumps over every wait, so minutes of waiting take a second.

Sockets are real. The loop jumps only when nothing has arrived for half a millisecond: on loopback, with both ends on
this loop, nothing is in transit then.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_ON_ITS_WAY = 0.0005


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector: "_Selector") -> None:
        self.now = 0.0
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self.now


class _Selector(selectors.DefaultSelector):
    loop: _Loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if len(self.get_map()) > 1:  # more than the loop's own
            found = super().select(_ON_ITS_WAY)
        if not found:
            if timeout is None:
                raise RuntimeError("every task waits, and none for a time: this would hang")
            self.loop.now += timeout
        return found


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time, from 0."""
    with asyncio.Runner(loop_factory=lambda: _Loop(_Selector())) as runner:
        return runner.run(coroutine)
