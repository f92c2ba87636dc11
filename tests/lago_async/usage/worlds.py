"""The data of the exports' tests: billed subscriptions on a sandbox, and usage made by hand or by hypothesis."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lago_async.models.customer_usage import (
    ChargeUsage,
    ChargeUsageFilter,
    ChargeUsageGroup,
    PresentationBreakdown,
    PricingUnitDetails,
    UsageBillableMetric,
    UsageCharge,
    UsagePeriod,
)
from lago_async.sandbox import Sandbox
from lago_async.usage import COLUMNS

START = datetime(2025, 1, 1, tzinfo=UTC)
NAMES = [column.name for column in COLUMNS]


def billed(subscriptions: int, *, months: int = 2, **settings: Any) -> Sandbox:
    """Return a sandbox that has billed this many subscriptions of as many customers: ``c0`` with ``s0``, and so on."""
    sandbox = Sandbox(now=START, **settings)
    metric: Any = sandbox.perform(
        "create_billable_metric",
        {
            "name": "Calls, of all kinds",
            "code": "calls",
            "aggregation_type": "count_agg",
            "filters": [{"key": "region", "values": ["eu", "us"]}],
        },
    )
    charge = {
        "billable_metric_id": metric["lago_id"],
        "charge_model": "standard",
        "properties": {"amount": "0.1"},
        "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "0.2"}}],
    }
    plan: dict[str, Any] = {
        "name": "Plan",
        "code": "plan",
        "interval": "monthly",
        "amount_cents": 100,
        "amount_currency": "EUR",
        "pay_in_advance": False,
        "charges": [charge],
    }
    sandbox.perform("create_plan", plan)
    for number in range(subscriptions):
        sandbox.perform("create_customer", {"external_id": f"c{number}", "currency": "EUR"})
        sandbox.perform(
            "create_subscription",
            {"external_customer_id": f"c{number}", "external_id": f"s{number}", "plan_code": "plan"},
        )
    for month in range(months):
        for number in range(subscriptions):
            for region in ("eu", "us"):
                sandbox.perform(
                    "create_event",
                    {
                        "transaction_id": f"{month}-{number}-{region}",
                        "external_subscription_id": f"s{number}",
                        "code": "calls",
                        "timestamp": int(sandbox.now.timestamp()) + 60,
                        "properties": {"region": region},
                    },
                )
        sandbox.advance(by=timedelta(days=31))
    return sandbox


def ids(numbers: Sequence[int]) -> list[tuple[str, str]]:
    return [(f"c{number}", f"s{number}") for number in numbers]


def period(number: int, *, filters: int = 2, charges: int = 1) -> UsagePeriod:
    """Return a billed period that is always the same."""
    return UsagePeriod(
        lago_invoice_id=f"invoice-{number}",
        from_datetime=START,
        to_datetime=START + timedelta(days=31, seconds=-1),
        issuing_date=date(2025, 2, 1),
        currency="EUR",
        amount_cents=300 * filters,
        taxes_amount_cents=60 * filters,
        total_amount_cents=360 * filters,
        charges_usage=[
            ChargeUsage(
                **measured(number, filters),
                amount_currency="EUR",
                charge=UsageCharge(
                    lago_id=f"charge-{item}", code="calls", charge_model="standard", invoice_display_name=None
                ),
                billable_metric=UsageBillableMetric(
                    lago_id="metric-1", name='Calls, "all" of them', code="calls", aggregation_type="count_agg"
                ),
                filters=[
                    ChargeUsageFilter(
                        **measured(number, 1),
                        invoice_display_name=f"Zürich\n{which}",
                        values={"region": [f"eu-{which}"]} if which else None,
                    )
                    for which in range(filters)
                ],
                grouped_usage=[],
            )
            for item in range(charges)
        ],
    )


def measured(number: int, times: int) -> dict[str, Any]:
    return {
        "units": Decimal(f"{number * times}.50"),
        "total_aggregated_units": Decimal(f"{number * times}.50"),
        "events_count": number * times,
        "amount_cents": 100 * times,
        "pricing_unit_details": None,
        "presentation_breakdowns": [],
    }


# --- any usage: any value may be None ---------------------------------------------------------------------------------

_TEXT = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
_INTEGER = st.none() | st.integers(-(10**9), 10**12)
_DECIMAL = st.none() | st.decimals(allow_nan=False, allow_infinity=False)


def _measures() -> dict[str, st.SearchStrategy[Any]]:
    details = st.builds(PricingUnitDetails, amount_cents=_INTEGER, short_name=_TEXT, conversion_rate=_DECIMAL)
    breakdown = st.builds(
        PresentationBreakdown,
        presentation_by=st.none() | st.dictionaries(st.text(max_size=3), _TEXT, max_size=2),
        units=_DECIMAL,
    )
    return {
        "units": _DECIMAL,
        "total_aggregated_units": _DECIMAL,
        "events_count": _INTEGER,
        "amount_cents": _INTEGER,
        "pricing_unit_details": st.none() | details,
        "presentation_breakdowns": st.lists(st.none() | breakdown, max_size=2),
    }


def _periods() -> st.SearchStrategy[UsagePeriod]:
    one = st.builds(
        ChargeUsageFilter,
        **_measures(),
        invoice_display_name=_TEXT,
        values=st.none() | st.dictionaries(st.text(max_size=3), st.lists(st.text(max_size=3), max_size=2), max_size=2),
    )
    some = st.lists(st.none() | one, max_size=3)
    group = st.builds(
        ChargeUsageGroup,
        **_measures(),
        grouped_by=st.none() | st.dictionaries(st.text(max_size=3), _TEXT, max_size=2),
        filters=some,
    )
    charge = st.builds(
        ChargeUsage,
        **_measures(),
        amount_currency=_TEXT,
        charge=st.none()
        | st.builds(UsageCharge, lago_id=_TEXT, code=_TEXT, charge_model=_TEXT, invoice_display_name=_TEXT),
        billable_metric=st.none()
        | st.builds(UsageBillableMetric, lago_id=_TEXT, name=_TEXT, code=_TEXT, aggregation_type=_TEXT),
        filters=some,
        grouped_usage=st.lists(st.none() | group, max_size=3),
    )
    at = st.none() | st.datetimes(timezones=st.just(UTC))
    return st.builds(
        UsagePeriod,
        lago_invoice_id=_TEXT,
        from_datetime=at,
        to_datetime=at,
        issuing_date=st.none() | st.dates(),
        currency=_TEXT,
        amount_cents=_INTEGER,
        taxes_amount_cents=_INTEGER,
        total_amount_cents=_INTEGER,
        charges_usage=st.lists(st.none() | charge, max_size=3),
    )


PERIODS = _periods()
