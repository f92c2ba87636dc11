"""Events: sending, finding and pricing them."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async._table.repeats import StoredOnce
from lago_async._table.rows import row_of
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get, member, post

if TYPE_CHECKING:
    from lago_async._ingest.results import IngestResults
    from lago_async._table.messages import Request
    from lago_async.models import (
        EnrichedEvent,
        Event,
        EventEstimateInput,
        EventEstimateInputDict,
        EventInput,
        EventInputDict,
        Fee,
        FeeEstimate,
    )

__all__ = ["Events"]


def _names_itself(event: object) -> bool:
    """Tell whether the server can recognise the event if it is sent a second time.

    A server on Postgres recognises it by ``transaction_id``, a server on ClickHouse by that and ``timestamp``.
    """
    return member(event, "transaction_id") is not None and member(event, "timestamp") is not None


def _all_name_themselves(events: Sequence[object]) -> bool:
    return all(map(_names_itself, events))


def _finding(transaction_id: str) -> Request:
    return row_of(Events.find).endpoint.encode((transaction_id,), {})


_STORED_ONCE = StoredOnce(field="transaction_id", find=_finding, root="event")


class Events(Resource):
    """Events: sending, finding and pricing them."""

    @post("create_event", "/events", root="event", host="ingest", idempotent=_names_itself, own_repeat=_STORED_ONCE)
    async def create(self, event: EventInput | EventInputDict, /) -> Event:
        """Send an event. It goes to ``ingest_url``, if the client has one.

        The server accepts it even if the metric, the subscription or the customer does not exist. The client repeats
        the call by itself only if the event has a ``transaction_id`` and a ``timestamp``: give both. If the server
        refuses the repeat because the first try did arrive, the client looks the event up and returns it.

        Args:
            event: An ``EventInput``, or a mapping with its fields.

        Raises:
            ValidationError: ``transaction_id: value_already_exist``: the event is there already. ``timestamp:
                invalid_format``.

        API operation: createEvent.
        """

    @post("create_batch_events", "/events/batch",
          root="events", host="ingest", idempotent=_all_name_themselves, own_repeat=_STORED_ONCE)  # fmt: skip
    async def create_batch(self, events: Sequence[EventInput | EventInputDict], /) -> list[Event]:
        """Send up to 100 events; the server accepts all or none. They go to ``ingest_url``, if the client has one.

        The client repeats the call by itself only if every event has a ``transaction_id`` and a ``timestamp``: give
        both. If the server refuses the repeat because the first try did arrive, the client looks the events up and
        returns them.

        Args:
            events: For each event, an ``EventInput`` or a mapping with its fields.

        Raises:
            ValidationError: ``error_details`` names the refused events by their index: ``{"3": {"transaction_id":
                ["value_already_exist"]}}``. ``too_many_events``.

        API operation: createBatchEvents.
        """

    def ingest(
        self,
        events: Iterable[EventInput | Mapping[str, object]] | AsyncIterable[EventInput | Mapping[str, object]],
        /,
        *,
        concurrency: int = 10,
    ) -> IngestResults:
        """Send any number of events in batches, and return a result per event, in the order of the events.

        Each event gets a ``transaction_id`` and a ``timestamp`` if it has none. A batch that fails is sent again until
        the server has taken it; an event that is refused or invalid has a result that says so, and ends nothing. The
        events are taken as the results are: at most 200 for each batch in flight are in memory.

        Args:
            events: For each event, an ``EventInput`` or a mapping with its fields.
            concurrency: The most batches in flight.

        Raises:
            LagoArgumentError: The events are not iterable, or ``concurrency`` is not a whole number, 1 or more.

        Walking the results raises the errors of ``events``, after the results of the events before, and
        ``LagoClosedError`` when the client is closed.

        API operation: createBatchEvents.
        """
        from lago_async._ingest.routes import ingest_through

        return ingest_through(self._client, events, concurrency=concurrency)

    @get("find_event", "/events/{transaction_id}", root="event")
    async def find(self, transaction_id: str) -> Event:
        """Find an event by its ``transaction_id``.

        The id is unique only within one subscription: if several events have it, the server returns the first.

        Raises:
            NotFoundError: ``event_not_found``.

        API operation: findEvent.
        """

    @get("find_all_events", "/events", root="events")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_subscription_id: str | None = None,
        code: str | None = None,
        timestamp_from_started_at: bool | None = None,
        timestamp_from: datetime | date | None = None,
        timestamp_to: datetime | date | None = None,
    ) -> AsyncPager[Event]:
        """List events, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_subscription_id: Only this subscription, by your id.
            code: Only with this code.
            timestamp_from_started_at: True: only events since the start of the subscription, which must be given.
            timestamp_from: This time or later.
            timestamp_to: This time or earlier.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllEvents.
        """

    @get("find_all_enriched_events", "/events_enriched", root="events", gates=("clickhouse",))
    def find_all_enriched(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_subscription_id: str | None = None,
        code: str | None = None,
        timestamp_from_started_at: bool | None = None,
        timestamp_from: datetime | date | None = None,
        timestamp_to: datetime | date | None = None,
    ) -> AsyncPager[EnrichedEvent]:
        """List events with their values as the server aggregates them, the newest first. Lago calls this a beta.

        Needs ClickHouse on the server.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_subscription_id: Only this subscription, by your id.
            code: Only with this code.
            timestamp_from_started_at: True: only events since the start of the subscription, which must be given.
            timestamp_from: This time or later. Not together with ``timestamp_from_started_at``.
            timestamp_to: This time or earlier.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllEnrichedEvents.
        """

    @post("event_estimate_fees", "/events/estimate_fees", root="fees", request_root="event", idempotent=True)
    async def estimate_fees(self, event: EventEstimateInput | EventEstimateInputDict, /) -> list[Fee]:
        """Compute the fees that an event would cause, for charges paid in advance. The server stores nothing.

        Args:
            event: An ``EventEstimateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ValidationError: A field was refused.

        API operation: eventEstimateFees.
        """

    @post("event_estimate_instant_fees", "/events/estimate_instant_fees",
          root="fees", request_root="event", idempotent=True)  # fmt: skip
    async def estimate_instant_fees(self, event: EventEstimateInput | EventEstimateInputDict, /) -> list[FeeEstimate]:
        """Compute an event's fees like ``estimate_fees``, without taxes, coupons and aggregation, which is faster.

        For charges of the models ``standard`` and ``percentage`` that are paid in advance. The server stores nothing.

        Args:
            event: An ``EventEstimateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ValidationError: A field was refused.

        API operation: eventEstimateInstantFees.
        """

    @post("event_batch_estimate_instant_fees", "/events/batch_estimate_instant_fees",
          root="fees", request_root="events", idempotent=True)  # fmt: skip
    async def batch_estimate_instant_fees(
        self, events: Sequence[EventEstimateInput | EventEstimateInputDict], /
    ) -> list[FeeEstimate]:
        """Compute the fees of several events like ``estimate_instant_fees``. The server stores nothing.

        Args:
            events: For each event, an ``EventEstimateInput`` or a mapping with its fields.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ValidationError: A field was refused.

        API operation: eventBatchEstimateInstantFees.
        """
