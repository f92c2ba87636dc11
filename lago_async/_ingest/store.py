"""The store below the sink: accepted events that the server has not confirmed, in memory or on disk."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Sequence
from typing import ClassVar, Final, NamedTuple, Protocol, cast, overload

import msgspec

from lago_async._codec.writing import encode


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


BEGIN: Final = b'{"events":['
"""The beginning of the body of a request that sends events."""

END: Final = b"]}"
"""Its end."""

_decode_named: Final = msgspec.json.Decoder(_Named).decode


class EventBatch(Sequence[PendingEvent]):
    """Events in the columns in which a store keeps them; an object per event is made when it is looked at.

    Nearly all batches are sent and confirmed as a whole. An object per event would be half of the work for them.

    Args:
        keys: The keys of the events.
        bodies: Their JSON.

    Attributes:
        keys: The keys of the events.
    """

    __slots__ = ("_bodies", "_size", "keys")

    def __init__(self, keys: Sequence[int] = (), bodies: Sequence[bytes] = ()) -> None:
        self.keys: Sequence[int] = keys
        self._bodies = bodies
        self._size: int | None = None

    @property
    def bodies(self) -> Sequence[bytes]:
        """The JSON of the events, one by one."""
        return self._bodies

    @property
    def size(self) -> int:
        """The bytes of all bodies."""
        if self._size is None:
            self._size = sum(map(len, self._bodies))
        return self._size

    @classmethod
    def of(cls, events: Iterable[PendingEvent]) -> EventBatch:
        """Return a batch of these events."""
        events = tuple(events)
        return EventBatch([event.key for event in events], [event.body for event in events])

    @classmethod
    def joined(cls, batches: Sequence[EventBatch]) -> EventBatch:
        """Return all events of several batches."""
        return EventBatch(
            [key for batch in batches for key in batch.keys], [body for batch in batches for body in batch.bodies]
        )

    def picked(self, indices: Sequence[int]) -> EventBatch:
        """Return a batch of the events at these places."""
        return EventBatch([self.keys[index] for index in indices], [self.body_at(index) for index in indices])

    def request_body(self) -> bytes:
        """Return the body of the request that sends all of them; there is at least one."""
        bodies = list(self._bodies)
        bodies[0] = BEGIN + bodies[0]
        bodies[-1] += END
        return b",".join(bodies)  # each body is copied only here

    def body_at(self, index: int) -> bytes:
        """Return the JSON of an event."""
        return self._bodies[index]

    @property
    def end_ids(self) -> tuple[bytes, bytes]:
        """The JSON of the first and of the last transaction id; there is at least one event."""
        return _id_in_json(self.body_at(0)), _id_in_json(self.body_at(-1))

    def __eq__(self, other: object) -> bool:
        """Compare the events, also with those of a list."""
        return list(self) == list(cast("Sequence[object]", other)) if isinstance(other, Sequence) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment] # pyright: ignore[reportIncompatibleMethodOverride]  # as of a list

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, index: int) -> PendingEvent: ...
    @overload
    def __getitem__(self, index: slice) -> EventBatch: ...
    def __getitem__(self, index: int | slice) -> PendingEvent | EventBatch:
        if isinstance(index, slice):
            return EventBatch(self.keys[index], self.bodies[index])
        body = self.body_at(index)
        return PendingEvent(self.keys[index], transaction_id_of(body), body)

    def __iter__(self) -> Iterator[PendingEvent]:
        bodies = self.bodies
        return map(PendingEvent, self.keys, map(transaction_id_of, bodies), bodies)


class PackedBatch(EventBatch):
    """Events as the body of the request that sends them.

    It is written when the events come, while they are in the processor's cache. To send the batch nothing is copied,
    and to forget it nothing is freed one by one.

    Args:
        keys: The keys of the events.
        body: The body of the request.
        ends: Where the JSON of each event ends in it.
    """

    __slots__ = ("_body", "_end_ids", "_ends")

    def __init__(self, keys: Sequence[int], body: bytes, ends: Sequence[int]) -> None:
        super().__init__(keys)
        self._body = body
        self._ends = ends
        self._size = len(body) - len(BEGIN) - len(END) - len(ends) + 1
        self._end_ids = super().end_ids

    @property
    def end_ids(self) -> tuple[bytes, bytes]:
        """The JSON of the first and of the last transaction id."""
        return self._end_ids

    @property
    def bodies(self) -> Sequence[bytes]:
        """The JSON of the events, one by one."""
        return [self.body_at(index) for index in range(len(self._ends))]

    def request_body(self) -> bytes:
        """Return the body of the request that sends all of them."""
        return self._body

    def body_at(self, index: int) -> bytes:
        """Return the JSON of an event."""
        index = index if index >= 0 else index + len(self._ends)
        return self._body[self._ends[index - 1] + 1 if index else len(BEGIN) : self._ends[index]]


def transaction_id_of(body: bytes) -> str:
    """Return the transaction id of an event from its JSON; empty if it is damaged."""
    try:
        return _decode_named(body).transaction_id
    except msgspec.MsgspecError:
        return ""


def _id_in_json(body: bytes) -> bytes:
    return encode(transaction_id_of(body))


class EventStore(Protocol):
    """Accepted events. All methods except the two that count run on one event loop at a time."""

    async def put(self, bodies: Sequence[bytes]) -> None:
        """Accept events, given as their JSON. A durable store returns when they are on disk.

        Raises:
            EventSinkFullError: There is no room for all of them, so that none was accepted.
            LagoError: They could not be stored, so that none was accepted.
        """
        ...

    def could_hold(self, bodies: Sequence[bytes]) -> bool:
        """Tell whether there would be room for these events, if no others waited."""
        ...

    def surplus(self, bodies: Sequence[bytes]) -> int:
        """Return how many of the oldest events to drop before the next attempt to add these, which were refused."""
        ...

    async def take(self, limit: int) -> EventBatch:
        """Return the oldest events that no request holds; they are held until `confirm`, `reject` or `release`.

        Raises:
            LagoError: They cannot be read now; try again later.
        """
        ...

    def take_now(self, limit: int) -> EventBatch | None:
        """Like `take`, without waiting; None if there are not as many at hand."""
        ...

    def confirm(self, events: EventBatch) -> Awaitable[None] | None:
        """Forget events that the server has; there is nothing to await if that is done at once."""
        ...

    async def reject(self, events: Sequence[tuple[PendingEvent, bytes]]) -> None:
        """Forget events that the server has refused permanently, each with the reason as JSON.

        A durable store keeps them as dead letters.

        Raises:
            LagoError: The dead letters could not be written; the events are still held.
        """
        ...

    async def release(self, events: EventBatch) -> None:
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
