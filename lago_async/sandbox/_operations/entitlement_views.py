"""Entitlements as responses show them."""

from lago_async.sandbox._operations.features import privilege_json
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.features import Feature
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def plan_entitlement_json(feature: Feature, values: JsonObject) -> JsonObject:
    """Return a feature with the values of its privileges."""
    known = [(feature.privileges[code], value) for code, value in values.items() if code in feature.privileges]
    return {
        "code": feature.code,
        "name": feature.name,
        "description": feature.description,
        "privileges": [{**privilege_json(privilege), "value": value} for privilege, value in known],
    }


def plan_entitlements_json(store: Store, plan: Plan) -> list[Json]:
    """Return the entitlements of a plan."""
    found = ((store.features.find(code), values) for code, values in plan.original.entitlements.items())
    return [plan_entitlement_json(feature, values) for feature, values in found if feature is not None]


def subscription_entitlements_json(store: Store, subscription: Subscription) -> list[Json]:
    """Return the entitlements of a subscription: its plan's values, overridden by its own, without removed ones."""
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
                **privilege_json(privilege),
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
