"""Alerts that were triggered, as webhooks show them."""

from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, decimal_text
from lago_async.sandbox._state.alerts import TriggeredAlert
from lago_async.sandbox._state.store import Store


def triggered_alert_json(store: Store, triggered: TriggeredAlert) -> JsonObject:
    """Return what triggered an alert: the values before and after, and the thresholds between them."""
    alert = triggered.alert
    subscription, wallet = triggered.subscription, triggered.wallet
    customer = subscription.customer if subscription is not None else wallet.customer if wallet is not None else None
    external_id = None if subscription is None else subscription.external_id
    external_customer_id = None if customer is None else customer.external_id
    return {
        "lago_id": triggered.lago_id,
        "lago_organization_id": store.organization_id,
        "lago_alert_id": alert.lago_id,
        "lago_subscription_id": None if subscription is None else subscription.lago_id,
        "external_subscription_id": external_id,
        "lago_wallet_id": None if wallet is None else wallet.lago_id,
        "external_customer_id": external_customer_id,
        "billable_metric_code": None if alert.metric is None else alert.metric.code,
        "alert_name": alert.name,
        "alert_code": alert.code,
        "alert_type": alert.alert_type,
        "current_value": decimal_text(triggered.current_value),
        "previous_value": decimal_text(triggered.previous_value),
        "crossed_thresholds": list(triggered.crossed_thresholds),
        "triggered_at": to_iso(triggered.created_at),
        "subscription_external_id": external_id,
        "customer_external_id": external_customer_id,
    }
