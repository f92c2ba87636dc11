"""Coupons on customers, and the amounts that they took off invoices."""

from uuid import UUID

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._money.discounts import terminate_applied_coupon
from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.coupon_limits import overlap
from lago_async.sandbox._operations.coupons import FREQUENCIES
from lago_async.sandbox._operations.invoice_views import credit_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import JsonObject, decimal_text, encode
from lago_async.sandbox._state.coupons import AppliedCoupon, Coupon
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store


def applied_coupon_json(applied: AppliedCoupon) -> JsonObject:
    """Return an applied coupon as the responses to its creation and removal show it."""
    coupon = applied.coupon
    fixed_once = applied.frequency == "once" and coupon.coupon_type == "fixed_amount"
    return {
        "lago_id": applied.lago_id,
        "lago_coupon_id": coupon.lago_id,
        "coupon_code": coupon.code,
        "coupon_name": coupon.name,
        "coupon_description": coupon.description,
        "coupon_status": "active" if coupon.terminated_at is None else "terminated",
        "coupon_deleted_at": to_iso_or_null(coupon.deleted_at),
        "lago_customer_id": applied.customer.lago_id,
        "external_customer_id": applied.customer.external_id,
        "status": "active" if applied.terminated_at is None else "terminated",
        "amount_cents": applied.amount_cents,
        "amount_cents_remaining": (applied.amount_cents or 0) - applied.used_cents if fixed_once else None,
        "amount_currency": applied.amount_currency,
        "percentage_rate": None if applied.percentage_rate is None else decimal_text(applied.percentage_rate),
        "frequency": applied.frequency,
        "frequency_duration": applied.frequency_duration,
        "frequency_duration_remaining": applied.frequency_duration_remaining,
        "expiration_at": to_iso_or_null(coupon.expiration_at),
        "created_at": to_iso(applied.created_at),
        "terminated_at": to_iso_or_null(applied.terminated_at),
    }


def _check_free_to_apply(store: Store, applied: AppliedCoupon) -> None:
    """Refuse a second coupon for the same plans or metrics, and a second use of a coupon that is not reusable."""
    coupon = applied.coupon
    others = [item for item in store.applied_coupons.values() if item.customer is applied.customer]
    if any(item.terminated_at is None and overlap(store, coupon, item.coupon) for item in others):
        raise refusals.not_allowed("plan_overlapping")
    if not coupon.reusable and any(item.coupon is coupon for item in others):
        raise refusals.invalid_field("coupon", "coupon_is_not_reusable")


@handles("apply_coupon")
def apply_coupon(call: OperationCall) -> JsonObject:
    """Give a coupon to a customer; values that were not sent are taken from the coupon."""
    store, given = call.store, call.envelope()
    customer = store.customers.find(given.text("external_customer_id"))
    if customer is None:
        raise refusals.not_found("customer")
    return applied_coupon_json(give_coupon(store, customer, store.coupons.find(given.text("coupon_code")), given))


def give_coupon(store: Store, customer: Customer, coupon: Coupon | None, given: Fields) -> AppliedCoupon:
    """Give a coupon to a customer, with the values that were sent, and return it; refuse one that is over."""
    if coupon is None or _over(store, coupon):
        raise refusals.not_found("coupon")
    fixed = coupon.coupon_type == "fixed_amount"
    duration = given.integer("frequency_duration")
    duration = coupon.frequency_duration if duration is None else duration
    applied = AppliedCoupon(
        created_at=store.now,
        coupon=coupon,
        customer=customer,
        amount_cents=(given.integer("amount_cents") or coupon.amount_cents) if fixed else None,
        amount_currency=(given.filled("amount_currency") or coupon.amount_currency) if fixed else None,
        percentage_rate=None if fixed else (given.decimal("percentage_rate") or coupon.percentage_rate),
        frequency=given.filled("frequency") or coupon.frequency,
        frequency_duration=duration,
        frequency_duration_remaining=duration,
    )
    _check_free_to_apply(store, applied)
    found = refusals.FieldErrors()
    if applied.frequency not in FREQUENCIES:
        found.add("frequency", "value_is_invalid")
    if applied.frequency == "recurring" and (duration is None or duration <= 0):
        found.add("frequency_duration", "value_is_out_of_range")
    if applied.amount_cents is not None and applied.amount_cents <= 0:
        found.add("amount_cents", "value_is_out_of_range")
    if applied.amount_currency is not None and applied.amount_currency not in CURRENCIES:
        found.add("amount_currency", "value_is_invalid")
    found.refuse()
    if fixed and customer.currency is None:
        customer.columns["currency"] = applied.amount_currency
    store.applied_coupons[applied.lago_id] = applied
    return applied


def _over(store: Store, coupon: Coupon) -> bool:
    """Return whether a coupon is terminated or expired."""
    if coupon.expiration_at is not None and coupon.expiration_at <= store.now:
        coupon.terminated_at = coupon.terminated_at or coupon.expiration_at
    return coupon.terminated_at is not None


@handles("delete_applied_coupon")
def delete_applied_coupon(call: OperationCall) -> JsonObject:
    """Terminate an applied coupon; a terminated one is returned as it is."""
    store = call.store
    customer = store.customers.find(call.identifier)
    if customer is None:
        raise refusals.not_found("customer")
    applied = store.applied_coupons.get(_uuid(call.path_params[1]))
    if applied is None or applied.customer is not customer:
        raise refusals.not_found("applied_coupon")
    terminate_applied_coupon(store, applied)
    return applied_coupon_json(applied)


def _uuid(text: str) -> str:
    """Return an id in its canonical form; an empty text, which matches nothing, for anything else."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _with_credits(store: Store, applied: AppliedCoupon) -> JsonObject:
    taken = [credit for invoice in store.invoices for credit in invoice.credits if credit.applied_coupon is applied]
    return {**applied_coupon_json(applied), "credits": [credit_json(credit) for credit in taken]}


def _page(call: OperationCall, external_customer_id: str | None) -> PagedList:
    """List the applied coupons that match, newest first. An unknown status does not filter."""
    status, codes = call.params.filled("status"), call.params.strings("coupon_code")

    def matches(applied: AppliedCoupon) -> bool:
        own = "active" if applied.terminated_at is None else "terminated"
        return (
            external_customer_id in {None, applied.customer.external_id}
            and (status not in {"active", "terminated"} or status == own)
            and (not codes or applied.coupon.code in codes)
        )

    found = [item for item in reversed(call.store.applied_coupons.values()) if matches(item)]
    return Window.of(call.params).page(found, lambda item: encode(_with_credits(call.store, item)))


@handles("find_all_applied_coupons")
def find_all_applied_coupons(call: OperationCall) -> PagedList:
    """List the applied coupons of all customers; an unknown customer has none."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_applied_coupons")
def find_all_customer_applied_coupons(call: OperationCall) -> PagedList:
    """List the applied coupons of one customer, who must exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
