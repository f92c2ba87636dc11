"""Usage as responses show it."""

from collections.abc import Sequence
from decimal import Decimal

from lago_async.sandbox._money import rounding
from lago_async.sandbox._money.usage import Group, MeteredCharge, UsageFee
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.plans import Charge, ChargeFilter


def _totals(fees: Sequence[UsageFee]) -> JsonObject:
    units = total = Decimal(0)
    for fee in fees:
        units = rounding.EXACT.add(units, fee.units)
        total = rounding.EXACT.add(total, fee.total_units)
    return {
        "units": decimal_text(units),
        "total_aggregated_units": decimal_text(total),
        "events_count": sum(fee.events_count for fee in fees),
        "amount_cents": sum(fee.amount_cents for fee in fees),
    }


def _filters(charge: Charge, fees: Sequence[UsageFee]) -> list[Json]:
    """Return an entry per filter, and one without values for the default bucket; groups are added up."""
    if not charge.filters:
        return []
    buckets: dict[ChargeFilter | None, list[UsageFee]] = {}
    for fee in fees:
        buckets.setdefault(fee.charge_filter, []).append(fee)

    return [
        {
            **_totals(buckets[item]),
            "pricing_unit_details": None,
            "invoice_display_name": None if item is None else item.invoice_display_name,
            "values": _values(item),
            "presentation_breakdowns": [entry for fee in buckets[item] for entry in fee.presentation],
        }
        for item in sorted(buckets, key=lambda item: item is None)
    ]


def _values(charge_filter: ChargeFilter | None) -> Json:
    if charge_filter is None:
        return None
    return {key: list[Json](values) for key, values in charge_filter.values.items()}


def _plain_presentation(fees: Sequence[UsageFee]) -> list[Json]:
    return [entry for fee in fees if fee.charge_filter is None for entry in fee.presentation]


def _grouped_usage(charge: Charge, fees: Sequence[UsageFee]) -> list[Json]:
    if not any(fee.grouped_by for fee in fees):
        return []
    groups: dict[Group, list[UsageFee]] = {}
    for fee in fees:
        groups.setdefault(fee.grouped_by, []).append(fee)
    return [
        {
            **_totals(members),
            "pricing_unit_details": None,
            "grouped_by": dict(group),
            "filters": _filters(charge, members),
            "presentation_breakdowns": [] if charge.filters else _plain_presentation(members),
        }
        for group, members in groups.items()
    ]


def charge_usage_json(usage: MeteredCharge, currency: str) -> JsonObject:
    """Return one item of ``charges_usage``."""
    charge, metric, fees = usage.charge, usage.charge.metric, usage.fees
    grouped_usage = _grouped_usage(charge, fees)
    flat = not charge.filters and not grouped_usage
    return {
        **_totals(fees),
        "amount_currency": currency,
        "pricing_unit_details": None,
        "charge": {
            "lago_id": charge.lago_id,
            "code": charge.code,
            "charge_model": charge.charge_model,
            "invoice_display_name": charge.invoice_display_name,
        },
        "billable_metric": {
            "lago_id": metric.lago_id,
            "name": metric.name,
            "code": metric.code,
            "aggregation_type": metric.aggregation_type,
        },
        "filters": _filters(charge, fees),
        "grouped_usage": grouped_usage,
        "presentation_breakdowns": _plain_presentation(fees) if flat else [],
    }
