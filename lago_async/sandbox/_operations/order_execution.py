"""The execution of orders: an invoice, or subscriptions, coupons and wallets, all of them or nothing."""

from lago_async.sandbox._money import invoicing
from lago_async.sandbox._operations import order_items
from lago_async.sandbox._operations.applied_coupons import give_coupon
from lago_async.sandbox._operations.invoices import one_off_fee
from lago_async.sandbox._operations.plan_overrides import own_plan_of
from lago_async.sandbox._operations.subscriptions import subscribe
from lago_async.sandbox._operations.usage_thresholds import thresholds
from lago_async.sandbox._operations.wallets import first_top_up, open_wallet
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.copying import copy_world
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.quotes import Executed, Order
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Wallet

_IN_LAGO = "execute_in_lago"
_AMENDMENT = "subscription_amendment"


def execute(store: Store, order: Order) -> None:
    """Execute an order that has a mode. One that is refused becomes failed, and nothing else changes."""
    if order.execution_mode != _IN_LAGO:
        _mark_executed(store, order, Executed())
        return
    try:
        _rehearse(store, order)
    except refusals.RefusalError as refusal:
        if _is_outcome(refusal):
            order.status, order.errors, order.updated_at = "failed", _codes(refusal), store.now
        raise
    if order.form.version.quote.order_type == "one_off":
        _mark_executed(store, order, _invoice(store, order))
        return
    created, wallets = _subscribe(store, order)
    _mark_executed(store, order, created)
    # The server's jobs add the first credits once the order is executed.
    store.tell()
    for wallet, given in wallets:
        first_top_up(store, wallet, given)


def execute_when_due(store: Store, order: Order) -> None:
    """Execute an order whose time has come. One that is refused becomes failed, and waits for a request."""
    try:
        execute(store, order)
    except refusals.RefusalError as refusal:
        if not _is_outcome(refusal):
            order.status, order.errors, order.updated_at = "failed", _codes(refusal), store.now


def _mark_executed(store: Store, order: Order, created: Executed) -> None:
    order.status, order.errors, order.created = "executed", [], created
    order.executed_at = order.updated_at = store.now
    store.emit("order.executed", order)


def _rehearse(store: Store, order: Order) -> None:
    """Execute an order in a copy of the world: what one of its items is refused for must not leave the others."""
    rehearsal = Store(now=store.now, premium=store.premium, front_url="", payment_providers={}, strict=store.strict)
    copy_world(store, rehearsal)
    copied = rehearsal.orders.find(order.lago_id)
    if copied is None:
        raise LookupError(f"order {order.lago_id} is not in the copy of its world")
    if copied.form.version.quote.order_type == "one_off":
        _invoice(rehearsal, copied)
    else:
        _subscribe(rehearsal, copied)


def _is_outcome(refusal: refusals.RefusalError) -> bool:
    """Return whether an order fails by a refusal: neither the sandbox's own refusals nor a crash count."""
    return refusal.status < 500 and refusals.NOT_SIMULATED not in _codes(refusal)


def _codes(refusal: refusals.RefusalError) -> list[str]:
    """Return the codes of a refusal, which an order that failed keeps."""
    details = refusal.body.get("error_details")
    if not isinstance(details, dict):
        return [str(refusal.body.get("code", refusal.body.get("error")))]
    return [str(code) for codes in details.values() if isinstance(codes, list) for code in codes]


def _items(order: Order, key: str) -> list[Fields]:
    return Fields(order.billing_snapshot).list_of_fields(key) or []


def _invoice(store: Store, order: Order) -> Executed:
    """Invoice the add-ons of an order; those that were deleted since the quote count, too."""
    version = order.form.version
    customer = version.quote.customer
    currency = version.currency or customer.currency or ""
    add_ons = list(store.add_ons.with_discarded())
    wanted = [order_items.add_on_fields(item) for item in _items(order, "addOns")]
    if not wanted:
        raise refusals.not_found("fees")
    if not {given.text("add_on_code") for given in wanted} <= {add_on.code for add_on in add_ons}:
        raise refusals.not_found("add_on")
    fees = [one_off_fee(store, customer, currency, given, add_ons) for given in wanted]
    if customer.currency is None:
        customer.columns["currency"] = currency
    invoice = invoicing.new_invoice(store, customer, invoice_type="one_off", currency=currency)
    invoicing.add_fees(store, invoice, fees)
    invoicing.settle(store, invoice)
    return Executed(invoice_id=invoice.lago_id)


def _plan(store: Store, item: Fields) -> Plan:
    plan = next((each for each in store.plans if each.lago_id == item.text("id")), None)
    if plan is None:
        raise refusals.not_found("plan")
    return plan


def _subscribe(store: Store, order: Order) -> tuple[Executed, list[tuple[Wallet, Fields]]]:
    """Start or amend the subscriptions of an order, then give its coupons, then open its wallets.

    Returns: What was made, and the wallets with the fields that their first credits are in.
    """
    version = order.form.version
    customer = version.quote.customer
    created = Executed()
    if version.quote.order_type == _AMENDMENT:
        target = _target(order)
        created.subscription_ids = [_amend(store, order, target).lago_id]
    else:
        target = None
        for item in _items(order, "plans"):
            plan = _plan(store, item)
            given = order_items.subscription_fields(item, plan, customer)
            created.subscription_ids.append(subscribe(store, customer, plan, given).lago_id)
    coupons = {coupon.lago_id: coupon for coupon in store.coupons}
    for item in _items(order, "coupons"):
        given = order_items.coupon_fields(item)
        applied = give_coupon(store, customer, coupons.get(item.text("id") or ""), given)
        created.applied_coupon_ids.append(applied.lago_id)
    wallets: list[tuple[Wallet, Fields]] = []
    metrics = {metric.code for metric in store.billable_metrics}
    for item in _items(order, "walletCredits"):
        given = order_items.wallet_fields(item, version.currency)
        if not set(given.fields("applies_to").strings("billable_metric_codes") or []) <= metrics:
            raise refusals.not_found("billable_metric")
        wallets.append((open_wallet(store, customer, given), given))
    created.wallet_ids = [wallet.lago_id for wallet, _ in wallets]
    if target is not None and target.status == "terminated":
        created.terminated_subscription_ids = [target.lago_id]
    return created, wallets


def _target(order: Order) -> Subscription:
    """Return the subscription that an order amends; it may have ended since the approval."""
    quote = order.form.version.quote
    if len(_items(order, "plans")) != 1:
        raise refusals.invalid_field("plans", "single_plan_expected")
    if quote.subscription is None or quote.subscription.customer is not quote.customer:
        raise refusals.not_found("subscription")
    if quote.subscription.status != "active":
        raise refusals.invalid_field("subscription", "subscription_not_active")
    return quote.subscription


def _amend(store: Store, order: Order, target: Subscription) -> Subscription:
    """Change the plan of a subscription to a copy of the quoted one, and return the subscription that gets it."""
    (item,) = _items(order, "plans")
    catalog = _plan(store, item)
    overrides: dict[str, Json] = {"plan_overrides": order_items.plan_overrides(item, catalog)}
    plan = own_plan_of(store, catalog, Fields(overrides))
    given = order_items.amendment_fields(item, target.customer, target.external_id, target.name)
    running = subscribe(store, target.customer, plan, given)
    amended = target.next if running is target and target.next is not None else running
    if wanted := order_items.usage_thresholds(item):
        amended.usage_thresholds = thresholds(store, Fields({"usage_thresholds": wanted}))
    return amended
