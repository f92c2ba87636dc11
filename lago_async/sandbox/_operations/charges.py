"""Charges and their filters: created, changed and shown."""

from collections.abc import Collection, Iterable

import attrs

from lago_async.sandbox._money import charge_properties, pricing
from lago_async.sandbox._operations.codes import free_code
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields, texts
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.plans import ALL_FILTER_VALUES, Charge, ChargeFilter
from lago_async.sandbox._state.store import Store

_MODELS = (*pricing.MODELS, "custom", "dynamic")
_PAYABLE_IN_ADVANCE = ("count_agg", "sum_agg", "unique_count_agg", "custom_agg")
_PRORATED_IN_ARREARS = ("standard", "volume", "graduated")


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


def _check(store: Store, charge: Charge, model: str | None, taken: Collection[str]) -> None:
    """Refuse a charge that breaks a rule; the rules stand in the server's order, and all errors are reported."""
    metric, found = charge.metric, refusals.FieldErrors()
    kind, advance = metric.aggregation_type, charge.pay_in_advance

    def check(field: str, code: str, *, holds: bool) -> None:
        if not holds:
            found.add(field, code)

    check("charge_model", "value_is_invalid", holds=model in _MODELS)
    for code in charge_properties.property_errors(
        charge.charge_model, charge.properties, premium=store.premium, latest=kind == "latest_agg"
    ):
        found.add("properties", code)
    unfit = "invalid_aggregation_type_or_charge_model"
    check("charge_model", unfit, holds=model != "dynamic" or kind == "sum_agg")
    check("min_amount_cents", "value_is_out_of_range", holds=charge.min_amount_cents >= 0)
    check("charge_model", "value_is_mandatory", holds=bool(model))
    check("code", "value_is_mandatory", holds=bool(charge.code))
    check("code", "value_already_exist", holds=not charge.code or charge.code not in taken)
    licensed = model != "graduated_percentage" or store.premium
    check("charge_model", "graduated_percentage_requires_premium_license", holds=licensed)
    check("pay_in_advance", unfit, holds=not advance or (model != "volume" and kind in _PAYABLE_IN_ADVANCE))
    regrouping = "only_compatible_with_pay_in_advance_and_non_invoiceable"
    check("regroup_paid_fees", regrouping, holds=not charge.regroup_paid_fees or (advance and not charge.invoiceable))
    prorated = metric.recurring and kind != "weighted_sum_agg"
    prorated = prorated and (model == "standard" if advance else model in _PRORATED_IN_ARREARS)
    check("prorated", "invalid_billable_metric_or_charge_model", holds=not charge.prorated or prorated)
    unfit_minimum = advance and charge.min_amount_cents > 0
    check("min_amount_cents", "not_compatible_with_pay_in_advance", holds=not unfit_minimum)
    check("charge_model", unfit, holds=model != "custom" or kind == "custom_agg")
    check("invoiceable", "must_be_true_unless_pay_in_advance", holds=advance or charge.invoiceable)
    found.refuse()
    if model not in pricing.MODELS:
        raise refusals.invalid_field("charge_model", refusals.NOT_SIMULATED)


def _values(metric: BillableMetric, given: Fields) -> dict[str, list[str]]:
    """Return the values of a filter; each must be a value of the metric."""
    values = given.mapping("values")
    if not values:
        raise refusals.invalid_field("values", "value_is_mandatory")
    for key, one in values.items():
        found, accepted = refusals.FieldErrors(), texts(one)
        if key not in metric.filters:
            found.add("billable_metric_filter", "relation_must_exist")
        if not accepted:
            found.add("values", "value_is_mandatory")
        known = metric.filters.get(key, ())
        if accepted != [ALL_FILTER_VALUES] and not all(value in known for value in accepted or [""]):
            found.add("values", "value_is_invalid")
        found.refuse()
    return {key: texts(one) or [] for key, one in values.items()}


def _filter_properties(store: Store, charge: Charge, given: Fields) -> JsonObject:
    """Return the properties of a filter; unlike those of its charge, they have no defaults."""
    sent = {name: value for name, value in given.fields("properties").items() if name != "presentation_group_keys"}
    properties = charge_properties.kept_properties(charge.charge_model, sent)
    latest = charge.metric.aggregation_type == "latest_agg"
    wrong = charge_properties.property_errors(charge.charge_model, properties, premium=store.premium, latest=latest)
    if wrong:
        raise refusals.invalid({"properties": list[Json](wrong)})
    return properties


def new_filter(store: Store, charge: Charge, given: Fields) -> ChargeFilter:
    """Return a filter for a charge."""
    if not given.mapping("values"):
        raise refusals.invalid_field("values", "value_is_mandatory")
    properties = _filter_properties(store, charge, given)
    return ChargeFilter(
        created_at=store.now,
        invoice_display_name=given.text("invoice_display_name"),
        values=_values(charge.metric, given),
        properties=properties,
    )


def update_filter(store: Store, charge: Charge, charge_filter: ChargeFilter, given: Fields) -> None:
    """Change the fields of a filter that were sent, except its values; the filter becomes the last of its charge."""
    if given.has("properties"):
        charge_filter.properties = _filter_properties(store, charge, given)
    if given.has("invoice_display_name"):
        charge_filter.invoice_display_name = given.text("invoice_display_name")
    charge.filters.remove(charge_filter)
    charge.filters.append(charge_filter)


def _assigned_filters(store: Store, charge: Charge, wanted: list[Fields]) -> list[ChargeFilter]:
    """Replace the filters of a charge. One with the values of an old one changes it; new ones come last."""
    if not all(item.mapping("values") for item in wanted):
        raise refusals.invalid_field("values", "value_is_mandatory")
    kept: list[ChargeFilter] = []
    made: list[ChargeFilter] = []
    for item in wanted:
        new = new_filter(store, charge, item)
        old = next((one for one in charge.filters if one.values == new.values), None)
        if old is None:
            made.append(new)
        else:
            kept.append(attrs.evolve(old, invoice_display_name=new.invoice_display_name, properties=new.properties))
    return kept + made


def _regrouping(given: Fields) -> str | None:
    """Return whether paid fees are regrouped; the server fails on another word than ``invoice``."""
    option = given.filled("regroup_paid_fees")
    if option not in {None, "invoice"}:
        raise refusals.crashed()
    return option


def new_charge(store: Store, given: Fields, taken: Collection[str], *, coded: bool = False) -> Charge:
    """Return a charge as it was sent. ``coded`` charges need a code; others have their metric's by default."""
    metrics = {metric.lago_id: metric for metric in store.billable_metrics}
    metric = metrics.get(given.text("billable_metric_id") or "")
    if metric is None:
        raise refusals.not_found("billable_metric")
    model = given.text("charge_model")
    refuse_unsimulated(store, "charge", given)
    properties = given.mapping("properties") or charge_properties.default_properties(model or "")
    charge = Charge(
        created_at=store.now,
        code=given.filled("code") or ("" if coded else free_code(Fields({}), metric.code, taken)),
        metric=metric,
        charge_model=model or "",
        invoice_display_name=given.text("invoice_display_name"),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        invoiceable=given.boolean("invoiceable") is not False or not store.premium,
        regroup_paid_fees=_regrouping(given) if store.premium else None,
        prorated=bool(given.boolean("prorated")),
        min_amount_cents=(given.integer("min_amount_cents") or 0) if store.premium else 0,
        accepts_target_wallet=bool(given.boolean("accepts_target_wallet")),
        properties=charge_properties.kept_properties(model or "", properties),
        filters=[],
        taxes=[],
    )
    _check(store, charge, model, taken)
    charge.filters = _assigned_filters(store, charge, given.list_of_fields("filters") or [])
    charge.taxes = find_taxes(store, given.strings("tax_codes") or [])
    return charge


def update_charge(store: Store, charge: Charge, given: Fields, taken: Collection[str], *, attached: bool) -> None:
    """Assign a charge of a plan: what was not sent takes its default. Less changes if the plan has subscriptions."""
    refuse_unsimulated(store, "charge", given)
    sent = given.text("charge_model")
    model = charge.charge_model if attached else sent
    properties = given.mapping("properties") or charge_properties.default_properties(sent or "")
    changed = attrs.evolve(
        charge,
        charge_model=model or "",
        invoice_display_name=given.text("invoice_display_name"),
        properties=charge_properties.kept_properties(model or "", properties),
    )
    _check(store, changed, model, taken)
    if given.has("filters"):
        changed.filters = _assigned_filters(store, changed, given.list_of_fields("filters") or [])
    codes = given.strings("tax_codes")
    changed.taxes = charge.taxes if codes is None else find_taxes(store, codes)
    if not attached:
        _assign_while_free(store, changed, given)
        _check(store, changed, model, taken)
    for name in _ASSIGNED:
        setattr(charge, name, getattr(changed, name))


_ASSIGNED = (
    "charge_model",
    "invoice_display_name",
    "properties",
    "filters",
    "taxes",
    "code",
    "metric",
    "invoiceable",
    "min_amount_cents",
    "regroup_paid_fees",
    "pay_in_advance",
    "prorated",
)


def _assign_while_free(store: Store, charge: Charge, given: Fields) -> None:
    """Assign the fields that change only while the plan has no subscription."""
    charge.code = given.filled("code") or charge.code
    if store.premium:
        invoiceable = given.boolean("invoiceable")
        charge.invoiceable = charge.invoiceable if invoiceable is None else invoiceable
        charge.min_amount_cents = given.integer("min_amount_cents") or 0
    if given.has("regroup_paid_fees"):
        charge.regroup_paid_fees = _regrouping(given)
    for name in ("pay_in_advance", "prorated"):
        if given.has(name):
            setattr(charge, name, bool(given.boolean(name)))


def override_charge(store: Store, charge: Charge, given: Fields) -> None:
    """Override the fields of a subscription's own charge that were sent."""
    refuse_unsimulated(store, "charge", given)
    changed = attrs.evolve(charge)
    if given.has("properties"):
        properties = charge_properties.kept_properties(charge.charge_model, given.mapping("properties") or {})
        changed.properties = properties
    if given.has("min_amount_cents"):
        changed.min_amount_cents = given.integer("min_amount_cents") or 0
    if given.has("invoice_display_name"):
        changed.invoice_display_name = given.text("invoice_display_name")
    _check(store, changed, changed.charge_model, ())
    if given.has("filters"):
        changed.filters = _assigned_filters(store, changed, given.list_of_fields("filters") or [])
    codes = given.strings("tax_codes")
    changed.taxes = charge.taxes if codes is None else find_taxes(store, codes)
    for name in _ASSIGNED:
        setattr(charge, name, getattr(changed, name))


def check_metrics(store: Store, given: Iterable[Fields]) -> None:
    """Refuse charges of a plan for unknown metrics, before anything else of them is looked at."""
    known = {metric.lago_id for metric in store.billable_metrics}
    if not {item.text("billable_metric_id") for item in given if item.raw("billable_metric_id") is not None} <= known:
        raise refusals.not_found("billable_metrics")


def new_charges(
    store: Store, given: Iterable[Fields], kept: Iterable[Charge] = (), *, attached: bool = False
) -> list[Charge]:
    """Return the charges of a plan: those sent with the id of a kept charge change it, all others are new."""
    known = {charge.lago_id: charge for charge in kept}
    charges: list[Charge] = []
    for item in given:
        old = known.get(item.text("id") or "")
        taken = {one.code for one in (*charges, *known.values()) if old is None or one.lago_id != old.lago_id}
        if old is None:
            charge = new_charge(store, item, taken)
        else:
            charge = attrs.evolve(old)  # a copy: a later refusal must leave the plan unchanged
            update_charge(store, charge, item, taken, attached=attached)
        charges.append(charge)
    return charges
