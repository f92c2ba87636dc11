"""The settings of a sink, checked when it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs

from lago_async._ingest.acceptance import BATCH, MAX_EVENT_BYTES
from lago_async._validation import check_seconds, check_whole_number, described
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async._ingest.outcomes import RejectedEvent

__all__ = ["RejectedHandler", "WhenFull"]

RejectedHandler: TypeAlias = "Callable[[RejectedEvent], object]"
"""A function that gets each event that the server refuses permanently; for asyncio, it may be a coroutine function."""

WhenFull: TypeAlias = Literal["wait", "raise", "drop_oldest"]
"""What ``add`` does if the sink is full: wait for room, raise ``EventSinkFullError``, or drop the oldest event."""

BATCH_BYTES: Final = 1_000_000
"""The most bytes of JSON in one batch: gateways take 1 MiB by default."""

LEAST_EVENTS: Final = 2 * BATCH
LEAST_BYTES: Final = 2 * (BATCH_BYTES + MAX_EVENT_BYTES)
"""Half of the room is for the events that are being sent, so that there is always one that can be dropped."""

CONCURRENCY: Final = 10
LINGER: Final = 0.5
MAX_EVENTS: Final = 100_000
MAX_BYTES: Final = 64 * 1024 * 1024
CLOSE_TIMEOUT: Final = 30.0


@attrs.frozen(kw_only=True)
class SinkSettings:
    """The settings of a sink.

    Attributes:
        when_full: What `add` does if there is no room.
        max_events: The most events that wait in memory.
        max_bytes: The most bytes of JSON that wait in memory.
        linger: Seconds that an event may wait for its batch to fill.
        concurrency: Batches in flight.
        close_timeout: Seconds that closing may take to deliver; None for no limit.

    Raises:
        LagoConfigError: A value is out of bounds.
    """

    when_full: WhenFull = "wait"
    max_events: int = MAX_EVENTS
    max_bytes: int = MAX_BYTES
    linger: float = LINGER
    concurrency: int = CONCURRENCY
    close_timeout: float | None = CLOSE_TIMEOUT

    def __attrs_post_init__(self) -> None:
        if self.when_full not in get_args(WhenFull):
            raise LagoConfigError(
                f"when_full must be one of {', '.join(map(repr, get_args(WhenFull)))}, not {described(self.when_full)}"
            )
        check_whole_number("max_events", self.max_events, least=LEAST_EVENTS)
        check_whole_number("max_bytes", self.max_bytes, least=LEAST_BYTES)
        check_seconds("linger", self.linger, positive=False, optional=False)
        check_whole_number("concurrency", self.concurrency, least=1)
        check_seconds("close_timeout", self.close_timeout, positive=False, optional=True)
