"""Charges and their filters: created, changed and shown."""

from collections.abc import Collection, Iterable

import attrs

from lago_async.sandbox._money import charge_properties, pricing
from lago_async.sandbox._money.usage import ALL_FILTER_VALUES
from lago_async.sandbox._operations.codes import free_code
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields, texts
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.plans import Charge, ChargeFilter
from lago_async.sandbox._state.store import Store

_REAL_MODELS = {*pricing.MODELS, "custom", "dynamic"}


def filter_json(charge: Charge, charge_filter: ChargeFilter) -> JsonObject:
    """Return a filter of a charge as responses show it."""
    return {
        "lago_id": charge_filter.lago_id,
        "charge_code": charge.code,
        "invoice_display_name": charge_filter.invoice_display_name,
        "properties": charge_filter.properties,
        "values": {key: list[Json](values) for key, values in charge_filter.values.items()},
    }


def charge_json(charge: Charge) -> JsonObject:
    """Return a charge as its plan shows it."""
    return {
        "lago_id": charge.lago_id,
        "lago_billable_metric_id": charge.metric.lago_id,
        "code": charge.code,
        "invoice_display_name": charge.invoice_display_name,
        "billable_metric_code": charge.metric.code,
        "created_at": to_iso(charge.created_at),
        "charge_model": charge.charge_model,
        "invoiceable": charge.invoiceable,
        "regroup_paid_fees": charge.regroup_paid_fees,
        "pay_in_advance": charge.pay_in_advance,
        "prorated": charge.prorated,
        "min_amount_cents": charge.min_amount_cents,
        "properties": charge.properties,
        "filters": [filter_json(charge, charge_filter) for charge_filter in charge.filters],
        "taxes": [tax_json(tax) for tax in charge.taxes],
        "applied_pricing_unit": None,
        "accepts_target_wallet": charge.accepts_target_wallet,
        "lago_parent_id": charge.parent_id,
    }


def _check_model(store: Store, model: str) -> None:
    """Refuse a charge model that does not exist, needs a licence, or that the sandbox does not simulate."""
    if model == "graduated_percentage" and not store.premium:
        raise refusals.invalid_field("charge_model", "graduated_percentage_requires_premium_license")
    if model not in pricing.MODELS:
        code = refusals.NOT_SIMULATED if model in _REAL_MODELS else "value_is_invalid"
        raise refusals.invalid_field("charge_model", code)


def checked_properties(model: str, given: Fields) -> JsonObject:
    """Return the properties that were sent, or the defaults of the model; refuse invalid ones."""
    properties = given.mapping("properties") or charge_properties.default_properties(model)
    wrong = charge_properties.property_errors(model, properties)
    if wrong:
        raise refusals.invalid({"properties": list[Json](wrong)})
    return charge_properties.kept_properties(model, properties)


def _values(metric: BillableMetric, given: Fields) -> dict[str, list[str]]:
    """Return the values of a filter; each must be a value of the metric."""
    values = {key: texts(one) or [] for key, one in (given.mapping("values") or {}).items()}
    if not values:
        raise refusals.invalid_field("values", "value_is_mandatory")
    for key, accepted in values.items():
        if key not in metric.filters or not set(accepted) <= {*metric.filters[key], ALL_FILTER_VALUES}:
            raise refusals.invalid_field("values", "value_is_invalid")
    return values


def new_filter(store: Store, metric: BillableMetric, model: str, given: Fields) -> ChargeFilter:
    """Return a filter for a charge of this metric and model."""
    return ChargeFilter(
        created_at=store.now,
        invoice_display_name=given.text("invoice_display_name"),
        values=_values(metric, given),
        properties=checked_properties(model, given),
    )


def update_filter(charge: Charge, charge_filter: ChargeFilter, given: Fields) -> None:
    """Change the fields of a filter that were sent."""
    values = _values(charge.metric, given) if given.has("values") else charge_filter.values
    properties = checked_properties(charge.charge_model, given) if given.has("properties") else charge_filter.properties
    charge_filter.values, charge_filter.properties = values, properties
    if given.has("invoice_display_name"):
        charge_filter.invoice_display_name = given.text("invoice_display_name")


def new_charge(store: Store, given: Fields, taken: Collection[str]) -> Charge:
    """Return a charge as it was sent; without a code it takes its metric's code."""
    metrics = {metric.lago_id: metric for metric in store.billable_metrics}
    metric = metrics.get(given.text("billable_metric_id") or "")
    if metric is None:
        raise refusals.not_found("billable_metrics")
    model = given.text("charge_model") or ""
    _check_model(store, model)
    refuse_unsimulated(store, "charge", given)
    return Charge(
        created_at=store.now,
        code=free_code(given, metric.code, taken),
        metric=metric,
        charge_model=model,
        invoice_display_name=given.text("invoice_display_name"),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        invoiceable=given.boolean("invoiceable") is not False,
        regroup_paid_fees=given.filled("regroup_paid_fees"),
        prorated=bool(given.boolean("prorated")),
        min_amount_cents=(given.integer("min_amount_cents") or 0) if store.premium else 0,
        accepts_target_wallet=bool(given.boolean("accepts_target_wallet")),
        properties=checked_properties(model, given),
        filters=[new_filter(store, metric, model, item) for item in given.list_of_fields("filters") or []],
        taxes=find_taxes(store, given.strings("tax_codes") or []),
    )


def update_charge(store: Store, charge: Charge, given: Fields) -> None:
    """Change the fields that were sent. The metric stays; filters that are sent replace all others."""
    model = given.text("charge_model") or charge.charge_model
    _check_model(store, model)
    refuse_unsimulated(store, "charge", given)
    remodelled = given.has("properties") or model != charge.charge_model
    properties = checked_properties(model, given) if remodelled else charge.properties
    filters = charge.filters
    if given.has("filters"):
        filters = [new_filter(store, charge.metric, model, item) for item in given.list_of_fields("filters") or []]
    codes = given.strings("tax_codes")
    taxes = charge.taxes if codes is None else find_taxes(store, codes)
    charge.charge_model, charge.properties, charge.filters, charge.taxes = model, properties, filters, taxes
    if given.has("invoice_display_name"):
        charge.invoice_display_name = given.text("invoice_display_name")
    if given.has("min_amount_cents") and store.premium:
        charge.min_amount_cents = given.integer("min_amount_cents") or 0
    for name in ("pay_in_advance", "invoiceable", "prorated", "accepts_target_wallet"):
        value = given.boolean(name)
        if value is not None:
            setattr(charge, name, value)


def new_charges(store: Store, given: Iterable[Fields], kept: Iterable[Charge] = ()) -> list[Charge]:
    """Return the charges of a plan: those sent with the id of a kept charge change it, all others are new."""
    known = {charge.lago_id: charge for charge in kept}
    charges: list[Charge] = []
    for item in given:
        charge = known.get(item.text("id") or "")
        if charge is None:
            charge = new_charge(store, item, {taken.code for taken in charges})
        else:
            charge = attrs.evolve(charge)  # a copy: a later refusal must leave the plan unchanged
            update_charge(store, charge, item)
        charges.append(charge)
    return charges
