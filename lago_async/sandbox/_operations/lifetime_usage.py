"""What a subscription has used since it began, and what its running period will come to."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from lago_async.sandbox._money import currencies, pricing, usage
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._operations.fees import exact_text
from lago_async.sandbox._operations.registry import Call, handles
from lago_async.sandbox._operations.subscriptions import applicable_thresholds
from lago_async.sandbox._operations.subscriptions import find as find_subscription
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._protocol.wire import iso as iso_text
from lago_async.sandbox._state.records import Subscription
from lago_async.sandbox._state.store import Store


def _invoiced_cents(store: Store, subscription: Subscription) -> int:
    return sum(
        fee.amount_cents
        for fee in store.fees
        if fee.kind == "charge"
        and fee.subscription is not None
        and fee.subscription.external_id == subscription.external_id
    )


def _current_cents(store: Store, subscription: Subscription) -> int:
    if subscription.status != "active":
        return 0
    period = subscription.charges_period_at(store.now)
    usages = usage.charge_usages(store, subscription, subscription.plan.charges, period.start, period.end)
    return sum(fee.amount_cents for each in usages for fee in each.fees)


def _lifetime_usage_json(store: Store, subscription: Subscription) -> JsonObject:
    invoiced, current = _invoiced_cents(store, subscription), _current_cents(store, subscription)
    total = subscription.historical_usage_cents + invoiced + current
    shown: JsonObject = {
        "lago_id": subscription.lifetime_usage_id,
        "lago_subscription_id": subscription.lago_id,
        "external_subscription_id": subscription.external_id,
        "external_historical_usage_amount_cents": subscription.historical_usage_cents,
        "invoiced_usage_amount_cents": invoiced,
        "current_usage_amount_cents": current,
        "from_datetime": iso_text(subscription.subscription_at),
        "to_datetime": iso_text(store.now),
    }
    thresholds = applicable_thresholds(subscription)
    if thresholds:
        shown["usage_thresholds"] = [
            {
                "amount_cents": each.amount_cents,
                "completion_ratio": round(min(1.0, total / each.amount_cents), 4),
                "reached_at": None,
            }
            for each in thresholds
        ]
    return shown


@handles("get_subscription_lifetime_usage")
def get_subscription_lifetime_usage(call: Call) -> JsonObject:
    """All usage of a subscription so far. When thresholds were reached is not kept."""
    return _lifetime_usage_json(call.store, find_subscription(call))


@handles("update_subscription_lifetime_usage")
def update_subscription_lifetime_usage(call: Call) -> JsonObject:
    """Say what was used before the subscription came to Lago."""
    subscription, given = find_subscription(call), call.envelope("lifetime_usage")
    amount = given.integer("external_historical_usage_amount_cents")
    if amount is None or amount < 0:
        code = "value_is_mandatory" if amount is None else "value_is_out_of_range"
        raise refusals.invalid_field("external_historical_usage_amount_cents", code)
    subscription.historical_usage_cents = amount
    return _lifetime_usage_json(call.store, subscription)


def _projected(shown: Json, units: str, amount_cents: int) -> JsonObject:
    """An entry of usage with its projection; it is shown without the aggregated units."""
    entry = dict(shown) if isinstance(shown, dict) else {}
    entry.pop("total_aggregated_units", None)
    return {
        **entry,
        "projected_units": units,
        "projected_amount_cents": amount_cents,
        "projected_presentation_breakdowns": [],
    }


def _projected_charge(each: usage.ChargeUsage, currency: str, factor: Fraction) -> tuple[JsonObject, int]:
    """A charge whose units go on as they did. Its filters and groups are scaled by amount, not priced anew."""
    charge = each.charge
    factor = Fraction(1) if charge.metric.recurring else factor
    shown = usage.charge_usage_json(each, currency)
    plain = len(each.fees) == 1
    units = sum((Fraction(fee.units) for fee in each.fees), Fraction(0)) * factor
    amount = int(sum(fee.amount_cents for fee in each.fees) * factor + Fraction(1, 2))
    if plain and charge.charge_model != "percentage":
        exact = Decimal(units.numerator) / Decimal(units.denominator)
        price = pricing.price(charge.charge_model, charge.properties, Aggregation(exact, each.fees[0].events_count))
        amount = pricing.to_cents(price, currencies.exponent(currency))
    given = shown["charge"]
    shown["charge"] = (
        {name: value for name, value in given.items() if name != "code"} if isinstance(given, dict) else {}
    )
    for part in ("filters", "grouped_usage"):
        entries = shown[part]
        shown[part] = [_scaled(entry, factor) for entry in entries] if isinstance(entries, list) else []
    return _projected(shown, exact_text(units), amount), amount


def _scaled(entry: Json, factor: Fraction) -> JsonObject:
    fields = entry if isinstance(entry, dict) else {}
    given = Fields(fields)
    amount = int((given.integer("amount_cents") or 0) * factor + Fraction(1, 2))
    scaled = _projected(fields, exact_text(Fraction(given.decimal("units") or 0) * factor), amount)
    inner = scaled.get("filters")
    if isinstance(inner, list):
        scaled["filters"] = [_scaled(each, factor) for each in inner]
    return scaled


@handles("find_customer_projected_usage")
def find_customer_projected_usage(call: Call) -> JsonObject:
    """What the running period will come to if usage goes on as it did; takes a licence."""
    store, params = call.store, call.params
    if not store.premium:
        raise refusals.forbidden("projected_usage_not_enabled")
    customer = store.customers.find(call.identifier)
    if customer is None:
        raise refusals.not_found("resource")
    subscription = store.subscription(params.text("external_subscription_id"), "active")
    if subscription is None or subscription.customer is not customer:
        raise refusals.not_allowed("no_active_subscription")
    plan, period = subscription.plan, subscription.charges_period_at(store.now)
    passed = max(store.now - period.start, timedelta(days=1))
    factor = Fraction(int((period.end - period.start).total_seconds()), int(passed.total_seconds()))
    scope = usage.Scope(apply_taxes=params.boolean("apply_taxes") is not False)
    usages = usage.charge_usages(store, subscription, plan.charges, period.start, period.end, scope)
    projected = [_projected_charge(each, plan.amount_currency, factor) for each in usages]
    fees = [fee for each in usages for fee in each.fees]
    amount, taxes = sum(fee.amount_cents for fee in fees), sum(fee.taxes_amount_cents for fee in fees)
    last_second = period.end - timedelta(seconds=1)
    return {
        "from_datetime": iso_text(period.start),
        "to_datetime": iso_text(last_second),
        "issuing_date": last_second.astimezone(customer.zone).date().isoformat(),
        "lago_invoice_id": None,
        "currency": plan.amount_currency,
        "amount_cents": amount,
        "projected_amount_cents": exact_text(Fraction(sum(each for _, each in projected))),
        "taxes_amount_cents": taxes,
        "total_amount_cents": amount + taxes,
        "charges_usage": [shown for shown, _ in projected],
    }
