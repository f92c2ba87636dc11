"""Models of events."""

from decimal import Decimal

import attrs

from lago_async.models._base import UNSET, Json, Timestamp, UnsetType, input_model, response_model
from lago_async.models._event_time import EventTime, event_time

__all__ = ["EnrichedEvent", "Event", "EventEstimateInput", "EventInput"]


@response_model
class Event:
    """An event that the server has stored.

    Attributes:
        lago_id: None on servers that store events in ClickHouse, like ``created_at``.
        lago_customer_id: None until the event has been processed, like ``lago_subscription_id``.
        timestamp: When the event happened, in UTC to the millisecond.
        precise_total_amount_cents: The price of the event, for charges of the ``dynamic`` model.
    """

    lago_id: str | None
    transaction_id: str
    lago_customer_id: str | None
    code: str
    timestamp: Timestamp | None
    precise_total_amount_cents: Decimal | None
    properties: dict[str, Json]
    lago_subscription_id: str | None
    external_subscription_id: str | None
    created_at: Timestamp | None


@response_model
class EnrichedEvent:
    """An event with its value, as the server aggregates it.

    Attributes:
        enriched_at: When the server computed the value.
        value: The value of the metric's field, as it was sent.
        decimal_value: The value as a number.
        precise_total_amount_cents: The price of the event, for charges of the ``dynamic`` model.
    """

    transaction_id: str
    external_subscription_id: str
    code: str
    timestamp: Timestamp
    enriched_at: Timestamp | None
    value: str | None
    decimal_value: Decimal
    precise_total_amount_cents: Decimal | None
    properties: dict[str, Json]


@input_model
class EventInput:
    """An event to bill.

    Attributes:
        transaction_id: Your id of the event. The server refuses a second event with the same id, or replaces the first.
        code: The code of the billable metric that counts it.
        timestamp: When it happened: a datetime with a time zone, or seconds since 1970 as a number or a numeric string.
            The default, also for None, is the time of arrival. Give a timestamp, so that the client can send the event
            again if the response is lost.
        precise_total_amount_cents: The price of the event, for charges of the ``dynamic`` model.
        properties: The values that the metric aggregates, filters and groups by.
    """

    transaction_id: str
    external_subscription_id: str
    code: str
    timestamp: EventTime | None | UnsetType = attrs.field(default=UNSET, converter=event_time)
    precise_total_amount_cents: Decimal | None | UnsetType = UNSET
    properties: dict[str, Json] | None | UnsetType = UNSET


@input_model
class EventEstimateInput:
    """A hypothetical event, to compute its price.

    Attributes:
        timestamp: As in ``EventInput``; by default now.
        precise_total_amount_cents: The price of the event, for charges of the ``dynamic`` model.
    """

    external_subscription_id: str
    code: str
    transaction_id: str | None | UnsetType = UNSET
    timestamp: EventTime | None | UnsetType = attrs.field(default=UNSET, converter=event_time)
    precise_total_amount_cents: Decimal | None | UnsetType = UNSET
    properties: dict[str, Json] | None | UnsetType = UNSET
