"""Alerts on usage and on wallets."""

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Alert(Record):
    """Thresholds that a subscription's usage or a wallet's balance is watched for. Alerts are kept, never triggered."""

    code: str
    name: str | None
    alert_type: str
    metric: BillableMetric | None
    thresholds: list[JsonObject]
