"""Subscriptions, and all that is below a subscription."""

from tests.live.stories import _make
from tests.live.trial import Refusal, Trial

NO_LIFETIME_USAGE = Refusal(404, "lifetime_usage_not_found", "the server counts it for plans with usage thresholds")


async def subscriptions(trial: Trial) -> None:
    """Make, read, change and end a subscription."""
    await _make.subscribed(trial)
    sub = trial.code("sub")
    await trial.call("subscriptions.find", sub)
    await trial.call("subscriptions.find_all", external_customer_id=trial.code("cus"), per_page=1)
    await trial.call("subscriptions.update", sub, {"name": "Live, renamed"})
    await trial.call("subscriptions.get_lifetime_usage", sub, refusals=(NO_LIFETIME_USAGE,))
    usage = {"external_historical_usage_amount_cents": 100}
    await trial.call("subscriptions.update_lifetime_usage", sub, usage, refusals=(NO_LIFETIME_USAGE,))
    await trial.call("subscriptions.destroy", sub)


async def alerts(trial: Trial) -> None:
    """Make, read, change and delete alerts of a subscription."""
    await _make.subscribed(trial)
    sub = trial.code("sub")
    alert = {"code": "used", "alert_type": "current_usage_amount", "thresholds": [{"value": "100", "code": "warn"}]}
    await trial.call("subscriptions.create_alert", sub, alert)
    await trial.call("subscriptions.get_alert", sub, "used")
    await trial.call("subscriptions.get_alerts", sub, per_page=1)
    await trial.call("subscriptions.update_alert", sub, "used", {"name": "Live, renamed"})
    await trial.call("subscriptions.delete_alert", sub, "used")
    await trial.call("subscriptions.create_alerts", sub, [alert])
    await trial.call("subscriptions.delete_all_alerts", sub)


async def overrides(trial: Trial) -> None:
    """Read the charges of a subscription, and override them."""
    await _make.subscribed(trial)
    sub = trial.code("sub")
    await trial.call("subscriptions.find_charge", sub, "calls")
    await trial.call("subscriptions.find_all_charges", sub, per_page=1)
    filters = await trial.call("subscriptions.find_all_charge_filters", sub, "calls", per_page=1)
    first = next(iter(filters), None)
    if first is not None:
        await trial.call("subscriptions.find_charge_filter", sub, "calls", first.lago_id)
    await trial.call("subscriptions.override_charge", sub, "calls", {"invoice_display_name": "Calls"})
    price = {"values": {"region": ["us"]}, "properties": {"amount": "4"}}
    made = await trial.call("subscriptions.create_charge_filter", sub, "calls", price)
    identifier = made.lago_id or (first.lago_id if first else made.lago_id)
    renamed = {"invoice_display_name": "America"}
    await trial.call("subscriptions.update_charge_filter", sub, "calls", identifier, renamed)
    await trial.call("subscriptions.destroy_charge_filter", sub, "calls", identifier)
    await trial.call("subscriptions.find_fixed_charge", sub, "setup")
    await trial.call("subscriptions.find_all_fixed_charges", sub, per_page=1)
    await trial.call("subscriptions.override_fixed_charge", sub, "setup", {"units": "3"})


async def entitlements_of_a_subscription(trial: Trial) -> None:
    """Read and change what a subscription entitles to."""
    await _make.feature(trial)
    await _make.plan(trial)
    await _make.customer(trial)
    await _make.subscription(trial)
    sub, seats = trial.code("sub"), trial.code("seats")
    await trial.call("entitlements.create", trial.code("plan"), {seats: {"max": 5, "sso": True}})
    await trial.call("entitlements.update_subscription_entitlements", sub, {seats: {"max": 7}})
    await trial.call("entitlements.find_all_subscription_entitlements", sub)
    await trial.call("entitlements.destroy_subscription_entitlement_privilege", sub, seats, "sso")
    await trial.call("entitlements.destroy_subscription_entitlement", sub, seats)
