"""The columns of an export, as data: their order, types and descriptions. Exports and reports both go by them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import attrs

__all__ = ["COLUMNS", "SCHEMA_VERSION", "Column", "ColumnType"]

SCHEMA_VERSION: Final = 1
"""Goes up when a column is added, taken away, moved or changes its meaning."""

ColumnType: TypeAlias = Literal["text", "integer", "decimal", "timestamp", "date", "json"]

Row: TypeAlias = tuple[str | int | None, ...]
"""The values of `COLUMNS`: integers as such, all else as the text that NDJSON and CSV show."""


@attrs.frozen
class Column:
    """One column.

    Attributes:
        type: How its values are written; see ``README.md``.
        nullable: Whether it may be empty.
        unit: What a number counts.
    """

    name: str
    type: ColumnType
    nullable: bool
    description: str
    unit: str | None = None


COLUMNS: Final[tuple[Column, ...]] = (
    Column("external_customer_id", "text", nullable=False, description="your own id of the customer"),
    Column("external_subscription_id", "text", nullable=False, description="your own id of the subscription"),
    Column("lago_invoice_id", "text", nullable=True, description="the invoice; null in current usage"),
    Column("from_datetime", "timestamp", nullable=True, description="start of the period for charges"),
    Column("to_datetime", "timestamp", nullable=True, description="end of it, inclusive: the last second"),
    Column("issuing_date", "date", nullable=True, description="day on which the invoice is, or would be, issued"),
    Column("currency", "text", nullable=True, description="of the period, ISO 4217"),
    Column(
        "period_amount_cents", "integer", nullable=True, unit="cents of `currency`",
        description="the whole invoice, subscription fee included, taxes excluded",
    ),
    Column(
        "period_taxes_amount_cents", "integer", nullable=True, unit="cents of `currency`",
        description="taxes of the whole invoice",
    ),
    Column(
        "period_total_amount_cents", "integer", nullable=True, unit="cents of `currency`",
        description="the sum of the two; coupons and credits are not taken off",
    ),
    Column(
        "level", "text", nullable=False,
        description="what the row is one of: `charge`, `filter`, `group`, `group_filter`; or `period`, for a period "
        "without charges, after which everything is null",
    ),
    Column("lago_charge_id", "text", nullable=True, description="Lago's id of the charge"),
    Column("charge_code", "text", nullable=True, description="code of the charge"),
    Column("charge_model", "text", nullable=True, description="`standard`, `graduated`, `package`, ..."),
    Column("charge_display_name", "text", nullable=True, description="the charge's own name on invoices"),
    Column("lago_billable_metric_id", "text", nullable=True, description="Lago's id of the billable metric"),
    Column("billable_metric_code", "text", nullable=True, description="code of the billable metric"),
    Column("billable_metric_name", "text", nullable=True, description="name of the billable metric"),
    Column("aggregation_type", "text", nullable=True, description="`count_agg`, `sum_agg`, `max_agg`, ..."),
    Column(
        "grouped_by", "json", nullable=True,
        description='the group: `{"key":"value"}`, the value null for events without one; `{}` for ungrouped usage '
        "beside groups",
    ),
    Column(
        "filter_values", "json", nullable=True,
        description='the filter: `{"key":["value"]}`; null on the bucket of what no filter selects',
    ),
    Column("filter_display_name", "text", nullable=True, description="the filter's name on invoices"),
    Column("units", "decimal", nullable=True, description="units that are billed", unit="of the metric"),
    Column(
        "total_aggregated_units", "decimal", nullable=True, unit="of the metric",
        description="units before free units and the like are taken off",
    ),
    Column("events_count", "integer", nullable=True, description="events that count here", unit="events"),
    Column(
        "amount_cents", "integer", nullable=True, unit="cents of `amount_currency`",
        description="taxes excluded; over the rows of a charge it adds up to the charge",
    ),
    Column("amount_currency", "text", nullable=True, description="of the charge, ISO 4217"),
    Column(
        "pricing_unit_amount_cents", "integer", nullable=True, unit="hundredths of the pricing unit",
        description="the amount in a pricing unit of your own",
    ),
    Column("pricing_unit_short_name", "text", nullable=True, description="short name of the pricing unit"),
    Column(
        "pricing_unit_conversion_rate", "decimal", nullable=True, unit="`amount_currency` for one pricing unit",
        description="what a pricing unit is worth",
    ),
    Column(
        "presentation_breakdowns", "json", nullable=True,
        description='units by properties without a price: `[{"presentation_by":{"key":"value"},"units":"1.5"}]`',
    ),
)  # fmt: skip

EXACT: Final = Column(
    "exact",
    "json",
    nullable=True,
    description="Parquet only: the numbers of the row that their columns cannot hold exactly, as text by column",
)
"""The column that only Parquet has, after all others."""
