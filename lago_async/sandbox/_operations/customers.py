"""Customers: created or updated, listed, deleted."""

from datetime import timedelta

from lago_async.sandbox._money import billing, drafts, invoicing, lifecycle, prepaid
from lago_async.sandbox._money.discounts import terminate_applied_coupon
from lago_async.sandbox._operations.billing_entities import check_entity
from lago_async.sandbox._operations.customer_billing import configure_billing
from lago_async.sandbox._operations.customer_fields import (
    assign_address,
    assigned_columns,
    assigned_metadata,
    check_before_saving,
    check_columns,
    new_customer,
)
from lago_async.sandbox._operations.customer_filters import customer_conditions
from lago_async.sandbox._operations.customer_views import customer_json, listed_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.taxes import find_taxes
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store

# On the server a job does it.
_FINALIZED_AFTER = timedelta(minutes=5)


def find(store: Store, external_id: str | None) -> Customer:
    """Return the customer with this external id, or refuse with a 404."""
    customer = store.customers.find(external_id)
    if customer is None:
        raise refusals.not_found("customer")
    return customer


@handles("create_customer")
def create_customer(call: OperationCall) -> JsonObject:
    """Create a customer, or update the one with this external id."""
    store, given = call.store, call.envelope()
    check_entity(store, given)
    entity = given.filled("billing_entity_code") or store.billing_entity_code
    check_before_saving(given)
    external_id = (given.text("external_id") or "").strip()
    existing = store.customers.find(external_id)
    refuse_unsimulated(store, "customer", given, existing)
    customer = existing or new_customer(store, external_id)
    settings = given.fields("billing_configuration")
    columns = assigned_columns(store, customer, given)
    shipping = dict(customer.shipping)
    assign_address(shipping, given.fields("shipping_address"))
    check_columns(given, columns, shipping)
    codes = given.strings("tax_codes")
    taxes = customer.taxes if codes is None else find_taxes(store, codes)
    metadata = assigned_metadata(store, customer, given)

    with invoicing.drafts_follow(store):
        customer.columns, customer.shipping, customer.taxes, customer.metadata = columns, shipping, taxes, metadata
        customer.updated_at = store.now
        if existing is None or given.has("billing_entity_code"):
            customer.billing_entity_code, customer.defaults = entity, store.billing_defaults(entity)
        if existing is None:
            store.customers.add(customer)
        if codes is not None:
            drafts.flag(store, drafts.of_customer(store, customer))
        # The server has committed here: a refusal from now on leaves the customer saved.
        configure_billing(store, customer, settings)
    store.emit("customer.created" if existing is None else "customer.updated", customer)
    for invoice in list(store.drafts):
        if invoice.customer is customer and invoice.finalize_at is not None and invoice.finalize_at <= store.now:
            billing.finalize(store, invoice)
    return customer_json(customer)


@handles("find_customer")
def find_customer(call: OperationCall) -> JsonObject:
    """Return one customer."""
    return customer_json(find(call.store, call.identifier))


@handles("find_all_customers")
def find_all_customers(call: OperationCall) -> PagedList:
    """List the customers that match, newest first."""
    conditions = customer_conditions(call)
    found = [item for item in call.store.customers.newest_first() if all(matches(item) for matches in conditions)]
    return Window.of(call.params).page(found, lambda customer: encode(listed_json(customer)))


@handles("destroy_customer")
def destroy_customer(call: OperationCall) -> JsonObject:
    """Delete a customer softly, and end its subscriptions, coupons and wallets; the server does so a bit later."""
    store = call.store
    customer = find(store, call.identifier)
    store.customers.discard(customer, store.now)
    customer.updated_at = store.now
    for subscription in list(store.subscriptions_of(customer)):
        if subscription.status == "active":
            lifecycle.terminate(store, subscription)
        elif subscription.status == "pending":
            lifecycle.cancel_before_start(store, subscription)
    for invoice in store.drafts:
        if invoice.customer is customer:
            invoice.finalize_at = store.now + _FINALIZED_AFTER
    for applied_coupon in store.applied_coupons.values():
        if applied_coupon.customer is customer:
            terminate_applied_coupon(store, applied_coupon)
    for wallet in store.wallets:
        if wallet.customer is customer:
            prepaid.terminate(store, wallet)
    return customer_json(customer)
