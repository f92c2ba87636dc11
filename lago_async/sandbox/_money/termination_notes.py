"""The credit note for the days of a plan in advance that are paid and not used."""

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from lago_async.sandbox._money import amounts, credit_notes, rounding
from lago_async.sandbox._money.dates import Dates
from lago_async.sandbox._state.invoices import InvoiceFee
from lago_async.sandbox._state.periods import local_date
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

_DAY = timedelta(days=1)
_ITEM = Decimal("0.00001")


def _last_fee(store: Store, subscription: Subscription) -> InvoiceFee | None:
    found = [fee for fee in store.history(subscription).fees if fee.kind == "subscription"]
    return max(found, key=lambda fee: (fee.created_at, fee.order), default=None)


def _unused_days(subscription: Subscription, dates: Dates, *, upgrade: bool) -> int:
    """Count the days after the end; the day of an upgrade already belongs to the new plan."""
    ended, last = subscription.terminated_at, dates.last_day_of_running_period
    if ended is None:
        return 0
    used_to = local_date(ended, subscription.customer.zone) - (_DAY if upgrade else timedelta(0))
    trial = _trial_day(subscription)
    if trial is not None and trial >= used_to:
        used_to = last if trial > last else trial - _DAY
    return max((last - used_to).days, 0)


def _trial_day(subscription: Subscription) -> date | None:
    if not subscription.plan.trial_period:
        return None
    return subscription.initial_started_at.date() + timedelta(days=subscription.plan.trial_period)


def _used_days(subscription: Subscription, dates: Dates) -> int:
    ended, begins = subscription.terminated_at, dates.start.date()
    if ended is None:
        return 0
    trial = _trial_day(subscription)
    if trial is not None and trial > begins:
        begins = trial
    ends = min(local_date(ended, subscription.customer.zone), dates.last_day_of_running_period)
    return max((ends - begins).days + 1, 0)


def _with_taxes(store: Store, fee: InvoiceFee, amount: Decimal) -> int:
    item = credit_notes.item_of(store, fee, amount.quantize(_ITEM, ROUND_DOWN))
    return credit_notes.items_total([item]).total_cents


def _refund(store: Store, fee: InvoiceFee, used: Decimal, total: int) -> int:
    """Return the paid part of what is not used."""
    invoice = fee.invoice
    if invoice is None:
        return 0
    whole = amounts.with_taxes_cents(invoice)
    if not whole:
        return 0
    paid = (fee.precisely_taxed_cents + amounts.precise_taxes_cents(fee)) / whole * invoice.paid_cents
    left = paid - _with_taxes(store, fee, used)
    return rounding.whole(min(left, Decimal(total))) if left > 0 else 0


def give_back_unused(
    store: Store, subscription: Subscription, *, upgrade: bool = False, choice: str = "credit"
) -> None:
    """Give back the rest of a period as credit; or as refund of what was paid, or offset against what is due."""
    fee, ended = _last_fee(store, subscription), subscription.terminated_at
    if fee is None or fee.amount_cents == 0 or fee.invoice is None or fee.invoice.status == "voided" or ended is None:
        return
    dates = Dates(subscription, ended)
    price = fee.amount_details.get("plan_amount_cents")
    per_day = (price if isinstance(price, int) else subscription.plan.amount_cents) / dates.period_days
    unused = rounding.binary(per_day * _unused_days(subscription, dates, upgrade=upgrade))
    amount = min(unused, Decimal(fee.amount_cents)) - fee.credited_cents
    if amount <= 0:
        return
    amount = amount.quantize(_ITEM, ROUND_DOWN)
    total = _with_taxes(store, fee, amount)
    refund = 0
    if choice in {"refund", "offset"}:
        used = rounding.binary(per_day * _used_days(subscription, dates))
        refund = _refund(store, fee, used, total)
    credit, offset = (0, total - refund) if choice == "offset" else (total - refund, 0)
    if not credit + refund + offset:
        return
    item = credit_notes.item_of(store, fee, amount)
    credit_notes.create(
        store, fee.invoice, [item], credit=credit, refund=refund, offset=offset, reason="order_cancellation"
    )
