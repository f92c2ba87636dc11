"""Requests to pay several invoices."""

from lago_async.sandbox._money import amounts
from lago_async.sandbox._operations import customer_views, customers, list_filters
from lago_async.sandbox._operations.billing_entities import entity_codes
from lago_async.sandbox._operations.invoice_views import base_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.payments import PaymentRequest
from lago_async.sandbox._state.store import Store


def request_json(store: Store, request: PaymentRequest) -> JsonObject:
    """Return a payment request as responses show it."""
    return {
        "lago_id": request.lago_id,
        "email": request.email,
        "amount_cents": request.amount_cents,
        "amount_currency": request.currency,
        "payment_status": request.payment_status,
        "created_at": to_iso(request.created_at),
        "customer": customer_views.plain_json(request.customer),
        "invoices": [base_json(store, invoice) for invoice in request.invoices],
    }


@handles("create_payment_request")
def create_payment_request(call: OperationCall) -> JsonObject:
    """Request the payment of overdue invoices of one customer, in one currency."""
    store, given = call.store, call.envelope()
    if not store.premium:
        raise refusals.forbidden("feature_unavailable")
    customer = customers.find(store, given.filled("external_customer_id"))
    wanted = given.strings("lago_invoice_ids") or []
    invoices = [invoice for invoice in store.invoices if invoice.lago_id in wanted and invoice.customer is customer]
    if not invoices:
        raise refusals.not_found("invoice")
    if not all(invoice.payment_overdue for invoice in invoices):
        raise refusals.not_allowed("invoices_not_overdue")
    if len({invoice.currency for invoice in invoices}) > 1:
        raise refusals.not_allowed("invoices_have_different_currencies")
    request = PaymentRequest(
        created_at=store.now,
        customer=customer,
        email=given.text("email") or _text(customer.columns.get("email")),
        currency=invoices[0].currency,
        invoices=invoices,
        amount_cents=sum(amounts.due_cents(invoice) for invoice in invoices),
    )
    store.payment_requests.add(request)
    store.emit("payment_request.created", request)
    return request_json(store, request)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


@handles("find_payment_request")
def find_payment_request(call: OperationCall) -> JsonObject:
    """Return one payment request."""
    request = call.store.payment_requests.find(call.identifier)
    if request is None:
        raise refusals.not_found("payment_request")
    return request_json(call.store, request)


def _requests(call: OperationCall, customer_id: str | None) -> PagedList:
    store, params = call.store, call.params
    entities = list_filters.entity_codes(call, entity_codes(store))
    status, currency = params.filled("payment_status"), params.filled("currency")
    found = [
        request
        for request in store.payment_requests.newest_first()
        if customer_id in {None, request.customer.external_id}
        and status in {None, request.payment_status}
        and currency in {None, request.currency}
        and (not entities or any(invoice.customer.billing_entity_code in entities for invoice in request.invoices))
    ]
    return Window.of(params).page(found, lambda request: encode(request_json(store, request)))


@handles("find_all_payment_requests")
def find_all_payment_requests(call: OperationCall) -> PagedList:
    """List the payment requests to all customers that match, newest first."""
    return _requests(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_payment_requests")
def find_all_customer_payment_requests(call: OperationCall) -> PagedList:
    """List the payment requests to one customer, who must exist."""
    return _requests(call, customers.find(call.store, call.identifier).external_id)
