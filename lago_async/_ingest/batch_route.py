"""Where the batches of a sink go, and who follows them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from lago_async._ingest.counters import SinkObserver
    from lago_async._ingest.outcomes import IngestStatus, RejectedEvent
    from lago_async._table.messages import Operation, Request, Response
    from lago_async.settings import RetryPolicy

OnRejected: TypeAlias = "Callable[[RejectedEvent], Awaitable[None]]"
OnSettled: TypeAlias = "Callable[[int, IngestStatus, bytes | None], None]"
Send: TypeAlias = "Callable[[Request], Awaitable[Response]]"


@attrs.frozen(kw_only=True)
class BatchRoute:
    """Where batches go, and who is told what became of their events.

    Attributes:
        send: Sends a request once, and returns its response.
        operation: The operation that takes a batch.
        policy: The bounds of the delays between attempts.
        on_rejected: Called with each event that the server refuses permanently; None to log it.
        on_settled: Called with the key of each event that needs no more attempts, instead of `on_rejected`.
        observer: The telemetry of the client; None without one.
        is_client_closed: Tells whether the client was closed, so that nothing can be sent any more.
    """

    send: Send
    operation: Operation
    policy: RetryPolicy
    on_rejected: OnRejected | None = None
    on_settled: OnSettled | None = None
    observer: SinkObserver | None = None
    is_client_closed: Callable[[], bool] = bool
