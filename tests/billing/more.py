"""Lives of customers and subscriptions, time jumps, and the rest."""

from datetime import timedelta

from lago_async import LagoClient
from lago_async.sandbox import Sandbox
from tests.billing.told import World, amounts, at, kinds, scenario

L = "lifecycle"
J = "time jumps"


@scenario(
    L,
    "upgrade in arrears at noon: the day belongs to the new plan (20 of 31)",
    "subscriptions/upgrade (fixed charges)",
    "2023-08-01",
)
async def noon(w: World) -> None:
    await w.customer()
    await w.plan("old", 10_000)
    await w.plan("new", 20_000)
    await w.subscribe("old", billing_time="calendar")
    w.to("2023-08-21T12:00:00")
    await w.subscribe("new", billing_time="calendar")
    w.eq("old plan 20/31", amounts(kinds((await w.invoices())[-1], "subscription")), [6452])
    w.to("2023-09-01")
    w.eq("new plan 11/31", amounts(kinds((await w.invoices())[-1], "subscription")), [7097])


@scenario(
    L,
    "terminated at midnight: the day that begins is billed (18 of 31)",
    "invoices/progressive_billing (termination)",
    "2022-12-01",
)
async def midnight(w: World) -> None:
    await w.customer()
    await w.plan(amount=3100)
    await w.subscribe()
    w.to("2022-12-18")
    await w.c.subscriptions.destroy("sub")
    w.eq("fee", [each.fees_amount_cents for each in await w.invoices()], [1800])


@scenario(L, "deleting a customer ends all that hangs on it", "delete_customer", "2022-12-15")
async def deleted(w: World) -> None:
    await w.customer(billing_configuration={"invoice_grace_period": 3})
    metric = await w.metric()
    await w.plan(amount=1000, charges=[w.charge(metric, "standard", {"amount": "3"})])
    await w.subscribe()
    w.to("2023-01-01")
    w.eq("draft", [each.status for each in await w.invoices()], ["draft"])
    wallet = await w.c.wallets.create(
        {"external_customer_id": "cus", "rate_amount": "1", "currency": "EUR", "granted_credits": "10"}
    )
    w.to("2023-01-20")
    before = [each.lago_id for each in await w.invoices()]
    await w.c.customers.destroy("cus")
    w.eq("drafts are final", [(await w.c.invoices.find(each)).status for each in before], ["finalized"])
    subscriptions = await w.c.subscriptions.find_all(status=["terminated"]).collect()
    w.eq("terminated", [each.external_id for each in subscriptions], ["sub"])
    invoices = await w.c.invoices.find_all().collect()
    w.eq(
        "invoices with the last one",
        sorted((e.status, e.fees_amount_cents) for e in invoices),
        [("draft", 645), ("finalized", 548)],
    )
    w.eq("wallet", (await w.c.wallets.find(wallet.lago_id)).status, "terminated")


@scenario(L, "numbers of invoices per customer", "invoices/invoice_numbering", "2023-01-01")
async def numbers(w: World) -> None:
    await w.plan(amount=1000)
    for external_id in ("c1", "c2"):
        await w.customer(external_id)
        await w.subscribe(sub=external_id, customer=external_id)
    w.to("2023-03-01")
    found = {c: [each.number.split("-")[-2:] for each in await w.invoices(customer=c)] for c in ("c1", "c2")}
    w.eq("numbers", found, {"c1": [["001", "001"], ["001", "002"]], "c2": [["002", "001"], ["002", "002"]]})


@scenario(L, "an override of a plan's amount and of a charge", "plans/cascade, subscriptions/override", "2023-01-01")
async def override(w: World) -> None:
    await w.customer()
    metric = await w.metric()
    plan = await w.plan(amount=1000, charges=[w.charge(metric, "standard", {"amount": "1"})])
    await w.subscribe(
        plan_overrides={
            "amount_cents": 500,
            "charges": [
                {"id": plan.charges[0].lago_id, "billable_metric_id": metric.lago_id, "properties": {"amount": "2"}}
            ],
        }
    )
    await w.event(times=3)
    w.to("2023-02-01")
    w.eq("fees", [amounts(each.fees) for each in await w.invoices()], [[500, 600]])


@scenario(L, "payment of an invoice in two parts", "invoices/invoice_payments", "2023-01-01")
async def payments(w: World) -> None:
    await w.customer()
    await w.plan(amount=1000)
    await w.subscribe()
    w.to("2023-02-01")
    [invoice] = await w.invoices()
    await w.c.payments.create({"invoice_id": invoice.lago_id, "amount_cents": 400, "reference": "a"})
    found = await w.c.invoices.find(invoice.lago_id)
    w.eq("part", (found.payment_status, found.total_due_amount_cents), ("pending", 600))
    await w.c.payments.create({"invoice_id": invoice.lago_id, "amount_cents": 600, "reference": "b"})
    found = await w.c.invoices.find(invoice.lago_id)
    w.eq("all", (found.payment_status, found.total_due_amount_cents), ("succeeded", 0))


@scenario(L, "an invoice that is due is overdue", "services/invoices/payments/mark_overdue", "2023-01-01")
async def overdue(w: World) -> None:
    await w.customer(net_payment_term=10)
    await w.plan(amount=1000)
    await w.subscribe()
    w.to("2023-02-01")
    [invoice] = await w.invoices()
    w.eq("due", (str(invoice.payment_due_date), invoice.payment_overdue), ("2023-02-11", False))
    w.to("2023-02-13")
    w.eq("overdue", (await w.c.invoices.find(invoice.lago_id)).payment_overdue, True)


async def _two_customers_story(w: World) -> None:
    await w.tax("t", 20)
    await w.customer(billing_configuration={"invoice_grace_period": 3})
    metric = await w.metric()
    await w.plan(amount=3100, charges=[w.charge(metric, "standard", {"amount": "1"})])
    await w.subscribe()
    await w.c.wallets.create(
        {
            "external_customer_id": "cus",
            "rate_amount": "1",
            "currency": "EUR",
            "granted_credits": "50",
            "expiration_at": "2023-02-20T00:00:00Z",
        }
    )
    await w.event(times=3)


async def _shape(w: World) -> list[tuple[str, str, int, int, int]]:
    return [
        (e.status, e.number, e.fees_amount_cents, e.prepaid_credit_amount_cents, e.total_amount_cents)
        for e in await w.invoices()
    ]


@scenario(
    J,
    "one jump of 70 days gives what 70 jumps of a day give: grace, wallet that expires",
    "(own: invariance)",
    "2023-01-01",
)
async def jumps(w: World) -> None:
    await _two_customers_story(w)
    w.sandbox.advance(by=timedelta(days=70))
    async with (
        Sandbox(now=at("2023-01-01"), premium=True) as other,
        LagoClient(api_key=other.api_key, base_url=other.url) as client,
    ):
        slow = World(other, client, w.checks)
        await _two_customers_story(slow)
        for _ in range(70):
            other.advance(by=timedelta(days=1))
        w.eq("invoices", await _shape(w), await _shape(slow))
