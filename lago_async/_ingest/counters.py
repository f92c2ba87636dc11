"""The counters of a sink: those that it counts, and the snapshot that a metrics system reads."""

from __future__ import annotations

from typing import Protocol

import attrs

__all__ = ["EventSinkCounters"]


@attrs.frozen(kw_only=True)
class EventSinkCounters:
    """The counters of an ``EventSink`` at one time.

    Without a spool, ``accepted`` is the sum of ``delivered``, ``duplicates``, ``rejected``, ``dropped`` and
    ``waiting``. A thread that reads them while others add may see some of them later than others. With a spool, events
    that an earlier process has left are counted when they wait or end here.

    Attributes:
        accepted: Events that ``add`` has accepted.
        delivered: Events that the server has taken.
        duplicates: Events of which the server said that it has one with this id already: from an earlier attempt whose
            response was lost, or because the id was used before.
        rejected: Events that the server has refused permanently.
        dropped: Events that were dropped because the sink was full.
        waiting: Events that the server has not confirmed, those in flight included.
        waiting_bytes: The size of their JSON.
        in_flight: Events in requests that have no response yet.
        batches: Requests that had a response or failed.
        retries: Requests that failed, and whose events are sent again.
        last_error: The latest failure in one line; None if there was none since the last batch was taken.
    """

    accepted: int
    delivered: int
    duplicates: int
    rejected: int
    dropped: int
    waiting: int
    waiting_bytes: int
    in_flight: int
    batches: int
    retries: int
    last_error: str | None


@attrs.define(eq=False)
class Tally:
    """The counts of one dispatcher."""

    delivered: int = 0
    duplicates: int = 0
    rejected: int = 0
    dropped: int = 0
    in_flight: int = 0
    batches: int = 0
    retries: int = 0
    last_error: str | None = None


class Waiting(Protocol):
    """A store of events, as an observer sees it."""

    def waiting(self) -> int:
        """Return the number of events that are not confirmed yet."""
        ...


class SinkObserver(Protocol):
    """The part of telemetry that sinks need."""

    def watch(self, tally: Tally, store: Waiting, /) -> None:
        """Include a sink."""
        ...

    def batch_sent(self, size: int, /) -> None:
        """Record a request with this many events. It raises nothing."""
        ...
