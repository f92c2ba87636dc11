"""Usage thresholds: an invoice of the usage so far when one of them is passed."""

from lago_async.sandbox._money import billing, charge_billing, invoicing, usage
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.progressive_credits import billed_progressively
from lago_async.sandbox._state.plans import UsageThreshold
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def applicable_thresholds(subscription: Subscription) -> list[UsageThreshold]:
    """Return the subscription's own usage thresholds, or else its plan's."""
    if subscription.progressive_billing_disabled:
        return []
    plan = subscription.plan
    return subscription.usage_thresholds or plan.usage_thresholds or plan.original.usage_thresholds


def invoiced_usage_cents(store: Store, subscription: Subscription) -> int:
    """Return the usage on the invoices of all subscriptions that followed each other under an external id."""
    lives = [
        item
        for item in store.subscriptions.get(subscription.external_id, ())
        if item.subscription_at == subscription.subscription_at and item.status != "canceled"
    ]
    return sum(
        fee.amount_cents
        for life in lives
        for fee in store.history(life).fees
        if fee.kind == "charge"
        and fee.invoice is not None
        and fee.invoice.invoice_type == "subscription"
        and fee.invoice.status in {"finalized", "draft"}
    )


def current_usage_cents(store: Store, subscription: Subscription) -> int:
    """Return the usage of the period that runs."""
    if subscription.status != "active":
        return 0
    metered = usage.charge_usages(store, subscription, subscription.plan.charges, running(subscription, store.now))
    return sum(fee.amount_cents for item in metered for fee in item.fees)


def _passed(store: Store, subscription: Subscription, current: int) -> list[UsageThreshold]:
    """Return the thresholds that usage has passed since the last invoice, lowest first."""
    thresholds = applicable_thresholds(subscription)
    fixed = sorted((item for item in thresholds if not item.recurring), key=lambda item: item.amount_cents)
    recurring = next((item for item in thresholds if item.recurring), None)
    billed = billed_progressively(store, subscription, store.now)
    progressive = billed[0].invoice.fees_cents if billed else 0
    new = current - progressive
    if new < 0:
        return []
    invoiced = subscription.historical_usage_cents + invoiced_usage_cents(store, subscription) + progressive
    highest = max((item.amount_cents for item in fixed), default=0)
    total = invoiced + new
    if invoiced < highest:
        passed = [item for item in fixed if invoiced < item.amount_cents <= total]
        if recurring is not None and total - highest >= recurring.amount_cents:
            passed.append(recurring)
        return passed
    if recurring is not None and new + invoiced % recurring.amount_cents >= recurring.amount_cents:
        return [recurring]
    return []


def check(store: Store, subscription: Subscription) -> None:
    """Invoice the usage so far if it has passed a threshold."""
    if subscription.status != "active" or not applicable_thresholds(subscription):
        return
    current = current_usage_cents(store, subscription)
    passed = _passed(store, subscription, current)
    if not passed:
        return
    total = subscription.historical_usage_cents + invoiced_usage_cents(store, subscription) + current
    invoice = invoicing.new_invoice(
        store,
        subscription.customer,
        invoice_type="progressive_billing",
        currency=subscription.plan.amount_currency,
        timestamp=store.now,
        purchase_order_number=subscription.purchase_order_number,
    )
    boundaries = billing.windows(store, subscription, store.now, "progressive_billing")
    billing.add_period(store, invoice, subscription, boundaries, "progressive_billing")
    fees = charge_billing.fees_of_usage(store, subscription, boundaries, progressive=True)
    invoicing.add_fees(store, invoice, fees)
    invoice.usage_thresholds = passed
    subscription.reached_thresholds += [(item, store.now, total) for item in passed]
    invoicing.settle(store, invoice)
    for item in passed:
        store.emit("subscription.usage_threshold_reached", subscription, item)
