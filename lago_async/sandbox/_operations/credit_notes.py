"""Credit notes: created, estimated, changed, voided, and listed."""

from decimal import Decimal
from fractions import Fraction

from lago_async.sandbox._money import rounding
from lago_async.sandbox._money.credit_notes import (
    create,
    creditable_cents,
    item_base,
    item_of,
    items_total,
    refundable_cents,
    void,
)
from lago_async.sandbox._money.rounding import exact_text
from lago_async.sandbox._operations import customers, list_filters
from lago_async.sandbox._operations.billing_entities import entity_codes, entity_of
from lago_async.sandbox._operations.credit_note_rules import (
    KINDS,
    check_amounts,
    check_fields,
    check_licence,
    items_of,
)
from lago_async.sandbox._operations.credit_note_views import document_json, note_json
from lago_async.sandbox._operations.customer_filters import mentions
from lago_async.sandbox._operations.enumeration_filters import taken
from lago_async.sandbox._operations.invoices import by_id
from lago_async.sandbox._operations.item_metadata import given_metadata
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.invoices import CreditNote, CreditNoteItem, Invoice
from lago_async.sandbox._state.store import Store

_REFUND_STATUSES = ("pending", "succeeded", "failed")


def check_for_voided(store: Store, invoice: Invoice, credit: int, refund: int) -> None:
    """Refuse to give back more than the amount of an invoice that is voided; credit notes need a licence."""
    check_licence(store)
    most = creditable_cents(store, invoice)
    if credit > most or refund > refundable_cents(store, invoice) or credit + refund > most:
        raise refusals.invalid_field("credit_refund_amount", "total_amount_exceeds_invoice_amount")


def create_for_voided(store: Store, invoice: Invoice, credit: int, refund: int) -> None:
    """Create the credit note that was asked for, and another one for the rest, which is void itself."""
    description = f"Credit note created due to voided invoice {invoice.lago_id}"

    def left() -> list[CreditNoteItem]:
        rest = ((fee, fee.amount_cents - fee.credited_cents) for fee in invoice.fees)
        return [item_of(store, fee, Decimal(amount)) for fee, amount in rest if amount > 0]

    if credit + refund > 0:
        whole = items_total(left()).total_cents
        ratio = Fraction(credit + refund, whole) if whole else Fraction(0)
        items = [item_of(store, item.fee, rounding.part_of(item.amount_cents, ratio)) for item in left()]
        create(store, invoice, items, credit=credit, refund=refund, offset=0, description=description)
    rest = creditable_cents(store, invoice)
    if rest > 0:
        note = create(store, invoice, left(), credit=rest, refund=0, offset=0, description=description)
        void(store, note)


@handles("create_credit_note")
def create_credit_note(call: OperationCall) -> JsonObject:
    """Give back a part of an invoice. Credit, refund and offset must add up to the items, within the limits."""
    store, given = call.store, call.envelope()
    invoice = by_id(store, given.text("invoice_id"))
    check_licence(store)
    cents = {kind: given.integer(f"{kind}_amount_cents") or 0 for kind in KINDS}
    if invoice.invoice_type == "credit" and invoice.payment_status != "succeeded" and cents["credit"] + cents["refund"]:
        raise refusals.not_allowed("invalid_type_or_status")
    reason = given.text("reason") or "other"
    check_fields(reason, cents)
    metadata = given_metadata(given)
    items = items_of(store, invoice, given)
    check_amounts(store, invoice, items, cents)
    note = create(
        store,
        invoice,
        items,
        credit=cents["credit"],
        refund=cents["refund"],
        offset=cents["offset"],
        reason=reason,
        description=given.text("description"),
    )
    note.metadata = metadata
    # The document is made after the response.
    return {**note_json(store, note), "file_url": None}


@handles("estimate_credit_note")
def estimate_credit_note(call: OperationCall) -> JsonObject:
    """Return the amount of some items of an invoice, and how much of it may be credited, refunded or offset."""
    store, given = call.store, call.envelope("credit_note")
    invoice = by_id(store, given.text("invoice_id"))
    check_licence(store)
    if invoice.invoice_type == "credit" and invoice.payment_status != "succeeded":
        raise refusals.not_allowed("invalid_type_or_status")
    items = items_of(store, invoice, given)
    total = items_total(items)
    sub_total = total.sub_total_cents
    taxes: list[Json] = []
    for tax in {tax.lago_id: tax for item in items for tax in item.fee.taxes}.values():
        exact = sum(
            (item_base(item) for item in items if any(own.lago_id == tax.lago_id for own in item.fee.taxes)), Decimal(0)
        )
        base = rounding.whole(exact)
        taxes.append(
            {
                "lago_id": None,
                "lago_credit_note_id": None,
                "lago_tax_id": tax.lago_id,
                "tax_name": tax.name,
                "tax_code": tax.code,
                "tax_rate": float(tax.rate),
                "tax_description": tax.description,
                "base_amount_cents": base,
                "amount_cents": rounding.whole((exact * tax.rate).scaleb(-2)),
                "amount_currency": invoice.currency,
                "created_at": None,
            }
        )
    return {
        "lago_invoice_id": invoice.lago_id,
        "invoice_number": invoice.number,
        "currency": invoice.currency,
        "taxes_amount_cents": total.taxes_cents,
        "precise_taxes_amount_cents": exact_text(Fraction(total.taxes)),
        "taxes_rate": rounding.percentage(total.taxes, total.precise_cents - total.coupons),
        "sub_total_excluding_taxes_amount_cents": sub_total,
        "max_creditable_amount_cents": min(total.total_cents, creditable_cents(store, invoice)),
        "max_refundable_amount_cents": max(0, min(total.total_cents, refundable_cents(store, invoice))),
        "coupons_adjustment_amount_cents": total.coupons_cents,
        "precise_coupons_adjustment_amount_cents": exact_text(Fraction(total.coupons)),
        "items": [{"amount_cents": item.amount_cents, "lago_fee_id": item.fee.lago_id} for item in items],
        "applied_taxes": taxes,
    }


def find(call: OperationCall) -> CreditNote:
    """Return the credit note that the path names."""
    note = call.store.credit_notes.find(call.identifier)
    if note is None:
        raise refusals.not_found("credit_note")
    return note


@handles("find_credit_note")
def find_credit_note(call: OperationCall) -> JsonObject:
    """Return one credit note."""
    return note_json(call.store, find(call))


@handles("update_credit_note")
def update_credit_note(call: OperationCall) -> JsonObject:
    """Set the status of a refund, or replace the metadata."""
    note, given = find(call), call.envelope()
    if given.has("refund_status"):
        status = given.text("refund_status")
        if status not in {None, *_REFUND_STATUSES}:
            raise refusals.invalid_field("refund_status", "value_is_invalid")
        note.refund_status = status
    if given.has("metadata"):
        note.metadata = given.mapping("metadata") or None
    note.updated_at = call.store.now
    return note_json(call.store, note)


@handles("void_credit_note")
def void_credit_note(call: OperationCall) -> JsonObject:
    """Void the rest of the credit."""
    note = find(call)
    if note.credit_status != "available" or note.balance_cents == 0:
        raise refusals.not_allowed("no_voidable_amount")
    void(call.store, note)
    return note_json(call.store, note)


@handles("download_credit_note")
@handles("download_credit_note_pdf")
def download_credit_note(call: OperationCall) -> JsonObject:
    """Return the link to the document, which exists from the note's creation on."""
    return document_json(call.store, find(call))


@handles("download_credit_note_xml")
def download_credit_note_xml(call: OperationCall) -> JsonObject:
    """Return the credit note with the link to its document; 501 for an entity that makes electronic invoices."""
    note = find(call)
    if entity_of(call.store, note.invoice.customer)["einvoicing"]:
        raise refusals.not_simulated()
    return document_json(call.store, note)


def _page(call: OperationCall, customer_id: str | None) -> PagedList:
    store, params = call.store, call.params
    entities = list_filters.entity_codes(call, entity_codes(store))
    accepted = {name: values for name in ("reason", "credit_status", "refund_status") if (values := taken(call, name))}
    currency, number = params.filled("currency"), params.filled("invoice_number")
    types = taken(call, "types")
    order, billed = params.filled("purchase_order_number"), params.boolean("self_billed")
    lowest, highest = params.integer("amount_from"), params.integer("amount_to")
    since, until = list_filters.day(params, "issuing_date_from"), list_filters.day(params, "issuing_date_to")
    term = (params.filled("search_term") or "").strip()

    def matches(note: CreditNote) -> bool:
        invoice = note.invoice
        own = {"reason": note.reason, "credit_status": note.credit_status, "refund_status": note.refund_status}
        cents = {"credit": note.credit_cents, "refund": note.refund_cents, "offset": note.offset_cents}
        return (
            customer_id in {None, invoice.customer.external_id}
            and currency in {None, invoice.currency}
            and number in {None, invoice.number}
            and all(own[name] in wanted for name, wanted in accepted.items())
            and (not types or any(cents[kind] > 0 for kind in types))
            and (not entities or invoice.customer.billing_entity_code in entities)
            and (order is None or (invoice.purchase_order_number or "").lower() == order.lower())
            and billed is not True
            and (lowest is None or note.total_cents >= lowest)
            and (highest is None or note.total_cents <= highest)
            and (since is None or note.issuing_date >= since)
            and (until is None or note.issuing_date <= until)
            and (not term or mentions(invoice.customer, term, note.lago_id, note.number))
        )

    found = [note for note in store.credit_notes.newest_first() if matches(note)]
    return Window.of(params).page(found, lambda note: encode(note_json(store, note)))


@handles("find_all_credit_notes")
def find_all_credit_notes(call: OperationCall) -> PagedList:
    """List the credit notes of all customers that match, newest first."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_credit_notes")
def find_all_customer_credit_notes(call: OperationCall) -> PagedList:
    """List the credit notes of one customer, who must exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
