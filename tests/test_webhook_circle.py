"""The whole circle: what the sandbox bills and sends is verified, read and handled once."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from lago_async import LagoClient
from lago_async.sandbox import Sandbox
from lago_async.webhooks import InvoiceCreatedWebhook, WebhookHandlers, WebhookVerifier
from lago_async.webhooks.aiohttp import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lago_async import PlanInputDict

PLAN: PlanInputDict = {
    "name": "P", "code": "p", "interval": "monthly", "amount_cents": 100, "amount_currency": "EUR",
    "pay_in_advance": False,
}  # fmt: skip


@asynccontextmanager
async def served(hooks: WebhookHandlers) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hooks", endpoint(hooks))
    runner = web.AppRunner(app, max_field_size=1 << 17)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("algorithm", ["hmac", "jwt"])
async def test_each_invoice_that_the_sandbox_bills_is_handled_once_even_if_the_first_try_fails(algorithm: str) -> None:
    seen: list[tuple[str, int]] = []
    tries: Counter[str] = Counter()
    async with (
        Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC)) as sandbox,
        LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client,
    ):
        hmac = algorithm == "hmac"
        hooks = WebhookHandlers(WebhookVerifier(hmac_key=sandbox.hmac_key) if hmac else WebhookVerifier(client=client))

        @hooks.on("invoice.created")
        async def created(webhook: InvoiceCreatedWebhook) -> None:
            tries[webhook.payload.lago_id] += 1
            if tries[webhook.payload.lago_id] == 1:
                raise OSError("the database of the receiver is away")
            seen.append((webhook.payload.number, webhook.payload.total_amount_cents))

        async with served(hooks) as url:
            await client.webhook_endpoints.create({"webhook_url": url, "signature_algo": algorithm})
            await client.plans.create(PLAN)
            await client.customers.create({"external_id": "a", "currency": "EUR"})
            await client.subscriptions.create({"external_customer_id": "a", "external_id": "s", "plan_code": "p"})
            for _ in range(2):
                sandbox.advance(days=31)
                await sandbox.webhooks.settled()
                sandbox.advance(days=0.01)  # the time of the second try comes
                await sandbox.webhooks.settled()
            billed = [(invoice.number, invoice.total_amount_cents) async for invoice in client.invoices.find_all()]
        assert len(billed) == 2
        assert sorted(seen) == sorted(billed)
        assert set(tries.values()) == {2}
        assert {sent.status for sent in sandbox.webhooks} == {"succeeded"}
