"""Subscriptions: advance, termination, upgrade, downgrade, trial, commitments."""

from typing import Any

from tests.billing.told import World, amounts, at, kinds, scenario

T = "pay in advance, termination"
U = "upgrade, downgrade"
R = "trial"
M = "minimum commitment / charge"


@scenario(T, "in advance, anniversary: full period billed, 27/28 given back", "terminate_pay_in_advance", "2023-02-08")
async def same_day_anniversary(w: World) -> None:
    await w.tax()
    await w.customer()
    await w.plan(amount=5000, advance=True)
    await w.subscribe(billing_time="anniversary")
    w.eq("first invoice", [each.total_amount_cents for each in await w.invoices()], [6000])
    await w.c.subscriptions.destroy("sub")
    w.eq("credit note", [n.total_amount_cents for n in await w.notes()], [5785])


async def _manual(w: World, how: str, **query: Any) -> None:
    await w.tax()
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="item_count")
    await w.plan(amount=10_000, advance=True, charges=[w.charge(metric, "standard", {"amount": "1"})])
    await w.subscribe()
    first = await w.invoices()
    w.eq("first invoice", [(e.taxes_amount_cents, e.total_amount_cents) for e in first], [(1500, 9000)])
    w.to("2025-02-10")
    await w.event(properties={"item_count": 10}, times=5)
    w.to("2025-02-21")
    await w.c.subscriptions.destroy("sub", **query)
    last = (await w.invoices())[-1]
    w.eq(
        "usage on the last",
        (
            last.sub_total_excluding_taxes_amount_cents if not last.credit_notes_amount_cents else 5000,
            last.taxes_amount_cents,
        ),
        (5000, 1000),
    )
    w.eq("credit notes on the last", last.credit_notes_amount_cents, 3000 if how == "credit" else 0)
    w.eq("total of the last", last.total_amount_cents, 3000 if how == "credit" else 6000)
    w.eq("notes", [n.total_amount_cents for n in await w.notes()], [3000] if how == "credit" else [])


@scenario(T, "terminated by hand, credit note used at once", "subscriptions/terminate_manually", "2025-02-08")
async def manual_credit(w: World) -> None:
    await _manual(w, "credit")


@scenario(
    T, "terminated by hand 15 minutes after a period was billed: one day", "subscriptions/terminate_ended", "2023-09-01"
)
async def one_day(w: World) -> None:
    await w.customer(timezone="UTC")
    await w.plan(amount=1000)
    await w.subscribe(billing_time="calendar")
    w.to("2023-10-01T00:15:00")
    await w.c.subscriptions.destroy("sub")
    w.eq("totals", [each.total_amount_cents for each in await w.invoices()], [1000, 32])


@scenario(
    T,
    "an event and the termination at one moment: the event is billed",
    "spending_minimum, postgres_store (from..to)",
    "2023-09-01",
)
async def same_moment(w: World) -> None:
    await w.customer()
    metric = await w.metric()
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "8"})])
    await w.subscribe()
    w.to("2023-09-25T06:00:00")
    await w.event()
    await w.c.subscriptions.destroy("sub")
    w.eq("last", [each.total_amount_cents for each in await w.invoices()], [800])


@scenario(
    T,
    "quarterly in arrears, begun inside a calendar quarter, terminated: 32 of 91 days",
    "subscriptions/upgrade_proration",
    "2024-05-20T10:00:00",
)
async def quarterly(w: World) -> None:
    await w.customer(timezone="UTC")
    await w.plan(amount=91_000, interval="quarterly")
    await w.subscribe(billing_time="calendar")
    w.to("2024-06-20T10:00:00")
    await w.c.subscriptions.destroy("sub")
    w.eq("fee", amounts(kinds((await w.invoices())[-1], "subscription")), [32_000])


@scenario(
    U,
    "upgrade of a plan in advance: credit of one day, new plan prorated",
    "subscriptions/upgrade",
    "2023-06-29T12:12:00",
)
async def upgrade(w: World) -> None:
    await w.customer()
    await w.plan("monthly", 1000, advance=True)
    await w.plan("yearly", 12_000, interval="yearly", advance=True)
    await w.subscribe("monthly", billing_time="anniversary", subscription_at="2023-06-29T12:12:00")
    w.eq("first", [each.fees_amount_cents for each in await w.invoices()], [1000])
    w.to("2023-07-29T12:12:00")
    w.eq("July", [each.fees_amount_cents for each in await w.invoices()], [1000, 1000])
    w.to("2023-08-29T12:12:00")
    w.eq("August", [each.fees_amount_cents for each in await w.invoices()], [1000, 1000, 1000])
    w.to("2023-09-28T05:00:00")
    await w.subscribe("yearly", billing_time="anniversary")
    invoices = await w.invoices()
    w.eq("invoices", len(invoices), 4)
    w.eq("credit note 1000/31", [n.credit_amount_cents for n in await w.notes()], [32])
    w.eq("new plan 275/366", invoices[-1].fees_amount_cents, round(275 * 12_000 / 366))


@scenario(
    U,
    "upgrade on the first day: invoice of nothing; then terminated after 3 of 30 days",
    "invoices/invoices",
    "2024-04-24T10:00:00",
)
async def upgrade_first_day(w: World) -> None:
    await w.tax()
    await w.customer()
    metric = await w.metric(kind="latest_agg", field="v")
    await w.plan("free", 0)
    await w.plan(
        "new", 2000, charges=[w.charge(metric, "package", {"amount": "2", "free_units": 1000, "package_size": 1000})]
    )
    await w.subscribe("free")
    w.to("2024-04-24T11:00:00")
    await w.subscribe("new")
    first = await w.invoices()
    w.eq("invoice of the upgrade", [(e.status, e.total_amount_cents) for e in first], [("finalized", 0)])
    if first:
        period = first[0].billing_periods[0]
        w.eq("reason", period.invoicing_reason, "subscription_terminating")
        w.eq("from", period.subscription_from_datetime, at("2024-04-24"))
        w.eq("to", period.subscription_to_datetime, at("2024-04-24T11:00:00"))
        w.eq("charges from", period.charges_from_datetime, at("2024-04-24T10:00:00"))
        w.eq("charges to", period.charges_to_datetime, at("2024-04-24T11:00:00"))
    w.to("2024-04-26T11:00:00")
    await w.c.subscriptions.destroy("sub")
    last = (await w.invoices())[-1]
    w.eq("last 2000/30*3 + tax", last.total_amount_cents, 240)


@scenario(
    U,
    "downgrade of a plan in advance waits, and the new plan is billed at its start",
    "subscriptions/downgrade",
    "2023-07-19T12:12:00",
)
async def downgrade(w: World) -> None:
    await w.customer()
    await w.plan("monthly", 12_900, advance=True)
    await w.plan("yearly", 118_800, interval="yearly", advance=True)
    await w.subscribe("monthly", billing_time="anniversary", subscription_at="2023-07-19T12:12:00")
    w.eq("first", [each.fees_amount_cents for each in await w.invoices()], [12_900])
    w.to("2023-10-19T12:12:00")
    w.eq("four", [each.fees_amount_cents for each in await w.invoices()], [12_900] * 4)
    w.to("2023-11-09")
    found = await w.subscribe("yearly", billing_time="anniversary")
    w.eq("old one active", (found.status, found.plan_code), ("active", "monthly"))
    w.to("2023-11-19T12:12:00")
    invoices = await w.invoices()
    w.eq("invoices", len(invoices), 5)
    w.eq("new plan 243/366", invoices[-1].fees_amount_cents, round(118_800 / 366 * 243))


@scenario(
    U,
    "downgrade in arrears: the old plan is billed in full at the end",
    "subscriptions/downgrade (in arrears)",
    "2023-07-19T12:12:00",
)
async def downgrade_arrears(w: World) -> None:
    await w.customer()
    await w.plan("dear", 10_000)
    await w.plan("cheap", 1000)
    await w.subscribe("dear", billing_time="calendar")
    w.to("2023-08-01")
    w.eq("July 13/31", [each.fees_amount_cents for each in await w.invoices()], [round(10_000 * 13 / 31)])
    w.to("2023-08-21T23:59:59")
    await w.subscribe("cheap", billing_time="calendar")
    w.to("2023-09-01")
    w.eq("August", [each.fees_amount_cents for each in await w.invoices()][1:], [10_000])
    w.eq("new one", (await w.c.subscriptions.find("sub")).plan_code, "cheap")
    w.to("2023-10-01")
    w.eq("September", [each.fees_amount_cents for each in await w.invoices()][2:], [1000])


@scenario(R, "in advance, 7 days of trial", "invoices/invoices", "2024-03-04T21:00:00")
async def trial_week(w: World) -> None:
    await w.customer()
    await w.plan(amount=3500, advance=True, trial_period=7)
    await w.subscribe()
    w.to("2024-03-11T22:00:00")
    w.eq("invoice", [each.total_amount_cents for each in await w.invoices()], [2371])
    w.eq("trial_ended_at is shown", (await w.c.subscriptions.find("sub")).trial_ended_at is not None, True)


def _commitment(interval: str, billing: str, start: str, bill: str, cents: int) -> None:
    @scenario(M, f"{interval} {billing} commitment in arrears", "commitments/minimum/in_arrears", start)
    async def check(w: World) -> None:
        await w.customer(timezone="UTC")
        await w.plan(amount=100_000, interval=interval, minimum_commitment={"amount_cents": 1_000_000})
        await w.subscribe(billing_time=billing)
        w.to(bill)
        invoice = (await w.invoices())[0]
        w.eq("commitment fee", amounts(kinds(invoice, "commitment")), [cents])


_commitment("weekly", "calendar", "2023-02-01", "2023-02-06T01:00:00", 642_857)
_commitment("monthly", "anniversary", "2023-02-04", "2023-03-04T01:00:00", 900_000)
_commitment("quarterly", "calendar", "2023-02-04", "2023-04-01T01:00:00", 560_000)


@scenario(M, "minimum of a charge, prorated at termination 25/28", "spending_minimum", "2023-01-08")
async def spending_minimum(w: World) -> None:
    await w.tax()
    await w.customer()
    metric = await w.metric(filters={"region": ["europe", "usa"]})
    by = [
        {"values": {"region": ["europe"]}, "properties": {"amount": "20"}},
        {"values": {"region": ["usa"]}, "properties": {"amount": "50"}},
    ]
    await w.plan(
        amount=5000,
        advance=True,
        charges=[w.charge(metric, "standard", {"amount": "0"}, min_amount_cents=10_000, filters=by)],
    )
    await w.subscribe()
    w.eq("first 60/31*24", [each.total_amount_cents for each in await w.invoices()], [4645])
    w.to("2023-02-25T08:00:00")
    await w.event(properties={"region": "usa"})
    await w.event(properties={"region": "europe"})
    await w.c.subscriptions.destroy("sub")
    last = (await w.invoices())[-1]
    w.eq("fees", amounts(kinds(last, "charge")), [0, 1929, 2000, 5000])
    w.eq(
        "last",
        (last.fees_amount_cents, last.taxes_amount_cents, last.credit_notes_amount_cents, last.total_amount_cents),
        (8929, 1786, 643, 10_072),
    )
