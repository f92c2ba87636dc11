"""The catalogue: taxes, billable metrics and add-ons."""

from decimal import Decimal

from lago_async.sandbox._money import currencies
from lago_async.sandbox._money.aggregation import AGGREGATIONS, ROUNDINGS
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.registry import Call, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._protocol.wire import iso as iso_text
from lago_async.sandbox._state.records import AddOn, BillableMetric, Tax
from lago_async.sandbox._state.store import Store

_REAL_AGGREGATIONS = {*AGGREGATIONS, "weighted_sum_agg", "custom_agg"}
_MAX_PRECISION = 30
_METRIC_FIELDS = (
    "aggregation_type",
    "field_name",
    "recurring",
    "expression",
    "rounding_function",
    "rounding_precision",
)
_FROZEN = ("aggregation_type", "field_name", "recurring", "expression")


def tax_json(tax: Tax) -> JsonObject:
    """A tax as everything that carries taxes shows it."""
    return {
        "lago_id": tax.lago_id,
        "name": tax.name,
        "code": tax.code,
        "rate": float(tax.rate),
        "description": tax.description,
        "applied_to_organization": tax.applied_to_organization,
        # The server answers these as zero, always.
        "add_ons_count": 0,
        "customers_count": 0,
        "plans_count": 0,
        "charges_count": 0,
        "commitments_count": 0,
        "created_at": iso_text(tax.created_at),
    }


def find_taxes(store: Store, codes: list[str]) -> list[Tax]:
    """The taxes with these codes, or a 404 if one is missing."""
    taxes = [store.taxes.find(code) for code in codes]
    known = [tax for tax in taxes if tax is not None]
    if len(known) != len(taxes):
        raise refusals.not_found("tax")
    return known


def check_name_and_code(found: refusals.Errors, given: Fields, *, taken: bool) -> None:
    """Note that a name or a code is missing, or that the code is taken."""
    for field in ("name", "code"):
        if given.filled(field) is None:
            found.add(field, "value_is_mandatory")
    if taken:
        found.add("code", "value_already_exist")


def full_tax_json(store: Store, tax: Tax) -> JsonObject:
    """A tax as its own operations show it."""
    entities: list[Json] = [store.billing_entity_code] if tax.applied_to_organization else []
    return {**tax_json(tax), "applied_to_billing_entities_codes": entities}


TAXES = Catalogue(root="tax", records=lambda store: store.taxes, render=full_tax_json)
handles("find_tax")(TAXES.find)
handles("find_all_taxes")(TAXES.list_all)
handles("destroy_tax")(TAXES.destroy)


@handles("create_tax")
def create_tax(call: Call) -> JsonObject:
    """Create a tax."""
    store, given = call.store, call.envelope()
    found = refusals.Errors()
    check_name_and_code(found, given, taken=store.taxes.find(given.text("code")) is not None)
    rate = given.decimal("rate")
    if rate is None:
        found.add("rate", "value_is_mandatory")
    found.refuse()
    tax = Tax(
        created_at=store.now,
        code=given.text("code") or "",
        name=given.text("name") or "",
        rate=rate or Decimal(0),
        description=given.text("description"),
        applied_to_organization=bool(given.boolean("applied_to_organization")),
    )
    store.taxes.add(tax)
    return full_tax_json(store, tax)


def billable_metric_json(store: Store, metric: BillableMetric) -> JsonObject:
    """A billable metric."""
    plans = [plan for plan in store.plans if any(charge.metric is metric for charge in plan.charges)]
    active = [each for each in store.all_subscriptions() if each.status == "active" and each.plan.original in plans]
    return {
        "lago_id": metric.lago_id,
        "name": metric.name,
        "code": metric.code,
        "description": metric.description,
        "aggregation_type": metric.aggregation_type,
        "weighted_interval": None,
        "recurring": metric.recurring,
        "rounding_function": metric.rounding_function,
        "rounding_precision": metric.rounding_precision,
        "created_at": iso_text(metric.created_at),
        "field_name": metric.field_name,
        "expression": None,
        "active_subscriptions_count": len(active),
        "draft_invoices_count": 0,
        "plans_count": len(plans),
        "filters": [{"key": key, "values": list[Json](values)} for key, values in metric.filters.items()],
    }


BILLABLE_METRICS = Catalogue(
    root="billable_metric", records=lambda store: store.billable_metrics, render=billable_metric_json
)
handles("find_billable_metric")(BILLABLE_METRICS.find)
handles("find_all_billable_metrics")(BILLABLE_METRICS.list_all)
handles("destroy_billable_metric")(BILLABLE_METRICS.destroy)


def _check_aggregation(found: refusals.Errors, given: Fields) -> None:
    kind = given.text("aggregation_type")
    if kind not in _REAL_AGGREGATIONS:
        found.add("aggregation_type", "value_is_invalid")
    elif kind not in AGGREGATIONS:
        found.add("aggregation_type", refusals.NOT_SIMULATED)
    elif kind != "count_agg" and given.filled("field_name") is None:
        found.add("field_name", "value_is_mandatory")
    if given.boolean("recurring") and kind in {"count_agg", "max_agg", "latest_agg"}:
        found.add("recurring", "value_is_invalid")
    if given.filled("expression") is not None:
        found.add("expression", refusals.NOT_SIMULATED)
    if abs(given.integer("rounding_precision") or 0) > _MAX_PRECISION:
        found.add("rounding_precision", "value_is_out_of_range")
    if given.filled("rounding_function") not in {None, *ROUNDINGS}:
        found.add("rounding_function", "value_is_invalid")


def _filters(given: Fields) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for each in given.list_of_fields("filters") or []:
        key, values = each.filled("key"), each.strings("values")
        if key is None or not values:
            raise refusals.invalid_field("key" if key is None else "values", "value_is_mandatory")
        filters[key] = list(dict.fromkeys(values))
    return filters


@handles("create_billable_metric")
def create_billable_metric(call: Call) -> JsonObject:
    """Create a billable metric. Weighted sums, custom aggregations and expressions are refused."""
    store, given = call.store, call.envelope()
    found = refusals.Errors()
    check_name_and_code(found, given, taken=store.billable_metrics.find(given.text("code")) is not None)
    _check_aggregation(found, given)
    found.refuse()
    filters = _filters(given)
    metric = BillableMetric(
        created_at=store.now,
        code=given.text("code") or "",
        name=given.text("name") or "",
        description=given.text("description"),
        aggregation_type=given.text("aggregation_type") or "",
        field_name=given.filled("field_name"),
        recurring=bool(given.boolean("recurring")),
        rounding_function=given.filled("rounding_function"),
        rounding_precision=given.integer("rounding_precision"),
        filters=filters,
    )
    store.billable_metrics.add(metric)
    return billable_metric_json(store, metric)


@handles("update_billable_metric")
def update_billable_metric(call: Call) -> JsonObject:
    """Change a billable metric. While a plan uses it, only its name, description, rounding and filters change."""
    store = call.store
    metric = BILLABLE_METRICS.record(call)
    given = call.envelope()
    used = any(charge.metric is metric for plan in store.plans for charge in plan.charges)
    code = metric.code if used or not given.has("code") else given.filled("code")
    name = given.filled("name") if given.has("name") else metric.name
    found = refusals.Errors()
    merged = Fields(
        {
            "aggregation_type": metric.aggregation_type,
            "field_name": metric.field_name,
            "recurring": metric.recurring,
            **{each: given.raw(each) for each in _METRIC_FIELDS if given.has(each) and not (used and each in _FROZEN)},
            "name": name,
            "code": code,
        }
    )
    check_name_and_code(found, merged, taken=code != metric.code and store.billable_metrics.find(code) is not None)
    _check_aggregation(found, merged)
    found.refuse()
    filters = _filters(given) if given.has("filters") else metric.filters
    with store.billable_metrics.changing(metric):
        metric.code = code or ""
    metric.name, metric.filters = name or "", filters
    metric.aggregation_type = merged.text("aggregation_type") or ""
    metric.field_name, metric.recurring = merged.filled("field_name"), bool(merged.boolean("recurring"))
    if given.has("description"):
        metric.description = given.text("description")
    if given.has("rounding_function"):
        metric.rounding_function = given.filled("rounding_function")
    if given.has("rounding_precision"):
        metric.rounding_precision = given.integer("rounding_precision")
    return billable_metric_json(store, metric)


@handles("update_tax")
def update_tax(call: Call) -> JsonObject:
    """Change a tax; what has been invoiced keeps what it was taxed."""
    store = call.store
    tax = TAXES.record(call)
    given = call.envelope()
    code = given.filled("code") if given.has("code") else tax.code
    name = given.filled("name") if given.has("name") else tax.name
    rate = given.decimal("rate") if given.has("rate") else tax.rate
    found = refusals.Errors()
    taken = code != tax.code and store.taxes.find(code) is not None
    check_name_and_code(found, Fields({"name": name, "code": code}), taken=taken)
    if rate is None:
        found.add("rate", "value_is_mandatory")
    found.refuse()
    with store.taxes.changing(tax):
        tax.code = code or ""
    tax.name, tax.rate = name or "", rate or Decimal(0)
    if given.has("description"):
        tax.description = given.text("description")
    if given.has("applied_to_organization"):
        tax.applied_to_organization = bool(given.boolean("applied_to_organization"))
    return full_tax_json(store, tax)


def add_on_json(_: Store, add_on: AddOn) -> JsonObject:
    """An add-on."""
    return {
        "lago_id": add_on.lago_id,
        "name": add_on.name,
        "invoice_display_name": add_on.invoice_display_name,
        "code": add_on.code,
        "amount_cents": add_on.amount_cents,
        "amount_currency": add_on.amount_currency,
        "description": add_on.description,
        "created_at": iso_text(add_on.created_at),
        "taxes": [tax_json(tax) for tax in add_on.taxes],
    }


ADD_ONS = Catalogue(root="add_on", records=lambda store: store.add_ons, render=add_on_json)
handles("find_add_on")(ADD_ONS.find)
handles("find_all_add_ons")(ADD_ONS.list_all)
handles("destroy_add_on")(ADD_ONS.destroy)


def _add_on(store: Store, given: Fields, before: AddOn | None = None) -> AddOn:
    name, code = given.filled("name"), given.filled("code")
    amount, currency = given.integer("amount_cents"), given.text("amount_currency")
    found = refusals.Errors()
    check_name_and_code(found, given, taken=store.add_ons.find(code) not in {None, before})
    if amount is None:
        found.add("amount_cents", "value_is_mandatory")
    elif amount < 0:
        found.add("amount_cents", "value_is_out_of_range")
    if currency not in currencies.CURRENCIES:
        found.add("amount_currency", "value_is_invalid")
    found.refuse()
    codes = given.strings("tax_codes")
    kept = [] if before is None else before.taxes
    return AddOn(
        created_at=store.now,
        code=code or "",
        name=name or "",
        invoice_display_name=given.text("invoice_display_name"),
        description=given.text("description"),
        amount_cents=amount or 0,
        amount_currency=currency or "",
        taxes=kept if codes is None else find_taxes(store, codes),
    )


@handles("create_add_on")
def create_add_on(call: Call) -> JsonObject:
    """Create an add-on."""
    add_on = _add_on(call.store, call.envelope())
    call.store.add_ons.add(add_on)
    return add_on_json(call.store, add_on)


@handles("update_add_on")
def update_add_on(call: Call) -> JsonObject:
    """Change an add-on."""
    store = call.store
    add_on = ADD_ONS.record(call)
    changed = _add_on(store, call.envelope().over(add_on_json(store, add_on)), add_on)
    with store.add_ons.changing(add_on):
        add_on.code = changed.code
    for name in ("name", "invoice_display_name", "description", "amount_cents", "amount_currency", "taxes"):
        setattr(add_on, name, getattr(changed, name))
    return add_on_json(store, add_on)
