"""The totals of exports as values: bills by customer, plan and month and usage by metric, per currency."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs

from lago_async.usage._report.provenance import Provenance

MOST_MONTHS: Final = 60
MOST_CUSTOMERS: Final = 20
MOST_LISTED: Final = 500
MOST_BILLS: Final = 2_000
MOST_METRICS: Final = 12
MOST_PLANS: Final = 8
MOST_CHANGES: Final = 8


@attrs.frozen
class Comparison:
    """Two months, like for like: customers whose same subscriptions were billed from the beginning to the end of both.

    Attributes:
        customers: How many customers that are.
        before: What they were billed for the month before.
        after: What they were billed for the month.
    """

    customers: int
    before: int
    after: int

    @property
    def change(self) -> int:
        """The difference of the two."""
        return self.after - self.before


@attrs.frozen
class MonthTotals:
    """The amounts of one month: those of the periods that began in it, in UTC.

    Attributes:
        month: Months since the year 0: ``12 * year + month - 1``.
        billed: The amount of all bills.
        bills: How many bills have an amount.
        drafts: The amount of invoices that are not final.
        running: The amount of periods that are on no invoice yet.
        ended: Whether the month was over when the export was made.
        comparison: The comparison with the month before; None if no customer can be compared.
    """

    month: int
    billed: int
    bills: int
    drafts: int = 0
    running: int = 0
    ended: bool = True
    comparison: Comparison | None = None

    @property
    def is_open(self) -> bool:
        """Whether the month's amounts are not the last word."""
        return not self.ended or bool(self.drafts or self.running)


@attrs.frozen
class CustomerTotals:
    """The amounts of one customer, in total and in each of ``CurrencyTotals.months``.

    Attributes:
        external_customer_id: Your id.
        name: The name; None if the export does not know it.
        billed: The amount of the bills.
        bills: How many bills have an amount.
        waiting: The amount of drafts, and of periods that are on no invoice yet.
        by_month: The billed amounts.
        waiting_by_month: The amounts of drafts and running periods.
    """

    external_customer_id: str
    name: str | None
    billed: int
    bills: int
    waiting: int
    by_month: tuple[int, ...]
    waiting_by_month: tuple[int, ...]


@attrs.frozen
class CustomerChange:
    """The amounts billed to one customer in the two months that are compared, which are called before and after."""

    external_customer_id: str
    name: str | None
    before: int
    after: int

    @property
    def change(self) -> int:
        """The difference of the two."""
        return self.after - self.before


@attrs.frozen
class MetricTotals:
    """Billed usage of one billable metric, without taxes. ``code`` is None for usage without a metric."""

    code: str | None
    name: str | None
    amount: int
    units: Decimal
    events: int
    by_month: tuple[int, ...] = ()


@attrs.frozen
class PlanTotals:
    """Bills of one plan. ``code`` is None for bills whose plan is not known, and empty for bills of several plans."""

    code: str | None
    name: str | None
    billed: int
    bills: int
    by_month: tuple[int, ...]


@attrs.frozen(kw_only=True)
class Bill:
    """One bill: an invoice, or a period that is on none yet.

    Attributes:
        external_customer_id: Your id of the customer.
        subscription: Your id of its subscription, or of one of them.
        subscriptions: How many subscriptions it is for.
        plan: The name or code of the plan; None if it is unknown, or if there are several.
        begin: The beginning of its period.
        end: The last second of its period.
        state: ``billed``, ``draft``, ``voided`` or ``running``.
        status: The status of the invoice, as the server says it.
        invoice: Lago's id of the invoice.
        total: The amount; None if it is unknown.
    """

    external_customer_id: str
    subscription: str
    subscriptions: int
    plan: str | None
    begin: datetime | None
    end: datetime | None
    state: str
    status: str | None
    invoice: str | None
    total: int | None


@attrs.frozen(kw_only=True)
class CurrencyTotals:
    """The amounts in one currency, in its smallest unit. "Billed" means: on an invoice that is neither draft nor void.

    Attributes:
        currency: The code; empty for bills without a currency.
        billed: The amount of all bills, taxes included.
        customers: How many customers have a bill with an amount.
        bills: How many bills have an amount; the others are counted by ``bills_without_amount``.
        drafts: The amount of invoices that are not final.
        draft_bills: How many those are.
        running: The amount of periods that are on no invoice yet.
        running_bills: How many those are.
        voided: The amount of invoices that nobody owes, which is in no other total.
        voided_bills: How many those are.
        unknown: How many bills have an invoice whose status is unknown; they count as billed.
        undated: The amount billed for periods without a start.
        earlier: The amount billed before ``months``.
        months: Every month from the first to the last, at most the latest 60.
        listed: The customers with the largest amounts.
        listed_of: How many customers there are, with those that have no bill yet.
        rows: The bills of the listed customers, in their order, the newest first.
        rows_of: How many bills there are.
        compared: The month whose comparison with the month before is the latest.
        growing: The compared customers whose bills grew most.
        shrinking: The compared customers whose bills shrank most.
        appeared: How many customers have a bill for the compared month and none for the month before, and its amount.
        left: How many customers have a bill for the month before and none for the compared month, and its amount.
        plans: The plans with the largest bills.
        plans_count: How many plans there are.
        used: The amount of billed usage of all metrics.
        metrics: The metrics with the largest amounts.
        metrics_count: How many metrics there are.
    """

    currency: str
    billed: int
    customers: int
    bills: int
    bills_without_amount: int
    drafts: int
    draft_bills: int
    running: int
    running_bills: int
    voided: int
    voided_bills: int
    unknown: int
    undated: int
    earlier: int
    months: tuple[MonthTotals, ...]
    listed: tuple[CustomerTotals, ...]
    listed_of: int
    rows: tuple[Bill, ...]
    rows_of: int
    compared: int | None
    growing: tuple[CustomerChange, ...]
    shrinking: tuple[CustomerChange, ...]
    appeared: tuple[int, int]
    left: tuple[int, int]
    plans: tuple[PlanTotals, ...]
    plans_count: int
    used: int
    metrics: tuple[MetricTotals, ...]
    metrics_count: int

    @property
    def largest(self) -> tuple[CustomerTotals, ...]:
        """The customers that were billed most."""
        return tuple(customer for customer in self.listed[:MOST_CUSTOMERS] if customer.bills)


@attrs.frozen
class Totals:
    """The totals of exports, with the currencies in order of their bills.

    Attributes:
        files: The exports.
        provenance: What the journal of each export says.
        running: How many periods have no invoice, such as those of current usage.
    """

    files: tuple[Path, ...]
    provenance: tuple[Provenance, ...]
    rows: int
    customers: int
    subscriptions: int
    periods: int
    running: int
    shared_bills: int
    months: tuple[int, ...]
    currencies: tuple[CurrencyTotals, ...]
