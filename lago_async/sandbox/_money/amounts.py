"""The amounts of an invoice that follow from its fees: taxes, totals, and what is still due."""

from datetime import date
from fractions import Fraction

from lago_async.sandbox._money.rounding import half_up, percent_of
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee


def fee_taxes_cents(fee: InvoiceFee) -> int:
    """Return the taxes of one fee, halves up."""
    return half_up(fee.precise_taxes_cents)


def taxes(invoice: Invoice) -> list[tuple[Tax, int, int]]:
    """Return each tax with its base and its amount; both are rounded once for the whole invoice."""
    bases: dict[Tax, Fraction] = {}
    for fee in invoice.fees:
        for tax in fee.taxes:
            bases[tax] = bases.get(tax, Fraction(0)) + fee.taxed_cents
    return [(tax, half_up(base), percent_of(base, tax.rate)) for tax, base in bases.items()]


def taxes_cents(invoice: Invoice) -> int:
    """Return the sum of all taxes."""
    return sum(amount for _, _, amount in taxes(invoice))


def with_taxes_cents(invoice: Invoice) -> int:
    """Return the fees less the coupons, plus the taxes."""
    return invoice.fees_cents - invoice.coupons_cents + taxes_cents(invoice)


def total_cents(invoice: Invoice) -> int:
    """Return the amount to pay: with taxes, less credit notes and prepaid credits."""
    prepaid = invoice.prepaid_granted_cents + invoice.prepaid_purchased_cents
    return with_taxes_cents(invoice) - invoice.credit_notes_cents - prepaid


def due_cents(invoice: Invoice) -> int:
    """Return the amount that is not paid yet."""
    return max(0, total_cents(invoice) - invoice.paid_cents - invoice.offset_cents)


def is_overdue(invoice: Invoice, today: date) -> bool:
    """Return whether the invoice should have been paid before ``today``, and was not."""
    unpaid = invoice.status == "finalized" and invoice.payment_status != "succeeded" and due_cents(invoice) > 0
    return unpaid and invoice.dispute_lost_at is None and invoice.payment_due_date < today
