"""The fate of one event: a refusal permanently, or the result of an event of a stream."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import attrs
import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async._ingest.acceptance import UsageEvent
    from lago_async._ingest.store import PendingEvent
    from lago_async.errors import LagoArgumentError
    from lago_async.models import Json

__all__ = ["DeadLetter", "IngestResult", "IngestStatus", "RejectedEvent"]

IngestStatus: TypeAlias = Literal["delivered", "duplicate", "rejected", "invalid"]
"""The fate of an event: the server took it, had it already, or refused it; or it was invalid and not sent."""


@attrs.frozen(kw_only=True)
class RejectedEvent:
    """An event that the server has refused permanently.

    Attributes:
        transaction_id: Its id.
        event: The event as it was sent.
        status_code: The HTTP status of the refusal.
        reason: The server's word on this event: usually a mapping from fields to codes, sometimes a text.
    """

    transaction_id: str
    event: Mapping[str, Json]
    status_code: int
    reason: Json


@attrs.frozen(kw_only=True)
class DeadLetter(RejectedEvent):
    """An event that the server has refused permanently, as the spool of a sink keeps it.

    Attributes:
        transaction_id: Its id.
        event: The event as it was sent.
        status_code: The HTTP status of the refusal.
        reason: The server's word on this event: usually a mapping from fields to codes, sometimes a text.
        id: Names the letter in its spool.
        rejected_at: When it was refused.
    """

    id: str
    rejected_at: datetime


@attrs.frozen(kw_only=True)
class IngestResult:
    """The fate of one event of a stream.

    Attributes:
        input: The event as it was given.
        status: What became of it.
        transaction_id: The id that it was sent with; None if it is invalid.
        reason: The server's word if it has refused it; else None.
        error: What is wrong with it if it is invalid; else None.
    """

    input: UsageEvent
    status: IngestStatus
    transaction_id: str | None = None
    reason: Json = None
    error: LagoArgumentError | None = None

    @property
    def ok(self) -> bool:
        """Whether the server has the event."""
        return self.status in ("delivered", "duplicate")


def rejected_event(event: PendingEvent, reason: bytes) -> RejectedEvent:
    """Return the refusal of an event, from the reason that the store gets."""
    refusal = cast("dict[str, Json]", msgspec.json.decode(reason))
    return RejectedEvent(
        transaction_id=event.transaction_id,
        event=cast("Mapping[str, Json]", msgspec.json.decode(event.body)),
        status_code=cast("int", refusal["status_code"]),
        reason=refusal["error_details"],
    )
