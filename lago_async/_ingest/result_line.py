"""The events of a stream, in the order of input, until what became of each is known and taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, cast

import attrs
import msgspec

from lago_async._ingest.acceptance import BATCH, EventEncoder
from lago_async._ingest.outcomes import IngestResult
from lago_async._ingest.settings import LEAST_EVENTS, SinkSettings
from lago_async._validation import check_whole_number
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._ingest.acceptance import UsageEvent
    from lago_async._ingest.outcomes import IngestStatus
    from lago_async.models import Json


@attrs.define(eq=False)
class _Entry:
    input: UsageEvent
    transaction_id: str | None
    status: IngestStatus | None = None
    reason: bytes | None = None
    error: LagoArgumentError | None = None

    def result(self, status: IngestStatus) -> IngestResult:
        refusal = {} if self.reason is None else cast("dict[str, Json]", msgspec.json.decode(self.reason))
        return IngestResult(
            input=self.input,
            status=status,
            transaction_id=self.transaction_id,
            reason=refusal.get("error_details"),
            error=self.error,
        )


class ResultLine:
    """The events whose results were not taken, at most `window`; on one event loop, or guarded by the caller.

    Attributes:
        window: The most events that are sent or wait to be taken.
    """

    def __init__(self, window: int) -> None:
        self.window: Final = window
        self._encoder = EventEncoder()
        self._entries: deque[_Entry] = deque()
        self._by_key: dict[int, _Entry] = {}
        self._sent = 0

    def __len__(self) -> int:
        """Return how many results were not taken."""
        return len(self._entries)

    @property
    def full(self) -> bool:
        """Whether a result has to be taken before the next event."""
        return len(self._entries) >= self.window

    @property
    def ready(self) -> bool:
        """Whether the next result is known."""
        return bool(self._entries) and self._entries[0].status is not None

    def add(self, event: UsageEvent) -> bytes | None:
        """Add an event, and return its JSON to send; None if it is invalid, which is its result."""
        try:
            transaction_id, body = self._encoder.encode(event)
        except LagoArgumentError as error:
            self._entries.append(_Entry(event, None, "invalid", error=error))
            return None
        entry = _Entry(event, transaction_id)
        # The store numbers the events in the order in which they are put into it, and no other code does.
        self._by_key[self._sent] = entry
        self._sent += 1
        self._entries.append(entry)
        return body

    def settle(self, key: int, status: IngestStatus, reason: bytes | None) -> None:
        """Take note of what became of an event, by its key in the store."""
        entry = self._by_key.pop(key)
        entry.reason = reason
        entry.status = status

    def take(self) -> IngestResult:
        """Take the next result, which is ready."""
        entry = self._entries.popleft()
        assert entry.status is not None  # noqa: S101 - for type checkers: the caller has asked `ready`
        return entry.result(entry.status)


def settings_of(concurrency: int) -> tuple[SinkSettings, int]:
    """Return the settings of the sink below a stream, and its window: twice what may be in flight.

    Raises:
        LagoArgumentError: The concurrency is not a whole number, 1 or more.
    """
    check_whole_number("events.ingest: concurrency", concurrency, least=1, error=LagoArgumentError)
    window = 2 * concurrency * BATCH
    return SinkSettings(concurrency=concurrency, max_events=max(LEAST_EVENTS, 2 * window)), window


def check_iterable(events: object, *, kinds: tuple[type, ...]) -> None:
    """Refuse an argument that is not a stream of events.

    Raises:
        LagoArgumentError: It cannot be iterated, or is one event.
    """
    if isinstance(events, Mapping | str | bytes) or not isinstance(events, kinds):
        raise LagoArgumentError(
            f"events.ingest: expected an iterable of events, got {type(cast('object', events)).__name__}"
        )
