"""True-up fees: the difference to the minimum commitment of a plan, when a period of the plan has closed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import invoice_fees, rounding
from lago_async.sandbox._money.dates import Dates, ending_dates
from lago_async.sandbox._money.plan_amount import bills_plan_in_this_month
from lago_async.sandbox._money.taxes import applicable_taxes
from lago_async.sandbox._state.invoices import BilledPeriod, Boundaries, InvoiceFee
from lago_async.sandbox._state.periods import days_between
from lago_async.sandbox._state.store import Store


def _dates(store: Store, period: BilledPeriod) -> Dates:
    """Return the dates of the period whose minimum is due."""
    subscription = period.subscription
    running = subscription.plan.pay_in_advance or (subscription.status == "terminated" and not subscription.downgraded)
    found = Dates(subscription, period.boundaries.timestamp, running=running)
    return ending_dates(store.history(subscription), subscription, period.boundaries.timestamp, found)


def previous_period(store: Store, period: BilledPeriod) -> BilledPeriod | None:
    """Return the last billing before this one that billed the plan itself."""
    earlier = [
        item
        for item in store.history(period.subscription).periods
        if item is not period
        and item.boundaries.start <= period.boundaries.start
        and any(fee.kind == "subscription" and fee.subscription is item.subscription for fee in item.invoice.fees)
    ]
    return max(earlier, key=lambda item: (item.boundaries.start, item.order), default=None)


def _invoices(store: Store, period: BilledPeriod, dates: Dates) -> set[str]:
    """Return the ids of the invoices of the plan's period; several, if charges are billed by month."""
    plan = period.subscription.plan
    if not (plan.has_months and (plan.bill_charges_monthly or plan.bill_fixed_charges_monthly)):
        return {period.invoice.lago_id}
    start, end = dates.whole_period
    if not plan.pay_in_advance:
        return {
            item.invoice.lago_id
            for item in store.history(period.subscription).periods
            if item.boundaries.start >= start and item.boundaries.end <= end
        }
    found: set[str] = set()
    for item in store.history(period.subscription).periods:
        bounds = item.boundaries
        for first, last, monthly in (
            (bounds.charges_start, bounds.charges_end, plan.bill_charges_monthly),
            (bounds.fixed_start, bounds.fixed_end, plan.bill_fixed_charges_monthly),
        ):
            if monthly and first is not None and last is not None and first >= start and last <= end:
                found.add(item.invoice.lago_id)
            if not monthly:
                found.add(period.invoice.lago_id)
    return found


def _amount(store: Store, commitment_cents: int, period: BilledPeriod) -> int:
    """Return the minimum for the days for which the subscription was there."""
    subscription, zone = period.subscription, period.subscription.customer.zone
    dates = _dates(store, period)
    start, end = dates.whole_period
    ids = _invoices(store, period, dates)
    billed = [
        item
        for item in store.history(subscription).periods
        if item.invoice.lago_id in ids and item.boundaries.start >= start
    ]
    first = min(billed, key=lambda item: item.boundaries.end, default=period)
    ended = subscription.terminated_at
    last = min(ended, end) if subscription.status == "terminated" and ended is not None else period.boundaries.end
    days = days_between(first.boundaries.start, last, zone)
    return rounding.whole(rounding.binary(commitment_cents * (days / days_between(start, end, zone))))


def _counted(store: Store, period: BilledPeriod, reconciled: BilledPeriod, dates: Dates) -> list[InvoiceFee]:
    """Return the fees that count against the minimum."""
    subscription = period.subscription
    start, end = dates.whole_period
    ids = _invoices(store, period, dates)
    in_advance = subscription.plan.pay_in_advance

    def within(kind: Callable[[Boundaries], tuple[datetime | None, datetime | None]]) -> Callable[[InvoiceFee], bool]:
        def check(fee: InvoiceFee) -> bool:
            if fee.boundaries is None:
                return False
            first, last = kind(fee.boundaries)
            return first is not None and last is not None and first >= start and last <= end

        return check

    plan = within(lambda bounds: (bounds.start, bounds.end))
    usage = within(lambda bounds: (bounds.charges_start, bounds.charges_end))
    fixed = within(lambda bounds: (bounds.fixed_start, bounds.fixed_end))

    def counts(fee: InvoiceFee) -> bool:
        on_invoice = fee.invoice is not None and fee.invoice.lago_id in ids
        if fee.kind == "subscription":
            return plan(fee) if in_advance else on_invoice
        if fee.kind == "charge" and fee.charge is not None:
            if not fee.charge.pay_in_advance:
                return on_invoice if in_advance else usage(fee)
            if fee.pay_in_advance:
                return usage(fee)
            return fee.charge.metric.recurring and _earlier(store, fee, reconciled, in_advance=in_advance)
        if fee.kind == "fixed_charge" and fee.fixed_charge is not None:
            if not fee.fixed_charge.pay_in_advance:
                return on_invoice if in_advance else fixed(fee)
            return fixed(fee)
        return False

    return [fee for fee in store.history(subscription).fees if counts(fee)]


def _earlier(store: Store, fee: InvoiceFee, reconciled: BilledPeriod, *, in_advance: bool) -> bool:
    """Return whether the fee for what recurs in advance was billed for the reconciled period, at its start."""
    if fee.boundaries is None:
        return False
    start, end = _dates(store, reconciled).whole_period
    if in_advance:
        return fee.boundaries.start >= start and fee.boundaries.end <= end
    before = previous_period(store, reconciled)
    if before is None or fee.boundaries.charges_start is None or fee.boundaries.charges_end is None:
        return False
    start, end = _dates(store, before).whole_period
    return fee.boundaries.charges_start >= start and fee.boundaries.charges_end <= end


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def commitment_fees(store: Store, period: BilledPeriod) -> list[InvoiceFee]:
    """Return the fee for what is missing to the minimum of the period that closed, if anything is."""
    subscription = period.subscription
    plan = subscription.plan
    wanted = (plan.minimum_commitment or {}).get("amount_cents")
    if not isinstance(wanted, int) or not wanted:
        return []
    before = previous_period(store, period) if plan.pay_in_advance else period
    if before is None or not bills_plan_in_this_month(
        store.history(subscription), subscription, period.boundaries.timestamp
    ):
        return []
    least = _amount(store, wanted, period if subscription.status == "terminated" else before)
    fees = _counted(store, period, before, _dates(store, before))
    used = sum(fee.amount_cents for fee in fees)
    if used >= least:
        return []
    own = store.commitment_taxes(plan)
    return [
        invoice_fees.commitment_fee(
            store,
            subscription,
            amount_cents=least - used,
            precise_cents=max(least - _sum(fee.precise_cents for fee in fees), Decimal(0)),
            taxes=applicable_taxes(store, subscription.customer, plan, own),
            starts=before.boundaries.start,
            ends=before.boundaries.end,
        )
    ]
