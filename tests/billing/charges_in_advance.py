"""Charges paid in advance, estimates, previews, past usage."""

from typing import Any

from lago_async.models import BillableMetric
from tests.billing.told import World, amounts, kinds, scenario

V = "charges in advance"
E = "estimates, previews"
Z = "past usage"


async def _setup(
    w: World, metric: BillableMetric, model: str = "standard", properties: dict[str, Any] | None = None, **fields: Any
) -> None:
    await w.customer()
    await w.plan(amount=1000, charges=[w.charge(metric, model, properties, pay_in_advance=True, **fields)])
    await w.subscribe()


@scenario(V, "count, not invoiceable: a fee for each event", "pay_in_advance_charges", "2023-01-24")
async def count(w: World) -> None:
    await _setup(w, await w.metric(), properties={"amount": "10"}, invoiceable=False)
    w.to("2023-02-15")
    await w.event()
    fees = await w.fees(kind="charge")
    w.eq(
        "first",
        [(f.amount_cents, str(f.units), f.events_count, f.pay_in_advance, f.lago_invoice_id) for f in fees],
        [(1000, "1.0", 1, True, None)],
    )
    w.to("2023-02-17")
    await w.event()
    w.eq("two", amounts(await w.fees(kind="charge")), [1000, 1000])
    w.to("2023-03-01")
    w.eq("on no invoice", [amounts(kinds(each, "charge")) for each in await w.invoices()][-1], [])


@scenario(
    V,
    "paid fees of cards regrouped on an invoice of advance charges",
    "invoices/advance_charges",
    "2024-06-05T10:00:00",
)
async def regrouped(w: World) -> None:
    await w.tax("t", 20)
    metric = await w.metric("cards", kind="unique_count_agg", field="item_id", recurring=True)
    await w.customer()
    await w.plan(
        amount=49,
        advance=True,
        charges=[
            w.charge(
                metric,
                "standard",
                {"amount": "30.12"},
                pay_in_advance=True,
                invoiceable=False,
                prorated=True,
                regroup_paid_fees="invoice",
            )
        ],
    )
    await w.subscribe()
    w.eq("first invoice", len(await w.invoices()), 1)
    for day in range(11, 16):
        w.to(f"2024-06-{day}T10:00:00")
        await w.event("cards", {"item_id": f"card_{day}"})
    fees = await w.fees(kind="charge")
    w.eq("fees, prorated", amounts(fees), sorted([2008, 1908, 1807, 1707, 1606]))
    for fee in fees[:3]:
        assert fee.lago_id is not None
        await w.c.fees.update(fee.lago_id, {"payment_status": "succeeded"})
    w.to("2024-07-01T00:10:00")
    grouped = await w.invoices(kind="advance_charges")
    w.eq("regrouped", [each.fees_amount_cents for each in grouped], [2008 + 1908 + 1807])


def _estimate(
    title: str,
    kind: str,
    field: str | None,
    charge: tuple[str, dict[str, Any]],
    steps: list[tuple[bool, str | None, str, int]],
) -> None:
    @scenario(E, title, "estimate_events", "2025-09-01")
    async def check(w: World) -> None:
        model, properties = charge
        await _setup(w, await w.metric(kind=kind, field=field), model, properties)
        for number, (send, value, units, cents) in enumerate(steps):
            w.to(f"2025-09-{number + 2:02}")
            given = {} if field is None or value is None else {field: value}
            if send:
                await w.event(properties=given)
                continue
            fees = await w.c.events.estimate_fees({"code": "m", "external_subscription_id": "sub", "properties": given})
            w.eq(
                f"estimate {number}",
                [(str(f.units), f.events_count, f.amount_cents) for f in fees],
                [(units, 1, cents)],
            )


_estimate(
    "count",
    "count_agg",
    None,
    ("standard", {"amount": "10"}),
    [(False, None, "1.0", 1000), (True, None, "", 0), (False, None, "1.0", 1000)],
)


@scenario(
    E,
    "preview of a new subscription in advance, in the middle of a month",
    "services/invoices/preview",
    "2024-03-16T12:00:00",
)
async def preview_new(w: World) -> None:
    await w.tax("t", 20)
    await w.customer()
    await w.plan(amount=3100, advance=True)
    found = await w.c.invoices.preview(
        {"customer": {"external_id": "cus"}, "plan_code": "plan", "billing_time": "calendar"}
    )
    w.eq(
        "16 of 31 days",
        (found.fees_amount_cents, found.taxes_amount_cents, found.total_amount_cents),
        (1600, 320, 1920),
    )


@scenario(Z, "projected usage in the middle of a month", "services/.../projection", "2024-06-01")
async def projected(w: World) -> None:
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="v")
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "1"})])
    await w.subscribe()
    await w.event(properties={"v": 10})
    w.to("2024-06-15T12:00:00")
    found = await w.c.customers.find_projected_usage("cus", external_subscription_id="sub")
    # Fees::ProjectionService: ratio = days passed (15, inclusive) / days of the period (30)
    w.eq("amount", (found.amount_cents, int(found.projected_amount_cents)), (1000, 2000))
