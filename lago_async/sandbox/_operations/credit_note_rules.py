"""The rules for a new credit note, in the server's order; where it collects errors, they are collected."""

from decimal import Decimal

from lago_async.sandbox._money import amounts, rounding
from lago_async.sandbox._money.credit_notes import item_of, items_total, notes_of
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.invoices import CreditNoteItem, Invoice, InvoiceFee
from lago_async.sandbox._state.store import Store

REASONS = (
    "duplicated_charge",
    "product_unsatisfactory",
    "order_change",
    "order_cancellation",
    "fraudulent_charge",
    "other",
)
KINDS = ("credit", "refund", "offset")


def _fee_total_cents(invoice: Invoice) -> int:
    """Return the fees and their taxes; coupons do not lower what may be given back."""
    taxes = sum(
        (fee.amount_cents * sum((tax.rate for tax in fee.taxes), Decimal(0)) for fee in invoice.fees), Decimal(0)
    )
    return sum(fee.amount_cents for fee in invoice.fees) + rounding.whole(taxes.scaleb(-2))


def check_licence(store: Store) -> None:
    """Refuse credit notes that are made by hand without a licence."""
    if not store.premium:
        raise refusals.forbidden("feature_unavailable")


def check_fields(reason: str, cents: dict[str, int]) -> None:
    """Refuse an unknown reason and negative amounts, before the items are looked at."""
    found = refusals.FieldErrors()
    if reason not in REASONS:
        found.add("reason", "value_is_invalid")
    for kind in KINDS:
        if cents[kind] < 0:
            found.add(f"{kind}_amount_cents", "value_is_out_of_range")
    found.refuse()


def _check_item(fee: InvoiceFee, amount: int) -> None:
    found = refusals.FieldErrors()
    if amount < 0:
        found.add("amount_cents", "invalid_value")
    if amount > fee.amount_cents - fee.credited_cents:
        found.add("amount_cents", "higher_than_remaining_fee_amount")
    found.refuse()


def items_of(store: Store, invoice: Invoice, given: Fields) -> list[CreditNoteItem]:
    """Return the items that were sent; the first that gives back more than is left of its fee is refused."""
    entries = given.list_of_fields("items")
    if entries is None:
        raise refusals.invalid_field("items", "must_be_an_array")
    items: list[CreditNoteItem] = []
    for entry in entries:
        fee = next((fee for fee in invoice.fees if fee.lago_id == entry.text("fee_id")), None)
        if fee is None:
            raise refusals.not_found("fee")
        amount = entry.integer("amount_cents") or 0
        _check_item(fee, amount)
        items.append(item_of(store, fee, Decimal(amount)))
    return items


def check_amounts(store: Store, invoice: Invoice, items: list[CreditNoteItem], cents: dict[str, int]) -> None:
    """Refuse amounts that are not those of the items, or more than is left of the invoice."""
    credit, refund, offset = (cents[kind] for kind in KINDS)
    total, notes = credit + refund + offset, notes_of(store, invoice)
    credited = sum(note.credit_cents for note in notes)
    refunded = sum(note.refund_cents for note in notes)
    against = sum(note.offset_cents for note in notes)
    creditable = _fee_total_cents(invoice) - credited - against
    found = refusals.FieldErrors()
    sums = items_total(items)
    # Rounding may make a difference of one cent.
    if abs(total - rounding.whole(sums.precise_cents - sums.coupons + sums.taxes)) > 1:
        found.add("base", "does_not_match_item_amounts")
    if refund > 0:
        if invoice.paid_cents <= 0:
            found.add("refund_amount_cents", "cannot_refund_unpaid_invoice")
        elif refund > invoice.paid_cents - refunded:
            found.add("refund_amount_cents", "higher_than_remaining_invoice_amount")
    if invoice.invoice_type == "credit" and credit > 0:
        found.add("credit_amount_cents", "cannot_credit_invoice")
    elif credit - creditable > 1:
        found.add("credit_amount_cents", "higher_than_remaining_invoice_amount")
    _check_offset(found, invoice, offset, min(amounts.total_cents(invoice) - invoice.paid_cents - against, creditable))
    if total - (_fee_total_cents(invoice) - credited - refunded - against) > 1:
        found.add("base", "higher_than_remaining_invoice_amount")
    if total <= 0:
        found.add("base", "total_amount_must_be_positive")
    found.refuse()


def _check_offset(found: refusals.FieldErrors, invoice: Invoice, offset: int, most: int) -> None:
    if offset == 0:
        return
    if invoice.invoice_type == "credit" and invoice.paid_cents > 0:
        found.add("offset_amount_cents", "cannot_apply_to_paid_invoice")
    elif invoice.invoice_type == "credit" and offset != amounts.total_cents(invoice):
        found.add("offset_amount_cents", "not_equal_to_total_amount")
    elif offset > most:
        found.add("offset_amount_cents", "higher_than_remaining_invoice_amount")
