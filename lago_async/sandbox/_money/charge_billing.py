"""The fees of the charges of a subscription on an invoice, and what is missing to their minimums."""

from decimal import Decimal

from lago_async.sandbox._money import invoice_fees, rounding, usage
from lago_async.sandbox._money.usage import MeteredCharge
from lago_async.sandbox._state.invoices import Boundaries, InvoiceFee
from lago_async.sandbox._state.periods import days_between
from lago_async.sandbox._state.plans import Charge
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

BILLED = usage.Scope(running=False, apply_taxes=False)


def ends_without_successor(subscription: Subscription) -> bool:
    """Return whether a subscription has ended, and not for a downgrade."""
    return subscription.status == "terminated" and (subscription.upgraded or subscription.following is None)


def _moves_on(subscription: Subscription, charge: Charge) -> bool:
    """Return whether what recurs is billed by the plan of the upgrade."""
    following = subscription.following
    if following is None or not (subscription.status == "terminated" and subscription.upgraded):
        return False
    return any(item.metric is charge.metric for item in following.plan.charges)


def skips(subscription: Subscription, charge: Charge) -> bool:
    """Return whether the invoice at the end of a subscription omits a charge."""
    if charge.pay_in_advance:
        return charge.metric.recurring and ends_without_successor(subscription)
    return not charge.prorated and charge.metric.recurring and _moves_on(subscription, charge)


def billed_charges(subscription: Subscription) -> list[Charge]:
    """Return the charges on a periodic invoice: of those in advance, what recurs."""
    return [
        charge
        for charge in subscription.plan.charges
        if charge.invoiceable
        and (not charge.pay_in_advance or charge.metric.recurring)
        and not skips(subscription, charge)
    ]


def _missing(subscription: Subscription, charge: Charge, boundaries: Boundaries) -> Decimal:
    """Return the minimum of a charge for the days of the window."""
    start, end = boundaries.charges_start, boundaries.charges_end
    if start is None or end is None:
        return Decimal(0)
    days = days_between(start, end, subscription.customer.zone)
    if subscription.status == "terminated" and subscription.upgraded:
        days = max(days - 1, 0)
    return rounding.binary(charge.min_amount_cents / boundaries.charges_days * days)


def charge_fees(
    store: Store, subscription: Subscription, metered: MeteredCharge, boundaries: Boundaries, *, minimum: bool = True
) -> list[InvoiceFee]:
    """Return the fees of one charge that are stored, and the one for what is missing to its minimum."""
    charge = metered.charge
    has_minimum = minimum and charge.min_amount_cents
    wanted = [fee for fee in metered.fees if fee.billed or (has_minimum and fee.charge_filter is None)]
    made = [(fee, invoice_fees.charge_fee(store, subscription, charge, fee, boundaries=boundaries)) for fee in wanted]
    parent = next((fee for _, fee in made if fee.charge_filter is None), None)
    extra: list[InvoiceFee] = []
    if has_minimum and parent is not None:
        least = _missing(subscription, charge, boundaries)
        used = sum(fee.amount_cents for _, fee in made)
        if used < least:
            precise = least - sum((fee.precise_cents for _, fee in made), Decimal(0))
            amount = rounding.whole(least - used)
            extra.append(invoice_fees.true_up_fee(parent, amount_cents=amount, precise_cents=precise))
    kept = [fee for usage_fee, fee in made if usage_fee.billed or (extra and fee is parent)]
    return kept + extra


def fees_of_usage(
    store: Store, subscription: Subscription, boundaries: Boundaries, *, progressive: bool = False
) -> list[InvoiceFee]:
    """Return the fees of all charges on an invoice."""
    start, end = boundaries.charges_start, boundaries.charges_end
    if start is None or end is None or start >= end:
        return []
    charges = billed_charges(subscription)
    if progressive:
        charges = [charge for charge in charges if not charge.pay_in_advance]
    metered = usage.charge_usages(store, subscription, charges, boundaries, BILLED)
    return [
        fee for item in metered for fee in charge_fees(store, subscription, item, boundaries, minimum=not progressive)
    ]


def fees_without_invoice(store: Store, subscription: Subscription, boundaries: Boundaries) -> list[InvoiceFee]:
    """Return the fees of what recurs, is paid in advance, and is not invoiced."""
    if boundaries.charges_start is None:
        return []
    fees: list[InvoiceFee] = []
    for charge in subscription.plan.charges:
        if charge.invoiceable or not charge.pay_in_advance or not charge.metric.recurring:
            continue
        known = any(
            fee.charge is charge
            and fee.event_transaction_id is None
            and fee.boundaries is not None
            and fee.boundaries.charges_start == boundaries.charges_start
            and fee.boundaries.charges_end == boundaries.charges_end
            for fee in store.history(subscription).fees
        )
        if known or skips(subscription, charge):
            continue
        metered = usage.metered(store, subscription, charge, boundaries, BILLED)
        fees += [
            invoice_fees.charge_fee(store, subscription, charge, fee, boundaries=boundaries) for fee in metered.fees
        ]
    return fees
