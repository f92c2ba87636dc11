"""How the amount of a fee came about, as the fee tells it: the parts of a price, by charge model."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from lago_async.sandbox._money import pricing
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.pricing import Mode
from lago_async.sandbox._money.rounding import rounded
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text

_ZERO = Decimal(0)


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
    part = _ZERO if free_units > units else ((units - free_units) * rate).scaleb(-2)
    fees = (count - most) * fixed if units and most < count else _ZERO
    bounded = any(properties.raw(f"per_transaction_{end}_amount") for end in ("min", "max"))
    adjustment = _ZERO
    if mode.premium and bounded:
        adjustment = pricing.price("percentage", given, aggregation, mode) - part - fees
    return {
        "units": _text(units),
        "free_units": _text(free_units),
        "free_events": free_events,
        "paid_units": _text(max(units - free_units, _ZERO)),
        "rate": _text(rate),
        "per_unit_total_amount": _text(part),
        "paid_events": count - free_events,
        "fixed_fee_unit_amount": _text(fixed if count > free_events else _ZERO),
        "fixed_fee_total_amount": _text(fees),
        "min_max_adjustment_total_amount": _text(adjustment),
    }


_PERCENTAGE_PARTS = (
    "units",
    "paid_units",
    "free_events",
    "paid_events",
    "fixed_fee_total_amount",
    "min_max_adjustment_total_amount",
    "per_unit_total_amount",
)


def details_of_event(
    model: str, given: Mapping[str, Json], with_event: Aggregation, without: Aggregation, mode: Mode
) -> JsonObject:
    """Return the parts of the price of one event: those of all usage less those before it. Few models have any."""
    if model == "percentage":
        after, before = (Fields(_percentage(given, usage, mode)) for usage in (with_event, without))
        parts = {name: _less(after, before, name) for name in _PERCENTAGE_PARTS}
        parts["free_units"] = parts["units"] - parts["paid_units"]
        shown: JsonObject = {name: _text(part) for name, part in parts.items()}
        return {**shown, "rate": after.raw("rate"), "fixed_fee_unit_amount": after.raw("fixed_fee_unit_amount")}
    if model == "graduated_percentage":
        properties = Fields(given)
        after, before = (Fields(_graduated_percentage(properties, usage.units)) for usage in (with_event, without))
        earlier = {each.raw("from_value"): each for each in before.list_of_fields("graduated_percentage_ranges") or []}
        ranges = after.list_of_fields("graduated_percentage_ranges") or []
        return {
            "graduated_percentage_ranges": [
                _range_of_event(each, earlier.get(each.raw("from_value"), Fields({}))) for each in ranges
            ]
        }
    return {}


def _range_of_event(after: Fields, before: Fields) -> JsonObject:
    total, units = _less(after, before, "total_with_flat_amount"), _less(after, before, "units")
    return {
        "from_value": after.raw("from_value"),
        "to_value": after.raw("to_value"),
        "flat_unit_amount": _text(_less(after, before, "flat_unit_amount")),
        "rate": after.raw("rate"),
        "units": _text(units),
        "per_unit_total_amount": _text(rounded(total / units, "round", 2) if units > 0 else None),
        "total_with_flat_amount": _text(total),
    }


def _less(after: Fields, before: Fields, name: str) -> Decimal:
    return (after.decimal(name) or _ZERO) - (before.decimal(name) or _ZERO)


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
