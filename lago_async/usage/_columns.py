"""The columns of an export, as data: their order, types and descriptions. Exports and reports both use them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import attrs

__all__ = ["COLUMNS", "PERIOD_COLUMNS", "SCHEMA_VERSION", "Column", "ColumnType", "RowShape"]

SCHEMA_VERSION: Final = 2
"""Increases when a column is added, removed, moved or given another meaning."""

ColumnType: TypeAlias = Literal["text", "integer", "decimal", "number", "boolean", "timestamp", "date", "json"]

UsageRow: TypeAlias = tuple[str | int | float | None, ...]
"""The values of the columns: numbers and booleans as such, everything else as the text that NDJSON and CSV contain."""


@attrs.frozen
class Column:
    """One column.

    Attributes:
        name: The name.
        type: How the values are written; see ``README.md``.
        nullable: Whether a value may be null.
        description: The meaning of the values.
        unit: The unit of a number.
    """

    name: str
    type: ColumnType
    nullable: bool
    description: str
    unit: str | None = None


COLUMNS: Final[tuple[Column, ...]] = (
    Column("external_customer_id", "text", nullable=False, description="your own id of the customer"),
    Column("external_subscription_id", "text", nullable=False, description="your own id of the subscription"),
    Column(
        "lago_invoice_id", "text", nullable=True,
        description="the invoice, which may bill several subscriptions; null in current usage",
    ),
    Column("from_datetime", "timestamp", nullable=True, description="start of the period for charges"),
    Column("to_datetime", "timestamp", nullable=True, description="end of the period, inclusive: its last second"),
    Column("issuing_date", "date", nullable=True, description="day on which the invoice is, or would be, issued"),
    Column("currency", "text", nullable=True, description="currency of the period, ISO 4217"),
    Column(
        "period_amount_cents", "integer", nullable=True, unit="cents of `currency`",
        description="the whole invoice, subscription fee included, taxes excluded; the same on each subscription of "
        "the invoice: count each `lago_invoice_id` once",
    ),
    Column(
        "period_taxes_amount_cents", "integer", nullable=True, unit="cents of `currency`",
        description="taxes of the whole invoice, the sum of those of its fees, each rounded: a cent or so more or less "
        "than on the invoice, which rounds once; count each `lago_invoice_id` once",
    ),
    Column(
        "period_total_amount_cents", "integer", nullable=True, unit="cents of `currency`",
        description="amount and taxes together; coupons and credits are not deducted; count each `lago_invoice_id` "
        "once, and neither drafts nor voided invoices",
    ),
    Column(
        "invoice_status", "text", nullable=True,
        description="`finalized`, `draft` (it may still change) or `voided` (not owed), `failed` or `pending`, "
        "when the export listed the invoices; null in current usage, and if it is unknown",
    ),
    Column("customer_name", "text", nullable=True, description="the customer's name"),
    Column("plan_code", "text", nullable=True, description="code of the plan that the subscription had"),
    Column("plan_name", "text", nullable=True, description="name of the plan"),
    Column(
        "level", "text", nullable=False,
        description="what the row is: a `charge`, `filter`, `group` or `group_filter`; or a `period` without charges, "
        "whose columns after this one are null",
    ),
    Column("lago_charge_id", "text", nullable=True, description="Lago's id of the charge"),
    Column("charge_code", "text", nullable=True, description="code of the charge"),
    Column("charge_model", "text", nullable=True, description="`standard`, `graduated`, `package`, ..."),
    Column("charge_display_name", "text", nullable=True, description="the charge's name on invoices"),
    Column("lago_billable_metric_id", "text", nullable=True, description="Lago's id of the billable metric"),
    Column("billable_metric_code", "text", nullable=True, description="code of the billable metric"),
    Column("billable_metric_name", "text", nullable=True, description="name of the billable metric"),
    Column("aggregation_type", "text", nullable=True, description="`count_agg`, `sum_agg`, `max_agg`, ..."),
    Column(
        "grouped_by", "json", nullable=True,
        description='the group: `{"key":"value"}`, with a null value for events without one; `{}` for ungrouped usage '
        "of a charge with groups",
    ),
    Column(
        "filter_values", "json", nullable=True,
        description='the filter: `{"key":["value"]}`; null for usage that no filter selects',
    ),
    Column("filter_display_name", "text", nullable=True, description="the filter's name on invoices"),
    Column("units", "decimal", nullable=True, description="billed units", unit="of the metric"),
    Column(
        "total_aggregated_units", "decimal", nullable=True, unit="of the metric",
        description="units before free units and similar are deducted",
    ),
    Column("events_count", "integer", nullable=True, description="events that were counted", unit="events"),
    Column(
        "amount_cents", "integer", nullable=True, unit="cents of `amount_currency`",
        description="taxes excluded; the rows of a charge add up to the charge",
    ),
    Column("amount_currency", "text", nullable=True, description="currency of the charge, ISO 4217"),
    Column(
        "pricing_unit_amount_cents", "integer", nullable=True, unit="hundredths of the pricing unit",
        description="the amount in your own pricing unit",
    ),
    Column("pricing_unit_short_name", "text", nullable=True, description="short name of the pricing unit"),
    Column(
        "pricing_unit_conversion_rate", "decimal", nullable=True, unit="`amount_currency` for one pricing unit",
        description="value of a pricing unit",
    ),
    Column(
        "presentation_breakdowns", "json", nullable=True,
        description='units by properties that have no price: `[{"presentation_by":{"key":"value"},"units":"1.5"}]`',
    ),
)  # fmt: skip

EXACT: Final = Column(
    "exact",
    "json",
    nullable=True,
    description="Parquet only: numbers that their columns cannot hold exactly, as text by column name",
)
"""The column that only Parquet has, after all others."""


@attrs.frozen(kw_only=True)
class TableSchema:
    """The columns of one kind of file.

    Attributes:
        stem: The name of a file in a folder, without its suffix.
        columns: The columns in their order, without `EXACT`.
        version: The version of the columns, which a file and its journal contain.
        json_values: Whether NDJSON holds the values of JSON columns as JSON, and not as text.
        microseconds: Whether Parquet holds times to the microsecond, and not to the millisecond.
    """

    stem: str
    columns: tuple[Column, ...]
    version: str
    json_values: bool = False
    microseconds: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


CHARGES: Final = TableSchema(stem="usage", columns=COLUMNS, version=str(SCHEMA_VERSION))
"""One row per charge, filter and group."""

RowShape: TypeAlias = Literal["charge", "period"]
"""One row per charge, filter and group; or one row per period."""

_LEVEL: Final = CHARGES.names.index("level")

PERIODS: Final = TableSchema(
    stem="usage",
    version=str(SCHEMA_VERSION),
    columns=(
        *COLUMNS[:_LEVEL],
        Column("charges_count", "integer", nullable=False, unit="charges", description="charges of the period"),
        Column(
            "events_count", "integer", nullable=True, unit="events",
            description="events that the charges counted; null if no charge says it",
        ),
        Column(
            "charges_amount_cents", "integer", nullable=True, unit="cents of `charges_currency`",
            description="the charges of this subscription, taxes excluded; null if their currencies differ",
        ),
        Column("charges_currency", "text", nullable=True, description="currency of the charges, ISO 4217"),
    ),
)  # fmt: skip
"""One row per period."""

PERIOD_COLUMNS: Final[tuple[Column, ...]] = PERIODS.columns
"""The columns of an export with one row per period."""

SCHEMAS: Final[dict[RowShape, TableSchema]] = {"charge": CHARGES, "period": PERIODS}
"""The columns of usage exports by the shape of their rows."""
