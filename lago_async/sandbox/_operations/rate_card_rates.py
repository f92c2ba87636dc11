"""The rates of a rate card."""

from lago_async.sandbox._operations.rate_cards import RATE_CARDS
from lago_async.sandbox._operations.rates import FROZEN_IN_EFFECT, checked_rate, rate_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.rate_cards import Rate, RateCard


def _rate(call: OperationCall, card: RateCard) -> Rate:
    for rate in card.rates:
        if rate.code == call.path_params[1]:
            return rate
    raise refusals.not_found("rate_card_rate")


@handles("find_all_rate_card_rates")
def find_all_rate_card_rates(call: OperationCall) -> PagedList:
    """List the rates, those that take effect last first."""
    card = RATE_CARDS.record(call)
    rates = sorted(card.rates, key=lambda rate: rate.effective_from, reverse=True)
    return Window.of(call.params).page(rates, lambda rate: encode(rate_json(call.store, card, rate)))


@handles("find_rate_card_rate")
def find_rate_card_rate(call: OperationCall) -> JsonObject:
    """Return one rate."""
    card = RATE_CARDS.record(call)
    return rate_json(call.store, card, _rate(call, card))


@handles("create_rate_card_rate")
def create_rate_card_rate(call: OperationCall) -> JsonObject:
    """Add a rate to a card."""
    card = RATE_CARDS.record(call)
    rate = checked_rate(call.store, card, call.envelope())
    card.rates.append(rate)
    return rate_json(call.store, card, rate)


@handles("update_rate_card_rate")
def update_rate_card_rate(call: OperationCall) -> JsonObject:
    """Change a rate: all of it while it is pending, and nothing once it is terminated."""
    card = RATE_CARDS.record(call)
    rate = _rate(call, card)
    given = call.envelope()
    status = card.status(rate, call.store.now)
    if status == "terminated":
        raise refusals.invalid_field("status", "terminated_rate_not_editable")
    if status == "active":
        for name in FROZEN_IN_EFFECT:
            if given.has(name):
                raise refusals.invalid_field(name, "not_editable_on_active_rate")
    changed = checked_rate(call.store, card, given, rate)
    card.rates[card.rates.index(rate)] = changed
    return rate_json(call.store, card, changed)


@handles("destroy_rate_card_rate")
def destroy_rate_card_rate(call: OperationCall) -> JsonObject:
    """Delete a rate that is not in effect yet."""
    card = RATE_CARDS.record(call)
    rate = _rate(call, card)
    if card.status(rate, call.store.now) != "pending":
        raise refusals.invalid_field("status", "only_pending_rates_can_be_deleted")
    shown = rate_json(call.store, card, rate)
    card.rates.remove(rate)
    return shown
