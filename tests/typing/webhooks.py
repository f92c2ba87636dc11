"""The types that the type checkers infer for webhooks; this never runs."""

from typing import assert_type

from lago_async.models import CreditNotePaymentProviderRefundError, Invoice, Json, Quote
from lago_async.webhooks import (
    InvoiceCreatedWebhook,
    QuoteCreatedWebhook,
    UnknownWebhook,
    Webhook,
    WebhookHandlers,
    parse,
)
from lago_sync.webhooks import WebhookHandlers as BlockingHandlers


def parsed(body: bytes, invoice: Invoice) -> None:
    webhook = parse(body)
    if webhook.webhook_type == "invoice.created":
        assert_type(webhook, InvoiceCreatedWebhook)
        assert_type(webhook.payload, Invoice)
    elif webhook.webhook_type == "credit_note.refund_failure":
        assert_type(webhook.payload, CreditNotePaymentProviderRefundError)
    elif webhook.webhook_type is None:
        assert_type(webhook, UnknownWebhook)
        assert_type(webhook.payload, Json)
        assert_type(webhook.unknown_type, str)
    if isinstance(webhook, QuoteCreatedWebhook):
        assert_type(webhook.payload, Quote)
    match webhook.webhook_type:
        case "quote.voided":
            assert_type(webhook.payload, Quote)
        case _:
            assert_type(webhook.organization_id, str)
    assert_type(InvoiceCreatedWebhook(organization_id="1", payload=invoice).payload, Invoice)


def handled(hooks: WebhookHandlers, blocking: BlockingHandlers) -> None:
    @hooks.on("invoice.created")
    async def created(webhook: InvoiceCreatedWebhook) -> None:
        assert_type(webhook.payload, Invoice)

    @hooks.on_other
    async def other(webhook: Webhook) -> None:
        assert_type(webhook.organization_id, str)

    @blocking.on("invoice.created")
    def created_in_blocking_code(webhook: InvoiceCreatedWebhook) -> None:
        assert_type(webhook.payload, Invoice)

    @hooks.on("quote.created")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async def wrong(webhook: InvoiceCreatedWebhook) -> None: ...

    @hooks.on("quote.created")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    def not_async(webhook: QuoteCreatedWebhook) -> None: ...

    assert [created, other, created_in_blocking_code, wrong, not_async]
