"""Previews: the next invoice of running subscriptions, or of one that does not exist yet."""

from datetime import datetime, timedelta

import attrs

from lago_async.sandbox._money import amounts, billing, discounts, invoicing
from lago_async.sandbox._money.dates import Dates
from lago_async.sandbox._operations import customer_fields, customers
from lago_async.sandbox._operations.billing_entities import check_entity
from lago_async.sandbox._operations.invoice_views import invoice_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.coupons import AppliedCoupon, Coupon
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

_OVERRIDDEN = ("name", "tax_identification_number", "currency", "timezone", *customer_fields.ADDRESS)
_INTEGRATIONS = ("anrok", "avalara", "xero", "hubspot", "salesforce")


def _customer(store: Store, given: Fields) -> tuple[Customer | None, Customer]:
    """Return the customer with this external id, and a temporary one: the same, or a new one, with what was sent."""
    external_id = given.filled("external_id")
    known = None if external_id is None else customers.find(store, external_id)
    base = customer_fields.new_customer(store, "") if known is None else known
    columns, shipping = dict(base.columns), dict(base.shipping)
    columns |= {name: given.filled(name) for name in _OVERRIDDEN if given.has(name)}
    address = given.fields("shipping_address")
    if given.has("shipping_address"):
        shipping = {name: address.filled(name) for name in shipping}
    for item in given.list_of_fields("integration_customers") or []:
        kind = item.text("integration_type")
        # No integration has been connected.
        raise refusals.not_found(f"{kind}_integration") if kind in _INTEGRATIONS else refusals.crashed()
    return known, attrs.evolve(base, columns=columns, shipping=shipping)


def _coupons(store: Store, customer: Customer, given: list[Fields]) -> list[AppliedCoupon]:
    """Return the coupons that were sent: by the code of an existing one, or with the fields of a new one."""
    applied: list[AppliedCoupon] = []
    for item in given:
        known = store.coupons.find(item.filled("code"))
        amount, rate = item.integer("amount_cents"), item.decimal("percentage_rate")
        if known is None and amount is None and rate is None:
            raise refusals.not_found("coupon")
        coupon = known or Coupon(
            created_at=store.now,
            code=item.filled("code") or "",
            name=item.filled("name") or "",
            description=None,
            coupon_type=item.filled("coupon_type") or ("fixed_amount" if rate is None else "percentage"),
            amount_cents=amount,
            amount_currency=item.filled("amount_currency"),
            percentage_rate=rate,
            reusable=True,
            frequency="once",
            frequency_duration=None,
            expiration="no_expiration",
            expiration_at=None,
            limited_plans=False,
            plan_codes=[],
            limited_billable_metrics=False,
            billable_metric_codes=[],
        )
        applied.append(
            AppliedCoupon(
                created_at=store.now,
                coupon=coupon,
                customer=customer,
                amount_cents=coupon.amount_cents,
                amount_currency=coupon.amount_currency,
                percentage_rate=coupon.percentage_rate,
                frequency="once",
                frequency_duration=None,
                frequency_duration_remaining=None,
            )
        )
    return applied


def _subscriptions(store: Store, known: Customer | None, customer: Customer, params: Fields) -> list[Subscription]:
    """Return the running subscriptions that were named, or a temporary one."""
    refuse_unsimulated(store, "previewed_subscriptions", params.fields("subscriptions"))
    wanted = params.fields("subscriptions").strings("external_ids")
    if wanted:
        if known is None:
            raise refusals.invalid_field("customer", "must_be_persisted")
        found = [store.subscription(external_id, "active") for external_id in wanted]
        running = [item for item in found if item is not None and item.customer is known]
        if len(running) != len(found):
            raise refusals.not_found("subscription")
        return running
    plan = store.plans.find(params.filled("plan_code"))
    if plan is None:
        raise refusals.not_found("plan")
    anniversary = params.text("billing_time") == "anniversary"  # the server takes any other text for the calendar
    begins = parse_timestamp(params.raw("subscription_at")) or store.now
    subscription = Subscription(
        created_at=store.now,
        external_id="",
        customer=customer,
        plan=plan,
        name=None,
        billing_time="anniversary" if anniversary else "calendar",
        subscription_at=begins,
        status="active",
        started_at=begins,
    )
    return [subscription]


def _billed_at(store: Store, subscription: Subscription, *, exists: bool) -> datetime:
    """Return when the next invoice is made: at the start of a new plan in advance, or else when a period closes."""
    begins = subscription.started_at or store.now
    if not exists and subscription.plan.pay_in_advance:
        return begins
    return Dates(subscription, store.now if exists else begins, running=True).end_of_period + timedelta(days=1)


@handles("invoice_preview")
def invoice_preview(call: OperationCall) -> JsonObject:
    """Return the next invoice of subscriptions. Credit notes and wallets do not reduce it."""
    store, params = call.store, call.params
    if params.raw("coupons") is not None and not isinstance(params.raw("coupons"), list):
        raise refusals.bad_request("coupons_must_be_an_array")
    if params.raw("subscriptions") is not None and params.mapping("subscriptions") is None:
        raise refusals.bad_request("subscriptions_must_be_an_object")
    check_entity(store, params)
    known, customer = _customer(store, params.fields("customer"))
    refuse_unsimulated(store, "invoice", params, customer)
    subscriptions = _subscriptions(store, known, customer, params)
    if not store.premium:
        raise refusals.forbidden("feature_unavailable")
    currency = subscriptions[0].plan.amount_currency if subscriptions else customer.currency or "USD"
    exists = params.mapping("subscriptions") is not None
    at = _billed_at(store, subscriptions[0], exists=exists) if subscriptions else store.now
    invoice = invoicing.new_invoice(
        store, customer, invoice_type="subscription", currency=currency, timestamp=at, recurring=exists
    )
    for subscription in subscriptions:
        billing.preview(store, invoice, subscription, at, with_usage=exists)
    amounts.compute(invoice)
    # The coupons of the customer come before those that were sent.
    applied = [item for item in store.applied_coupons.values() if item.customer is known and item.terminated_at is None]
    sent = params.list_of_fields("coupons") or []
    discounts.take_coupons(store, invoice, applied or _coupons(store, customer, sent))
    amounts.compute(invoice)
    invoice.status = "draft"
    return invoice_json(store, invoice)
