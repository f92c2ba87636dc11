"""The price of an event on the charges that are paid in advance; nothing is stored."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

from lago_async._currencies import exponent
from lago_async.sandbox._money import in_advance
from lago_async.sandbox._money.rounding import exact_text, rounded, to_cents
from lago_async.sandbox._operations.events import event_time
from lago_async.sandbox._operations.fees import full_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import JsonObject, decimal_text, encode
from lago_async.sandbox._state.events import Event
from lago_async.sandbox._state.invoices import InvoiceFee
from lago_async.sandbox._state.plans import Charge
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

_INSTANT = ("percentage", "standard")


def _charges(store: Store, event: Fields, *, instant: bool) -> tuple[Subscription, list[Charge]]:
    """Return the subscription that the event is for, and its charges that are paid in advance."""
    code = event.filled("code")
    subscription = store.subscription(event.filled("external_subscription_id"), "active")
    if subscription is None:
        raise refusals.not_found("subscription")
    charges = [charge for charge in subscription.plan.charges if charge.pay_in_advance and charge.metric.code == code]
    if instant:
        charges = [charge for charge in charges if charge.charge_model in _INSTANT]
    if not charges:
        raise refusals.invalid_field("code", "does_not_match_an_instant_charge")
    return subscription, charges


def _fees(store: Store, given: Fields, *, instant: bool) -> list[InvoiceFee]:
    """Price an event as if it arrived now, after those that have arrived."""
    subscription, charges = _charges(store, given, instant=instant)
    event = Event(
        created_at=store.now,
        transaction_id=given.filled("transaction_id") or "",
        external_subscription_id=subscription.external_id,
        code=given.filled("code") or "",
        timestamp=event_time(store, given) or store.now,
        properties=given.mapping("properties") or {},
        precise_total_amount_cents=given.text("precise_total_amount_cents"),
    )
    return [in_advance.event_fee(store, subscription, charge, event, stored=False) for charge in charges]


@handles("event_estimate_fees")
def event_estimate_fees(call: OperationCall) -> PlainList:
    """Return the fees of one event, with taxes. The event has a transaction id of its own."""
    given = call.envelope("event")
    metric = call.store.billable_metrics.find(given.filled("code"))
    if metric is None:
        raise refusals.not_found("billable_metric")
    _, charges = _charges(call.store, given, instant=False)
    if any(charge.charge_model == "dynamic" for charge in charges):
        raise refusals.crashed()  # the server fails, because the event is not stored
    fees = _fees(call.store, given, instant=False)
    return PlainList([encode(_estimated_json(fee)) for fee in fees])


def _estimated_json(fee: InvoiceFee) -> JsonObject:
    """Return a fee that was not stored, and has no ids and times."""
    shown = full_json(fee)
    taxes = shown["applied_taxes"]
    unstored: JsonObject = {"lago_id": None, "lago_fee_id": None, "created_at": None}
    return {
        **shown,
        "lago_id": None,
        "created_at": None,
        "event_transaction_id": str(uuid4()),
        "applied_taxes": [
            {**tax, **unstored} for tax in (taxes if isinstance(taxes, list) else ()) if isinstance(tax, dict)
        ],
    }


def _instant_price(fee: InvoiceFee, event: Fields) -> tuple[Decimal, Decimal]:
    """Return the units of an event and their price, by themselves: nothing that has arrived before counts."""
    charge = fee.charge
    if charge is None:
        raise LookupError("the fee of an event has no charge")
    properties = Fields(charge.properties if fee.charge_filter is None else fee.charge_filter.properties)
    metric = charge.metric
    value = None if metric.field_name is None else event.fields("properties").decimal(metric.field_name)
    units = rounded(value or Decimal(metric.field_name is None), metric.rounding_function, metric.rounding_precision)
    if units < 0:
        return units, Decimal(0)
    if charge.charge_model == "standard":
        return units, units * (properties.decimal("amount") or 0)
    price = units * (properties.decimal("rate") or 0) / 100 + (properties.decimal("fixed_amount") or 0)
    least, most = (properties.decimal(f"per_transaction_{end}_amount") for end in ("min", "max"))
    price = price if least is None else max(price, least)
    return units, price if most is None else min(price, most)


def _instant_json(event: Fields, fee: InvoiceFee) -> JsonObject:
    """Return a fee as instant estimates show it: without taxes, with cents as a decimal, and without stored fields."""
    shown = full_json(fee)
    units, price = _instant_price(fee, event)
    cents = Fraction(to_cents(price, exponent(fee.currency)))
    unit_cents = cents / Fraction(units) if units and cents else Fraction(0)
    return {
        **{name: value for name, value in shown.items() if name not in _NOT_INSTANT},
        "lago_id": None,
        "created_at": None,
        "units": decimal_text(units),
        "amount_cents": exact_text(cents),
        "precise_amount": decimal_text(price),
        "precise_total_amount": decimal_text(price),
        "taxes_amount_cents": 0,
        "taxes_precise_amount": 0,
        "taxes_rate": 0,
        "total_amount_cents": exact_text(cents),
        # In cents. The server divides by no units, which JSON cannot show.
        "precise_unit_amount": exact_text(unit_cents) if units or not cents else None,
        "amount_details": None,
        "event_transaction_id": event.filled("transaction_id"),
    }


_NOT_INSTANT = (
    "applied_taxes",
    "from_date",
    "to_date",
    "lago_fixed_charge_id",
    "lago_original_fee_id",
    "self_billed",
    "sub_total_excluding_taxes_amount_cents",
    "sub_total_excluding_taxes_precise_amount_cents",
    "total_aggregated_units",
    "pricing_unit_details",
    "presentation_breakdowns",
)


def _instant(store: Store, events: Iterable[Fields]) -> PlainList:
    return PlainList(
        [encode(_instant_json(event, fee)) for event in events for fee in _fees(store, event, instant=True)]
    )


@handles("event_estimate_instant_fees")
def event_estimate_instant_fees(call: OperationCall) -> PlainList:
    """Return the fees of one event."""
    return _instant(call.store, [call.envelope("event")])


@handles("event_batch_estimate_instant_fees")
def event_batch_estimate_instant_fees(call: OperationCall) -> PlainList:
    """Return the fees of several events, each priced on its own."""
    events = call.params.list_of_fields("events")
    if events is None and call.params.mapping("events") is None:
        raise refusals.missing_envelope("events")
    return _instant(call.store, events or [])
