"""The properties of charges: their defaults, which ones are kept, and how they are validated."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from lago_async.sandbox._money.pricing import ZERO
from lago_async.sandbox._protocol import refusals
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

_PRESENTATION_KEYS = 2


def default_properties(model: str) -> JsonObject:
    """Return the properties that the server assumes for a charge without any: everything is free."""
    match model:
        case "graduated":
            return {"graduated_ranges": [dict(_FREE_RANGE)]}
        case "volume":
            return {"volume_ranges": [dict(_FREE_RANGE)]}
        case "graduated_percentage":
            free: JsonObject = dict.fromkeys(("rate", "fixed_amount", "flat_amount"), "0")
            free |= {"from_value": 0, "to_value": None}
            return {"graduated_percentage_ranges": [free]}
        case "package":
            return {"amount": "0", "free_units": 0, "package_size": 1}
        case "percentage":
            return {"rate": "0"}
        case "standard":
            return {"amount": "0"}
        case _:
            return {}


def kept_properties(model: str, properties: Mapping[str, Json]) -> JsonObject:
    """Keep the properties that the model knows, and the grouping keys under both their old and their new name."""
    kept: JsonObject = {name: properties[name] for name in _KEPT.get(model, ()) if name in properties}
    keys = properties.get("pricing_group_keys") or properties.get("grouped_by")
    if keys:
        if not isinstance(keys, list) or not all(isinstance(key, str | list | dict) for key in keys):
            # The server looks for empty keys before it looks at their type.
            raise refusals.crashed()
        kept["grouped_by"] = kept["pricing_group_keys"] = [key for key in keys if key]
    if properties.get("presentation_group_keys"):
        kept["presentation_group_keys"] = properties["presentation_group_keys"]
    return kept


def _valid_amount(value: Json) -> bool:
    """Return whether a value is an amount: text, because a JSON number may have lost digits."""
    if not isinstance(value, str):
        return False
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def _whole(value: Json, *, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


class _Found:
    """The errors of properties by field, in the order in which the fields were found wrong."""

    def __init__(self) -> None:
        self.codes: dict[str, list[str]] = {}

    def check(self, field: str, code: str, *, holds: bool) -> None:
        if not holds:
            self.codes.setdefault(field, []).append(code)


def _bound(value: Json) -> Decimal:
    """Return a bound of a range; the server fails on a text that is not a number."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise refusals.crashed() from None


def _check_ranges(found: _Found, model: str, properties: Fields) -> None:
    """Check that ranges are complete, begin at 0 and follow each other without a gap."""
    name = f"{model}_ranges"
    ranges = properties.list_of_fields(name)
    if not ranges:
        found.check(name, f"missing_{name}", holds=False)
        return
    amounts = (("per_unit_amount", "invalid_amount"), ("flat_amount", "invalid_amount"))
    if model == "graduated_percentage":
        amounts = (("flat_amount", "invalid_amount"), ("rate", "invalid_rate"))
    following = ZERO
    for position, given in enumerate(ranges):
        for field, code in amounts:
            found.check(field, code, holds=_valid_amount(given.raw(field)))
        start, end, last = _bound(given.raw("from_value")), given.raw("to_value"), position == len(ranges) - 1
        ends_well = end is None if last else _bound(end or 0) > start
        found.check(name, f"invalid_{name}", holds=start in {following, following + 1} and ends_well)
        following = _bound(end or 0) + (1 if model == "volume" else 0)


def _check_groups(found: _Found, properties: Fields) -> None:
    keys = properties.raw("pricing_group_keys")
    texts = isinstance(keys, list) and all(isinstance(key, str) and key.strip() for key in keys)
    found.check("pricing_group_keys", "invalid_type", holds=keys is None or texts)
    shown = properties.raw("presentation_group_keys")
    if not shown:
        return
    entries = shown if isinstance(shown, list) else []
    name = "presentation_group_keys"
    found.check(name, "invalid_type", holds=bool(entries) and all(_is_presentation_key(entry) for entry in entries))
    found.check(name, "too_many_keys", holds=len(entries) <= _PRESENTATION_KEYS)
    values = [entry.get("value") for entry in entries if isinstance(entry, dict)]
    found.check(name, "value_is_duplicated", holds=len(values) == len({str(value) for value in values}))


def _is_presentation_key(entry: Json) -> bool:
    """Return whether an entry has a value, and no options but whether it is shown on the invoice."""
    if not isinstance(entry, dict) or not set(entry) <= {"value", "options"}:
        return False
    value, options = entry.get("value"), entry.get("options")
    if not isinstance(value, str) or not value.strip():
        return False
    if "options" not in entry:
        return True
    return (
        isinstance(options, dict)
        and set(options) == {"display_in_invoice"}
        and isinstance(options["display_in_invoice"], bool)
    )


def _check_percentage(found: _Found, properties: Fields, *, premium: bool) -> None:
    found.check("rate", "invalid_rate", holds=_valid_amount(properties.raw("rate")))
    fixed, events = properties.raw("fixed_amount"), properties.raw("free_units_per_events")
    found.check("fixed_amount", "invalid_fixed_amount", holds=fixed is None or _valid_amount(fixed))
    name = "free_units_per_events"
    found.check(name, f"invalid_{name}", holds=events is None or _whole(events, least=1))
    name = "free_units_per_total_aggregation"
    free = properties.raw(name)
    found.check(name, f"invalid_{name}", holds=free is None or _valid_amount(free))
    if not premium:
        return
    least, most = (properties.raw(f"per_transaction_{end}_amount") for end in ("min", "max"))
    for end, value in (("min", least), ("max", most)):
        found.check(f"per_transaction_{end}_amount", "invalid_amount", holds=not value or _valid_amount(value))
    if least is not None and most is not None:
        code = "per_transaction_max_lower_than_per_transaction_min"
        found.check("per_transaction_max_amount", code, holds=_bound(least) <= _bound(most))


def property_errors(model: str, given: Mapping[str, Json], *, premium: bool, latest: bool = False) -> list[str]:
    """Return the server's codes for invalid properties, in its order. ``latest``: the metric takes the last value."""
    errors = field_errors(model, given, premium=premium, latest=latest)
    return [code for codes in errors.values() for code in codes]


def field_errors(
    model: str, given: Mapping[str, Json], *, premium: bool, latest: bool = False
) -> Mapping[str, list[str]]:
    """Return the server's codes for invalid properties by the field that is wrong."""
    properties, found = Fields(given), _Found()
    if model in {"percentage", "graduated_percentage"}:
        found.check("billable_metric", "invalid_value", holds=not latest)
    match model:
        case "standard":
            found.check("amount", "invalid_amount", holds=_valid_amount(properties.raw("amount")))
        case "package":
            found.check("amount", "invalid_amount", holds=_valid_amount(properties.raw("amount")))
            found.check("free_units", "invalid_free_units", holds=_whole(properties.raw("free_units"), least=0))
            found.check("package_size", "invalid_package_size", holds=_whole(properties.raw("package_size"), least=1))
        case "percentage":
            _check_percentage(found, properties, premium=premium)
        case "graduated" | "volume" | "graduated_percentage":
            _check_ranges(found, model, properties)
        case _:
            pass
    _check_groups(found, properties)
    return found.codes
