"""Coupons on invoices: applies them to the fees, and returns them when an invoice is voided."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import amounts, rounding
from lago_async.sandbox._state.coupons import AppliedCoupon
from lago_async.sandbox._state.invoices import Credit, Invoice, InvoiceFee
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store


def _covers_plan(codes: Sequence[str], plan: Plan) -> bool:
    return plan.code in codes or plan.original.code in codes


def _eligible(applied: AppliedCoupon, fee: InvoiceFee) -> bool:
    """Return whether a coupon applies to a fee."""
    coupon = applied.coupon
    if coupon.limited_billable_metrics:
        return fee.charge is not None and fee.charge.metric.code in coupon.billable_metric_codes
    if coupon.limited_plans:
        return fee.subscription is not None and _covers_plan(coupon.plan_codes, fee.subscription.plan)
    return True


def discount(applied: AppliedCoupon, base: Decimal) -> int:
    """Return the amount that an applied coupon takes off a base amount."""
    if applied.percentage_rate is not None:
        wanted = (base * applied.percentage_rate).scaleb(-2)
        return int(base) if wanted >= base else rounding.whole(wanted)
    left = applied.amount_cents or 0
    if applied.frequency == "once":
        left -= applied.used_cents
    return int(min(Decimal(left), base))


def _in_order(applied: AppliedCoupon) -> tuple[bool, bool, datetime, int]:
    """Coupons for some metrics come first, then those for some plans; the oldest first."""
    coupon = applied.coupon
    return not coupon.limited_billable_metrics, not coupon.limited_plans, applied.created_at, applied.order


def take_coupons(store: Store, invoice: Invoice, extra: Sequence[AppliedCoupon] | None = None) -> None:
    """Distribute the customer's coupons over the fees by share.

    ``extra`` are the coupons of a preview, which are not used up.
    """
    if not invoice.fees_cents:
        return
    mine = [item for item in store.applied_coupons.values() if item.customer is invoice.customer]
    for applied in sorted(mine, key=_in_order) if extra is None else extra:
        if applied.terminated_at is not None:
            continue
        left = amounts.sub_total_cents(invoice)
        if left <= 0:
            return
        if applied.percentage_rate is None and applied.amount_currency != invoice.currency:
            continue
        fees = [fee for fee in invoice.fees if _eligible(applied, fee)]
        if not fees:
            continue
        coupon = applied.coupon
        limited = coupon.limited_billable_metrics or coupon.limited_plans
        base = sum((fee.taxed_cents for fee in fees), Decimal(0)) if limited else Decimal(left)
        amount = discount(applied, base)
        for fee in fees:
            if base:
                share = rounding.divided(amount * fee.taxed_cents, base)
                fee.coupons_cents = rounding.to_credits(fee.coupons_cents + share)
            fee.coupons_cents = min(fee.coupons_cents, Decimal(fee.amount_cents))
        invoice.coupons_cents += amount
        invoice.credits.append(
            Credit(created_at=store.now, invoice=invoice, amount_cents=amount, applied_coupon=applied)
        )
        if extra is None:
            _use(store, applied, amount)


def _use(store: Store, applied: AppliedCoupon, amount_cents: int) -> None:
    """Count an amount against an applied coupon, and terminate the coupon when it is used up."""
    if applied.frequency == "once":
        left = (applied.amount_cents or 0) - applied.used_cents
        over = applied.percentage_rate is not None or amount_cents >= left
    elif applied.frequency == "recurring":
        applied.frequency_duration_remaining = max((applied.frequency_duration_remaining or 0) - 1, 0)
        over = applied.frequency_duration_remaining == 0
    else:
        over = False
    applied.used_cents += amount_cents
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


def expire_coupons(store: Store) -> None:
    """Terminate the coupons that have expired: they can no longer be applied. Coupons that are applied already stay."""
    for coupon in store.coupons:
        if coupon.terminated_at is None and coupon.expiration_at is not None and coupon.expiration_at <= store.now:
            coupon.terminated_at = store.now
