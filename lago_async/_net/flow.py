"""The calls of one background job, as the rate budget sees them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Flow:
    """The calls of one background job, which take turns with those of other jobs and of the service itself.

    A job that waits for its flow has all its calls on one event loop, as a bulk run has.

    Attributes:
        waiting: The calls that wait for the rate budget.
    """

    def __init__(self) -> None:
        self.waiting: int = 0
        self._none_waits: asyncio.Event | None = None

    def queue(self, turn: asyncio.Future[Any]) -> None:
        """Count a call as waiting until its turn has come, or it has given up."""
        self.waiting += 1
        turn.add_done_callback(self._leave)

    async def until_none_waits(self) -> None:
        """Wait until no call waits for the rate budget."""
        while self.waiting:
            if self._none_waits is None:
                self._none_waits = asyncio.Event()
            await self._none_waits.wait()

    def _leave(self, _: asyncio.Future[Any]) -> None:
        self.waiting -= 1
        if not self.waiting and (event := self._none_waits) is not None:
            self._none_waits = None
            event.set()
