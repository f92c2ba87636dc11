"""The properties of charges: their defaults, which ones are kept, and how they are validated."""

from collections.abc import Mapping
from decimal import Decimal

from lago_async.sandbox._money.pricing import ZERO
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject

_KEPT = {
    "standard": ("amount",),
    "graduated": ("graduated_ranges",),
    "graduated_percentage": ("graduated_percentage_ranges",),
    "package": ("amount", "free_units", "package_size"),
    "percentage": (
        "rate",
        "fixed_amount",
        "free_units_per_events",
        "free_units_per_total_aggregation",
        "per_transaction_max_amount",
        "per_transaction_min_amount",
    ),
    "volume": ("volume_ranges",),
    "dynamic": (),
}

_FREE_RANGE: JsonObject = {"from_value": 0, "to_value": None, "flat_amount": "0", "per_unit_amount": "0"}


def default_properties(model: str) -> JsonObject:
    """Return the properties that the server assumes for a charge without any: everything is free."""
    match model:
        case "graduated":
            return {"graduated_ranges": [dict(_FREE_RANGE)]}
        case "volume":
            return {"volume_ranges": [dict(_FREE_RANGE)]}
        case "graduated_percentage":
            free: JsonObject = {"from_value": 0, "to_value": None, "flat_amount": "0", "rate": "0"}
            return {"graduated_percentage_ranges": [free]}
        case "package":
            return {"amount": "0", "free_units": 0, "package_size": 1}
        case "percentage":
            return {"rate": "0"}
        case "dynamic":
            return {}
        case _:
            return {"amount": "0"}


def kept_properties(model: str, properties: Mapping[str, Json]) -> JsonObject:
    """Keep the properties that the model knows, and the grouping keys under both their old and their new name."""
    kept: JsonObject = {name: properties[name] for name in _KEPT[model] if name in properties}
    keys = properties.get("pricing_group_keys") or properties.get("grouped_by")
    if keys:
        kept["grouped_by"] = kept["pricing_group_keys"] = keys
    if properties.get("presentation_group_keys"):
        kept["presentation_group_keys"] = properties["presentation_group_keys"]
    return kept


def _not_negative(number: Decimal | None) -> bool:
    return number is not None and number >= 0


def _range_errors(properties: Fields, name: str, rate: str) -> list[str]:
    """Check that ranges are complete, begin at 0 and follow each other without a gap."""
    ranges = properties.list_of_fields(name)
    if not ranges:
        return [f"missing_{name}"]
    errors: list[str] = []
    amounts = (given.decimal(field) for given in ranges for field in ("flat_amount", rate))
    if not all(_not_negative(amount) for amount in amounts):
        errors.append("invalid_amount" if rate == "per_unit_amount" else "invalid_rate")
    expected: Decimal | None = ZERO
    for given in ranges:
        start, end = given.decimal("from_value"), given.decimal("to_value")
        if expected is None or start != expected or (end is not None and end < expected):
            errors.append(f"invalid_{name}")
            return errors
        expected = None if end is None else end + 1
    if expected is not None:
        errors.append(f"invalid_{name}")
    return errors


def property_errors(model: str, given: Mapping[str, Json]) -> list[str]:
    """Return the server's codes for invalid properties of a charge."""
    properties = Fields(given)
    errors: list[str] = []

    def check(name: str, code: str, *, needed: bool = False, above: int = -1) -> None:
        if properties.raw(name) is None and not needed:
            return
        number = properties.decimal(name)
        if number is None or number < 0 or number <= above:
            errors.append(code)

    match model:
        case "standard":
            check("amount", "invalid_amount", needed=True)
        case "package":
            check("amount", "invalid_amount", needed=True)
            check("free_units", "invalid_free_units", needed=True)
            check("package_size", "invalid_package_size", needed=True, above=0)
        case "percentage":
            check("rate", "invalid_rate", needed=True)
            check("fixed_amount", "invalid_fixed_amount")
            check("free_units_per_events", "invalid_free_units_per_events")
            check("free_units_per_total_aggregation", "invalid_free_units_per_total_aggregation")
            check("per_transaction_max_amount", "invalid_amount")
            check("per_transaction_min_amount", "invalid_amount")
        case "dynamic":
            pass
        case "graduated" | "volume":
            errors += _range_errors(properties, f"{model}_ranges", "per_unit_amount")
        case _:
            errors += _range_errors(properties, f"{model}_ranges", "rate")
    return errors
