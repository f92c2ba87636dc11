"""The totals of exports as values: bills by customer and month and usage by metric, per currency."""

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
    """The bills of one month: those whose period began in it, in UTC.

    Attributes:
        month: Months since the year 0: ``12 * year + month - 1``.
        billed: The amount of all bills.
        bills: How many bills have an amount.
        full: False if the export ends before the end of the month.
    """

    month: int
    billed: int
    bills: int
    full: bool


@attrs.frozen
class CustomerTotals:
    """The bills of one customer, in total and in each of ``CurrencyTotals.months``."""

    external_customer_id: str
    billed: int
    bills: int
    by_month: tuple[int, ...]


@attrs.frozen
class CustomerChange:
    """The amounts billed to one customer in the last two full months, which are called before and after."""

    external_customer_id: str
    before: int
    after: int

    @property
    def change(self) -> int:
        """The difference of the two."""
        return self.after - self.before


@attrs.frozen
class MetricTotals:
    """Usage of one billable metric, without taxes. ``code`` is None for usage without a metric."""

    code: str | None
    name: str | None
    amount: int
    units: Decimal
    events: int


@attrs.frozen
class CurrencyTotals:
    """Everything billed in one currency, in its smallest unit.

    Attributes:
        currency: The code; empty for bills without a currency.
        billed: The amount of all bills, taxes included.
        customers: How many customers have a bill with an amount.
        bills: How many bills have an amount; the others are counted by ``bills_without_amount``.
        undated: The amount billed for periods without a start.
        earlier: The amount billed before ``months``.
        months: Every month from the first to the last, at most the latest 60.
        largest: The customers billed most.
        growing: The customers whose bills grew most between the last two full months.
        shrinking: The customers whose bills shrank most.
        used: The amount of usage of all metrics.
        metrics: The metrics with the largest amounts.
        metrics_count: How many metrics there are.
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
    """The totals of exports, with the currencies in order of their bills.

    Attributes:
        running: How many periods have no invoice, such as those of current usage.
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
