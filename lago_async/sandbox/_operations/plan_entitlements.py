"""The entitlements of plans."""

from lago_async.sandbox._operations.entitlement_values import given_values
from lago_async.sandbox._operations.entitlement_views import plan_entitlement_json, plan_entitlements_json
from lago_async.sandbox._operations.plans import PLANS
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.features import Feature
from lago_async.sandbox._state.plans import Plan


def _entitlement(call: OperationCall, plan: Plan) -> tuple[Feature, JsonObject]:
    code = call.path_params[1]
    feature = call.store.features.find(code)
    if feature is None or code not in plan.entitlements:
        raise refusals.not_found("entitlement")
    return feature, plan.entitlements[code]


def _plan_listing(call: OperationCall, plan: Plan) -> PlainList:
    return PlainList([encode(item) for item in plan_entitlements_json(call.store, plan)])


@handles("find_all_entitlements")
def find_all_entitlements(call: OperationCall) -> PlainList:
    """List the entitlements of a plan."""
    return _plan_listing(call, PLANS.record(call))


@handles("create_entitlement")
def create_entitlement(call: OperationCall) -> PlainList:
    """Replace the entitlements of a plan."""
    plan = PLANS.record(call)
    plan.entitlements = given_values(call)
    call.store.emit("plan.updated", plan)
    return _plan_listing(call, plan)


@handles("update_entitlement")
def update_entitlement(call: OperationCall) -> PlainList:
    """Add entitlements to a plan, or change them; none is removed."""
    plan = PLANS.record(call)
    for code, values in given_values(call).items():
        plan.entitlements[code] = {**plan.entitlements.get(code, {}), **values}
    call.store.emit("plan.updated", plan)
    return _plan_listing(call, plan)


@handles("find_entitlement")
def find_entitlement(call: OperationCall) -> JsonObject:
    """Return one entitlement of a plan."""
    return plan_entitlement_json(*_entitlement(call, PLANS.record(call)))


@handles("destroy_entitlement")
def destroy_entitlement(call: OperationCall) -> JsonObject:
    """Remove a feature from a plan."""
    plan = PLANS.record(call)
    feature, values = _entitlement(call, plan)
    del plan.entitlements[feature.code]
    call.store.emit("plan.updated", plan)
    return plan_entitlement_json(feature, values)


@handles("remove_entitlement_privilege")
def remove_entitlement_privilege(call: OperationCall) -> JsonObject:
    """Remove a privilege from a plan's entitlement."""
    plan = PLANS.record(call)
    feature, values = _entitlement(call, plan)
    if call.path_params[2] not in values:
        raise refusals.not_found("privilege")
    del values[call.path_params[2]]
    call.store.emit("plan.updated", plan)
    return plan_entitlement_json(feature, values)
