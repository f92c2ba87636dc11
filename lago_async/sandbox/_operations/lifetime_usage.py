"""The usage of a subscription since it began."""

from datetime import datetime

from lago_async.sandbox._money import progressive
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.subscriptions import find as find_subscription
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_ms
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.plans import UsageThreshold
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def _threshold(amount: int, ratio: float, reached_at: datetime | None) -> JsonObject:
    return {
        "amount_cents": amount,
        "completion_ratio": ratio,
        "reached_at": None if reached_at is None else to_iso_ms(reached_at),
    }


def _reached(store: Store, subscription: Subscription, threshold: UsageThreshold, amount: int) -> datetime:
    """Return when usage had reached a threshold, or a multiple of a recurring one."""
    known = [at for item, at, total in subscription.reached_thresholds if item is threshold and total >= amount]
    return known[0] if threshold.recurring and known else known[-1] if known else store.now


def _completion(store: Store, subscription: Subscription, total: int) -> list[Json]:
    """Return for each threshold how much of the way from the last one is gone."""
    thresholds = progressive.applicable_thresholds(subscription)
    fixed = sorted((item for item in thresholds if not item.recurring), key=lambda item: item.amount_cents)
    recurring = next((item for item in thresholds if item.recurring), None)
    passed = [item for item in fixed if item.amount_cents <= total]
    ahead = fixed[len(passed) :]
    shown: list[Json] = [
        _threshold(item.amount_cents, 1.0, _reached(store, subscription, item, item.amount_cents)) for item in passed
    ]
    last = passed[-1].amount_cents if passed else 0
    if not ahead:
        return shown + ([] if recurring is None else _recurring(store, subscription, recurring, last, total))
    following = ahead[0]
    ratio = (total - last) / (following.amount_cents - last)
    shown.append(_threshold(following.amount_cents, ratio, None))
    shown += [_threshold(item.amount_cents, 0.0, None) for item in ahead[1:]]
    if recurring is not None:
        shown.append(_threshold(fixed[-1].amount_cents + recurring.amount_cents, 0.0, None))
    return shown


def _recurring(
    store: Store, subscription: Subscription, threshold: UsageThreshold, last: int, total: int
) -> list[Json]:
    rest = (last + total) % threshold.amount_cents
    steps = range(1, (total - last) // threshold.amount_cents + 1)
    amounts = [last + step * threshold.amount_cents for step in steps]
    shown: list[Json] = [
        _threshold(amount, 1.0, _reached(store, subscription, threshold, amount)) for amount in amounts
    ]
    ahead = total - rest + threshold.amount_cents
    return [*shown, _threshold(ahead, rest / threshold.amount_cents, None)]


def _lifetime_usage_json(store: Store, subscription: Subscription) -> JsonObject:
    # Without a licence the server keeps the record, and never computes it.
    invoiced = progressive.invoiced_usage_cents(store, subscription) if store.premium else 0
    current = progressive.current_usage_cents(store, subscription) if store.premium else 0
    total = subscription.historical_usage_cents + invoiced + current
    shown: JsonObject = {
        "lago_id": subscription.lifetime_usage_id,
        "lago_subscription_id": subscription.lago_id,
        "external_subscription_id": subscription.external_id,
        "external_historical_usage_amount_cents": subscription.historical_usage_cents,
        "invoiced_usage_amount_cents": invoiced,
        "current_usage_amount_cents": current,
        "from_datetime": to_iso(subscription.subscription_at),
        "to_datetime": to_iso(store.now),
    }
    if progressive.applicable_thresholds(subscription):
        shown["usage_thresholds"] = _completion(store, subscription, total)
    return shown


def _begun(call: OperationCall) -> Subscription:
    """Return the subscription; one that has not begun has no usage yet."""
    subscription = find_subscription(call)
    if subscription.started_at is None:
        raise refusals.not_found("lifetime_usage")
    return subscription


@handles("get_subscription_lifetime_usage")
def get_subscription_lifetime_usage(call: OperationCall) -> JsonObject:
    """Return all usage of a subscription so far, and the thresholds that it has reached."""
    return _lifetime_usage_json(call.store, _begun(call))


@handles("update_subscription_lifetime_usage")
def update_subscription_lifetime_usage(call: OperationCall) -> JsonObject:
    """Set the usage from before the subscription came to Lago."""
    subscription, given = _begun(call), call.envelope("lifetime_usage")
    amount = given.integer("external_historical_usage_amount_cents")
    if amount is None or amount < 0:
        code = "value_is_mandatory" if amount is None else "value_is_out_of_range"
        raise refusals.invalid_field("external_historical_usage_amount_cents", code)
    subscription.historical_usage_cents = amount
    return _lifetime_usage_json(call.store, subscription)
