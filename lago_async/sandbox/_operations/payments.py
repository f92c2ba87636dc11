"""Payments that are entered by hand."""

from lago_async.sandbox._money import amounts, invoicing
from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.invoices import by_id
from lago_async.sandbox._operations.payment_receipts import file_name, receipts_of
from lago_async.sandbox._operations.payment_views import invoices_of, payment_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.payments import Payment, PaymentReceipt


@handles("create_payment")
def create_payment(call: OperationCall) -> JsonObject:
    """Record a payment. The invoice is paid when nothing is due any more; a larger amount is refused."""
    store, given = call.store, call.envelope()
    reference, amount = given.filled("reference"), given.integer("amount_cents")
    found = refusals.FieldErrors()
    for name in ("invoice_id", "reference", "amount_cents"):
        if given.filled(name) is None:
            found.add(name, "value_is_mandatory")
    paid_at = parse_timestamp(given.raw("paid_at"))
    if given.filled("paid_at") is not None and paid_at is None:
        found.add("paid_at", "invalid_date")
    found.refuse()
    invoice = by_id(store, given.text("invoice_id"))
    if invoice.status != "finalized":
        raise refusals.not_allowed("invoice_not_finalized")
    if invoice.payment_status == "succeeded":
        raise refusals.not_allowed("invoice_payment_already_succeeded")
    if amount is None or not 0 < amount <= amounts.due_cents(invoice):
        raise refusals.invalid_field("amount_cents", "invalid_amount")
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
    number = f"{invoice.customer.slug}-RCPT-{len(receipts_of(store, invoice)) + 1:03d}"
    receipt = PaymentReceipt(created_at=store.now, payment=payment, number=number)
    documents.make(store, file_name(receipt), [f"Receipt {number}", f"{amount} {invoice.currency} subunits"])
    store.payment_receipts.add(receipt)
    return payment_json(payment)


@handles("find_payment")
def find_payment(call: OperationCall) -> JsonObject:
    """Return one payment."""
    payment = call.store.payments.find(call.identifier)
    if payment is None:
        raise refusals.not_found("payment")
    return payment_json(payment)


def _payments(call: OperationCall, customer_id: str | None) -> PagedList:
    invoice_id = call.params.filled("invoice_id")
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
