"""The arithmetic of credit notes: the amount of some items, and the limits of credit and refund."""

from collections.abc import Sequence
from fractions import Fraction

import attrs

from lago_async.sandbox._money import amounts, rounding
from lago_async.sandbox._state.invoices import CreditNote, CreditNoteItem, Invoice
from lago_async.sandbox._state.store import Store


@attrs.frozen
class ItemsTotal:
    """The total of some items of an invoice."""

    items: Sequence[CreditNoteItem]
    coupons: Fraction
    taxes: Fraction

    @property
    def amount_cents(self) -> int:
        return sum(item.amount_cents for item in self.items)

    @property
    def coupons_cents(self) -> int:
        return rounding.half_up(self.coupons)

    @property
    def taxes_cents(self) -> int:
        return rounding.half_up(self.taxes)

    @property
    def total_cents(self) -> int:
        return self.amount_cents - self.coupons_cents + self.taxes_cents


def items_total(items: Sequence[CreditNoteItem]) -> ItemsTotal:
    """Add up items, with each item's share of its fee's coupons and taxes."""
    coupons = taxes = Fraction(0)
    for item in items:
        fee = item.fee
        share = Fraction(item.amount_cents, fee.amount_cents) if fee.amount_cents else Fraction(0)
        coupons += fee.coupons_cents * share
        taxes += fee.precise_taxes_cents * share
    return ItemsTotal(items, coupons, taxes)


def notes_of(store: Store, invoice: Invoice) -> list[CreditNote]:
    """Return the credit notes of an invoice that are not void."""
    return [note for note in store.credit_notes if note.invoice is invoice and note.credit_status != "voided"]


def creditable_cents(store: Store, invoice: Invoice) -> int:
    """Return the amount of an invoice that no credit note has given back yet."""
    return amounts.with_taxes_cents(invoice) - sum(note.total_cents for note in notes_of(store, invoice))


def refundable_cents(store: Store, invoice: Invoice) -> int:
    """Return the paid amount of an invoice that no credit note has refunded yet."""
    refunded = sum(note.refund_cents for note in notes_of(store, invoice))
    return min(creditable_cents(store, invoice), invoice.paid_cents - refunded)


def create(
    store: Store, invoice: Invoice, items: Sequence[CreditNoteItem], *, credit: int, refund: int, offset: int
) -> CreditNote:
    """Create a credit note and keep it."""
    total = items_total(items)
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
