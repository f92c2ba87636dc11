"""Charges in advance: each event makes a fee, on an invoice of its own unless the charge is not invoiceable."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from lago_async._currencies import exponent
from lago_async.sandbox._money import (
    aggregation,
    amount_details,
    billing,
    invoice_fees,
    invoicing,
    pricing,
    rounding,
    usage,
)
from lago_async.sandbox._money.aggregation import ONE, ZERO, UsageWindow
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.pricing import Mode
from lago_async.sandbox._money.taxes import applicable_taxes, copies
from lago_async.sandbox._state.events import Event
from lago_async.sandbox._state.in_advance import InAdvanceCount
from lago_async.sandbox._state.invoices import Boundaries, InvoiceFee
from lago_async.sandbox._state.periods import days_between
from lago_async.sandbox._state.plans import Charge, ChargeFilter
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


@attrs.frozen
class _Added:
    """The units that an event adds: those to pay, their prorated part, those to show, and the new count."""

    paid: Decimal
    full: Decimal
    shown: Decimal
    count: InAdvanceCount | None


def subscription_of(store: Store, event: Event) -> Subscription | None:
    """Return the subscription that an event is for: the one that was there then."""
    lives = store.subscriptions.get(event.external_subscription_id or "", ())
    found = [
        item
        for item in lives
        if item.started_at is not None
        and item.started_at <= event.timestamp
        and (item.terminated_at is None or item.terminated_at >= event.timestamp)
    ]
    if found:
        alive = [item for item in found if item.terminated_at is None] or found
        return max(alive, key=lambda item: (item.terminated_at or item.created_at, item.started_at, item.order))
    metric = store.billable_metrics.find(event.code)
    if metric is None or not metric.recurring:
        return None
    return next((item for item in reversed(lives) if item.status == "active"), None)


def _known_count(store: Store, key: tuple[object, ...], window: UsageWindow, event: Event) -> InAdvanceCount | None:
    known = [
        count
        for count in store.in_advance.get(key, ())
        if window.start <= count.timestamp <= window.end and count.transaction_id != event.transaction_id
    ]
    return max(enumerate(known), key=lambda item: (item[1].timestamp, item[0]))[1] if known else None


def _value(charge: Charge, event: Event, earlier: Sequence[Event]) -> tuple[Decimal, Decimal]:
    """Return what an event changes the count by, and what it could add."""
    metric = charge.metric
    given = event.properties.get(metric.field_name or "")
    if metric.aggregation_type != "unique_count_agg":
        value = aggregation.number(given) or ZERO
        return value, value
    text = aggregation.property_text(given)
    same = [item for item in earlier if aggregation.property_text(item.properties.get(metric.field_name or "")) == text]
    present = bool(same) and same[-1].properties.get("operation_type") != "remove"
    if event.properties.get("operation_type") == "remove":
        return (-ONE if present else ZERO), ZERO
    return (ZERO if present else ONE), (ZERO if present else ONE)


def _added(
    store: Store, charge: Charge, key: tuple[object, ...], event: Event, earlier: Sequence[Event], window: UsageWindow
) -> _Added:
    """Return the units that an event adds above the most that the period has had."""
    if charge.metric.aggregation_type not in usage.COUNTED:
        units = ONE if charge.metric.aggregation_type == "count_agg" else ZERO
        return _Added(units, units, units, None)
    change, could_add = _value(charge, event, earlier)
    known = _known_count(store, key, window, event)
    if known is None:
        full = max(change, ZERO)
        current = highest = change if charge.metric.aggregation_type == "sum_agg" else could_add
        shown = max(change, ZERO)
    else:
        current = known.current + change
        highest = max(known.highest, current)
        full = current - known.highest if current > known.highest else ZERO
        shown = full if current > known.highest else max(could_add, ZERO)
    if not window.prorated:
        count = InAdvanceCount(
            timestamp=event.timestamp, transaction_id=event.transaction_id, current=current, highest=highest
        )
        return _Added(full, full, shown, count)
    share = rounding.binary(days_between(event.timestamp, window.end, window.zone) / window.days)
    paid = rounding.ceil_to(full * share, 5)
    before = ZERO if known is None or known.highest_prorated is None else known.highest_prorated
    raised = known is None or highest > known.highest
    count = InAdvanceCount(
        timestamp=event.timestamp,
        transaction_id=event.transaction_id,
        current=current,
        highest=highest,
        highest_prorated=before + paid if raised else before,
    )
    return _Added(paid, full, shown, count)


def event_fee(store: Store, subscription: Subscription, charge: Charge, event: Event, *, stored: bool) -> InvoiceFee:
    """Return the fee of one event: the price with it less the price without it."""
    boundaries = attrs.evolve(running(subscription, event.timestamp), timestamp=event.timestamp)
    charge_filter = usage.matching_filter(charge, event.properties)
    properties = charge.properties if charge_filter is None else charge_filter.properties
    group = usage.group_of(usage.group_keys(charge, charge_filter), event.properties)
    window = attrs.evolve(
        usage.window_of(subscription, charge, boundaries), end=boundaries.charges_end or event.timestamp
    )
    up_to_event = attrs.evolve(window, end=event.timestamp)
    same = [
        item
        for item in usage.metered_events(store, subscription, charge, up_to_event)
        if usage.matching_filter(charge, item.properties) is charge_filter
        and usage.group_of(usage.group_keys(charge, charge_filter), item.properties) == group
    ]
    earlier = [item for item in same if item is not event]
    key = usage.count_key(subscription, charge, charge_filter, group)
    added = _added(store, charge, key, event, earlier, window)
    if stored and added.count is not None:
        store.in_advance[key].append(added.count)
    total = aggregation.aggregate(charge.metric, same if stored else [*earlier, event], window)
    if not stored:
        total = attrs.evolve(total, units=aggregation.aggregate(charge.metric, earlier, window).units + added.paid)
    brought = Decimal(event.precise_total_amount_cents or 0)
    if not stored:
        total = attrs.evolve(total, given_cents=total.given_cents + brought)
    before = attrs.evolve(
        total,
        units=total.units - added.paid,
        events_count=total.events_count - 1,
        given_cents=total.given_cents - brought,
    )
    decimals = exponent(subscription.plan.amount_currency)
    mode = Mode(premium=store.premium, single_event=True, decimals=decimals)
    without = attrs.evolve(mode, before_event=True)
    price = pricing.price(charge.charge_model, properties, total, mode)
    price -= pricing.price(charge.charge_model, properties, before, without)
    fee = _fee(store, subscription, charge, charge_filter, group, event, added, price, boundaries)
    if stored:
        fee.amount_details = amount_details.details_of_event(charge.charge_model, properties, total, before, mode)
    return fee


def _fee(
    store: Store,
    subscription: Subscription,
    charge: Charge,
    charge_filter: ChargeFilter | None,
    group: usage.Group,
    event: Event,
    added: _Added,
    price: Decimal,
    boundaries: Boundaries,
) -> InvoiceFee:
    currency = subscription.plan.amount_currency
    decimals = exponent(currency)
    amount = rounding.to_cents(price, decimals)
    units = added.shown
    starts, ends = invoice_fees.charge_dates(subscription, boundaries, period=not charge.invoiceable)
    taxes = applicable_taxes(store, subscription.customer, subscription.plan, charge.taxes)
    return InvoiceFee(
        created_at=store.now,
        kind="charge",
        customer=subscription.customer,
        currency=currency,
        amount_cents=amount,
        precise_cents=price.scaleb(decimals, rounding.EXACT),
        units=units,
        total_units=units,
        unit_amount=rounding.quotient(Decimal(amount).scaleb(-decimals), units) if amount else ZERO,
        events_count=1,
        taxes=copies(taxes),
        subscription=subscription,
        charge=charge,
        charge_filter=charge_filter,
        grouped_by=group,
        pay_in_advance=True,
        event_transaction_id=event.transaction_id,
        boundaries=boundaries,
        starts=starts,
        ends=ends,
        item=invoice_fees.charge_item(charge, charge_filter, dict(group)),
    )


def charges_of(store: Store, subscription: Subscription, event: Event) -> list[Charge]:
    """Return the charges in advance that an event makes a fee for."""
    charges = [item for item in subscription.plan.charges if item.pay_in_advance and item.metric.code == event.code]
    metric = store.billable_metrics.find(event.code)
    if metric is None or (metric.aggregation_type != "count_agg" and not event.properties.get(metric.field_name or "")):
        return []
    return charges


def process(store: Store, event: Event) -> None:
    """Make the fees of a new event, and have the customer's usage looked at."""
    subscription = subscription_of(store, event)
    if subscription is None:
        return
    store.track(subscription)
    charges = charges_of(store, subscription, event)
    for charge in sorted(charges, key=lambda item: item.invoiceable):
        fee = event_fee(store, subscription, charge, event, stored=True)
        if not charge.invoiceable:
            invoicing.add_separate_fees(store, [fee])
            continue
        invoice = invoicing.new_invoice(
            store,
            subscription.customer,
            invoice_type="subscription",
            currency=fee.currency,
            timestamp=event.timestamp,
            purchase_order_number=subscription.purchase_order_number,
        )
        boundaries = billing.windows(store, subscription, event.timestamp, "in_advance_charge")
        billing.add_period(store, invoice, subscription, boundaries, "in_advance_charge")
        invoicing.add_fees(store, invoice, [fee])
        invoicing.settle(store, invoice)
        store.emit("fee.created", fee)
