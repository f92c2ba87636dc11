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
    if invoice.invoice_type == "advance_charges":  # its fees, which are paid already, keep their own taxes
        return [
            (tax, int(base), sum(_tax_cents(tax, fee.taxed_cents) for fee in taxed))
            for tax, base, taxed in _bases(invoice)
        ]
    return [(tax, int(base), _tax_cents(tax, base)) for tax, base, _ in _bases(invoice)]


def _tax_cents(tax: Tax, base: Decimal) -> int:
    return whole((base * tax.rate).scaleb(-2))


def _bases(invoice: Invoice) -> list[tuple[Tax, Decimal, list[InvoiceFee]]]:
    """Return each tax with what it is computed on: the sum, and the fees."""
    found: dict[str, Tax] = {}
    taxed: dict[str, list[InvoiceFee]] = {}
    for fee in invoice.fees:
        for tax in fee.taxes:
            found[tax.lago_id] = tax
            taxed.setdefault(tax.lago_id, []).append(fee)
    sums = {lago_id: sum((fee.taxed_cents for fee in fees), Decimal(0)) for lago_id, fees in taxed.items()}
    return [(tax, sums[lago_id], taxed[lago_id]) for lago_id, tax in found.items()]


def compute(invoice: Invoice) -> None:
    """Compute the sums of an invoice from its fees. The taxes are rounded once, for all of them together."""
    invoice.fees_cents = sum(fee.amount_cents for fee in invoice.fees)
    exact = sum((base * tax.rate for tax, base, _ in _bases(invoice)), Decimal(0)).scaleb(-2)
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
