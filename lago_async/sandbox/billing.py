"""What the passing of time does: subscriptions start, periods close and are billed, subscriptions end.

Simplified against the server: trials, minimum commitments, progressive billing, proration of charges and credit notes
do not
exist; an invoice is only its usage period. A plan paid in advance is charged for the next period when one closes, so
that the
fee of the very first period, invoiced at once by the server, appears in no past usage.
"""

import heapq
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import uuid4

from lago_async.sandbox import pricing, usage
from lago_async.sandbox.periods import Period, share
from lago_async.sandbox.records import Subscription, UsagePeriod
from lago_async.sandbox.store import Store
from lago_async.sandbox.wire import encode, iso


def _half_up(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def _subscription_fee_cents(subscription: Subscription, moment: datetime, closed_at: datetime) -> int:
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


def _bill(store: Store, subscription: Subscription, moment: datetime, closed_at: datetime) -> None:
    """Freeze the usage period that holds ``moment``, cut off at ``closed_at``."""
    period = subscription.charges_period_at(moment)
    plan, customer = subscription.plan, subscription.customer
    computed = usage.charge_usages(store, subscription, plan.charges, period.start, closed_at)
    kept = usage.billed(computed)
    fee_cents = _subscription_fee_cents(subscription, moment, closed_at)
    rates = [tax.rate for tax in usage.applicable_taxes(store, customer, plan)]
    fees = [fee for each in kept for fee in each.fees]
    amount = fee_cents + sum(fee.amount_cents for fee in fees)
    taxes = pricing.taxes_cents(fee_cents, rates) + sum(fee.taxes_amount_cents for fee in fees)
    grace = customer.billing.get("invoice_grace_period")
    issuing = store.now.astimezone(customer.zone) + timedelta(days=grace if isinstance(grace, int) else 0)
    # The last second of the period; a terminated subscription ends at the very moment.
    shown_end = closed_at if subscription.terminated_at is not None else closed_at - timedelta(seconds=1)
    head = encode(
        {
            "from_datetime": iso(period.start),
            "to_datetime": iso(shown_end),
            "issuing_date": issuing.date().isoformat(),
            "currency": plan.amount_currency,
            "amount_cents": amount,
            "total_amount_cents": amount + taxes,
            "taxes_amount_cents": taxes,
            "lago_invoice_id": str(uuid4()),
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
