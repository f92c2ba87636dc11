"""Usage thresholds of plans and subscriptions."""

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.plans import UsageThreshold
from lago_async.sandbox._state.store import Store


def threshold_json(threshold: UsageThreshold) -> JsonObject:
    """Return a usage threshold of a plan."""
    return {
        "lago_id": threshold.lago_id,
        "threshold_display_name": threshold.display_name,
        "amount_cents": threshold.amount_cents,
        "recurring": threshold.recurring,
        "created_at": to_iso(threshold.created_at),
        "updated_at": to_iso(threshold.created_at),
    }


def applicable_threshold_json(threshold: UsageThreshold) -> JsonObject:
    """Return a usage threshold as plans and subscriptions that it applies to show it."""
    return {
        "threshold_display_name": threshold.display_name,
        "amount_cents": threshold.amount_cents,
        "recurring": threshold.recurring,
    }


def thresholds(store: Store, given: Fields) -> list[UsageThreshold]:
    """Return the usage thresholds that were sent; without a licence there are none."""
    wanted = given.list_of_fields("usage_thresholds") or []
    if not store.premium:
        return []
    amounts = [item.integer("amount_cents") for item in wanted]
    recurring = [bool(item.boolean("recurring")) for item in wanted]
    for wrong, code in (
        (any(item.filled("amount_cents") is None for item in wanted), "missing_amount_cents"),
        (len(set(zip(amounts, recurring, strict=True))) != len(amounts), "duplicated_values"),
        (sum(recurring) > 1, "multiple_recurring_thresholds"),
    ):
        if wrong:
            raise refusals.invalid_field("usage_thresholds", code)
    if any(amount is None or amount <= 0 for amount in amounts):
        raise refusals.invalid_field("amount_cents", "value_is_out_of_range")
    found = [
        UsageThreshold(
            created_at=store.now,
            amount_cents=amount or 0,
            display_name=item.text("threshold_display_name"),
            recurring=bool(item.boolean("recurring")),
        )
        for item, amount in zip(wanted, amounts, strict=True)
    ]
    return sorted(found, key=lambda threshold: threshold.amount_cents)
