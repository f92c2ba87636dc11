"""The notes of jobs on certain days: an invoice is overdue, or a subscription ends soon."""

from datetime import UTC, datetime, time, timedelta

from lago_async.sandbox._money.job_times import next_hour
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

_DAY = timedelta(days=1)
# How many days before its end the server tells of it.
_TOLD_BEFORE = (45, 15)


def may_become_overdue(invoice: Invoice) -> bool:
    """Return whether an invoice waits for its payment."""
    return invoice.status == "finalized" and invoice.payment_status != "succeeded" and invoice.dispute_lost_at is None


def becomes_overdue(store: Store, invoice: Invoice) -> datetime | None:
    """Return when an invoice becomes overdue: after the day on which it is due, in UTC."""
    if invoice.payment_overdue or not may_become_overdue(invoice):
        return None
    due = datetime.combine(invoice.payment_due_date + _DAY, time(), UTC)
    return due if due >= store.now else next_hour(store.now)


def mark_overdue(store: Store, invoice: Invoice) -> None:
    """Note on an invoice that it is overdue, and tell it."""
    invoice.payment_overdue, invoice.updated_at = True, store.now
    store.emit("invoice.payment_overdue", invoice)


def tells_end(store: Store, subscription: Subscription) -> datetime | None:
    """Return when the end of a subscription is told in advance next."""
    if subscription.status != "active" or subscription.ending_at is None:
        return None
    ends, today = subscription.ending_at.astimezone(UTC).date(), store.now.date()
    for day in (ends - timedelta(days=days) for days in _TOLD_BEFORE):
        if day > today:
            return datetime.combine(day, time(), UTC)
        if day == today and subscription.ending_told != day:
            due = next_hour(store.now)
            return due if due.date() == day else None
    return None


def tell_end(store: Store, subscription: Subscription) -> None:
    """Tell in advance that a subscription ends."""
    subscription.ending_told = store.now.date()
    store.emit("subscription.termination_alert", subscription)
