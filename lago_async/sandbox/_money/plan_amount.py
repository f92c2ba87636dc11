"""The price of the plan itself for a billed period: in full, or for the days that are used."""

from datetime import datetime, timedelta
from decimal import Decimal

from lago_async.sandbox._money import rounding
from lago_async.sandbox._money.dates import Dates
from lago_async.sandbox._state.history import History
from lago_async.sandbox._state.invoices import Boundaries, Invoice
from lago_async.sandbox._state.periods import days_between, local_date
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

ZERO = Decimal(0)


def _after_trial(subscription: Subscription, start: datetime, end: datetime) -> datetime | None:
    """Return the start of what is paid; None if the free trial lasts to the end."""
    trial = subscription.trial_end
    if trial is None or trial <= start:
        return start
    return None if trial >= end else trial


def _share(subscription: Subscription, start: datetime, end: datetime, period_days: int) -> Decimal:
    """Return the price of some days, which an upgrade ends on the day before."""
    days = days_between(start, end, subscription.customer.zone)
    return rounding.binary(days * (subscription.plan.amount_cents / period_days))


def _is_full(history: History, subscription: Subscription, invoice: Invoice, boundaries: Boundaries) -> bool:
    """Return whether a whole period is billed, whatever its days."""
    plan = subscription.plan
    if plan.pay_in_advance and subscription.billing_time == "anniversary" and subscription.previous is None:
        return True
    if any(fee.kind == "subscription" and fee.created_at < invoice.created_at for fee in history.fees):
        return True
    if not subscription.started_in_past:
        return False
    dates = Dates(subscription, boundaries.timestamp)
    return plan.pay_in_advance or (
        subscription.started_at is not None and subscription.started_at < dates.whole_period[0]
    )


def _trial_day(subscription: Subscription) -> datetime | None:
    """Return the start of the day, in UTC, on which the free trial ends."""
    trial = subscription.trial_end
    if trial is None:
        return None
    day = subscription.initial_started_at.date() + timedelta(days=subscription.plan.trial_period or 0)
    return datetime(day.year, day.month, day.day, tzinfo=trial.tzinfo)


def _first(subscription: Subscription, boundaries: Boundaries, dates: Dates) -> Decimal:
    """Return the price of a first period, from the day on which the subscription began or its trial ended."""
    start, end = boundaries.start, boundaries.end
    trial_day = _trial_day(subscription)
    if trial_day is not None:
        if trial_day >= end:
            return ZERO
        if trial_day > start:
            start = subscription.trial_end or start
    return _share(subscription, start, end, dates.period_days)


def plan_amount(history: History, subscription: Subscription, invoice: Invoice, boundaries: Boundaries) -> Decimal:
    """Return the exact price of the plan in subunits."""
    plan, zone = subscription.plan, subscription.customer.zone
    start, end = boundaries.start, boundaries.end
    dates = Dates(subscription, boundaries.timestamp)
    ended = subscription.status == "terminated" and not plan.pay_in_advance
    if ended and (subscription.upgraded or subscription.following is None):
        paid_from = _after_trial(subscription, start, end)
        if paid_from is None:
            return ZERO
        days = days_between(paid_from, end, zone)
        if subscription.upgraded:
            days = max(days - 1, 0)
        per_day = plan.amount_cents / dates.days_of_period_with(paid_from)
        return rounding.binary(days * per_day)
    others = {period.invoice.lago_id for period in history.periods if period.invoice is not invoice}
    previous = subscription.previous
    if previous is not None and not others and previous.upgraded:
        paid_from = _after_trial(subscription, start, end)
        return ZERO if paid_from is None else _share(subscription, paid_from, end, dates.period_days)
    if not _is_full(history, subscription, invoice, boundaries):
        return _first(subscription, boundaries, dates)
    paid_from = _after_trial(subscription, start, end)
    if paid_from is None:
        return ZERO
    if paid_from != start:
        return _share(subscription, paid_from, end, dates.days_of_period_with(start))
    return Decimal(plan.amount_cents)


def bills_plan(store: Store, subscription: Subscription, invoice: Invoice, boundaries: Boundaries) -> bool:
    """Return whether an invoice has a fee for the plan itself."""
    plan, at, history = subscription.plan, boundaries.timestamp, store.history(subscription)
    day = local_date(at, subscription.customer.zone)
    same_day = (
        fee.kind == "subscription"
        and fee.created_at.date() == day
        and fee.invoice is not invoice
        and fee.invoice is not invoice.regenerated_from
        for fee in history.fees
    )
    if plan.pay_in_advance and any(same_day):
        return False
    if not bills_plan_in_this_month(history, subscription, at):
        return False
    if subscription.in_trial(store.now) and subscription.trial_end is not None:
        zone = subscription.customer.zone
        if local_date(subscription.trial_end, zone) != day:
            return False
    first = len(history.periods) <= 1 and all(period.reason == "subscription_starting" for period in history.periods)
    if first and not plan.pay_in_advance and any(charge.pay_in_advance for charge in plan.fixed_charges):
        return False
    if subscription.status == "active":
        return True
    ended = subscription.terminated_at
    if subscription.status != "terminated" or ended is None:
        return False
    return not plan.pay_in_advance or ended > invoice.created_at


def bills_plan_in_this_month(history: History, subscription: Subscription, at: datetime) -> bool:
    """Return whether the plan itself is billed: one of years or half years is, in the first of its months."""
    plan = subscription.plan
    if not plan.has_months:
        return True
    dates = Dates(subscription, at, running=subscription.status == "terminated" and subscription.upgraded)
    if not plan.pay_in_advance:
        return subscription.status == "terminated" or dates.first_month()
    if not subscription.started_in_past:
        return dates.first_month() or not any(fee.kind == "subscription" for fee in history.fees)
    return not dates.first_month_of_first_period() and dates.first_month()
