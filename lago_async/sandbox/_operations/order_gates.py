"""The gates of quotes, order forms and orders, and the numbers that they have in common."""

from datetime import datetime
from typing import TypeVar

from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._state.collection import Collection
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.store import Store

_RecordT = TypeVar("_RecordT", bound=Record)

FLAG = "order_forms"
ORDER_TYPES = ("subscription_creation", "subscription_amendment", "one_off")
EXECUTION_MODES = ("execute_in_lago", "order_only")


def check_gates(call: OperationCall, *, licence: bool = False) -> Store:
    """Refuse without the feature flag, or without the licence that changes need. Return the store."""
    store = call.store
    if FLAG not in store.feature_flags or (licence and not store.premium):
        raise refusals.forbidden("feature_unavailable")
    return store


def next_number(prefix: str, records: Collection[_RecordT], at: datetime) -> str:
    """Return the printed number of the next record: ``QT-2026-0001``."""
    return f"{prefix}-{at.year}-{records.ever_added + 1:04d}"
