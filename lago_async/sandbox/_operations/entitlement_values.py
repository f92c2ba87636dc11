"""The values of privileges that a request sets."""

from lago_async.sandbox._operations.features import FEATURES
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.features import Privilege


def _value(privilege: Privilege, value: Json) -> Json:
    """Return a value in the type of its privilege; refuse a value of another type."""
    refusal = refusals.invalid_field(f"{privilege.code}_privilege_value", "value_is_invalid")
    if privilege.value_type == "integer":
        number = Fields({"value": value}).integer("value")
        if number is None:
            raise refusal
        return number
    if privilege.value_type == "boolean":
        if value not in (True, False, "true", "false"):
            raise refusal
        return value in (True, "true")
    text = Fields({"value": value}).text("value")
    if text is None or (privilege.value_type == "select" and text not in privilege.select_options):
        raise refusal
    return text


def given_values(call: OperationCall) -> dict[str, JsonObject]:
    """Return the values of a request by feature and privilege code; all of them must exist."""
    given = call.params.mapping("entitlements") or {}
    checked: dict[str, JsonObject] = {}
    for feature_code, values in given.items():
        feature = FEATURES.with_code(call.store, feature_code)
        checked[feature_code] = {}
        for code, value in (values if isinstance(values, dict) else {}).items():
            privilege = feature.privileges.get(code)
            if privilege is None:
                raise refusals.not_found("privilege")
            checked[feature_code][code] = _value(privilege, value)
    return checked
