"""Alerts on usage and on wallets."""

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Alert(Record):
    """Thresholds for a subscription's usage or a wallet's balance. Alerts are kept, never triggered."""

    code: str
    name: str | None
    alert_type: str
    metric: BillableMetric | None
    thresholds: list[JsonObject]
    previous_value: str = "0.0"
