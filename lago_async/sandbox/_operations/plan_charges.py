"""The charges, filters and fixed charges of a plan or a subscription.

A subscription shows its plan's charges until one of them is overridden: then it gets a plan of its own.
"""

from collections.abc import Sequence
from typing import TypeVar

from lago_async.sandbox._money import lifecycle
from lago_async.sandbox._operations.charges import (
    charge_json,
    filter_json,
    new_charge,
    new_filter,
    override_charge,
    update_charge,
    update_filter,
)
from lago_async.sandbox._operations.fixed_charges import (
    fixed_charge_json,
    new_fixed_charge,
    override_fixed_charge,
    update_fixed_charge,
)
from lago_async.sandbox._operations.plan_overrides import own_plan
from lago_async.sandbox._operations.plans import PLANS, has_subscriptions
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_cascade
from lago_async.sandbox._operations.subscriptions import find as find_subscription
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.plans import Charge, ChargeFilter, FixedCharge, Plan

_Charge = TypeVar("_Charge", Charge, FixedCharge)


def _plan(call: OperationCall) -> Plan:
    """Return the plan that the path names, or the plan of the subscription that it names."""
    if call.route.path.startswith("/subscriptions/"):
        return find_subscription(call).plan
    return PLANS.record(call)


def _writable_plan(call: OperationCall) -> Plan:
    """Return the plan to change; a subscription gets its own plan first."""
    if not call.route.path.startswith("/subscriptions/"):
        return _plan(call)
    subscription = find_subscription(call)
    if not call.store.premium:
        raise refusals.forbidden("feature_unavailable")
    return own_plan(call.store, subscription)


def _by_code(charges: Sequence[_Charge], code: str, resource: str) -> _Charge:
    for charge in charges:
        if charge.code == code:
            return charge
    raise refusals.not_found(resource)


def _charge(call: OperationCall, plan: Plan) -> Charge:
    return _by_code(plan.charges, call.path_params[1], "charge")


def _fixed_charge(call: OperationCall, plan: Plan) -> FixedCharge:
    return _by_code(plan.fixed_charges, call.path_params[1], "fixed_charge")


def _filter(call: OperationCall, charge: Charge) -> ChargeFilter:
    for charge_filter in charge.filters:
        if charge_filter.lago_id == call.path_params[2]:
            return charge_filter
    raise refusals.not_found("charge_filter")


def _newest_first(charges: Sequence[_Charge]) -> list[_Charge]:
    return sorted(charges, key=lambda charge: (charge.created_at, charge.order), reverse=True)


@handles("find_all_subscription_charges")
@handles("find_all_plan_charges")
def find_all_charges(call: OperationCall) -> PagedList:
    """List the charges, newest first."""
    charges = _newest_first(_plan(call).charges)
    return Window.of(call.params).page(charges, lambda charge: encode(charge_json(charge)))


@handles("find_subscription_charge")
@handles("find_plan_charge")
def find_charge(call: OperationCall) -> JsonObject:
    """Return one charge."""
    return charge_json(_charge(call, _plan(call)))


@handles("create_plan_charge")
def create_plan_charge(call: OperationCall) -> JsonObject:
    """Add a charge to a plan."""
    plan, given = _plan(call), call.envelope()
    refuse_cascade(call.store, plan, given)
    charge = new_charge(call.store, given, {item.code for item in plan.charges}, coded=True)
    plan.charges.append(charge)
    return charge_json(charge)


@handles("override_subscription_charge")
@handles("update_plan_charge")
def change_charge(call: OperationCall) -> JsonObject:
    """Change a charge of a plan, or override it for one subscription."""
    _charge(call, _plan(call))
    given = call.envelope()
    refuse_cascade(call.store, _plan(call), given)
    plan = _writable_plan(call)
    charge = _charge(call, plan)
    if call.route.path.startswith("/subscriptions/"):
        override_charge(call.store, charge, given)
    else:
        taken = {item.code for item in plan.charges if item is not charge}
        update_charge(call.store, charge, given, taken, attached=has_subscriptions(call.store, plan))
    return charge_json(charge)


@handles("destroy_plan_charge")
def destroy_plan_charge(call: OperationCall) -> JsonObject:
    """Remove a charge from a plan."""
    plan = _plan(call)
    charge = _charge(call, plan)
    refuse_cascade(call.store, plan, call.params)
    plan.charges.remove(charge)
    charge.filters = []
    return charge_json(charge)


@handles("find_all_subscription_charge_filters")
@handles("find_all_plan_charge_filters")
def find_all_charge_filters(call: OperationCall) -> PagedList:
    """List the filters of a charge, oldest first."""
    charge = _charge(call, _plan(call))
    return Window.of(call.params).page(charge.filters, lambda charge_filter: encode(filter_json(charge, charge_filter)))


@handles("find_subscription_charge_filter")
@handles("find_plan_charge_filter")
def find_charge_filter(call: OperationCall) -> JsonObject:
    """Return one filter of a charge."""
    charge = _charge(call, _plan(call))
    return filter_json(charge, _filter(call, charge))


@handles("create_subscription_charge_filter")
@handles("create_plan_charge_filter")
def create_charge_filter(call: OperationCall) -> JsonObject:
    """Add a filter to a charge."""
    charge, given = _charge(call, _plan(call)), call.envelope()
    refuse_cascade(call.store, _plan(call), given)
    made = new_filter(call.store, charge, given)
    charge = _charge(call, _writable_plan(call))
    charge.filters.append(made)
    return filter_json(charge, made)


def _writable_filter(call: OperationCall) -> tuple[Charge, ChargeFilter]:
    """Return the filter to change, and its charge; of the subscription's own plan, if it gets one now."""
    shown = _charge(call, _plan(call))
    position = shown.filters.index(_filter(call, shown))
    charge = _charge(call, _writable_plan(call))
    return charge, charge.filters[position]


@handles("update_subscription_charge_filter")
@handles("update_plan_charge_filter")
def update_charge_filter(call: OperationCall) -> JsonObject:
    """Change a filter of a charge."""
    given = call.envelope()
    refuse_cascade(call.store, _plan(call), given)
    charge, charge_filter = _writable_filter(call)
    update_filter(call.store, charge, charge_filter, given)
    return filter_json(charge, charge_filter)


@handles("destroy_subscription_charge_filter")
@handles("destroy_plan_charge_filter")
def destroy_charge_filter(call: OperationCall) -> JsonObject:
    """Remove a filter from a charge."""
    refuse_cascade(call.store, _plan(call), call.params)
    charge, charge_filter = _writable_filter(call)
    charge.filters.remove(charge_filter)
    shown = filter_json(charge, charge_filter)
    # On a plan, the server has forgotten the values when it shows the filter.
    return shown if call.route.path.startswith("/subscriptions/") else {**shown, "values": {}}


@handles("find_all_subscription_fixed_charges")
@handles("find_all_plan_fixed_charges")
def find_all_fixed_charges(call: OperationCall) -> PagedList:
    """List the fixed charges, newest first."""
    charges = _newest_first(_plan(call).fixed_charges)
    return Window.of(call.params).page(charges, lambda charge: encode(fixed_charge_json(charge)))


@handles("find_subscription_fixed_charge")
@handles("find_plan_fixed_charge")
def find_fixed_charge(call: OperationCall) -> JsonObject:
    """Return one fixed charge."""
    return fixed_charge_json(_fixed_charge(call, _plan(call)))


@handles("create_plan_fixed_charge")
def create_plan_fixed_charge(call: OperationCall) -> JsonObject:
    """Add a fixed charge to a plan."""
    plan = _plan(call)
    given = call.envelope()
    refuse_cascade(call.store, plan, given)
    charge = new_fixed_charge(call.store, given, {item.code for item in plan.fixed_charges}, coded=True)
    plan.fixed_charges.append(charge)
    immediately = bool(given.boolean("apply_units_immediately"))
    lifecycle.change_fixed_units(call.store, plan, charge, immediately=immediately)
    return fixed_charge_json(charge)


@handles("override_subscription_fixed_charge")
@handles("update_plan_fixed_charge")
def change_fixed_charge(call: OperationCall) -> JsonObject:
    """Change a fixed charge of a plan, or override it for one subscription."""
    _fixed_charge(call, _plan(call))
    given = call.envelope()
    refuse_cascade(call.store, _plan(call), given)
    plan = _writable_plan(call)
    charge = _fixed_charge(call, plan)
    before = charge.units
    if call.route.path.startswith("/subscriptions/"):
        override_fixed_charge(call.store, charge, given)
    else:
        taken = {item.code for item in plan.fixed_charges if item is not charge}
        update_fixed_charge(call.store, charge, given, taken, attached=has_subscriptions(call.store, plan))
    if charge.units != before:
        immediately = bool(given.boolean("apply_units_immediately"))
        lifecycle.change_fixed_units(call.store, plan, charge, immediately=immediately)
    return fixed_charge_json(charge)


@handles("destroy_plan_fixed_charge")
def destroy_plan_fixed_charge(call: OperationCall) -> JsonObject:
    """Remove a fixed charge from a plan."""
    plan = _plan(call)
    charge = _fixed_charge(call, plan)
    refuse_cascade(call.store, plan, call.params)
    plan.fixed_charges.remove(charge)
    return fixed_charge_json(charge)
