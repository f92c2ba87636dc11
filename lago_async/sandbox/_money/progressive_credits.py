"""Credits for progressive billing, on the invoices that bill the same usage again."""

from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import credit_notes
from lago_async.sandbox._state.invoices import BilledPeriod, Credit, CreditNoteItem, Invoice
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def billed_progressively(store: Store, subscription: Subscription, at: datetime) -> list[BilledPeriod]:
    """Return the progressive billings of the period of usage that contains a time, the newest first."""
    found = [
        period
        for period in store.history(subscription).periods
        if period.invoice.invoice_type == "progressive_billing"
        and period.invoice.status in {"finalized", "failed"}
        and period.boundaries.charges_start is not None
        and period.boundaries.charges_end is not None
        and period.boundaries.charges_start <= at < period.boundaries.charges_end
    ]
    return sorted(found, key=lambda period: (period.invoice.issuing_date, period.order), reverse=True)


def creditable_cents(store: Store, invoice: Invoice) -> int:
    """Return what a progressive invoice has billed and no credit has returned yet."""
    left = invoice.fees_cents - invoice.coupons_cents
    left -= sum(
        credit.amount_cents
        for other in store.invoices
        if other.status not in {"voided", "draft"}
        for credit in other.credits
        if credit.progressive_invoice is invoice
    )
    left -= sum(
        note.credit_cents
        for note in store.credit_notes
        if note.invoice is invoice and note.credit_status in {"available", "consumed"}
    )
    return max(left, 0)


def take(store: Store, invoice: Invoice) -> None:
    """Credit on an invoice what was billed progressively for the same usage; a credit note returns what is too much."""
    for period in invoice.periods:
        if period.boundaries.charges_start is None:
            continue
        earlier = billed_progressively(store, period.subscription, period.boundaries.charges_start)
        earlier = [item for item in earlier if item.invoice is not invoice]
        if not earlier:
            continue
        source = earlier[0].invoice
        charges = {fee.charge for fee in source.fees if fee.charge is not None}
        own = [fee for fee in invoice.fees if fee.kind == "charge" and fee.subscription is period.subscription]
        total = sum(fee.amount_cents for fee in own if fee.charge in charges)
        amount = creditable_cents(store, source)
        if amount > total:
            if invoice.status != "draft":
                _return(store, source, amount - total)
            amount = total
        if amount <= 0:
            continue
        invoice.credits.append(
            Credit(created_at=store.now, invoice=invoice, amount_cents=amount, progressive_invoice=source)
        )
        _share(invoice, source)
        invoice.progressive_cents += amount


def _share(invoice: Invoice, source: Invoice) -> None:
    """Take off each fee what its earlier fee has billed."""
    for earlier in source.fees:
        for fee in invoice.fees:
            same = fee.charge is earlier.charge and fee.charge_filter is earlier.charge_filter
            if fee.kind == "charge" and same and fee.grouped_by == earlier.grouped_by:
                fee.coupons_cents = min(fee.coupons_cents + earlier.amount_cents, Decimal(fee.amount_cents))
                break


def _return(store: Store, source: Invoice, amount: int) -> None:
    """Return with a credit note what was billed progressively, and is usage no more."""
    items: list[CreditNoteItem] = []
    left = amount
    for fee in sorted(source.fees, key=lambda fee: -fee.amount_cents):
        part = min(left, fee.amount_cents - fee.credited_cents)
        if left <= 0:
            break
        items.append(CreditNoteItem(created_at=store.now, fee=fee, amount_cents=part, precise_cents=Decimal(part)))
        left -= part
    credit_notes.create_automatic(store, source, items, reason="other")
