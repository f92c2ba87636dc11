"""Monthly recurring revenue: the fees of plans, spread over the months that they are for."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from math import ceil

from lago_async.sandbox._money import rounding
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee
from lago_async.sandbox._state.periods import add_months

_DAYS_OF_MONTH = Decimal("30.44")
_WEEKS_OF_MONTH = Decimal("4.33")
# How many of the last months take what is left of the price, by the interval of a plan in advance.
_LAST = {"quarterly": 1, "yearly": 1, "semiannual": 4}


def first_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def _billed_months(start: datetime, end: datetime) -> Decimal:
    """Return the length of a period in months of 30.44 days; seconds do not count."""
    days, rest = divmod(end - start, timedelta(days=1))
    hours, minutes = divmod(rest // timedelta(minutes=1), 60)
    whole = Decimal(days) + rounding.divided(hours, 24) + rounding.divided(minutes, 1440)
    return rounding.divided(whole, _DAYS_OF_MONTH)


def _in_advance(amount: Decimal, months: Decimal, issued: date, last: int) -> Iterator[tuple[date, Decimal]]:
    """Spread a fee over its month and the next ones. The server computes these shares in binary."""
    count = ceil(months)
    per_month = float(rounding.divided(amount, months)) if count else 0.0
    length = monthrange(issued.year, issued.month)[1]
    part = (length - issued.day + 1) / length
    for index in range(count):
        share = per_month
        if index == 0:
            share = per_month * part
        elif index >= count - last:
            share = float(amount) - per_month * (float(int(months)) - (count - index) + part)
        yield add_months(first_of(issued), index), Decimal(f"{share:.15g}")


def _in_arrears(amount: Decimal, months: Decimal, issued: date) -> Iterator[tuple[date, Decimal]]:
    """Spread a fee over the month of its invoice and those before it; the earliest takes what is left."""
    count = ceil(months)
    per_month = rounding.divided(amount, months) if count else Decimal(0)
    for index in range(count):
        share = per_month if index < count - 1 else amount - per_month * (count - 1)
        yield add_months(first_of(issued), -index), share


def _shares(fee: InvoiceFee, amount: Decimal, issued: date) -> Iterator[tuple[date, Decimal]]:
    subscription, boundaries = fee.subscription, fee.boundaries
    if subscription is None or boundaries is None:
        return iter(())
    plan = subscription.plan
    if plan.interval == "monthly":
        return iter([(first_of(issued), amount)])
    months = _billed_months(boundaries.start, boundaries.end)
    if plan.pay_in_advance:
        return _in_advance(amount, months, issued, _LAST[plan.interval])
    return _in_arrears(amount, months, issued)


def _is_weekly(fee: InvoiceFee) -> bool:
    return fee.subscription is not None and fee.subscription.plan.interval == "weekly"


def _weekly(fees: Iterable[tuple[InvoiceFee, Decimal, date]]) -> Iterator[tuple[date, str, Decimal]]:
    """Return the mean of a month's weekly fees, for 4.33 weeks."""
    found: defaultdict[tuple[date, str], list[Decimal]] = defaultdict(list)
    for fee, amount, issued in fees:
        found[first_of(issued), fee.currency].append(amount)
    for (month, currency), amounts in found.items():
        mean = rounding.divided(sum(amounts, Decimal(0)), len(amounts))
        yield month, currency, mean * _WEEKS_OF_MONTH


def monthly_revenue(invoices: Iterable[Invoice]) -> dict[tuple[date, str], Decimal]:
    """Return the exact cents of recurring revenue by month and currency, taxes included and coupons taken off."""
    fees = [
        (fee, fee.taxed_cents + fee.taxes_cents, invoice.issuing_date)
        for invoice in invoices
        for fee in invoice.fees
        if fee.kind == "subscription" and fee.subscription is not None
    ]
    weekly = [item for item in fees if _is_weekly(item[0])]
    spread = (
        (month, fee.currency, share)
        for fee, amount, issued in fees
        if not _is_weekly(fee)
        for month, share in _shares(fee, amount, issued)
    )
    found: defaultdict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for month, currency, share in chain(spread, _weekly(weekly)):
        found[month, currency] += share
    return dict(found)
