"""What exports add up to, as values: bills by customer and month and usage by metric, for each currency separately."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs

MOST_MONTHS: Final = 60
MOST_CUSTOMERS: Final = 20
MOST_METRICS: Final = 12
MOST_CHANGES: Final = 8


@attrs.frozen
class MonthTotals:
    """One month, by the day on which the billed periods began, in UTC.

    Attributes:
        month: Months since the year 0: ``12 * year + month - 1``.
        full: False if the export ends before the month does.
    """

    month: int
    billed: int
    bills: int
    full: bool


@attrs.frozen
class CustomerTotals:
    """What one customer was billed, in all and in each of ``CurrencyTotals.months``."""

    external_customer_id: str
    billed: int
    bills: int
    by_month: tuple[int, ...]


@attrs.frozen
class CustomerChange:
    """What one customer was billed in the last full month, and in the one before it."""

    external_customer_id: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """The difference of the two."""
        return self.after - self.before


@attrs.frozen
class MetricTotals:
    """Usage of one billable metric, without taxes; ``code`` is None for usage that names no metric."""

    code: str | None
    name: str | None
    amount: int
    units: Decimal
    events: int


@attrs.frozen
class CurrencyTotals:
    """All that was billed in one currency, in its smallest unit.

    Attributes:
        currency: The code; empty where the export has none.
        billed: All bills, taxes included.
        customers: How many customers have a bill with an amount.
        bills: How many bills have an amount; the others are counted by ``bills_without_amount``.
        undated: What was billed for periods without a beginning.
        months: Every month from the first to the last, the latest 60 of them; what was billed earlier is ``earlier``.
        largest: The customers billed most.
        moves: The customers that grew most and those that shrank most, between the last two full months.
        used: Usage of all metrics; ``metrics`` are the largest of ``metrics_count``.
    """

    currency: str
    billed: int
    customers: int
    bills: int
    bills_without_amount: int
    undated: int
    earlier: int
    months: tuple[MonthTotals, ...]
    largest: tuple[CustomerTotals, ...]
    growing: tuple[CustomerChange, ...]
    shrinking: tuple[CustomerChange, ...]
    used: int
    metrics: tuple[MetricTotals, ...]
    metrics_count: int


@attrs.frozen
class Totals:
    """What the exports hold, in all and by currency, the one with most bills first.

    Attributes:
        running: How many of the periods are on no invoice, as those of current usage are.
    """

    files: tuple[Path, ...]
    rows: int
    customers: int
    subscriptions: int
    periods: int
    running: int
    shared_bills: int
    months: tuple[int, ...]
    currencies: tuple[CurrencyTotals, ...]
