"""Billing periods and boundaries."""

from tests.billing.told import World, at, scenario

T = "periods and timezones"


def _boundaries(start: str, interval: str, looks: list[tuple[str, str, str | None]], title: str) -> None:
    @scenario(T, title, "current_usage/anniversary_period_boundaries", start)
    async def check(w: World) -> None:
        await w.customer()
        metric = await w.metric()
        await w.plan(interval=interval, charges=[w.charge(metric, "standard", {"amount": "1"})])
        await w.subscribe(billing_time="anniversary")
        for moment, begins, ends in looks:
            w.to(moment)
            usage = await w.usage()
            w.eq(f"from at {moment}", usage.from_datetime, at(begins))
            if ends:
                w.eq(f"to at {moment}", usage.to_datetime, at(ends))


_boundaries(
    "2024-02-29",
    "yearly",
    [("2025-02-20", "2024-02-29", "2025-02-27T23:59:59"), ("2025-03-10", "2025-02-28", "2026-02-27T23:59:59")],
    "yearly from a leap day",
)
_boundaries("2022-01-29", "quarterly", [("2022-02-28", "2022-01-29", None)], "quarterly from the 29th of January")


@scenario(
    T, "an event on the clamped anniversary counts once", "current_usage/anniversary_period_boundaries", "2024-02-29"
)
async def clamped(w: World) -> None:
    await w.customer()
    metric = await w.metric()
    await w.plan(interval="yearly", charges=[w.charge(metric, "standard", {"amount": "1"})])
    await w.subscribe(billing_time="anniversary")
    w.to("2025-02-20")
    await w.event(ts="2025-02-28T12:00:00")
    w.eq("closing", (await w.usage()).charges_usage[0].events_count, 0)
    w.to("2025-03-10")
    w.eq("opening", (await w.usage()).charges_usage[0].events_count, 1)


def _usage_window(zone: str, ends: str) -> None:
    @scenario(T, f"usage of a yearly plan begun in the past, {zone}", "customer_usage", "2023-08-08T09:30:00")
    async def check(w: World) -> None:
        await w.customer(timezone=zone)
        await w.plan(amount=700, interval="yearly")
        await w.subscribe(subscription_at="2023-01-01T09:30:00")
        usage = await w.usage()
        w.eq("from", usage.from_datetime, at("2023-01-01T09:30:00"))
        w.eq("to", usage.to_datetime, at(ends))


_usage_window("UTC", "2023-12-31T23:59:59")
_usage_window("America/Los_Angeles", "2024-01-01T07:59:59")


def _first_week(zone: str, now: str, cents: int) -> None:
    @scenario(T, f"first invoice of a weekly plan in advance, {zone}", "invoices/invoices", now)
    async def check(w: World) -> None:
        await w.customer(timezone=zone)
        await w.plan(amount=700, interval="weekly", advance=True)
        await w.subscribe()
        w.eq("total", [each.total_amount_cents for each in await w.invoices()], [cents])


_first_week("America/Denver", "2023-06-16T05:00:00", 400)


@scenario(
    T,
    "second invoice of a monthly plan in advance covers February of a leap year",
    "invoices/invoices",
    "2023-12-16T05:00:00",
)
async def leap(w: World) -> None:
    await w.customer()
    await w.plan(amount=700, advance=True)
    await w.subscribe(billing_time="calendar")
    w.to("2024-02-01T12:12:00")
    invoice = (await w.invoices())[-1]
    period = invoice.billing_periods[0]
    w.eq("from", period.subscription_from_datetime, at("2024-02-01"))
    w.eq("to", period.subscription_to_datetime, at("2024-02-29T23:59:59"))
    w.eq("charges from", period.charges_from_datetime, at("2024-01-01"))
    w.eq("charges to", period.charges_to_datetime, at("2024-01-31T23:59:59"))
    w.eq("total", invoice.total_amount_cents, 700)


@scenario(
    T, "monthly plan in arrears, anniversary on a 31st: February and March", "subscriptions/billing", "2023-01-31"
)
async def arrears(w: World) -> None:
    await w.customer()
    await w.plan(amount=1000)
    await w.subscribe(billing_time="anniversary")
    w.to("2023-02-27T23:00:00")
    w.eq("before", len(await w.invoices()), 0)
    w.to("2023-02-28T00:00:01")
    w.eq("February", [each.total_amount_cents for each in await w.invoices()], [1000])
    w.to("2023-03-31T00:00:01")
    w.eq("March", [each.total_amount_cents for each in await w.invoices()], [1000, 1000])


@scenario(T, "yearly plan with charges billed monthly", "subscriptions/billing", "2023-01-01")
async def monthly_charges(w: World) -> None:
    await w.customer()
    metric = await w.metric()
    await w.plan(
        amount=12_000,
        interval="yearly",
        bill_charges_monthly=True,
        charges=[w.charge(metric, "standard", {"amount": "1"})],
    )
    await w.subscribe(billing_time="calendar")
    await w.event(times=2)
    w.to("2023-02-01")
    w.eq("February", [each.total_amount_cents for each in await w.invoices()], [200])
    w.to("2024-01-01")
    w.eq("the plan at the end of the year", (await w.invoices())[-1].total_amount_cents, 12_000)
    w.eq("invoices of a year", len(await w.invoices()), 12)
