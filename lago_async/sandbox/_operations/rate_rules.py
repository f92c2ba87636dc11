"""The server's rules for the rates of rate cards."""

from datetime import UTC, datetime, time
from decimal import Decimal

from lago_async.sandbox._money import charge_properties
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso
from lago_async.sandbox._protocol.wire import JsonObject, decimal_text
from lago_async.sandbox._state.products import RateCard, RateCardRate
from lago_async.sandbox._state.store import Store

_MODELS = ("standard", "graduated", "package", "percentage", "volume", "graduated_percentage", "custom", "dynamic")
_FIXED_MODELS = ("standard", "graduated", "volume")
_UNITS = ("day", "week", "month", "year")
_PAYABLE_IN_ADVANCE = ("count_agg", "sum_agg", "unique_count_agg", "custom_agg")
_FIELDS = ("code", "effective_from", "rate_model", "rate_properties", "min_amount_cents", "billing_interval_count")
FIELDS = (*_FIELDS, "billing_interval_unit", "applied_pricing_unit_conversion_rate")
_NEVER = datetime.min.replace(tzinfo=UTC)


def status_of(store: Store, card: RateCard, rate: RateCardRate) -> str:
    """Return whether a rate is pending, active, or was replaced by a later one."""
    if rate.effective_from > store.now:
        return "pending"
    return "active" if card.active_rate(store.now) is rate else "terminated"


def rate_json(store: Store, card: RateCard, rate: RateCardRate) -> JsonObject:
    """Return a rate as responses show it."""
    return {
        "lago_id": rate.lago_id,
        "code": rate.code,
        "effective_from": to_iso(rate.effective_from),
        "status": status_of(store, card, rate),
        "rate_model": rate.rate_model,
        "rate_properties": rate.rate_properties,
        "min_amount_cents": rate.min_amount_cents,
        "billing_interval_count": rate.interval_count,
        "billing_interval_unit": rate.interval_unit,
        "applied_pricing_unit_conversion_rate": None
        if rate.conversion_rate is None
        else decimal_text(rate.conversion_rate),
        "created_at": to_iso(rate.created_at),
        "updated_at": to_iso(rate.updated_at),
    }


def _model_error(card: RateCard, model: str) -> str | None:
    """Return why a model does not fit the card."""
    metric = card.product.metric
    kind = None if metric is None else metric.aggregation_type
    if card.product.product_type == "fixed" and model not in _FIXED_MODELS:
        return "not_allowed_for_product"
    latest = kind == "latest_agg" and model in {"percentage", "graduated_percentage"}
    if latest or (model == "dynamic" and kind != "sum_agg"):
        return "not_allowed_for_aggregation_type"
    advance = card.billing_timing == "advance"
    if advance and model == "volume":
        return "not_allowed_for_billing_timing"
    if advance and kind is not None and kind not in _PAYABLE_IN_ADVANCE:
        return "not_allowed_for_aggregation_type"
    proratable = metric is None or (metric.recurring and kind != "weighted_sum_agg")
    models = ("standard",) if advance else _FIXED_MODELS
    if card.proration and not (proratable and model in models):
        return "not_allowed_with_proration"
    return None


def _whole(found: refusals.FieldErrors, given: Fields, name: str, default: int, *, least: int, new: bool) -> int:
    """Return a whole number; a new rate has the default for null. Report a smaller number, and no number."""
    number = given.decimal(name) if given.raw(name) is not None or not new else Decimal(default)
    if number is None:
        found.add(name, "is not a number")
    elif number < least:
        found.add(name, "value_is_out_of_range")
    return int(number or 0)


def _begin(found: refusals.FieldErrors, card: RateCard, given: Fields) -> datetime | None:
    """Return when the rate begins: for cards in arrears, with the day."""
    begins = parse_timestamp(given.raw("effective_from"))
    if begins is None:
        blank = given.raw("effective_from") is None or given.raw("effective_from") == ""
        found.add("effective_from", "value_is_mandatory" if blank else "value_is_invalid")
        return None
    return datetime.combine(begins.date(), time(), UTC) if card.billing_timing == "arrears" else begins


def _check_begin(
    store: Store, found: refusals.FieldErrors, card: RateCard, begins: datetime, own: RateCardRate | None
) -> None:
    """Report a begin that is taken, or that is not after the active rate."""
    others = [rate.effective_from for rate in card.rates if rate is not own]
    active = max((at for at in others if at <= store.now), default=_NEVER)
    if begins in others:
        found.add("effective_from", "value_already_exist")
    elif begins <= active:
        found.add("effective_from", "must_be_after_active_rate")


def checked_rate(store: Store, card: RateCard, given: Fields, own: RateCardRate | None = None) -> RateCardRate:
    """Return a rate as it was sent, completed by the one that it changes; all errors are reported."""
    found = refusals.FieldErrors()
    code, model, unit = given.text("code"), given.filled("rate_model"), given.filled("billing_interval_unit")
    if not (code or "").strip():
        found.add("code", "value_is_mandatory")
    elif any(rate.code == code for rate in card.rates if rate is not own):
        found.add("code", "value_already_exist")
    if unit is None:
        found.add("billing_interval_unit", "value_is_mandatory")
    elif unit not in _UNITS:
        found.add("billing_interval_unit", "value_is_invalid")
    least = _whole(found, given, "min_amount_cents", 0, least=0, new=own is None)
    count = _whole(found, given, "billing_interval_count", 1, least=1, new=own is None)
    begins = _begin(found, card, given)
    if begins is not None and (own is None or begins != own.effective_from):
        _check_begin(store, found, card, begins, own)
    conversion = given.decimal("applied_pricing_unit_conversion_rate")
    if card.applied_pricing_unit_code is not None and conversion is None:
        found.add("applied_pricing_unit_conversion_rate", "value_is_mandatory")
    if least > 0 and card.billing_timing == "advance":
        found.add("min_amount_cents", "not_allowed_for_billing_timing")
    properties = given.mapping("rate_properties") or {}
    _check_model(store, found, card, model, properties)
    found.refuse()
    return RateCardRate(
        created_at=store.now,
        updated_at=store.now,
        code=code or "",
        effective_from=begins or store.now,
        rate_model=model or "",
        rate_properties=properties,
        min_amount_cents=least,
        interval_count=count,
        interval_unit=unit or "",
        conversion_rate=conversion,
    )


def _check_model(
    store: Store, found: refusals.FieldErrors, card: RateCard, model: str | None, properties: JsonObject
) -> None:
    """Report a model that is unknown or does not fit the card, or else its invalid properties."""
    if model is None:
        found.add("rate_model", "value_is_mandatory")
        return
    code = _model_error(card, model)
    if model not in _MODELS:
        found.add("rate_model", "value_is_invalid")
    if code is not None:
        found.add("rate_model", code)
    if model not in _MODELS or code is not None:
        return
    latest = card.product.metric is not None and card.product.metric.aggregation_type == "latest_agg"
    for wrong in charge_properties.property_errors(model, properties, premium=store.premium, latest=latest):
        found.add("rate_properties", wrong)
