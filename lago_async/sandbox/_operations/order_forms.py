"""Order forms: found, listed, signed, voided."""

import base64
import binascii
import re

from lago_async.sandbox._operations import order_filters
from lago_async.sandbox._operations.order_filters import OrderFilters, fits, one_of, within
from lago_async.sandbox._operations.order_gates import EXECUTION_MODES, check_gates, next_number
from lago_async.sandbox._operations.quote_items import covers
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.quotes import Order, OrderForm
from lago_async.sandbox._state.store import Store

_STATUSES = ("generated", "signed", "expired", "voided")
_DOCUMENT_TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_DATA_URI = re.compile(r"data:([^;,]+);base64,(.+)", re.DOTALL).fullmatch


def form_json(store: Store, form: OrderForm) -> JsonObject:
    """Return an order form as responses show it."""
    quote = form.version.quote
    return {
        "lago_id": form.lago_id,
        "number": form.number,
        "status": form.status,
        "void_reason": form.void_reason,
        "expires_at": to_iso_or_null(form.expires_at),
        "signed_at": to_iso_or_null(form.signed_at),
        "voided_at": to_iso_or_null(form.voided_at),
        "signed_document_url": None if form.document_name is None else documents.url(store, form.document_name),
        "lago_organization_id": store.organization_id,
        "lago_customer_id": quote.customer.lago_id,
        "lago_quote_id": quote.lago_id,
        "lago_quote_version_id": form.version.lago_id,
        "created_at": to_iso(form.created_at),
        "updated_at": to_iso(form.updated_at),
    }


def _find(store: Store, lago_id: str) -> OrderForm:
    form = store.order_forms.find(lago_id)
    if form is None:
        raise refusals.not_found("order_form")
    return form


@handles("find_all_order_forms")
def find_all_order_forms(call: OperationCall) -> PagedList:
    """List the forms that match, newest first."""
    store = check_gates(call)
    given = OrderFilters(call.params)
    statuses = given.one_or_list("status", one_of(*_STATUSES))
    customers = given.one_or_list("customer_id", order_filters.uuid)
    numbers = given.one_or_list("number", order_filters.any_text)
    quotes = given.one_or_list("quote_number", order_filters.any_text)
    owners = given.one_or_list("owner_id", order_filters.uuid)
    names = ("created_at_from", "created_at_to", "expires_at_from", "expires_at_to")
    created_from, created_to, expires_from, expires_to = (given.time(name, "must be a time") for name in names)
    given.refuse()
    term = (call.params.filled("search_term") or "").lower()

    def matches(form: OrderForm) -> bool:
        quote = form.version.quote
        return (
            fits(form.status, statuses)
            and fits(quote.customer.lago_id, customers)
            and fits(form.number, numbers)
            and fits(quote.number, quotes)
            and (owners is None or not quote.owners.keys().isdisjoint(owners))
            and term in form.number.lower()
            and within(form.created_at, created_from, created_to)
            and within(form.expires_at, expires_from, expires_to)
        )

    found = [form for form in store.order_forms.newest_first() if matches(form)]
    return Window.of(call.params).page(found, lambda form: encode(form_json(store, form)))


@handles("find_order_form")
def find_order_form(call: OperationCall) -> JsonObject:
    """Return one form."""
    store = check_gates(call)
    return form_json(store, _find(store, call.identifier))


@handles("mark_order_form_as_signed")
def mark_order_form_as_signed(call: OperationCall) -> JsonObject:
    """Sign a form, and make its order, which the clock executes if a time is sent."""
    store = check_gates(call, licence=True)
    form = _find(store, call.identifier)
    given = call.params.fields("order_form")
    mode = given.filled("execution_mode")
    if mode is not None and mode not in EXECUTION_MODES:
        raise refusals.invalid_field("execution_mode", "value_is_invalid")
    execute_at = parse_timestamp(given.raw("execute_at"))
    if given.raw("execute_at") not in (None, "", [], {}):
        if mode is None:
            raise refusals.invalid_field("execution_mode", "value_is_mandatory")
        if execute_at is None or execute_at <= store.now:
            raise refusals.invalid_field("execute_at", "invalid_date")
        if not covers(form.version, execute_at):
            raise refusals.invalid_field("execute_at", "after_deal_expiration")
    document = _document(given.filled("signed_document"))
    if form.status != "generated":
        raise refusals.invalid_field("status", "not_signable")
    if document is not None:
        content, kind = document
        form.document_name = f"order_forms/{form.lago_id}.{_DOCUMENT_TYPES[kind]}"
        documents.upload(store, form.document_name, content, kind)
    form.status, form.signed_at, form.updated_at = "signed", store.now, store.now
    items = form.version.billing_items
    order = Order(
        created_at=store.now,
        updated_at=store.now,
        number=next_number("OR", store.orders, store.now),
        form=form,
        billing_snapshot=items if isinstance(items, dict) else {},
        execution_mode=mode,
        execute_at=execute_at,
    )
    store.orders.add(order)
    store.emit("order_form.signed", form)
    store.emit("order.created", order)
    return form_json(store, form)


@handles("void_order_form")
def void_order_form(call: OperationCall) -> JsonObject:
    """Void a form that is neither signed nor voided nor expired."""
    store = check_gates(call, licence=True)
    form = _find(store, call.identifier)
    if form.status != "generated":
        raise refusals.invalid_field("status", "not_voidable")
    form.void("voided", "manual", store.now)
    store.emit("order_form.voided", form)
    store.emit("quote.voided", form.version)
    return form_json(store, form)


def _document(uri: str | None) -> tuple[bytes, str] | None:
    """Return the document in a data URI, and its type."""
    if uri is None:
        return None
    found = _DATA_URI(uri)
    if found is None:
        raise refusals.invalid_field("signed_document", "invalid_format")
    if found[1] not in _DOCUMENT_TYPES:
        raise refusals.invalid_field("signed_document", "invalid_content_type")
    try:
        return base64.b64decode(found[2], validate=True), found[1]
    except binascii.Error:
        raise refusals.invalid_field("signed_document", "invalid_format") from None
