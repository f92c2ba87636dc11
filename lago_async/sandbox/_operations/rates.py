"""Rates of rate cards: checked, created, changed and shown."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from lago_async.sandbox._money.charge_properties import property_errors
from lago_async.sandbox._operations.product_fields import given_code, is_given
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.rate_cards import Rate, RateCard
from lago_async.sandbox._state.store import Store

_MODELS = ("standard", "graduated", "package", "percentage", "volume", "graduated_percentage", "custom", "dynamic")
_FREE_MODELS = ("custom", "dynamic")
_MODELS_OF_FIXED = ("standard", "graduated", "volume")
_MODELS_WITH_PRORATION = {"arrears": ("standard", "volume", "graduated"), "advance": ("standard",)}
_UNITS = ("day", "week", "month", "year")
_NOT_IN_ADVANCE = ("max_agg", "latest_agg")
_AMOUNTS = (
    "amount",
    "rate",
    "fixed_amount",
    "flat_amount",
    "per_unit_amount",
    "free_units_per_total_aggregation",
    "per_transaction_max_amount",
    "per_transaction_min_amount",
)
FROZEN_IN_EFFECT = (
    "effective_from",
    "rate_model",
    "min_amount_cents",
    "billing_interval_count",
    "billing_interval_unit",
)
"""What an active rate keeps; the server names the first one that was sent."""


def rate_json(store: Store, card: RateCard, rate: Rate) -> JsonObject:
    """Return a rate as responses show it."""
    return {
        "lago_id": rate.lago_id,
        "code": rate.code,
        "effective_from": to_iso(rate.effective_from),
        "status": card.status(rate, store.now),
        "rate_model": rate.rate_model,
        "rate_properties": rate.rate_properties,
        "min_amount_cents": rate.min_amount_cents,
        "billing_interval_count": rate.billing_interval_count,
        "billing_interval_unit": rate.billing_interval_unit,
        "applied_pricing_unit_conversion_rate": None
        if rate.conversion_rate is None
        else decimal_text(rate.conversion_rate),
        "created_at": to_iso(rate.created_at),
        "updated_at": to_iso(rate.updated_at),
    }


def _incompatible(card: RateCard, model: str) -> str | None:
    """Return the code of the first rule that the model breaks on this card."""
    product, metric = card.product, card.product.metric
    aggregation = None if metric is None else metric.aggregation_type
    if product.product_type == "fixed" and model not in _MODELS_OF_FIXED:
        return "not_allowed_for_product"
    if model == "dynamic" and aggregation != "sum_agg":
        return "not_allowed_for_aggregation_type"
    if model in {"percentage", "graduated_percentage"} and aggregation == "latest_agg":
        return "not_allowed_for_aggregation_type"
    if card.billing_timing == "advance" and model == "volume":
        return "not_allowed_for_billing_timing"
    if card.billing_timing == "advance" and aggregation in _NOT_IN_ADVANCE:
        return "not_allowed_for_aggregation_type"
    if card.proration and (
        model not in _MODELS_WITH_PRORATION[card.billing_timing] or (metric is not None and not metric.recurring)
    ):
        return "not_allowed_with_proration"
    return None


def _strict(value: Json) -> Json:
    """Return properties with an empty text for each value that only the sandbox's charges take.

    Those are numbers for amounts, and 0 for the events that are free.
    """
    if isinstance(value, list):
        return [_strict(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: ""
        if (name in _AMOUNTS and isinstance(inner, bool | int | float))
        or (name == "free_units_per_events" and inner == 0)
        else _strict(inner)
        for name, inner in value.items()
    }


def _check_properties(found: refusals.FieldErrors, model: str, properties: JsonObject) -> None:
    if model in _FREE_MODELS:
        return
    strict = _strict(properties)
    for code in property_errors(model, strict if isinstance(strict, dict) else {}):
        found.add("rate_properties", code)


def _begin(
    found: refusals.FieldErrors, card: RateCard, given: Fields, own: Rate | None, others: list[Rate], now: datetime
) -> datetime:
    """Return the time from which the rate counts; now, if what was sent is wrong and so refused."""
    if own is not None and not is_given(given, "effective_from"):
        return own.effective_from
    raw = given.raw("effective_from")
    if isinstance(raw, bool | int | float):
        raise refusals.crashed()
    at = parse_timestamp(raw)
    if at is None:
        found.add(
            "effective_from", "value_is_mandatory" if given.filled("effective_from") is None else "value_is_invalid"
        )
        return now
    if card.billing_timing == "arrears":
        at = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if own is None or at != own.effective_from:
        if any(rate.effective_from == at for rate in others):
            found.add("effective_from", "value_already_exist")
        elif any(at <= rate.effective_from <= now for rate in others):
            found.add("effective_from", "must_be_after_active_rate")
    return at


def _code(found: refusals.FieldErrors, given: Fields, own: Rate | None, others: list[Rate]) -> str:
    # A creation keeps the spaces around the code; a change removes them.
    code = given.filled("code") if own is None else given_code(given) if is_given(given, "code") else own.code
    if not code:
        found.add("code", "value_is_mandatory")
    elif any(rate.code == code for rate in others):
        found.add("code", "value_already_exist")
    return code or ""


def _unit(found: refusals.FieldErrors, given: Fields, own: Rate | None) -> str:
    if own is not None and not is_given(given, "billing_interval_unit"):
        return own.billing_interval_unit
    unit = given.filled("billing_interval_unit")
    if unit not in _UNITS:
        found.add("billing_interval_unit", "value_is_mandatory" if unit is None else "value_is_invalid")
    return unit or ""


def _number(found: refusals.FieldErrors, given: Fields, own: Rate | None, name: str, least: int) -> int:
    """Return a number that was sent, or the one before it. A creation takes null for the least one."""
    kept: int = least if own is None else getattr(own, name)
    if not is_given(given, name) or (own is None and given.raw(name) is None):
        return kept
    number = given.decimal(name)
    if number is None:
        found.add(name, "is not a number")
    elif number < least:
        found.add(name, "value_is_out_of_range")
    return kept if number is None else int(number)


def _model(found: refusals.FieldErrors, card: RateCard, given: Fields, own: Rate | None, properties: JsonObject) -> str:
    """Return the model, after a check of it and, if it is good, of its properties."""
    model = given.filled("rate_model") if own is None or is_given(given, "rate_model") else own.rate_model
    if model is None:
        found.add("rate_model", "value_is_mandatory")
        return ""
    incompatible = _incompatible(card, model)
    if model not in _MODELS:
        found.add("rate_model", "value_is_invalid")
    if incompatible is not None:
        found.add("rate_model", incompatible)
    if model in _MODELS and incompatible is None:
        _check_properties(found, model, properties)
    return model


def checked_rate(store: Store, card: RateCard, given: Fields, own: Rate | None = None) -> Rate:
    """Return a rate of a card as it was sent, completed by the rate that changes, or refuse it."""
    found = refusals.FieldErrors()
    others = [rate for rate in card.rates if rate is not own]
    code, unit = _code(found, given, own, others), _unit(found, given, own)
    begin = _begin(found, card, given, own, others, store.now)
    least = _number(found, given, own, "min_amount_cents", 0)
    if least > 0 and card.billing_timing == "advance":
        found.add("min_amount_cents", "not_allowed_for_billing_timing")
    count = _number(found, given, own, "billing_interval_count", 1)
    sent = own is None or given.has("rate_properties")
    properties = given.mapping("rate_properties") or {} if sent or own is None else own.rate_properties
    model = _model(found, card, given, own, properties)
    conversion = _conversion_rate(found, given, own)
    found.refuse()
    return Rate(
        created_at=store.now if own is None else own.created_at,
        lago_id=str(uuid4()) if own is None else own.lago_id,
        updated_at=store.now,
        code=code,
        effective_from=begin,
        rate_model=model,
        rate_properties=properties,
        min_amount_cents=least,
        billing_interval_count=count,
        billing_interval_unit=unit,
        conversion_rate=conversion,
    )


def _conversion_rate(found: refusals.FieldErrors, given: Fields, own: Rate | None) -> Decimal | None:
    name = "applied_pricing_unit_conversion_rate"
    if not is_given(given, name):
        return None if own is None else own.conversion_rate
    rate = given.decimal(name)
    if rate is None and given.filled(name) is not None:
        found.add(name, refusals.NOT_SIMULATED)
    return rate
