"""Orders: found, listed, executed."""

from lago_async.sandbox._money import invoicing
from lago_async.sandbox._operations import order_filters
from lago_async.sandbox._operations.invoices import one_off_fee
from lago_async.sandbox._operations.order_filters import OrderFilters, fits, one_of, within
from lago_async.sandbox._operations.order_gates import EXECUTION_MODES, ORDER_TYPES, check_gates
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.quotes import Order
from lago_async.sandbox._state.store import Store

_STATUSES = ("created", "executed", "failed")
# The fields of an add-on in a quote, and those of a one-off invoice that mean the same.
_PAYLOAD = {"code": "add_on_code", "units": "units", "unitAmountCents": "unit_amount_cents"}
_OVERRIDES = {"invoiceDisplayName": "invoice_display_name", "description": "description"}


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
            "execution_mode": None if executed_at is None else order.execution_mode,
            "invoice_id": order.invoice_id,
            "subscription_ids": [],
            "terminated_subscription_ids": [],
            "applied_coupon_ids": [],
            "wallet_ids": [],
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
    """Execute an order. In Lago itself only one-off orders are executed here; others answer 501."""
    store = check_gates(call, licence=True)
    order = _find(store, call.identifier)
    wanted = call.params.fields("order").filled("execution_mode")
    mode = wanted or order.execution_mode
    if wanted is not None and wanted not in EXECUTION_MODES:
        raise refusals.invalid_field("execution_mode", "value_is_invalid")
    if mode is None:
        raise refusals.invalid_field("execution_mode", "value_is_mandatory")
    if order.status != "created" and mode != order.execution_mode:
        raise refusals.invalid_field("status", "not_editable")
    if order.status == "executed":
        return order_json(store, order)
    if mode == "execute_in_lago":
        if order.form.version.quote.order_type != "one_off":
            raise refusals.not_simulated()
        order.execution_mode = mode
        order.invoice_id = _invoice(store, order).lago_id
    order.execution_mode, order.status, order.errors = mode, "executed", []
    order.executed_at = order.updated_at = store.now
    store.emit("order.executed", order)
    return order_json(store, order)


def _invoice(store: Store, order: Order) -> Invoice:
    """Invoice the add-ons of an order; an order that cannot be invoiced becomes failed."""
    version = order.form.version
    customer, currency = version.quote.customer, version.currency or ""
    items = Fields(order.billing_snapshot).list_of_fields("addOns") or []
    try:
        fees = [one_off_fee(store, customer, currency, Fields(_fee(item))) for item in items]
    except refusals.RefusalError as refusal:
        order.status, order.errors, order.updated_at = "failed", [str(refusal.body.get("code"))], store.now
        raise
    invoice = invoicing.new_invoice(store, customer, invoice_type="one_off", currency=currency)
    invoicing.add_fees(store, invoice, fees)
    invoicing.settle(store, invoice)
    return invoice


def _fee(item: Fields) -> JsonObject:
    payload, overrides = item.fields("payload"), item.fields("overrides")
    given = {name: payload.raw(key) for key, name in _PAYLOAD.items()}
    return given | {name: overrides.raw(key) for key, name in _OVERRIDES.items() if overrides.has(key)}
