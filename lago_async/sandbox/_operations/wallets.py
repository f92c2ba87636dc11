"""Wallets: opened, changed and closed; found by id, or by code below their customer."""

import re
from decimal import Decimal

import attrs

from lago_async.sandbox._money import prepaid, top_ups
from lago_async.sandbox._operations import customers, list_filters, wallet_rules, wallet_top_ups
from lago_async.sandbox._operations.billing_entities import check_entity, entity_codes
from lago_async.sandbox._operations.item_metadata import given_metadata
from lago_async.sandbox._operations.recurring_rules import changed_rules, rules_of_new_wallet
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.wallet_views import wallet_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Wallet

_BELOW_CUSTOMER = "/customers/"


def find(call: OperationCall) -> Wallet:
    """Return the wallet that the path names: by its id, or by its code below its customer."""
    if not call.route.path.startswith(_BELOW_CUSTOMER):
        wallet = call.store.wallets.find(call.identifier)
        if wallet is None:
            raise refusals.not_found("wallet")
        return wallet
    customer = customers.find(call.store, call.identifier)
    found = [item for item in call.store.wallets if item.customer is customer and item.code == call.path_params[1]]
    # A closed wallet frees its code, so several can have it: prefer the open one, or else the last.
    found.sort(key=lambda item: (item.terminated_at is None, item.created_at, item.order))
    if not found:
        raise refusals.not_found("wallet")
    return found[-1]


def _open_wallets(store: Store, customer: Customer) -> list[Wallet]:
    return [wallet for wallet in store.wallets if wallet.customer is customer and wallet.terminated_at is None]


def _code(store: Store, customer: Customer, given: Fields) -> str:
    """Return the code that was sent, or one made of the name; a time makes it unique among the open wallets."""
    if (code := given.filled("code")) is not None:
        return code
    code = re.sub(r"[^a-z0-9]+", "_", (given.filled("name") or "").lower()).strip("_") or "default"
    taken = any(wallet.code == code for wallet in _open_wallets(store, customer))
    return f"{code}_{int(store.now.timestamp())}" if taken else code


def _is_taken(store: Store, wallet: Wallet) -> bool:
    """Return whether another open wallet of the customer has the code."""
    others = _open_wallets(store, wallet.customer)
    return any(other.lago_id != wallet.lago_id and other.code == wallet.code for other in others)


def _assign(store: Store, wallet: Wallet, given: Fields, *, new: bool = False) -> None:
    """Assign the fields that were sent; the others stay."""
    check_entity(store, given)
    refuse_unsimulated(store, "wallet", given, wallet.customer)
    limits = given.fields("applies_to")
    metrics, kinds = limits.strings("billable_metric_codes"), limits.strings("fee_types")
    if given.has("expiration_at"):
        wallet.expiration_at = parse_timestamp(given.raw("expiration_at"))
    wallet.metric_codes = wallet.metric_codes if metrics is None else metrics
    wallet.fee_types = wallet.fee_types if kinds is None else kinds
    if given.has("name"):
        wallet.name = given.text("name")
    if given.has("purchase_order_number"):
        wallet.purchase_order_number = given.text("purchase_order_number")
    wallet.priority = wallet.priority if given.integer("priority") is None else given.integer("priority") or 0
    for name, limit in (
        ("top_up_min_cents", "paid_top_up_min_amount_cents"),
        ("top_up_max_cents", "paid_top_up_max_amount_cents"),
    ):
        if given.has(limit):
            setattr(wallet, name, given.integer(limit))
    requires = given.boolean("invoice_requires_successful_payment")
    if requires is not None:
        wallet.invoice_requires_successful_payment = requires
    rules = given.list_of_fields("recurring_transaction_rules")
    if rules is not None and store.premium:
        wallet.rules = rules_of_new_wallet(store, wallet, given, rules) if new else changed_rules(store, wallet, rules)
    if not all(wallet_top_ups.within_limits(wallet, rule) for rule in wallet.rules if rule.active(store.now)):
        raise refusals.invalid_field("recurring_transaction_rules", "invalid_recurring_rule")
    method = given.fields("payment_method")
    if method.has("payment_method_type"):
        wallet.payment_method_type = method.filled("payment_method_type") or "provider"
        wallet.payment_method_id = method.filled("payment_method_id")
    wallet.metadata = given_metadata(given, wallet.metadata)


def _open(store: Store, customer: Customer, given: Fields) -> Wallet:
    """Return a new wallet; refuse invalid fields."""
    rate, currency = given.decimal("rate_amount"), given.filled("currency") or customer.currency
    wallet = Wallet(
        created_at=store.now,
        customer=customer,
        code=_code(store, customer, given),
        name=None,
        currency=currency or "",
        rate_amount=rate or Decimal(1),
        priority=50,
        expiration_at=None,
        invoice_requires_successful_payment=False,
        fee_types=[],
        metric_codes=[],
        top_up_min_cents=None,
        top_up_max_cents=None,
        purchase_order_number=None,
    )
    _assign(store, wallet, given, new=True)
    wallet_rules.check_record(wallet, rate=rate, given=given, taken=_is_taken(store, wallet))
    for name in ("paid_credits", "granted_credits"):
        number = given.decimal(name)
        if number and not prepaid.credits_to_cents(wallet, number):
            raise refusals.invalid_field(name, "amount_rounds_to_zero")
    if given.list_of_fields("recurring_transaction_rules") and not store.premium:
        # The server fails here: it makes no rule without a licence, and needs it.
        raise refusals.forbidden("feature_unavailable")
    if not given.boolean("ignore_paid_top_up_limits_on_creation"):
        wallet_top_ups.check_limits(wallet, given)
    return wallet


@handles("create_customer_wallet")
@handles("create_wallet")
def create_wallet(call: OperationCall) -> JsonObject:
    """Open a wallet, and top it up with the credits that were sent."""
    store = call.store
    below = call.route.path.startswith(_BELOW_CUSTOMER)
    customer = customers.find(store, call.identifier) if below else None
    given = call.envelope()
    if customer is None:
        customer = store.customers.find(given.filled("external_customer_id"))
    wallet = open_wallet(store, customer, given)
    # The server's job adds the first credits after it: neither the response nor the webhook has them.
    shown = wallet_json(wallet)
    store.tell()
    first_top_up(store, wallet, given)
    return shown


def open_wallet(store: Store, customer: Customer | None, given: Fields) -> Wallet:
    """Open a wallet without its first credits, and return it."""
    wallet_rules.check_request(store, given, None if customer is None else len(_open_wallets(store, customer)))
    if customer is None:
        raise refusals.not_found("customer")
    wallet = _open(store, customer, given)
    if customer.currency is None:
        customer.columns["currency"] = wallet.currency
    store.wallets.add(wallet)
    store.flag(customer)
    store.emit("wallet.created", wallet)
    return wallet


def first_top_up(store: Store, wallet: Wallet, given: Fields) -> None:
    """Top up a new wallet with the credits that were sent."""
    metadata = given.raw("transaction_metadata")
    top_ups.top_up(
        store,
        wallet,
        paid=given.decimal("paid_credits") or Decimal(0),
        granted=given.decimal("granted_credits") or Decimal(0),
        name=given.filled("transaction_name"),
        metadata=metadata if isinstance(metadata, list) else [],
        priority=given.integer("transaction_priority") or 50,
        order_number=wallet.purchase_order_number,
    )


@handles("find_customer_wallet")
@handles("find_wallet")
def find_wallet(call: OperationCall) -> JsonObject:
    """Return one wallet."""
    return wallet_json(find(call))


@handles("update_customer_wallet")
@handles("update_wallet")
def update_wallet(call: OperationCall) -> JsonObject:
    """Change an open wallet."""
    store, wallet, given = call.store, find(call), call.envelope()
    if wallet.terminated_at is not None:
        raise refusals.invalid_field("wallet_id", "wallet_is_terminated")
    wallet_rules.check_change(store, given)
    changed = attrs.evolve(wallet, code=given.filled("code") or wallet.code)
    _assign(store, changed, given)
    taken = changed.code != wallet.code and _is_taken(store, changed)
    wallet_rules.check_record(changed, rate=changed.rate_amount, given=given, taken=taken)
    before = _what_it_pays_for(wallet)
    wallet.code = changed.code
    _assign(store, wallet, given)
    # The server forgets the metrics if they are not sent again.
    wallet.metric_codes = given.fields("applies_to").strings("billable_metric_codes") or []
    if _what_it_pays_for(wallet) != before:
        store.flag(wallet.customer)
        store.refresh(wallet.customer)
    store.emit("wallet.updated", wallet)
    return wallet_json(wallet)


def _what_it_pays_for(wallet: Wallet) -> tuple[str, int, list[str], list[str]]:
    """Return what decides which usage a wallet will pay for."""
    return wallet.code, wallet.priority, list(wallet.fee_types), sorted(wallet.metric_codes)


@handles("destroy_customer_wallet")
@handles("destroy_wallet")
def destroy_wallet(call: OperationCall) -> JsonObject:
    """Close a wallet; its balance stays visible."""
    wallet = find(call)
    if wallet.terminated_at is None:
        prepaid.terminate(call.store, wallet)
    return wallet_json(wallet)


def _page(call: OperationCall, customer_id: str | None) -> PagedList:
    store, currency = call.store, call.params.filled("currency")
    entities = list_filters.entity_codes(call, entity_codes(store))
    found = [
        wallet
        for wallet in store.wallets.newest_first()
        if customer_id in {None, wallet.customer.external_id}
        and currency in {None, wallet.currency}
        and (not entities or wallet.customer.billing_entity_code in entities)
    ]
    return Window.of(call.params).page(found, lambda wallet: encode(wallet_json(wallet)))


@handles("find_all_wallets")
def find_all_wallets(call: OperationCall) -> PagedList:
    """List the wallets of all customers that match, newest first; an unknown customer is not found."""
    external_id = call.params.filled("external_customer_id")
    return _page(call, None if external_id is None else customers.find(call.store, external_id).external_id)


@handles("find_all_customer_wallets")
def find_all_customer_wallets(call: OperationCall) -> PagedList:
    """List the wallets of one customer, who must exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
