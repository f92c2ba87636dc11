"""The examples about webhooks: the store in Redis, and how to find what was missed."""

from __future__ import annotations

import runpy
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fakeredis
import pytest

from lago_async import LagoClient, from_dict
from lago_async.models import AddOnInput, CustomerInput
from lago_async.sandbox import Sandbox
from lago_async.webhooks import DeliveryStore
from lago_sync import LagoClient as BlockingClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
EXAMPLES = Path(__file__).parent.parent / "examples"
RedisDeliveryStore: Any = runpy.run_path(str(EXAMPLES / "redis_deliveries.py"))["RedisDeliveryStore"]
CATCH_UP: Any = runpy.run_path(str(EXAMPLES / "webhook_catch_up.py"))


@pytest.mark.parametrize("decoded", [False, True])
def test_redis_remembers_deliveries_for_all_processes(decoded: bool) -> None:
    server = fakeredis.FakeServer()
    one, other = (
        RedisDeliveryStore(fakeredis.FakeStrictRedis(server=server, decode_responses=decoded)) for _ in range(2)
    )
    store: DeliveryStore = one
    assert store.claim("k") == "new"
    assert [one.claim("k"), other.claim("k")] == ["busy", "busy"]
    other.release("k")  # not its own
    assert other.claim("k") == "busy"
    one.release("k")
    assert other.claim("k") == "new"
    other.complete("k")
    one.release("k")
    assert [one.claim("k"), other.claim("k")] == ["done", "done"]


def test_a_claim_in_redis_is_free_after_its_lease_and_stays_with_who_has_taken_it() -> None:
    server = fakeredis.FakeServer()
    redis = fakeredis.FakeStrictRedis(server=server)
    one, other = RedisDeliveryStore(redis, lease=60), RedisDeliveryStore(redis, lease=60)
    assert one.claim("k") == "new"
    assert 0 < redis.ttl("lago:webhook:k") <= 60
    redis.delete("lago:webhook:k")  # as Redis does at the end of the lease
    assert other.claim("k") == "new"
    one.release("k")
    assert one.claim("k") == "busy"
    other.complete("k")
    assert redis.ttl("lago:webhook:k") > 89 * 86_400


async def of(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


async def test_a_draft_that_keeps_its_date_is_found_when_it_is_finalized() -> None:
    """Its issuing date is that of the draft, long before the webhook was missed."""
    with Sandbox(now=datetime(2026, 3, 10, tzinfo=UTC), premium=True) as sandbox:
        async with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            await client.plans.create({
                "name": "P", "code": "p", "interval": "monthly", "amount_cents": 100, "amount_currency": "EUR",
                "pay_in_advance": False,
            })  # fmt: skip
            keeps = {"invoice_grace_period": 10, "subscription_invoice_issuing_date_adjustment": "keep_anchor"}
            await client.customers.create(
                from_dict(CustomerInput, {"external_id": "c", "currency": "EUR", "billing_configuration": keeps})
            )
            await client.subscriptions.create({"external_customer_id": "c", "plan_code": "p", "external_id": "s"})
            sandbox.advance(to=datetime(2026, 4, 6, tzinfo=UTC))
            since = sandbox.now
            sandbox.advance(days=10)
            [invoice] = await client.invoices.find_all(status="finalized").collect()
            assert invoice.issuing_date is not None
            assert invoice.issuing_date < (since - timedelta(days=2)).date()
            assert await of(CATCH_UP["new_invoices"](client, since)) == []
            assert await of(CATCH_UP["new_invoices"](client, since, grace_days=10)) == [invoice]


@pytest.mark.parametrize("since", ["2026-03-08T00:00:00+00:00", "2026-03-08"])
def test_the_example_prints_what_was_missed(since: str) -> None:
    with Sandbox(now=datetime(2026, 3, 1, tzinfo=UTC)) as sandbox:
        with BlockingClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            for customer in ("before", "during"):
                client.customers.create({"external_id": customer})
                sandbox.advance(days=14)
        run = subprocess.run(
            [sys.executable, str(EXAMPLES / "webhook_catch_up.py"), since],
            env={"LAGO_API_KEY": sandbox.api_key, "LAGO_API_URL": sandbox.url, "PYTHONPATH": str(EXAMPLES.parent)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (run.returncode, run.stdout) == (0, "customer during\n"), run.stderr


async def test_what_was_missed_is_found_by_listing() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    with Sandbox(now=start, premium=True) as sandbox:
        async with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            await client.add_ons.create(AddOnInput(name="A", code="a", amount_cents=100, amount_currency="EUR"))

            async def bill(customer: str) -> str:
                await client.customers.create(CustomerInput(external_id=customer, currency="EUR"))
                made = await client.invoices.create(
                    {"external_customer_id": customer, "currency": "EUR", "fees": [{"add_on_code": "a", "units": "1"}]}
                )
                return made.lago_id

            before, paid_later = await bill("before"), await bill("paid later")
            sandbox.advance(days=20)
            since = start + timedelta(days=15)
            during = await bill("during")
            await client.invoices.update(paid_later, {"payment_status": "succeeded"})
            payment = await client.payments.create(
                {"invoice_id": during, "amount_cents": 100, "reference": "r", "paid_at": "2026-03-21"}
            )
            assert [invoice.lago_id for invoice in await of(CATCH_UP["new_invoices"](client, since))] == [during]
            changed = {invoice.lago_id for invoice in await of(CATCH_UP["changed_invoices"](client, since))}
            assert changed == {during, paid_later}
            assert [found.lago_id for found in await of(CATCH_UP["new_payments"](client, since))] == [payment.lago_id]
            assert [customer.external_id for customer in await of(CATCH_UP["new_customers"](client, since))] == [
                "during"
            ]
            assert await of(CATCH_UP["new_credit_notes"](client, since)) == []
            assert before not in changed
