"""Features with their privileges, and what plans and subscriptions entitle to."""

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.registry import Call, Listing, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode, iso
from lago_async.sandbox._state.records import Feature, Plan, Privilege, Subscription
from lago_async.sandbox._state.store import Store

_VALUE_TYPES = ("integer", "string", "boolean", "select")


def _privilege_json(privilege: Privilege) -> JsonObject:
    return {
        "code": privilege.code,
        "name": privilege.name,
        "value_type": privilege.value_type,
        "config": {"select_options": list[Json](privilege.select_options)} if privilege.select_options else {},
    }


def feature_json(_: Store, feature: Feature) -> JsonObject:
    """A feature with its privileges."""
    return {
        "code": feature.code,
        "name": feature.name,
        "description": feature.description,
        "privileges": [_privilege_json(each) for each in feature.privileges.values()],
        "created_at": iso(feature.created_at),
    }


FEATURES = Catalogue(root="feature", records=lambda store: store.features, render=feature_json)
handles("find_feature")(FEATURES.find)
handles("find_all_features")(FEATURES.list_all)
handles("destroy_feature")(FEATURES.destroy)


def _privileges(store: Store, given: Fields, before: dict[str, Privilege]) -> dict[str, Privilege]:
    """Those there were, and those that were sent; a known code changes only its name."""
    privileges = dict(before)
    for each in given.list_of_fields("privileges") or []:
        code = each.filled("code")
        if code is None:
            raise refusals.invalid_field("privilege.code", "value_is_mandatory")
        known = privileges.get(code)
        if known is not None:
            known.name = each.text("name") if each.has("name") else known.name
            continue
        value_type = each.text("value_type") or "string"
        options = each.fields("config").strings("select_options") or []
        if value_type not in _VALUE_TYPES:
            raise refusals.invalid_field("privilege.value_type", "value_is_invalid")
        if value_type == "select" and not options:
            raise refusals.invalid_field("privilege.config", "invalid_format")
        privileges[code] = Privilege(
            created_at=store.now,
            code=code,
            name=each.text("name"),
            value_type=value_type,
            select_options=options if value_type == "select" else [],
        )
    return privileges


def _feature(call: Call, code: str) -> Feature:
    feature = call.store.features.find(code)
    if feature is None:
        raise refusals.not_found("feature")
    return feature


@handles("create_feature")
def create_feature(call: Call) -> JsonObject:
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
def update_feature(call: Call) -> JsonObject:
    """Change a feature. Privileges that are sent are added or renamed; none goes."""
    feature, given = _feature(call, call.identifier), call.envelope()
    privileges = _privileges(call.store, given, feature.privileges)
    feature.privileges = privileges
    if given.has("name"):
        feature.name = given.text("name")
    if given.has("description"):
        feature.description = given.text("description")
    return feature_json(call.store, feature)


@handles("delete_feature_privilege")
def delete_feature_privilege(call: Call) -> JsonObject:
    """Take a privilege from a feature, and from all that entitles to it."""
    feature, code = _feature(call, call.identifier), call.path_params[1]
    if code not in feature.privileges:
        raise refusals.not_found("privilege")
    del feature.privileges[code]
    for holder in (*call.store.plans, *call.store.all_subscriptions()):
        holder.entitlements.get(feature.code, {}).pop(code, None)
    return feature_json(call.store, feature)


def _plan_entitlement_json(feature: Feature, values: JsonObject) -> JsonObject:
    known = [(feature.privileges[code], value) for code, value in values.items() if code in feature.privileges]
    return {
        "code": feature.code,
        "name": feature.name,
        "description": feature.description,
        "privileges": [{**_privilege_json(privilege), "value": value} for privilege, value in known],
    }


def plan_entitlements_json(store: Store, plan: Plan) -> list[Json]:
    """What a plan entitles to."""
    found = ((store.features.find(code), values) for code, values in plan.original.entitlements.items())
    return [_plan_entitlement_json(feature, values) for feature, values in found if feature is not None]


def _value(privilege: Privilege, value: Json) -> Json:
    """The value in its type; refused where it is of another."""
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


def _given(call: Call) -> dict[str, JsonObject]:
    """The nested map of a request: feature codes, privilege codes, values; all of them have to exist."""
    given = call.params.mapping("entitlements") or {}
    checked: dict[str, JsonObject] = {}
    for feature_code, values in given.items():
        feature = _feature(call, feature_code)
        checked[feature_code] = {}
        for code, value in (values if isinstance(values, dict) else {}).items():
            privilege = feature.privileges.get(code)
            if privilege is None:
                raise refusals.not_found("privilege")
            checked[feature_code][code] = _value(privilege, value)
    return checked


def _plan(call: Call) -> Plan:
    plan = call.store.plans.find(call.identifier)
    if plan is None:
        raise refusals.not_found("plan")
    return plan


def _entitlement(call: Call, plan: Plan) -> tuple[Feature, JsonObject]:
    code = call.path_params[1]
    feature = call.store.features.find(code)
    if feature is None or code not in plan.entitlements:
        raise refusals.not_found("entitlement")
    return feature, plan.entitlements[code]


def _plan_listing(call: Call, plan: Plan) -> Listing:
    return Listing([encode(each) for each in plan_entitlements_json(call.store, plan)])


@handles("find_all_entitlements")
def find_all_entitlements(call: Call) -> Listing:
    """All that a plan entitles to."""
    return _plan_listing(call, _plan(call))


@handles("create_entitlement")
def create_entitlement(call: Call) -> Listing:
    """Replace what a plan entitles to."""
    plan = _plan(call)
    plan.entitlements = _given(call)
    return _plan_listing(call, plan)


@handles("update_entitlement")
def update_entitlement(call: Call) -> Listing:
    """Add to what a plan entitles to, or change it; nothing goes."""
    plan = _plan(call)
    for code, values in _given(call).items():
        plan.entitlements[code] = {**plan.entitlements.get(code, {}), **values}
    return _plan_listing(call, plan)


@handles("find_entitlement")
def find_entitlement(call: Call) -> JsonObject:
    """One feature that a plan entitles to."""
    return _plan_entitlement_json(*_entitlement(call, _plan(call)))


@handles("destroy_entitlement")
def destroy_entitlement(call: Call) -> JsonObject:
    """Take a feature from a plan."""
    plan = _plan(call)
    feature, values = _entitlement(call, plan)
    del plan.entitlements[feature.code]
    return _plan_entitlement_json(feature, values)


@handles("remove_entitlement_privilege")
def remove_entitlement_privilege(call: Call) -> JsonObject:
    """Take a privilege from a feature that a plan entitles to."""
    feature, values = _entitlement(call, _plan(call))
    if call.path_params[2] not in values:
        raise refusals.not_found("privilege")
    del values[call.path_params[2]]
    return _plan_entitlement_json(feature, values)


def subscription_entitlements_json(store: Store, subscription: Subscription) -> list[Json]:
    """What a subscription entitles to: its plan's values, overridden by its own, without what was removed."""
    from_plan, own = subscription.plan.original.entitlements, subscription.entitlements
    removed = subscription.removed_entitlements
    listed: list[Json] = []
    for code in dict.fromkeys((*from_plan, *own)):
        feature = store.features.find(code)
        if feature is None or (code, None) in removed:
            continue
        plan_values, own_values = from_plan.get(code, {}), own.get(code, {})
        privileges: list[Json] = [
            {
                **_privilege_json(privilege),
                "value": own_values.get(privilege.code, plan_values.get(privilege.code)),
                "plan_value": plan_values.get(privilege.code),
                "override_value": own_values.get(privilege.code),
            }
            for privilege in feature.privileges.values()
            if privilege.code in {**plan_values, **own_values} and (code, privilege.code) not in removed
        ]
        listed.append(
            {
                "code": code,
                "name": feature.name,
                "description": feature.description,
                "privileges": privileges,
                "overrides": {**own_values},
            }
        )
    return listed


def _subscription(call: Call) -> Subscription:
    status = call.params.filled("subscription_status") or call.params.filled("status") or "active"
    subscription = call.store.subscription(call.identifier, status)
    if subscription is None:
        raise refusals.not_found("subscription")
    return subscription


def _subscription_listing(call: Call, subscription: Subscription) -> Listing:
    return Listing([encode(each) for each in subscription_entitlements_json(call.store, subscription)])


@handles("find_all_subscription_entitlements")
def find_all_subscription_entitlements(call: Call) -> Listing:
    """All that a subscription entitles to."""
    return _subscription_listing(call, _subscription(call))


@handles("update_subscription_entitlements")
def update_subscription_entitlements(call: Call) -> Listing:
    """Override values for a subscription, or entitle it to more than its plan does."""
    subscription = _subscription(call)
    for code, values in _given(call).items():
        subscription.entitlements[code] = {**subscription.entitlements.get(code, {}), **values}
        subscription.removed_entitlements -= {(code, None), *((code, privilege) for privilege in values)}
    return _subscription_listing(call, subscription)


def _check_entitled(call: Call, subscription: Subscription, privilege: str | None) -> None:
    code = call.path_params[1]
    for each in subscription_entitlements_json(call.store, subscription):
        entitlement = Fields(each if isinstance(each, dict) else {})
        if entitlement.text("code") == code:
            known = [one.text("code") for one in entitlement.list_of_fields("privileges") or []]
            if privilege is not None and privilege not in known:
                raise refusals.not_found("privilege")
            return
    raise refusals.not_found("entitlement")


@handles("destroy_subscription_entitlement")
def destroy_subscription_entitlement(call: Call) -> Listing:
    """Take a feature from a subscription; what is left is answered."""
    subscription, code = _subscription(call), call.path_params[1]
    _check_entitled(call, subscription, None)
    subscription.entitlements.pop(code, None)
    subscription.removed_entitlements.add((code, None))
    return _subscription_listing(call, subscription)


@handles("destroy_subscription_entitlement_privilege")
def destroy_subscription_entitlement_privilege(call: Call) -> Listing:
    """Take a privilege from a subscription; what is left is answered."""
    subscription, (_, code, privilege) = _subscription(call), call.path_params
    _check_entitled(call, subscription, privilege)
    subscription.entitlements.get(code, {}).pop(privilege, None)
    subscription.removed_entitlements.add((code, privilege))
    return _subscription_listing(call, subscription)
