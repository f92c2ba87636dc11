"""Wallets: opened, changed and closed; found by id, or by code below their customer."""

import re
from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import prepaid, top_ups
from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations import customers, wallet_top_ups
from lago_async.sandbox._operations.codes import free_code
from lago_async.sandbox._operations.recurring_rules import new_rule
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.wallet_views import new_wallet_json, wallet_json
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
_FEE_TYPES = ("charge", "subscription", "commitment")


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


def _expiration(store: Store, given: Fields) -> datetime | None:
    at = parse_timestamp(given.raw("expiration_at"))
    if given.raw("expiration_at") not in {None, ""} and (at is None or at <= store.now):
        raise refusals.invalid_field("expiration_at", "invalid_date")
    return at


def _free_code(store: Store, customer: Customer, given: Fields) -> str:
    """Return the code that was sent, or one made of the name; open wallets of a customer never share a code."""
    taken = {wallet.code for wallet in store.wallets if wallet.customer is customer and wallet.terminated_at is None}
    name = (given.filled("name") or "default").lower()
    return free_code(given, re.sub(r"\W+", "_", name).strip("_") or "default", taken)


def _assign(store: Store, wallet: Wallet, given: Fields) -> None:
    """Assign the fields that were sent; the others stay."""
    refuse_unsimulated(store, "wallet", given)
    limits = given.fields("applies_to")
    metrics = limits.strings("billable_metric_codes")
    if metrics is not None and any(store.billable_metrics.find(code) is None for code in metrics):
        raise refusals.invalid_field("applies_to", "invalid_limitations")
    kinds = limits.strings("fee_types")
    if kinds is not None and not set(kinds) <= set(_FEE_TYPES):
        raise refusals.invalid_field("applies_to", "invalid_limitations")
    expiration = _expiration(store, given)
    rules = given.list_of_fields("recurring_transaction_rules")
    if rules is not None:
        wallet.rules = [new_rule(store, item) for item in rules]
    if given.has("expiration_at"):
        wallet.expiration_at = expiration
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
    method = given.fields("payment_method")
    if method.has("payment_method_type"):
        wallet.payment_method_type = method.filled("payment_method_type") or "provider"
        wallet.payment_method_id = method.filled("payment_method_id")
    if given.has("metadata"):
        wallet.metadata = given.mapping("metadata") or None


def _open(store: Store, customer: Customer, given: Fields) -> Wallet:
    """Return a new wallet; refuse invalid fields."""
    rate, currency = given.decimal("rate_amount"), given.filled("currency") or customer.currency
    priority = given.integer("priority")
    found = refusals.FieldErrors()
    if rate is None or rate <= 0:
        found.add("rate_amount", "value_is_mandatory" if rate is None else "value_is_out_of_range")
    if currency is None or currency not in CURRENCIES:
        found.add("currency", "value_is_invalid")
    if priority is not None and not 1 <= priority <= 50:
        found.add("priority", "value_is_out_of_range")
    for name in ("paid_credits", "granted_credits"):
        amount = given.decimal(name)
        if given.filled(name) is not None and (amount is None or amount < 0):
            found.add(name, f"invalid_{name}")
    found.refuse()
    wallet = Wallet(
        created_at=store.now,
        customer=customer,
        code=_free_code(store, customer, given),
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
    _assign(store, wallet, given)
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
        customer = customers.find(store, given.filled("external_customer_id"))
    wallet = _open(store, customer, given)
    if customer.currency is None:
        customer.columns["currency"] = wallet.currency
    store.wallets.add(wallet)
    # The server's job adds the first credits a moment later: the response does not have them.
    shown = new_wallet_json(store, wallet)
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
    return shown


@handles("find_customer_wallet")
@handles("find_wallet")
def find_wallet(call: OperationCall) -> JsonObject:
    """Return one wallet."""
    return wallet_json(call.store, find(call))


@handles("update_customer_wallet")
@handles("update_wallet")
def update_wallet(call: OperationCall) -> JsonObject:
    """Change an open wallet."""
    store, wallet, given = call.store, find(call), call.envelope()
    if wallet.terminated_at is not None:
        raise refusals.not_allowed("wallet_not_active")
    if given.filled("code") not in {None, wallet.code}:
        wallet.code = _free_code(store, wallet.customer, given)
    _assign(store, wallet, given)
    return wallet_json(store, wallet)


@handles("destroy_customer_wallet")
@handles("destroy_wallet")
def destroy_wallet(call: OperationCall) -> JsonObject:
    """Close a wallet; its balance stays visible."""
    wallet = find(call)
    if wallet.terminated_at is not None:
        raise refusals.not_allowed("wallet_not_active")
    prepaid.terminate(call.store, wallet)
    return wallet_json(call.store, wallet)


def _page(call: OperationCall, customer_id: str | None) -> PagedList:
    store, currency = call.store, call.params.filled("currency")
    found = [
        wallet
        for wallet in store.wallets.newest_first()
        if customer_id in {None, wallet.customer.external_id} and currency in {None, wallet.currency}
    ]
    return Window.of(call.params).page(found, lambda wallet: encode(wallet_json(store, wallet)))


@handles("find_all_wallets")
def find_all_wallets(call: OperationCall) -> PagedList:
    """List the wallets of all customers that match, newest first; an unknown customer is not found."""
    external_id = call.params.filled("external_customer_id")
    return _page(call, None if external_id is None else customers.find(call.store, external_id).external_id)


@handles("find_all_customer_wallets")
def find_all_customer_wallets(call: OperationCall) -> PagedList:
    """List the wallets of one customer, who must exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
