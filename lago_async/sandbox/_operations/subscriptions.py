"""Subscriptions: started, moved to another plan, ended, listed."""

from lago_async.sandbox._money import lifecycle
from lago_async.sandbox._operations import list_filters
from lago_async.sandbox._operations.billing_entities import check_entity, entity_codes
from lago_async.sandbox._operations.customer_fields import new_customer
from lago_async.sandbox._operations.customers import find as find_customer
from lago_async.sandbox._operations.enumeration_filters import checked_value, known_values
from lago_async.sandbox._operations.plan_overrides import override
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.subscription_views import full_json, listed_json, plain_json, subscription_json
from lago_async.sandbox._operations.usage_thresholds import thresholds
from lago_async.sandbox._operations.wallet_rules import valid_payment_method
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription, yearly_cents

_CREDIT_NOTE_CHOICES = ("credit", "skip", "refund", "offset")
_INVOICE_CHOICES = ("generate", "skip")


def _check(call: OperationCall, given: Fields) -> Plan:
    """Check the fields that were sent, and return the plan."""
    store = call.store
    check_entity(store, given)
    external_id = (given.text("external_customer_id") or "").strip()
    refuse_unsimulated(store, "subscription", given, store.customers.find(external_id))
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
    _check_fields(store, given)
    return plan


def _check_fields(store: Store, given: Fields) -> None:
    """Refuse invalid fields of a subscription; all errors are reported."""
    found = refusals.FieldErrors()
    if given.filled("external_id") is None:
        found.add("external_id", "value_is_mandatory")
    if given.filled("billing_time") not in {None, "calendar", "anniversary"}:
        found.add("billing_time", "value_is_invalid")
    starts = parse_timestamp(given.raw("subscription_at"))
    if given.raw("subscription_at") is not None and starts is None:
        found.add("subscription_at", "invalid_date")
    if given.raw("ending_at") is not None:
        ends = parse_timestamp(given.raw("ending_at"))
        # Days count, in UTC.
        if ends is None or ends.date() <= max(store.now, starts or store.now).date():
            found.add("ending_at", "invalid_date")
    if not valid_payment_method(store, given):
        found.add("payment_method", "invalid_payment_method")
    customer = store.customers.find((given.text("external_customer_id") or "").strip())
    if given.list_of_fields("activation_rules") and not (customer and customer.columns.get("payment_provider")):
        found.add("customer", "no_linked_payment_provider")
    found.refuse()


def _new(store: Store, customer: Customer, plan: Plan, given: Fields) -> Subscription:
    method = given.fields("payment_method")
    return Subscription(
        created_at=store.now,
        external_id=(given.text("external_id") or "").strip(),
        customer=customer,
        plan=plan,
        name=(given.text("name") or "").strip(),
        billing_time=given.filled("billing_time") or "calendar",
        subscription_at=parse_timestamp(given.raw("subscription_at")) or store.now,
        ending_at=parse_timestamp(given.raw("ending_at")),
        purchase_order_number=given.text("purchase_order_number"),
        consolidate_invoice=given.boolean("consolidate_invoice") is not False,
        payment_method_type=method.filled("payment_method_type") or "provider",
        payment_method_id=method.filled("payment_method_id"),
        progressive_billing_disabled=bool(given.boolean("progressive_billing_disabled")),
        usage_thresholds=thresholds(store, given),
    )


def _change_plan(store: Store, current: Subscription, wanted: Subscription, given: Fields) -> Subscription:
    """Change the plan: an upgrade starts at once, a downgrade at the end of the period. Return the running one.

    Fields that were not sent stay as they are.
    """
    wanted.previous = current
    wanted.subscription_at, wanted.billing_time = current.subscription_at, current.billing_time
    wanted.name = wanted.name or current.name
    for name in ("ending_at", "consolidate_invoice", "purchase_order_number"):
        if not given.has(name):
            setattr(wanted, name, getattr(current, name))
    lifecycle.cancel_next(store, current)
    current.next = wanted
    store.add_subscription(wanted)
    wanted.lifetime_usage_id = current.lifetime_usage_id
    wanted.historical_usage_cents = current.historical_usage_cents
    if yearly_cents(wanted.plan) < yearly_cents(current.plan):
        store.emit("subscription.updated", current)
        return current
    lifecycle.upgrade(store, current, wanted)
    return wanted


@handles("create_subscription")
def create_subscription(call: OperationCall) -> JsonObject:
    """Subscribe a customer, who is created if necessary, or change the plan of a running subscription."""
    store, given = call.store, call.envelope()
    plan = _check(call, given)
    external_customer_id = (given.text("external_customer_id") or "").strip()
    known = store.customers.find(external_customer_id)
    customer = known or new_customer(store, external_customer_id)
    return full_json(store, _subscribe(store, customer, plan, given, new=known is None))


def subscribe(store: Store, customer: Customer, plan: Plan, given: Fields) -> Subscription:
    """Subscribe a customer to a plan as a request does, and return the subscription that runs then."""
    _check_fields(store, given)
    return _subscribe(store, customer, plan, given)


def _subscribe(store: Store, customer: Customer, plan: Plan, given: Fields, *, new: bool = False) -> Subscription:
    """Start a subscription, or change the plan of the one with its external id. A ``new`` customer is added."""
    wanted = _new(store, customer, plan, given)
    current = store.subscription(wanted.external_id, "active") or store.subscription(wanted.external_id, "pending")
    if current is not None and current.customer is not customer:
        raise refusals.invalid_field("external_id", "value_already_exist")
    if current is None or current.status == "pending" or current.plan.original is not plan:
        override(store, wanted, given)
    if new:
        store.customers.add(customer)
    if current is None:
        store.add_subscription(wanted)
        lifecycle.begin(store, wanted)
        current = wanted
    elif current.status == "pending":
        current.plan, current.name = wanted.plan, wanted.name or current.name
    elif current.plan.original is not plan:
        current = _change_plan(store, current, wanted, given)
    return current


@handles("destroy_subscription")
def destroy_subscription(call: OperationCall) -> JsonObject:
    """Terminate an active subscription, or cancel one that has not begun."""
    store = call.store
    status = "pending" if call.params.filled("status") == "pending" else "active"
    subscription = store.subscription(call.identifier, status)
    if subscription is None:
        raise refusals.not_found("subscription")
    if status == "pending":
        lifecycle.cancel_before_start(store, subscription)
        return plain_json(store, subscription)
    invoice = checked_value(call, "on_termination_invoice", code="invalid_value")
    if subscription.plan.pay_in_advance:
        credit_note = checked_value(call, "on_termination_credit_note", code="invalid_value")
        subscription.on_termination_credit_note = credit_note or subscription.on_termination_credit_note or "credit"
    subscription.on_termination_invoice = invoice or subscription.on_termination_invoice or "generate"
    lifecycle.terminate(store, subscription)
    return plain_json(store, subscription)


def find(call: OperationCall) -> Subscription:
    """Return the subscription that the path names: the active one, or the one with the status in the query."""
    status = call.params.filled("subscription_status") or call.params.filled("status") or "active"
    subscription = call.store.subscription(call.identifier, status)
    if subscription is None:
        raise refusals.not_found("subscription")
    return subscription


@handles("find_subscription")
def find_subscription(call: OperationCall) -> JsonObject:
    """Return one subscription with its plan."""
    return full_json(call.store, find(call))


def _find_to_update(call: OperationCall) -> Subscription:
    """Return the only subscription with this id; of several the active one, or the one with the status in the query."""
    same_id = call.store.subscriptions.get(call.identifier, ())
    status = call.params.filled("status")
    subscription = call.store.subscription(call.identifier, status if status in {"pending", "incomplete"} else "active")
    if len(same_id) == 1:
        (subscription,) = same_id
    if subscription is None:
        raise refusals.not_found("subscription")
    return subscription


@handles("update_subscription")
def update_subscription(call: OperationCall) -> JsonObject:
    """Change a subscription; its start can only change before it has begun."""
    store, subscription, given = call.store, _find_to_update(call), call.envelope()
    check_entity(store, given)
    refuse_unsimulated(store, "subscription", given, subscription.customer)
    if given.mapping("plan_overrides") and not store.premium:
        raise refusals.forbidden("feature_unavailable")
    ends, begins = (parse_timestamp(given.raw(name)) for name in ("ending_at", "subscription_at"))
    found = refusals.FieldErrors()
    if given.raw("ending_at") is not None and (ends is None or ends <= store.now):
        found.add("ending_at", "invalid_date")
    if given.raw("subscription_at") is not None and begins is None:
        found.add("subscription_at", "invalid_date")
    for name, accepted in (("credit_note", _CREDIT_NOTE_CHOICES), ("invoice", _INVOICE_CHOICES)):
        if given.filled(f"on_termination_{name}") not in {None, *accepted}:
            found.add(f"on_termination_{name}", "invalid_value")
    if not valid_payment_method(store, given):
        found.add("payment_method", "invalid_payment_method")
    found.refuse()
    override(store, subscription, given)
    if given.has("ending_at"):
        subscription.ending_at = ends
    if begins is not None and subscription.status == "pending":
        subscription.subscription_at = begins
        if subscription.previous is None:
            lifecycle.begin(store, subscription)
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
    if subscription.status != "pending":
        store.emit("subscription.updated", subscription)
    return subscription_json(store, subscription)


def _page(call: OperationCall, customer_id: str | None) -> PagedList:
    """List the subscriptions that match, latest start first; only active ones unless statuses are given."""
    store, params = call.store, call.params
    entities = list_filters.entity_codes(call, entity_codes(store))
    wanted = params.strings("status") or ["active"]
    if not set(wanted) <= set(known_values(call, "status")):
        wanted = list(known_values(call, "status"))  # one unknown status, and the server filters by none
    plan_code, external_id, currency = (params.filled(name) for name in ("plan_code", "external_id", "currency"))
    overridden = params.boolean("overridden" if params.raw("overridden") is not None else "overriden")

    def matches(item: Subscription) -> bool:
        return (
            (not wanted or item.status in wanted)
            and customer_id in {None, item.customer.external_id}
            and plan_code in {None, item.plan.code}
            and external_id in {None, item.external_id}
            and currency in {None, item.plan.amount_currency}
            and (not entities or item.customer.billing_entity_code in entities)
            and overridden in {None, item.plan.parent is not None}
        )

    found = [subscription for subscription in store.all_subscriptions() if matches(subscription)]
    found.sort(key=lambda item: (item.subscription_at, item.created_at, item.order), reverse=True)
    return Window.of(params).page(found, lambda item: encode(listed_json(store, item)))


@handles("find_all_subscriptions")
def find_all_subscriptions(call: OperationCall) -> PagedList:
    """List the subscriptions of all customers; an unknown customer has none."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_subscriptions")
def find_all_customer_subscriptions(call: OperationCall) -> PagedList:
    """List the subscriptions of one customer, who must exist."""
    return _page(call, find_customer(call.store, call.identifier).external_id)
