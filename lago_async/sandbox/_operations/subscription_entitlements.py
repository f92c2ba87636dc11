"""The entitlements of subscriptions."""

from lago_async.sandbox._operations.entitlement_values import given_values
from lago_async.sandbox._operations.entitlement_views import subscription_entitlements_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.subscriptions import find as find_subscription
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import encode
from lago_async.sandbox._state.subscriptions import Subscription


def _subscription_listing(call: OperationCall, subscription: Subscription) -> PlainList:
    return PlainList([encode(item) for item in subscription_entitlements_json(call.store, subscription)])


@handles("find_all_subscription_entitlements")
def find_all_subscription_entitlements(call: OperationCall) -> PlainList:
    """List the entitlements of a subscription."""
    return _subscription_listing(call, find_subscription(call))


@handles("update_subscription_entitlements")
def update_subscription_entitlements(call: OperationCall) -> PlainList:
    """Override values for a subscription, or add entitlements that its plan does not have."""
    subscription = find_subscription(call)
    for code, values in given_values(call).items():
        subscription.entitlements[code] = {**subscription.entitlements.get(code, {}), **values}
        subscription.removed_entitlements -= {(code, None), *((code, privilege) for privilege in values)}
    call.store.emit("subscription.updated", subscription)
    return _subscription_listing(call, subscription)


def _check_entitled(call: OperationCall, subscription: Subscription, privilege: str) -> None:
    """Refuse a privilege that the subscription is not entitled to."""
    code = call.path_params[1]
    for item in subscription_entitlements_json(call.store, subscription):
        entitlement = Fields(item if isinstance(item, dict) else {})
        if entitlement.text("code") == code:
            known = [one.text("code") for one in entitlement.list_of_fields("privileges") or []]
            if privilege not in known:
                raise refusals.not_found("privilege")
            return
    raise refusals.not_found("entitlement")


@handles("destroy_subscription_entitlement")
def destroy_subscription_entitlement(call: OperationCall) -> PlainList:
    """Remove a feature from a subscription, and return the remaining entitlements."""
    subscription, code = find_subscription(call), call.path_params[1]
    if call.store.features.find(code) is None:
        raise refusals.not_found("feature")
    subscription.entitlements.pop(code, None)
    subscription.removed_entitlements.add((code, None))
    call.store.emit("subscription.updated", subscription)
    return _subscription_listing(call, subscription)


@handles("destroy_subscription_entitlement_privilege")
def destroy_subscription_entitlement_privilege(call: OperationCall) -> PlainList:
    """Remove a privilege from a subscription, and return the remaining entitlements."""
    subscription, (_, code, privilege) = find_subscription(call), call.path_params
    _check_entitled(call, subscription, privilege)
    subscription.entitlements.get(code, {}).pop(privilege, None)
    subscription.removed_entitlements.add((code, privilege))
    call.store.emit("subscription.updated", subscription)
    return _subscription_listing(call, subscription)
