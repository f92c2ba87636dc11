"""Recurring revenue: the fee of a plan is spread over its months, and nothing of it is lost."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lago_async.sandbox import Sandbox


def perform(sandbox: Sandbox, operation: str) -> Any:
    return sandbox.perform(operation)


def revenue(premium: Sandbox) -> dict[str, Decimal]:
    return {
        item["month"][:7]: Decimal(item["amount_cents"])
        for item in perform(premium, "find_all_mrrs")
        if item["amount_cents"] is not None
    }


@pytest.mark.parametrize(
    ("interval", "in_advance", "months"),
    [
        ("monthly", True, ["2026-01"]),
        ("monthly", False, ["2026-02"]),
        ("quarterly", True, ["2026-01", "2026-02", "2026-03"]),
        ("quarterly", False, ["2026-02", "2026-03", "2026-04"]),
        ("yearly", True, [f"2026-{month:02d}" for month in range(1, 13)]),
    ],
)
def test_the_fee_of_a_plan_is_spread_over_its_months(
    premium: Sandbox, subscribed: Callable[..., Any], interval: str, in_advance: bool, months: list[str]
) -> None:
    subscribed(premium, interval=interval, amount_cents=12000, pay_in_advance=in_advance)
    first = perform(premium, "find_all_invoices") if in_advance else []
    end = date.fromisoformat(f"{months[-1]}-02")
    premium.advance(days=(end - date(2026, 1, 1)).days)
    found = {month: amount for month, amount in revenue(premium).items() if month in months}
    assert list(found) == months
    if not in_advance or interval != "monthly":
        assert sum(found.values()) == pytest.approx(Decimal(12000), abs=Decimal("0.01"))
    assert len(first) == (1 if in_advance else 0)


def test_weekly_fees_count_as_a_month_of_them(premium: Sandbox, subscribed: Callable[..., Any]) -> None:
    subscribed(premium, interval="weekly", amount_cents=700, pay_in_advance=False)
    premium.advance(days=27)
    fees = [item["total_amount_cents"] for item in perform(premium, "find_all_invoices")]
    mean = Decimal(sum(fees)) / len(fees)
    assert revenue(premium)["2026-01"] == pytest.approx(mean * Decimal("4.33"), abs=Decimal("0.001"))
