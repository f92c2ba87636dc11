"""The rows that one period of usage is written as."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from lago_async.usage._columns import COLUMNS, RowShape, UsageRow
from lago_async.usage._export.directory import UNKNOWN, Described

if TYPE_CHECKING:
    from lago_async.models.customer_usage import CustomerUsage, UsagePeriod

RowsOf: TypeAlias = "Callable[[Sequence[str], UsagePeriod | CustomerUsage, Described], list[UsageRow]]"
"""Makes the rows of one period of a subscription."""

_json = msgspec.json.Encoder(order="deterministic")
_PLAIN_DIGITS = 10_000


def rows_of(ids: Sequence[str], usage: UsagePeriod | CustomerUsage, listed: Described = UNKNOWN) -> list[UsageRow]:
    """Return the rows of one period, in the server's order: its leaves, so that amounts add up once.

    A charge with groups gives one row per group, or one per filter of the group. Otherwise, a charge with filters gives
    one row per filter, and any other charge gives one row. A period without charges gives one row.

    Args:
        ids: The external ids of the customer and of the subscription.
        usage: A billed period, or the running one.
        listed: What lists say of it: its invoice's status, and the names of its customer and plan.
    """
    rows: list[UsageRow] = []
    period = _period_of(ids, usage, listed)
    # Reading is tolerant: any value here may be None, against its annotation.
    charges: list[Any] = usage.charges_usage
    for charge in charges:
        if charge is None:
            continue
        before = len(rows)
        what, metric, currency = charge.charge, charge.billable_metric, charge.amount_currency
        described = (
            (None, None, None, None)
            if what is None
            else (what.lago_id, what.code, what.charge_model, what.invoice_display_name)
        ) + (
            (None, None, None, None)
            if metric is None
            else (metric.lago_id, metric.code, metric.name, metric.aggregation_type)
        )
        for group in charge.grouped_usage:
            if group is None:
                continue
            keys = _json_text(group.grouped_by)
            inside = len(rows)
            if group.filters:
                head = (*period, "group_filter", *described, keys)
                rows += [
                    (*head, _json_text(leaf.values), leaf.invoice_display_name, *_measured(leaf, currency))
                    for leaf in group.filters
                    if leaf is not None
                ]
            if len(rows) == inside:
                rows.append((*period, "group", *described, keys, None, None, *_measured(group, currency)))
        if len(rows) > before:
            continue
        if charge.filters:
            head = (*period, "filter", *described, None)
            rows += [
                (*head, _json_text(leaf.values), leaf.invoice_display_name, *_measured(leaf, currency))
                for leaf in charge.filters
                if leaf is not None
            ]
        if len(rows) == before:
            rows.append((*period, "charge", *described, None, None, None, *_measured(charge, currency)))
    if not rows:
        rows.append((*period, "period", *_NOTHING))
    return rows


_NOTHING: UsageRow = (None,) * (len(COLUMNS) - 1 - [column.name for column in COLUMNS].index("level"))


def period_rows_of(
    ids: Sequence[str], usage: UsagePeriod | CustomerUsage, described: Described = UNKNOWN
) -> list[UsageRow]:
    """Return the one row of a period.

    Args:
        ids: The external ids of the customer and of the subscription.
        usage: A billed period, or the running one.
        described: What lists say of it: its invoice's status, and the names of its customer and plan.
    """
    found: list[Any] = usage.charges_usage
    charges = [charge for charge in found if charge is not None]
    events = [charge.events_count for charge in charges if charge.events_count is not None]
    amounts = [charge.amount_cents for charge in charges if charge.amount_cents is not None]
    currencies = {charge.amount_currency for charge in charges}
    same = len(currencies) <= 1
    return [
        (
            *_period_of(ids, usage, described),
            len(charges),
            sum(events) if events or not charges else None,
            sum(amounts) if same and (amounts or not charges) else None,
            next(iter(currencies), usage.currency) if same else None,
        )
    ]


SHAPES: Final[dict[RowShape, RowsOf]] = {
    "charge": rows_of,
    "period": period_rows_of,
}
"""The functions that make the rows of a period, by the shape of the rows."""


def _period_of(ids: Sequence[str], usage: UsagePeriod | CustomerUsage, described: Described) -> UsageRow:
    """Return the values of the columns before ``level``."""
    customer, subscription = ids
    issued: Any = usage.issuing_date
    return (
        customer,
        subscription,
        usage.lago_invoice_id,
        _time_text(usage.from_datetime),
        _time_text(usage.to_datetime),
        None if issued is None else issued.isoformat(),
        usage.currency,
        usage.amount_cents,
        usage.taxes_amount_cents,
        usage.total_amount_cents,
        *described,
    )


def _measured(leaf: Any, currency: str | None) -> UsageRow:
    """Return the values of the columns from ``units`` on."""
    units, total, pricing, breakdowns = (
        leaf.units,
        leaf.total_aggregated_units,
        leaf.pricing_unit_details,
        leaf.presentation_breakdowns,
    )
    # Most decimals have no exponent as they are. Always formatting them would cost twice as much.
    if units is not None:
        text = str(units)
        units = text if "E" not in text else plain(units)
    if total is not None:
        text = str(total)
        total = text if "E" not in text else plain(total)
    if pricing is None and not breakdowns:
        return (units, total, leaf.events_count, leaf.amount_cents, currency, None, None, None, None)
    rate = None if pricing is None else pricing.conversion_rate
    return (
        units,
        total,
        leaf.events_count,
        leaf.amount_cents,
        currency,
        None if pricing is None else pricing.amount_cents,
        None if pricing is None else pricing.short_name,
        None if rate is None else plain(rate),
        _breakdowns_text(breakdowns) if breakdowns else None,
    )


def plain(number: Decimal) -> str:
    """Return a number with all its digits, without an exponent, unless there are more than 10,000 digits."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, str):  # a NaN or an infinity
        return str(number)
    return str(number) if abs(exponent) > _PLAIN_DIGITS else f"{number:f}"


def _time_text(time: Any) -> str | None:
    if time is None:
        return None
    if time.tzinfo is not UTC:
        time = time.astimezone(UTC)
    text: str = time.replace(tzinfo=None).isoformat(timespec="seconds")
    return f"{text}Z"


def _json_text(values: Mapping[str, object] | None) -> str | None:
    return None if values is None else _json.encode(values).decode()


def _breakdowns_text(breakdowns: Sequence[Any]) -> str:
    return _json.encode(
        [
            {
                "presentation_by": item.presentation_by,
                "units": None if item.units is None else plain(item.units),
            }
            for item in breakdowns
            if item is not None
        ]
    ).decode()
