"""Models of alerts: on the usage of subscriptions, and on wallets."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.billable_metrics import BillableMetric

__all__ = [
    "Alert",
    "AlertDirection",
    "AlertInput",
    "AlertThreshold",
    "AlertThresholdInput",
    "AlertType",
    "AlertUpdateInput",
    "WalletAlertInput",
    "WalletAlertUpdateInput",
]

AlertType = Literal[
    "current_usage_amount",
    "billable_metric_current_usage_amount",
    "billable_metric_current_usage_units",
    "lifetime_usage_amount",
    "billable_metric_lifetime_usage_units",
    "wallet_balance_amount",
    "wallet_credits_balance",
    "wallet_ongoing_balance_amount",
    "wallet_credits_ongoing_balance",
]
AlertDirection = Literal["increasing", "decreasing"]


@response_model
class AlertThreshold:
    """A value that triggers an alert.

    Attributes:
        recurring: Triggers again each time the value has grown by this much.
        value: Cents, credits or units, depending on the type of the alert.
    """

    code: str | None
    recurring: bool
    value: Decimal


@response_model
class Alert:
    """Watches a value, and sends a webhook when it crosses a threshold.

    Attributes:
        external_subscription_id: Your id of the subscription; None for an alert on a wallet.
        lago_wallet_id: The wallet; None for an alert on a subscription, like ``wallet_code``.
        billable_metric: The watched metric, for types that watch one.
        direction: Whether a rising or a falling value triggers it.
        previous_value: The value at the last check, in cents, credits or units.
        last_processed_at: The last check; None before the first.
        subscription_external_id: Deprecated alias of ``external_subscription_id``.
    """

    lago_id: str
    lago_organization_id: str
    external_subscription_id: str | None
    lago_wallet_id: str | None
    wallet_code: str | None
    billable_metric: BillableMetric | None
    alert_type: Open[AlertType]
    code: str
    name: str | None
    direction: Open[AlertDirection]
    previous_value: Decimal
    last_processed_at: Timestamp | None
    thresholds: list[AlertThreshold]
    created_at: Timestamp
    subscription_external_id: str | None


@input_model
class AlertThresholdInput:
    """A value that triggers an alert.

    Attributes:
        value: Cents, credits or units, depending on the type of the alert.
        recurring: Triggers again each time the value has grown by this much; one threshold at most.
    """

    value: Decimal
    code: str | None | UnsetType = UNSET
    recurring: bool | None | UnsetType = UNSET


@input_model
class AlertInput:
    """An alert on the usage of a subscription to create.

    Attributes:
        code: Your code of the alert, unique in the subscription or wallet.
        billable_metric_code: The metric to watch, for types that watch one.
    """

    code: str
    thresholds: list[AlertThresholdInput]
    alert_type: Open[AlertType]
    name: str | None | UnsetType = UNSET
    billable_metric_code: str | None | UnsetType = UNSET


@input_model
class AlertUpdateInput:
    """Changes to an alert on the usage of a subscription.

    Attributes:
        thresholds: Replaces all thresholds.
        billable_metric_code: The metric to watch, for types that watch one.
    """

    code: str | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    thresholds: list[AlertThresholdInput] | UnsetType = UNSET
    billable_metric_code: str | None | UnsetType = UNSET


@input_model
class WalletAlertInput:
    """An alert on a wallet to create.

    Attributes:
        code: Your code of the alert, unique in the subscription or wallet.
    """

    code: str
    thresholds: list[AlertThresholdInput]
    alert_type: Open[AlertType]
    name: str | None | UnsetType = UNSET


@input_model
class WalletAlertUpdateInput:
    """Changes to an alert on a wallet.

    Attributes:
        thresholds: Replaces all thresholds.
    """

    code: str | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    thresholds: list[AlertThresholdInput] | UnsetType = UNSET
