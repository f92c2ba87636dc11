"""Plans, with their charges, taxes and thresholds."""

from uuid import uuid4

from lago_async.sandbox._money import billing, drafts, lifecycle
from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.charges import charge_json, check_metrics, new_charges
from lago_async.sandbox._operations.codes import check_name_and_code
from lago_async.sandbox._operations.entitlement_views import plan_entitlements_json
from lago_async.sandbox._operations.fixed_charges import check_add_ons, fixed_charge_json, new_fixed_charges
from lago_async.sandbox._operations.item_metadata import given_metadata
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_cascade
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


def embedded_json(plan: Plan) -> JsonObject:
    """Return a plan as its subscriptions show it."""
    shown: JsonObject = {
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
        # The server counts no more, but still has the fields.
        "customers_count": 0,
        "active_subscriptions_count": 0,
        "draft_invoices_count": 0,
        "parent_id": None if plan.parent is None else plan.parent.lago_id,
        "pending_deletion": False,
        "charges": [charge_json(charge) for charge in plan.charges],
        "taxes": [tax_json(tax) for tax in plan.taxes],
        "usage_thresholds": [threshold_json(threshold) for threshold in plan.usage_thresholds],
        "applicable_usage_thresholds": [applicable_threshold_json(threshold) for threshold in plan.usage_thresholds],
    }
    if plan.minimum_commitment is not None:
        shown["minimum_commitment"] = plan.minimum_commitment
    if plan.metadata is not None:
        shown["metadata"] = dict(plan.metadata)
    return shown


def listed_json(store: Store, plan: Plan) -> JsonObject:
    """Return a plan as lists show it."""
    return {**embedded_json(plan), "entitlements": plan_entitlements_json(store, plan)}


def plan_json(store: Store, plan: Plan) -> JsonObject:
    """Return a plan with all nested objects."""
    fixed: list[Json] = [fixed_charge_json(charge) for charge in plan.fixed_charges]
    return {**listed_json(store, plan), "fixed_charges": fixed}


PLANS = Catalogue(root="plan", records=lambda store: store.plans, render=plan_json, render_listed=listed_json)
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
            lifecycle.cancel_before_start(store, subscription)
    for invoice in list(store.drafts):
        if any(subscription.plan.original is plan for subscription in invoice.subscriptions):
            billing.finalize(store, invoice)
    store.plans.discard(plan, store.now)
    store.emit("plan.deleted", plan)
    return {**shown, "pending_deletion": True}


def has_subscriptions(store: Store, plan: Plan) -> bool:
    """Return whether any subscription has this very plan: then less of it can change."""
    return any(subscription.plan is plan for subscription in store.all_subscriptions())


def _minimum_commitment(
    store: Store, given: Fields, plan_code: str, interval: str, before: JsonObject | None = None
) -> JsonObject | None:
    """Return the commitment that was sent, completed by the old one; an empty object removes it."""
    sent = given.mapping("minimum_commitment")
    if not store.premium or sent is None:
        return before
    if not sent:
        return None
    commitment = Fields(sent).over({"amount_cents": None, "invoice_display_name": None, **(before or {})})
    amount = commitment.integer("amount_cents")
    if amount is None or amount <= 0:
        raise refusals.invalid_field(
            "amount_cents", "value_is_mandatory" if amount is None else "value_is_out_of_range"
        )
    codes = Fields(sent).strings("tax_codes")
    old_taxes: Json = [] if before is None else before["taxes"]
    return {
        "lago_id": str(uuid4()) if before is None else before["lago_id"],
        "plan_code": plan_code,
        "invoice_display_name": commitment.text("invoice_display_name"),
        "amount_cents": amount,
        "interval": interval,
        "created_at": to_iso(store.now) if before is None else before["created_at"],
        "updated_at": to_iso(store.now),
        "taxes": old_taxes if codes is None else [tax_json(tax) for tax in find_taxes(store, codes)],
    }


def _check(
    found: refusals.FieldErrors, interval: str | None, currency: str | None, amount: int | None, *, advance: bool | None
) -> None:
    """Report an invalid interval, currency, amount or way of billing."""
    if interval not in INTERVALS:
        found.add("interval", "value_is_invalid")
    if currency not in CURRENCIES:
        found.add("amount_currency", "value_is_invalid")
    if amount is None:
        found.add("amount_cents", "value_is_mandatory")
    if advance is None:
        found.add("pay_in_advance", "value_is_invalid")


def _monthly(given: Fields, name: str, interval: str) -> bool | None:
    """Return whether a part of the plan is billed monthly; only a plan of more months has the choice."""
    return bool(given.boolean(name)) if interval in {"yearly", "semiannual"} else None


def _trial(given: Fields) -> float | None:
    trial = given.decimal("trial_period")
    return None if trial is None else float(trial)


@handles("create_plan")
def create_plan(call: OperationCall) -> JsonObject:
    """Create a plan with its charges."""
    store, given = call.store, call.envelope()
    _check_chargeables(store, given)
    found = refusals.FieldErrors()
    check_name_and_code(found, given, taken=store.plans.find(given.text("code")) is not None)
    interval, currency, amount = given.text("interval"), given.text("amount_currency"), given.integer("amount_cents")
    _check(found, interval, currency, amount, advance=given.boolean("pay_in_advance"))
    found.refuse()
    metadata = given_metadata(given)
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
        bill_charges_monthly=_monthly(given, "bill_charges_monthly", interval),
        bill_fixed_charges_monthly=_monthly(given, "bill_fixed_charges_monthly", interval),
        minimum_commitment=None,
        metadata=metadata,
        usage_thresholds=thresholds(store, given),
        charges=new_charges(store, given.list_of_fields("charges") or []),
        fixed_charges=new_fixed_charges(store, given.list_of_fields("fixed_charges") or []),
        taxes=taxes,
    )
    plan.minimum_commitment = _minimum_commitment(store, given, code, interval)
    store.plans.add(plan)
    store.emit("plan.created", plan)
    return plan_json(store, plan)


def _check_chargeables(store: Store, given: Fields) -> None:
    """Refuse unknown metrics and add-ons, which the server looks for before anything else."""
    check_metrics(store, given.list_of_fields("charges") or [])
    check_add_ons(store, given.list_of_fields("fixed_charges") or [])


def assign(store: Store, plan: Plan, given: Fields, *, attached: bool = False) -> None:
    """Change the fields that may always be changed; those that were not sent stay."""
    metadata = given_metadata(given, plan.metadata)
    codes = given.strings("tax_codes")
    taxes = plan.taxes if codes is None else find_taxes(store, codes)
    wanted = given.list_of_fields("charges")
    charges = plan.charges if wanted is None else new_charges(store, wanted, plan.charges, attached=attached)
    wanted_fixed = given.list_of_fields("fixed_charges")
    units = {charge.lago_id: charge.units for charge in plan.fixed_charges}
    fixed = plan.fixed_charges
    if wanted_fixed is not None:
        fixed = new_fixed_charges(store, wanted_fixed, plan.fixed_charges, attached=attached)
    watched = plan.usage_thresholds
    if given.has("usage_thresholds") and store.premium:
        watched = thresholds(store, given)
    commitment = _minimum_commitment(store, given, plan.code, plan.interval, plan.minimum_commitment)
    plan.taxes, plan.charges, plan.fixed_charges, plan.usage_thresholds = taxes, charges, fixed, watched
    for item, charge in zip(wanted_fixed or [], fixed, strict=False):
        if units.get(charge.lago_id) != charge.units:
            immediately = bool(item.boolean("apply_units_immediately"))
            lifecycle.change_fixed_units(store, plan, charge, immediately=immediately)
    plan.name = given.filled("name") or plan.name
    plan.minimum_commitment, plan.metadata = commitment, metadata
    if given.has("trial_period") and not attached:
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
    refuse_cascade(store, plan, given)
    free = not has_subscriptions(store, plan)
    priced = any(applied.plan is plan for applied in store.plan_rate_cards)
    if given.has("amount_currency") and given.text("amount_currency") != plan.amount_currency and priced:
        raise refusals.invalid_field("amount_currency", "not_editable_with_applied_rate_cards")
    _check_chargeables(store, given)
    code = given.filled("code") if free and given.has("code") else plan.code
    name = given.filled("name") if given.has("name") else plan.name
    interval = given.text("interval") if free and given.has("interval") else plan.interval
    currency = given.text("amount_currency") if free and given.has("amount_currency") else plan.amount_currency
    amount = given.integer("amount_cents") if given.has("amount_cents") else plan.amount_cents
    found = refusals.FieldErrors()
    names: dict[str, Json] = {"name": name, "code": code}
    check_name_and_code(found, Fields(names), taken=code != plan.code and store.plans.find(code) is not None)
    advance = given.boolean("pay_in_advance") if free and given.has("pay_in_advance") else plan.pay_in_advance
    _check(found, interval, currency, amount, advance=advance)
    found.refuse()
    assign(store, plan, given, attached=not free)
    with store.plans.changing(plan):
        plan.code = code or ""
    repriced = plan.amount_cents != (amount or 0)
    plan.interval, plan.amount_currency, plan.amount_cents = interval or "", currency or "", amount or 0
    drafts.flag(store, drafts.of_plan(store, plan))
    if repriced:
        lifecycle.reconsider_changes(store, plan)
    if free:
        plan.pay_in_advance = bool(advance)
        for flag in _BOOLEANS:
            # The server looks at the interval that was sent, not at the plan's.
            setattr(plan, flag, _monthly(given, flag, given.text("interval") or ""))
    store.emit("plan.updated", plan)
    return plan_json(store, plan)
