"""Current usage of a customer."""

from collections.abc import Callable

import attrs

from lago_async.sandbox._money import usage, usage_views
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields, texts
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, decode
from lago_async.sandbox._state.plans import Charge, Plan

_CHARGE_FILTERS: tuple[tuple[str, str, Callable[[Charge], str]], ...] = (
    ("charge_id", "filter_by_charge_id", lambda charge: charge.lago_id),
    ("charge_code", "filter_by_charge_code", lambda charge: charge.code),
    ("billable_metric_code", "filter_by_metric_code", lambda charge: charge.metric.code),
)


def _chosen_charges(params: Fields, plan: Plan) -> list[Charge] | None:
    """Return the charges that a filter asks for (by id, else by code, else by metric); None without a filter."""
    for short, long, name in _CHARGE_FILTERS:
        wanted = params.filled(short) or params.filled(long)
        if wanted is not None:
            chosen = [charge for charge in plan.charges if name(charge) == wanted]
            if not chosen:
                raise refusals.not_found("charge")
            return chosen
    return None


def _from_text(value: Json) -> Json:
    """Read a parameter that may be JSON text; the server answers 500 to invalid JSON."""
    if not isinstance(value, str):
        return value
    try:
        return decode(value.encode())
    except ValueError as error:
        raise refusals.crashed() from error


def _groups(params: Fields) -> dict[str, frozenset[str]]:
    given = _from_text(params.raw("group") or params.raw("filter_by_group"))
    if not isinstance(given, dict):
        return {}
    return {key: frozenset(texts(value) or texts([value]) or ()) for key, value in given.items()}


def _presentation_keys(params: Fields) -> frozenset[str] | None:
    given = _from_text(params.raw("filter_by_presentation"))
    keys = texts(given)
    return None if keys is None else frozenset(keys)


@handles("find_customer_current_usage")
def find_customer_current_usage(call: OperationCall) -> JsonObject:
    """Return the usage of the running period so far. Here an unknown customer is reported as an unknown resource."""
    store, params = call.store, call.params
    customer = store.customers.find(call.identifier)
    if customer is None:
        raise refusals.not_found("resource")
    subscription = store.subscription(params.text("external_subscription_id"), "active")
    if subscription is None or subscription.customer is not customer:
        raise refusals.not_allowed("no_active_subscription")
    plan = subscription.plan
    chosen, groups = _chosen_charges(params, plan), _groups(params)
    period = running(subscription, store.now)
    start, end = period.charges_start or period.start, period.charges_end or period.end
    if params.boolean("full_usage"):
        prorated = any(charge.prorated for charge in plan.charges if chosen is None or charge in chosen)
        if not store.premium or prorated or (chosen is None and not groups):
            raise refusals.not_allowed("full_usage_not_allowed")
        start = subscription.started_at or start
    scope = usage.Scope(
        apply_taxes=params.boolean("apply_taxes") is not False,
        grouping=not params.boolean("skip_grouping"),
        groups=groups,
        presentation_keys=_presentation_keys(params),
    )
    charges = plan.charges if chosen is None else chosen
    usages = usage.charge_usages(store, subscription, charges, attrs.evolve(period, charges_start=start), scope)
    fees = [fee for charge_usage in usages for fee in charge_usage.fees]
    amount = sum(fee.amount_cents for fee in fees)
    taxes = usage.taxes_cents(store, subscription, usages) if scope.apply_taxes else 0
    return {
        "from_datetime": to_iso(start),
        "to_datetime": to_iso(end),
        "issuing_date": end.date().isoformat(),
        "lago_invoice_id": None,
        "currency": plan.amount_currency,
        "amount_cents": amount,
        "total_amount_cents": amount + taxes,
        "taxes_amount_cents": taxes,
        "charges_usage": [usage_views.charge_usage_json(charge_usage, plan.amount_currency) for charge_usage in usages],
    }
