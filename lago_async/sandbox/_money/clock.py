"""The clock: moving it starts subscriptions, bills the periods that close, and ends subscriptions."""

import heapq
from datetime import datetime

from lago_async.sandbox._money import invoicing, prepaid
from lago_async.sandbox._money.billing import bill_period
from lago_async.sandbox._money.lifecycle import activate, cancel_next, terminate
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def _due(subscription: Subscription) -> datetime | None:
    """Return the time of the next thing that happens to this subscription by itself."""
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
    """Do everything that is due now for this subscription."""
    if subscription.status == "pending":
        activate(store, subscription, subscription.subscription_at)
        return
    at = subscription.billed_until or store.now
    closes = subscription.charges_period_at(at).end
    if closes == store.now:
        bill_period(store, subscription, at, closes)
        subscription.billed_until = closes
        following = subscription.next
        plan_period_ends = subscription.period_at(at, subscription.plan.interval).end == closes
        if following is not None and following.status == "pending" and plan_period_ends:
            terminate(store, subscription, invoice=False)
            activate(store, following, store.now)
            return
    if subscription.ending_at is not None and subscription.ending_at <= store.now:
        terminate(store, subscription, invoice=closes != store.now)
        cancel_next(store, subscription)


def advance(store: Store, target: datetime) -> None:
    """Move the clock to ``target``; everything that falls due before is done in order of time."""
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
