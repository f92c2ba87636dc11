"""Invoices: found, listed, created from add-ons, changed."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import invoice_fees, invoicing
from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.billing_entities import check_entity
from lago_async.sandbox._operations.invoice_filters import invoice_conditions
from lago_async.sandbox._operations.invoice_views import before_rendering, invoice_json, listed_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.taxes import find_taxes
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.catalogue import AddOn
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee, InvoiceMetadata
from lago_async.sandbox._state.store import Store

_PAYMENT_STATUSES = ("pending", "succeeded", "failed")
_METADATA_MAX = 5
_KEY_LENGTH, _VALUE_LENGTH = 20, 140


def find(call: OperationCall) -> Invoice:
    """Return the invoice that the path names."""
    return by_id(call.store, call.identifier)


def by_id(store: Store, lago_id: str | None) -> Invoice:
    """Return the invoice with this id, or refuse with a 404."""
    invoice = store.invoices.find(lago_id)
    if invoice is None:
        raise refusals.not_found("invoice")
    return invoice


@handles("find_invoice")
def find_invoice(call: OperationCall) -> JsonObject:
    """Return one invoice."""
    return invoice_json(call.store, find(call))


def _page(call: OperationCall, customer_id: str | None) -> PagedList:
    conditions = invoice_conditions(call)
    store = call.store
    found = [
        invoice
        for invoice in store.invoices.newest_first()
        if customer_id in {None, invoice.customer.external_id} and all(matches(invoice) for matches in conditions)
    ]
    found.sort(key=lambda invoice: invoice.issuing_date, reverse=True)
    return Window.of(call.params).page(found, lambda invoice: encode(listed_json(store, invoice)))


@handles("find_all_invoices")
def find_all_invoices(call: OperationCall) -> PagedList:
    """List the invoices of all customers that match, latest issuing date first."""
    return _page(call, call.params.filled("external_customer_id") or call.params.filled("customer_external_id"))


@handles("find_all_customer_invoices")
def find_all_customer_invoices(call: OperationCall) -> PagedList:
    """List the invoices of one customer, who must exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)


def one_off_fee(store: Store, customer: Customer, currency: str, given: Fields, add_ons: Iterable[AddOn]) -> InvoiceFee:
    """Return the fee of one of these add-ons; values that were not given are taken from the add-on."""
    add_on = next((each for each in add_ons if each.code == given.text("add_on_code")), None)
    if add_on is None:
        raise refusals.not_found("add_on")
    starts, ends = _boundaries(given)
    codes = given.strings("tax_codes")
    taxes = add_on.taxes or customer.taxes or store.entity_taxes(customer.billing_entity_code)
    units, unit_amount = given.decimal("units"), given.integer("unit_amount_cents")
    fee = invoice_fees.add_on_fee(
        store,
        customer,
        add_on,
        currency=currency,
        units=Decimal(1) if units is None else units,
        unit_amount_cents=add_on.amount_cents if unit_amount is None else unit_amount,
        taxes=taxes if codes is None else find_taxes(store, codes),
        shown=given.filled("invoice_display_name"),
    )
    sent = given.text("description")
    fee.description = add_on.description if sent is None else sent
    # Without boundaries it is for the time of the request.
    fee.starts, fee.ends = starts or store.now, ends or store.now
    return fee


def _boundaries(given: Fields) -> tuple[datetime | None, datetime | None]:
    """Return the bounds of a fee: both or none, and in this order."""
    if given.raw("from_datetime") is None and given.raw("to_datetime") is None:
        return None, None
    starts, ends = (parse_timestamp(given.raw(f"{name}_datetime")) for name in ("from", "to"))
    if starts is None or ends is None or starts > ends:
        raise refusals.invalid_field("boundaries", "values_are_invalid")
    return starts, ends


@handles("create_invoice")
def create_invoice(call: OperationCall) -> JsonObject:
    """Invoice add-ons at once; values that were not sent are taken from the add-on."""
    store, given = call.store, call.envelope()
    customer = customers.find(store, given.filled("external_customer_id"))
    wanted = given.list_of_fields("fees")
    if not wanted:
        raise refusals.not_found("fees")
    if any(store.add_ons.find(item.text("add_on_code")) is None for item in wanted):
        raise refusals.not_found("add_on")
    check_entity(store, given)
    refuse_unsimulated(store, "invoice", given, customer)
    currency = given.filled("currency") or customer.currency
    if currency is None or currency not in CURRENCIES:
        raise refusals.invalid_field("currency", "value_is_invalid")
    fees = [one_off_fee(store, customer, currency, item, store.add_ons) for item in wanted]
    if customer.currency is None:
        customer.columns["currency"] = currency
    invoice = invoicing.new_invoice(
        store,
        customer,
        invoice_type="one_off",
        currency=currency,
        purchase_order_number=given.text("purchase_order_number"),
    )
    invoicing.add_fees(store, invoice, fees)
    invoicing.settle(store, invoice)
    return before_rendering(invoice_json(store, invoice))


def _metadata(store: Store, invoice: Invoice, wanted: list[Fields]) -> list[InvoiceMetadata]:
    """Replace metadata by id, like the metadata of customers."""
    known = {item.lago_id: item for item in invoice.metadata}
    items: list[InvoiceMetadata] = []
    for entry in wanted:
        old = known.get(entry.text("id") or "")
        shown = entry if old is None else entry.over({"key": old.key, "value": old.value})
        key, value = shown.filled("key") or "", shown.filled("value") or ""
        others = {item.key for item in (*invoice.metadata, *items) if old is None or item.lago_id != old.lago_id}
        found = refusals.FieldErrors()
        for holds, field, code in (
            (bool(key), "key", "value_is_mandatory"),
            (key not in others, "key", "value_already_exist"),
            (len(key) <= _KEY_LENGTH, "key", "value_is_too_long"),
            (bool(value), "value", "value_is_mandatory"),
            (len(value) <= _VALUE_LENGTH, "value", "value_is_too_long"),
        ):
            if not holds:
                found.add(field, code)
        found.refuse()
        item = InvoiceMetadata(created_at=store.now, key=key, value=value)
        if old is not None:
            item.lago_id, item.created_at = old.lago_id, old.created_at
        items.append(item)
    return items


@handles("update_invoice")
def update_invoice(call: OperationCall) -> JsonObject:
    """Set the payment status or the metadata of an invoice; a draft accepts neither."""
    store, invoice, given = call.store, find(call), call.envelope()
    status = given.text("payment_status")
    wanted = given.list_of_fields("metadata")
    if invoice.status == "voided":
        raise refusals.not_allowed("update_on_voided_invoice")
    if invoice.status == "draft" and wanted is not None:
        raise refusals.not_allowed("metadata_on_draft_invoice")
    if given.has("payment_status") and status not in _PAYMENT_STATUSES:
        raise refusals.invalid_field("payment_status", "value_is_invalid")
    if len(wanted or ()) > _METADATA_MAX:
        raise refusals.invalid_field("metadata", "invalid_count")
    if invoice.status == "draft" and status not in {None, invoice.payment_status}:
        raise refusals.not_allowed("payment_status_update_on_draft_invoice")
    if wanted is not None:
        invoice.metadata = _metadata(store, invoice, wanted)
    before = {fee.lago_id: fee.payment_status for fee in invoice.fees}
    if status is not None and status != invoice.payment_status:
        invoicing.set_payment_status(store, invoice, status)
        store.emit("invoice.payment_status_updated", invoice)
    invoice.updated_at = store.now
    return _with_statuses(invoice_json(store, invoice), before)


def _with_statuses(shown: JsonObject, before: dict[str, str]) -> JsonObject:
    """Return an invoice with the statuses that its fees had: a job sets them after the response."""
    fees = shown["fees"]
    for fee in fees if isinstance(fees, list) else ():
        if isinstance(fee, dict):
            fee["payment_status"] = before[str(fee["lago_id"])]
    return shown
