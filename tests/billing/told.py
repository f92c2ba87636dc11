"""A small world on the sandbox, spoken to through the client over HTTP, with the numbers that a running Lago gave.

A story is an async function that takes a `World`; `scenario` registers it with its theme, its title and its start.
"""

import itertools
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import attrs

from lago_async import LagoClient
from lago_async.models import (
    AddOn,
    BillableMetric,
    CreditNote,
    Customer,
    CustomerUsage,
    Fee,
    Invoice,
    Plan,
    Subscription,
    Tax,
)
from lago_async.sandbox import Sandbox

Story: TypeAlias = "Callable[[World], Awaitable[None]]"


@attrs.frozen(kw_only=True)
class BillingStory:
    """A story, the time at which it starts, and the server's own scenario that it retells."""

    theme: str
    title: str
    source: str
    now: datetime
    premium: bool
    tell: Story


@attrs.frozen
class Check:
    """A number of the sandbox and the one that a running Lago gave."""

    name: str
    got: Any
    expected: Any
    equal: bool


STORIES: list[BillingStory] = []


def at(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def scenario(theme: str, title: str, source: str, now: str, *, premium: bool = True) -> Callable[[Story], Story]:
    """Register the decorated function as a story."""

    def keep(function: Story) -> Story:
        STORIES.append(
            BillingStory(theme=theme, title=title, source=source, now=at(now), premium=premium, tell=function)
        )
        return function

    return keep


async def tell(story: BillingStory, checks: list[Check]) -> None:
    """Tell a story to a sandbox of its own, and add each comparison to the list.

    Raises:
        LagoApiError: The sandbox refused a request that the server takes.
    """
    async with (
        Sandbox(now=story.now, premium=story.premium) as sandbox,
        LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=0) as client,
    ):
        await story.tell(World(sandbox, client, checks))


class World:
    """The short words of the stories, for calls of the client and for comparisons."""

    def __init__(self, sandbox: Sandbox, client: LagoClient, checks: list[Check]) -> None:
        self.sandbox, self.c, self.checks = sandbox, client, checks
        self._n = itertools.count(1)

    # -- checks
    def eq(self, name: str, got: Any, expected: object) -> None:
        if isinstance(expected, Decimal) and got is not None:
            got = Decimal(str(got))
        self.checks.append(Check(name, got, expected, got == expected))

    def near(self, name: str, got: Any, expected: float, places: int = 5) -> None:
        got = None if got is None else round(float(got), places)
        self.checks.append(Check(name, got, expected, got is not None and abs(got - expected) < 10**-places))

    # -- time
    def to(self, text: str) -> None:
        moment = at(text)
        if moment > self.sandbox.now:
            self.sandbox.advance(to=moment)

    # -- set up
    async def tax(self, code: str = "vat", rate: float = 20, *, everyone: bool = True) -> Tax:
        given: Any = {"name": code, "code": code, "rate": str(rate), "applied_to_organization": everyone}
        return await self.c.taxes.create(given)

    async def customer(self, external_id: str = "cus", **fields: Any) -> Customer:
        given: Any = {"external_id": external_id, "currency": "EUR", **fields}
        return await self.c.customers.create(given)

    async def metric(
        self,
        code: str = "m",
        kind: str = "count_agg",
        field: str | None = None,
        *,
        filters: dict[str, list[str]] | None = None,
        **fields: Any,
    ) -> BillableMetric:
        given: Any = {"name": code, "code": code, "aggregation_type": kind, **fields}
        if field is not None:
            given["field_name"] = field
        if filters:
            given["filters"] = [{"key": key, "values": values} for key, values in filters.items()]
        return await self.c.billable_metrics.create(given)

    async def plan(
        self,
        code: str = "plan",
        amount: int = 0,
        *,
        interval: str = "monthly",
        advance: bool = False,
        charges: Iterable[dict[str, Any]] = (),
        **fields: Any,
    ) -> Plan:
        given: Any = {
            "name": code,
            "code": code,
            "interval": interval,
            "amount_cents": amount,
            "amount_currency": "EUR",
            "pay_in_advance": advance,
            "charges": list(charges),
            **fields,
        }
        return await self.c.plans.create(given)

    def charge(
        self, metric: BillableMetric, model: str = "standard", properties: dict[str, Any] | None = None, **fields: Any
    ) -> dict[str, Any]:
        return {"billable_metric_id": metric.lago_id, "charge_model": model, "properties": properties or {}, **fields}

    async def addon(self, code: str = "addon", amount: int = 10_000, **fields: Any) -> AddOn:
        given: Any = {"name": code, "code": code, "amount_cents": amount, "amount_currency": "EUR", **fields}
        return await self.c.add_ons.create(given)

    async def subscribe(
        self, plan: str = "plan", *, sub: str = "sub", customer: str = "cus", **fields: Any
    ) -> Subscription:
        for name in ("subscription_at", "ending_at"):
            if isinstance(fields.get(name), str):
                fields[name] = at(fields[name])
        given: Any = {"external_customer_id": customer, "external_id": sub, "plan_code": plan, **fields}
        return await self.c.subscriptions.create(given)

    async def event(
        self,
        code: str = "m",
        properties: dict[str, Any] | None = None,
        *,
        sub: str = "sub",
        times: int = 1,
        ts: str | None = None,
        **fields: Any,
    ) -> None:
        for _ in range(times):
            given: Any = {
                "transaction_id": f"t{next(self._n)}",
                "external_subscription_id": sub,
                "code": code,
                "properties": properties or {},
                **fields,
            }
            if ts is not None:
                given["timestamp"] = at(ts).timestamp()
            await self.c.events.create(given)

    # -- look
    async def usage(self, *, sub: str = "sub", customer: str = "cus", **query: Any) -> CustomerUsage:
        return await self.c.customers.find_current_usage(customer, external_subscription_id=sub, **query)

    async def invoices(self, *, customer: str = "cus", kind: str | None = None) -> list[Invoice]:
        """All invoices in full, oldest first."""
        listed = await self.c.invoices.find_all(external_customer_id=customer).collect()
        full = [await self.c.invoices.find(each.lago_id) for each in listed]
        full = [each for each in full if kind in (None, each.invoice_type)]
        # find_all lists newest first; a stable order by creation
        full.reverse()
        return sorted(full, key=lambda each: each.created_at)

    async def fees(self, *, customer: str = "cus", kind: str | None = None) -> list[Fee]:
        listed = await self.c.fees.find_all(external_customer_id=customer).collect()
        listed.reverse()
        found = sorted(listed, key=lambda each: each.created_at or self.sandbox.now)
        return [each for each in found if kind is None or each.item.type == kind]

    async def notes(self, *, customer: str = "cus") -> list[CreditNote]:
        listed = await self.c.credit_notes.find_all(external_customer_id=customer).collect()
        return list(reversed(listed))


def kinds(invoice: Invoice, kind: str) -> list[Fee]:
    return [fee for fee in invoice.fees or [] if fee.item.type == kind]


def amounts(fees: Iterable[Fee]) -> list[int]:
    return sorted(fee.amount_cents for fee in fees)
