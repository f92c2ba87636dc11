"""The life of a subscription: it starts, changes its plan, and ends."""

from datetime import datetime, timedelta

from lago_async.sandbox._money import advance_charges, billing, fixed_billing, invoicing, termination_notes
from lago_async.sandbox._money.dates import Dates, invoiced_in_advance
from lago_async.sandbox._state.periods import local_date
from lago_async.sandbox._state.plans import FixedCharge, Plan
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription, yearly_cents

_SECOND = timedelta(seconds=1)


def _mark_active(store: Store, subscription: Subscription, started_at: datetime) -> None:
    subscription.status, subscription.started_at = "active", started_at
    if subscription.customer.currency is None:
        subscription.customer.columns["currency"] = subscription.plan.amount_currency
    fixed_billing.emit_units(store, subscription, started_at + _SECOND)
    store.schedule(subscription)
    store.emit("subscription.started", subscription)


def begin(store: Store, subscription: Subscription) -> None:
    """Start a new subscription: one of a past day runs already, one of today is billed, a later one waits."""
    zone = subscription.customer.zone
    today, wanted = local_date(store.now, zone), local_date(subscription.subscription_at, zone)
    if wanted > today:
        store.schedule(subscription)
    elif wanted < today:
        _mark_active(store, subscription, max(subscription.subscription_at, _end_of_last_life(store, subscription)))
    else:
        start(store, subscription, subscription.subscription_at)


def _end_of_last_life(store: Store, subscription: Subscription) -> datetime:
    """Return the end of the last invoiced subscription with the same external id, whose usage is billed."""
    ends = [
        item.terminated_at
        for item in store.subscriptions.get(subscription.external_id, ())
        if item.customer is subscription.customer
        and item.status == "terminated"
        and item.on_termination_invoice == "generate"
        and item.terminated_at is not None
    ]
    return max([subscription.subscription_at, *ends])


def start(store: Store, subscription: Subscription, at: datetime) -> None:
    """Start a subscription, and bill what it pays in advance."""
    _mark_active(store, subscription, at)
    if subscription.plan.pay_in_advance and not subscription.in_trial(store.now):
        billing.bill(store, [subscription], at, billing.STARTING, skip_charges=True)
    elif any(charge.pay_in_advance for charge in subscription.plan.fixed_charges):
        bill_fixed_units(store, subscription, at + _SECOND)


def bill_fixed_units(store: Store, subscription: Subscription, at: datetime) -> None:
    """Invoice the units of fixed charges in advance that were recorded at a time."""
    by_id = {charge.parent_id or charge.lago_id: charge for charge in subscription.plan.fixed_charges}
    events = [
        (by_id[event.fixed_charge_id], event)
        for event in subscription.fixed_units
        if event.timestamp == at and event.fixed_charge_id in by_id
    ]
    events = [(charge, event) for charge, event in events if charge.pay_in_advance]
    if not events or subscription.status != "active":
        return
    invoice = invoicing.new_invoice(
        store,
        subscription.customer,
        invoice_type="subscription",
        currency=subscription.plan.amount_currency,
        timestamp=at,
        purchase_order_number=subscription.purchase_order_number,
    )
    fees = [fixed_billing.added_units_fee(store, subscription, charge, event) for charge, event in events]
    billing.add_period(
        store, invoice, subscription, billing.windows(store, subscription, at, "in_advance_charge"), "in_advance_charge"
    )
    invoicing.add_fees(store, invoice, fees)
    invoicing.settle(store, invoice)
    for fee in fees:
        store.emit("fee.created", fee)


def change_fixed_units(store: Store, plan: Plan, charge: FixedCharge, *, immediately: bool) -> None:
    """Have new units of a fixed charge count from now on, or from the next period on."""
    for subscription in list(store.all_subscriptions()):
        if subscription.plan is not plan or subscription.status != "active":
            continue
        at = store.now.replace(microsecond=0)
        if not immediately:
            window = Dates(subscription, at, running=True).fixed_window()
            at = at if window is None else window[1] + _SECOND
        fixed_billing.add_units(store, subscription, charge, at)
        if immediately and charge.pay_in_advance:
            bill_fixed_units(store, subscription, at)


def cancel(store: Store, subscription: Subscription) -> None:
    """Cancel a subscription that has not begun."""
    subscription.status, subscription.canceled_at = "canceled", store.now


def cancel_before_start(store: Store, subscription: Subscription) -> None:
    """Cancel a subscription that has not begun, because it is not wanted any more; the running one stays."""
    cancel(store, subscription)
    if subscription.previous is not None:
        store.emit("subscription.updated", subscription.previous)
    store.emit("subscription.terminated", subscription)


def cancel_next(store: Store, subscription: Subscription) -> None:
    """Cancel the change to a cheaper plan that waits for the end of the period."""
    if subscription.next is not None and subscription.next.status == "pending":
        cancel(store, subscription.next)


def _mark_terminated(store: Store, subscription: Subscription) -> None:
    subscription.status, subscription.terminated_at = "terminated", store.now


def _give_back(store: Store, subscription: Subscription, *, upgrade: bool) -> None:
    if subscription.plan.pay_in_advance and subscription.on_termination_credit_note is None:
        subscription.on_termination_credit_note = "credit"
    choice = subscription.on_termination_credit_note or "credit"
    in_advance = subscription.plan.pay_in_advance and choice != "skip"
    if in_advance and invoiced_in_advance(store.history(subscription), subscription, store.now):
        termination_notes.give_back_unused(store, subscription, upgrade=upgrade, choice=choice)


def terminate(store: Store, subscription: Subscription) -> None:
    """End an active subscription now, give back what it paid too much, and bill what it owes."""
    cancel_next(store, subscription)
    _mark_terminated(store, subscription)
    # The server saves how it ends, which is a change of its own, even where nothing differs.
    store.emit("subscription.updated", subscription)
    store.emit("subscription.terminated", subscription)
    _give_back(store, subscription, upgrade=False)
    if subscription.on_termination_invoice != "skip":
        billing.bill(store, [subscription], store.now, billing.TERMINATING)
    advance_charges.regroup(store, [subscription], store.now)


def _pays_at_start(store: Store, subscription: Subscription, *, trial: bool) -> bool:
    in_advance = subscription.plan.pay_in_advance and not (trial and subscription.in_trial(store.now))
    return in_advance or any(charge.pay_in_advance for charge in subscription.plan.fixed_charges)


def upgrade(store: Store, current: Subscription, wanted: Subscription) -> None:
    """Change to a plan that is at least as expensive, now."""
    _mark_terminated(store, current)
    store.emit("subscription.updated", current)
    store.emit("subscription.terminated", current)
    _give_back(store, current, upgrade=True)
    _mark_active(store, wanted, store.now)
    both = [current, wanted] if _pays_at_start(store, wanted, trial=True) else [current]
    billing.bill_change(store, both, store.now + _SECOND, ended=both)


def reconsider_changes(store: Store, plan: Plan) -> None:
    """Reconsider the changes that wait for the end of a period, because the price of a plan has changed."""
    waiting = [item for item in store.all_subscriptions() if item.status == "pending" and item.previous is not None]
    for item in waiting:
        _reconsider(store, item, plan)


def _reconsider(store: Store, waiting: Subscription, plan: Plan) -> None:
    """Cancel a change from a plan that has become cheaper, and carry out one to a plan that is not cheaper any more."""
    current = waiting.previous
    if current is None or current.status != "active":
        return
    # The server compares the prices of two periods here, and the prices per year everywhere else.
    if current.plan is plan and plan.amount_cents < waiting.plan.amount_cents:
        cancel(store, waiting)
    elif waiting.plan is plan and yearly_cents(plan) >= yearly_cents(current.plan):
        cancel(store, waiting)
        wanted = Subscription(
            created_at=store.now,
            external_id=current.external_id,
            customer=current.customer,
            plan=plan,
            name=waiting.name,
            billing_time=current.billing_time,
            subscription_at=current.subscription_at,
            ending_at=current.ending_at,
            consolidate_invoice=current.consolidate_invoice,
            purchase_order_number=current.purchase_order_number,
            previous=current,
            lifetime_usage_id=current.lifetime_usage_id,
            historical_usage_cents=current.historical_usage_cents,
        )
        current.next = wanted
        store.add_subscription(wanted)
        upgrade(store, current, wanted)


def carry_out(store: Store, current: Subscription, wanted: Subscription) -> None:
    """Change to the plan that has waited for the end of a period; what kind of change it is, its price of now says."""
    if current.upgraded:
        upgrade(store, current, wanted)
    else:
        _downgrade(store, current, wanted)


def _downgrade(store: Store, current: Subscription, wanted: Subscription) -> None:
    """Change to a cheaper plan, at the end of a period."""
    _mark_terminated(store, current)
    store.emit("subscription.terminated", current)
    _mark_active(store, wanted, store.now)
    both = [current, wanted] if _pays_at_start(store, wanted, trial=False) else [current]
    billing.bill_change(store, both, store.now, ended=[current])


def end_trial(store: Store, subscription: Subscription) -> None:
    """End the free trial, and bill the rest of the period of a plan in advance."""
    billed = billing.billed_today(store, subscription) or _billed_on_first_day(store, subscription)
    if subscription.plan.pay_in_advance and not billed:
        billing.bill(store, [subscription], store.now, billing.STARTING, skip_charges=True)
    subscription.trial_ended_at = subscription.trial_end
    store.emit("subscription.trial_ended", subscription)


def _billed_on_first_day(store: Store, subscription: Subscription) -> bool:
    began = subscription.started_at
    if began is None:
        return False
    return any(
        period.boundaries.timestamp.date() == began.date()
        and period.invoice.invoice_type == "subscription"
        and period.invoice.status in {"draft", "finalized"}
        and any(fee.kind == "subscription" for fee in period.invoice.fees)
        for period in store.history(subscription).periods
    )
