"""Rate cards: the prices of products."""

from collections.abc import Iterable

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.product_fields import (
    change_texts,
    checked_names,
    codes_of,
    is_given,
    record_json,
    searched,
)
from lago_async.sandbox._operations.rates import checked_rate, rate_json
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.products import Product, ProductFilter
from lago_async.sandbox._state.rate_cards import RateCard
from lago_async.sandbox._state.store import Store

_TIMINGS = ("arrears", "advance")
_REGROUPINGS = ("none", "invoice")
_FLAGS = ("proration", "display_on_invoice", "wallet_targetable")
_DEFAULTS: JsonObject = {
    "currency": None,
    "applied_pricing_unit_code": None,
    "billing_timing": "arrears",
    "proration": False,
    "regroup_paid_fees": "none",
    "display_on_invoice": True,
    "wallet_targetable": None,
}
"""What a card is billed by. It is frozen once there are rates; the server names the first one that changes."""


def _billing(card: RateCard) -> JsonObject:
    """Return what a card is billed by. A sandbox has no pricing units."""
    return {
        "currency": card.currency,
        "applied_pricing_unit_code": None,
        "billing_timing": card.billing_timing,
        "proration": card.proration,
        "regroup_paid_fees": card.regroup_paid_fees,
        "display_on_invoice": card.display_on_invoice,
        "wallet_targetable": card.wallet_targetable,
    }


def _listed_json(card: RateCard) -> JsonObject:
    """Return a rate card as lists show it."""
    return {
        **record_json(card),
        **_billing(card),
        "product_code": card.product.code,
        "product_filter_code": None if card.product_filter is None else card.product_filter.code,
        "rates_count": len(card.rates),
    }


def rate_card_json(store: Store, card: RateCard) -> JsonObject:
    """Return a rate card with its active rate."""
    active = card.active_rate(store.now)
    return {**_listed_json(card), "active_rate": None if active is None else rate_json(store, card, active)}


RATE_CARDS = Catalogue(root="rate_card", records=lambda store: store.rate_cards, render=rate_card_json)
handles("find_rate_card")(RATE_CARDS.find)


def discard_rate_cards(store: Store, cards: Iterable[RateCard]) -> None:
    """Delete rate cards with their rates."""
    for card in cards:
        card.rates.clear()
        store.rate_cards.discard(card, store.now)


@handles("find_all_rate_cards")
def find_all_rate_cards(call: OperationCall) -> PagedList:
    """List the rate cards, newest first."""
    params = call.params
    product_id, filter_id = params.filled("product_id"), params.filled("product_filter_id")
    codes, product_codes = codes_of(params, "code"), codes_of(params, "product_code")
    filter_codes = codes_of(params, "product_filter_code")
    rows = [
        card
        for card in searched(call.store.rate_cards.newest_first(), params)
        if product_id in {None, card.product.lago_id}
        and (filter_id is None or (card.product_filter is not None and card.product_filter.lago_id == filter_id))
        and (not codes or card.code in codes)
        and (not product_codes or card.product.code in product_codes)
        and (not filter_codes or (card.product_filter is not None and card.product_filter.code in filter_codes))
    ]
    return Window.of(params).page(rows, lambda card: encode(_listed_json(card)))


def _check_settings(given: Fields) -> None:
    """Refuse flags that are not booleans, wallets and pricing units; the server does so before anything else."""
    found = refusals.FieldErrors()
    for name in _FLAGS:
        if is_given(given, name) and given.raw(name) is not None and not isinstance(given.raw(name), bool):
            found.add(name, "value_is_invalid")
    found.refuse()
    if given.raw("wallet_targetable") is True:
        raise refusals.invalid_field("wallet_targetable", "feature_unavailable")
    if given.filled("applied_pricing_unit_code") is not None:
        raise refusals.invalid_field("applied_pricing_unit_code", "value_is_invalid")


def _check_billing(found: refusals.FieldErrors, billing: Fields, product: Product) -> None:
    currency, timing, regrouping = (billing.text(name) for name in ("currency", "billing_timing", "regroup_paid_fees"))
    if billing.filled("currency") is None:
        found.add("currency", "value_is_mandatory")
    if currency is not None and currency not in CURRENCIES:
        found.add("currency", "value_is_invalid")
    if timing not in _TIMINGS:
        found.add("billing_timing", "value_is_invalid")
    shown = billing.boolean("display_on_invoice")
    if timing != "advance" and not shown:
        found.add("display_on_invoice", "not_allowed_for_billing_timing")
    if billing.boolean("proration") and product.metric is not None and not product.metric.recurring:
        found.add("proration", "requires_recurring_metric")
    if regrouping not in _REGROUPINGS:
        found.add("regroup_paid_fees", "value_is_invalid")
    if regrouping != "none":
        if timing != "advance":
            found.add("regroup_paid_fees", "not_allowed_for_billing_timing")
        if shown:
            found.add("regroup_paid_fees", "not_allowed_with_display_on_invoice")


def _product_and_filter(store: Store, given: Fields) -> tuple[Product, ProductFilter | None]:
    product, code = store.products.find(given.text("product_code")), given.filled("product_filter_code")
    if product is None:
        raise refusals.not_found("product")
    if code is None:
        return product, None
    for product_filter in product.filters:
        if product_filter.code == code:
            return product, product_filter
    raise refusals.not_found("product_filter")


def _add_rates(store: Store, card: RateCard, given: Fields) -> None:
    """Add the rates that were sent with a card; their errors do not say which one is wrong."""
    if isinstance(given.raw("rates"), dict):
        raise refusals.crashed()
    for item in given.list_of_fields("rates") or []:
        try:
            card.rates.append(checked_rate(store, card, item))
        except refusals.RefusalError as refusal:
            details = refusal.body.get("error_details")
            if not isinstance(details, dict):
                raise
            raise refusals.invalid({f"rates.{field}": codes for field, codes in details.items()}) from refusal


@handles("create_rate_card")
def create_rate_card(call: OperationCall) -> JsonObject:
    """Create a rate card, and its rates."""
    store, given = call.store, call.envelope()
    product, product_filter = _product_and_filter(store, given)
    _check_settings(given)
    sent: dict[str, Json] = {
        name: given.raw(name) for name in _DEFAULTS if is_given(given, name) and given.raw(name) is not None
    }
    billing = Fields({**_DEFAULTS, **sent})
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, None, lambda code: store.rate_cards.find(code) is not None)
    _check_billing(found, billing, product)
    found.refuse()
    card = RateCard(
        created_at=store.now,
        updated_at=store.now,
        code=code,
        name=name,
        description=given.text("description"),
        product=product,
        product_filter=product_filter,
        currency=billing.text("currency") or "",
        billing_timing=billing.text("billing_timing") or "",
        proration=bool(billing.boolean("proration")),
        display_on_invoice=bool(billing.boolean("display_on_invoice")),
        regroup_paid_fees=billing.text("regroup_paid_fees") or "",
        wallet_targetable=billing.boolean("wallet_targetable"),
    )
    _add_rates(store, card, given)
    store.rate_cards.add(card)
    return rate_card_json(store, card)


@handles("update_rate_card")
def update_rate_card(call: OperationCall) -> JsonObject:
    """Change a rate card; its product and its filter stay."""
    store, given = call.store, call.envelope()
    card = RATE_CARDS.record(call)
    _check_settings(given)
    before = _billing(card)
    sent: dict[str, Json] = {name: given.raw(name) for name in before if is_given(given, name)}
    if "regroup_paid_fees" in sent and sent["regroup_paid_fees"] is None:
        sent["regroup_paid_fees"] = "none"
    changed = [name for name in _DEFAULTS if name in sent and sent[name] != before[name]]
    if card.rates and changed:
        raise refusals.invalid_field(changed[0], "not_editable_with_rates")
    if any(name in sent and sent[name] is None for name in ("proration", "display_on_invoice")):
        raise refusals.crashed()
    billing = Fields({**before, **sent})
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, card, lambda code: store.rate_cards.find(code) is not None)
    _check_billing(found, billing, card.product)
    found.refuse()
    with store.rate_cards.changing(card):
        card.code = code
    change_texts(card, given, name, store.now)
    card.currency = billing.text("currency") or ""
    card.billing_timing = billing.text("billing_timing") or ""
    card.proration = bool(billing.boolean("proration"))
    card.display_on_invoice = bool(billing.boolean("display_on_invoice"))
    card.regroup_paid_fees = billing.text("regroup_paid_fees") or ""
    card.wallet_targetable = billing.boolean("wallet_targetable")
    return rate_card_json(store, card)


@handles("destroy_rate_card")
def destroy_rate_card(call: OperationCall) -> JsonObject:
    """Delete a rate card with its rates, and return it a last time."""
    card = RATE_CARDS.record(call)
    discard_rate_cards(call.store, [card])
    return rate_card_json(call.store, card)
