"""Alerts on usage and on wallets."""

from datetime import datetime
from decimal import Decimal

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Wallet


@attrs.define(kw_only=True, eq=False)
class Alert(Record):
    """Thresholds for a subscription's usage or a wallet's balance, and the value that was seen last."""

    code: str
    name: str | None
    alert_type: str
    metric: BillableMetric | None
    thresholds: list[JsonObject]
    previous_value: Decimal = Decimal(0)
    last_processed_at: datetime | None = None


@attrs.define(kw_only=True, eq=False)
class TriggeredAlert(Record):
    """Thresholds that a value has crossed, from its last value to this one."""

    alert: Alert
    subscription: Subscription | None
    wallet: Wallet | None
    previous_value: Decimal
    current_value: Decimal
    crossed_thresholds: list[JsonObject]
