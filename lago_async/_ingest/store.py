"""The store below the sink: accepted events that the server has not confirmed, in memory or on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, Protocol, cast, overload

import msgspec


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


class _Named(msgspec.Struct):
    transaction_id: str = ""


_decode_named: Final = msgspec.json.Decoder(_Named).decode
_KEY: Final[Callable[[PendingEvent], int]] = itemgetter(0)
_BODY: Final[Callable[[PendingEvent], bytes]] = itemgetter(2)


class EventBatch(Sequence[PendingEvent]):
    """Events in the columns in which a store keeps them; an object per event is made when it is looked at.

    Nearly all batches are sent and confirmed as a whole. An object per event would be half of the work for them.

    Args:
        keys: The keys of the events.
        bodies: Their JSON.
        ids: Their transaction ids; None to read them from the JSON when they are needed.
        size: The bytes of all bodies; None to count them.

    Attributes:
        keys: The keys of the events.
        bodies: Their JSON.
    """

    __slots__ = ("_ids", "_size", "bodies", "keys")

    def __init__(
        self, keys: Sequence[int], bodies: Sequence[bytes], ids: Sequence[str] | None = None, size: int | None = None
    ) -> None:
        self.keys = keys
        self.bodies = bodies
        self._ids = ids
        self._size = size

    @property
    def size(self) -> int:
        """The bytes of all bodies."""
        if self._size is None:
            self._size = sum(map(len, self.bodies))
        return self._size

    @classmethod
    def joined(cls, batches: Sequence[EventBatch]) -> EventBatch:
        """Return all events of several batches. If one has to read its ids from the JSON, the whole has to."""
        known = all(batch._ids is not None for batch in batches)
        return cls(
            [key for batch in batches for key in batch.keys],
            [body for batch in batches for body in batch.bodies],
            [event_id for batch in batches for event_id in batch._ids or ()] if known else None,
            sum(batch.size for batch in batches),
        )

    def id_at(self, index: int) -> str:
        """Return the transaction id of an event, without an object for it."""
        return transaction_id_of(self.bodies[index]) if self._ids is None else self._ids[index]

    def __eq__(self, other: object) -> bool:
        """Compare the events, also with those of a list."""
        return list(self) == list(cast("Sequence[object]", other)) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment] # pyright: ignore[reportAssignmentType]  # as of a list

    def __len__(self) -> int:
        return len(self.bodies)

    @overload
    def __getitem__(self, index: int) -> PendingEvent: ...
    @overload
    def __getitem__(self, index: slice) -> EventBatch: ...
    def __getitem__(self, index: int | slice) -> PendingEvent | EventBatch:
        if isinstance(index, slice):
            ids = None if self._ids is None else self._ids[index]
            return EventBatch(self.keys[index], self.bodies[index], ids)
        return PendingEvent(self.keys[index], self.id_at(index), self.bodies[index])

    def __iter__(self) -> Iterator[PendingEvent]:
        ids = map(transaction_id_of, self.bodies) if self._ids is None else self._ids
        return map(PendingEvent, self.keys, ids, self.bodies)


def transaction_id_of(body: bytes) -> str:
    """Return the transaction id of an event from its JSON; empty if it is damaged."""
    try:
        return _decode_named(body).transaction_id
    except msgspec.MsgspecError:
        return ""


def id_at(events: Sequence[PendingEvent], index: int) -> str:
    """Return the transaction id of one of several events."""
    return events.id_at(index) if isinstance(events, EventBatch) else events[index].transaction_id


def keys_of(events: Sequence[PendingEvent]) -> Sequence[int]:
    """Return the keys of events."""
    return events.keys if isinstance(events, EventBatch) else list(map(_KEY, events))


def bodies_of(events: Sequence[PendingEvent]) -> Sequence[bytes]:
    """Return the JSON of events, one by one."""
    return events.bodies if isinstance(events, EventBatch) else list(map(_BODY, events))


def size_of(events: Sequence[PendingEvent]) -> int:
    """Return the bytes of the JSON of events."""
    return events.size if isinstance(events, EventBatch) else sum(map(len, map(_BODY, events)))


class EventStore(Protocol):
    """Accepted events. All methods except the two that count run on one event loop at a time."""

    async def put(self, events: Sequence[tuple[str, bytes]]) -> None:
        """Accept events, each a transaction id and its JSON. A durable store returns when they are on disk.

        Raises:
            EventSinkFullError: There is no room for all of them, so that none was accepted.
            LagoError: They could not be stored, so that none was accepted.
        """
        ...

    async def take(self, limit: int) -> Sequence[PendingEvent]:
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
