"""The catalogue: taxes, billable metrics and plans with their charges."""

from collections import Counter
from decimal import Decimal
from uuid import uuid4

from lago_async.sandbox import errors, iso, pricing
from lago_async.sandbox.aggregation import AGGREGATIONS, ROUNDINGS
from lago_async.sandbox.handlers import Call, handles
from lago_async.sandbox.periods import INTERVALS
from lago_async.sandbox.query import Fields, texts
from lago_async.sandbox.records import BillableMetric, Charge, ChargeFilter, Plan, Tax
from lago_async.sandbox.store import Store
from lago_async.sandbox.usage import ALL_FILTER_VALUES
from lago_async.sandbox.wire import Json, JsonObject
from lago_async.sandbox.wire import iso as iso_text

_REAL_AGGREGATIONS = {*AGGREGATIONS, "weighted_sum_agg", "custom_agg"}
_MAX_PRECISION = 30
_REAL_MODELS = {*pricing.MODELS, "custom", "dynamic"}


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
        raise errors.not_found("tax")
    return known


def _check_name_and_code(found: errors.Errors, given: Fields, *, taken: bool) -> None:
    for field in ("name", "code"):
        if given.filled(field) is None:
            found.add(field, "value_is_mandatory")
    if taken:
        found.add("code", "value_already_exist")


def full_tax_json(store: Store, tax: Tax) -> JsonObject:
    """A tax as its own operations show it."""
    entities: list[Json] = [store.billing_entity_code] if tax.applied_to_organization else []
    return {**tax_json(tax), "applied_to_billing_entities_codes": entities}


@handles("create_tax")
def create_tax(call: Call) -> JsonObject:
    """Create a tax."""
    store, given = call.store, call.envelope()
    found = errors.Errors()
    _check_name_and_code(found, given, taken=store.taxes.find(given.text("code")) is not None)
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
    active = [each for each in store.all_subscriptions() if each.status == "active" and each.plan in plans]
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


def _check_aggregation(found: errors.Errors, given: Fields) -> None:
    kind = given.text("aggregation_type")
    if kind not in _REAL_AGGREGATIONS:
        found.add("aggregation_type", "value_is_invalid")
    elif kind not in AGGREGATIONS:
        found.add("aggregation_type", errors.NOT_SIMULATED)
    elif kind != "count_agg" and given.filled("field_name") is None:
        found.add("field_name", "value_is_mandatory")
    if given.boolean("recurring") and kind in {"count_agg", "max_agg", "latest_agg"}:
        found.add("recurring", "value_is_invalid")
    if given.filled("expression") is not None:
        found.add("expression", errors.NOT_SIMULATED)
    if abs(given.integer("rounding_precision") or 0) > _MAX_PRECISION:
        found.add("rounding_precision", "value_is_out_of_range")
    if given.filled("rounding_function") not in {None, *ROUNDINGS}:
        found.add("rounding_function", "value_is_invalid")


@handles("create_billable_metric")
def create_billable_metric(call: Call) -> JsonObject:
    """Create a billable metric. Weighted sums, custom aggregations and expressions are refused."""
    store, given = call.store, call.envelope()
    found = errors.Errors()
    _check_name_and_code(found, given, taken=store.billable_metrics.find(given.text("code")) is not None)
    _check_aggregation(found, given)
    found.refuse()
    filters: dict[str, list[str]] = {}
    for each in given.list_of_fields("filters") or []:
        key, values = each.filled("key"), each.strings("values")
        if key is None or not values:
            raise errors.invalid_field("key" if key is None else "values", "value_is_mandatory")
        filters[key] = list(dict.fromkeys(values))
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


def charge_json(charge: Charge) -> JsonObject:
    """A charge as its plan shows it."""
    return {
        "lago_id": charge.lago_id,
        "lago_billable_metric_id": charge.metric.lago_id,
        "code": charge.code,
        "invoice_display_name": charge.invoice_display_name,
        "billable_metric_code": charge.metric.code,
        "created_at": iso_text(charge.created_at),
        "charge_model": charge.charge_model,
        "invoiceable": charge.invoiceable,
        "regroup_paid_fees": charge.regroup_paid_fees,
        "pay_in_advance": charge.pay_in_advance,
        "prorated": charge.prorated,
        "min_amount_cents": charge.min_amount_cents,
        "properties": charge.properties,
        "filters": [
            {
                "lago_id": each.lago_id,
                "charge_code": charge.code,
                "invoice_display_name": each.invoice_display_name,
                "properties": each.properties,
                "values": {key: list[Json](values) for key, values in each.values.items()},
            }
            for each in charge.filters
        ],
        "taxes": [tax_json(tax) for tax in charge.taxes],
        "applied_pricing_unit": None,
        "accepts_target_wallet": charge.accepts_target_wallet,
        "lago_parent_id": None,
    }


def plan_json(store: Store, plan: Plan) -> JsonObject:
    """A plan with everything in it."""
    active = [each for each in store.all_subscriptions() if each.status == "active" and each.plan is plan]
    return {
        "lago_id": plan.lago_id,
        "name": plan.name,
        "invoice_display_name": plan.invoice_display_name,
        "created_at": iso_text(plan.created_at),
        "code": plan.code,
        "interval": plan.interval,
        "description": plan.description,
        "amount_cents": plan.amount_cents,
        "amount_currency": plan.amount_currency,
        "trial_period": plan.trial_period,
        "pay_in_advance": plan.pay_in_advance,
        "bill_charges_monthly": plan.bill_charges_monthly,
        "bill_fixed_charges_monthly": plan.bill_fixed_charges_monthly,
        "customers_count": len({each.customer.lago_id for each in active}),
        "active_subscriptions_count": len(active),
        "draft_invoices_count": 0,
        "parent_id": None,
        "pending_deletion": False,
        "charges": [charge_json(charge) for charge in plan.charges],
        "fixed_charges": [],
        "taxes": [tax_json(tax) for tax in plan.taxes],
        "minimum_commitment": plan.minimum_commitment,
        "usage_thresholds": [],
        "applicable_usage_thresholds": [],
        "entitlements": [],
        "metadata": None if plan.metadata is None else dict(plan.metadata),
    }


def _charge_filter(store: Store, metric: BillableMetric, model: str, given: Fields) -> ChargeFilter:
    values = {key: texts(one) or [] for key, one in (given.mapping("values") or {}).items()}
    if not values:
        raise errors.invalid_field("values", "value_is_mandatory")
    for key, accepted in values.items():
        if key not in metric.filters or not set(accepted) <= {*metric.filters[key], ALL_FILTER_VALUES}:
            raise errors.invalid_field("values", "value_is_invalid")
    return ChargeFilter(
        created_at=store.now,
        invoice_display_name=given.text("invoice_display_name"),
        properties=_properties(model, given),
        values=values,
    )


def _properties(model: str, given: Fields) -> JsonObject:
    properties = given.mapping("properties") or pricing.default_properties(model)
    wrong = pricing.property_errors(model, properties)
    if wrong:
        raise errors.invalid({"properties": list[Json](wrong)})
    return pricing.kept_properties(model, properties)


def _charge(store: Store, metric: BillableMetric, code: str, given: Fields) -> Charge:
    model = given.text("charge_model") or ""
    if model not in pricing.MODELS:
        raise errors.invalid_field(
            "charge_model", errors.NOT_SIMULATED if model in _REAL_MODELS else "value_is_invalid"
        )
    return Charge(
        created_at=store.now,
        code=code,
        metric=metric,
        charge_model=model,
        invoice_display_name=given.text("invoice_display_name"),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        invoiceable=given.boolean("invoiceable") is not False,
        regroup_paid_fees=given.filled("regroup_paid_fees"),
        prorated=bool(given.boolean("prorated")),
        min_amount_cents=(given.integer("min_amount_cents") or 0) if store.premium else 0,
        accepts_target_wallet=bool(given.boolean("accepts_target_wallet")),
        properties=_properties(model, given),
        filters=[_charge_filter(store, metric, model, each) for each in given.list_of_fields("filters") or []],
        taxes=find_taxes(store, given.strings("tax_codes") or []),
    )


def _charges(store: Store, given: Fields) -> list[Charge]:
    """The charges of a new plan. One without a code takes its metric's, numbered from the second on."""
    wanted = given.list_of_fields("charges") or []
    metrics = {metric.lago_id: metric for metric in store.billable_metrics}
    if any(each.text("billable_metric_id") not in metrics for each in wanted):
        raise errors.not_found("billable_metrics")
    if given.list_of_fields("fixed_charges"):
        raise errors.not_found("add_ons")
    taken: Counter[str] = Counter()
    charges: list[Charge] = []
    for each in wanted:
        metric = metrics[each.text("billable_metric_id") or ""]
        code = each.filled("code") or metric.code
        taken[code] += 1
        if taken[code] > 1:
            if each.filled("code") is not None:
                raise errors.invalid_field("code", "value_already_exist")
            code = f"{code}_{taken[code]}"
        charges.append(_charge(store, metric, code, each))
    return charges


def _minimum_commitment(store: Store, given: Fields, plan_code: str, interval: str) -> JsonObject | None:
    commitment = given.fields("minimum_commitment")
    amount = commitment.integer("amount_cents")
    if not store.premium or amount is None:
        return None
    return {
        "lago_id": str(uuid4()),
        "plan_code": plan_code,
        "invoice_display_name": commitment.text("invoice_display_name"),
        "commitment_type": "minimum_commitment",
        "amount_cents": amount,
        "interval": interval,
        "created_at": iso_text(store.now),
        "updated_at": iso_text(store.now),
        "taxes": [tax_json(tax) for tax in find_taxes(store, commitment.strings("tax_codes") or [])],
    }


@handles("create_plan")
def create_plan(call: Call) -> JsonObject:
    """Create a plan with its charges. Minimum commitments are shown, not billed; usage thresholds are left out."""
    store, given = call.store, call.envelope()
    found = errors.Errors()
    _check_name_and_code(found, given, taken=store.plans.find(given.text("code")) is not None)
    interval, currency, amount = given.text("interval"), given.text("amount_currency"), given.integer("amount_cents")
    if interval not in INTERVALS:
        found.add("interval", "value_is_invalid")
    if currency not in iso.CURRENCIES:
        found.add("amount_currency", "value_is_invalid")
    if amount is None:
        found.add("amount_cents", "value_is_mandatory")
    elif amount < 0:
        found.add("amount_cents", "value_is_out_of_range")
    found.refuse()
    taxes = find_taxes(store, given.strings("tax_codes") or [])
    trial = given.decimal("trial_period")
    code, interval = given.text("code") or "", interval or ""
    plan = Plan(
        created_at=store.now,
        code=code,
        name=given.text("name") or "",
        invoice_display_name=given.text("invoice_display_name"),
        description=given.text("description"),
        interval=interval,
        amount_cents=amount or 0,
        amount_currency=currency or "",
        trial_period=None if trial is None else float(trial),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        bill_charges_monthly=given.boolean("bill_charges_monthly"),
        bill_fixed_charges_monthly=given.boolean("bill_fixed_charges_monthly"),
        minimum_commitment=_minimum_commitment(store, given, code, interval),
        metadata=given.mapping("metadata"),
        charges=_charges(store, given),
        taxes=taxes,
    )
    store.plans.add(plan)
    return plan_json(store, plan)
