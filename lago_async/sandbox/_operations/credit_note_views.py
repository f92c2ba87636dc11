"""Credit notes as responses show them."""

from decimal import Decimal
from fractions import Fraction

from lago_async.sandbox._money import rounding
from lago_async.sandbox._money.credit_notes import item_base, items_total
from lago_async.sandbox._money.rounding import exact_text
from lago_async.sandbox._operations import customer_views
from lago_async.sandbox._operations.fees import fee_json
from lago_async.sandbox._operations.taxes import applied_tax_id, applied_tax_json
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.invoices import CreditNote
from lago_async.sandbox._state.store import Store

_BELONGING = ("items", "customer", "applied_taxes", "error_details")


def _file_url(store: Store, note: CreditNote) -> str:
    if note.file_name is None:
        note.file_name = f"credit_notes/{note.lago_id}.pdf"
        total = f"{note.total_cents} {note.invoice.currency} subunits"
        documents.make(store, note.file_name, [f"Credit note {note.number}", total])
    return documents.url(store, note.file_name)


def document_json(store: Store, note: CreditNote) -> JsonObject:
    """Return a credit note as the response to the request for its document shows it: without what belongs to it."""
    return {name: value for name, value in note_json(store, note).items() if name not in _BELONGING}


def note_json(store: Store, note: CreditNote) -> JsonObject:
    """Return a credit note as responses show it."""
    invoice = note.invoice
    items = items_total(note.items)
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
        "precise_total_amount_cents": exact_text(
            Fraction(items.precise_cents - note.precise_coupons_cents + note.precise_taxes_cents)
        ),
        "taxes_amount_cents": note.taxes_cents,
        "precise_taxes_amount_cents": exact_text(Fraction(note.precise_taxes_cents)),
        "taxes_rate": rounding.percentage(items.taxes, items.precise_cents - items.coupons),
        "sub_total_excluding_taxes_amount_cents": rounding.whole(items.precise_cents - note.precise_coupons_cents),
        "balance_amount_cents": note.balance_cents,
        "credit_amount_cents": note.credit_cents,
        "refund_amount_cents": note.refund_cents,
        "offset_amount_cents": note.offset_cents,
        "coupons_adjustment_amount_cents": note.coupons_adjustment_cents,
        "created_at": to_iso(note.created_at),
        "updated_at": to_iso(note.updated_at),
        "file_url": _file_url(store, note),
        "xml_url": None,
        "self_billed": False,
        "items": [
            {
                "lago_id": item.lago_id,
                "amount_cents": item.amount_cents,
                "precise_amount_cents": decimal_text(item.precise_cents),
                "amount_currency": invoice.currency,
                "fee": fee_json(item.fee),
            }
            for item in note.items
        ],
        "customer": customer_views.embedded_json(invoice.customer),
        "applied_taxes": _applied_taxes(note),
        "error_details": [],
    }
    if note.metadata is not None:
        shown["metadata"] = dict(note.metadata)
    return shown


def _applied_taxes(note: CreditNote) -> list[Json]:
    taxes = {tax.lago_id: tax for item in note.items for tax in item.fee.taxes}
    bases = dict.fromkeys(taxes, Decimal(0))
    for item in note.items:
        for tax in item.fee.taxes:
            bases[tax.lago_id] += item_base(item)
    return [
        {
            "lago_id": applied_tax_id(note.lago_id, tax),
            "lago_credit_note_id": note.lago_id,
            "base_amount_cents": rounding.whole(bases[lago_id]),
            **applied_tax_json(
                tax,
                rounding.whole((bases[lago_id] * tax.rate).scaleb(-2)),
                note.invoice.currency,
                note.created_at,
            ),
        }
        for lago_id, tax in taxes.items()
    ]
