"""The amounts of an invoice that follow from its fees: taxes, totals, and what is still due."""

from decimal import Decimal

from lago_async.sandbox._money.rounding import precise_taxes_on, whole
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee


def precise_taxes_cents(fee: InvoiceFee) -> Decimal:
    """Return the taxes on the exact amount of one fee."""
    return precise_taxes_on(fee.precisely_taxed_cents, [tax.rate for tax in fee.taxes])


def taxes(invoice: Invoice) -> list[tuple[Tax, int, int]]:
    """Return each tax with its base and its amount on the invoice."""
    return [(tax, int(base), whole((base * tax.rate).scaleb(-2))) for tax, base in _bases(invoice)]


def _bases(invoice: Invoice) -> list[tuple[Tax, Decimal]]:
    found: dict[str, Tax] = {}
    bases: dict[str, Decimal] = {}
    for fee in invoice.fees:
        for tax in fee.taxes:
            found[tax.lago_id] = tax
            bases[tax.lago_id] = bases.get(tax.lago_id, Decimal(0)) + fee.taxed_cents
    return [(tax, bases[lago_id]) for lago_id, tax in found.items()]


def compute(invoice: Invoice) -> None:
    """Compute the sums of an invoice from its fees. The taxes are rounded once, for all of them together."""
    invoice.fees_cents = sum(fee.amount_cents for fee in invoice.fees)
    exact = sum((base * tax.rate for tax, base in _bases(invoice)), Decimal(0)).scaleb(-2)
    invoice.taxes_cents = whole(exact)


def sub_total_cents(invoice: Invoice) -> int:
    """Return the fees less what was billed progressively and the coupons."""
    return invoice.fees_cents - invoice.progressive_cents - invoice.coupons_cents


def with_taxes_cents(invoice: Invoice) -> int:
    """Return the fees less the coupons, plus the taxes."""
    return sub_total_cents(invoice) + invoice.taxes_cents


def total_cents(invoice: Invoice) -> int:
    """Return the amount to pay: with taxes, less credit notes and prepaid credits."""
    prepaid = invoice.prepaid_granted_cents + invoice.prepaid_purchased_cents
    return with_taxes_cents(invoice) - invoice.credit_notes_cents - prepaid


def due_cents(invoice: Invoice) -> int:
    """Return the amount that is not paid yet; nothing is due of a void invoice."""
    if invoice.status == "voided":
        return 0
    return max(0, total_cents(invoice) - invoice.paid_cents - invoice.offset_cents)
