"""How the amount of a fee came about, as the fee tells it: the parts of a price, by charge model."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import pairwise

import attrs

from lago_async.sandbox._money import pricing
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.pricing import Mode
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text

_ZERO, _CENT = Decimal(0), Decimal("0.01")


def _text(value: Decimal | None) -> str:
    return decimal_text(value or _ZERO)


def _tiers(given: list[Fields], units: Decimal) -> list[Fields]:
    """Return the ranges up to the one that holds the units."""
    reached: list[Fields] = []
    for tier in given:
        reached.append(tier)
        end = tier.decimal("to_value")
        if end is None or end >= units:
            break
    return reached


def _graduated(properties: Fields, units: Decimal) -> JsonObject:
    given = properties.list_of_fields("graduated_ranges") or []
    pairs = list(pairwise(given))
    adjacent = bool(pairs) and all(
        following.decimal("from_value") == (before.decimal("to_value") or _ZERO) for before, following in pairs
    )
    shown: list[Json] = []
    for tier in _tiers(given, units):
        start, end = tier.decimal("from_value") or _ZERO, tier.decimal("to_value")
        within = end if end is not None and units >= end else units
        if start:
            within = within - start + (0 if adjacent else 1)
        flat = tier.decimal("flat_amount") or _ZERO
        rate = tier.decimal("per_unit_amount") or _ZERO if within else _ZERO
        shown.append(
            {
                "from_value": tier.raw("from_value"),
                "to_value": tier.raw("to_value"),
                "flat_unit_amount": _text(flat),
                "per_unit_amount": _text(rate),
                "units": _text(within),
                "per_unit_total_amount": _text(within * rate),
                "total_with_flat_amount": _text(within * rate + flat),
            }
        )
    return {"graduated_ranges": shown}


def _graduated_percentage(properties: Fields, units: Decimal) -> JsonObject:
    shown: list[Json] = []
    for tier in _tiers(properties.list_of_fields("graduated_percentage_ranges") or [], units):
        start, end = tier.decimal("from_value") or _ZERO, tier.decimal("to_value")
        reached = end if end is not None and units >= end else units
        within = reached - start + 1 if start else reached
        flat, rate = tier.decimal("flat_amount") or _ZERO, tier.decimal("rate") or _ZERO
        part = (within * rate).scaleb(-2)
        shown.append(
            {
                "from_value": tier.raw("from_value"),
                "to_value": tier.raw("to_value"),
                "flat_unit_amount": _text(flat),
                "rate": _text(rate),
                "units": _text(within),
                "per_unit_total_amount": _text(part),
                "total_with_flat_amount": _text(part + flat),
            }
        )
    return {"graduated_percentage_ranges": shown}


def _volume(properties: Fields, aggregation: Aggregation) -> JsonObject:
    total = aggregation.units if aggregation.full_units is None else aggregation.full_units
    whole = total.to_integral_value(ROUND_CEILING)
    for tier in properties.list_of_fields("volume_ranges") or []:
        end = tier.decimal("to_value")
        if (tier.decimal("from_value") or _ZERO) <= whole and (end is None or total <= end):
            part = aggregation.units * (tier.decimal("per_unit_amount") or _ZERO)
            return {
                "flat_unit_amount": _text(tier.decimal("flat_amount")),
                "per_unit_amount": str(float(part) / float(total)) if total else "0.0",
                "per_unit_total_amount": _text(part),
            }
    return {}


def _package(properties: Fields, units: Decimal) -> JsonObject:
    if not units:
        return {"free_units": "0.0", "paid_units": "0.0", "per_package_size": 0, "per_package_unit_amount": "0.0"}
    free = properties.decimal("free_units") or _ZERO
    return {
        "free_units": _text(free),
        "paid_units": _text(max(units - free, _ZERO)),
        "per_package_size": properties.raw("package_size"),
        "per_package_unit_amount": _text(properties.decimal("amount")),
    }


def _percentage(given: Mapping[str, Json], aggregation: Aggregation, mode: Mode) -> JsonObject:
    properties = Fields(given)
    units, count = aggregation.units, aggregation.events_count
    free_units, most = pricing.free_of(properties, aggregation)
    rate, fixed = properties.decimal("rate") or _ZERO, properties.decimal("fixed_amount") or _ZERO
    free_events = min(most, count)
    paid_events = count - free_events
    part = _ZERO if free_units > units else ((units - free_units) * rate).scaleb(-2)
    fees = (count - most) * fixed if units and most < count else _ZERO
    bounded = any(properties.raw(f"per_transaction_{end}_amount") for end in ("min", "max"))
    adjustment = _ZERO
    if mode.premium and bounded:
        adjustment = pricing.price("percentage", given, aggregation, mode) - part - fees
    return {
        "units": _text(units),
        "free_units": _text(free_units),
        "free_events": _text(Decimal(count)) if aggregation.decimal_count and count < most else free_events,
        "paid_units": _text(max(units - free_units, _ZERO)),
        "rate": _text(rate),
        "per_unit_total_amount": _text(part),
        "paid_events": _text(Decimal(paid_events)) if aggregation.decimal_count else paid_events,
        "fixed_fee_unit_amount": _text(fixed if paid_events else _ZERO),
        "fixed_fee_total_amount": _text(fees),
        "min_max_adjustment_total_amount": _text(adjustment),
    }


def details(model: str, given: Mapping[str, Json], aggregation: Aggregation, mode: Mode) -> JsonObject:
    """Return the parts of the price of some usage; models with a single price have none."""
    properties = Fields(given)
    match model:
        case "graduated":
            prorated = aggregation.full_units is not None and bool(aggregation.shares)
            return {} if prorated else _graduated(properties, aggregation.units)
        case "graduated_percentage":
            return _graduated_percentage(properties, aggregation.units)
        case "volume":
            return _volume(properties, aggregation)
        case "package":
            return _package(properties, aggregation.units)
        case "percentage":
            return _percentage(given, aggregation, mode)
        case _:
            return {}


_OF_EVENT = (
    "units",
    "paid_units",
    "free_events",
    "paid_events",
    "fixed_fee_total_amount",
    "min_max_adjustment_total_amount",
    "per_unit_total_amount",
)


def _number(shown: Mapping[str, Json], name: str) -> Decimal:
    return Decimal(str(shown.get(name, 0)))


def _percentage_of_event(after: JsonObject, before: JsonObject) -> JsonObject:
    parts = {name: _number(after, name) - _number(before, name) for name in _OF_EVENT}
    parts["free_units"] = parts["units"] - parts["paid_units"]
    kept = {name: after[name] for name in ("rate", "fixed_fee_unit_amount")}
    return kept | {name: _text(part) for name, part in parts.items()}


def _ranges_of(shown: JsonObject) -> list[JsonObject]:
    ranges = shown["graduated_percentage_ranges"]
    return [item for item in ranges if isinstance(item, dict)] if isinstance(ranges, list) else []


def _ranges_of_event(after: JsonObject, before: JsonObject, *, first: bool) -> JsonObject:
    known = {item["from_value"]: item for item in _ranges_of(before)} if before else {}
    shown: list[Json] = []
    for item in _ranges_of(after):
        earlier = known.get(item["from_value"], {})
        # Before its first event, a charge has not earned the flat amount of its first range.
        flats = {} if first else earlier
        total = _number(item, "total_with_flat_amount") - _number(flats, "total_with_flat_amount")
        units = _number(item, "units") - _number(earlier, "units")
        shown.append(
            {
                "from_value": item["from_value"],
                "to_value": item["to_value"],
                "flat_unit_amount": _text(_number(item, "flat_unit_amount") - _number(flats, "flat_unit_amount")),
                "rate": item["rate"],
                "units": _text(units),
                "per_unit_total_amount": _text((total / units).quantize(_CENT, ROUND_HALF_UP) if units > 0 else _ZERO),
                "total_with_flat_amount": _text(total),
            }
        )
    return {"graduated_percentage_ranges": shown}


def details_of_event(
    model: str, given: Mapping[str, Json], with_event: Aggregation, without: Aggregation, mode: Mode
) -> JsonObject:
    """Return the parts of the price of one event of a charge in advance, for the models that have them."""
    after = details(model, given, with_event, mode)
    before = details(model, given, without, attrs.evolve(mode, before_event=True))
    match model:
        case "percentage":
            return _percentage_of_event(after, before)
        case "graduated_percentage":
            return _ranges_of_event(after, before, first=not without.units)
        case _:
            return {}
