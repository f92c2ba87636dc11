"""Subscriptions: start, change of plan, end, and the lists of them."""

from datetime import timedelta
from fractions import Fraction

from lago_async.sandbox import billing, errors
from lago_async.sandbox.catalog import plan_json
from lago_async.sandbox.customers import find as find_customer
from lago_async.sandbox.customers import new_customer
from lago_async.sandbox.handlers import Call, Page, handles
from lago_async.sandbox.paging import Window
from lago_async.sandbox.periods import MONTHS
from lago_async.sandbox.query import Fields
from lago_async.sandbox.records import Customer, Plan, Subscription
from lago_async.sandbox.store import Store
from lago_async.sandbox.wire import JsonObject, encode, iso, iso_ms, iso_or_null, parse_moment

_SECOND = timedelta(seconds=1)
_STATUSES = ("pending", "active", "terminated", "canceled", "incomplete")
# What lists leave out.
_NOT_LISTED = ("billing_entity_code", "applied_invoice_custom_sections", "plan", "applicable_usage_thresholds")


def subscription_json(store: Store, subscription: Subscription) -> JsonObject:
    """A subscription as every answer carries it."""
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
        "progressive_billing_disabled": False,
        "purchase_order_number": subscription.purchase_order_number,
        "consolidate_invoice": subscription.consolidate_invoice,
        "billing_entity_code": subscription.customer.billing_entity_code,
        "payment_method": {
            "payment_method_type": subscription.payment_method_type,
            "payment_method_id": subscription.payment_method_id,
        },
        "applied_invoice_custom_sections": [],
        "activation_rules": [],
        "plan": plan_json(store, plan),
        "applicable_usage_thresholds": [],
    }


def _yearly_cents(plan: Plan) -> Fraction:
    """What a plan costs in a year: the dearer plan is an upgrade."""
    per_year = Fraction(52) if plan.interval == "weekly" else Fraction(12, MONTHS[plan.interval])
    return plan.amount_cents * per_year


def _check(call: Call, given: Fields) -> Plan:
    store = call.store
    if given.filled("external_customer_id") is None:
        raise errors.invalid_field("external_customer_id", "value_is_mandatory")
    plan = store.plans.find(given.text("plan_code"))
    if plan is None:
        raise errors.not_found("plan")
    if given.mapping("plan_overrides"):
        if not store.premium:
            raise errors.forbidden("feature_unavailable")
        raise errors.invalid_field("plan_overrides", errors.NOT_SIMULATED)
    if call.params.mapping("authorization"):
        message = "Payment authorization (beta_payment_authorization) is not available for this organization"
        raise errors.forbidden("feature_not_available", message=message)
    found = errors.Errors()
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
    )


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
        raise errors.invalid_field("external_id", "value_already_exist")
    if known is None:
        store.customers.add(customer)
    if current is None:
        store.subscriptions[wanted.external_id].append(wanted)
        if wanted.subscription_at <= store.now:
            billing.activate(store, wanted, wanted.subscription_at)
        current = wanted
    elif current.status == "pending":
        current.plan, current.name = plan, wanted.name or current.name
    elif current.plan is not plan:
        current = _change_plan(store, current, wanted)
    return {**subscription_json(store, current), "entitlements": []}


@handles("destroy_subscription")
def destroy_subscription(call: Call) -> JsonObject:
    """Terminate an active subscription, or cancel one that has not begun."""
    store = call.store
    status = call.params.filled("status") or "active"
    subscription = store.subscription(call.identifier, status) if status in {"active", "pending"} else None
    if subscription is None:
        raise errors.not_found("subscription")
    if status == "pending":
        billing.cancel(store, subscription)
        return subscription_json(store, subscription)
    credit_note, invoice = (call.params.filled(f"on_termination_{name}") for name in ("credit_note", "invoice"))
    if credit_note not in {None, "credit", "skip", "refund", "offset"}:
        raise errors.invalid_field("on_termination_credit_note", "invalid_value")
    if invoice not in {None, "generate", "skip"}:
        raise errors.invalid_field("on_termination_invoice", "invalid_value")
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
        raise errors.not_found("subscription")
    return subscription


@handles("find_subscription")
def find_subscription(call: Call) -> JsonObject:
    """One subscription with its plan."""
    return {**subscription_json(call.store, find(call)), "entitlements": []}


def _listed_json(store: Store, subscription: Subscription) -> JsonObject:
    shown = subscription_json(store, subscription)
    return {name: value for name, value in shown.items() if name not in _NOT_LISTED}


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
    return Window.of(params).page(found, lambda each: encode(_listed_json(store, each)))


@handles("find_all_subscriptions")
def find_all_subscriptions(call: Call) -> Page:
    """Subscriptions of everybody; an unknown customer has none."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_subscriptions")
def find_all_customer_subscriptions(call: Call) -> Page:
    """Subscriptions of one customer, who has to exist."""
    return _page(call, find_customer(call.store, call.identifier).external_id)
