"""One billing of a customer: everything that closes, starts or ends together is one invoice."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from lago_async.sandbox._money import (
    advance_charges,
    amounts,
    charge_billing,
    commitments,
    credit_notes,
    fixed_billing,
    invoice_fees,
    invoicing,
    plan_amount,
)
from lago_async.sandbox._money.dates import Dates, ending_dates
from lago_async.sandbox._money.past_periods import usage_period
from lago_async.sandbox._state.invoices import BilledPeriod, Boundaries, Invoice
from lago_async.sandbox._state.periods import local_date
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

PERIODIC, STARTING, TERMINATING, UPGRADING = (
    "subscription_periodic",
    "subscription_starting",
    "subscription_terminating",
    "upgrading",
)
_SECOND = timedelta(seconds=1)


def _payment_key(store: Store, subscription: Subscription) -> Hashable:
    """Return the payment method that pays a subscription: its own, or else the customer's default one."""
    if subscription.payment_method_id:
        return subscription.payment_method_id, subscription.payment_method_type
    if subscription.payment_method_type == "manual":
        return None, "manual"
    mine = (item for item in store.payment_methods if item.customer is subscription.customer and item.is_default)
    default = next(mine, None)
    return (None, subscription.payment_method_type) if default is None else (default.lago_id, "provider")


def grouped(store: Store, subscriptions: Sequence[Subscription]) -> list[list[Subscription]]:
    """Split what is billed together into invoices."""
    keys: list[Callable[[Subscription], Hashable]] = [
        lambda item: _payment_key(store, item),
        lambda item: item.plan.amount_currency,
        lambda item: item.customer.billing_entity_code,
        lambda item: None if item.consolidate_invoice else item.lago_id,
        lambda item: item.purchase_order_number,
    ]
    groups: dict[tuple[Hashable, ...], list[Subscription]] = {}
    for subscription in subscriptions:
        groups.setdefault(tuple(key(subscription) for key in keys), []).append(subscription)
    return list(groups.values())


def bill_periods(store: Store, subscriptions: Sequence[Subscription]) -> None:
    """Bill the subscriptions of a customer whose periods have closed."""
    for group in grouped(store, subscriptions):
        bill(store, group, store.now, PERIODIC)
        advance_charges.regroup(store, group, store.now)


def bill_change(
    store: Store, subscriptions: Sequence[Subscription], at: datetime, *, ended: Sequence[Subscription]
) -> None:
    """Bill a change of the plan: what the old plan owes, and what the new one costs in advance."""
    by_order: dict[str | None, list[Subscription]] = {}
    for subscription in subscriptions:
        by_order.setdefault(subscription.purchase_order_number, []).append(subscription)
    for group in by_order.values():
        bill(store, group, at, UPGRADING)
    by_order = {}
    for subscription in ended:
        by_order.setdefault(subscription.purchase_order_number, []).append(subscription)
    for group in by_order.values():
        advance_charges.regroup(store, group, at)


def bill(
    store: Store,
    subscriptions: Sequence[Subscription],
    at: datetime,
    reason: str,
    *,
    skip_charges: bool = False,
    may_be_draft: bool = True,
) -> Invoice:
    """Invoice subscriptions of one customer. With days of grace the invoice stays a draft."""
    first = subscriptions[0]
    if reason != TERMINATING:
        # The server hands on whole seconds, except for the time of an end.
        at = at.replace(microsecond=0)
    invoice = invoicing.new_invoice(
        store,
        first.customer,
        invoice_type="subscription",
        currency=first.plan.amount_currency,
        timestamp=at,
        recurring=reason == PERIODIC,
        may_be_draft=may_be_draft,
        purchase_order_number=first.purchase_order_number,
    )
    invoice.skip_charges = skip_charges
    _fill(store, invoice, subscriptions, reason)
    if invoice.status == "draft":
        store.invoices.add(invoice)
        store.drafts.append(invoice)
        invoicing.compute_draft(store, invoice)
        store.flag(invoice.customer)
        store.emit("invoice.drafted", invoice)
        store.emit("invoice.ready_to_finalize", invoice)
    else:
        invoicing.settle(store, invoice)
    _keep_usage(invoice)
    return invoice


def _keep_usage(invoice: Invoice) -> None:
    """Compute past usage now: it is read more often than it is billed."""
    for period in invoice.periods:
        usage_period(period)


def windows(store: Store, subscription: Subscription, at: datetime, reason: str, *, ran: bool = False) -> Boundaries:
    """Return the windows of a billing at a time for a reason; ``ran`` if the subscription had not ended then."""
    if ran:
        # Without this, one that ended in the same second as a period counts as ended when the draft is computed again.
        return Dates(subscription, at, alive=True).boundaries()
    ended_for_upgrade = subscription.terminated_by(at) and subscription.upgraded
    dates = Dates(subscription, at, running=reason == "progressive_billing" or ended_for_upgrade)
    return ending_dates(store.history(subscription), subscription, at, dates).boundaries()


def add_period(
    store: Store, invoice: Invoice, subscription: Subscription, boundaries: Boundaries, reason: str
) -> BilledPeriod:
    """Put a subscription on an invoice."""
    shown = reason
    if reason == UPGRADING:
        shown = TERMINATING if subscription.terminated_by(boundaries.timestamp) else STARTING
    period = BilledPeriod(
        created_at=store.now,
        invoice=invoice,
        subscription=subscription,
        boundaries=boundaries,
        reason=shown,
        recurring=reason == PERIODIC,
    )
    invoice.periods.append(period)
    store.history(subscription).periods.append(period)
    return period


def _fill(store: Store, invoice: Invoice, subscriptions: Sequence[Subscription], reason: str) -> None:
    """Put all fees on an invoice."""
    at = invoice.timestamp or store.now
    for subscription in subscriptions:
        found = windows(store, subscription, at, reason, ran=reason == PERIODIC)
        add_period(store, invoice, subscription, found, reason)
    for period in invoice.periods:
        subscription, boundaries = period.subscription, period.boundaries
        if plan_amount.bills_plan(store, subscription, invoice, boundaries):
            amount = plan_amount.plan_amount(store.history(subscription), subscription, invoice, boundaries)
            fee = invoice_fees.subscription_fee(store, subscription, precise_cents=amount, boundaries=boundaries)
            invoicing.add_fees(store, invoice, [fee])
        if not invoice.skip_charges:
            invoicing.add_fees(store, invoice, charge_billing.fees_of_usage(store, subscription, boundaries))
        invoicing.add_fees(store, invoice, fixed_billing.fixed_fees(store, subscription, invoice, boundaries))
        if not invoice.skip_charges and not _changed_today(subscription, at):
            invoicing.add_separate_fees(store, charge_billing.fees_without_invoice(store, subscription, boundaries))
        invoicing.add_fees(store, invoice, commitments.commitment_fees(store, period))


def preview(store: Store, invoice: Invoice, subscription: Subscription, at: datetime, *, with_usage: bool) -> None:
    """Put on an invoice what a subscription will owe at a time. Nothing is kept."""
    boundaries = windows(store, subscription, at, PERIODIC if with_usage else STARTING)
    period = BilledPeriod(
        created_at=store.now,
        invoice=invoice,
        subscription=subscription,
        boundaries=boundaries,
        reason=PERIODIC if with_usage else STARTING,
        recurring=with_usage,
    )
    invoice.periods.append(period)
    if plan_amount.bills_plan_in_this_month(store.history(subscription), subscription, at):
        amount = plan_amount.plan_amount(store.history(subscription), subscription, invoice, boundaries)
        invoice.fees.append(
            invoice_fees.subscription_fee(store, subscription, precise_cents=amount, boundaries=boundaries)
        )
    if with_usage:
        invoice.fees += charge_billing.fees_of_usage(store, subscription, boundaries)
    invoice.fees += fixed_billing.fixed_fees(store, subscription, invoice, boundaries)
    invoice.fees += commitments.commitment_fees(store, period)
    for fee in invoice.fees:
        fee.invoice = invoice


def _changed_today(subscription: Subscription, at: datetime) -> bool:
    """Return whether the subscription has taken the place of another one on this day."""
    previous, began = subscription.previous, subscription.started_at
    if previous is None or previous.terminated_at is None or began is None:
        return False
    return previous.terminated_at.date() == at.date() == began.date()


def refresh(store: Store, invoice: Invoice) -> None:
    """Compute a draft again, with the usage and the prices of now. Nothing is told of it."""
    before = amounts.total_cents(invoice)
    _refill(store, invoice)
    invoicing.compute_draft(store, invoice)
    _refresh_notes(store, invoice)
    _flag_if_changed(store, invoice, before)
    _keep_usage(invoice)
    invoice.updated_at = store.now


def _flag_if_changed(store: Store, invoice: Invoice, before: int) -> None:
    """Have the wallets refreshed that would pay for a draft with another amount than before."""
    if amounts.total_cents(invoice) != before:
        store.flag(invoice.customer)


def _refill(store: Store, invoice: Invoice) -> None:
    before = list(invoice.periods)
    recurring = before[0].recurring if before else False
    reason = PERIODIC if recurring else before[0].reason if len(before) == 1 else UPGRADING
    for period in before:
        store.history(period.subscription).periods.remove(period)
    invoice.periods.clear()
    invoicing.remove_fees(store, invoice)
    invoice.taxes_id, invoice.taxed_at, invoice.refresh_at = str(uuid4()), store.now, None
    _fill(store, invoice, [period.subscription for period in before], reason)
    for fee in invoice.fees:
        fee.taxed_at, fee.created_at = store.now, invoice.created_at


def _refresh_notes(store: Store, invoice: Invoice) -> None:
    """Have credit notes give back the fees that have taken the place of those of before."""
    fees = {fee.subscription: fee for fee in invoice.fees if fee.kind == "subscription"}
    for note in credit_notes.notes_of(store, invoice):
        fee = fees.get(note.items[0].fee.subscription)
        if fee is not None:
            credit_notes.refresh(store, note, fee)


def finalize(store: Store, invoice: Invoice) -> None:
    """Compute a draft for the last time, and finalize it."""
    store.drafts.remove(invoice)
    before = amounts.total_cents(invoice)
    invoicing.prepare_final(store, invoice)
    _refill(store, invoice)
    invoicing.settle(store, invoice)
    _refresh_notes(store, invoice)
    credit_notes.finalize(store, invoice)
    _flag_if_changed(store, invoice, before)
    _keep_usage(invoice)


def billed_today(store: Store, subscription: Subscription) -> bool:
    """Return whether a period of the subscription was billed on the customer's day."""
    zone = subscription.customer.zone
    today = local_date(store.now, zone)
    return any(
        period.recurring and local_date(period.boundaries.timestamp, zone) == today
        for period in store.history(subscription).periods
    )
