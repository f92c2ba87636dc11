"""Coupons."""

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._money.discounts import terminate_applied_coupon
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.coupons import Coupon
from lago_async.sandbox._state.store import Store

COUPON_TYPES = ("fixed_amount", "percentage")
FREQUENCIES = ("once", "recurring", "forever")
_FREE_FIELDS = ("name", "description", "expiration", "expiration_at")

_FIELDS = (
    *_FREE_FIELDS,
    "code",
    "coupon_type",
    "amount_cents",
    "amount_currency",
    "percentage_rate",
    "reusable",
    "frequency",
    "frequency_duration",
    "limited_plans",
    "plan_codes",
    "limited_billable_metrics",
    "billable_metric_codes",
)


def coupon_json(_: Store, coupon: Coupon) -> JsonObject:
    """Return a coupon as responses show it."""
    return {
        "lago_id": coupon.lago_id,
        "name": coupon.name,
        "code": coupon.code,
        "description": coupon.description,
        "coupon_type": coupon.coupon_type,
        "amount_cents": coupon.amount_cents,
        "amount_currency": coupon.amount_currency,
        "percentage_rate": None if coupon.percentage_rate is None else decimal_text(coupon.percentage_rate),
        "frequency": coupon.frequency,
        "frequency_duration": coupon.frequency_duration,
        "reusable": coupon.reusable,
        "limited_plans": coupon.limited_plans,
        "plan_codes": list[Json](coupon.plan_codes),
        "limited_billable_metrics": coupon.limited_billable_metrics,
        "billable_metric_codes": list[Json](coupon.billable_metric_codes),
        "created_at": to_iso(coupon.created_at),
        "expiration": coupon.expiration,
        "expiration_at": to_iso_or_null(coupon.expiration_at),
        "terminated_at": to_iso_or_null(coupon.terminated_at),
    }


def _order(coupon: Coupon) -> tuple[str | int, ...]:
    """Put active ones first, then those that never expire, then those that expire first."""
    at = coupon.expiration_at
    ends = (1, "") if at is None else (0, to_iso(at))
    return (int(coupon.terminated_at is not None), int(coupon.expiration == "time_limit"), *ends)


COUPONS = Catalogue(root="coupon", records=lambda store: store.coupons, render=coupon_json, order=_order)
handles("find_coupon")(COUPONS.find)
handles("find_all_coupons")(COUPONS.list_all)


@handles("destroy_coupon")
def destroy_coupon(call: OperationCall) -> JsonObject:
    """Delete a coupon, and end it on every customer."""
    coupon = COUPONS.record(call)
    for applied in call.store.applied_coupons.values():
        if applied.coupon is coupon:
            terminate_applied_coupon(call.store, applied)
    return COUPONS.destroy(call)


def _check_amounts(given: Fields, found: refusals.FieldErrors, coupon_type: str | None) -> None:
    amount, rate = given.integer("amount_cents"), given.decimal("percentage_rate")
    if coupon_type == "fixed_amount":
        if amount is None or amount <= 0:
            found.add("amount_cents", "value_is_mandatory" if amount is None else "value_is_out_of_range")
        if given.text("amount_currency") not in CURRENCIES:
            found.add("amount_currency", "value_is_invalid")
    elif coupon_type == "percentage" and (rate is None or rate <= 0):
        found.add("percentage_rate", "value_is_mandatory" if rate is None else "value_is_out_of_range")


def _coupon(store: Store, given: Fields, own: Coupon | None = None) -> Coupon:
    """Return the coupon as it was sent, checked against all others except ``own``."""
    limits = given.fields("applies_to")
    plan_codes, metric_codes = limits.strings("plan_codes") or [], limits.strings("billable_metric_codes") or []
    if plan_codes and metric_codes:
        raise refusals.not_allowed("only_one_limitation_type_per_coupon_allowed")
    if any(store.plans.find(code) is None for code in plan_codes):
        raise refusals.not_found("plans")
    if any(store.billable_metrics.find(code) is None for code in metric_codes):
        raise refusals.not_found("billable_metrics")
    found = refusals.FieldErrors()
    name, code = given.filled("name"), given.filled("code")
    for field, value in (("name", name), ("code", code)):
        if value is None:
            found.add(field, "value_is_mandatory")
    if store.coupons.find(code) not in {None, own}:
        found.add("code", "value_already_exist")
    coupon_type, frequency, expiration = (given.text(item) for item in ("coupon_type", "frequency", "expiration"))
    for field, value, accepted in (
        ("coupon_type", coupon_type, COUPON_TYPES),
        ("frequency", frequency, FREQUENCIES),
        ("expiration", expiration, ("no_expiration", "time_limit")),
    ):
        if value not in accepted:
            found.add(field, "value_is_invalid")
    _check_amounts(given, found, coupon_type)
    duration = given.integer("frequency_duration")
    if frequency == "recurring" and (duration is None or duration <= 0):
        found.add("frequency_duration", "value_is_out_of_range")
    expiration_at = parse_timestamp(given.raw("expiration_at"))
    if expiration == "time_limit" and (expiration_at is None or expiration_at <= store.now):
        found.add("expiration_at", "invalid_date")
    found.refuse()
    fixed = coupon_type == "fixed_amount"
    return Coupon(
        created_at=store.now,
        code=code or "",
        name=name or "",
        description=given.text("description"),
        coupon_type=coupon_type or "",
        amount_cents=given.integer("amount_cents") if fixed else None,
        amount_currency=given.text("amount_currency") if fixed else None,
        percentage_rate=None if fixed else given.decimal("percentage_rate"),
        reusable=given.boolean("reusable") is not False,
        frequency=frequency or "",
        frequency_duration=duration,
        expiration=expiration or "",
        expiration_at=expiration_at,
        limited_plans=bool(plan_codes),
        plan_codes=plan_codes,
        limited_billable_metrics=bool(metric_codes),
        billable_metric_codes=metric_codes,
    )


@handles("create_coupon")
def create_coupon(call: OperationCall) -> JsonObject:
    """Create a coupon."""
    coupon = _coupon(call.store, call.envelope())
    call.store.coupons.add(coupon)
    return coupon_json(call.store, coupon)


@handles("update_coupon")
def update_coupon(call: OperationCall) -> JsonObject:
    """Change a coupon. Once a customer has it, only its name, description and expiration change."""
    store = call.store
    coupon = COUPONS.record(call)
    given = call.envelope()
    limits: JsonObject = {
        "applies_to": {
            "plan_codes": list[Json](coupon.plan_codes),
            "billable_metric_codes": list[Json](coupon.billable_metric_codes),
        }
    }
    changed = _coupon(store, given.over({**coupon_json(store, coupon), **limits}), coupon)
    applied = any(item.coupon is coupon for item in store.applied_coupons.values())
    names = _FREE_FIELDS if applied else _FIELDS
    with store.coupons.changing(coupon):
        for name in names:
            setattr(coupon, name, getattr(changed, name))
    return coupon_json(call.store, coupon)
