"""Coupons on invoices: applies them to the fees, and returns them when an invoice is voided."""

from collections.abc import Sequence
from fractions import Fraction

from lago_async.sandbox._money import rounding
from lago_async.sandbox._state.coupons import AppliedCoupon
from lago_async.sandbox._state.invoices import Credit, Invoice, InvoiceFee
from lago_async.sandbox._state.store import Store


def _eligible(applied: AppliedCoupon, fee: InvoiceFee) -> bool:
    """Return whether a coupon applies to a fee."""
    coupon = applied.coupon
    if coupon.limited_plans:
        return fee.subscription is not None and fee.subscription.plan.code in coupon.plan_codes
    if coupon.limited_billable_metrics:
        return fee.charge is not None and fee.charge.metric.code in coupon.billable_metric_codes
    return True


def discount(applied: AppliedCoupon, base: Fraction) -> int:
    """Return the amount that an applied coupon takes off a base amount."""
    if applied.percentage_rate is not None:
        return rounding.percent_of(base, applied.percentage_rate)
    left = applied.amount_cents or 0
    if applied.frequency == "once":
        left -= applied.used_cents
    return min(left, int(base))


def take_coupons(store: Store, invoice: Invoice, extra: Sequence[AppliedCoupon] | None = None) -> None:
    """Distribute the customer's coupons over the fees by share.

    ``extra`` are the coupons of a preview, which are not used up.
    """
    known = [item for item in store.applied_coupons.values() if item.customer is invoice.customer]
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
    """Count an amount against an applied coupon, and terminate the coupon when it is used up."""
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


def give_back(applied: AppliedCoupon, amount_cents: int) -> None:
    """Return an amount to an applied coupon, which becomes active again."""
    applied.used_cents -= amount_cents
    if applied.frequency == "recurring" and applied.frequency_duration_remaining is not None:
        applied.frequency_duration_remaining += 1
    applied.terminated_at = None


def terminate_applied_coupon(store: Store, applied: AppliedCoupon) -> None:
    """Terminate an applied coupon; a terminated one stays as it is."""
    applied.terminated_at = applied.terminated_at or store.now
