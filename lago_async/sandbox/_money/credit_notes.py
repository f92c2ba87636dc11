"""The arithmetic of credit notes: the amount of some items, and the limits of credit and refund."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from lago_async.sandbox._money import rounding
from lago_async.sandbox._state.invoices import CreditNote, CreditNoteItem, Invoice, InvoiceFee
from lago_async.sandbox._state.store import Store

ZERO = Decimal(0)


@attrs.frozen
class ItemsTotal:
    """The total of some items of an invoice."""

    items: Sequence[CreditNoteItem]
    coupons: Decimal
    taxes: Decimal

    @property
    def amount_cents(self) -> int:
        return sum(item.amount_cents for item in self.items)

    @property
    def precise_cents(self) -> Decimal:
        return sum((item.precise_cents for item in self.items), ZERO)

    @property
    def coupons_cents(self) -> int:
        return rounding.whole(self.coupons)

    @property
    def taxes_cents(self) -> int:
        return rounding.whole(self.taxes)

    @property
    def sub_total_cents(self) -> int:
        return rounding.whole(self.precise_cents - self.coupons)

    @property
    def total_cents(self) -> int:
        return rounding.whole(self.precise_cents - self.coupons + self.taxes)


def _share(item: CreditNoteItem) -> Decimal:
    """Return the part of its fee that an item gives back."""
    return rounding.divided(item.precise_cents, item.fee.amount_cents) if item.fee.amount_cents else ZERO


def item_base(item: CreditNoteItem) -> Decimal:
    """Return an item without its share of the fee's coupons."""
    return item.precise_cents - item.fee.coupons_cents * _share(item)


def items_total(items: Sequence[CreditNoteItem]) -> ItemsTotal:
    """Add up items, with each item's share of its fee's coupons and taxes."""
    coupons = sum((item.fee.coupons_cents * _share(item) for item in items), ZERO)
    taxes = sum((item_base(item) * tax.rate for item in items for tax in item.fee.taxes), ZERO).scaleb(-2)
    return ItemsTotal(items, coupons, taxes)


def notes_of(store: Store, invoice: Invoice) -> list[CreditNote]:
    """Return the credit notes of an invoice."""
    return [note for note in store.credit_notes if note.invoice is invoice]


def creditable_cents(store: Store, invoice: Invoice) -> int:
    """Return the amount of an invoice that no credit note has given back yet."""
    left = [(fee, fee.amount_cents - fee.credited_cents) for fee in invoice.fees]
    items = [
        CreditNoteItem(created_at=store.now, fee=fee, amount_cents=amount, precise_cents=Decimal(amount))
        for fee, amount in left
        if amount > 0
    ]
    if not items:
        return 0
    total = items_total(items)
    adjustment = sum((note.taxes_cents - note.precise_taxes_cents for note in notes_of(store, invoice)), ZERO)
    return max(rounding.whole(total.precise_cents - total.coupons + total.taxes - adjustment), 0)


def refundable_cents(store: Store, invoice: Invoice) -> int:
    """Return the paid amount of an invoice that no credit note has refunded yet."""
    refunded = sum(note.refund_cents for note in notes_of(store, invoice))
    return max(0, min(creditable_cents(store, invoice), invoice.paid_cents - refunded))


def create(
    store: Store,
    invoice: Invoice,
    items: Sequence[CreditNoteItem],
    *,
    credit: int,
    refund: int,
    offset: int,
    reason: str = "other",
    description: str | None = None,
) -> CreditNote:
    """Create a credit note and keep it."""
    number = 1 + sum(note.invoice is invoice for note in store.credit_notes)
    for item in items:
        item.fee.credited_cents += item.amount_cents
    total = items_total(items)
    taxes = total.taxes
    if creditable_cents(store, invoice) == 0:
        # The last note takes what rounding the taxes of the others has left.
        taxes -= sum((note.taxes_cents - note.precise_taxes_cents for note in notes_of(store, invoice)), ZERO)
    taxes_cents = rounding.whole(taxes)
    credit, refund = _adjusted(credit, refund, offset, taxes_cents + total.sub_total_cents)
    note = CreditNote(
        created_at=store.now,
        updated_at=store.now,
        invoice=invoice,
        sequential_id=number,
        number=_number(invoice, number),
        issuing_date=store.now.astimezone(invoice.customer.zone).date(),
        reason=reason,
        description=description,
        items=list(items),
        coupons_adjustment_cents=total.coupons_cents,
        precise_coupons_cents=rounding.to_credits(total.coupons),
        taxes_cents=taxes_cents,
        precise_taxes_cents=rounding.to_credits(taxes),
        credit_cents=credit,
        refund_cents=refund,
        offset_cents=offset,
        balance_cents=credit,
        credit_status="available",
        refund_status="pending" if refund else None,
    )
    store.credit_notes.add(note)
    if invoice.status != "draft":
        tell(store, note)
    invoice.offset_cents += offset
    return note


def refresh(store: Store, note: CreditNote, fee: InvoiceFee) -> None:
    """Compute the credit note of a draft again, whose fee has taken the place of the one that the note gives back.

    The items keep their part of the fee. As on the server, all of it becomes credit, and an offset does not count any
    more.
    """
    for item in note.items:
        old = item.fee.amount_cents
        share = item.precise_cents * fee.amount_cents
        item.precise_cents = rounding.to_credits(rounding.divided_exactly(share, Decimal(old))) if old else ZERO
        item.fee = fee
        # The first amount of the item stays, and the rest of the fee follows from it.
        fee.credited_cents += item.amount_cents
    total = items_total(note.items)
    rates = [(tax.code, item_base(item) * tax.rate) for item in note.items for tax in fee.taxes]
    codes = dict.fromkeys(code for code, _ in rates)
    note.taxes_cents = sum(
        rounding.whole(sum((part for code, part in rates if code == wanted), ZERO).scaleb(-2)) for wanted in codes
    )
    note.precise_taxes_cents = Decimal(note.taxes_cents)
    note.coupons_adjustment_cents = total.coupons_cents
    note.precise_coupons_cents = rounding.to_credits(total.coupons)
    whole = rounding.whole(total.precise_cents - total.coupons) + note.taxes_cents
    credit = rounding.whole(total.precise_cents - total.coupons + note.taxes_cents)
    note.credit_cents, note.refund_cents = _adjusted(credit, note.refund_cents, 0, whole)
    note.balance_cents = note.credit_cents
    note.counts_offset, note.updated_at = False, store.now


def finalize(store: Store, invoice: Invoice) -> None:
    """Finalize the credit notes of an invoice with it, which gives them its number."""
    for note in notes_of(store, invoice):
        note.number = _number(invoice, note.sequential_id)
        tell(store, note)


def _number(invoice: Invoice, sequential_id: int) -> str:
    return f"{invoice.number}-CN{sequential_id:03d}"


def tell(store: Store, note: CreditNote) -> None:
    """Tell of a new credit note, once its invoice is final."""
    store.emit("credit_note.created", note)
    store.emit("credit_note.generated", note)


def _adjusted(credit: int, refund: int, offset: int, expected: int) -> tuple[int, int]:
    """Move the total by one cent where that makes it the sum of the rounded parts."""
    total = credit + refund + offset
    if total == expected:
        return credit, refund
    total += 1 if total < expected else -1
    if credit > 0:
        return total - refund - offset, refund
    if refund > 0:
        return credit, total - offset
    return credit, refund


def create_automatic(
    store: Store, invoice: Invoice, items: Sequence[CreditNoteItem], *, reason: str
) -> CreditNote | None:
    """Credit items of an invoice without being asked to."""
    credit = items_total(items).total_cents
    if credit <= 0:
        return None
    return create(store, invoice, items, credit=credit, refund=0, offset=0, reason=reason)


def void(store: Store, note: CreditNote) -> None:
    """Void what is left of the credit."""
    note.credit_status, note.balance_cents = "voided", 0
    note.voided_at = note.updated_at = store.now


def item_of(store: Store, fee: InvoiceFee, precise_cents: Decimal) -> CreditNoteItem:
    """Return the item that gives back an amount of a fee."""
    return CreditNoteItem(
        created_at=store.now, fee=fee, amount_cents=rounding.whole(precise_cents), precise_cents=precise_cents
    )
