"""Emails of documents that are sent again. The sandbox checks them as the server does, and sends none."""

import re

from lago_async.sandbox._operations import credit_notes, invoices
from lago_async.sandbox._operations.billing_entities import entity_of
from lago_async.sandbox._operations.payment_views import invoices_of
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import NoBody
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.customers import Customer

_EMAIL = re.compile(r"[^@\s,]+@[^@\s,.]+(\.[^@\s,.]+)+").fullmatch


@handles("resend_invoice_email")
def resend_invoice_email(call: OperationCall) -> NoBody:
    """Send the email of a finalized invoice again."""
    invoice = invoices.find(call)
    if invoice.status != "finalized":
        raise refusals.not_allowed("invoice_not_finalized")
    return _resend(call, invoice.customer, "invoice.finalized")


@handles("resend_credit_note_email")
def resend_credit_note_email(call: OperationCall) -> NoBody:
    """Send the email of a credit note again."""
    return _resend(call, credit_notes.find(call).invoice.customer, "credit_note.created")


@handles("resend_payment_receipt_email")
def resend_payment_receipt_email(call: OperationCall) -> NoBody:
    """Send the email of a receipt again. Like the server, it reports a missing receipt as a missing invoice."""
    receipt = call.store.payment_receipts.find(call.identifier)
    if receipt is None:
        raise refusals.not_found("invoice")
    return _resend(call, invoices_of(receipt.payment)[0].customer, "payment_receipt.created")


def _resend(call: OperationCall, customer: Customer, kind: str) -> NoBody:
    if not call.store.premium:
        raise refusals.forbidden("premium_license_required")
    entity = entity_of(call.store, customer)
    settings = entity["email_settings"]
    if not isinstance(settings, list) or kind not in settings:
        raise refusals.not_allowed("email_settings_disabled")
    problems: dict[str, Json] = {}
    if not entity["email"]:
        problems["billing_entity"] = ["must have email configured"]
    if not call.params.strings("to") and not customer.columns.get("email"):
        problems["to"] = ["must have at least one recipient"]
    for name in ("to", "cc", "bcc"):
        bad = [address for address in call.params.strings(name) or () if not _EMAIL(address)]
        if bad:
            problems[name] = [f"invalid email format: {', '.join(bad)}"]
    if problems:
        raise refusals.invalid(dict(sorted(problems.items())))
    return NoBody()
