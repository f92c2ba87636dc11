"""From events to units: the aggregations of billable metrics, exact in Decimal."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import attrs

from lago_async.sandbox._money.rounding import EXACT
from lago_async.sandbox._protocol.wire import Json

AGGREGATIONS = ("count_agg", "sum_agg", "max_agg", "unique_count_agg", "latest_agg")


# More digits than any amount needs, and few enough to keep products exact.
_MAX_DIGITS = 300
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@attrs.frozen
class Aggregation:
    """The units of a window of usage, and the value of each event in order of time."""

    units: Decimal
    events_count: int
    values: tuple[Decimal, ...] = ()


EMPTY = Aggregation(Decimal(0), 0)


def number(value: Json) -> Decimal | None:
    """Return a property as a number; None for values that the server's numeric filter excludes."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = format(Decimal(str(value)), "f")
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and _NUMBER.fullmatch(value):
        return Decimal(value)
    return None


def property_text(value: Json) -> str | None:
    """Return a property as the text that filters, groups and unique counts compare."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def _active(properties: Sequence[Mapping[str, Json]], field: str) -> tuple[int, int]:
    """Count the values that are active at the end (an event can remove one), and the events that had a value."""
    active: dict[str, None] = {}
    events = 0
    for given in properties:
        value = property_text(given.get(field))
        if value is None:
            continue
        events += 1
        if given.get("operation_type") == "remove":
            active.pop(value, None)
        else:
            active[value] = None
    return len(active), events


def aggregate(kind: str, field: str | None, properties: Sequence[Mapping[str, Json]]) -> Aggregation:
    """Aggregate the properties of events that are in order of time.

    Events that lack the field, or that have no number where a number is needed, are not counted.
    """
    if kind == "count_agg":
        count = len(properties)
        return Aggregation(Decimal(count), count, (Decimal(1),) * count)
    if field is None:
        raise ValueError(f"{kind} needs a field")
    if kind == "unique_count_agg":
        unique, events = _active(properties, field)
        return Aggregation(Decimal(unique), events, (Decimal(1),) * unique)
    values = tuple(value for given in properties if (value := number(given.get(field))) is not None)
    if not values:
        return EMPTY
    match kind:
        case "sum_agg":
            total = Decimal(0)
            for value in values:
                total = EXACT.add(total, value)
            return Aggregation(total, len(values), values)
        # The server passes the values of single events to the charge model for sums and counts only.
        case "max_agg":
            return Aggregation(max(values), len(values))
        case "latest_agg":
            return Aggregation(values[-1], len(values))
        case _:
            raise ValueError(f"no such aggregation: {kind}")
