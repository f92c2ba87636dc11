"""Billable metrics."""

from decimal import Decimal

from lago_async.sandbox._money import drafts
from lago_async.sandbox._money.aggregation import AGGREGATIONS
from lago_async.sandbox._money.expressions import (
    ExpressionError,
    ExpressionSyntaxError,
    check_syntax,
    evaluate,
    event_variables,
    is_expression,
)
from lago_async.sandbox._money.rounding import ROUNDINGS
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.codes import check_name_and_code
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.store import Store

_MAX_PRECISION = 30

_METRIC_FIELDS = (
    "aggregation_type",
    "field_name",
    "recurring",
    "expression",
    "weighted_interval",
    "rounding_function",
    "rounding_precision",
)

_FROZEN = ("aggregation_type", "field_name", "recurring", "expression", "weighted_interval")


def plain_json(metric: BillableMetric) -> JsonObject:
    """Return a billable metric as it is when it is found, and as alerts show it."""
    return {
        "lago_id": metric.lago_id,
        "name": metric.name,
        "code": metric.code,
        "description": metric.description,
        "aggregation_type": metric.aggregation_type,
        "weighted_interval": metric.weighted_interval,
        "recurring": metric.recurring,
        "rounding_function": metric.rounding_function,
        "rounding_precision": metric.rounding_precision,
        "created_at": to_iso(metric.created_at),
        "field_name": metric.field_name,
        "expression": metric.expression,
        "filters": [
            {"key": key, "values": list[Json](sorted(values))} for key, values in sorted(metric.filters.items())
        ],
    }


def billable_metric_json(_: Store, metric: BillableMetric) -> JsonObject:
    """Return a billable metric as lists and changes show it."""
    # The server counts no more, but still has the fields.
    return {**plain_json(metric), "active_subscriptions_count": 0, "draft_invoices_count": 0, "plans_count": 0}


BILLABLE_METRICS = Catalogue(
    root="billable_metric", records=lambda store: store.billable_metrics, render=billable_metric_json
)
handles("find_all_billable_metrics")(BILLABLE_METRICS.list_all)


@handles("find_billable_metric")
def find_billable_metric(call: OperationCall) -> JsonObject:
    """Return one billable metric."""
    return plain_json(BILLABLE_METRICS.record(call))


@handles("destroy_billable_metric")
def destroy_billable_metric(call: OperationCall) -> JsonObject:
    """Delete a billable metric with the charges and the alerts for it."""
    store, metric = call.store, BILLABLE_METRICS.record(call)
    drafts.flag(store, drafts.of_metric(store, metric))
    for plan in store.all_plans():
        plan.charges = [charge for charge in plan.charges if charge.metric is not metric]
    for alerts in store.alerts.values():
        for code in [code for code, alert in alerts.items() if alert.metric is metric]:
            del alerts[code]
    store.emit("billable_metric.deleted", metric)
    return BILLABLE_METRICS.destroy(call)


def _check_aggregation(found: refusals.FieldErrors, given: Fields) -> None:
    kind = given.text("aggregation_type")
    if given.boolean("recurring") and kind in {"count_agg", "max_agg", "latest_agg"}:
        found.add("recurring", "not_compatible_with_aggregation_type")
    if not is_expression(given.filled("expression")):
        found.add("expression", "invalid_expression")
    if kind != "count_agg" and given.filled("field_name") is None:
        found.add("field_name", "value_is_mandatory")
    if kind not in AGGREGATIONS:
        found.add("aggregation_type", "value_is_invalid")
    if kind == "weighted_sum_agg" and given.filled("weighted_interval") != "seconds":
        found.add("weighted_interval", "value_is_invalid")
    if abs(given.integer("rounding_precision") or 0) > _MAX_PRECISION:
        found.add("rounding_precision", "value_is_out_of_range")
    if given.filled("rounding_function") not in {None, *ROUNDINGS}:
        found.add("rounding_function", "value_is_invalid")


def _filters(given: Fields) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for item in given.list_of_fields("filters") or []:
        key, values = item.filled("key"), item.strings("values")
        if key is None or not values:
            raise refusals.invalid_field("key" if key is None else "values", "value_is_mandatory")
        filters[key] = list(dict.fromkeys(values))
    return filters


@handles("create_billable_metric")
def create_billable_metric(call: OperationCall) -> JsonObject:
    """Create a billable metric. Custom aggregations are refused, as where they are not switched on."""
    store, given = call.store, call.envelope()
    if given.text("aggregation_type") == "custom_agg":
        # Lago switches them on for single organizations of its cloud.
        raise refusals.forbidden("feature_unavailable")
    found = refusals.FieldErrors()
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
        expression=given.filled("expression"),
        weighted_interval=given.filled("weighted_interval"),
    )
    store.billable_metrics.add(metric)
    store.emit("billable_metric.created", metric)
    return billable_metric_json(store, metric)


@handles("update_billable_metric")
def update_billable_metric(call: OperationCall) -> JsonObject:
    """Change a billable metric. While a plan uses it, only name, description, rounding and filters change."""
    store = call.store
    metric = BILLABLE_METRICS.record(call)
    given = call.envelope()
    used = any(charge.metric is metric for plan in store.plans for charge in plan.charges)
    code = metric.code if used or not given.has("code") else given.filled("code")
    name = given.filled("name") if given.has("name") else metric.name
    found = refusals.FieldErrors()
    merged = Fields(
        {
            "aggregation_type": metric.aggregation_type,
            "field_name": metric.field_name,
            "recurring": metric.recurring,
            "weighted_interval": metric.weighted_interval,
            **{item: given.raw(item) for item in _METRIC_FIELDS if given.has(item) and not (used and item in _FROZEN)},
            "name": name,
            "code": code,
        }
    )
    check_name_and_code(found, merged, taken=code != metric.code and store.billable_metrics.find(code) is not None)
    _check_aggregation(found, merged)
    found.refuse()
    filters = _filters(given) if given.has("filters") else metric.filters
    if given.list_of_fields("filters"):  # the server misses a change that removes all of them
        drafts.flag(store, drafts.of_metric(store, metric))
    with store.billable_metrics.changing(metric):
        metric.code = code or ""
    metric.name, metric.filters = name or "", filters
    metric.aggregation_type = merged.text("aggregation_type") or ""
    if given.has("expression") and not used:
        metric.expression = given.filled("expression")
    metric.field_name, metric.recurring = merged.filled("field_name"), bool(merged.boolean("recurring"))
    metric.weighted_interval = merged.filled("weighted_interval")
    if given.has("description"):
        metric.description = given.text("description")
    if given.has("rounding_function"):
        metric.rounding_function = given.filled("rounding_function")
    if given.has("rounding_precision"):
        metric.rounding_precision = given.integer("rounding_precision")
    store.emit("billable_metric.updated", metric)
    return billable_metric_json(store, metric)


@handles("evaluate_billable_metric_expression")
def evaluate_billable_metric_expression(call: OperationCall) -> JsonObject:
    """Evaluate an expression for an event."""
    expression, event = call.params.filled("expression"), call.params.fields("event")
    if expression is None:
        raise refusals.invalid_field("expression", "value_is_mandatory")
    at = event.raw("timestamp") or int(call.store.now.timestamp())
    variables = event_variables(event.raw("code"), at, event.mapping("properties") or {})
    try:
        check_syntax(expression)
        result = evaluate(expression, variables)
    except ExpressionSyntaxError:
        raise refusals.invalid_field("expression", "invalid_expression") from None
    except ExpressionError:
        raise refusals.invalid_field("event", "invalid_event") from None
    return {"value": decimal_text(result) if isinstance(result, Decimal) else result}
