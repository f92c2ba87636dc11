"""The life of a subscription: activated, canceled or terminated."""

from datetime import datetime

from lago_async.sandbox._money.billing import bill_period
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def activate(store: Store, subscription: Subscription, started_at: datetime) -> None:
    """Start a subscription. If it began in the past, billing starts with the running period."""
    subscription.status = "active"
    subscription.started_at = started_at
    subscription.billed_until = store.now
    if subscription.customer.currency is None:
        subscription.customer.columns["currency"] = subscription.plan.amount_currency


def cancel(store: Store, subscription: Subscription) -> None:
    """Cancel a subscription that has not begun."""
    subscription.status, subscription.canceled_at = "canceled", store.now


def cancel_next(store: Store, subscription: Subscription) -> None:
    """Cancel the change to a cheaper plan that waits for the end of the period."""
    if subscription.next is not None and subscription.next.status == "pending":
        cancel(store, subscription.next)


def terminate(store: Store, subscription: Subscription, *, invoice: bool = True) -> None:
    """End an active subscription now, and bill its usage since the last period closed."""
    unbilled_since = subscription.billed_until or store.now
    subscription.status = "terminated"
    subscription.terminated_at = store.now
    period = subscription.charges_period_at(unbilled_since)
    if invoice and period.start < store.now:
        bill_period(store, subscription, unbilled_since, store.now)
    subscription.billed_until = store.now
