"""How an invoice comes to its amounts: fees, coupons, taxes, credit notes, prepaid credits; and how it is undone.

Taxes are those of the moment somebody looks, not frozen with the invoice as on the server.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from lago_async.sandbox._money import currencies, prepaid
from lago_async.sandbox._money.usage import Fee
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.invoice_records import Credit, Invoice, InvoiceFee
from lago_async.sandbox._state.periods import Period
from lago_async.sandbox._state.records import AddOn, AppliedCoupon, Charge, Customer, FixedCharge, Subscription, Tax
from lago_async.sandbox._state.store import Store

_HALF = Fraction(1, 2)


def per_unit(amount_cents: int, units: Decimal, currency: str) -> Decimal:
    """The price of one unit in the currency's main unit."""
    amount = Decimal(amount_cents).scaleb(-currencies.exponent(currency))
    return amount / units if units else Decimal(0)


def charge_fee(
    subscription: Subscription, charge: Charge, fee: Fee, taxes: Sequence[Tax], period: Period, store: Store
) -> InvoiceFee:
    """The fee for the usage of a charge, or of one of its filters or groups."""
    metric, accepted = charge.metric, fee.charge_filter
    values: Json = None
    if accepted is not None:
        values = {key: list[Json](each) for key, each in accepted.values.items()}
    currency = subscription.plan.amount_currency
    return InvoiceFee(
        created_at=store.now,
        kind="charge",
        customer=subscription.customer,
        currency=currency,
        amount_cents=fee.amount_cents,
        units=fee.units,
        unit_amount=per_unit(fee.amount_cents, fee.units, currency),
        events_count=fee.events_count,
        taxes=list(taxes),
        subscription=subscription,
        charge=charge,
        charge_filter=accepted,
        pay_in_advance=charge.pay_in_advance,
        starts=period.start,
        ends=period.end - timedelta(seconds=1),
        presentation=fee.presentation,
        item={
            "type": "charge",
            "code": metric.code,
            "name": metric.name,
            "description": metric.description,
            "invoice_display_name": charge.invoice_display_name or metric.name,
            "filters": values,
            "filter_invoice_display_name": None if accepted is None else accepted.display_name,
            "lago_item_id": metric.lago_id,
            "item_type": "BillableMetric",
            "grouped_by": dict(fee.grouped_by),
        },
    )


def _plain_item(kind: str, item_type: str, lago_id: str, code: str, name: str, shown: str | None) -> JsonObject:
    return {
        "type": kind,
        "code": code,
        "name": name,
        "description": None,
        "invoice_display_name": shown or name,
        "filters": None,
        "filter_invoice_display_name": None,
        "lago_item_id": lago_id,
        "item_type": item_type,
        "grouped_by": {},
    }


def subscription_fee(
    store: Store, subscription: Subscription, amount_cents: int, taxes: Sequence[Tax], period: Period
) -> InvoiceFee:
    """The fee for the plan itself."""
    plan = subscription.plan
    return InvoiceFee(
        created_at=store.now,
        kind="subscription",
        customer=subscription.customer,
        currency=plan.amount_currency,
        amount_cents=amount_cents,
        units=Decimal(1),
        unit_amount=per_unit(amount_cents, Decimal(1), plan.amount_currency),
        taxes=list(taxes),
        subscription=subscription,
        pay_in_advance=plan.pay_in_advance,
        starts=period.start,
        ends=period.end - timedelta(seconds=1),
        item=_plain_item(
            "subscription",
            "Subscription",
            subscription.lago_id,
            plan.code,
            plan.name,
            subscription.name or plan.invoice_display_name,
        ),
    )


def fixed_charge_fee(
    store: Store,
    subscription: Subscription,
    charge: FixedCharge,
    amount_cents: int,
    taxes: Sequence[Tax],
    period: Period,
) -> InvoiceFee:
    """The fee for the units of a fixed charge."""
    add_on, currency = charge.add_on, subscription.plan.amount_currency
    return InvoiceFee(
        created_at=store.now,
        kind="fixed_charge",
        customer=subscription.customer,
        currency=currency,
        amount_cents=amount_cents,
        units=charge.units,
        unit_amount=per_unit(amount_cents, charge.units, currency),
        taxes=list(taxes),
        subscription=subscription,
        fixed_charge_id=charge.lago_id,
        pay_in_advance=charge.pay_in_advance,
        starts=period.start,
        ends=period.end - timedelta(seconds=1),
        item=_plain_item(
            "fixed_charge", "AddOn", add_on.lago_id, add_on.code, add_on.name, charge.invoice_display_name
        ),
    )


def add_on_fee(
    store: Store,
    customer: Customer,
    add_on: AddOn,
    currency: str,
    units: Decimal,
    unit_amount_cents: int,
    taxes: Sequence[Tax],
    shown: str | None,
) -> InvoiceFee:
    """A line of a one-off invoice."""
    return InvoiceFee(
        created_at=store.now,
        kind="add_on",
        customer=customer,
        currency=currency,
        amount_cents=int(Fraction(units) * unit_amount_cents + _HALF),
        units=units,
        unit_amount=per_unit(unit_amount_cents, Decimal(1), currency),
        taxes=list(taxes),
        item=_plain_item(
            "add_on", "AddOn", add_on.lago_id, add_on.code, add_on.name, shown or add_on.invoice_display_name
        ),
    )


def new_invoice(
    store: Store,
    customer: Customer,
    invoice_type: str,
    currency: str,
    fees: list[InvoiceFee],
    *,
    subscriptions: Sequence[Subscription] = (),
    grace_days: int = 0,
    keep: bool = True,
) -> Invoice:
    """An invoice with these fees: a draft while there are days of grace, else final. A preview is not kept."""
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
    """Give an invoice its number, and pay of it what credit notes and wallets can."""
    if invoice in store.drafts:
        store.drafts.remove(invoice)
    number = store.invoice_numbers[invoice.customer.lago_id] = store.invoice_numbers[invoice.customer.lago_id] + 1
    invoice.status, invoice.finalize_at, invoice.updated_at = "finalized", None, store.now
    invoice.sequential_id, invoice.number = number, f"{invoice.customer.slug}-{number:03d}"
    if invoice.invoice_type != "credit":
        _take_credit_notes(store, invoice)
        if invoice.invoice_type == "subscription":
            prepaid.consume(store, invoice)
    if invoice.total_cents == 0:
        set_payment_status(store, invoice, "succeeded")


def finalize_due(store: Store, until: datetime) -> None:
    """Finalize the drafts whose grace has ended."""
    for invoice in list(store.drafts):
        if invoice.finalize_at is not None and invoice.finalize_at <= until:
            finalize(store, invoice)


def _eligible(applied: AppliedCoupon, fee: InvoiceFee) -> bool:
    coupon = applied.coupon
    if coupon.limited_plans:
        return fee.subscription is not None and fee.subscription.plan.code in coupon.plan_codes
    if coupon.limited_billable_metrics:
        return fee.charge is not None and fee.charge.metric.code in coupon.billable_metric_codes
    return True


def discount(applied: AppliedCoupon, base: Fraction) -> int:
    """What an applied coupon takes off an amount."""
    if applied.percentage_rate is not None:
        return int(base * Fraction(applied.percentage_rate) / 100 + _HALF)
    left = applied.amount_cents or 0
    if applied.frequency == "once":
        left -= applied.used_cents
    return min(left, int(base))


def take_coupons(store: Store, invoice: Invoice, extra: Sequence[AppliedCoupon] | None = None) -> None:
    """Take the customer's coupons off the fees, each fee by its share; ``extra`` are a preview's, and stay unused."""
    known = [each for each in store.applied_coupons.values() if each.customer is invoice.customer]
    for applied in known if extra is None else extra:
        if applied.terminated_at is not None or applied.amount_currency not in {None, invoice.currency}:
            continue
        fees = [fee for fee in invoice.fees if _eligible(applied, fee)]
        base = sum((fee.taxed_cents for fee in fees), Fraction(0))
        amount = discount(applied, base)
        if amount <= 0:
            continue
        for fee in fees:
            fee.coupons_cents += amount * fee.taxed_cents / base
        invoice.coupons_cents += amount
        invoice.credits.append(
            Credit(created_at=store.now, invoice=invoice, amount_cents=amount, applied_coupon=applied)
        )
        if extra is None:
            _use(store, applied, amount)


def _use(store: Store, applied: AppliedCoupon, amount_cents: int) -> None:
    applied.used_cents += amount_cents
    if applied.frequency == "once":
        over = applied.percentage_rate is not None or applied.used_cents >= (applied.amount_cents or 0)
    else:
        left = applied.frequency_duration_remaining
        if applied.frequency == "recurring" and left is not None:
            applied.frequency_duration_remaining = left - 1
        over = applied.frequency == "recurring" and applied.frequency_duration_remaining == 0
    if over:
        applied.terminated_at = store.now


def _take_credit_notes(store: Store, invoice: Invoice) -> None:
    for note in store.credit_notes:
        if note.invoice.customer is not invoice.customer or note.invoice.currency != invoice.currency:
            continue
        amount = min(note.balance_cents, invoice.total_cents) if note.credit_status == "available" else 0
        if amount <= 0:
            continue
        note.balance_cents -= amount
        if note.balance_cents == 0:
            note.credit_status = "consumed"
        invoice.credit_notes_cents += amount
        invoice.credits.append(Credit(created_at=store.now, invoice=invoice, amount_cents=amount, credit_note=note))


def set_payment_status(store: Store, invoice: Invoice, status: str) -> None:
    """Let an invoice and its fees be paid, or not; credits that were bought come in when they are paid."""
    invoice.payment_status, invoice.updated_at = status, store.now
    if status == "succeeded":
        invoice.paid_cents = invoice.total_cents - invoice.offset_cents
    for fee in invoice.fees:
        fee.payment_status, fee.status_at = status, store.now
    transaction = invoice.wallet_transaction
    if transaction is not None and transaction.status == "pending":
        if status == "succeeded":
            prepaid.settle(store, transaction)
        elif status == "failed":
            transaction.status, transaction.failed_at = "failed", store.now


def pay(store: Store, invoice: Invoice, amount_cents: int) -> None:
    """Take a payment; with the last of it the invoice is paid."""
    invoice.paid_cents += amount_cents
    invoice.updated_at = store.now
    if invoice.due_cents == 0:
        set_payment_status(store, invoice, "succeeded")


def void(store: Store, invoice: Invoice) -> None:
    """Void an invoice, and give back what it took from coupons, credit notes and wallets."""
    invoice.status, invoice.voided_at, invoice.updated_at = "voided", store.now, store.now
    for credit in invoice.credits:
        if credit.applied_coupon is not None:
            _give_back(credit.applied_coupon, credit.amount_cents)
        if credit.credit_note is not None:
            credit.credit_note.balance_cents += credit.amount_cents
            credit.credit_note.credit_status = "available"
    prepaid.give_back(store, invoice)


def _give_back(applied: AppliedCoupon, amount_cents: int) -> None:
    applied.used_cents -= amount_cents
    if applied.frequency == "recurring" and applied.frequency_duration_remaining is not None:
        applied.frequency_duration_remaining += 1
    applied.terminated_at = None
