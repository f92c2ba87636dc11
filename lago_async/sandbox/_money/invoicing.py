"""The life of an invoice: it is created, finalized, paid and voided.

Taxes are computed when an invoice is read, with the current rates; the server keeps them with the invoice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lago_async.sandbox._money import amounts, prepaid
from lago_async.sandbox._money.discounts import give_back, take_coupons
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Credit, Invoice, InvoiceFee
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def new_invoice(
    store: Store,
    customer: Customer,
    *,
    invoice_type: str,
    currency: str,
    fees: list[InvoiceFee],
    subscriptions: Sequence[Subscription] = (),
    grace_days: int = 0,
    keep: bool = True,
) -> Invoice:
    """Create an invoice: a draft if there are days of grace, finalized otherwise. Without ``keep`` it is a preview."""
    today = store.now.astimezone(customer.zone).date()
    term = customer.columns.get("net_payment_term")
    days = term if isinstance(term, int) else 0
    issuing = today + timedelta(days=grace_days)
    invoice = Invoice(
        created_at=store.now,
        updated_at=store.now,
        customer=customer,
        sequential_id=None,
        number=f"{customer.slug}-DRAFT",
        invoice_type=invoice_type,
        status="draft",
        currency=currency,
        issuing_date=issuing,
        payment_due_date=issuing + timedelta(days=days),
        net_payment_term=days,
        fees=fees,
        subscriptions=list(subscriptions),
    )
    for fee in fees:
        fee.invoice = invoice
    if not keep:
        return invoice
    if invoice_type == "subscription":
        take_coupons(store, invoice)
    store.invoices.add(invoice)
    for fee in fees:
        store.fees.add(fee)
    if grace_days:
        invoice.finalize_at = store.now + timedelta(days=grace_days)
        store.drafts.append(invoice)
    else:
        finalize(store, invoice)
    return invoice


def finalize(store: Store, invoice: Invoice) -> None:
    """Assign a number to an invoice, and pay it from credit notes and wallets as far as possible."""
    if invoice in store.drafts:
        store.drafts.remove(invoice)
    number = store.invoice_numbers[invoice.customer.lago_id] = store.invoice_numbers[invoice.customer.lago_id] + 1
    invoice.status, invoice.finalize_at, invoice.updated_at = "finalized", None, store.now
    invoice.sequential_id, invoice.number = number, f"{invoice.customer.slug}-{number:03d}"
    if invoice.invoice_type != "credit":
        _take_credit_notes(store, invoice)
        if invoice.invoice_type == "subscription":
            prepaid.consume(store, invoice)
    if amounts.total_cents(invoice) == 0:
        set_payment_status(store, invoice, "succeeded")


def finalize_due(store: Store, until: datetime) -> None:
    """Finalize the drafts whose grace period has ended."""
    for invoice in list(store.drafts):
        if invoice.finalize_at is not None and invoice.finalize_at <= until:
            finalize(store, invoice)


def _take_credit_notes(store: Store, invoice: Invoice) -> None:
    """Pay an invoice from the customer's credit notes."""
    for note in store.credit_notes:
        if note.invoice.customer is not invoice.customer or note.invoice.currency != invoice.currency:
            continue
        amount = min(note.balance_cents, amounts.total_cents(invoice)) if note.credit_status == "available" else 0
        if amount <= 0:
            continue
        note.balance_cents -= amount
        if note.balance_cents == 0:
            note.credit_status = "consumed"
        invoice.credit_notes_cents += amount
        invoice.credits.append(Credit(created_at=store.now, invoice=invoice, amount_cents=amount, credit_note=note))


def set_payment_status(store: Store, invoice: Invoice, status: str) -> None:
    """Set the payment status of an invoice and its fees. Success settles the credits that it purchased."""
    invoice.payment_status, invoice.updated_at = status, store.now
    if status == "succeeded":
        invoice.paid_cents = amounts.total_cents(invoice) - invoice.offset_cents
    for fee in invoice.fees:
        fee.payment_status = status
    for transaction in store.wallet_transactions:
        if transaction.invoice is not invoice or transaction.status != "pending":
            continue
        if status == "succeeded":
            prepaid.settle(store, transaction)
        elif status == "failed":
            transaction.status, transaction.failed_at = "failed", store.now


def pay(store: Store, invoice: Invoice, amount_cents: int) -> None:
    """Record a payment. The invoice is paid when nothing is due any more."""
    invoice.paid_cents += amount_cents
    invoice.updated_at = store.now
    if amounts.due_cents(invoice) == 0:
        set_payment_status(store, invoice, "succeeded")


def void(store: Store, invoice: Invoice) -> None:
    """Void an invoice, and return its coupons, credit notes and prepaid credits."""
    invoice.status, invoice.voided_at, invoice.updated_at = "voided", store.now, store.now
    for credit in invoice.credits:
        if credit.applied_coupon is not None:
            give_back(credit.applied_coupon, credit.amount_cents)
        if credit.credit_note is not None:
            credit.credit_note.balance_cents += credit.amount_cents
            credit.credit_note.credit_status = "available"
    prepaid.give_back(store, invoice)
