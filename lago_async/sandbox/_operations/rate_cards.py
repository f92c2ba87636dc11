"""Rate cards: the prices of products."""

import attrs

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.product_fields import (
    ATTACHED,
    card_in_use,
    check_named,
    discard_cards,
    searched,
    stripped,
)
from lago_async.sandbox._operations.rate_rules import checked_rate, rate_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import RateCard
from lago_async.sandbox._state.store import Store

_FLAGS = ("proration", "display_on_invoice", "wallet_targetable")
_TIMINGS = ("arrears", "advance")
_REGROUPINGS = ("none", "invoice")
_LOCKED_WITH_RATES = (
    "currency",
    "applied_pricing_unit_code",
    "billing_timing",
    "proration",
    "regroup_paid_fees",
    "display_on_invoice",
    "wallet_targetable",
)


def _listed_json(_: Store, card: RateCard) -> JsonObject:
    return {
        "lago_id": card.lago_id,
        "product_code": card.product.code,
        "product_filter_code": None if card.product_filter is None else card.product_filter.code,
        "name": card.name,
        "code": card.code,
        "description": card.description,
        "currency": card.currency,
        "billing_timing": card.billing_timing,
        "proration": card.proration,
        "display_on_invoice": card.display_on_invoice,
        "regroup_paid_fees": card.regroup_paid_fees,
        "applied_pricing_unit_code": card.applied_pricing_unit_code,
        "wallet_targetable": card.wallet_targetable,
        "rates_count": len(card.rates),
        "created_at": to_iso(card.created_at),
        "updated_at": to_iso(card.updated_at),
    }


def _card_json(store: Store, card: RateCard) -> JsonObject:
    rate = card.active_rate(store.now)
    return {**_listed_json(store, card), "active_rate": None if rate is None else rate_json(store, card, rate)}


RATE_CARDS = Catalogue(root="rate_card", records=lambda store: store.rate_cards, render=_card_json)
handles("find_rate_card")(RATE_CARDS.find)


def _check_request(given: Fields) -> None:
    """Refuse flags that are not booleans, and what no organization of the sandbox has."""
    wrong = [name for name in _FLAGS if given.raw(name) is not None and not isinstance(given.raw(name), bool)]
    if wrong:
        raise refusals.invalid({name: ["value_is_invalid"] for name in wrong})
    if given.raw("wallet_targetable"):
        raise refusals.invalid_field("wallet_targetable", "feature_unavailable")
    if given.filled("applied_pricing_unit_code") is not None:
        raise refusals.invalid_field("applied_pricing_unit_code", "value_is_invalid")


def _check(store: Store, card: RateCard) -> None:
    """Refuse a card that breaks a rule; all errors are reported."""
    found, metric = refusals.FieldErrors(), card.product.metric
    if card.billing_timing not in _TIMINGS:
        found.add("billing_timing", "value_is_invalid")
    if card.regroup_paid_fees not in _REGROUPINGS:
        found.add("regroup_paid_fees", "value_is_invalid")
    check_named(found, card.name, card.code, [one for one in store.rate_cards if one.lago_id != card.lago_id])
    if not card.currency:
        found.add("currency", "value_is_mandatory")
    elif card.currency not in CURRENCIES:
        found.add("currency", "value_is_invalid")
    advance = card.billing_timing == "advance"
    if not advance and not card.display_on_invoice:
        found.add("display_on_invoice", "not_allowed_for_billing_timing")
    if card.proration and metric is not None:
        if not metric.recurring:
            found.add("proration", "requires_recurring_metric")
        if metric.aggregation_type == "weighted_sum_agg":
            found.add("proration", "not_allowed_for_aggregation_type")
    if card.regroup_paid_fees != "none":
        if not advance:
            found.add("regroup_paid_fees", "not_allowed_for_billing_timing")
        if card.display_on_invoice:
            found.add("regroup_paid_fees", "not_allowed_with_display_on_invoice")
    found.refuse()


@handles("create_rate_card")
def create_rate_card(call: OperationCall) -> JsonObject:
    """Create a rate card, and the rates that are sent with it."""
    store, given = call.store, call.envelope()
    product = store.products.find(given.text("product_code"))
    wanted = given.filled("product_filter_code")
    product_filter = None
    if product is not None and wanted is not None:
        product_filter = next((one for one in product.filters if one.code == wanted), None)
        if product_filter is None:
            raise refusals.not_found("product_filter")
    if product is None:
        raise refusals.not_found("product")
    _check_request(given)
    card = RateCard(
        created_at=store.now,
        updated_at=store.now,
        code=stripped(given, "code"),
        name=given.text("name") or "",
        description=given.text("description"),
        product=product,
        product_filter=product_filter,
        currency=given.text("currency") or "",
        billing_timing="arrears" if given.raw("billing_timing") is None else given.text("billing_timing") or "",
        proration=bool(given.boolean("proration")),
        display_on_invoice=given.boolean("display_on_invoice") is not False,
        regroup_paid_fees="none" if given.raw("regroup_paid_fees") is None else given.text("regroup_paid_fees") or "",
        applied_pricing_unit_code=None,
        wallet_targetable=given.boolean("wallet_targetable"),
    )
    _check(store, card)
    if isinstance(given.raw("rates"), dict):
        raise refusals.crashed()
    for item in given.list_of_fields("rates") or []:
        try:
            card.rates.append(checked_rate(store, card, item))
        except refusals.RefusalError as refusal:
            raise _nested(refusal) from None
    store.rate_cards.add(card)
    return _card_json(store, card)


def _nested(refusal: refusals.RefusalError) -> refusals.RefusalError:
    """Return the refusal of a rate as that of its card."""
    details = refusal.body.get("error_details")
    if not isinstance(details, dict):
        return refusal
    return refusals.invalid({f"rates.{field}": codes for field, codes in details.items()})


@handles("update_rate_card")
def update_rate_card(call: OperationCall) -> JsonObject:
    """Change a rate card. With rates, what they mean stays; its code and currency stay while a plan has it."""
    store, given = call.store, call.envelope()
    card = RATE_CARDS.record(call)
    if given.has("regroup_paid_fees") and given.raw("regroup_paid_fees") is None:
        given = Fields({**dict(given.items()), "regroup_paid_fees": "none"})
    _check_request(given)
    if card.rates:
        for name in _LOCKED_WITH_RATES:
            if given.has(name) and given.raw(name) != getattr(card, name):
                raise refusals.invalid_field(name, "not_editable_with_rates")
    used = card_in_use(store, card)
    if given.has("currency") and given.text("currency") != card.currency and used:
        raise refusals.invalid_field("currency", ATTACHED)
    if given.has("code") and stripped(given, "code") != card.code and used:
        raise refusals.invalid_field("code", ATTACHED)
    if any(given.has(name) and given.raw(name) is None for name in ("proration", "display_on_invoice")):
        raise refusals.crashed()  # the columns have no null
    changed = attrs.evolve(card, updated_at=store.now)
    for name in ("name", "description", "currency", "billing_timing", "regroup_paid_fees"):
        if given.has(name):
            setattr(changed, name, given.text(name) if name == "description" else given.text(name) or "")
    for name in ("proration", "display_on_invoice"):
        if given.has(name):
            setattr(changed, name, bool(given.boolean(name)))
    if given.has("wallet_targetable"):
        changed.wallet_targetable = given.boolean("wallet_targetable")
    changed.code = stripped(given, "code") if given.has("code") else card.code
    _check(store, changed)
    with store.rate_cards.changing(card):
        for name in ("code", "name", "description", *_LOCKED_WITH_RATES, "updated_at"):
            setattr(card, name, getattr(changed, name))
    return _card_json(store, card)


@handles("destroy_rate_card")
def destroy_rate_card(call: OperationCall) -> JsonObject:
    """Delete a rate card with its rates; not while a plan has it."""
    store, card = call.store, RATE_CARDS.record(call)
    if card_in_use(store, card):
        raise refusals.invalid_field("rate_card", ATTACHED)
    discard_cards(store, [card])
    return _card_json(store, card)


@handles("find_all_rate_cards")
def find_all_rate_cards(call: OperationCall) -> PagedList:
    """List the rate cards that match, newest first."""
    store, params = call.store, call.params
    wanted: dict[str, list[str]] = {}
    for name in ("product_id", "product_filter_id", "code", "product_code", "product_filter_code"):
        value = params.filled(name)
        if values := params.strings(name) or ([] if value is None else [value]):
            wanted[name] = values

    def matches(card: RateCard) -> bool:
        one = card.product_filter
        own = {
            "product_id": card.product.lago_id,
            "product_filter_id": None if one is None else one.lago_id,
            "code": card.code,
            "product_code": card.product.code,
            "product_filter_code": None if one is None else one.code,
        }
        return all(own[name] in values for name, values in wanted.items())

    rows = [card for card in searched(call, store.rate_cards.newest_first()) if matches(card)]
    return Window.of(params).page(rows, lambda card: encode(_listed_json(store, card)))
