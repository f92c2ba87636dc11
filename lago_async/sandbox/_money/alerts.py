"""Alerts: what they watch, the value that they last saw, and the thresholds that it crosses."""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import attrs

from lago_async.sandbox._money import prepaid, progressive, usage
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.usage import MeteredCharge
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.alerts import Alert, TriggeredAlert
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Wallet

_WALLET_VALUES: Mapping[str, Callable[[Wallet], Decimal]] = {
    "wallet_balance_amount": lambda wallet: Decimal(wallet.balance_cents),
    "wallet_credits_balance": lambda wallet: wallet.credits,
    "wallet_ongoing_balance_amount": lambda wallet: Decimal(wallet.ongoing_cents),
    "wallet_credits_ongoing_balance": lambda wallet: prepaid.cents_to_credits(wallet, wallet.ongoing_cents),
}


def wallet_value(wallet: Wallet, alert: Alert) -> Decimal:
    """Return what an alert on a wallet watches."""
    return _WALLET_VALUES[alert.alert_type](wallet)


def _steps(before: Decimal, after: Decimal, step: Decimal, initial: Decimal) -> list[Decimal]:
    """Return the multiples of a step beyond the initial value that a rising value reaches."""
    first = max(((before - initial) / step).to_integral_value(ROUND_CEILING), Decimal(1))
    last = ((after - initial) / step).to_integral_value(ROUND_FLOOR)
    return [initial + count * step for count in range(int(first), int(last) + 1)]


def crossed(alert: Alert, before: Decimal, after: Decimal, *, falling: bool) -> list[JsonObject]:
    """Return the thresholds that a value crosses from one look to the next, as webhooks show them."""
    # A falling value is compared with the sign turned, so that one rule serves both directions.
    sign = Decimal(-1 if falling else 1)
    low, high = before * sign, after * sign
    if high <= low:
        return []
    values = {id(item): Decimal(str(item["value"])) * sign for item in alert.thresholds}
    single = sorted((item for item in alert.thresholds if not item["recurring"]), key=lambda item: values[id(item)])
    if single and high < values[id(single[0])]:
        return []
    found = [item for item in single if low < values[id(item)] <= high]
    shown = [_shown(item["code"], values[id(item)] * sign, recurring=False) for item in found]
    recurring = next((item for item in alert.thresholds if item["recurring"]), None)
    if recurring is None:
        return shown
    initial = values[id(single[-1])] if single else Decimal(0)
    reached = _steps(low, high, values[id(recurring)] * sign, initial)
    return [*shown, *(_shown(recurring["code"], value * sign, recurring=True) for value in reached)]


def _shown(code: Json, value: Decimal, *, recurring: bool) -> JsonObject:
    return {"code": code, "value": decimal_text(value), "recurring": recurring}


def _see(
    store: Store,
    alert: Alert,
    value: Decimal,
    *,
    subscription: Subscription | None = None,
    wallet: Wallet | None = None,
) -> None:
    """Let an alert see a value; it is triggered if that crosses thresholds."""
    thresholds = crossed(alert, alert.previous_value, value, falling=wallet is not None)
    if thresholds:
        triggered = TriggeredAlert(
            created_at=store.now,
            alert=alert,
            subscription=subscription,
            wallet=wallet,
            previous_value=alert.previous_value,
            current_value=value,
            crossed_thresholds=thresholds,
        )
        store.emit("alert.triggered", triggered)
    alert.previous_value, alert.last_processed_at = value, store.now


def look_at_wallet(store: Store, wallet: Wallet) -> None:
    """Let the alerts of a wallet see its balance."""
    for alert in store.alerts.get(wallet.lago_id, {}).values():
        _see(store, alert, wallet_value(wallet, alert), wallet=wallet)


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
            _see(store, alert, value, subscription=subscription)
