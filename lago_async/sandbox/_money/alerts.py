"""Alerts: what they watch, and the value that they last saw. The sandbox sends no webhooks for what they cross."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import attrs

from lago_async.sandbox._money import prepaid, progressive, usage
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.ongoing import ongoing_usage
from lago_async.sandbox._money.usage import MeteredCharge
from lago_async.sandbox._state.alerts import Alert
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Wallet


def _ongoing_cents(store: Store, wallet: Wallet) -> int:
    return wallet.balance_cents - ongoing_usage(store, wallet.customer).get(wallet.lago_id, 0)


_WALLET_VALUES: Mapping[str, Callable[[Store, Wallet], Decimal]] = {
    "wallet_balance_amount": lambda _, wallet: Decimal(wallet.balance_cents),
    "wallet_credits_balance": lambda _, wallet: wallet.credits,
    "wallet_ongoing_balance_amount": lambda store, wallet: Decimal(_ongoing_cents(store, wallet)),
    "wallet_credits_ongoing_balance": lambda store, wallet: prepaid.cents_to_credits(
        wallet, _ongoing_cents(store, wallet)
    ),
}


def wallet_value(store: Store, wallet: Wallet, alert: Alert) -> Decimal:
    """Return what an alert on a wallet watches."""
    return _WALLET_VALUES[alert.alert_type](store, wallet)


def look_at_wallet(store: Store, wallet: Wallet) -> None:
    """Let the alerts of a wallet see its balance."""
    for alert in store.alerts.get(wallet.lago_id, {}).values():
        alert.previous_value, alert.last_processed_at = wallet_value(store, wallet, alert), store.now


def _of_metric(alert: Alert, metered: Sequence[MeteredCharge]) -> list[MeteredCharge]:
    return [item for item in metered if item.charge.metric is alert.metric]


def _lifetime(store: Store, subscription: Subscription, alert: Alert) -> list[MeteredCharge]:
    """Meter the charges of a metric since the subscription began."""
    boundaries = running(subscription, store.now)
    since = subscription.started_at or boundaries.start
    boundaries = attrs.evolve(boundaries, charges_start=since)
    charges = [item for item in subscription.plan.charges if item.metric is alert.metric]
    return usage.charge_usages(store, subscription, charges, boundaries)


def _value(store: Store, subscription: Subscription, alert: Alert, metered: Sequence[MeteredCharge]) -> Decimal | None:
    """Return what an alert on a subscription watches; None if its plan does not have it."""
    amount = sum(fee.amount_cents for item in metered for fee in item.fees)
    match alert.alert_type:
        case "current_usage_amount":
            return Decimal(amount)
        case "lifetime_usage_amount":
            invoiced = progressive.invoiced_usage_cents(store, subscription)
            return Decimal(subscription.historical_usage_cents + invoiced + amount)
        case "billable_metric_current_usage_amount":
            own = _of_metric(alert, metered)
            return Decimal(sum(fee.amount_cents for item in own for fee in item.fees)) if own else None
        case "billable_metric_lifetime_usage_units":
            own = _lifetime(store, subscription, alert)
        case _:
            own = _of_metric(alert, metered)
    return max((fee.units for item in own for fee in item.fees), default=None)


def look_at_usage(store: Store, subscription: Subscription) -> None:
    """Let the alerts of a subscription see its usage."""
    alerts = store.alerts.get(subscription.external_id)
    if subscription.status != "active" or not alerts:
        return
    scope = usage.Scope(apply_taxes=False)
    metered = usage.charge_usages(
        store, subscription, subscription.plan.charges, running(subscription, store.now), scope
    )
    for alert in alerts.values():
        value = _value(store, subscription, alert, metered)
        if value is not None:
            alert.previous_value, alert.last_processed_at = value, store.now
