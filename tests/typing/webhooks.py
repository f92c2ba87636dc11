"""The types that the type checkers infer for webhooks; this never runs."""

from typing import assert_type

from lago_async.models import CreditNotePaymentProviderRefundError, Invoice, Json, Quote
from lago_async.webhooks import InvoiceCreatedWebhook, QuoteCreatedWebhook, UnknownWebhook, parse


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
