"""Payments that are entered by hand."""

from lago_async.sandbox._money import amounts, invoicing
from lago_async.sandbox._operations import customers, list_filters
from lago_async.sandbox._operations.invoices import by_id
from lago_async.sandbox._operations.payment_receipts import file_name
from lago_async.sandbox._operations.payment_views import invoices_of, payment_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.payments import Payment, PaymentReceipt

_REFERENCE_LENGTH = 40


@handles("create_payment")
def create_payment(call: OperationCall) -> JsonObject:
    """Record a payment. The invoice is paid when nothing is due any more; a larger amount is refused."""
    store, given = call.store, call.envelope()
    reference, amount, paid_at = (
        given.text("reference"),
        given.raw("amount_cents"),
        parse_timestamp(given.raw("paid_at")),
    )
    if given.filled("invoice_id") is None:
        raise refusals.invalid_field("invoice_id", "value_is_mandatory")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise refusals.invalid_field("amount_cents", "invalid_value")
    invoice = by_id(store, given.text("invoice_id"))
    if not store.premium or invoice.status != "finalized":
        raise refusals.forbidden("feature_unavailable")
    if given.filled("paid_at") is not None and paid_at is None:
        raise refusals.invalid_field("paid_at", "invalid_date")
    found = refusals.FieldErrors()
    if not (reference or "").strip():
        found.add("reference", "value_is_mandatory")
    if len(reference or "") > _REFERENCE_LENGTH:
        found.add("reference", "value_is_too_long")
    if invoice.invoice_type == "credit" and amount != amounts.total_cents(invoice):
        found.add("amount_cents", "invalid_amount")
    if amount > amounts.due_cents(invoice):
        found.add("amount_cents", "value_is_out_of_range")
    requests = (request for request in store.payment_requests if invoice in request.invoices)
    if any(request.payment_status == "succeeded" for request in requests):
        found.add("base", "payment_request_is_already_succeeded")
    found.refuse()
    payment = Payment(
        created_at=paid_at or store.now,
        customer=invoice.customer,
        payable=invoice,
        amount_cents=amount,
        currency=invoice.currency,
        reference=reference or "",
    )
    store.payments.add(payment)
    invoicing.pay(store, invoice, amount)
    before = sum(receipt.payment.customer is invoice.customer for receipt in store.payment_receipts)
    number = f"{invoice.customer.slug}-RCPT-{before + 1:06d}"
    receipt = PaymentReceipt(created_at=store.now, payment=payment, number=number)
    documents.make(store, file_name(receipt), [f"Receipt {number}", f"{amount} {invoice.currency} subunits"])
    store.payment_receipts.add(receipt)
    for event in ("payment_receipt.created", "payment_receipt.generated"):
        store.emit(event, receipt)
    return payment_json(payment)


@handles("find_payment")
def find_payment(call: OperationCall) -> JsonObject:
    """Return one payment."""
    payment = call.store.payments.find(call.identifier)
    if payment is None:
        raise refusals.not_found("payment")
    return payment_json(payment)


def _payments(call: OperationCall, customer_id: str | None) -> PagedList:
    wrong = list_filters.QueryErrors()
    invoice_id = list_filters.uuid(wrong, call.params, "invoice_id")
    wrong.refuse()
    found = [
        payment
        for payment in call.store.payments.newest_first()
        if customer_id in {None, payment.customer.external_id}
        and (invoice_id is None or any(invoice.lago_id == invoice_id for invoice in invoices_of(payment)))
    ]
    return Window.of(call.params).page(found, lambda payment: encode(payment_json(payment)))


@handles("find_all_payments")
def find_all_payments(call: OperationCall) -> PagedList:
    """List the payments of all customers that match, newest first."""
    return _payments(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_payments")
def find_all_customer_payments(call: OperationCall) -> PagedList:
    """List the payments of one customer, who must exist."""
    return _payments(call, customers.find(call.store, call.identifier).external_id)
