"""The way of batches through a client."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import attrs

from lago_async._ingest.batch_route import BatchRoute
from lago_async._ingest.results import IngestResults
from lago_async._table.rows import row_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable

    from lago_async._ingest.acceptance import UsageEvent
    from lago_async._ingest.batch_route import OnRejected, OnSettled
    from lago_async._table.messages import Sender
    from lago_async.client import LagoClient


def route_of(
    client: LagoClient, *, on_rejected: OnRejected | None = None, on_settled: OnSettled | None = None
) -> BatchRoute:
    """Return the way of batches through a client: as background work, each sent once, because the sink repeats it."""
    from lago_async.resources.events import Events

    policy = client._options.retries  # pyright: ignore[reportPrivateUsage]
    state = client._state  # pyright: ignore[reportPrivateUsage]
    view = client.with_options(background=True, max_retries=attrs.evolve(policy, max_retries=0))
    # Without the rule for repeats, which would look up each event of a batch: the sink knows its own ids.
    operation = attrs.evolve(row_of(Events.create_batch).endpoint, own_repeat=None)
    return BatchRoute(
        send=partial(state.send, options=view._options),  # pyright: ignore[reportPrivateUsage]
        operation=operation,
        policy=policy,
        on_rejected=on_rejected,
        on_settled=on_settled,
        observer=state.sink_observer,
        is_client_closed=lambda: state.closed,
    )


def ingest_through(
    client: Sender, events: Iterable[UsageEvent] | AsyncIterable[UsageEvent], *, concurrency: int
) -> IngestResults:
    """Return the results of sending events through the client of a resource.

    Raises:
        LagoArgumentError: The events are not iterable, or the concurrency is not a number of batches.
    """
    return IngestResults(
        events, lambda on_settled: route_of(cast("LagoClient", client), on_settled=on_settled), concurrency=concurrency
    )
