"""Features with their privileges."""

import attrs

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
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


@handles("find_all_features")
def find_all_features(call: OperationCall) -> PagedList:
    """List the features that match, newest first."""
    term = (call.params.filled("search_term") or "").lower().strip()
    rows = [
        feature
        for feature in call.store.features.newest_first()
        if any(term in (text or "").lower() for text in (feature.name, feature.code, feature.description))
    ]
    return Window.of(call.params).page(rows, lambda feature: encode(feature_json(call.store, feature)))


@handles("destroy_feature")
def destroy_feature(call: OperationCall) -> JsonObject:
    """Delete a feature with its privileges and all its entitlements."""
    feature = FEATURES.record(call)
    _tell_plans(call.store, feature)
    for holder in (*call.store.plans, *call.store.all_subscriptions()):
        holder.entitlements.pop(feature.code, None)
    feature.privileges = {}
    call.store.emit("feature.deleted", feature)
    return FEATURES.destroy(call)


def _tell_plans(store: Store, feature: Feature) -> None:
    """Tell of the plans that have a feature: a change of it changes them."""
    for plan in store.plans:
        if feature.code in plan.entitlements:
            store.emit("plan.updated", plan)


def _check_length(found: refusals.FieldErrors, field: str, text: str | None, longest: int = 255) -> None:
    if text is not None and len(text) > longest:
        found.add(field, "value_is_too_long")


def _new_privilege(store: Store, item: Fields) -> Privilege:
    code, value_type = (
        (item.text("code") or "").strip(),
        item.text("value_type") if item.has("value_type") else "string",
    )
    config = item.mapping("config") or {}
    options = config.get("select_options")
    found = refusals.FieldErrors()
    if not code:
        found.add("privilege.code", "value_is_mandatory")
    _check_length(found, "privilege.code", code)
    _check_length(found, "privilege.name", item.text("name"))
    if not value_type:
        found.add("privilege.value_type", "value_is_mandatory")
    if value_type not in _VALUE_TYPES:
        found.add("privilege.value_type", "value_is_invalid")
    texts = isinstance(options, list) and bool(options) and all(isinstance(option, str) for option in options)
    if (not texts or len(config) > 1) if value_type == "select" else bool(config):
        found.add("privilege.config", "invalid_format")
    found.refuse()
    return Privilege(
        created_at=store.now,
        code=code,
        name=item.text("name"),
        value_type=value_type or "",
        select_options=item.fields("config").strings("select_options") or [],
    )


def _privileges(store: Store, given: Fields, before: dict[str, Privilege]) -> dict[str, Privilege]:
    """Return the existing privileges and those that were sent; a known one gets a new name and more options."""
    _check_duplicates(given)
    privileges = dict(before)
    for item in given.list_of_fields("privileges") or []:
        known = privileges.get(item.text("code") or "")
        if known is None:
            made = _new_privilege(store, item)
            privileges[made.code] = made
            continue
        options = item.fields("config").strings("select_options") or []
        name = item.text("name") if item.has("name") else known.name
        privileges[known.code] = attrs.evolve(
            known, name=name, select_options=list(dict.fromkeys([*known.select_options, *options]))
        )
    return privileges


def _check_duplicates(given: Fields) -> None:
    codes = [item.text("code") for item in given.list_of_fields("privileges") or []]
    if len(set(codes)) < len(codes):
        raise refusals.invalid_field("privilege.code", "value_is_duplicated")


def _check_feature(feature: Feature) -> None:
    found = refusals.FieldErrors()
    if not feature.code:
        found.add("code", "value_is_mandatory")
    _check_length(found, "code", feature.code)
    _check_length(found, "name", feature.name)
    _check_length(found, "description", feature.description, 600)
    found.refuse()


@handles("create_feature")
def create_feature(call: OperationCall) -> JsonObject:
    """Create a feature."""
    store, given = call.store, call.envelope()
    feature = Feature(
        created_at=store.now,
        code=(given.text("code") or "").strip(),
        name=given.text("name"),
        description=given.text("description"),
        privileges={},
    )
    _check_duplicates(given)
    _check_feature(feature)
    if store.features.find(feature.code) is not None:
        raise refusals.invalid_field("code", "value_already_exist")
    feature.privileges = _privileges(store, given, {})
    store.features.add(feature)
    store.emit("feature.created", feature)
    return feature_json(store, feature)


@handles("update_feature")
def update_feature(call: OperationCall) -> JsonObject:
    """Change a feature. Privileges that are sent are added or renamed; none is removed."""
    feature, given = FEATURES.record(call), call.envelope()
    privileges = _privileges(call.store, given, feature.privileges)
    name = given.text("name") if given.has("name") else feature.name
    description = given.text("description") if given.has("description") else feature.description
    _check_feature(attrs.evolve(feature, name=name, description=description))
    feature.privileges, feature.name, feature.description = privileges, name, description
    _tell_plans(call.store, feature)
    call.store.emit("feature.updated", feature)
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
    _tell_plans(call.store, feature)
    call.store.emit("feature.updated", feature)
    return feature_json(call.store, feature)
