"""Coupons, taxes, one-off invoices, credit notes, grace, void."""

from typing import Any

from lago_async.models import Invoice
from tests.billing.told import World, amounts, scenario

C = "coupons"
X = "taxes"
ONE_OFF = "one-off invoices"
N = "credit notes"
G = "grace, drafts, void"


async def _coupon(
    w: World,
    code: str,
    cents: int | None = None,
    *,
    rate: float | None = None,
    frequency: str = "once",
    plans: list[str] | None = None,
    metrics: list[str] | None = None,
    apply: bool = True,
    **fields: Any,
) -> None:
    given: Any = {
        "name": code,
        "code": code,
        "coupon_type": "percentage" if rate else "fixed_amount",
        "frequency": frequency,
        "expiration": "no_expiration",
        **fields,
    }
    if rate:
        given["percentage_rate"] = str(rate)
    else:
        given |= {"amount_cents": cents, "amount_currency": "EUR"}
    if plans:
        given["applies_to"] = {"plan_codes": plans}
    if metrics:
        given["applies_to"] = {"billable_metric_codes": metrics}
    await w.c.coupons.create(given)
    if apply:
        await w.c.coupons.apply({"external_customer_id": "cus", "coupon_code": code})


@scenario(C, "coupons of more than the invoice", "taxes_on_invoice", "2023-01-01")
async def too_much(w: World) -> None:
    await w.tax("bank", 10, everyone=False)
    await w.customer()
    await w.plan(amount=10_000, tax_codes=["bank"])
    await w.subscribe()
    await _coupon(w, "c1", 1000)
    await _coupon(w, "c2", 11_000)
    w.to("2023-02-01")
    invoice = (await w.invoices())[0]
    fee = invoice.fees[0]
    w.eq("fee", (fee.amount_cents, fee.taxes_amount_cents, str(fee.taxes_rate)), (10_000, 0, "10.0"))
    w.near("coupons", fee.precise_coupons_amount_cents, 10_000)
    w.eq("total", invoice.total_amount_cents, 0)


@scenario(C, "two plans, one customer: one invoice, both covered by coupons", "taxes_on_invoice", "2023-01-01")
async def covered(w: World) -> None:
    await w.tax("bank", 10, everyone=False)
    await w.customer()
    await w.plan("p1", 10_000, tax_codes=["bank"])
    await w.plan("p2", 5_000, tax_codes=["bank"])
    await w.subscribe("p1", sub="s1")
    await w.subscribe("p2", sub="s2")
    await _coupon(w, "c1", 10_000)
    await _coupon(w, "c2", 10_000)
    w.to("2023-02-01")
    invoices = await w.invoices()
    w.eq("invoices", len(invoices), 1)
    w.eq("fees", sorted(fee.amount_cents for each in invoices for fee in each.fees), [5_000, 10_000])
    w.eq("all totals", sum(each.total_amount_cents for each in invoices), 0)


@scenario(C, "the same forever coupon twice, on a fee of 4137.79", "credit_notes/credit_note", "2023-09-19T12:00:00")
async def twice(w: World) -> None:
    await w.tax("t", 10)
    await w.customer()
    await w.plan(amount=413_779)
    await _coupon(w, "c", 1000, frequency="forever", apply=False)
    await w.subscribe(billing_time="anniversary")
    for _ in range(2):
        await w.c.coupons.apply(
            {"external_customer_id": "cus", "coupon_code": "c", "amount_cents": 1000, "amount_currency": "EUR"}
        )
    w.to("2023-10-19")
    invoice = (await w.invoices())[0]
    w.eq(
        "invoice",
        (invoice.coupons_amount_cents, invoice.taxes_amount_cents, invoice.total_amount_cents),
        (2_000, 41_178, 452_957),
    )


@scenario(C, "percentage coupon, recurring for 2 invoices", "services/invoices/add_coupons (recurring)", "2023-01-01")
async def recurring(w: World) -> None:
    await w.customer()
    await w.plan(amount=10_000)
    await w.subscribe()
    await _coupon(w, "c", rate=20, frequency="recurring", frequency_duration=2)
    w.to("2023-04-01")
    w.eq("totals", [each.total_amount_cents for each in await w.invoices()], [8_000, 8_000, 10_000])


@scenario(
    X,
    "fees of 0.4 cents stay on the invoice with their taxes",
    "invoices/negative_total_with_prepaid_credits",
    "2025-01-01",
)
async def small_fees(w: World) -> None:
    await w.tax("t", 40, everyone=False)
    await w.customer()
    charges: list[dict[str, Any]] = []
    for number in range(8):
        metric = await w.metric(f"m{number}")
        charges.append(w.charge(metric, "standard", {"amount": "0.004" if number < 6 else "0.01"}, tax_codes=["t"]))
    await w.plan(charges=charges)
    await w.subscribe(billing_time="anniversary")
    for number in range(8):
        await w.event(f"m{number}")
    w.to("2025-02-01")
    invoice = (await w.invoices(kind="subscription"))[0]
    w.eq("fees", amounts(invoice.fees), [0] * 7 + [1] * 2)  # the plan's own, and six of 0.4 cents
    w.eq("invoice", (invoice.fees_amount_cents, invoice.taxes_amount_cents, invoice.total_amount_cents), (2, 1, 3))


async def _one_off(w: World, **fee: Any) -> Invoice:
    await w.addon()
    given: Any = {"external_customer_id": "cus", "currency": "EUR", "fees": [{"add_on_code": "addon", **fee}]}
    return await w.c.invoices.create(given)


@scenario(ONE_OFF, "explicit taxes win", "invoices/one_off", "2024-01-01")
async def one_off_explicit(w: World) -> None:
    await w.tax("vat_20", 20, everyone=False)
    await w.tax("vat_10", 10, everyone=False)
    await w.tax("default", 25)
    await w.customer()
    invoice = await _one_off(w, tax_codes=["vat_20", "vat_10"])
    w.eq(
        "invoice",
        (invoice.status, invoice.taxes_amount_cents, invoice.total_amount_cents),
        ("finalized", 3_000, 13_000),
    )


@scenario(ONE_OFF, "taxes of the organization", "invoices/one_off", "2024-01-01")
async def one_off_default(w: World) -> None:
    await w.tax("default", 15)
    await w.customer()
    w.eq("taxes", (await _one_off(w)).taxes_amount_cents, 1_500)


@scenario(ONE_OFF, "taxes of the customer before those of the organization", "invoices/one_off", "2024-01-01")
async def one_off_customer(w: World) -> None:
    await w.tax("be", 25)
    await w.tax("cv", 8, everyone=False)
    await w.customer(tax_codes=["cv"])
    w.eq("taxes", (await _one_off(w)).taxes_amount_cents, 800)


@scenario(ONE_OFF, "units and unit amount, rounded", "services/fees/one_off", "2024-01-01")
async def one_off_units(w: World) -> None:
    await w.customer()
    invoice = await _one_off(w, units="2.5", unit_amount_cents=333, description="d")
    w.eq("total", invoice.total_amount_cents, 833)
    w.eq("description", invoice.fees[0].description, "d")


def _rounding(
    amount: int,
    expected: tuple[int, int, int],
    interval: str = "monthly",
    rate: float = 25,
    now: str = "2025-09-18T16:00:00",
    billing: str = "anniversary",
) -> None:
    @scenario(N, f"termination note of {amount} at {rate} %", "credit_notes/credit_note_rounding", now)
    async def check(w: World) -> None:
        await w.tax("t", rate)
        await w.customer()
        await w.plan(amount=amount, interval=interval, advance=True)
        await w.subscribe(billing_time=billing)
        invoices = await w.invoices()
        w.eq("first", len(invoices), 1)
        if invoices:
            await w.c.invoices.update(invoices[0].lago_id, {"payment_status": "succeeded"})
        await w.c.subscriptions.destroy("sub")
        w.eq(
            "note",
            [
                (n.sub_total_excluding_taxes_amount_cents, n.taxes_amount_cents, n.total_amount_cents)
                for n in await w.notes()
            ],
            [expected],
        )


_rounding(20_000, (19_333, 4_833, 24_166))
_rounding(16_000, (15_467, 3_867, 19_334))


@scenario(N, "a credit note pays the next invoice", "services/credits/credit_note", "2023-01-01")
async def consumed(w: World) -> None:
    await w.customer()
    invoice = await _one_off(w)
    fee_id = invoice.fees[0].lago_id
    assert fee_id is not None
    note = await w.c.credit_notes.create(
        {
            "invoice_id": invoice.lago_id,
            "credit_amount_cents": 4_000,
            "items": [{"fee_id": fee_id, "amount_cents": 4_000}],
        }
    )
    await w.plan(amount=3_100)
    await w.subscribe()
    w.to("2023-03-01")
    first, second = await w.invoices(kind="subscription")
    w.eq(
        "paid by the note",
        [(e.credit_notes_amount_cents, e.total_amount_cents) for e in (first, second)],
        [(3_100, 0), (900, 2_200)],
    )
    w.eq("note", (await w.c.credit_notes.find(note.lago_id)).balance_amount_cents, 0)


@scenario(G, "void with a credit note of all", "invoices/void_invoice", "2023-01-01")
async def void(w: World) -> None:
    await w.tax("t", 20)
    await w.customer()
    invoice = await _one_off(w, unit_amount_cents=1000)
    voided = await w.c.invoices.void(
        invoice.lago_id, {"generate_credit_note": True, "credit_amount": 1200, "refund_amount": 0}
    )
    w.eq("status", (voided.status, voided.voided_at is not None), ("voided", True))
    w.eq(
        "notes",
        [
            (n.credit_status, n.credit_amount_cents, n.refund_amount_cents, n.total_amount_cents)
            for n in await w.notes()
        ],
        [("available", 1200, 0, 1200)],
    )


@scenario(G, "void with a part: the rest is a note that is void", "invoices/void_invoice", "2023-01-01")
async def void_part(w: World) -> None:
    await w.tax("t", 20)
    await w.customer()
    invoice = await _one_off(w, unit_amount_cents=1000)
    await w.c.payments.create({"invoice_id": invoice.lago_id, "amount_cents": 300, "reference": "r"})
    await w.c.invoices.void(invoice.lago_id, {"generate_credit_note": True, "credit_amount": 300, "refund_amount": 300})
    w.eq(
        "notes",
        [
            (n.credit_status, n.credit_amount_cents, n.refund_amount_cents, n.total_amount_cents)
            for n in await w.notes()
        ],
        [("available", 300, 300, 600), ("voided", 600, 0, 600)],
    )
