"""Credit notes: created, estimated, changed, voided, and listed."""

from lago_async.sandbox._money import amounts, rounding
from lago_async.sandbox._money.credit_notes import create, creditable_cents, items_total, notes_of, refundable_cents
from lago_async.sandbox._money.rounding import exact_text
from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.billing_entities import entity_of
from lago_async.sandbox._operations.credit_note_views import note_json
from lago_async.sandbox._operations.customer_filters import mentions
from lago_async.sandbox._operations.enumeration_filters import taken
from lago_async.sandbox._operations.invoices import by_id
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import NoBody, PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.invoices import CreditNote, CreditNoteItem, Invoice
from lago_async.sandbox._state.store import Store

_REASONS = (
    "duplicated_charge",
    "product_unsatisfactory",
    "order_change",
    "order_cancellation",
    "fraudulent_charge",
    "other",
)

_REFUND_STATUSES = ("pending", "succeeded", "failed")


def _items(store: Store, invoice: Invoice, given: Fields) -> list[CreditNoteItem]:
    """Return the items that were sent; refuse more than is left of a fee."""
    notes = notes_of(store, invoice)
    items: list[CreditNoteItem] = []
    for entry in given.list_of_fields("items") or []:
        fee = next((fee for fee in invoice.fees if fee.lago_id == entry.text("fee_id")), None)
        if fee is None:
            raise refusals.not_found("fee")
        amount = entry.integer("amount_cents")
        if amount is None or amount < 0:
            raise refusals.invalid_field("amount_cents", "invalid_value")
        credited = sum(item.amount_cents for note in notes for item in note.items if item.fee is fee)
        if amount > fee.amount_cents - credited:
            raise refusals.invalid_field("amount_cents", "higher_than_remaining_fee_amount")
        items.append(CreditNoteItem(created_at=store.now, fee=fee, amount_cents=amount))
    if not items:
        raise refusals.invalid_field("items", "value_is_mandatory")
    return items


def create_for_voided(store: Store, invoice: Invoice, credit: int, refund: int) -> None:
    """Create the credit note for an invoice that is voided; credit and refund may not exceed its amount."""
    if credit + refund > creditable_cents(store, invoice):
        raise refusals.invalid_field("base", "total_amount_exceeds_invoice_amount")
    if refund > refundable_cents(store, invoice):
        raise refusals.invalid_field("refund_amount_cents", "higher_than_remaining_invoice_amount")
    items = [CreditNoteItem(created_at=store.now, fee=fee, amount_cents=fee.amount_cents) for fee in invoice.fees]
    create(store, invoice, items, credit=credit, refund=refund, offset=0)


@handles("create_credit_note")
def create_credit_note(call: OperationCall) -> JsonObject:
    """Give back a part of an invoice. Credit, refund and offset must add up to the items, within the limits."""
    store, given = call.store, call.envelope()
    invoice = by_id(store, given.text("invoice_id"))
    if invoice.status != "finalized":
        raise refusals.not_allowed("invalid_type_or_status")
    reason = given.filled("reason") or "other"
    if reason not in _REASONS:
        raise refusals.invalid_field("reason", "value_is_invalid")
    items = _items(store, invoice, given)
    credit, refund, offset = (given.integer(f"{name}_amount_cents") or 0 for name in ("credit", "refund", "offset"))
    found = refusals.FieldErrors()
    for name, amount, most in (
        ("credit", credit, creditable_cents(store, invoice)),
        ("refund", refund, refundable_cents(store, invoice)),
        ("offset", offset, amounts.due_cents(invoice)),
    ):
        if amount < 0:
            found.add(f"{name}_amount_cents", "invalid_value")
        elif amount > most:
            found.add(f"{name}_amount_cents", "higher_than_remaining_invoice_amount")
    found.refuse()
    total = credit + refund + offset
    if total > creditable_cents(store, invoice):
        raise refusals.invalid_field("base", "higher_than_remaining_invoice_amount")
    # Rounding may make a difference of one cent.
    if abs(total - items_total(items).total_cents) > 1:
        raise refusals.invalid_field("base", "does_not_match_item_amounts")
    note = create(store, invoice, items, credit=credit, refund=refund, offset=offset)
    note.reason, note.description = reason, given.text("description")
    note.metadata = given.mapping("metadata") or None
    return note_json(store, note)


@handles("estimate_credit_note")
def estimate_credit_note(call: OperationCall) -> JsonObject:
    """Return the amount of some items of an invoice, and how much of it may be credited, refunded or offset."""
    store, given = call.store, call.envelope("credit_note")
    invoice = by_id(store, given.text("invoice_id"))
    items = _items(store, invoice, given)
    total = items_total(items)
    sub_total = total.amount_cents - total.coupons_cents
    taxes: list[Json] = []
    for tax in dict.fromkeys(tax for item in items for tax in item.fee.taxes):
        base = sum(item.amount_cents for item in items if tax in item.fee.taxes)
        taxes.append(
            {
                "lago_tax_id": tax.lago_id,
                "tax_name": tax.name,
                "tax_code": tax.code,
                "tax_rate": float(tax.rate),
                "tax_description": tax.description,
                "base_amount_cents": base,
                "amount_cents": rounding.percent_of(base, tax.rate),
                "amount_currency": invoice.currency,
            }
        )
    return {
        "lago_invoice_id": invoice.lago_id,
        "invoice_number": invoice.number,
        "currency": invoice.currency,
        "taxes_amount_cents": total.taxes_cents,
        "precise_taxes_amount_cents": exact_text(total.taxes),
        "taxes_rate": rounding.taxes_rate(total.taxes, sub_total),
        "sub_total_excluding_taxes_amount_cents": sub_total,
        "max_creditable_amount_cents": min(total.total_cents, creditable_cents(store, invoice)),
        "max_refundable_amount_cents": max(0, min(total.total_cents, refundable_cents(store, invoice))),
        "max_offsettable_amount_cents": min(total.total_cents, amounts.due_cents(invoice)),
        "coupons_adjustment_amount_cents": total.coupons_cents,
        "precise_coupons_adjustment_amount_cents": exact_text(total.coupons),
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
        status = given.filled("refund_status")
        if status not in _REFUND_STATUSES:
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
    note.credit_status, note.balance_cents, note.updated_at = "voided", 0, call.store.now
    return note_json(call.store, note)


@handles("download_credit_note")
@handles("download_credit_note_pdf")
def download_credit_note(call: OperationCall) -> JsonObject | NoBody:
    """Create the document on the first call, and respond without a body; later calls return its link."""
    store, note = call.store, find(call)
    if note.file_name is not None:
        return note_json(store, note)
    name = f"credit_notes/{note.lago_id}.pdf"
    documents.make(store, name, [f"Credit note {note.number}", f"{note.total_cents} {note.invoice.currency} subunits"])
    note.file_name = name
    return NoBody()


@handles("download_credit_note_xml")
def download_credit_note_xml(call: OperationCall) -> JsonObject | NoBody:
    """Return the credit note once its PDF exists; 501 for an entity that makes electronic invoices."""
    note = find(call)
    if entity_of(call.store, note.invoice.customer)["einvoicing"]:
        raise refusals.not_simulated()
    return NoBody() if note.file_name is None else note_json(call.store, note)


def _page(call: OperationCall, customer_id: str | None) -> PagedList:
    store, params = call.store, call.params
    wanted = {name: [value] for name in ("currency", "invoice_number") if (value := params.filled(name)) is not None}
    wanted |= {name: values for name in ("reason", "credit_status", "refund_status") if (values := taken(call, name))}
    types = taken(call, "types")
    lowest, highest = params.integer("amount_from"), params.integer("amount_to")
    since, until = params.filled("issuing_date_from"), params.filled("issuing_date_to")
    term = params.filled("search_term")

    def matches(note: CreditNote) -> bool:
        texts = {
            "currency": note.invoice.currency,
            "reason": note.reason,
            "credit_status": note.credit_status,
            "refund_status": note.refund_status,
            "invoice_number": note.invoice.number,
        }
        return (
            customer_id in {None, note.invoice.customer.external_id}
            and all(texts[name] in values for name, values in wanted.items())
            and (not types or any(getattr(note, f"{name}_cents") > 0 for name in types))
            and (lowest is None or note.total_cents >= lowest)
            and (highest is None or note.total_cents <= highest)
            and (since is None or note.issuing_date.isoformat() >= since[:10])
            and (until is None or note.issuing_date.isoformat() <= until[:10])
            and (term is None or mentions(note.invoice.customer, term, note.lago_id, note.number))
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
