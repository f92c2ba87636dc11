"""The store of an event sink: where accepted events wait until the server has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class PendingEvent(NamedTuple):
    """An accepted event that the server has not confirmed."""

    key: int
    """Its place in the order of acceptance; a store never uses a key twice."""
    transaction_id: str
    body: bytes
    """The JSON object of the event, as it is sent."""


class EventStore(Protocol):
    """Keeps accepted events. Each event that was put leaves by `confirm`, `reject` or `discard_oldest`."""

    async def put(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Accept events, each with its transaction id and its JSON. A durable store returns when they are on disk.

        Raises:
            LagoError: The store is full or failed; none of these events was accepted.
        """
        ...

    async def take(self, limit: int) -> list[PendingEvent]:
        """Return the oldest events that nobody holds, at most ``limit``. They are held until they leave, or `release`.

        A later call may return more without a `put` of this process: a spool takes over what dead processes left.
        """
        ...

    async def confirm(self, events: Sequence[PendingEvent]) -> None:
        """Remove events that the server has. A disk that fails is no error: the store tries again by itself."""
        ...

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        """Remove events that the server refused for good, each with the reason as JSON.

        Raises:
            LagoError: They could not be kept as dead letters, and are still held. `release` them.
        """
        ...

    async def release(self, events: Sequence[PendingEvent]) -> None:
        """Give back events that were not sent. `take` returns them again, in their order."""
        ...

    async def discard_oldest(self, count: int) -> int:
        """Remove the oldest events that nobody holds, at most ``count``, and return how many were removed."""
        ...

    def waiting(self) -> int:
        """Return the number of events in the store, including held ones."""
        ...

    def waiting_bytes(self) -> int:
        """Return the size of the JSON of these events."""
        ...

    async def aclose(self) -> None:
        """Close the store. A durable one keeps its events."""
        ...
