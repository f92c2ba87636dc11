"""From units to money: the charge models. Amounts are exact; only the fee is rounded.

Amounts in charge properties are in the currency's main unit ("0.5" is half a euro); fees are in whole subunits.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext

import attrs

from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.rounding import EXACT
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json

ZERO = Decimal(0)


@attrs.frozen
class _Range:
    start: Decimal
    end: Decimal | None
    flat: Decimal
    rate: Decimal

    def holds(self, units: Decimal) -> bool:
        return self.end is None or units <= self.end


def _ranges(properties: Fields, name: str, rate: str) -> list[_Range]:
    return [
        _Range(
            given.decimal("from_value") or ZERO,
            given.decimal("to_value"),
            given.decimal("flat_amount") or ZERO,
            given.decimal(rate) or ZERO,
        )
        for given in properties.list_of_fields(name) or []
    ]


def _standard(properties: Fields, aggregation: Aggregation) -> Decimal:
    return aggregation.units * (properties.decimal("amount") or ZERO)


def _tiered(ranges: Sequence[_Range], units: Decimal) -> Decimal:
    """Price in each range the units that fall into it; the flat amount is due when the range is entered."""
    total = ZERO
    if units <= 0:
        return total
    entered = ZERO  # ranges are written 0-10, 11-20: the second one prices the units above 10
    for tier in ranges:
        reached = units if tier.end is None or units <= tier.end else tier.end
        total += tier.flat + (reached - entered) * tier.rate
        if tier.holds(units):
            break
        entered = reached
    return total


def _graduated(properties: Fields, aggregation: Aggregation) -> Decimal:
    return _tiered(_ranges(properties, "graduated_ranges", "per_unit_amount"), aggregation.units)


def _graduated_percentage(properties: Fields, aggregation: Aggregation) -> Decimal:
    ranges = _ranges(properties, "graduated_percentage_ranges", "rate")
    return _tiered([attrs.evolve(tier, rate=tier.rate.scaleb(-2)) for tier in ranges], aggregation.units)


def _volume(properties: Fields, aggregation: Aggregation) -> Decimal:
    """Price all units with the range that contains their total."""
    if aggregation.units <= 0:
        return ZERO
    for tier in _ranges(properties, "volume_ranges", "per_unit_amount"):
        if tier.holds(aggregation.units):
            return tier.flat + aggregation.units * tier.rate
    return ZERO


def _package(properties: Fields, aggregation: Aggregation) -> Decimal:
    """Charge every package that is begun."""
    paid = aggregation.units - (properties.decimal("free_units") or ZERO)
    if paid <= 0:
        return ZERO
    size = properties.decimal("package_size") or Decimal(1)
    packages, rest = divmod(paid, size)
    return (packages + (1 if rest else 0)) * (properties.decimal("amount") or ZERO)


@attrs.frozen
class _FreeUnits:
    """The free part of a percentage charge. If both limits are given, the one that is reached first ends it."""

    events: int | None
    total: Decimal | None

    @classmethod
    def of(cls, properties: Fields) -> "_FreeUnits":
        # A form sends zero for "none".
        return cls(
            properties.integer("free_units_per_events") or None,
            properties.decimal("free_units_per_total_aggregation") or None,
        )

    def split(self, values: Sequence[Decimal]) -> tuple[list[Decimal], int]:
        """Return the payable part of each event, and the number of events that are free altogether."""
        if self.events is None and self.total is None:
            return list(values), 0
        left = self.total
        payable: list[Decimal] = []
        free_events = 0
        for position, value in enumerate(values):
            free = value if self.events is None or position < self.events else ZERO
            if left is not None:
                free = min(free, left)
                left -= free
            payable.append(value - free)
            free_events += free == value and (self.events is None or position < self.events)
        return payable, free_events


def _percentage(properties: Fields, aggregation: Aggregation) -> Decimal:
    """Charge a rate on the payable units, and a fixed amount for each event that is not free.

    With a minimum or maximum per transaction, each event is priced on its own and kept within the limits.
    """
    rate = (properties.decimal("rate") or ZERO).scaleb(-2)
    fixed = properties.decimal("fixed_amount") or ZERO
    lowest = properties.decimal("per_transaction_min_amount")
    highest = properties.decimal("per_transaction_max_amount")
    if aggregation.units < 0:
        return ZERO
    if not aggregation.values:
        return aggregation.units * rate + aggregation.events_count * fixed
    payable, free_events = _FreeUnits.of(properties).split(aggregation.values)
    if lowest is None and highest is None:
        return sum(payable, ZERO) * rate + (len(payable) - free_events) * fixed
    total = ZERO
    for value, paid in zip(aggregation.values, payable, strict=True):
        if value and not paid:
            continue
        amount = paid * rate + fixed
        if lowest is not None:
            amount = max(amount, lowest)
        if highest is not None:
            amount = min(amount, highest)
        total += amount
    return total


_MODELS: Mapping[str, Callable[[Fields, Aggregation], Decimal]] = {
    "standard": _standard,
    "graduated": _graduated,
    "graduated_percentage": _graduated_percentage,
    "package": _package,
    "percentage": _percentage,
    "volume": _volume,
}

MODELS = tuple(_MODELS)


def price(model: str, properties: Mapping[str, Json], aggregation: Aggregation) -> Decimal:
    """Return the exact amount in the main unit of the currency."""
    with localcontext(EXACT):
        return _MODELS[model](Fields(properties), aggregation)
