"""Fetch the past usage of every customer concurrently, and show the largest bills.

Without settings it needs no account: it fills an embedded sandbox with a year of customers, events and invoices through
the client. With LAGO_API_KEY (and LAGO_API_URL) set, it only reads from that Lago, and creates nothing there.

    python examples/bulk_past_usage.py [--customers 300] [--concurrency 32]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from lago_async import LagoClient, bulk
from lago_async.models import (
    BillableMetricInput,
    ChargeInput,
    ChargePropertiesInput,
    CustomerInput,
    EventInput,
    GraduatedRangeInput,
    PlanInput,
    SubscriptionInput,
    TaxInput,
    UsagePeriod,
)
from lago_async.sandbox import Sandbox

T = TypeVar("T")

MONTHS = 12
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
CITIES = ("Lyon", "Porto", "Ghent", "Turin", "Graz", "Tartu", "Cork", "Malmö")


class Steps:
    """The steps of the demo: a progress bar for each, and the time it took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.took: list[tuple[str, float, int]] = []

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Generator[Callable[[], None]]:
        """Show a progress bar; call the yielded function after each piece of work."""
        columns = (
            TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        done = 0
        started = time.perf_counter()
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(title, total=total)

            def advance() -> None:
                nonlocal done
                done += 1
                progress.advance(task)

            yield advance
            progress.update(task, total=done)
        self.took.append((title, time.perf_counter() - started, done))


async def send_all(calls: Iterable[bulk.Prepared[T]], done: Callable[[], None]) -> None:
    """Send prepared calls, many at a time; the first error ends them all."""
    async with bulk.run(calls) as outcomes:
        async for outcome in outcomes:
            _ = outcome.value  # raises the error of the call, if it failed
            done()


# --- the half that writes: only on the sandbox ------------------------------------------------------------------------


async def make_catalogue(client: LagoClient) -> None:
    """Create a tax, two billable metrics and a plan that charges for them."""
    await client.taxes.create(TaxInput(name="VAT", code="vat", rate=Decimal(20), applied_to_organization=True))
    calls = await client.billable_metrics.create(
        BillableMetricInput(name="API calls", code="api_calls", aggregation_type="sum_agg", field_name="calls")
    )
    storage = await client.billable_metrics.create(
        BillableMetricInput(name="Storage", code="storage", aggregation_type="max_agg", field_name="gigabytes")
    )
    graduated = ChargePropertiesInput(
        graduated_ranges=[
            GraduatedRangeInput(from_value=0, to_value=10_000, per_unit_amount=Decimal("0.01"), flat_amount=Decimal(0)),
            GraduatedRangeInput(
                from_value=10_001, to_value=None, per_unit_amount=Decimal("0.004"), flat_amount=Decimal(0)
            ),
        ]
    )
    await client.plans.create(
        PlanInput(
            name="Growth", code="growth", interval="monthly", amount_cents=4900, amount_currency="EUR",
            pay_in_advance=False,
            charges=[
                ChargeInput(billable_metric_id=calls.lago_id, charge_model="graduated", properties=graduated),
                ChargeInput(
                    billable_metric_id=storage.lago_id, charge_model="standard",
                    properties=ChargePropertiesInput(amount=Decimal("0.12")),
                ),
            ],
        )
    )  # fmt: skip


def customer(number: int) -> CustomerInput:
    """Return a customer of the demo."""
    city = CITIES[number % len(CITIES)]
    return CustomerInput(external_id=f"cus_{number:04}", name=f"{city} Works {number}", currency="EUR")


def subscription(number: int) -> SubscriptionInput:
    """Return the customer's subscription."""
    return SubscriptionInput(
        external_customer_id=f"cus_{number:04}", external_id=f"sub_{number:04}", plan_code="growth"
    )


def events(month_start: datetime, numbers: range) -> list[EventInput]:
    """Return one month's events of some customers."""
    dice = random.Random(f"{numbers} {month_start}")
    batch: list[EventInput] = []
    for number in numbers:
        size = 1 + number % 13
        for code, properties in (
            ("api_calls", {"calls": dice.randrange(200, 4_000) * size}),
            ("storage", {"gigabytes": dice.randrange(5, 120) * size}),
        ):
            at = month_start + timedelta(days=dice.randrange(27), seconds=dice.randrange(86_400))
            batch.append(
                EventInput(
                    transaction_id=f"{code}-{number}-{month_start:%Y-%m}",
                    external_subscription_id=f"sub_{number:04}",
                    code=code,
                    timestamp=at,  # with a time and an id, the batch can be sent again if the response is lost
                    properties=dict(properties),
                )
            )
    return batch


async def live_through_a_year(client: LagoClient, sandbox: Sandbox, steps: Steps, customers: int) -> None:
    """Fill the sandbox through the client, and move its clock so that twelve months are billed."""
    with steps.step("creating customers", 2 * customers) as done:
        await make_catalogue(client)
        await send_all((bulk.prepare(client.customers.create, customer(n)) for n in range(customers)), done)
        await send_all((bulk.prepare(client.subscriptions.create, subscription(n)) for n in range(customers)), done)
    batches = [range(start, min(start + 50, customers)) for start in range(0, customers, 50)]
    with steps.step("sending a year of events", MONTHS * len(batches)) as done:
        month = FIRST_DAY
        for _ in range(MONTHS):
            await send_all((bulk.prepare(client.events.create_batch, events(month, batch)) for batch in batches), done)
            month = (month + timedelta(days=32)).replace(day=1)
            sandbox.advance(to=month + timedelta(hours=1))  # the month is over: Lago bills it


# --- the half that reads: the same on the sandbox and on a real Lago --------------------------------------------------


async def fetch_past_usage(
    client: LagoClient, steps: Steps, concurrency: int
) -> dict[bulk.SubscriptionIds, list[UsagePeriod]]:
    """Fetch the last twelve billed periods of every subscription."""
    usage: defaultdict[bulk.SubscriptionIds, list[UsagePeriod]] = defaultdict(list)
    with steps.step("fetching past usage") as done:
        async with bulk.past_usage(client, periods_count=MONTHS, concurrency=concurrency) as outcomes:
            async for outcome in outcomes:
                usage[outcome.input] += outcome.value.periods
                if outcome.value.last:
                    done()
    return usage


async def fetch_statuses(client: LagoClient, steps: Steps) -> dict[str, str]:
    """Return the status of every invoice, because past usage also has drafts and voided invoices."""
    statuses: dict[str, str] = {}
    with steps.step("listing invoices") as done:
        async for invoice in client.invoices.find_all():
            statuses[invoice.lago_id] = invoice.status
            done()
    return statuses


# --- the report -------------------------------------------------------------------------------------------------------


def bar(share: float, width: int = 24) -> str:
    """Return a bar, drawn in eighths of a character."""
    eighths = round(share * width * 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def sparkline(values: list[int]) -> str:
    """Return one character per month."""
    most = max(values, default=0) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(7, value * 8 // (most + 1))] for value in values)


def money(cents: int, currency: str) -> str:
    """Return an amount in the usual notation."""
    return f"{cents / 100:,.2f} {currency}"


def bills_of(
    usage: dict[bulk.SubscriptionIds, list[UsagePeriod]], statuses: dict[str, str]
) -> dict[str, tuple[str, UsagePeriod]]:
    """Return the finalized invoices, each with its customer and a period that has its amounts.

    The invoice of a customer with several subscriptions has its whole amount on each of them: it is taken once.
    """
    return {
        period.lago_invoice_id: (customer, period)
        for (customer, _), periods in usage.items()
        for period in periods
        if statuses.get(period.lago_invoice_id) == "finalized"
    }


def report(
    console: Console,
    usage: dict[bulk.SubscriptionIds, list[UsagePeriod]],
    statuses: dict[str, str],
    steps: Steps,
) -> None:
    """Print the largest bills, and the time that each step took."""
    bills = bills_of(usage, statuses).values()
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for customer, period in bills:
        totals[customer, period.currency] += period.total_amount_cents
    largest = sorted(totals.items(), key=lambda entry: -entry[1])[:10]

    table = Table(title="Largest bills of the last twelve periods")
    for heading, justify in (("customer", "left"), ("billed", "right"), ("", "left"), ("month by month", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for (customer, currency), cents in largest:
        months: defaultdict[datetime, int] = defaultdict(int)
        for owner, period in bills:
            if (owner, period.currency) == (customer, currency):
                months[period.from_datetime] += period.total_amount_cents
        trend = sparkline([months[month] for month in sorted(months)])
        table.add_row(customer, money(cents, currency), bar(cents / largest[0][1]) if largest[0][1] else "", trend)
    console.print(table)

    timing = Table(title="How long it took")
    timing.add_column("step")
    timing.add_column("seconds", justify="right")
    timing.add_column("each", justify="right")
    for title, seconds, count in steps.took:
        timing.add_row(title, f"{seconds:.2f}", f"{1e3 * seconds / count:.1f} ms" if count else "")
    console.print(timing)
    console.print(f"{sum(map(len, usage.values())):,} periods of {len(usage):,} subscriptions")


@asynccontextmanager
async def opened(steps: Steps, customers: int) -> AsyncGenerator[LagoClient]:
    """Open a client of the Lago in the environment variables, or else of a sandbox with a year of data."""
    if os.environ.get("LAGO_API_KEY"):
        async with LagoClient() as client:
            steps.console.print(f"Reading from {client.base_url}; nothing is created there.")
            yield client
        return
    async with Sandbox(now=FIRST_DAY) as sandbox, sandbox_client(sandbox) as client:
        steps.console.print(f"No LAGO_API_KEY is set: using an embedded sandbox at {sandbox.url}.")
        await live_through_a_year(client, sandbox, steps, customers)
        yield client


def sandbox_client(sandbox: Sandbox) -> LagoClient:
    """Return a client of the sandbox."""
    return LagoClient(api_key=sandbox.api_key, base_url=sandbox.url)


async def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch past usage of every customer concurrently.")
    parser.add_argument("--customers", type=int, default=300, help="number of customers to create on the sandbox")
    parser.add_argument("--concurrency", type=int, default=64, help="number of calls in flight at a time")
    arguments = parser.parse_args()
    console = Console()
    steps = Steps(console)
    async with opened(steps, arguments.customers) as client:
        usage = await fetch_past_usage(client, steps, arguments.concurrency)
        report(console, usage, await fetch_statuses(client, steps), steps)


if __name__ == "__main__":
    asyncio.run(main())
