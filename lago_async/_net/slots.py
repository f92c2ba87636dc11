"""The slots of a connection pool: as many calls at a time as it has connections, in the order in which they come."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress


class Slots:
    """A semaphore on one event loop whose free slots are taken without a coroutine, because most calls find one.

    While a call waits, no slot is free: one that is given back is the next call's.

    Args:
        number: The number of slots.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._queue: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a slot if one is free, and return whether one was."""
        if self._free:
            self._free -= 1
            return True
        return False

    async def wait(self) -> None:
        """Wait for a slot, and take it."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # the slot came together with the cancellation
                self.give_back()
            with suppress(ValueError):
                self._queue.remove(turn)
            raise

    def give_back(self) -> None:
        """Give a slot back, to the call that has waited longest."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
