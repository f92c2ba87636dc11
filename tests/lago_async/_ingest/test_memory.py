"""The store in memory against a plain model: order, holds, room and counts, whatever is called in which order."""

from collections.abc import Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lago_async import EventSinkFullError
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.store import PendingEvent

MOST, MOST_BYTES = 20, 60


def done(coroutine: Any) -> Any:
    """Return the result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as finished:
        return finished.value
    raise AssertionError("it waits")


class Stores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore(max_events=MOST, max_bytes=MOST_BYTES, batch=4)
        self.free: list[PendingEvent] = []
        self.held: list[PendingEvent] = []
        self.added = 0

    def accept(self, sizes: Sequence[int]) -> list[tuple[str, bytes]]:
        return [(f"tx_{self.added + number}", bytes(size)) for number, size in enumerate(sizes)]

    def has_room(self, events: list[tuple[str, bytes]]) -> bool:
        kept = self.free + self.held
        size = sum(len(event.body) for event in kept) + sum(len(body) for _, body in events)
        return len(kept) + len(events) <= MOST and size <= MOST_BYTES

    def note(self, events: list[tuple[str, bytes]]) -> None:
        self.free += [PendingEvent(self.added + number, *event) for number, event in enumerate(events)]
        self.added += len(events)

    @rule(size=st.integers(0, 8))
    def put_now(self, size: int) -> None:
        ((transaction_id, body),) = events = self.accept([size])
        if self.has_room(events):
            self.note(events)
            assert self.store.put_now(transaction_id, body) > 0
        else:
            assert self.store.put_now(transaction_id, body) == 0

    @rule(sizes=st.lists(st.integers(0, 8), max_size=6))
    def put(self, sizes: list[int]) -> None:
        events = self.accept(sizes)
        try:
            done(self.store.put(events))
        except EventSinkFullError:
            assert not self.has_room(events)
        else:
            assert self.has_room(events)
            self.note(events)

    @rule(limit=st.integers(1, 8))
    def take(self, limit: int) -> None:
        expected, self.free = self.free[:limit], self.free[limit:]
        assert done(self.store.take(limit)) == expected
        self.held += expected

    @rule(data=st.data(), fate=st.sampled_from(["confirm", "reject", "release"]))
    def settle(self, data: st.DataObject, fate: str) -> None:
        chosen = [event for event in self.held if data.draw(st.booleans())]
        self.held = [event for event in self.held if event not in chosen]
        if fate == "reject":
            done(self.store.reject([(event, b"{}") for event in chosen]))
        else:
            done(getattr(self.store, fate)(chosen))
        if fate == "release":
            self.free = sorted(self.free + chosen)

    @rule(count=st.integers(0, 5))
    def discard(self, count: int) -> None:
        dropped, self.free = self.free[:count], self.free[count:]
        assert done(self.store.discard_oldest(count)) == len(dropped)

    @invariant()
    def counts(self) -> None:
        kept = self.free + self.held
        assert self.store.waiting() == len(kept)
        assert self.store.waiting_bytes() == sum(len(event.body) for event in kept)
        assert self.store.added == self.added


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=60, stateful_step_count=30)
