"""The values of privileges that a request sets."""

from lago_async.sandbox._operations.features import FEATURES
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.features import Privilege


def _value(privilege: Privilege, value: Json) -> Json:
    """Return a value in the type of its privilege; refuse a value of another type."""
    field = f"{privilege.code}_privilege_value"
    if value is None:
        return None
    if privilege.value_type == "select":
        if value not in privilege.select_options:
            raise refusals.invalid_field(field, "value_not_in_select_options")
        return value
    if privilege.value_type == "boolean" and value in (True, False, "true", "false"):
        return value in (True, "true")
    if privilege.value_type == "integer" and not isinstance(value, bool):
        if isinstance(value, int):
            return value
        if isinstance(value, str) and value.removeprefix("-").isdecimal() and str(int(value)) == value:
            return int(value)
    if privilege.value_type == "string" and isinstance(value, str):
        return value
    raise refusals.invalid_field(field, "value_is_invalid")


def given_values(call: OperationCall) -> dict[str, JsonObject]:
    """Return the values of a request by feature and privilege code; all of them must exist."""
    given = call.params.mapping("entitlements") or {}
    checked: dict[str, JsonObject] = {}
    for feature_code, values in given.items():
        feature = FEATURES.with_code(call.store, feature_code)
        checked[feature_code] = {}
        if values is not None and not isinstance(values, dict):
            raise refusals.crashed()
        for code, value in (values or {}).items():
            privilege = feature.privileges.get(code)
            if privilege is None:
                raise refusals.not_found("privilege")
            checked[feature_code][code] = _value(privilege, value)
    return checked
