"""The store below the sink: accepted events that the server has not confirmed, in memory or on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, Protocol


class PendingEvent(NamedTuple):
    """An accepted event that the server has not confirmed.

    Attributes:
        key: Its place in the order of acceptance; unique in a store.
        transaction_id: The id by which the server recognises it.
        body: The JSON object of the event, as it is sent.
    """

    key: int
    transaction_id: str
    body: bytes


# For loops over a batch: they run in C, and take a quarter of the time.
TRANSACTION_ID: Final[Callable[[PendingEvent], str]] = itemgetter(1)
BODY: Final[Callable[[PendingEvent], bytes]] = itemgetter(2)


class EventStore(Protocol):
    """Accepted events. All methods except the two that count run on one event loop at a time."""

    async def put(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Accept events, each a transaction id and its JSON. A durable store returns when they are on disk.

        Raises:
            EventSinkFullError: There is no room for all of them, so that none was accepted.
            LagoError: They could not be stored, so that none was accepted.
        """
        ...

    async def take(self, limit: int) -> list[PendingEvent]:
        """Return the oldest events that no request holds; they are held until `confirm`, `reject` or `release`.

        Raises:
            LagoError: They cannot be read now; try again later.
        """
        ...

    async def confirm(self, events: Sequence[PendingEvent]) -> None:
        """Forget events that the server has."""
        ...

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        """Forget events that the server has refused permanently, each with the reason as JSON.

        A durable store keeps them as dead letters.

        Raises:
            LagoError: The dead letters could not be written; the events are still held.
        """
        ...

    async def release(self, events: Sequence[PendingEvent]) -> None:
        """Give up the hold on events, so that they are taken again, in their order."""
        ...

    async def discard_oldest(self, count: int) -> int:
        """Forget the oldest events that no request holds, at most ``count``; return how many."""
        ...

    def waiting(self) -> int:
        """Return the number of events that are not confirmed yet, those that are held included."""
        ...

    def waiting_bytes(self) -> int:
        """Return the size of these events."""
        ...

    async def aclose(self) -> None:
        """Close the store."""
        ...
