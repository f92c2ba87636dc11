"""The expected usage at the end of the running period."""

from decimal import Decimal
from fractions import Fraction

from lago_async._currencies import exponent
from lago_async.sandbox._money import pricing, rounding, usage, usage_views
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.pricing import Mode
from lago_async.sandbox._money.rounding import exact_text
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.periods import days_between

_PROJECTED_PLACES = 2


def _projected(shown: Json, units: str, amount_cents: int) -> JsonObject:
    """Add the projection to an entry of usage; the aggregated units are not shown."""
    entry = dict(shown) if isinstance(shown, dict) else {}
    entry.pop("total_aggregated_units", None)
    return {
        **entry,
        "projected_units": units,
        "projected_amount_cents": amount_cents,
        "projected_presentation_breakdowns": [],
    }


def _projected_charge(item: usage.MeteredCharge, currency: str, factor: Fraction) -> tuple[JsonObject, int]:
    """Project a charge at its current pace. Filters and groups are scaled by amount, not priced again."""
    charge = item.charge
    factor = Fraction(1) if charge.metric.recurring else factor
    shown = usage_views.charge_usage_json(item, currency)
    plain = len(item.fees) == 1
    units = sum((Fraction(fee.units) for fee in item.fees), Fraction(0)) * factor
    amount = rounding.half_up(sum(fee.amount_cents for fee in item.fees) * factor)
    if plain and charge.charge_model != "percentage":
        exact = round(Decimal(units.numerator) / Decimal(units.denominator), _PROJECTED_PLACES)
        units = Fraction(exact)
        price = pricing.price(
            charge.charge_model,
            charge.properties,
            Aggregation(units=exact, events_count=item.fees[0].events_count),
            Mode(premium=True),
        )
        amount = rounding.to_cents(price, exponent(currency))
    given = shown["charge"]
    shown["charge"] = (
        {name: value for name, value in given.items() if name != "code"} if isinstance(given, dict) else {}
    )
    for part in ("filters", "grouped_usage"):
        entries = shown[part]
        shown[part] = [_scaled(entry, factor) for entry in entries] if isinstance(entries, list) else []
    return _projected(shown, exact_text(units), amount), amount


def _scaled(entry: Json, factor: Fraction) -> JsonObject:
    """Scale the amounts and units of an entry."""
    fields = entry if isinstance(entry, dict) else {}
    given = Fields(fields)
    amount = rounding.half_up((given.integer("amount_cents") or 0) * factor)
    scaled = _projected(fields, exact_text(Fraction(given.decimal("units") or 0) * factor), amount)
    inner = scaled.get("filters")
    if isinstance(inner, list):
        scaled["filters"] = [_scaled(item, factor) for item in inner]
    return scaled


@handles("find_customer_projected_usage")
def find_customer_projected_usage(call: OperationCall) -> JsonObject:
    """Return the running period as it will be at the current pace; this needs a licence."""
    store, params = call.store, call.params
    if not store.premium:
        raise refusals.forbidden("projected_usage_not_enabled")
    customer = store.customers.find(call.identifier)
    if customer is None:
        raise refusals.not_found("resource")
    subscription = store.subscription(params.text("external_subscription_id"), "active")
    if subscription is None or subscription.customer is not customer:
        raise refusals.not_allowed("no_active_subscription")
    plan, period = subscription.plan, running(subscription, store.now)
    start, end = period.charges_start or period.start, period.charges_end or period.end
    passed = days_between(start, store.now, customer.zone)
    factor = Fraction(days_between(start, end, customer.zone), max(passed, 1))
    scope = usage.Scope(apply_taxes=params.boolean("apply_taxes") is not False)
    usages = usage.charge_usages(store, subscription, plan.charges, period, scope)
    projected = [_projected_charge(charge_usage, plan.amount_currency, factor) for charge_usage in usages]
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
        "projected_amount_cents": exact_text(Fraction(sum(item for _, item in projected))),
        "taxes_amount_cents": taxes,
        "total_amount_cents": amount + taxes,
        "charges_usage": [shown for shown, _ in projected],
    }
