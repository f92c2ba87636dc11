"""Receipts of payments."""

from lago_async.sandbox._operations import list_filters
from lago_async.sandbox._operations.payment_views import invoices_of, payment_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.payments import PaymentReceipt
from lago_async.sandbox._state.store import Store


def file_name(receipt: PaymentReceipt) -> str:
    """Return the name of the document of a receipt."""
    return f"payment_receipts/{receipt.lago_id}.pdf"


def receipt_json(store: Store, receipt: PaymentReceipt) -> JsonObject:
    """Return a receipt as responses show it."""
    return {
        "lago_id": receipt.lago_id,
        "number": receipt.number,
        "payment": payment_json(receipt.payment),
        "file_url": documents.url(store, file_name(receipt)),
        "xml_url": None,
        "created_at": to_iso(receipt.created_at),
    }


@handles("find_payment_receipt")
def find_payment_receipt(call: OperationCall) -> JsonObject:
    """Return one receipt. Like the server, it reports a missing receipt as a missing invoice."""
    receipt = call.store.payment_receipts.find(call.identifier)
    if receipt is None:
        raise refusals.not_found("invoice")
    return receipt_json(call.store, receipt)


@handles("find_all_payment_receipts")
def find_all_payment_receipts(call: OperationCall) -> PagedList:
    """List the receipts of one invoice or of all, newest first."""
    store, wrong = call.store, list_filters.QueryErrors()
    invoice_id = list_filters.uuid(wrong, call.params, "invoice_id")
    wrong.refuse()
    found = [
        receipt
        for receipt in store.payment_receipts.newest_first()
        if invoice_id is None or invoice_id in {invoice.lago_id for invoice in invoices_of(receipt.payment)}
    ]
    return Window.of(call.params).page(found, lambda receipt: encode(receipt_json(store, receipt)))
