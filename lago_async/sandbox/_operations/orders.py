"""Orders: found, listed, executed."""

from lago_async.sandbox._operations import order_filters
from lago_async.sandbox._operations.order_execution import execute
from lago_async.sandbox._operations.order_filters import OrderFilters, fits, one_of, within
from lago_async.sandbox._operations.order_gates import EXECUTION_MODES, ORDER_TYPES, check_gates
from lago_async.sandbox._operations.quote_items import covers
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.quotes import Order
from lago_async.sandbox._state.store import Store

_STATUSES = ("created", "executed", "failed")


def order_json(store: Store, order: Order) -> JsonObject:
    """Return an order as responses show it."""
    version = order.form.version
    executed_at = to_iso_or_null(order.executed_at)
    return {
        "lago_id": order.lago_id,
        "number": order.number,
        "status": order.status,
        "order_type": version.quote.order_type,
        "execution_mode": order.execution_mode,
        "currency": version.currency,
        "executed_at": executed_at,
        "execution_record": {
            "executed_at": executed_at,
            "execution_mode": None if order.status == "created" else order.execution_mode,
            "invoice_id": order.created.invoice_id,
            "subscription_ids": list[Json](order.created.subscription_ids),
            "terminated_subscription_ids": list[Json](order.created.terminated_subscription_ids),
            "applied_coupon_ids": list[Json](order.created.applied_coupon_ids),
            "wallet_ids": list[Json](order.created.wallet_ids),
            "errors": list[Json](order.errors),
        },
        "lago_organization_id": store.organization_id,
        "lago_customer_id": version.quote.customer.lago_id,
        "lago_order_form_id": order.form.lago_id,
        "created_at": to_iso(order.created_at),
        "updated_at": to_iso(order.updated_at),
        "billing_snapshot": order.billing_snapshot,
    }


def _find(store: Store, lago_id: str) -> Order:
    order = store.orders.find(lago_id)
    if order is None:
        raise refusals.not_found("order")
    return order


@handles("find_all_orders")
def find_all_orders(call: OperationCall) -> PagedList:
    """List the orders that match, newest first."""
    store = check_gates(call)
    given = OrderFilters(call.params)
    statuses = given.one_or_list("status", one_of(*_STATUSES))
    order_types = given.one_or_list("order_type", one_of(*ORDER_TYPES))
    modes = given.one_or_list("execution_mode", one_of(*EXECUTION_MODES))
    customers = given.one_or_list("customer_id", order_filters.uuid)
    numbers = given.one_or_list("number", order_filters.any_text)
    forms = given.one_or_list("order_form_number", order_filters.any_text)
    quotes = given.one_or_list("quote_number", order_filters.any_text)
    owners = given.one_or_list("owner_id", order_filters.uuid)
    since = given.time("executed_at_from", "must be a time")
    until = given.time("executed_at_to", "must be a time")
    given.refuse()
    term = (call.params.filled("search_term") or "").lower()

    def matches(order: Order) -> bool:
        quote = order.form.version.quote
        return (
            fits(order.status, statuses)
            and fits(quote.order_type, order_types)
            and fits(order.execution_mode, modes)
            and fits(quote.customer.lago_id, customers)
            and fits(order.number, numbers)
            and fits(order.form.number, forms)
            and fits(quote.number, quotes)
            and (owners is None or not quote.owners.keys().isdisjoint(owners))
            and term in order.number.lower()
            and within(order.executed_at, since, until)
        )

    found = [order for order in store.orders.newest_first() if matches(order)]
    return Window.of(call.params).page(found, lambda order: encode(order_json(store, order)))


@handles("find_order")
def find_order(call: OperationCall) -> JsonObject:
    """Return one order."""
    store = check_gates(call)
    return order_json(store, _find(store, call.identifier))


@handles("execute_order")
def execute_order(call: OperationCall) -> JsonObject:
    """Execute an order, in the mode that is sent or the one that it was signed with."""
    store = check_gates(call, licence=True)
    order = _find(store, call.identifier)
    wanted = call.params.fields("order").filled("execution_mode")
    if wanted not in {None, order.execution_mode}:
        _set_mode(order, wanted)
    if order.status == "executed":
        return order_json(store, order)
    if order.execution_mode is None:
        raise refusals.invalid_field("execution_mode", "value_is_mandatory")
    execute(store, order)
    return order_json(store, order)


def _set_mode(order: Order, mode: str | None) -> None:
    if mode not in EXECUTION_MODES:
        raise refusals.invalid_field("execution_mode", "value_is_invalid")
    if not covers(order.form.version, order.execute_at):
        raise refusals.invalid_field("execute_at", "after_deal_expiration")
    if order.status != "created":
        raise refusals.invalid_field("status", "not_editable")
    order.execution_mode = mode
