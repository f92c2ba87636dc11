"""What the passing of time does: subscriptions start, periods close and are billed, subscriptions end.

Simplified against the server: trials, minimum commitments, progressive billing and proration of charges do not exist,
and no credit note comes of a termination. A plan paid in advance is charged for the next period when one closes, so
that the fee of the very first period, invoiced at once by the server, is on no invoice. Fixed charges are billed with
the plan's own interval, after it.
"""

import heapq
from datetime import datetime, timedelta
from fractions import Fraction

from lago_async.sandbox._money import currencies, invoicing, prepaid, pricing, usage
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._protocol import wire
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.invoice_records import InvoiceFee
from lago_async.sandbox._state.periods import Period, share
from lago_async.sandbox._state.records import Subscription, UsagePeriod
from lago_async.sandbox._state.store import Store


def _half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def subscription_fee_cents(subscription: Subscription, moment: datetime, closed_at: datetime) -> int:
    """What the plan itself costs on the invoice made at ``closed_at`` for the period that holds ``moment``."""
    plan, zone = subscription.plan, subscription.customer.zone
    whole = subscription.period_at(moment, plan.interval)
    terminated = subscription.terminated_at is not None
    if not terminated and whole.end != closed_at:
        return 0  # charges are billed more often than the plan
    if plan.pay_in_advance:
        return 0 if terminated else plan.amount_cents
    used = Period(max(whole.start, subscription.started_at or whole.start), min(whole.end, closed_at))
    return _half_up(plan.amount_cents * share(used, whole, zone))


def _fixed_fees(store: Store, subscription: Subscription, moment: datetime, closed_at: datetime) -> list[InvoiceFee]:
    """What the fixed charges cost on the invoice made at ``closed_at``."""
    plan, customer = subscription.plan, subscription.customer
    whole = subscription.period_at(moment, plan.interval)
    if whole.end != closed_at:
        return []
    fees: list[InvoiceFee] = []
    for charge in plan.fixed_charges:
        price = pricing.price(charge.charge_model, charge.properties, Aggregation(charge.units, 0))
        amount = pricing.to_cents(price, currencies.exponent(plan.amount_currency))
        taxes = charge.taxes or charge.add_on.taxes or usage.applicable_taxes(store, customer, plan)
        fees.append(invoicing.fixed_charge_fee(store, subscription, charge, amount, taxes, whole))
    return [fee for fee in fees if fee.amount_cents]


def _billing_period(subscription: Subscription, whole: Period, charged: Period) -> JsonObject:
    last_second = timedelta(seconds=1)
    return {
        "lago_subscription_id": subscription.lago_id,
        "external_subscription_id": subscription.external_id,
        "lago_plan_id": subscription.plan.lago_id,
        "subscription_from_datetime": wire.iso(max(whole.start, subscription.started_at or whole.start)),
        "subscription_to_datetime": wire.iso(whole.end - last_second),
        "charges_from_datetime": wire.iso(charged.start),
        "charges_to_datetime": wire.iso(charged.end - last_second),
        "fixed_charges_from_datetime": wire.iso(whole.start),
        "fixed_charges_to_datetime": wire.iso(whole.end - last_second),
        "invoicing_reason": "subscription_periodic"
        if subscription.terminated_at is None
        else "subscription_terminating",
    }


def _bill(store: Store, subscription: Subscription, moment: datetime, closed_at: datetime) -> None:
    """Invoice the usage period that holds ``moment``, cut off at ``closed_at``, and freeze it for past usage."""
    period = subscription.charges_period_at(moment)
    plan, customer = subscription.plan, subscription.customer
    kept = usage.billed(usage.charge_usages(store, subscription, plan.charges, period.start, closed_at))
    plan_taxes = usage.applicable_taxes(store, customer, plan)
    whole = subscription.period_at(moment, plan.interval)
    charged = Period(period.start, closed_at)
    fees: list[InvoiceFee] = []
    fee_cents = subscription_fee_cents(subscription, moment, closed_at)
    if fee_cents:
        fees.append(invoicing.subscription_fee(store, subscription, fee_cents, plan_taxes, whole))
    for each in kept:
        taxes = usage.applicable_taxes(store, customer, plan, each.charge)
        fees += [
            invoicing.charge_fee(subscription, each.charge, fee, taxes, charged, store)
            for fee in each.fees
            if each.charge.invoiceable
        ]
    fees += _fixed_fees(store, subscription, moment, closed_at)
    amount = sum(fee.amount_cents for fee in fees)
    taxes_cents = sum(fee.taxes_cents for fee in fees)
    grace = customer.billing.get("invoice_grace_period")
    invoice = invoicing.new_invoice(
        store,
        customer,
        "subscription",
        plan.amount_currency,
        fees,
        subscriptions=[subscription],
        grace_days=grace if isinstance(grace, int) else 0,
    )
    invoice.billing_periods.append(_billing_period(subscription, whole, charged))
    invoice.purchase_order_number = subscription.purchase_order_number
    # The last second of the period; a terminated subscription ends at the very moment.
    shown_end = closed_at if subscription.terminated_at is not None else closed_at - timedelta(seconds=1)
    head = encode(
        {
            "from_datetime": wire.iso(period.start),
            "to_datetime": wire.iso(shown_end),
            "issuing_date": invoice.issuing_date.isoformat(),
            "currency": plan.amount_currency,
            "amount_cents": amount,
            "total_amount_cents": amount + taxes_cents,
            "taxes_amount_cents": taxes_cents,
            "lago_invoice_id": invoice.lago_id,
        }
    )
    charges = [(each.charge.metric.code, encode(usage.charge_usage_json(each, plan.amount_currency))) for each in kept]
    record = UsagePeriod(
        created_at=store.now, charges_from=period.start, head=head[:-1] + b',"charges_usage":[', charges=charges
    )
    subscription.periods.append(record)


def activate(store: Store, subscription: Subscription, started_at: datetime) -> None:
    """Start a subscription. One that began in the past is billed from the running period on, not before."""
    subscription.status = "active"
    subscription.started_at = started_at
    subscription.billed_until = store.now
    if subscription.customer.currency is None:
        subscription.customer.columns["currency"] = subscription.plan.amount_currency


def cancel(store: Store, subscription: Subscription) -> None:
    """Call off a subscription that has not begun."""
    subscription.status, subscription.canceled_at = "canceled", store.now


def cancel_next(store: Store, subscription: Subscription) -> None:
    """Call off the change to a cheaper plan that was waiting for the end of the period."""
    if subscription.next is not None and subscription.next.status == "pending":
        cancel(store, subscription.next)


def terminate(store: Store, subscription: Subscription, *, invoice: bool = True) -> None:
    """End an active subscription now, and bill what it used since the last period closed."""
    unbilled_since = subscription.billed_until or store.now
    subscription.status = "terminated"
    subscription.terminated_at = store.now
    period = subscription.charges_period_at(unbilled_since)
    if invoice and period.start < store.now:
        _bill(store, subscription, unbilled_since, store.now)
    subscription.billed_until = store.now


def _due(subscription: Subscription) -> datetime | None:
    """When something happens to this subscription by itself."""
    if subscription.status == "pending" and subscription.previous is None:
        return subscription.subscription_at
    if subscription.status != "active" or subscription.billed_until is None:
        return None
    closes = subscription.charges_period_at(subscription.billed_until).end
    return (
        closes
        if subscription.ending_at is None
        else min(closes, max(subscription.ending_at, subscription.billed_until))
    )


def _settle(store: Store, subscription: Subscription) -> None:
    """Do what is due now."""
    if subscription.status == "pending":
        activate(store, subscription, subscription.subscription_at)
        return
    moment = subscription.billed_until or store.now
    closes = subscription.charges_period_at(moment).end
    if closes == store.now:
        _bill(store, subscription, moment, closes)
        subscription.billed_until = closes
        following = subscription.next
        plan_period_ends = subscription.period_at(moment, subscription.plan.interval).end == closes
        if following is not None and following.status == "pending" and plan_period_ends:
            terminate(store, subscription, invoice=False)
            activate(store, following, store.now)
            return
    if subscription.ending_at is not None and subscription.ending_at <= store.now:
        terminate(store, subscription, invoice=closes != store.now)
        cancel_next(store, subscription)


def advance(store: Store, target: datetime) -> None:
    """Move the clock to ``target``, and on the way do all that falls due, in order of time."""
    if target < store.now:
        raise ValueError(
            f"time only moves forward: it is {store.now.isoformat()}, and {target.isoformat()} is before that"
        )
    agenda: list[tuple[datetime, int, Subscription]] = []

    def schedule(subscription: Subscription) -> None:
        due = _due(subscription)
        if due is not None and due <= target:
            heapq.heappush(agenda, (due, subscription.order, subscription))

    for subscription in store.all_subscriptions():
        schedule(subscription)
    while agenda:
        due, _, subscription = heapq.heappop(agenda)
        store.now = max(store.now, due)
        _settle(store, subscription)
        schedule(subscription)
        if subscription.next is not None and subscription.status == "terminated":
            schedule(subscription.next)
    store.now = target
    invoicing.finalize_due(store, target)
    prepaid.expire(store, target)
