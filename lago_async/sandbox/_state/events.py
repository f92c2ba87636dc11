"""Events, indexed by subscription and metric."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Event(Record):
    """An ingested event."""

    transaction_id: str
    external_subscription_id: str | None
    code: str
    timestamp: datetime
    properties: JsonObject
    precise_total_amount_cents: str | None
    far_timestamp: str | None = None  # as it is shown, of a time that a datetime cannot hold


class _Timeline:
    """The events of one subscription and metric. Most arrive in order, so they are sorted when they are first read."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._sorted = True

    def add(self, event: Event) -> None:
        if self._events and event.timestamp < self._events[-1].timestamp:
            self._sorted = False
        self._events.append(event)

    def between(self, start: datetime | None, end: datetime) -> list[Event]:
        if not self._sorted:
            self._events.sort(key=_timestamp)
            self._sorted = True
        first = 0 if start is None else bisect_left(self._events, start, key=_timestamp)
        return self._events[first : bisect_right(self._events, end, key=_timestamp)]


def _timestamp(event: Event) -> datetime:
    return event.timestamp


class EventLog:
    """All events by subscription and metric code; neither has to exist when an event arrives."""

    def __init__(self) -> None:
        self._timelines: defaultdict[tuple[str | None, str], _Timeline] = defaultdict(_Timeline)
        self._seen: dict[tuple[str | None, str], Event] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def newest_first(self) -> Iterator[Event]:
        """Iterate over all events, last arrived first."""
        return reversed(self._seen.values())

    def add(self, event: Event) -> None:
        """Add a new event."""
        self._seen[event.external_subscription_id, event.transaction_id] = event
        self._timelines[event.external_subscription_id, event.code].add(event)

    def holds(self, external_subscription_id: str | None, transaction_id: str) -> bool:
        """Return whether this transaction was already sent for this subscription."""
        return (external_subscription_id, transaction_id) in self._seen

    def between(self, external_subscription_id: str, code: str, start: datetime | None, end: datetime) -> list[Event]:
        """Return the events from ``start`` (None for all) to ``end``, which belong to them, in order of time."""
        timeline = self._timelines.get((external_subscription_id, code))
        return [] if timeline is None else timeline.between(start, end)
