"""Plans that belong to a single subscription."""

from uuid import uuid4

import attrs

from lago_async.sandbox._money import drafts, lifecycle
from lago_async.sandbox._operations.charges import check_metrics, new_charges, override_charge
from lago_async.sandbox._operations.fixed_charges import override_fixed_charge
from lago_async.sandbox._operations.plans import assign as assign_plan
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.plans import Charge, Plan
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def own_plan(store: Store, subscription: Subscription) -> Plan:
    """Return the subscription's own plan; the first override makes it as a copy of the common plan.

    The copy lacks the taxes of the plan and of its charges, the minimum commitment, the thresholds and the metadata.
    """
    if subscription.plan.parent is None:
        subscription.plan = _copy(store, subscription.plan)
    return subscription.plan


def _copy(store: Store, plan: Plan) -> Plan:
    def copied(charge: Charge) -> Charge:
        filters = [attrs.evolve(charge_filter, lago_id=str(uuid4())) for charge_filter in charge.filters]
        return attrs.evolve(charge, lago_id=str(uuid4()), parent_id=charge.lago_id, filters=filters, taxes=[])

    return attrs.evolve(
        plan,
        lago_id=str(uuid4()),
        created_at=store.now,
        parent=plan,
        charges=[copied(charge) for charge in plan.charges],
        fixed_charges=[
            attrs.evolve(charge, lago_id=str(uuid4()), parent_id=charge.lago_id, taxes=[])
            for charge in plan.fixed_charges
        ],
        taxes=[],
        minimum_commitment=None,
        usage_thresholds=[],
        metadata=None,
    )


def override(store: Store, subscription: Subscription, given: Fields) -> None:
    """Give a subscription its own version of the plan, with the overrides that were sent.

    Charges are named by the ids of the common plan's charges; the others stay as they are. If the subscription has its
    own plan already, the server updates it like any plan: charges are named by its own ids, and are deleted if they are
    not sent. Its fixed charges stay in any case.
    """
    if not given.mapping("plan_overrides"):
        return
    overrides = given.fields("plan_overrides")
    charges = overrides.list_of_fields("charges")
    if subscription.plan.parent is not None and charges is not None:
        check_metrics(store, charges)
        subscription.plan.charges = new_charges(store, charges, subscription.plan.charges, attached=True)
        overrides = Fields({name: value for name, value in overrides.items() if name != "charges"})
    # A plan that the subscription has only now is a new one for the server, which no draft has.
    flagged = drafts.of_plan(store, subscription.plan) if subscription.plan.parent is not None else []
    _assign(store, own_plan(store, subscription), overrides)
    drafts.flag(store, flagged)


def own_plan_of(store: Store, plan: Plan, given: Fields) -> Plan:
    """Return a copy of a common plan for a single subscription, with the overrides that were sent."""
    copied = _copy(store, plan)
    _assign(store, copied, given.fields("plan_overrides"))
    return copied


def _assign(store: Store, plan: Plan, overrides: Fields) -> None:
    amount = overrides.integer("amount_cents")
    plan.amount_cents = plan.amount_cents if amount is None else amount
    plan.amount_currency = overrides.filled("amount_currency") or plan.amount_currency
    for item in overrides.list_of_fields("charges") or []:
        for charge in plan.charges:
            if item.text("id") in {charge.lago_id, charge.parent_id}:
                override_charge(store, charge, item)
    for item in overrides.list_of_fields("fixed_charges") or []:
        for fixed in plan.fixed_charges:
            if item.text("id") in {fixed.lago_id, fixed.parent_id}:
                before = fixed.units
                override_fixed_charge(store, fixed, item)
                if fixed.units != before:
                    immediately = bool(item.boolean("apply_units_immediately"))
                    lifecycle.change_fixed_units(store, plan, fixed, immediately=immediately)
    names = ("charges", "fixed_charges", "metadata")
    assign_plan(store, plan, Fields({name: value for name, value in overrides.items() if name not in names}))
