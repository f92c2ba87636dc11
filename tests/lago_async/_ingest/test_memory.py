"""The store in memory against a plain model: order, holds, room and counts, whatever is called in which order."""

import linecache
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lago_async import EventSinkFullError
from lago_async._ingest import memory
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.store import EventBatch, PendingEvent

MOST, MOST_BYTES = 20, 700


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

    def accept(self, sizes: Sequence[int]) -> list[PendingEvent]:
        numbers = [self.added + number for number in range(len(sizes))]
        return [
            PendingEvent(number, f"tx_{number}", b'{"transaction_id":"tx_%d","n":"%b"}' % (number, b"n" * size))
            for number, size in zip(numbers, sizes, strict=True)
        ]

    def has_room(self, events: list[PendingEvent]) -> bool:
        kept = self.free + self.held + events
        return len(kept) <= MOST and sum(len(event.body) for event in kept) <= MOST_BYTES

    def note(self, events: list[PendingEvent]) -> None:
        self.free += events
        self.added += len(events)

    @rule(size=st.integers(0, 8))
    def put_now(self, size: int) -> None:
        (event,) = events = self.accept([size])
        if self.has_room(events):
            self.note(events)
            assert self.store.put_now(event.body) > 0
        else:
            assert self.store.put_now(event.body) == 0

    @rule(sizes=st.lists(st.integers(0, 8), max_size=6))
    def put(self, sizes: list[int]) -> None:
        events = self.accept(sizes)
        try:
            done(self.store.put([event.body for event in events]))
        except EventSinkFullError:
            assert not self.has_room(events)
        else:
            assert self.has_room(events)
            self.note(events)

    @rule(limit=st.integers(1, 8))
    def take(self, limit: int) -> None:
        expected, self.free = self.free[:limit], self.free[limit:]
        taken = done(self.store.take(limit))
        assert taken == expected
        if expected:
            listed = b",".join(event.body for event in expected)
            assert taken.request_body() == b'{"events":[' + listed + b"]}"
        self.held += expected

    @rule(data=st.data(), fate=st.sampled_from(["confirm", "reject", "release"]))
    def settle(self, data: st.DataObject, fate: str) -> None:
        chosen = [event for event in self.held if data.draw(st.booleans())]
        self.held = [event for event in self.held if event not in chosen]
        if fate == "reject":
            done(self.store.reject([(event, b"{}") for event in chosen]))
        elif fate == "confirm":
            self.store.confirm(EventBatch.of(chosen))
        else:
            done(self.store.release(EventBatch.of(chosen)))
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


def interrupted_at(step: int, call: Callable[[], object]) -> bool:
    """Make a call, and raise KeyboardInterrupt before a line of it, as Ctrl-C does; tell whether it had as many."""
    left = step

    def trace(frame: FrameType, _event: str, _argument: object) -> Any:
        nonlocal left
        if frame.f_code.co_filename != memory.__file__:
            return None
        if linecache.getline(memory.__file__, frame.f_lineno).lstrip().startswith("with "):
            return trace  # the interpreter takes no signal between the end of a block and the release of its lock
        left -= 1
        if not left:
            raise KeyboardInterrupt
        return trace

    others = sys.gettrace()  # that of coverage
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(others)
    return False


def test_an_add_that_is_interrupted_at_any_line_spoils_and_loses_no_other_event() -> None:
    bodies = [b'{"transaction_id":"%d"}' % number for number in range(9)]
    step, more = 0, True
    while more:
        step += 1
        store = MemoryStore(max_events=MOST, max_bytes=MOST_BYTES, batch=4)
        for body in bodies[:3]:
            assert store.put_now(body)
        more = interrupted_at(step, lambda: store.put_now(bodies[3]))  # noqa: B023 - called at once
        for body in bodies[4:]:
            assert store.put_now(body)
        sent: set[bytes] = set()
        while taken := done(store.take(4)):
            sent |= {msgspec.json.encode(event) for event in msgspec.json.decode(taken.request_body())["events"]}
        assert {*bodies[:3], *bodies[4:]} <= sent <= {*bodies}, step
    assert step > 15
