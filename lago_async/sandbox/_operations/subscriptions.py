"""Subscriptions: start, change of plan, end, and the lists of them."""

from datetime import timedelta
from fractions import Fraction

from lago_async.sandbox._money import billing
from lago_async.sandbox._operations.charges import own_plan, update_charge, update_fixed_charge
from lago_async.sandbox._operations.customers import find as find_customer
from lago_async.sandbox._operations.customers import new_customer
from lago_async.sandbox._operations.entitlements import subscription_entitlements_json
from lago_async.sandbox._operations.plans import applicable_threshold_json, plan_json, thresholds
from lago_async.sandbox._operations.plans import assign as assign_plan
from lago_async.sandbox._operations.registry import Call, Page, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import JsonObject, encode, iso, iso_ms, iso_or_null, parse_moment
from lago_async.sandbox._state.periods import MONTHS
from lago_async.sandbox._state.records import Customer, Plan, Subscription, UsageThreshold
from lago_async.sandbox._state.store import Store

_SECOND = timedelta(seconds=1)
_CREDIT_NOTE_CHOICES = ("credit", "skip", "refund", "offset")
_INVOICE_CHOICES = ("generate", "skip")
_STATUSES = ("pending", "active", "terminated", "canceled", "incomplete")


def applicable_thresholds(subscription: Subscription) -> list[UsageThreshold]:
    """The subscription's own usage thresholds, or its plan's."""
    return subscription.usage_thresholds or subscription.plan.usage_thresholds


def listed_json(store: Store, subscription: Subscription) -> JsonObject:
    """A subscription as lists and invoices show it."""
    following, plan = subscription.next, subscription.plan
    started_at, activated = subscription.started_at, subscription.status in {"active", "terminated"}
    running = subscription.period_at(store.now, plan.interval) if subscription.status == "active" else None
    downgrade_date = None
    if following is not None and following.status == "pending" and running is not None:
        downgrade_date = running.end.astimezone(subscription.customer.zone).date().isoformat()
    return {
        "lago_id": subscription.lago_id,
        "external_id": subscription.external_id,
        "lago_customer_id": subscription.customer.lago_id,
        "external_customer_id": subscription.customer.external_id,
        "name": subscription.name,
        "plan_code": plan.code,
        "plan_amount_cents": plan.amount_cents,
        "plan_amount_currency": plan.amount_currency,
        "status": subscription.status,
        "billing_time": subscription.billing_time,
        "subscription_at": iso(subscription.subscription_at),
        "started_at": None if started_at is None else iso_ms(started_at),
        "activated_at": iso_or_null(started_at) if activated else None,
        "trial_ended_at": None,
        "ending_at": iso_or_null(subscription.ending_at),
        "terminated_at": iso_or_null(subscription.terminated_at),
        "canceled_at": iso_or_null(subscription.canceled_at),
        "cancellation_reason": None,
        "created_at": iso(subscription.created_at),
        "previous_plan_code": None if subscription.previous is None else subscription.previous.plan.code,
        "next_plan_code": None if following is None or following.status == "canceled" else following.plan.code,
        "downgrade_plan_date": downgrade_date,
        "current_billing_period_started_at": None
        if running is None
        else iso(max(running.start, started_at or running.start)),
        "current_billing_period_ending_at": None if running is None else iso(running.end - _SECOND),
        "on_termination_credit_note": subscription.on_termination_credit_note,
        "on_termination_invoice": subscription.on_termination_invoice,
        "progressive_billing_disabled": subscription.progressive_billing_disabled,
        "purchase_order_number": subscription.purchase_order_number,
        "consolidate_invoice": subscription.consolidate_invoice,
        "payment_method": {
            "payment_method_type": subscription.payment_method_type,
            "payment_method_id": subscription.payment_method_id,
        },
        "activation_rules": [],
    }


def subscription_json(store: Store, subscription: Subscription) -> JsonObject:
    """A subscription as its own operations answer it."""
    return {
        **listed_json(store, subscription),
        "billing_entity_code": subscription.customer.billing_entity_code,
        "applied_invoice_custom_sections": [],
        "plan": plan_json(store, subscription.plan),
        "applicable_usage_thresholds": [
            applicable_threshold_json(each) for each in applicable_thresholds(subscription)
        ],
    }


def _full_json(store: Store, subscription: Subscription) -> JsonObject:
    """A subscription with its plan and its entitlements."""
    entitlements = subscription_entitlements_json(store, subscription)
    return {**subscription_json(store, subscription), "entitlements": entitlements}


def _yearly_cents(plan: Plan) -> Fraction:
    """What a plan costs in a year: the dearer plan is an upgrade."""
    per_year = Fraction(52) if plan.interval == "weekly" else Fraction(12, MONTHS[plan.interval])
    return plan.amount_cents * per_year


def _check(call: Call, given: Fields) -> Plan:
    store = call.store
    if given.filled("external_customer_id") is None:
        raise refusals.invalid_field("external_customer_id", "value_is_mandatory")
    plan = store.plans.find(given.text("plan_code"))
    if plan is None:
        raise refusals.not_found("plan")
    if given.mapping("plan_overrides") and not store.premium:
        raise refusals.forbidden("feature_unavailable")
    if call.params.mapping("authorization"):
        message = "Payment authorization (beta_payment_authorization) is not available for this organization"
        raise refusals.forbidden("feature_not_available", message=message)
    found = refusals.Errors()
    if given.filled("external_id") is None:
        found.add("external_id", "value_is_mandatory")
    if given.filled("billing_time") not in {None, "calendar", "anniversary"}:
        found.add("billing_time", "value_is_invalid")
    starts = parse_moment(given.raw("subscription_at"))
    if given.raw("subscription_at") is not None and starts is None:
        found.add("subscription_at", "invalid_date")
    if given.raw("ending_at") is not None:
        ends = parse_moment(given.raw("ending_at"))
        if ends is None or ends <= max(store.now, starts or store.now):
            found.add("ending_at", "invalid_date")
    found.refuse()
    return plan


def _new(store: Store, customer: Customer, plan: Plan, given: Fields) -> Subscription:
    method = given.fields("payment_method")
    return Subscription(
        created_at=store.now,
        external_id=(given.text("external_id") or "").strip(),
        customer=customer,
        plan=plan,
        name=given.text("name"),
        billing_time=given.filled("billing_time") or "calendar",
        subscription_at=parse_moment(given.raw("subscription_at")) or store.now,
        ending_at=parse_moment(given.raw("ending_at")),
        purchase_order_number=given.text("purchase_order_number"),
        consolidate_invoice=given.boolean("consolidate_invoice") is not False,
        payment_method_type=method.filled("payment_method_type") or "provider",
        payment_method_id=method.filled("payment_method_id"),
        progressive_billing_disabled=bool(given.boolean("progressive_billing_disabled")),
        usage_thresholds=thresholds(store, given),
    )


def _override(store: Store, subscription: Subscription, given: Fields) -> None:
    """Give a subscription its own version of the plan, with what is to be different in it.

    Charges are named by the ids of the plan's own; a charge that is not named stays as it is.
    """
    overrides = given.fields("plan_overrides")
    if not given.mapping("plan_overrides"):
        return
    plan = own_plan(store, subscription)
    amount = overrides.integer("amount_cents")
    plan.amount_cents = plan.amount_cents if amount is None else amount
    plan.amount_currency = overrides.filled("amount_currency") or plan.amount_currency
    for each in overrides.list_of_fields("charges") or []:
        for charge in plan.charges:
            if each.text("id") in {charge.lago_id, charge.parent_id}:
                update_charge(store, charge, each)
    for each in overrides.list_of_fields("fixed_charges") or []:
        for fixed in plan.fixed_charges:
            if each.text("id") in {fixed.lago_id, fixed.parent_id}:
                update_fixed_charge(store, fixed, each)
    names = ("charges", "fixed_charges", "metadata")
    assign_plan(store, plan, Fields({name: value for name, value in overrides.items() if name not in names}))


def _change_plan(store: Store, current: Subscription, wanted: Subscription) -> Subscription:
    """A dearer plan takes over at once; a cheaper one waits for the period's end, and the current one is answered."""
    wanted.previous = current
    wanted.subscription_at, wanted.billing_time = current.subscription_at, current.billing_time
    wanted.name = wanted.name or current.name
    billing.cancel_next(store, current)
    current.next = wanted
    store.subscriptions[wanted.external_id].append(wanted)
    if _yearly_cents(wanted.plan) < _yearly_cents(current.plan):
        return current
    billing.terminate(store, current)
    billing.activate(store, wanted, store.now)
    return wanted


@handles("create_subscription")
def create_subscription(call: Call) -> JsonObject:
    """Subscribe a customer (who is created where nobody has that id), or change the plan of what runs already."""
    store, given = call.store, call.envelope()
    plan = _check(call, given)
    external_customer_id = (given.text("external_customer_id") or "").strip()
    known = store.customers.find(external_customer_id)
    customer = known or new_customer(store, external_customer_id)
    wanted = _new(store, customer, plan, given)
    current = store.subscription(wanted.external_id, "active") or store.subscription(wanted.external_id, "pending")
    if current is not None and current.customer is not customer:
        raise refusals.invalid_field("external_id", "value_already_exist")
    if current is None or current.status == "pending" or current.plan.original is not plan:
        _override(store, wanted, given)
    if known is None:
        store.customers.add(customer)
    if current is None:
        store.subscriptions[wanted.external_id].append(wanted)
        if wanted.subscription_at <= store.now:
            billing.activate(store, wanted, wanted.subscription_at)
        current = wanted
    elif current.status == "pending":
        current.plan, current.name = wanted.plan, wanted.name or current.name
    elif current.plan.original is not plan:
        current = _change_plan(store, current, wanted)
    return _full_json(store, current)


@handles("destroy_subscription")
def destroy_subscription(call: Call) -> JsonObject:
    """Terminate an active subscription, or cancel one that has not begun."""
    store = call.store
    status = call.params.filled("status") or "active"
    subscription = store.subscription(call.identifier, status) if status in {"active", "pending"} else None
    if subscription is None:
        raise refusals.not_found("subscription")
    if status == "pending":
        billing.cancel(store, subscription)
        return subscription_json(store, subscription)
    credit_note, invoice = (call.params.filled(f"on_termination_{name}") for name in ("credit_note", "invoice"))
    if credit_note not in {None, *_CREDIT_NOTE_CHOICES}:
        raise refusals.invalid_field("on_termination_credit_note", "invalid_value")
    if invoice not in {None, *_INVOICE_CHOICES}:
        raise refusals.invalid_field("on_termination_invoice", "invalid_value")
    if subscription.plan.pay_in_advance:
        subscription.on_termination_credit_note = credit_note or "credit"
    subscription.on_termination_invoice = invoice or "generate"
    billing.terminate(store, subscription, invoice=invoice != "skip")
    billing.cancel_next(store, subscription)
    return subscription_json(store, subscription)


def find(call: Call) -> Subscription:
    """The subscription that the path names: the active one, or the one of the status that the query asks for."""
    status = call.params.filled("subscription_status") or call.params.filled("status") or "active"
    subscription = call.store.subscription(call.identifier, status)
    if subscription is None:
        raise refusals.not_found("subscription")
    return subscription


@handles("find_subscription")
def find_subscription(call: Call) -> JsonObject:
    """One subscription with its plan."""
    return _full_json(call.store, find(call))


@handles("update_subscription")
def update_subscription(call: Call) -> JsonObject:
    """Change a subscription; when it begins only while it has not begun."""
    store, subscription, given = call.store, find(call), call.envelope()
    if given.mapping("plan_overrides") and not store.premium:
        raise refusals.forbidden("feature_unavailable")
    ends, begins = (parse_moment(given.raw(name)) for name in ("ending_at", "subscription_at"))
    found = refusals.Errors()
    if given.raw("ending_at") is not None and (ends is None or ends <= store.now):
        found.add("ending_at", "invalid_date")
    if given.raw("subscription_at") is not None and begins is None:
        found.add("subscription_at", "invalid_date")
    for name, accepted in (("credit_note", _CREDIT_NOTE_CHOICES), ("invoice", _INVOICE_CHOICES)):
        if given.filled(f"on_termination_{name}") not in {None, *accepted}:
            found.add(f"on_termination_{name}", "invalid_value")
    found.refuse()
    _override(store, subscription, given)
    if given.has("ending_at"):
        subscription.ending_at = ends
    if begins is not None and subscription.status == "pending":
        subscription.subscription_at = begins
        if begins <= store.now:
            billing.activate(store, subscription, begins)
    for name in ("name", "purchase_order_number"):
        if given.has(name):
            setattr(subscription, name, given.text(name))
    for name in ("consolidate_invoice", "progressive_billing_disabled"):
        value = given.boolean(name)
        if value is not None:
            setattr(subscription, name, value)
    if subscription.plan.pay_in_advance and given.filled("on_termination_credit_note") is not None:
        subscription.on_termination_credit_note = given.filled("on_termination_credit_note")
    subscription.on_termination_invoice = given.filled("on_termination_invoice") or subscription.on_termination_invoice
    if given.has("usage_thresholds"):
        subscription.usage_thresholds = thresholds(store, given)
    method = given.fields("payment_method")
    if method.has("payment_method_type"):
        subscription.payment_method_type = method.filled("payment_method_type") or "provider"
        subscription.payment_method_id = method.filled("payment_method_id")
    return subscription_json(store, subscription)


def _page(call: Call, customer_id: str | None) -> Page:
    """Those that match, the one that begins last first; only active ones unless statuses are given."""
    store, params = call.store, call.params
    wanted = [each for each in params.strings("status") or [] if each in _STATUSES] or ["active"]
    plan_code, external_id, currency = (params.filled(name) for name in ("plan_code", "external_id", "currency"))
    entities = params.strings("billing_entity_codes") or []

    def matches(each: Subscription) -> bool:
        return (
            each.status in wanted
            and customer_id in {None, each.customer.external_id}
            and plan_code in {None, each.plan.code}
            and external_id in {None, each.external_id}
            and currency in {None, each.plan.amount_currency}
            and (not entities or each.customer.billing_entity_code in entities)
        )

    found = [each for each in store.all_subscriptions() if matches(each)]
    found.sort(key=lambda each: (each.subscription_at, each.created_at, each.order), reverse=True)
    return Window.of(params).page(found, lambda each: encode(listed_json(store, each)))


@handles("find_all_subscriptions")
def find_all_subscriptions(call: Call) -> Page:
    """Subscriptions of everybody; an unknown customer has none."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_subscriptions")
def find_all_customer_subscriptions(call: Call) -> Page:
    """Subscriptions of one customer, who has to exist."""
    return _page(call, find_customer(call.store, call.identifier).external_id)
