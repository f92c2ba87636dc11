"""Credit notes: what they may give back, and what becomes of it."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.fees import applied_tax_id, applied_tax_json, exact_text, fee_json
from lago_async.sandbox._operations.invoices import by_id, mentions
from lago_async.sandbox._operations.registry import Call, Nothing, Page, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode, iso
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.invoice_records import CreditNote, CreditNoteItem, Invoice
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
_HALF = Fraction(1, 2)


@attrs.frozen
class _Sum:
    """What some items of an invoice come to."""

    items: Sequence[CreditNoteItem]
    coupons: Fraction
    taxes: Fraction

    @property
    def amount_cents(self) -> int:
        return sum(item.amount_cents for item in self.items)

    @property
    def coupons_cents(self) -> int:
        return int(self.coupons + _HALF)

    @property
    def taxes_cents(self) -> int:
        return int(self.taxes + _HALF)

    @property
    def total_cents(self) -> int:
        return self.amount_cents - self.coupons_cents + self.taxes_cents


def _sum(items: Sequence[CreditNoteItem]) -> _Sum:
    coupons = taxes = Fraction(0)
    for item in items:
        fee = item.fee
        share = Fraction(item.amount_cents, fee.amount_cents) if fee.amount_cents else Fraction(0)
        coupons += fee.coupons_cents * share
        taxes += fee.precise_taxes_cents * share
    return _Sum(items, coupons, taxes)


def _notes_of(store: Store, invoice: Invoice) -> list[CreditNote]:
    return [note for note in store.credit_notes if note.invoice is invoice and note.credit_status != "voided"]


def _creditable_cents(store: Store, invoice: Invoice) -> int:
    return invoice.with_taxes_cents - sum(note.total_cents for note in _notes_of(store, invoice))


def _refundable_cents(store: Store, invoice: Invoice) -> int:
    refunded = sum(note.refund_cents for note in _notes_of(store, invoice))
    return min(_creditable_cents(store, invoice), invoice.paid_cents - refunded)


def _items(store: Store, invoice: Invoice, given: Fields) -> list[CreditNoteItem]:
    notes = _notes_of(store, invoice)
    items: list[CreditNoteItem] = []
    for each in given.list_of_fields("items") or []:
        fee = next((fee for fee in invoice.fees if fee.lago_id == each.text("fee_id")), None)
        if fee is None:
            raise refusals.not_found("fee")
        amount = each.integer("amount_cents")
        if amount is None or amount < 0:
            raise refusals.invalid_field("amount_cents", "invalid_value")
        credited = sum(item.amount_cents for note in notes for item in note.items if item.fee is fee)
        if amount > fee.amount_cents - credited:
            raise refusals.invalid_field("amount_cents", "higher_than_remaining_fee_amount")
        items.append(CreditNoteItem(created_at=store.now, fee=fee, amount_cents=amount))
    if not items:
        raise refusals.invalid_field("items", "value_is_mandatory")
    return items


def note_json(store: Store, note: CreditNote) -> JsonObject:
    """A credit note as all answers carry it."""
    invoice = note.invoice
    items = _sum(note.items)
    taxed = Fraction(note.sub_total_cents)
    rate = float(note.precise_taxes_cents / taxed * 100) if taxed else 0.0
    shown: JsonObject = {
        "lago_id": note.lago_id,
        "billing_entity_code": invoice.customer.billing_entity_code,
        "sequential_id": note.sequential_id,
        "number": note.number,
        "lago_invoice_id": invoice.lago_id,
        "invoice_number": invoice.number,
        "issuing_date": note.issuing_date.isoformat(),
        "credit_status": note.credit_status,
        "refund_status": note.refund_status,
        "reason": note.reason,
        "description": note.description,
        "currency": invoice.currency,
        "purchase_order_number": invoice.purchase_order_number,
        "total_amount_cents": note.total_cents,
        "precise_total_amount_cents": exact_text(items.amount_cents - items.coupons + items.taxes),
        "taxes_amount_cents": note.taxes_cents,
        "precise_taxes_amount_cents": exact_text(note.precise_taxes_cents),
        "taxes_rate": round(rate, 5),
        "sub_total_excluding_taxes_amount_cents": note.sub_total_cents,
        "balance_amount_cents": note.balance_cents,
        "credit_amount_cents": note.credit_cents,
        "refund_amount_cents": note.refund_cents,
        "offset_amount_cents": note.offset_cents,
        "coupons_adjustment_amount_cents": note.coupons_adjustment_cents,
        "created_at": iso(note.created_at),
        "updated_at": iso(note.updated_at),
        "file_url": None if note.file_name is None else documents.url(store, note.file_name),
        "xml_url": None,
        "self_billed": False,
        "items": [
            {
                "lago_id": item.lago_id,
                "amount_cents": item.amount_cents,
                "precise_amount_cents": decimal_text(Decimal(item.amount_cents)),
                "amount_currency": invoice.currency,
                "fee": fee_json(item.fee),
            }
            for item in note.items
        ],
        "customer": customers.embedded_json(invoice.customer),
        "applied_taxes": _applied_taxes(note),
        "error_details": [],
    }
    if note.metadata is not None:
        shown["metadata"] = dict(note.metadata)
    return shown


def _applied_taxes(note: CreditNote) -> list[Json]:
    taxes = {tax: Fraction(0) for item in note.items for tax in item.fee.taxes}
    for item in note.items:
        share = Fraction(item.amount_cents, item.fee.amount_cents) if item.fee.amount_cents else Fraction(0)
        for tax in item.fee.taxes:
            taxes[tax] += item.fee.taxed_cents * share
    return [
        {
            "lago_id": applied_tax_id(note, tax),
            "lago_credit_note_id": note.lago_id,
            "base_amount_cents": int(base + _HALF),
            **applied_tax_json(
                tax, int(base * Fraction(tax.rate) / 100 + _HALF), note.invoice.currency, note.created_at
            ),
        }
        for tax, base in taxes.items()
    ]


def _create(
    store: Store, invoice: Invoice, items: Sequence[CreditNoteItem], credit: int, refund: int, offset: int
) -> CreditNote:
    total = _sum(items)
    number = 1 + sum(note.invoice is invoice for note in store.credit_notes)
    note = CreditNote(
        created_at=store.now,
        updated_at=store.now,
        invoice=invoice,
        sequential_id=number,
        number=f"{invoice.number}-CN{number:03d}",
        issuing_date=store.now.astimezone(invoice.customer.zone).date(),
        reason="other",
        description=None,
        items=list(items),
        coupons_adjustment_cents=total.coupons_cents,
        taxes_cents=total.taxes_cents,
        precise_taxes_cents=total.taxes,
        credit_cents=credit,
        refund_cents=refund,
        offset_cents=offset,
        balance_cents=credit,
        credit_status="available" if credit else None,
        refund_status="pending" if refund else None,
    )
    store.credit_notes.add(note)
    invoice.offset_cents += offset
    return note


def create_for_voided(store: Store, invoice: Invoice, credit: int, refund: int) -> None:
    """The credit note that voiding an invoice leaves; credit and refund share what the invoice came to."""
    if credit + refund > _creditable_cents(store, invoice):
        raise refusals.invalid_field("base", "total_amount_exceeds_invoice_amount")
    if refund > _refundable_cents(store, invoice):
        raise refusals.invalid_field("refund_amount_cents", "higher_than_remaining_invoice_amount")
    items = [CreditNoteItem(created_at=store.now, fee=fee, amount_cents=fee.amount_cents) for fee in invoice.fees]
    _create(store, invoice, items, credit, refund, 0)


@handles("create_credit_note")
def create_credit_note(call: Call) -> JsonObject:
    """Give back some of an invoice. Credit, refund and offset must add up to the items, and not exceed what is left."""
    store, given = call.store, call.envelope()
    invoice = by_id(store, given.text("invoice_id"))
    if invoice.status != "finalized":
        raise refusals.not_allowed("invalid_type_or_status")
    reason = given.filled("reason") or "other"
    if reason not in _REASONS:
        raise refusals.invalid_field("reason", "value_is_invalid")
    items = _items(store, invoice, given)
    credit, refund, offset = (given.integer(f"{name}_amount_cents") or 0 for name in ("credit", "refund", "offset"))
    found = refusals.Errors()
    for name, amount, most in (
        ("credit", credit, _creditable_cents(store, invoice)),
        ("refund", refund, _refundable_cents(store, invoice)),
        ("offset", offset, invoice.due_cents),
    ):
        if amount < 0:
            found.add(f"{name}_amount_cents", "invalid_value")
        elif amount > most:
            found.add(f"{name}_amount_cents", "higher_than_remaining_invoice_amount")
    found.refuse()
    total = credit + refund + offset
    if total > _creditable_cents(store, invoice):
        raise refusals.invalid_field("base", "higher_than_remaining_invoice_amount")
    # Rounding may leave a cent between the parts and the whole.
    if abs(total - _sum(items).total_cents) > 1:
        raise refusals.invalid_field("base", "does_not_match_item_amounts")
    note = _create(store, invoice, items, credit, refund, offset)
    note.reason, note.description = reason, given.text("description")
    note.metadata = given.mapping("metadata") or None
    return note_json(store, note)


@handles("estimate_credit_note")
def estimate_credit_note(call: Call) -> JsonObject:
    """What some items of an invoice would come to, and how much of it may be given back in which way."""
    store, given = call.store, call.envelope("credit_note")
    invoice = by_id(store, given.text("invoice_id"))
    items = _items(store, invoice, given)
    total = _sum(items)
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
                "amount_cents": int(base * Fraction(tax.rate) / 100 + _HALF),
                "amount_currency": invoice.currency,
            }
        )
    return {
        "lago_invoice_id": invoice.lago_id,
        "invoice_number": invoice.number,
        "currency": invoice.currency,
        "taxes_amount_cents": total.taxes_cents,
        "precise_taxes_amount_cents": exact_text(total.taxes),
        "taxes_rate": round(float(total.taxes / sub_total * 100), 5) if sub_total else 0.0,
        "sub_total_excluding_taxes_amount_cents": sub_total,
        "max_creditable_amount_cents": min(total.total_cents, _creditable_cents(store, invoice)),
        "max_refundable_amount_cents": max(0, min(total.total_cents, _refundable_cents(store, invoice))),
        "max_offsettable_amount_cents": min(total.total_cents, invoice.due_cents),
        "coupons_adjustment_amount_cents": total.coupons_cents,
        "precise_coupons_adjustment_amount_cents": exact_text(total.coupons),
        "items": [{"amount_cents": item.amount_cents, "lago_fee_id": item.fee.lago_id} for item in items],
        "applied_taxes": taxes,
    }


def find(call: Call) -> CreditNote:
    """The credit note that the path names."""
    note = call.store.credit_notes.find(call.identifier)
    if note is None:
        raise refusals.not_found("credit_note")
    return note


@handles("find_credit_note")
def find_credit_note(call: Call) -> JsonObject:
    """One credit note."""
    return note_json(call.store, find(call))


@handles("update_credit_note")
def update_credit_note(call: Call) -> JsonObject:
    """Say what became of a refund, or replace the metadata."""
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
def void_credit_note(call: Call) -> JsonObject:
    """Void what is left of the credit."""
    note = find(call)
    if note.credit_status != "available" or note.balance_cents == 0:
        raise refusals.not_allowed("no_voidable_amount")
    note.credit_status, note.balance_cents, note.updated_at = "voided", 0, call.store.now
    return note_json(call.store, note)


@handles("download_credit_note")
def download_credit_note(call: Call) -> JsonObject | Nothing:
    """The first call has the document made and answers nothing; from then on the credit note has its link."""
    store, note = call.store, find(call)
    if note.file_name is not None:
        return note_json(store, note)
    name = f"credit_notes/{note.lago_id}.pdf"
    documents.make(store, name, [f"Credit note {note.number}", f"{note.total_cents} {note.invoice.currency} subunits"])
    note.file_name = name
    return Nothing()


def _page(call: Call, customer_id: str | None) -> Page:
    store, params = call.store, call.params
    names = ("currency", "reason", "credit_status", "refund_status", "invoice_number")
    wanted = {name: value for name in names if (value := params.filled(name)) is not None}
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
            and all(texts[name] == value for name, value in wanted.items())
            and (lowest is None or note.total_cents >= lowest)
            and (highest is None or note.total_cents <= highest)
            and (since is None or note.issuing_date.isoformat() >= since[:10])
            and (until is None or note.issuing_date.isoformat() <= until[:10])
            and (term is None or mentions(note.invoice.customer, term, note.lago_id, note.number))
        )

    found = [note for note in store.credit_notes.newest_first() if matches(note)]
    return Window.of(params).page(found, lambda note: encode(note_json(store, note)))


@handles("find_all_credit_notes")
def find_all_credit_notes(call: Call) -> Page:
    """Credit notes of everybody that match, newest first."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_credit_notes")
def find_all_customer_credit_notes(call: Call) -> Page:
    """Credit notes of one customer, who has to exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
