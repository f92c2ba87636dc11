"""Plans, with their charges, taxes and thresholds."""

from uuid import uuid4

from lago_async.sandbox._money import billing, lifecycle
from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.charges import charge_json, new_charges
from lago_async.sandbox._operations.codes import check_name_and_code
from lago_async.sandbox._operations.entitlement_views import plan_entitlements_json
from lago_async.sandbox._operations.fixed_charges import fixed_charge_json, new_fixed_charges
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._operations.usage_thresholds import applicable_threshold_json, threshold_json, thresholds
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.periods import INTERVALS
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store

_TEXTS = ("invoice_display_name", "description")
_BOOLEANS = ("bill_charges_monthly", "bill_fixed_charges_monthly")


def plan_json(store: Store, plan: Plan) -> JsonObject:
    """Return a plan with all nested objects."""
    subscriptions = [subscription for subscription in store.all_subscriptions() if subscription.plan.original is plan]
    active = [subscription for subscription in subscriptions if subscription.status == "active"]
    drafts = [invoice for invoice in store.drafts if any(one in subscriptions for one in invoice.subscriptions)]
    return {
        "lago_id": plan.lago_id,
        "name": plan.name,
        "invoice_display_name": plan.invoice_display_name,
        "created_at": to_iso(plan.created_at),
        "code": plan.code,
        "interval": plan.interval,
        "description": plan.description,
        "amount_cents": plan.amount_cents,
        "amount_currency": plan.amount_currency,
        "trial_period": plan.trial_period,
        "pay_in_advance": plan.pay_in_advance,
        "bill_charges_monthly": plan.bill_charges_monthly,
        "bill_fixed_charges_monthly": plan.bill_fixed_charges_monthly,
        "customers_count": len({item.customer.lago_id for item in active}),
        "active_subscriptions_count": len(active),
        "draft_invoices_count": len(drafts),
        "parent_id": None if plan.parent is None else plan.parent.lago_id,
        "pending_deletion": False,
        "charges": [charge_json(charge) for charge in plan.charges],
        "fixed_charges": [fixed_charge_json(charge) for charge in plan.fixed_charges],
        "taxes": [tax_json(tax) for tax in plan.taxes],
        "minimum_commitment": plan.minimum_commitment,
        "usage_thresholds": [threshold_json(threshold) for threshold in plan.usage_thresholds],
        "applicable_usage_thresholds": [applicable_threshold_json(threshold) for threshold in plan.usage_thresholds],
        "entitlements": plan_entitlements_json(store, plan),
        "metadata": None if plan.metadata is None else dict(plan.metadata),
    }


PLANS = Catalogue(root="plan", records=lambda store: store.plans, render=plan_json)
handles("find_plan")(PLANS.find)
handles("find_all_plans")(PLANS.list_all)


@handles("destroy_plan")
def destroy_plan(call: OperationCall) -> JsonObject:
    """Delete a plan: its subscriptions end and are billed, those that wait are canceled, and drafts become final."""
    store, plan = call.store, PLANS.record(call)
    shown = plan_json(store, plan)
    for subscription in list(store.all_subscriptions()):
        if subscription.plan.original is not plan:
            continue
        if subscription.status == "active":
            lifecycle.terminate(store, subscription)
        elif subscription.status == "pending":
            lifecycle.cancel(store, subscription)
    for invoice in list(store.drafts):
        if any(subscription.plan.original is plan for subscription in invoice.subscriptions):
            billing.finalize(store, invoice)
    store.plans.discard(plan, store.now)
    return {**shown, "pending_deletion": True}


def _minimum_commitment(store: Store, given: Fields, plan_code: str, interval: str) -> JsonObject | None:
    commitment = given.fields("minimum_commitment")
    amount = commitment.integer("amount_cents")
    if not store.premium or amount is None:
        return None
    return {
        "lago_id": str(uuid4()),
        "plan_code": plan_code,
        "invoice_display_name": commitment.text("invoice_display_name"),
        "commitment_type": "minimum_commitment",
        "amount_cents": amount,
        "interval": interval,
        "created_at": to_iso(store.now),
        "updated_at": to_iso(store.now),
        "taxes": [tax_json(tax) for tax in find_taxes(store, commitment.strings("tax_codes") or [])],
    }


def _check(found: refusals.FieldErrors, interval: str | None, currency: str | None, amount: int | None) -> None:
    """Report an invalid interval, currency or amount."""
    if interval not in INTERVALS:
        found.add("interval", "value_is_invalid")
    if currency not in CURRENCIES:
        found.add("amount_currency", "value_is_invalid")
    if amount is None:
        found.add("amount_cents", "value_is_mandatory")
    elif amount < 0:
        found.add("amount_cents", "value_is_out_of_range")


def _trial(given: Fields) -> float | None:
    trial = given.decimal("trial_period")
    return None if trial is None else float(trial)


@handles("create_plan")
def create_plan(call: OperationCall) -> JsonObject:
    """Create a plan with its charges."""
    store, given = call.store, call.envelope()
    found = refusals.FieldErrors()
    check_name_and_code(found, given, taken=store.plans.find(given.text("code")) is not None)
    interval, currency, amount = given.text("interval"), given.text("amount_currency"), given.integer("amount_cents")
    _check(found, interval, currency, amount)
    found.refuse()
    taxes = find_taxes(store, given.strings("tax_codes") or [])
    code, interval = given.text("code") or "", interval or ""
    plan = Plan(
        created_at=store.now,
        code=code,
        name=given.text("name") or "",
        invoice_display_name=given.text("invoice_display_name"),
        description=given.text("description"),
        interval=interval,
        amount_cents=amount or 0,
        amount_currency=currency or "",
        trial_period=_trial(given),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        bill_charges_monthly=given.boolean("bill_charges_monthly"),
        bill_fixed_charges_monthly=given.boolean("bill_fixed_charges_monthly"),
        minimum_commitment=_minimum_commitment(store, given, code, interval),
        metadata=given.mapping("metadata"),
        charges=new_charges(store, given.list_of_fields("charges") or []),
        fixed_charges=new_fixed_charges(store, given.list_of_fields("fixed_charges") or []),
        usage_thresholds=thresholds(store, given),
        taxes=taxes,
    )
    store.plans.add(plan)
    return plan_json(store, plan)


def assign(store: Store, plan: Plan, given: Fields) -> None:
    """Change the fields that may always be changed; those that were not sent stay."""
    codes = given.strings("tax_codes")
    taxes = plan.taxes if codes is None else find_taxes(store, codes)
    wanted = given.list_of_fields("charges")
    charges = plan.charges if wanted is None else new_charges(store, wanted, plan.charges)
    wanted_fixed = given.list_of_fields("fixed_charges")
    units = {charge.lago_id: charge.units for charge in plan.fixed_charges}
    fixed = plan.fixed_charges if wanted_fixed is None else new_fixed_charges(store, wanted_fixed, plan.fixed_charges)
    watched = thresholds(store, given) if given.has("usage_thresholds") else plan.usage_thresholds
    plan.taxes, plan.charges, plan.fixed_charges, plan.usage_thresholds = taxes, charges, fixed, watched
    for item, charge in zip(wanted_fixed or [], fixed, strict=False):
        if units.get(charge.lago_id) != charge.units:
            immediately = bool(item.boolean("apply_units_immediately"))
            lifecycle.change_fixed_units(store, plan, charge, immediately=immediately)
    plan.name = given.filled("name") or plan.name
    if given.has("minimum_commitment"):
        plan.minimum_commitment = _minimum_commitment(store, given, plan.code, plan.interval)
    if given.has("metadata"):
        plan.metadata = given.mapping("metadata")
    if given.has("trial_period"):
        plan.trial_period = _trial(given)
    for name in _TEXTS:
        if given.has(name):
            setattr(plan, name, given.text(name))


@handles("update_plan")
def update_plan(call: OperationCall) -> JsonObject:
    """Change a plan. While it has subscriptions, its code, interval, currency and way of billing stay."""
    store = call.store
    plan = PLANS.record(call)
    given = call.envelope()
    own = any(item.plan.parent is plan for item in store.all_subscriptions() if item.status == "active")
    if store.strict and own and given.boolean("cascade_updates"):
        # A subscription's own plan does not follow the common one here.
        raise refusals.invalid_field("cascade_updates", refusals.NOT_SIMULATED)
    free = not any(subscription.plan.original is plan for subscription in store.all_subscriptions())
    code = given.filled("code") if free and given.has("code") else plan.code
    name = given.filled("name") if given.has("name") else plan.name
    interval = given.text("interval") if free and given.has("interval") else plan.interval
    currency = given.text("amount_currency") if free and given.has("amount_currency") else plan.amount_currency
    amount = given.integer("amount_cents") if given.has("amount_cents") else plan.amount_cents
    found = refusals.FieldErrors()
    names: dict[str, Json] = {"name": name, "code": code}
    check_name_and_code(found, Fields(names), taken=code != plan.code and store.plans.find(code) is not None)
    _check(found, interval, currency, amount)
    found.refuse()
    assign(store, plan, given)
    with store.plans.changing(plan):
        plan.code = code or ""
    plan.interval, plan.amount_currency, plan.amount_cents = interval or "", currency or "", amount or 0
    lifecycle.reconsider_changes(store, plan)
    if free:
        advance = given.boolean("pay_in_advance")
        plan.pay_in_advance = plan.pay_in_advance if advance is None else advance
        for flag in _BOOLEANS:
            if given.has(flag):
                setattr(plan, flag, given.boolean(flag))
    return plan_json(store, plan)
