"""Models of billable metrics, which define how events are counted."""

from typing import Literal

import attrs

from lago_async.models._base import UNSET, Json, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._event_time import EventTime, event_time
from lago_async.models.enums import AggregationType

__all__ = [
    "BillableMetric",
    "BillableMetricFilter",
    "BillableMetricFilterInput",
    "BillableMetricInput",
    "BillableMetricUpdateInput",
    "ExpressionEventInput",
    "ExpressionInput",
    "ExpressionResult",
    "RoundingFunction",
    "WeightedInterval",
]

RoundingFunction = Literal["round", "ceil", "floor"]
WeightedInterval = Literal["seconds"]


@response_model
class BillableMetricFilter:
    """An event property and its values that can have their own prices."""

    key: str
    values: list[str]


@response_model
class BillableMetric:
    """A definition of how events with its code are counted.

    Attributes:
        recurring: Units are carried over into the next billing period.
        rounding_precision: Decimal places; negative numbers round to tens, hundreds, ...
        expression: Computes the units of an event from its properties; None if they are read from ``field_name``.
        field_name: The event property that is aggregated; None for counts.
        weighted_interval: Only for ``weighted_sum_agg``.
        active_subscriptions_count: Not in Lago's public description. The server sends this and the two other counts in
            lists and after changes, always 0; not with ``find``, and not in alerts.
    """

    lago_id: str
    name: str
    code: str
    description: str | None
    recurring: bool
    rounding_function: Open[RoundingFunction] | None
    rounding_precision: int | None
    created_at: Timestamp
    expression: str | None
    field_name: str | None
    aggregation_type: Open[AggregationType]
    weighted_interval: Open[WeightedInterval] | None
    filters: list[BillableMetricFilter]
    active_subscriptions_count: int | None
    draft_invoices_count: int | None
    plans_count: int | None


@input_model
class BillableMetricFilterInput:
    """An event property and its values that can have their own prices."""

    key: str
    values: list[str]


@input_model
class BillableMetricInput:
    """A billable metric to create.

    Attributes:
        code: The code that events carry.
        recurring: Carry units over into the next billing period; by default off.
        expression: Computes the units of an event from its properties, for example
            ``round((ended_at - started_at) * units)``.
        rounding_precision: Decimal places; negative numbers round to tens, hundreds, ...
        field_name: The event property to aggregate; not needed for ``count_agg``.
        weighted_interval: Only for ``weighted_sum_agg``.
    """

    name: str
    code: str
    aggregation_type: Open[AggregationType]
    description: str | None | UnsetType = UNSET
    recurring: bool | UnsetType = UNSET
    expression: str | None | UnsetType = UNSET
    rounding_function: Open[RoundingFunction] | None | UnsetType = UNSET
    rounding_precision: int | None | UnsetType = UNSET
    field_name: str | None | UnsetType = UNSET
    weighted_interval: Open[WeightedInterval] | None | UnsetType = UNSET
    filters: list[BillableMetricFilterInput] | UnsetType = UNSET


@input_model
class BillableMetricUpdateInput:
    """Changes to a billable metric. Once it is in use, only the name and the description can change.

    Attributes:
        code: The code that events carry.
        recurring: Carry units over into the next billing period; by default off.
        expression: Computes the units of an event from its properties, for example
            ``round((ended_at - started_at) * units)``.
        rounding_precision: Decimal places; negative numbers round to tens, hundreds, ...
        field_name: The event property to aggregate; not needed for ``count_agg``.
        weighted_interval: Only for ``weighted_sum_agg``.
        filters: Replaces all filters.
    """

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    recurring: bool | UnsetType = UNSET
    expression: str | None | UnsetType = UNSET
    rounding_function: Open[RoundingFunction] | None | UnsetType = UNSET
    rounding_precision: int | None | UnsetType = UNSET
    field_name: str | None | UnsetType = UNSET
    aggregation_type: Open[AggregationType] | UnsetType = UNSET
    weighted_interval: Open[WeightedInterval] | None | UnsetType = UNSET
    filters: list[BillableMetricFilterInput] | UnsetType = UNSET


@input_model
class ExpressionEventInput:
    """An event for testing an expression.

    Attributes:
        timestamp: As in ``EventInput``; by default now.
    """

    code: str | None | UnsetType = UNSET
    properties: dict[str, Json] | None | UnsetType = UNSET
    timestamp: EventTime | None | UnsetType = attrs.field(default=UNSET, converter=event_time)


@input_model
class ExpressionInput:
    """An expression, and an event to test it with.

    Attributes:
        expression: As in ``BillableMetricInput``.
    """

    expression: str
    event: ExpressionEventInput | None | UnsetType = UNSET


@response_model
class ExpressionResult:
    """The result of an expression for an event."""

    value: str | float
