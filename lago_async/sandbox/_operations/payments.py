"""Payments, their receipts, requests for payment, and how customers pay."""

from lago_async.sandbox._money import invoicing
from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.invoices import base_json, by_id
from lago_async.sandbox._operations.registry import Call, Page, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode, iso, parse_moment
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.invoice_records import (
    Invoice,
    Payment,
    PaymentMethod,
    PaymentReceipt,
    PaymentRequest,
)
from lago_async.sandbox._state.store import Store


def _invoices(payment: Payment) -> list[Invoice]:
    payable = payment.payable
    return [payable] if isinstance(payable, Invoice) else payable.invoices


def payment_json(payment: Payment) -> JsonObject:
    """A payment."""
    invoices = _invoices(payment)
    return {
        "lago_id": payment.lago_id,
        "lago_customer_id": payment.customer.lago_id,
        "external_customer_id": payment.customer.external_id,
        "invoice_ids": [invoice.lago_id for invoice in invoices],
        "invoice_numbers": [invoice.number for invoice in invoices],
        "lago_payable_id": payment.payable.lago_id,
        "payable_type": "Invoice" if isinstance(payment.payable, Invoice) else "PaymentRequest",
        "amount_cents": payment.amount_cents,
        "amount_currency": payment.currency,
        "status": "succeeded",
        "payment_status": "succeeded",
        "type": "manual",
        "reference": payment.reference,
        "payment_provider_code": None,
        "payment_provider_type": None,
        "external_payment_id": None,
        "provider_payment_id": None,
        "provider_customer_id": None,
        "next_action": None,
        "created_at": iso(payment.created_at),
    }


@handles("create_payment")
def create_payment(call: Call) -> JsonObject:
    """Enter a payment by hand. An invoice is paid with the last of what is due; more than that is refused."""
    store, given = call.store, call.envelope()
    reference, amount = given.filled("reference"), given.integer("amount_cents")
    found = refusals.Errors()
    for name in ("invoice_id", "reference", "amount_cents"):
        if given.filled(name) is None:
            found.add(name, "value_is_mandatory")
    if given.filled("paid_at") is not None and parse_moment(given.raw("paid_at")) is None:
        found.add("paid_at", "invalid_date")
    found.refuse()
    invoice = by_id(store, given.text("invoice_id"))
    if invoice.status != "finalized":
        raise refusals.not_allowed("invoice_not_finalized")
    if invoice.payment_status == "succeeded":
        raise refusals.not_allowed("invoice_payment_already_succeeded")
    if amount is None or not 0 < amount <= invoice.due_cents:
        raise refusals.invalid_field("amount_cents", "invalid_amount")
    payment = Payment(
        created_at=store.now,
        customer=invoice.customer,
        payable=invoice,
        amount_cents=amount,
        currency=invoice.currency,
        reference=reference or "",
    )
    store.payments.add(payment)
    invoicing.pay(store, invoice, amount)
    number = f"{invoice.customer.slug}-RCPT-{len(_receipts(store, invoice)) + 1:03d}"
    receipt = PaymentReceipt(created_at=store.now, payment=payment, number=number)
    documents.make(store, _file_name(receipt), [f"Receipt {number}", f"{amount} {invoice.currency} subunits"])
    store.payment_receipts.add(receipt)
    return payment_json(payment)


@handles("find_payment")
def find_payment(call: Call) -> JsonObject:
    """One payment."""
    payment = call.store.payments.find(call.identifier)
    if payment is None:
        raise refusals.not_found("payment")
    return payment_json(payment)


def _payments(call: Call, customer_id: str | None) -> Page:
    invoice_id = call.params.filled("invoice_id")
    found = [
        payment
        for payment in call.store.payments.newest_first()
        if customer_id in {None, payment.customer.external_id}
        and (invoice_id is None or any(invoice.lago_id == invoice_id for invoice in _invoices(payment)))
    ]
    return Window.of(call.params).page(found, lambda payment: encode(payment_json(payment)))


@handles("find_all_payments")
def find_all_payments(call: Call) -> Page:
    """Payments of everybody that match, newest first."""
    return _payments(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_payments")
def find_all_customer_payments(call: Call) -> Page:
    """Payments of one customer, who has to exist."""
    return _payments(call, customers.find(call.store, call.identifier).external_id)


def _file_name(receipt: PaymentReceipt) -> str:
    return f"payment_receipts/{receipt.lago_id}.pdf"


def _receipt_json(store: Store, receipt: PaymentReceipt) -> JsonObject:
    return {
        "lago_id": receipt.lago_id,
        "number": receipt.number,
        "payment": payment_json(receipt.payment),
        "file_url": documents.url(store, _file_name(receipt)),
        "xml_url": None,
        "created_at": iso(receipt.created_at),
    }


def _receipts(store: Store, invoice: Invoice) -> list[PaymentReceipt]:
    return [each for each in store.payment_receipts.newest_first() if invoice in _invoices(each.payment)]


@handles("find_payment_receipt")
def find_payment_receipt(call: Call) -> JsonObject:
    """One receipt, which is missed as an invoice."""
    receipt = call.store.payment_receipts.find(call.identifier)
    if receipt is None:
        raise refusals.not_found("invoice")
    return _receipt_json(call.store, receipt)


@handles("find_all_payment_receipts")
def find_all_payment_receipts(call: Call) -> Page:
    """Receipts, of one invoice or of all, newest first."""
    store, invoice_id = call.store, call.params.filled("invoice_id")
    invoice = None if invoice_id is None else by_id(store, invoice_id)
    found = store.payment_receipts.newest_first() if invoice is None else _receipts(store, invoice)
    return Window.of(call.params).page(found, lambda receipt: encode(_receipt_json(store, receipt)))


def _request_json(store: Store, request: PaymentRequest) -> JsonObject:
    return {
        "lago_id": request.lago_id,
        "email": request.email,
        "amount_cents": request.amount_cents,
        "amount_currency": request.currency,
        "payment_status": request.payment_status,
        "created_at": iso(request.created_at),
        "customer": customers.embedded_json(request.customer),
        "invoices": [base_json(store, invoice) for invoice in request.invoices],
    }


@handles("create_payment_request")
def create_payment_request(call: Call) -> JsonObject:
    """Ask for all overdue invoices at once; of one customer, in one currency."""
    store, given = call.store, call.envelope()
    customer = customers.find(store, given.filled("external_customer_id"))
    invoices = [by_id(store, lago_id) for lago_id in given.strings("lago_invoice_ids") or []]
    if not invoices or any(invoice.customer is not customer for invoice in invoices):
        raise refusals.not_found("invoice")
    if not all(invoice.overdue(store.now.date()) for invoice in invoices):
        raise refusals.not_allowed("invoices_not_overdue")
    if len({invoice.currency for invoice in invoices}) > 1:
        raise refusals.not_allowed("invoices_have_different_currencies")
    request = PaymentRequest(
        created_at=store.now,
        customer=customer,
        email=given.filled("email") or _text(customer.columns.get("email")),
        currency=invoices[0].currency,
        invoices=invoices,
        amount_cents=sum(invoice.due_cents for invoice in invoices),
    )
    store.payment_requests.add(request)
    return _request_json(store, request)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


@handles("find_payment_request")
def find_payment_request(call: Call) -> JsonObject:
    """One request for payment."""
    request = call.store.payment_requests.find(call.identifier)
    if request is None:
        raise refusals.not_found("payment_request")
    return _request_json(call.store, request)


def _requests(call: Call, customer_id: str | None) -> Page:
    store, params = call.store, call.params
    status, currency = params.filled("payment_status"), params.filled("currency")
    found = [
        request
        for request in store.payment_requests.newest_first()
        if customer_id in {None, request.customer.external_id}
        and status in {None, request.payment_status}
        and currency in {None, request.currency}
    ]
    return Window.of(params).page(found, lambda request: encode(_request_json(store, request)))


@handles("find_all_payment_requests")
def find_all_payment_requests(call: Call) -> Page:
    """Requests to everybody that match, newest first."""
    return _requests(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_payment_requests")
def find_all_customer_payment_requests(call: Call) -> Page:
    """Requests to one customer, who has to exist."""
    return _requests(call, customers.find(call.store, call.identifier).external_id)


def _method_json(method: PaymentMethod) -> JsonObject:
    return {
        "lago_id": method.lago_id,
        "is_default": method.is_default,
        "payment_provider_code": method.provider_code,
        "payment_provider_name": method.provider_kind.capitalize(),
        "payment_provider_type": method.provider_kind,
        "provider_method_id": method.provider_method_id,
        "created_at": iso(method.created_at),
    }


def _methods(call: Call) -> list[PaymentMethod]:
    customer = customers.find(call.store, call.identifier)
    return [method for method in call.store.payment_methods.newest_first() if method.customer is customer]


def _method(call: Call) -> PaymentMethod:
    for method in _methods(call):
        if method.lago_id == call.path_params[1]:
            return method
    raise refusals.not_found("payment_method")


@handles("find_all_customers_payment_methods")
def find_all_customers_payment_methods(call: Call) -> Page:
    """How a customer can pay; the first way comes with the customer's payment provider."""
    return Window.of(call.params).page(_methods(call), lambda method: encode(_method_json(method)))


@handles("payment_method_set_as_default")
def payment_method_set_as_default(call: Call) -> JsonObject:
    """Pay this way from now on."""
    chosen = _method(call)
    for method in _methods(call):
        method.is_default = method is chosen
    return _method_json(chosen)


@handles("destroy_payment_method")
def destroy_payment_method(call: Call) -> JsonObject:
    """Never pay this way again."""
    method = _method(call)
    call.store.payment_methods.discard(method, call.store.now)
    method.is_default = False
    return _method_json(method)
