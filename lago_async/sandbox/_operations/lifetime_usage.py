"""The usage of a subscription since it began."""

from lago_async.sandbox._money import usage
from lago_async.sandbox._money.rounding import completion_ratio
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.subscriptions import find as find_subscription
from lago_async.sandbox._operations.usage_thresholds import applicable_thresholds
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def _invoiced_cents(store: Store, subscription: Subscription) -> int:
    return sum(
        fee.amount_cents
        for fee in store.fees
        if fee.kind == "charge"
        and fee.subscription is not None
        and fee.subscription.external_id == subscription.external_id
    )


def _current_cents(store: Store, subscription: Subscription) -> int:
    if subscription.status != "active":
        return 0
    period = subscription.charges_period_at(store.now)
    usages = usage.charge_usages(store, subscription, subscription.plan.charges, period)
    return sum(fee.amount_cents for charge_usage in usages for fee in charge_usage.fees)


def _lifetime_usage_json(store: Store, subscription: Subscription) -> JsonObject:
    invoiced, current = _invoiced_cents(store, subscription), _current_cents(store, subscription)
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
    thresholds = applicable_thresholds(subscription)
    if thresholds:
        shown["usage_thresholds"] = [
            {
                "amount_cents": threshold.amount_cents,
                "completion_ratio": completion_ratio(total, threshold.amount_cents),
                "reached_at": None,
            }
            for threshold in thresholds
        ]
    return shown


@handles("get_subscription_lifetime_usage")
def get_subscription_lifetime_usage(call: OperationCall) -> JsonObject:
    """Return all usage of a subscription so far. The sandbox does not record when thresholds were reached."""
    return _lifetime_usage_json(call.store, find_subscription(call))


@handles("update_subscription_lifetime_usage")
def update_subscription_lifetime_usage(call: OperationCall) -> JsonObject:
    """Set the usage from before the subscription came to Lago."""
    subscription, given = find_subscription(call), call.envelope("lifetime_usage")
    amount = given.integer("external_historical_usage_amount_cents")
    if amount is None or amount < 0:
        code = "value_is_mandatory" if amount is None else "value_is_out_of_range"
        raise refusals.invalid_field("external_historical_usage_amount_cents", code)
    subscription.historical_usage_cents = amount
    return _lifetime_usage_json(call.store, subscription)
