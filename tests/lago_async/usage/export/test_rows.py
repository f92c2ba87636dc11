"""The rows of a period: every leaf once, in order, whatever is missing; and columns in a fixed order."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from lago_async.models.customer_usage import (
    ChargeUsage,
    ChargeUsageFilter,
    ChargeUsageGroup,
    CustomerUsage,
    PresentationBreakdown,
    PricingUnitDetails,
    UsagePeriod,
)
from lago_async.usage import COLUMNS, SCHEMA_VERSION
from lago_async.usage._columns import UsageRow
from lago_async.usage._export.rows import plain, rows_of
from tests.lago_async.usage.worlds import NAMES, PERIODS, billed, measured, period

IDS = ("c1", "s1")


def named(row: UsageRow) -> dict[str, Any]:
    return dict(zip(NAMES, row, strict=True))


def leaves(usage: UsagePeriod) -> list[tuple[str, Any, Any, Any]]:
    """Yield each leaf with its level, group and filter, independently of the code that makes the rows."""
    found: list[tuple[str, Any, Any, Any]] = []
    for charge in filter(None, usage.charges_usage):
        groups = [group for group in charge.grouped_usage if group is not None]
        for group in groups:
            inner = [("group_filter", group, leaf, leaf) for leaf in group.filters if leaf is not None]
            found += inner or [("group", group, None, group)]
        if not groups:
            outer = [("filter", None, leaf, leaf) for leaf in charge.filters if leaf is not None]
            found += outer or [("charge", None, None, charge)]
    return found


@given(PERIODS)
def test_every_leaf_is_one_row_in_the_order_of_the_server(usage: UsagePeriod) -> None:
    rows = [named(row) for row in rows_of(IDS, usage)]
    expected = leaves(usage)
    if not expected:
        assert [row["level"] for row in rows] == ["period"]
        assert all(rows[0][name] is None for name in NAMES[NAMES.index("level") + 1 :])
        return
    assert len(rows) == len(expected)
    for row, (level, group, chosen, leaf) in zip(rows, expected, strict=True):
        assert row["level"] == level
        assert row["amount_cents"] == leaf.amount_cents
        assert row["events_count"] == leaf.events_count
        assert (row["units"] is None) == (leaf.units is None)
        assert leaf.units is None or Decimal(row["units"]) == leaf.units
        assert (None if row["grouped_by"] is None else json.loads(row["grouped_by"])) == getattr(
            group, "grouped_by", None
        )
        assert (None if row["filter_values"] is None else json.loads(row["filter_values"])) == getattr(
            chosen, "values", None
        )
        assert row["filter_display_name"] == getattr(chosen, "invoice_display_name", None)


@given(PERIODS)
def test_what_belongs_to_the_period_stands_on_each_of_its_rows(usage: UsagePeriod) -> None:
    for row in map(named, rows_of(IDS, usage)):
        assert (row["external_customer_id"], row["external_subscription_id"]) == IDS
        assert row["lago_invoice_id"] == usage.lago_invoice_id
        assert row["currency"] == usage.currency
        assert row["period_amount_cents"] == usage.amount_cents
        assert row["period_taxes_amount_cents"] == usage.taxes_amount_cents
        assert row["period_total_amount_cents"] == usage.total_amount_cents


@given(PERIODS)
def test_the_columns_say_which_may_be_null_and_of_what_kind_they_are(usage: UsagePeriod) -> None:
    for row in rows_of(IDS, usage):
        assert len(row) == len(COLUMNS)
        for column, value in zip(COLUMNS, row, strict=True):
            if value is None:
                assert column.nullable, column.name
                continue
            assert isinstance(value, int if column.type == "integer" else str), column.name
            if column.type == "decimal":
                assert "E" not in str(value)
            if column.type == "json":
                json.loads(str(value))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("4.0", "4.0"),
        ("1E-7", "0.0000001"),
        ("1E+3", "1000"),
        ("-0.00", "-0.00"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        ("NaN", "NaN"),
        ("1E+999999", "1E+999999"),  # a megabyte of zeros is useless
    ],
)
def test_decimals_have_all_their_digits_and_no_exponent(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text


def test_times_are_in_utc_to_the_second() -> None:
    usage = period(1)
    usage.from_datetime = datetime(2025, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    usage.to_datetime = datetime(2025, 1, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    row = named(rows_of(IDS, usage)[0])
    assert (row["from_datetime"], row["to_datetime"]) == ("2024-12-31T23:30:00Z", "2025-01-31T23:59:59Z")


def test_a_row_of_each_level_is_as_it_always_was() -> None:
    """The values in existing files: a change of these needs a new ``SCHEMA_VERSION``."""
    usage = period(3, filters=1)
    grouped = ChargeUsage(
        **{**measured(2, 2), "pricing_unit_details": None},
        amount_currency="USD",
        grouped_usage=[
            ChargeUsageGroup(
                **{
                    **measured(1, 1),
                    "pricing_unit_details": PricingUnitDetails(
                        amount_cents=50, short_name="cr", conversion_rate=Decimal("0.5")
                    ),
                    "presentation_breakdowns": [
                        PresentationBreakdown(presentation_by={"b": "x", "a": None}, units=Decimal("1E+1"))
                    ],
                },
                grouped_by={"z": None, "a": "é"},
                filters=[],
            ),
            ChargeUsageGroup(  # type: ignore[call-arg]  # a response may lack any field
                grouped_by={},
                filters=[ChargeUsageFilter(**measured(4, 1), values={"b": ["2", "1"], "a": ["3"]})],
            ),
        ],
    )
    usage.charges_usage.append(grouped)
    assert SCHEMA_VERSION == 2
    head = (
        *IDS, "invoice-3", "2025-01-01T00:00:00Z", "2025-01-31T23:59:59Z", "2025-02-01", "EUR", 300, 60, 360,
        "draft", "Acme", "growth", "Growth",
    )  # fmt: skip
    assert rows_of(IDS, usage, ("draft", "Acme", "growth", "Growth")) == [
        (
            *head, "filter", "charge-0", "calls", "standard", None, "metric-1", "calls", 'Calls, "all" of them',
            "count_agg", None, None, "Zürich\n0", "3.50", "3.50", 3, 100, "EUR", None, None, None, None,
        ),
        (
            *head, "group", None, None, None, None, None, None, None, None, '{"a":"é","z":null}', None, None,
            "1.50", "1.50", 1, 100, "USD", 50, "cr", "0.5",
            '[{"presentation_by":{"a":null,"b":"x"},"units":"10"}]',
        ),
        (
            *head, "group_filter", None, None, None, None, None, None, None, None, "{}",
            '{"a":["3"],"b":["2","1"]}', None, "4.50", "4.50", 4, 100, "USD", None, None, None, None,
        ),
    ]  # fmt: skip
    empty = CustomerUsage(currency="EUR", charges_usage=[])  # type: ignore[call-arg]  # a response may lack any field
    assert rows_of(IDS, empty) == [(*IDS, None, None, None, None, "EUR", *[None] * 7, "period", *[None] * 20)]


async def test_the_rows_of_a_charge_add_up_to_the_charge_as_the_server_bills_it(new_face: Any) -> None:
    async with billed(2) as sandbox:
        face = await new_face(api_key=sandbox.api_key, base_url=sandbox.url)
        periods = await face.items("customers.find_all_past_usage", "c1", external_subscription_id="s1")
        current = await face("customers.find_current_usage", "c1", external_subscription_id="s1")
    assert len(periods) == 2
    for usage in [*periods, current]:
        rows = [named(row) for row in rows_of(IDS, usage)]
        (charge,) = usage.charges_usage
        assert sum(row["amount_cents"] for row in rows) == charge.amount_cents
        assert sum(Decimal(row["units"]) for row in rows) == charge.units
        assert {row["level"] for row in rows} == {"filter"}
        assert len(rows) == 2
