"""The rates of rate cards: prices that are valid from a time on, until a later rate replaces them."""

from lago_async.sandbox._operations.product_fields import ATTACHED, card_has_subscriptions, card_in_use
from lago_async.sandbox._operations.rate_cards import RATE_CARDS
from lago_async.sandbox._operations.rate_rules import FIELDS, checked_rate, rate_json, status_of
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import RateCard, RateCardRate

_FROZEN = ("effective_from", "rate_model", "min_amount_cents", "billing_interval_count", "billing_interval_unit")


def _find(call: OperationCall) -> tuple[RateCard, RateCardRate]:
    card = RATE_CARDS.record(call)
    for rate in card.rates:
        if rate.code == call.path_params[1]:
            return card, rate
    raise refusals.not_found("rate_card_rate")


@handles("create_rate_card_rate")
def create_rate_card_rate(call: OperationCall) -> JsonObject:
    """Add a rate, which begins after the active one."""
    card = RATE_CARDS.record(call)
    rate = checked_rate(call.store, card, call.envelope())
    card.rates.append(rate)
    return rate_json(call.store, card, rate)


@handles("find_rate_card_rate")
def find_rate_card_rate(call: OperationCall) -> JsonObject:
    """Return one rate of a card."""
    return rate_json(call.store, *_find(call))


@handles("update_rate_card_rate")
def update_rate_card_rate(call: OperationCall) -> JsonObject:
    """Change a rate: a pending one freely, of an active one the prices, and a replaced one not at all."""
    store, (card, rate) = call.store, _find(call)
    given, status = call.envelope(), status_of(call.store, card, rate)
    if status != "pending" and card_has_subscriptions(store, card):
        raise refusals.invalid_field("rate_card", "attached_to_subscriptions")
    if status == "terminated":
        raise refusals.invalid_field("status", "terminated_rate_not_editable")
    frozen = next((name for name in _FROZEN if given.has(name)), None)
    if status == "active" and frozen is not None:
        raise refusals.invalid_field(frozen, "not_editable_on_active_rate")
    if given.has("code") and (given.text("code") or "").strip() != rate.code and card_in_use(store, card):
        raise refusals.invalid_field("code", ATTACHED)
    shown = rate_json(store, card, rate)
    before: JsonObject = {name: shown[name] for name in FIELDS}
    changed = checked_rate(store, card, given.over(before), rate)
    for name in ("code", "effective_from", "rate_model", "rate_properties", "min_amount_cents"):
        setattr(rate, name, getattr(changed, name))
    for name in ("interval_count", "interval_unit", "conversion_rate", "updated_at"):
        setattr(rate, name, getattr(changed, name))
    return rate_json(store, card, rate)


@handles("destroy_rate_card_rate")
def destroy_rate_card_rate(call: OperationCall) -> JsonObject:
    """Delete a rate that has not begun."""
    card, rate = _find(call)
    shown = rate_json(call.store, card, rate)
    if status_of(call.store, card, rate) != "pending":
        raise refusals.invalid_field("status", "only_pending_rates_can_be_deleted")
    card.rates.remove(rate)
    return shown


@handles("find_all_rate_card_rates")
def find_all_rate_card_rates(call: OperationCall) -> PagedList:
    """List the rates of a card, the latest first."""
    store, card = call.store, RATE_CARDS.record(call)
    rows = sorted(card.rates, key=lambda rate: rate.effective_from, reverse=True)
    return Window.of(call.params).page(rows, lambda rate: encode(rate_json(store, card, rate)))
