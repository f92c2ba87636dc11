"""The streams of events of the blocking face."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lago_async._ingest.routes import route_of
from lago_sync._ingest_results import IngestResults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lago_async._ingest.acceptance import UsageEvent
    from lago_sync._sender import Sender
    from lago_sync.client import LagoClient


def ingest_through(sender: Sender, events: Iterable[UsageEvent], *, concurrency: int) -> IngestResults:
    """Return the results of sending events through the client of a resource.

    Raises:
        LagoArgumentError: The events are not iterable, or the concurrency is not a number of batches.
    """
    client = cast("LagoClient", sender)
    return IngestResults(
        events,
        lambda on_settled: route_of(client._async, on_settled=on_settled),  # pyright: ignore[reportPrivateUsage]
        client._owner.lease,  # pyright: ignore[reportPrivateUsage]
        concurrency=concurrency,
    )
