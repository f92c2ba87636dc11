"""Usage that is not invoiced yet, allocated to the wallets that will pay for it."""

from collections import defaultdict
from decimal import Decimal
from typing import TypeAlias

from lago_async.sandbox._money import prepaid, usage
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.progressive_credits import billed_progressively
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store

_Key: TypeAlias = tuple[str, str | None, str]


def _pool(store: Store, customer: Customer) -> dict[_Key, Decimal]:
    """Return what will be invoiced, for each kind of fee and currency."""
    pool: defaultdict[_Key, Decimal] = defaultdict(Decimal)
    for subscription in store.subscriptions_of(customer):
        if subscription.status != "active":
            continue
        currency = subscription.plan.amount_currency
        # Charges in advance are invoiced already.
        charges = [charge for charge in subscription.plan.charges if not charge.pay_in_advance]
        for metered in usage.charge_usages(store, subscription, charges, running(subscription, store.now)):
            for fee in metered.fees:
                pool["charge", metered.charge.metric.code, currency] += fee.amount_cents + fee.taxes_amount_cents
        for period in billed_progressively(store, subscription, store.now):
            for billed in period.invoice.fees:
                if billed.charge is not None:
                    pool[billed.kind, billed.charge.metric.code, currency] -= billed.taxed_cents + billed.taxes_cents
    for invoice in store.drafts:
        if invoice.customer is not customer:
            continue
        for draft in invoice.fees:
            key = (draft.kind, None if draft.charge is None else draft.charge.metric.code, invoice.currency)
            pool[key] += draft.amount_cents + draft.taxes_cents - draft.coupons_cents
    return pool


def ongoing_usage(store: Store, customer: Customer) -> dict[str, int]:
    """Return for each open wallet, by its id, the cents of usage that it would pay for now.

    Each amount is allocated once, by the order of the wallets. The last of them takes the amount that exceeds their
    balances.
    """
    wallets = [item for item in store.wallets if item.customer is customer and item.terminated_at is None]
    if not wallets:
        return {}
    wallets.sort(key=lambda item: (item.priority, item.created_at, item.order))
    pool = _pool(store, customer)
    budgets: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_, _, currency), amount in pool.items():
        budgets[currency] += amount
    allocated = {wallet.lago_id: Decimal(0) for wallet in wallets}
    positive = [(key, amount) for key, amount in pool.items() if amount > 0]
    for (kind, metric, currency), amount in sorted(positive, key=lambda item: (-item[1], tuple(map(str, item[0])))):
        left = min(amount, max(budgets[currency], Decimal(0)))
        able = [item for item in wallets if item.currency == currency and prepaid.covers(item, (kind, metric))]
        for wallet in able:
            if left <= 0:
                break
            refills = any(rule.active(store.now) and rule.text("trigger") == "threshold" for rule in wallet.rules)
            part = left
            if not refills and wallet is not able[-1]:
                part = min(left, max(wallet.balance_cents - allocated[wallet.lago_id], Decimal(0)))
            allocated[wallet.lago_id] += part
            left -= part
            budgets[currency] -= part
    return {lago_id: int(amount) for lago_id, amount in allocated.items()}
