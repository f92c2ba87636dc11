# GENERATED from lago_async/resources/events.py by `python -m tools.generate`. Do not edit.
"""Events: sending, finding and pricing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.events import Events as AsyncEvents
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from lago_async._table.query import PositiveInt
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
    from lago_sync._ingest_results import IngestResults
    from lago_sync.pager import Pager

__all__ = ["Events"]


class Events(Resource[AsyncEvents]):
    """Events: sending, finding and pricing them."""

    def create(self, event: EventInput | EventInputDict, /) -> Event:
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
        return self._run(self._async.create, event)

    def create_batch(self, events: Sequence[EventInput | EventInputDict], /) -> list[Event]:
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
        return self._run(self._async.create_batch, events)

    def ingest(
        self,
        events: Iterable[EventInput | Mapping[str, object]],
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
        from lago_sync._ingest_streams import ingest_through

        return ingest_through(self._client, events, concurrency=concurrency)

    def find(self, transaction_id: str) -> Event:
        """Find an event by its ``transaction_id``.

        The id is unique only within one subscription: if several events have it, the server returns the first.

        Raises:
            NotFoundError: ``event_not_found``.

        API operation: findEvent.
        """
        return self._run(self._async.find, transaction_id)

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
    ) -> Pager[Event]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            external_subscription_id=external_subscription_id,
            code=code,
            timestamp_from_started_at=timestamp_from_started_at,
            timestamp_from=timestamp_from,
            timestamp_to=timestamp_to,
        )

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
    ) -> Pager[EnrichedEvent]:
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
        return self._page(
            self._async.find_all_enriched,
            page=page,
            per_page=per_page,
            external_subscription_id=external_subscription_id,
            code=code,
            timestamp_from_started_at=timestamp_from_started_at,
            timestamp_from=timestamp_from,
            timestamp_to=timestamp_to,
        )

    def estimate_fees(self, event: EventEstimateInput | EventEstimateInputDict, /) -> list[Fee]:
        """Compute the fees that an event would cause, for charges paid in advance. The server stores nothing.

        Args:
            event: An ``EventEstimateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ValidationError: A field was refused.

        API operation: eventEstimateFees.
        """
        return self._run(self._async.estimate_fees, event)

    def estimate_instant_fees(self, event: EventEstimateInput | EventEstimateInputDict, /) -> list[FeeEstimate]:
        """Compute an event's fees like ``estimate_fees``, without taxes, coupons and aggregation, which is faster.

        For charges of the models ``standard`` and ``percentage`` that are paid in advance. The server stores nothing.

        Args:
            event: An ``EventEstimateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ValidationError: A field was refused.

        API operation: eventEstimateInstantFees.
        """
        return self._run(self._async.estimate_instant_fees, event)

    def batch_estimate_instant_fees(
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
        return self._run(self._async.batch_estimate_instant_fees, events)
