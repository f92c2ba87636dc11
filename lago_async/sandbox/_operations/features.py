"""Features with their privileges."""

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.features import Feature, Privilege
from lago_async.sandbox._state.store import Store

_VALUE_TYPES = ("integer", "string", "boolean", "select")


def privilege_json(privilege: Privilege) -> JsonObject:
    """Return a privilege as responses show it."""
    return {
        "code": privilege.code,
        "name": privilege.name,
        "value_type": privilege.value_type,
        "config": {"select_options": list[Json](privilege.select_options)} if privilege.select_options else {},
    }


def feature_json(_: Store, feature: Feature) -> JsonObject:
    """Return a feature with its privileges."""
    return {
        "code": feature.code,
        "name": feature.name,
        "description": feature.description,
        "privileges": [privilege_json(privilege) for privilege in feature.privileges.values()],
        "created_at": to_iso(feature.created_at),
    }


FEATURES = Catalogue(root="feature", records=lambda store: store.features, render=feature_json)
handles("find_feature")(FEATURES.find)
handles("find_all_features")(FEATURES.list_all)
handles("destroy_feature")(FEATURES.destroy)


def _privileges(store: Store, given: Fields, before: dict[str, Privilege]) -> dict[str, Privilege]:
    """Return the existing privileges and those that were sent; for a known code only the name changes."""
    privileges = dict(before)
    for item in given.list_of_fields("privileges") or []:
        code = item.filled("code")
        if code is None:
            raise refusals.invalid_field("privilege.code", "value_is_mandatory")
        known = privileges.get(code)
        if known is not None:
            known.name = item.text("name") if item.has("name") else known.name
            continue
        value_type = item.text("value_type") or "string"
        options = item.fields("config").strings("select_options") or []
        if value_type not in _VALUE_TYPES:
            raise refusals.invalid_field("privilege.value_type", "value_is_invalid")
        if value_type == "select" and not options:
            raise refusals.invalid_field("privilege.config", "invalid_format")
        privileges[code] = Privilege(
            created_at=store.now,
            code=code,
            name=item.text("name"),
            value_type=value_type,
            select_options=options if value_type == "select" else [],
        )
    return privileges


@handles("create_feature")
def create_feature(call: OperationCall) -> JsonObject:
    """Create a feature."""
    store, given = call.store, call.envelope()
    code = given.filled("code")
    if code is None or store.features.find(code) is not None:
        raise refusals.invalid_field("code", "value_is_mandatory" if code is None else "value_already_exist")
    feature = Feature(
        created_at=store.now,
        code=code,
        name=given.text("name"),
        description=given.text("description"),
        privileges=_privileges(store, given, {}),
    )
    store.features.add(feature)
    return feature_json(store, feature)


@handles("update_feature")
def update_feature(call: OperationCall) -> JsonObject:
    """Change a feature. Privileges that are sent are added or renamed; none is removed."""
    feature, given = FEATURES.record(call), call.envelope()
    privileges = _privileges(call.store, given, feature.privileges)
    feature.privileges = privileges
    if given.has("name"):
        feature.name = given.text("name")
    if given.has("description"):
        feature.description = given.text("description")
    return feature_json(call.store, feature)


@handles("delete_feature_privilege")
def delete_feature_privilege(call: OperationCall) -> JsonObject:
    """Remove a privilege from a feature, and from all its entitlements."""
    feature, code = FEATURES.record(call), call.path_params[1]
    if code not in feature.privileges:
        raise refusals.not_found("privilege")
    del feature.privileges[code]
    for holder in (*call.store.plans, *call.store.all_subscriptions()):
        holder.entitlements.get(feature.code, {}).pop(code, None)
    return feature_json(call.store, feature)
