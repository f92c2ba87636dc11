"""The life of an invoice: it is created, finalized, paid and voided."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta

from lago_async.sandbox._money import amounts, prepaid, progressive_credits, settings
from lago_async.sandbox._money.discounts import give_back, take_coupons
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Credit, Invoice, InvoiceFee
from lago_async.sandbox._state.periods import local_date
from lago_async.sandbox._state.store import Store

# The webhooks that tell of a finalized invoice, where it is another one than usual.
_CREATED = {"one_off": "invoice.one_off_created", "credit": "invoice.paid_credit_added"}


def new_invoice(
    store: Store,
    customer: Customer,
    *,
    invoice_type: str,
    currency: str,
    timestamp: datetime | None = None,
    recurring: bool = False,
    may_be_draft: bool = False,
    purchase_order_number: str | None = None,
) -> Invoice:
    """Return an invoice without fees, which the store does not hold yet.

    Only what closes a period, starts or ends a subscription may stay a draft for the days of grace.
    """
    at = store.now if timestamp is None else timestamp
    today = local_date(at, customer.zone)
    term = settings.payment_term_days(store, customer)
    delay = settings.issuing_delay_days(store, customer, recurring=recurring) if may_be_draft else 0
    issuing = today + timedelta(days=delay)
    invoice = Invoice(
        created_at=store.now,
        updated_at=store.now,
        customer=customer,
        sequential_id=None,
        number=f"{settings.number_prefix(store, customer)}-DRAFT",
        invoice_type=invoice_type,
        status="generating",
        currency=currency,
        issuing_date=issuing,
        payment_due_date=issuing + timedelta(days=term),
        net_payment_term=term,
        fees=[],
        timestamp=at,
        purchase_order_number=purchase_order_number,
    )
    grace = settings.grace_days(store, customer) if may_be_draft else 0
    if grace:
        invoice.status = "draft"
        # The server's job compares with the date in UTC.
        finalizes = today + timedelta(days=grace)
        invoice.finalize_at = datetime(finalizes.year, finalizes.month, finalizes.day, tzinfo=store.now.tzinfo)
    return invoice


@contextmanager
def drafts_follow(store: Store) -> Generator[None]:
    """Move the dates of drafts when the days of grace or the payment terms change inside the block."""

    def days(invoice: Invoice) -> tuple[int, int, int]:
        recurring = bool(invoice.periods) and invoice.periods[0].recurring
        return (
            settings.issuing_delay_days(store, invoice.customer, recurring=recurring),
            settings.grace_days(store, invoice.customer),
            settings.payment_term_days(store, invoice.customer),
        )

    before = [(invoice, days(invoice)) for invoice in store.drafts]
    yield
    for invoice, (old_delay, old_grace, old_term) in before:
        delay, grace, term = days(invoice)
        if (delay, grace, term) == (old_delay, old_grace, old_term):
            continue
        invoice.issuing_date += timedelta(days=delay - old_delay)
        invoice.net_payment_term, invoice.payment_due_date = term, invoice.issuing_date + timedelta(days=term)
        if invoice.finalize_at is not None:
            invoice.finalize_at += timedelta(days=grace - old_grace)


def add_fees(store: Store, invoice: Invoice | None, fees: Iterable[InvoiceFee]) -> None:
    """Put fees on an invoice, or keep them without one."""
    for fee in fees:
        fee.invoice = invoice
        if invoice is not None:
            invoice.fees.append(fee)
        store.fees.add(fee)
        if fee.subscription is not None:
            store.history(fee.subscription).fees.append(fee)


def add_separate_fees(store: Store, fees: Iterable[InvoiceFee]) -> None:
    """Keep fees that are on no invoice, each of which is told."""
    for fee in fees:
        add_fees(store, None, [fee])
        store.emit("fee.created", fee)


def remove_fees(store: Store, invoice: Invoice) -> None:
    """Take all fees off a draft, which is computed again."""
    for fee in invoice.fees:
        store.fees.discard(fee, store.now)
        if fee.subscription is not None:
            store.history(fee.subscription).fees.remove(fee)
    invoice.fees.clear()


def settle(store: Store, invoice: Invoice) -> None:
    """Compute an invoice, reduce it by coupons, credit notes and wallets, and finalize or close it."""
    amounts.compute(invoice)
    progressive_credits.take(store, invoice)
    if invoice.invoice_type != "one_off":
        take_coupons(store, invoice)
    amounts.compute(invoice)
    if invoice.invoice_type != "one_off":
        _take_credit_notes(store, invoice)
        if amounts.total_cents(invoice) > 0:
            prepaid.consume(store, invoice)
    finish(store, invoice)


def compute_draft(store: Store, invoice: Invoice) -> None:
    """Compute a draft. Coupons, credit notes and wallets wait until it is finalized."""
    invoice.progressive_cents = 0
    invoice.credits = [credit for credit in invoice.credits if credit.progressive_invoice is None]
    amounts.compute(invoice)
    progressive_credits.take(store, invoice)
    amounts.compute(invoice)
    invoice.payment_status = "pending" if amounts.total_cents(invoice) else "succeeded"


def prepare_final(store: Store, invoice: Invoice) -> None:
    """Give a draft the dates of its finalization; one that closes a period may keep its issuing date."""
    recurring = bool(invoice.periods) and invoice.periods[0].recurring
    if not (recurring and settings.adjustment(store, invoice.customer) == settings.KEEP_ANCHOR):
        invoice.issuing_date = local_date(store.now, invoice.customer.zone)
    term = settings.payment_term_days(store, invoice.customer)
    invoice.payment_due_date = invoice.issuing_date + timedelta(days=term)
    invoice.status, invoice.progressive_cents = "generating", 0
    invoice.credits = [credit for credit in invoice.credits if credit.progressive_invoice is None]


def finish(store: Store, invoice: Invoice) -> None:
    """Give an invoice its final status, and a number if it is finalized."""
    invoice.finalize_at, invoice.updated_at = None, store.now
    if invoice.fees_cents == 0 and not settings.finalizes_zero(store, invoice.customer):
        invoice.status = "closed"
        if store.invoices.find(invoice.lago_id) is not None:
            store.invoices.discard(invoice, store.now)
        return
    if store.invoices.find(invoice.lago_id) is None:
        store.invoices.add(invoice)
    number = store.invoice_numbers[invoice.customer.lago_id] = store.invoice_numbers[invoice.customer.lago_id] + 1
    invoice.status = "finalized"
    prefix = settings.number_prefix(store, invoice.customer)
    invoice.sequential_id = number
    invoice.number = f"{prefix}-{invoice.customer.sequential_id:03d}-{number:03d}"
    if amounts.total_cents(invoice) == 0:
        # Nothing is to be paid; the fees keep their status.
        invoice.payment_status = "succeeded"
        if invoice.invoice_type == "credit":
            set_payment_status(store, invoice, "succeeded")
    if invoice.payment_status != "succeeded":
        store.payable.append(invoice)
    store.emit(_CREATED.get(invoice.invoice_type, "invoice.created"), invoice)
    store.emit("invoice.generated", invoice)


def issue_credit(store: Store, invoice: Invoice, *, waits: bool) -> None:
    """Issue an invoice for credits; one that ``waits`` for its payment is open, and no list shows it."""
    amounts.compute(invoice)
    if waits and invoice.fees_cents:
        invoice.status = "open"
        store.open_invoices.append(invoice)
        return
    finish(store, invoice)


def _take_credit_notes(store: Store, invoice: Invoice) -> None:
    """Pay an invoice from the customer's credit notes, the oldest first."""
    for note in store.credit_notes:
        left = amounts.total_cents(invoice)
        if left <= 0:
            return
        if note.invoice.customer is not invoice.customer or note.invoice.currency != invoice.currency:
            continue
        usable = note.credit_status == "available" and note.invoice is not invoice and note.invoice.status != "draft"
        amount = min(note.balance_cents, left) if usable else 0
        if amount <= 0:
            continue
        note.balance_cents -= amount
        note.updated_at = store.now
        if note.balance_cents == 0:
            note.credit_status = "consumed"
        invoice.credits.append(Credit(created_at=store.now, invoice=invoice, amount_cents=amount, credit_note=note))
        _share_credit(invoice, amount, left)
        invoice.credit_notes_cents += amount


def _share_credit(invoice: Invoice, amount: int, left: int) -> None:
    """Distribute what a credit note pays over the fees, so that wallets pay only the rest."""
    for fee in invoice.fees:
        payable = fee.taxed_cents + fee.taxes_cents
        fee.credit_notes_cents += amount * (payable - fee.credit_notes_cents) / left
        fee.credit_notes_cents = min(fee.credit_notes_cents, payable)


def set_payment_status(store: Store, invoice: Invoice, status: str) -> None:
    """Set the payment status of an invoice and its fees. Success settles the credits that it purchased.

    A status alone is not a payment: the amount due stays.
    """
    invoice.payment_status, invoice.updated_at = status, store.now
    if status == "succeeded":
        invoice.payment_overdue = False
    if status == "succeeded" and invoice.status == "open":
        store.open_invoices.remove(invoice)
        invoice.issuing_date = local_date(store.now, invoice.customer.zone)
        invoice.payment_due_date = invoice.issuing_date + timedelta(days=invoice.net_payment_term)
        finish(store, invoice)
    for fee in invoice.fees:
        fee.payment_status = status
    if invoice.invoice_type != "credit":
        return
    for transaction in store.wallet_transactions:
        if transaction.invoice is not invoice or transaction.status != "pending":
            continue
        if status == "succeeded":
            prepaid.settle(store, transaction)
            store.emit("wallet_transaction.updated", transaction)
        elif status == "failed":
            transaction.status, transaction.failed_at = "failed", store.now
            store.emit("wallet_transaction.updated", transaction)


def pay(store: Store, invoice: Invoice, amount_cents: int) -> None:
    """Record a payment. The invoice is paid when nothing is due any more."""
    invoice.paid_cents += amount_cents
    invoice.updated_at = store.now
    if amounts.due_cents(invoice) == 0:
        set_payment_status(store, invoice, "succeeded")
        store.emit("invoice.payment_status_updated", invoice)


def void(store: Store, invoice: Invoice, *, recredit: bool = True) -> None:
    """Void an invoice, and return its coupons; and its prepaid credits, unless a credit note gives them back."""
    invoice.status, invoice.voided_at, invoice.updated_at = "voided", store.now, store.now
    invoice.payment_overdue = False
    for credit in invoice.credits:
        if credit.applied_coupon is not None:
            give_back(credit.applied_coupon, credit.amount_cents)
    if recredit:
        prepaid.give_back(store, invoice)
