"""From units to money: the charge models. Amounts are exact; only the fee is rounded.

Amounts in charge properties are in the currency's main unit ("0.5" is half a euro); fees are in whole subunits.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal, localcontext

import attrs

from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.rounding import EXACT
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json

ZERO = Decimal(0)
_WIDE = Context(prec=40, rounding=ROUND_HALF_UP)


@attrs.frozen
class Mode:
    """The subject of a price: a window as a whole, or a single event of a charge in advance.

    ``before_event``: the price of what was there before the event, to be subtracted. ``premium``: with a licence.
    ``decimals``: how many the currency has.
    """

    premium: bool
    single_event: bool = False
    before_event: bool = False
    decimals: int = 2


WHOLE = Mode(premium=True)
"""A window as a whole, with a licence."""


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


def _standard(properties: Fields, aggregation: Aggregation, _: Mode) -> Decimal:
    return aggregation.units * (properties.decimal("amount") or ZERO)


def _tiered(ranges: Sequence[_Range], units: Decimal) -> Decimal:
    """Price in each range the units that fall into it; the flat amount is due when the range is entered.

    The first range is always entered, also without any units.
    """
    total = ZERO
    entered = ZERO  # ranges are written 0-10, 11-20: the second one prices the units above 10
    for tier in ranges:
        reached = units if tier.end is None or units <= tier.end else tier.end
        total += tier.flat + (reached - entered) * tier.rate
        if tier.holds(units):
            break
        entered = reached
    return total


def _graduated(properties: Fields, aggregation: Aggregation, mode: Mode) -> Decimal:
    ranges = _ranges(properties, "graduated_ranges", "per_unit_amount")
    if aggregation.full_units is not None and aggregation.shares and not mode.single_event:
        return _prorated_graduated(ranges, aggregation)
    if not aggregation.units and mode.before_event:
        return ZERO
    return _tiered(ranges, aggregation.units)


def _graduated_percentage(properties: Fields, aggregation: Aggregation, mode: Mode) -> Decimal:
    if not aggregation.units and mode.before_event:
        return ZERO
    ranges = _ranges(properties, "graduated_percentage_ranges", "rate")
    return _tiered([attrs.evolve(tier, rate=tier.rate.scaleb(-2)) for tier in ranges], aggregation.units)


def _prorated_graduated(ranges: Sequence[_Range], aggregation: Aggregation) -> Decimal:
    """Price the prorated share of each unit with the range that the full units have reached.

    Units that leave are taken from the range that they were in. Flat amounts are due for the most units there were.
    """
    if not aggregation.units:
        return _flats(ranges, ZERO)
    held, most, amount = ZERO, ZERO, ZERO
    for full, share in zip(aggregation.values, aggregation.shares, strict=True):
        if not share and (full > 0 or held + full < 0):
            continue
        reached = held + full
        low, high = min(held, reached), max(held, reached)
        below = ZERO
        coefficient = _WIDE.divide(share, full) if full else ZERO
        for tier in ranges:
            top = high if tier.end is None else min(high, tier.end)
            part = top - max(low, below)
            if part > 0:
                amount += part * coefficient * tier.rate * (1 if full > 0 else -1)
            below = tier.end if tier.end is not None else high
            if below >= high:
                break
        held = reached
        most = max(most, held)
    if held < 0:
        return ZERO
    return max(amount, ZERO) + _flats(ranges, most)


def _flats(ranges: Sequence[_Range], units: Decimal) -> Decimal:
    total = ZERO
    for tier in ranges:
        total += tier.flat
        if tier.holds(units):
            break
    return total


def _volume(properties: Fields, aggregation: Aggregation, _: Mode) -> Decimal:
    """Price all units with the range that contains their total, prorated or not."""
    total = aggregation.units if aggregation.full_units is None else aggregation.full_units
    whole = total.to_integral_value(ROUND_CEILING)
    for tier in sorted(_ranges(properties, "volume_ranges", "per_unit_amount"), key=lambda tier: tier.start):
        if tier.start <= whole and tier.holds(total):
            return tier.flat + aggregation.units * tier.rate
    return ZERO


def _package(properties: Fields, aggregation: Aggregation, _: Mode) -> Decimal:
    """Charge every package that is begun."""
    paid = aggregation.units - (properties.decimal("free_units") or ZERO)
    if paid <= 0:
        return ZERO
    size = properties.decimal("package_size") or Decimal(1)
    packages, rest = divmod(paid, size)
    return (packages + (1 if rest else 0)) * (properties.decimal("amount") or ZERO)


@attrs.frozen
class _Free:
    """The free part of a percentage charge: some units, and some events that pay no fixed amount."""

    units: Decimal
    events: int


def _free(properties: Fields, aggregation: Aggregation) -> _Free:
    """Return what is free. If both limits are given, the one that is reached first ends it."""
    # A form sends zero for "none".
    events = properties.integer("free_units_per_events") or 0
    limit = properties.decimal("free_units_per_total_aggregation") or ZERO
    if not events and not limit:
        return _Free(ZERO, 0)
    running: list[Decimal] = []
    total = ZERO
    for value in aggregation.values[: events or None]:
        if not events and limit < total:
            break
        total += value
        running.append(total)
    last = running[-1] if running else ZERO
    below_limit = sum(1 for value in running if value < limit)
    free_events = min((count for count in (events, below_limit) if count), default=0)
    if not last:
        return _Free(ZERO, free_events)
    if not limit or last <= limit:
        return _Free(last, free_events)
    return _Free(limit, free_events)


def priced_units(model: str, properties: Mapping[str, Json], units: Decimal) -> Decimal:
    """Return the units that a price is shown per: of packages, only those that are not free."""
    if model != "package":
        return units
    return max(units - (Fields(properties).decimal("free_units") or ZERO), ZERO)


def free_of(properties: Fields, aggregation: Aggregation) -> tuple[Decimal, int]:
    """Return the units of a percentage charge that are free, and how many events pay no fixed amount at most."""
    free = _free(properties, aggregation)
    return free.units, free.events


def _percentage(properties: Fields, aggregation: Aggregation, mode: Mode) -> Decimal:
    """Charge a rate on the payable units, and a fixed amount for each event that is not free.

    With a minimum or maximum per transaction, which needs a licence, each event is priced on its own and kept within
    the limits.
    """
    rate = (properties.decimal("rate") or ZERO).scaleb(-2)
    fixed = properties.decimal("fixed_amount") or ZERO
    lowest = properties.decimal("per_transaction_min_amount")
    highest = properties.decimal("per_transaction_max_amount")
    if mode.premium and (lowest is not None or highest is not None):
        values = aggregation.values[:-1] if mode.before_event else aggregation.values
        return _bounded(properties, values, rate, fixed, lowest, highest)
    free = _free(properties, aggregation)
    amount = ZERO if free.units > aggregation.units else (aggregation.units - free.units) * rate
    if aggregation.units and free.events < aggregation.events_count:
        amount += (aggregation.events_count - free.events) * fixed
    return amount


def _bounded(
    properties: Fields,
    values: Sequence[Decimal],
    rate: Decimal,
    fixed: Decimal,
    lowest: Decimal | None,
    highest: Decimal | None,
) -> Decimal:
    total = ZERO
    free_events = properties.integer("free_units_per_events") or 0
    free_units = properties.decimal("free_units_per_total_aggregation") or ZERO
    for value in values:
        paid = value
        if free_events > 0 or free_units > 0:
            free_events -= 1
            if free_units <= 0:
                continue
            if free_units > paid:
                free_units -= paid
                continue
            paid -= free_units
            free_units, free_events = ZERO, 0
        amount = paid * rate + fixed
        if lowest is not None and amount < lowest:
            amount = lowest
        elif highest is not None and amount > highest:
            amount = highest
        total += amount
    return total


def _dynamic(_: Fields, aggregation: Aggregation, mode: Mode) -> Decimal:
    """Take the prices that the events brought, if there are any units."""
    full = aggregation.units if aggregation.full_units is None else aggregation.full_units
    return aggregation.given_cents.scaleb(-mode.decimals) if full else ZERO


_MODELS: Mapping[str, Callable[[Fields, Aggregation, Mode], Decimal]] = {
    "standard": _standard,
    "graduated": _graduated,
    "graduated_percentage": _graduated_percentage,
    "package": _package,
    "percentage": _percentage,
    "volume": _volume,
    "dynamic": _dynamic,
}

MODELS = tuple(_MODELS)


def price(model: str, properties: Mapping[str, Json], aggregation: Aggregation, mode: Mode = WHOLE) -> Decimal:
    """Return the exact amount in the main unit of the currency."""
    with localcontext(EXACT):
        return _MODELS[model](Fields(properties), aggregation, mode)
