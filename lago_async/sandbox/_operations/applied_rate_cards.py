"""Rate cards on plans. The sandbox keeps and shows them, but bills plans by their charges only."""

from decimal import Decimal

from lago_async.sandbox._operations.plans import PLANS, has_subscriptions
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, decimal_text, encode
from lago_async.sandbox._state.products import PlanRateCard


def _applied_json(applied: PlanRateCard) -> JsonObject:
    return {
        "lago_id": applied.lago_id,
        "plan_code": applied.plan.code,
        "rate_card_code": applied.card.code,
        "units": None if applied.units is None else decimal_text(applied.units),
        "rate_phases_count": 1,
        "created_at": to_iso(applied.created_at),
        "updated_at": to_iso(applied.updated_at),
    }


def _find(call: OperationCall) -> PlanRateCard:
    plan = call.store.plans.find(call.identifier)
    for applied in call.store.plan_rate_cards:
        if applied.plan is plan and applied.card.code == call.path_params[1]:
            return applied
    raise refusals.not_found("applied_rate_card")


def _units(given: Fields) -> Decimal | None:
    if given.raw("units") is None:
        return None
    units = given.decimal("units")
    if units is None or units < 0:
        raise refusals.invalid_field("units", "is not a number" if units is None else "value_is_out_of_range")
    return units


@handles("create_applied_rate_card")
def create_applied_rate_card(call: OperationCall) -> JsonObject:
    """Put a rate card on a plan without subscriptions; each product, or filter of one, has one card there."""
    store, given = call.store, call.envelope()
    plan = PLANS.record(call)
    if has_subscriptions(store, plan):
        raise refusals.invalid_field("plan", "plan_locked")
    card = store.rate_cards.find(given.text("rate_card_code"))
    if card is None:
        raise refusals.not_found("rate_card")
    if card.currency != plan.amount_currency:
        raise refusals.invalid_field("currency", "currency_does_not_match")
    slices = [(one.card.product, one.card.product_filter) for one in store.plan_rate_cards if one.plan is plan]
    if (card.product, card.product_filter) in slices:
        code = "product_already_priced" if card.product_filter is None else "product_filter_already_priced"
        raise refusals.invalid_field("rate_card", code)
    applied = PlanRateCard(created_at=store.now, updated_at=store.now, plan=plan, card=card, units=_units(given))
    store.plan_rate_cards.append(applied)
    return _applied_json(applied)


@handles("find_applied_rate_card")
def find_applied_rate_card(call: OperationCall) -> JsonObject:
    """Return one rate card of a plan."""
    return _applied_json(_find(call))


@handles("update_applied_rate_card")
def update_applied_rate_card(call: OperationCall) -> JsonObject:
    """Change the units of a rate card on a plan without subscriptions."""
    store, given = call.store, call.envelope()
    applied = _find(call)
    if has_subscriptions(store, applied.plan):
        raise refusals.invalid_field("plan", "plan_locked")
    if given.has("units"):
        applied.units = _units(given)
    applied.updated_at = store.now
    return _applied_json(applied)


@handles("destroy_applied_rate_card")
def destroy_applied_rate_card(call: OperationCall) -> JsonObject:
    """Take a rate card off a plan without subscriptions."""
    store, applied = call.store, _find(call)
    if has_subscriptions(store, applied.plan):
        raise refusals.invalid_field("plan", "plan_locked")
    store.plan_rate_cards.remove(applied)
    return _applied_json(applied)


@handles("find_all_applied_rate_cards")
def find_all_applied_rate_cards(call: OperationCall) -> PagedList:
    """List the rate cards of a plan, newest first."""
    plan = PLANS.record(call)
    rows = [applied for applied in reversed(call.store.plan_rate_cards) if applied.plan is plan]
    return Window.of(call.params).page(rows, lambda applied: encode(_applied_json(applied)))
