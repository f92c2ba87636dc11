"""From events to units: the aggregations of billable metrics, exact in Decimal."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

import attrs

from lago_async.sandbox._money.rounding import EXACT, ceil_to, divided
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.events import Event
from lago_async.sandbox._state.periods import days_between, local_date

AGGREGATIONS = ("count_agg", "sum_agg", "max_agg", "unique_count_agg", "latest_agg", "weighted_sum_agg")

ZERO, ONE = Decimal(0), Decimal(1)
_UNITS, _WEIGHTS = 5, 20
_INSTANT, _LAST_MICROSECOND = timedelta(microseconds=1), 999_999


# More digits than any amount needs, and few enough to keep products exact.
_MAX_DIGITS = 300
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@attrs.frozen(kw_only=True)
class Aggregation:
    """The units of a window of usage.

    ``units`` are what a charge model prices. A prorated charge prices shares of ``full_units``; ``values`` are what
    each event added, and ``shares`` their prorated parts. ``reached`` is the total of a weighted sum at the end,
    and ``given_cents`` are the prices that the events brought themselves. ``decimal_count``: the server shows counts of
    these events as decimals.
    """

    units: Decimal = ZERO
    events_count: int = 0
    values: tuple[Decimal, ...] = ()
    full_units: Decimal | None = None
    shares: tuple[Decimal, ...] = ()
    reached: Decimal | None = None
    given_cents: Decimal = ZERO
    decimal_count: bool = False


EMPTY = Aggregation()


@attrs.frozen(kw_only=True)
class UsageWindow:
    """The window that is aggregated, and the length of its whole period in days.

    ``opening`` is what a recurring weighted sum had reached before. ``grouped``: the server counts one group of several
    in a slightly different way.
    """

    start: datetime
    end: datetime
    days: int
    zone: tzinfo
    prorated: bool = False
    grouped: bool = False
    opening: Decimal = ZERO


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


def _values(events: Sequence[Event], field: str) -> list[tuple[Event, Decimal]]:
    """Return the events that have a number, with it."""
    return [(event, value) for event in events if (value := number(event.properties.get(field))) is not None]


def _total(values: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return total


def _days(start: datetime, end: datetime, zone: tzinfo) -> int:
    """Count the local days from one time to another, both included."""
    return (local_date(end, zone) - local_date(start, zone)).days + 1


def _sum(metric: BillableMetric, events: Sequence[Event], window: UsageWindow) -> Aggregation:
    found = _values(events, metric.field_name or "")
    values = tuple(value for _, value in found)
    total = _total(values)
    given = _total([Decimal(event.precise_total_amount_cents or 0) for event, _ in found])
    if not window.prorated:
        return Aggregation(units=total, events_count=len(values), values=values, given_cents=given)
    # Earlier values count for the whole window.
    before = _total([value for event, value in found if event.timestamp < window.start])
    whole = ONE
    used = days_between(window.start, window.end, window.zone)
    if used != window.days:
        whole = Decimal(repr(used / window.days))
    added = [(event, value) for event, value in found if event.timestamp >= window.start]
    shares = [
        EXACT.multiply(value, divided(_days(event.timestamp, window.end, window.zone), window.days))
        for event, value in added
    ]
    exact = EXACT.add(EXACT.multiply(before, whole), _total(shares))
    opening = ((before,), (EXACT.multiply(before, whole),)) if before else ((), ())
    return Aggregation(
        units=ceil_to(exact, _UNITS),
        events_count=len(values),
        values=(*opening[0], *(value for _, value in added)),
        full_units=total,
        shares=(*opening[1], *shares),
        given_cents=given,
    )


@attrs.frozen
class _Change:
    """A value that comes or goes."""

    event: Event
    value: str
    adds: bool


def _changes(events: Sequence[Event], field: str) -> list[_Change]:
    """Return what adds an absent value or removes a present one, in order of time."""
    present: set[str] = set()
    changes: list[_Change] = []
    for event in events:
        value = property_text(event.properties.get(field))
        if value is None:
            continue
        adds = event.properties.get("operation_type") != "remove"
        if adds == (value in present):
            continue
        if adds:
            present.add(value)
        else:
            present.discard(value)
        changes.append(_Change(event, value, adds))
    return changes


def _same_day_removals(events: Sequence[Event], field: str, zone: tzinfo) -> list[Event]:
    """Leave out removals of values that come back on the same day."""
    last_added: dict[tuple[str, object], datetime] = {}
    for event in events:
        value = property_text(event.properties.get(field))
        if value is not None and event.properties.get("operation_type") != "remove":
            last_added[value, local_date(event.timestamp, zone)] = event.timestamp
    kept: list[Event] = []
    for event in events:
        value = property_text(event.properties.get(field))
        back = None if value is None else last_added.get((value, local_date(event.timestamp, zone)))
        removal = event.properties.get("operation_type") == "remove"
        if not (removal and back is not None and back > event.timestamp):
            kept.append(event)
    return kept


def _unique_count(metric: BillableMetric, events: Sequence[Event], window: UsageWindow) -> Aggregation:
    field = metric.field_name or ""
    changes = _changes(events, field)
    count = sum(1 if change.adds else -1 for change in changes)
    units = Decimal(count)
    # The count of the events is the result, a decimal, unless it was counted by groups or not at all.
    decimal_count = not window.grouped and (metric.recurring or bool(events))
    if not window.prorated:
        return Aggregation(units=units, events_count=count, values=(ONE,) * max(count, 0), decimal_count=decimal_count)
    changes = _changes(_same_day_removals(events, field, window.zone), field)
    shares: list[Decimal] = []
    for position, change in enumerate(changes):
        if not change.adds:
            shares.append(ZERO)
            continue
        ends = next((later.event.timestamp for later in changes[position + 1 :] if later.value == change.value), None)
        begins = max(change.event.timestamp, window.start)
        if ends is not None and ends < window.start:
            days = 1 if window.grouped else 0
        else:
            days = _days(begins, window.end if ends is None else ends, window.zone)
        shares.append(divided(days, window.days))
    prorated = ceil_to(_total(shares), _UNITS)
    return Aggregation(
        units=prorated,
        events_count=int(prorated),
        values=tuple(ONE if change.adds else -ONE for change in changes),
        full_units=units,
        shares=tuple(ceil_to(share, _UNITS) for share in shares),
        decimal_count=decimal_count,
    )


def _weighted_sum(metric: BillableMetric, events: Sequence[Event], window: UsageWindow) -> Aggregation:
    """Weigh each level with the part of the period for which it lasted."""
    found = _values(events, metric.field_name or "")
    period = timedelta(days=window.days)
    level, since, weighted = window.opening, window.start, ZERO
    # The last level lasts to the end of the last day, not to the last instant before it.
    end = window.end + _INSTANT if window.end.microsecond == _LAST_MICROSECOND else window.end
    for at, change in [*((event.timestamp, value) for event, value in found), (end, ZERO)]:
        seconds = Decimal((at - since) // timedelta(microseconds=1)).scaleb(-6)
        weighted = EXACT.add(weighted, divided(EXACT.multiply(level, seconds), Decimal(period.total_seconds())))
        level, since = EXACT.add(level, change), at
    return Aggregation(units=ceil_to(weighted, _WEIGHTS), events_count=len(found), reached=level)


def _count(_: BillableMetric, events: Sequence[Event], __: UsageWindow) -> Aggregation:
    count = len(events)
    return Aggregation(units=Decimal(count), events_count=count, values=(ONE,) * count)


def _highest(metric: BillableMetric, events: Sequence[Event], _: UsageWindow) -> Aggregation:
    # The server passes the values of single events to the charge model for sums and counts only.
    values = [value for _, value in _values(events, metric.field_name or "")]
    return Aggregation(units=max(values), events_count=len(values)) if values else EMPTY


def _latest(metric: BillableMetric, events: Sequence[Event], _: UsageWindow) -> Aggregation:
    values = [value for _, value in _values(events, metric.field_name or "")]
    return Aggregation(units=values[-1], events_count=len(values)) if values else EMPTY


_KINDS = {
    "count_agg": _count,
    "sum_agg": _sum,
    "max_agg": _highest,
    "unique_count_agg": _unique_count,
    "latest_agg": _latest,
    "weighted_sum_agg": _weighted_sum,
}


def aggregate(metric: BillableMetric, events: Sequence[Event], window: UsageWindow) -> Aggregation:
    """Aggregate events that are in order of time.

    Events that lack the field, or that have no number where a number is needed, are not counted.
    """
    return _KINDS[metric.aggregation_type](metric, events, window)
