"""The fees of fixed charges: the units of a period, and of its days if they are prorated."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

import attrs

from lago_async._currencies import exponent
from lago_async.sandbox._money import invoice_fees, pricing, rounding
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.pricing import Mode
from lago_async.sandbox._state.invoices import Boundaries, Invoice, InvoiceFee
from lago_async.sandbox._state.periods import local_date
from lago_async.sandbox._state.plans import FixedCharge
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription, UnitsEvent

ZERO = Decimal(0)
_DAY = timedelta(days=1)
_UNITS = Decimal("0.000001")


def _root(charge: FixedCharge) -> str:
    return charge.parent_id or charge.lago_id


def emit_units(store: Store, subscription: Subscription, at: datetime) -> None:
    """Record the units of all fixed charges from a time on, unless they were recorded on that day."""
    zone = subscription.customer.zone
    known = {
        event.fixed_charge_id
        for event in subscription.fixed_units
        if local_date(event.timestamp, zone) == local_date(at, zone)
    }
    for charge in subscription.plan.fixed_charges:
        if _root(charge) not in known:
            add_units(store, subscription, charge, at)


def add_units(store: Store, subscription: Subscription, charge: FixedCharge, at: datetime) -> UnitsEvent:
    """Record the units of one fixed charge from a time on."""
    event = UnitsEvent(created_at=store.now, fixed_charge_id=_root(charge), timestamp=at, units=charge.units)
    subscription.fixed_units.append(event)
    return event


def _events(subscription: Subscription, charge: FixedCharge, boundaries: Boundaries) -> list[UnitsEvent]:
    """Return the units recorded in a window, and the last ones before it."""
    start, end = boundaries.fixed_start, boundaries.fixed_end
    if start is None or end is None:
        return []
    mine = [event for event in subscription.fixed_units if event.fixed_charge_id == _root(charge)]
    before = [event for event in mine if event.timestamp < start]
    inside = [event for event in mine if start <= event.timestamp < end]
    return sorted(before[-1:] + inside, key=lambda event: event.order)


def _prorated(subscription: Subscription, events: Sequence[UnitsEvent], boundaries: Boundaries) -> Decimal:
    """Weigh the units with the days for which they were there."""
    start, end, zone = boundaries.fixed_start, boundaries.fixed_end, subscription.customer.zone
    if start is None or end is None:
        return ZERO
    # Units that later ones with an earlier date replace were never there.
    kept = [
        event
        for event in events
        if not any(other.order > event.order and other.timestamp < event.timestamp for other in events)
    ]
    total = ZERO
    for position, event in enumerate(kept):
        begins = max(event.timestamp, start)
        ends = max(kept[position + 1].timestamp, start) if position + 1 < len(kept) else end + _DAY
        days = (local_date(ends, zone) - local_date(begins, zone)).days
        share = rounding.divided(max(days, 0), boundaries.fixed_days) * event.units
        total += share.quantize(_UNITS)
    return total


def _in_advance(subscription: Subscription, boundaries: Boundaries) -> Boundaries:
    """Return the period that begins, for which a fixed charge in advance is billed."""
    now = running(subscription, boundaries.timestamp)
    return attrs.evolve(boundaries, fixed_start=now.fixed_start, fixed_end=now.fixed_end, fixed_days=now.fixed_days)


def _billed_already(store: Store, subscription: Subscription, charge: FixedCharge, boundaries: Boundaries) -> bool:
    def second(at: datetime | None) -> datetime | None:
        return None if at is None else at.replace(microsecond=0)

    return any(
        fee.fixed_charge is charge
        and (fee.units > 0 or fee.amount_cents > 0)
        and fee.boundaries is not None
        and fee.invoice is not None
        and fee.invoice.status != "voided"
        and second(fee.boundaries.fixed_start) == second(boundaries.fixed_start)
        and second(fee.boundaries.fixed_end) == second(boundaries.fixed_end)
        for fee in store.history(subscription).fees
    )


def _paid_by_previous(store: Store, subscription: Subscription, charge: FixedCharge, boundaries: Boundaries) -> int:
    """Return what the plan before an upgrade was paid in advance for the same days of the same fixed charge."""
    previous = subscription.previous
    start, end = boundaries.fixed_start, boundaries.fixed_end
    first = len({period.invoice.lago_id for period in store.history(subscription).periods}) <= 1
    if not (charge.pay_in_advance and charge.prorated) or previous is None or not first or start is None or end is None:
        return 0
    fees = [
        fee
        for fee in store.history(previous).fees
        if fee.fixed_charge is not None
        and fee.fixed_charge.add_on is charge.add_on
        and fee.boundaries is not None
        and fee.boundaries.fixed_start is not None
        and fee.boundaries.fixed_end is not None
        and fee.boundaries.fixed_start <= start
        and fee.boundaries.fixed_end >= end.replace(microsecond=end.microsecond // 1000 * 1000)
    ]
    if not fees or fees[-1].boundaries is None or fees[-1].boundaries.fixed_end is None:
        return 0
    paid = fees[-1]
    paid_days = ceil((fees[-1].boundaries.fixed_end - fees[-1].boundaries.timestamp) / _DAY)
    days = ceil((end - start) / _DAY)
    return rounding.whole(rounding.binary(paid.amount_cents * float(days) / paid_days)) if paid_days else 0


def price_units(store: Store, charge: FixedCharge, units: Decimal, full: Decimal) -> Decimal:
    """Return the exact price of units in the currency's main unit."""
    found = Aggregation(
        units=units, events_count=1, values=(full,), full_units=full, shares=(units,) if charge.prorated else ()
    )
    return pricing.price(charge.charge_model, charge.properties, found, Mode(premium=store.premium))


def _fee(store: Store, subscription: Subscription, charge: FixedCharge, boundaries: Boundaries) -> InvoiceFee:
    events = _events(subscription, charge, boundaries)
    full = events[-1].units if events else ZERO
    units = _prorated(subscription, events, boundaries) if charge.prorated else full
    price = price_units(store, charge, units, full)
    if units < 0 or price < 0:
        price, full = ZERO, ZERO
    decimals = exponent(subscription.plan.amount_currency)
    amount, precise = rounding.to_cents(price, decimals), price.scaleb(decimals, rounding.EXACT)
    paid = _paid_by_previous(store, subscription, charge, boundaries)
    return invoice_fees.fixed_charge_fee(
        store,
        subscription,
        charge,
        amount_cents=max(amount - paid, 0),
        precise_cents=max(precise - paid, ZERO),
        units=full,
        unit_amount=rounding.quotient(price, full),
        boundaries=boundaries,
    )


def _bills(store: Store, subscription: Subscription, charge: FixedCharge) -> bool:
    billed = store.history(subscription).periods
    only_started = len(billed) == 1 and billed[0].reason == "subscription_starting"
    if not charge.pay_in_advance:
        return not only_started
    return subscription.status != "terminated"


def fixed_fees(store: Store, subscription: Subscription, invoice: Invoice, boundaries: Boundaries) -> list[InvoiceFee]:
    """Return the fees of the fixed charges on an invoice."""
    start, end, ended = boundaries.fixed_start, boundaries.fixed_end, subscription.terminated_at
    if start is None or end is None or start > end:
        return []
    in_arrears = any(not charge.pay_in_advance for charge in subscription.plan.fixed_charges)
    later = ended is not None and ended > invoice.created_at
    if subscription.status != "active" and not in_arrears and not later:
        return []
    fees: list[InvoiceFee] = []
    for charge in subscription.plan.fixed_charges:
        if not _bills(store, subscription, charge):
            continue
        window = _in_advance(subscription, boundaries) if charge.pay_in_advance else boundaries
        if charge.pay_in_advance and _billed_already(store, subscription, charge, window):
            continue
        fee = _fee(store, subscription, charge, window)
        if fee.units or fee.amount_cents:
            fees.append(fee)
    return fees


def added_units_fee(store: Store, subscription: Subscription, charge: FixedCharge, event: UnitsEvent) -> InvoiceFee:
    """Return the fee for units in advance that were added: nothing for fewer units than are paid."""
    boundaries = attrs.evolve(running(subscription, event.timestamp), timestamp=event.timestamp)
    paid = sum(
        (
            fee.units
            for fee in store.history(subscription).fees
            if fee.fixed_charge is not None
            and _root(fee.fixed_charge) == _root(charge)
            and fee.boundaries is not None
            and fee.boundaries.fixed_start == boundaries.fixed_start
            and fee.boundaries.fixed_end == boundaries.fixed_end
        ),
        ZERO,
    )
    added = max(event.units - paid, ZERO)
    end = boundaries.fixed_end or boundaries.end
    share = Decimal(1)
    if charge.prorated:
        days = (end.date() - event.timestamp.date()).days + 1
        share = rounding.binary(days / boundaries.fixed_days)
    plain = Aggregation(units=added * share, events_count=1, values=(added,))
    price = pricing.price(charge.charge_model, charge.properties, plain, Mode(premium=store.premium)) if added else ZERO
    decimals = exponent(subscription.plan.amount_currency)
    return invoice_fees.fixed_charge_fee(
        store,
        subscription,
        charge,
        amount_cents=rounding.to_cents(price, decimals),
        precise_cents=price.scaleb(decimals, rounding.EXACT),
        units=added,
        unit_amount=rounding.quotient(price, added),
        boundaries=boundaries,
    )
