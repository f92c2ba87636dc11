"""Wallets, thresholds, lifetime usage, alerts."""

from decimal import Decimal
from typing import Any

from lago_async.models import BillableMetric, Wallet
from tests.billing.told import World, scenario

W = "wallets"
P = "progressive billing"
A = "alerts, lifetime usage"


async def _wallet(w: World, **fields: Any) -> Wallet:
    given: Any = {"external_customer_id": "cus", "rate_amount": "1", "name": "Wallet1", "currency": "EUR", **fields}
    return await w.c.wallets.create(given)


async def _plan_with_sum(w: World, amount: int = 0, price: str = "1", **fields: Any) -> BillableMetric:
    metric = await w.metric(kind="sum_agg", field="total")
    await w.plan(
        amount=amount, charges=[w.charge(metric, "standard", {"amount": price}, **fields.pop("charge", {}))], **fields
    )
    return metric


@scenario(W, "voided credits keep 5 decimals", "wallets/voiding_wallet_credits", "2025-01-01")
async def voided(w: World) -> None:
    await w.customer()
    wallet = await _wallet(w, granted_credits="100")
    [transaction] = await w.c.wallets.create_transaction({"wallet_id": wallet.lago_id, "voided_credits": "14.28444999"})
    w.eq(
        "transaction",
        (
            transaction.status,
            transaction.transaction_status,
            Decimal(str(transaction.amount)),
            Decimal(str(transaction.credit_amount)),
        ),
        ("settled", "voided", Decimal("14.28"), Decimal("14.28444")),
    )
    wallet = await w.c.wallets.find(wallet.lago_id)
    w.eq("credits", Decimal(str(wallet.credits_balance)), Decimal("85.71556"))
    w.eq("cents", wallet.balance_cents, 8572)


@scenario(W, "priorities of the first transactions", "wallets/topup_with_priority", "2025-01-01")
async def priorities(w: World) -> None:
    await w.customer()
    wallet = await _wallet(w, paid_credits="100", granted_credits="50", transaction_priority=5)
    found = await w.c.wallets.find_all_transactions(wallet.lago_id).collect()
    w.eq("given", [each.priority for each in found], [5, 5])
    second = await _wallet(w, paid_credits="100", granted_credits="50", code="second")
    found = await w.c.wallets.find_all_transactions(second.lago_id).collect()
    w.eq("default", [each.priority for each in found], [50, 50])


@scenario(W, "names of transactions", "wallets/topup_with_name", "2025-01-02")
async def names(w: World) -> None:
    await w.customer()
    wallet = await _wallet(w, paid_credits="100", transaction_name="Initial top-up")
    [first] = await w.c.wallets.find_all_transactions(wallet.lago_id).collect()
    w.eq("first", first.name, "Initial top-up")
    [second] = await w.c.wallets.create_transaction(
        {"wallet_id": wallet.lago_id, "paid_credits": "200", "name": "Top-up"}
    )
    w.eq("second", (second.name, second.status, second.transaction_status), ("Top-up", "pending", "purchased"))


@scenario(W, "an invoice that needs payment stays open", "wallets/topup_with_open_invoices", "2025-01-02")
async def open_invoice(w: World) -> None:
    await w.customer()
    wallet = await _wallet(w, granted_credits="10", invoice_requires_successful_payment=True)
    w.eq("credits, before the job that grants them", Decimal(str(wallet.credits_balance)), Decimal(0))
    [transaction] = await w.c.wallets.create_transaction({"wallet_id": wallet.lago_id, "paid_credits": "15"})
    w.eq("transaction", transaction.status, "pending")
    w.eq("an open invoice is on no list", [each.status for each in await w.invoices(kind="credit")], [])
    w.eq("balance", Decimal(str((await w.c.wallets.find(wallet.lago_id)).credits_balance)), Decimal(10))


@scenario(W, "traceable: two top-ups, 60 taken, first in first out", "wallets/wallet_traceability", "2022-12-01")
async def traced_two(w: World) -> None:
    await w.customer()
    await _plan_with_sum(w)
    wallet = await _wallet(w, granted_credits="0")
    [first] = await w.c.wallets.create_transaction({"wallet_id": wallet.lago_id, "granted_credits": "30"})
    w.to("2022-12-01T01:00:00")
    [second] = await w.c.wallets.create_transaction({"wallet_id": wallet.lago_id, "granted_credits": "50"})
    await w.subscribe()
    w.to("2022-12-06")
    await w.event(properties={"total": 60})
    w.to("2023-01-01")
    [taken] = await w.c.wallets.find_all_transactions(wallet.lago_id, transaction_type="outbound").collect()
    fundings = await w.c.wallets.find_all_transaction_fundings(taken.lago_id).collect()
    w.eq(
        "fundings",
        {each.wallet_transaction.lago_id: each.amount_cents for each in fundings},
        {first.lago_id: 3000, second.lago_id: 3000},
    )


@scenario(
    W,
    "wallet for two metrics, charges in advance with 24 % tax",
    "invoices/invoicing_with_prepaid_credits",
    "2025-01-01",
)
async def limited(w: World) -> None:
    await w.tax("t", 24, everyone=False)
    await w.customer()
    one, two, other = (
        await w.metric("count_1"),
        await w.metric("count_2"),
        await w.metric("other", kind="sum_agg", field="item_id"),
    )
    await w.plan(
        charges=[
            w.charge(one, "standard", {"amount": "14.29"}, pay_in_advance=True, tax_codes=["t"]),
            w.charge(two, "standard", {"amount": "14.27"}, pay_in_advance=True, tax_codes=["t"]),
            w.charge(other, "standard", {"amount": "10"}, pay_in_advance=True),
        ]
    )
    await w.subscribe()
    wallet = await _wallet(w, granted_credits="39.00", applies_to={"billable_metric_codes": ["count_1", "count_2"]})
    await w.event("other", {"item_id": "1"})
    w.eq("other", [(e.prepaid_credit_amount_cents, e.total_amount_cents) for e in await w.invoices()], [(0, 1000)])
    await w.event("count_1")
    w.eq("first", [(e.prepaid_credit_amount_cents, e.total_amount_cents) for e in await w.invoices()][1:], [(1772, 0)])
    await w.event("count_2")
    w.eq("second", [(e.prepaid_credit_amount_cents, e.total_amount_cents) for e in await w.invoices()][2:], [(1769, 0)])
    w.eq("wallet", (await w.c.wallets.find(wallet.lago_id)).balance_cents, 359)


@scenario(W, "an expired wallet is terminated and pays nothing", "services/wallets/terminate", "2024-06-01")
async def expired(w: World) -> None:
    await w.customer()
    await w.plan(amount=1000)
    wallet = await _wallet(w, granted_credits="10", expiration_at="2024-06-20T00:00:00Z")
    await w.subscribe()
    w.to("2024-07-01")
    w.eq("wallet", (await w.c.wallets.find(wallet.lago_id)).status, "terminated")
    w.eq("invoice", [(e.prepaid_credit_amount_cents, e.total_amount_cents) for e in await w.invoices()], [(0, 1000)])


async def _progressive(w: World, *thresholds: dict[str, Any]) -> None:
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="total")
    await w.plan(
        amount=3100, charges=[w.charge(metric, "standard", {"amount": "0.0002"})], usage_thresholds=list(thresholds)
    )
    await w.subscribe()


async def _totals(w: World) -> list[int]:
    return [each.total_amount_cents for each in await w.invoices()]


@scenario(P, "an invoice in the month, credited at its end", "invoices/progressive_billing", "2022-12-01")
async def progressive(w: World) -> None:
    await _progressive(w, {"amount_cents": 20_000})
    w.to("2022-12-06")
    await w.event(properties={"total": 1_000_000})
    w.to("2022-12-06T00:10:00")
    w.eq("threshold", await _totals(w), [20_000])
    w.to("2022-12-16")
    await w.event(properties={"total": 1_000_000})
    w.to("2023-01-01")
    invoices = await w.invoices()
    w.eq(
        "end",
        (
            len(invoices),
            invoices[-1].total_amount_cents,
            invoices[-1].fees_amount_cents,
            invoices[-1].progressive_billing_credit_amount_cents,
        ),
        (2, 23_100, 43_100, 20_000),
    )


@scenario(A, "lifetime usage without thresholds", "lifetime_usages/without_progressive_billing", "2024-06-01")
async def lifetime(w: World) -> None:
    await w.customer()
    await _plan_with_sum(w, amount=3100, price="0.01")
    await w.subscribe()
    w.to("2024-06-05")
    await w.event(properties={"total": 1_000_000})
    w.eq("once", (await w.c.subscriptions.get_lifetime_usage("sub")).current_usage_amount_cents, 1_000_000)
    w.to("2024-06-06")
    await w.event(properties={"total": 1_000_000})
    w.eq("twice", (await w.c.subscriptions.get_lifetime_usage("sub")).current_usage_amount_cents, 2_000_000)
    w.to("2024-07-05")
    w.eq("invoice", await _totals(w), [2_003_100])
    await w.event(properties={"total": 1_000_000})
    found = await w.c.subscriptions.get_lifetime_usage("sub")
    w.eq("next month", (found.current_usage_amount_cents, found.invoiced_usage_amount_cents), (1_000_000, 2_000_000))
