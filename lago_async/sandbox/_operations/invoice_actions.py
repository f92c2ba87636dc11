"""Actions on an invoice: finalize, void, download, dispute, pay."""

from uuid import uuid4

from lago_async.sandbox._money import billing, invoicing
from lago_async.sandbox._operations import credit_notes
from lago_async.sandbox._operations.billing_entities import entity_of
from lago_async.sandbox._operations.customer_billing import linked_provider, payment_page
from lago_async.sandbox._operations.invoice_views import base_json, before_rendering, invoice_json
from lago_async.sandbox._operations.invoices import find
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import NoBody
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.invoices import Invoice


def _of_status(call: OperationCall, status: str) -> Invoice:
    """Return the invoice of the path; in another status it is not found."""
    invoice = find(call)
    if invoice.status != status:
        raise refusals.not_found("invoice")
    return invoice


@handles("finalize_invoice")
def finalize_invoice(call: OperationCall) -> JsonObject:
    """Finalize a draft before its grace period ends."""
    invoice = _of_status(call, "draft")
    billing.finalize(call.store, invoice)
    return before_rendering(invoice_json(call.store, invoice))


@handles("refresh_invoice")
def refresh_invoice(call: OperationCall) -> JsonObject:
    """Compute a draft again, with late usage; a final invoice stays as it is."""
    store, invoice = call.store, find(call)
    if invoice.status == "draft":
        billing.refresh(store, invoice)
    return invoice_json(store, invoice)


@handles("retry_invoice")
def retry_invoice(call: OperationCall) -> JsonObject:
    """Retry a failed invoice. In the sandbox no invoice fails by itself."""
    invoice = find(call)
    if invoice.status != "failed":
        raise refusals.not_allowed("invalid_status")
    invoicing.finish(call.store, invoice)
    return invoice_json(call.store, invoice)


@handles("retry_payment")
def retry_payment(call: OperationCall) -> NoBody:
    """Accept a retry of the payment. The sandbox has no provider to ask, and tells of the failure."""
    invoice = find(call)
    if invoice.status != "finalized":
        raise refusals.not_allowed("invalid_status")
    if invoice.payment_status == "succeeded":
        raise refusals.not_allowed("invoice_payment_already_succeeded")
    if not invoice.customer.provider:
        call.store.emit("invoice.payment_failure", invoice)
    return NoBody()


@handles("delete_invoice")
def delete_invoice(call: OperationCall) -> JsonObject:
    """Delete an invoice that is not finalized."""
    store, invoice = call.store, find(call)
    if invoice.status == "finalized":
        raise refusals.not_allowed("not_deletable")
    if invoice in store.drafts:
        store.drafts.remove(invoice)
    # Its periods stay billed: they are not invoiced again.
    for fee in invoice.fees:
        store.fees.discard(fee, store.now)
    invoice.updated_at = store.now
    store.invoices.discard(invoice, store.now)
    store.emit("invoice.deleted", invoice)
    return {**invoice_json(store, invoice), "status": "deleted"}


@handles("lose_dispute_invoice")
def lose_dispute_invoice(call: OperationCall) -> JsonObject:
    """Record that a payment dispute was lost."""
    invoice = find(call)
    if invoice.status not in {"finalized", "voided"}:
        raise refusals.not_allowed("not_disputable")
    if invoice.dispute_lost_at is None:
        invoice.dispute_lost_at, invoice.payment_overdue = call.store.now, False
        invoice.updated_at = call.store.now
    call.store.emit("invoice.payment_dispute_lost", invoice)
    return invoice_json(call.store, invoice)


@handles("void_invoice")
def void_invoice(call: OperationCall) -> JsonObject:
    """Void a finalized invoice; on request a credit note gives back the paid amount."""
    store, invoice, params = call.store, find(call), call.params
    if invoice.status != "finalized":
        raise refusals.not_allowed("not_voidable")
    gives_back = bool(params.boolean("generate_credit_note"))
    credit, refund = params.integer("credit_amount") or 0, params.integer("refund_amount") or 0
    if gives_back:
        credit_notes.check_for_voided(store, invoice, credit, refund)
    invoicing.void(store, invoice, recredit=not gives_back)
    store.emit("invoice.voided", invoice)
    if gives_back:
        credit_notes.create_for_voided(store, invoice, credit, refund)
    return invoice_json(store, invoice)


@handles("download_invoice")
@handles("download_invoice_pdf")
def download_invoice(call: OperationCall) -> JsonObject:
    """Return the link to the document."""
    return base_json(call.store, _of_status(call, "finalized"))


@handles("download_invoice_xml")
def download_invoice_xml(call: OperationCall) -> NoBody:
    """Respond without a body, as for an entity that makes no electronic invoices. The sandbox makes none: else 501."""
    invoice = _of_status(call, "finalized")
    if entity_of(call.store, invoice.customer)["einvoicing"]:
        raise refusals.not_simulated()
    return NoBody()


@handles("sync_invoice_salesforce_id")
def sync_invoice_salesforce_id(call: OperationCall) -> JsonObject:
    """Refuse: the sandbox has no integrations."""
    find(call)
    raise refusals.not_found("integration")


@handles("invoice_payment_url")
def invoice_payment_url(call: OperationCall) -> JsonObject:
    """Return a link to the provider's page for an unpaid invoice."""
    invoice = find(call)
    customer = invoice.customer
    kind = linked_provider(customer)
    if invoice.status != "finalized" or invoice.payment_status == "succeeded":
        raise refusals.invalid_field("base", "invalid_invoice_status_or_payment_status")
    return {
        "lago_customer_id": customer.lago_id,
        "lago_invoice_id": invoice.lago_id,
        "external_customer_id": customer.external_id,
        "payment_provider": kind,
        "payment_url": payment_page(kind, uuid4().hex),
    }
