"""Wallets: opened, changed, closed; by their id, or by their code below the customer."""

import re
from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import currencies, prepaid
from lago_async.sandbox._operations import customers, wallet_transactions
from lago_async.sandbox._operations.registry import Call, Page, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode, iso_ms, iso_or_null, parse_moment
from lago_async.sandbox._protocol.wire import iso as iso_text
from lago_async.sandbox._state.invoice_records import RecurringRule, Wallet
from lago_async.sandbox._state.records import Customer
from lago_async.sandbox._state.store import Store

_BELOW_CUSTOMER = "/customers/"
_INTERVALS = ("weekly", "monthly", "quarterly", "semiannual", "yearly")
_FEE_TYPES = ("charge", "subscription", "commitment")


def _rule_json(rule: RecurringRule) -> JsonObject:
    return {"lago_id": rule.lago_id, **rule.values, "created_at": iso_text(rule.created_at)}


def wallet_json(store: Store, wallet: Wallet) -> JsonObject:
    """A wallet with its balances; those called ongoing look ahead at what is used and not yet invoiced."""
    usage = wallet_transactions.running_usage_cents(store, wallet) if wallet.terminated_at is None else 0

    def credit_text(amount_cents: int) -> str:
        return decimal_text(prepaid.cents_to_credits(wallet, amount_cents))

    shown: JsonObject = {
        "lago_id": wallet.lago_id,
        "lago_customer_id": wallet.customer.lago_id,
        "external_customer_id": wallet.customer.external_id,
        "billing_entity_code": wallet.customer.billing_entity_code,
        "status": "active" if wallet.terminated_at is None else "terminated",
        "currency": wallet.currency,
        "name": wallet.name,
        "code": wallet.code,
        "priority": wallet.priority,
        "rate_amount": decimal_text(wallet.rate_amount),
        "credits_balance": credit_text(wallet.balance_cents),
        "credits_ongoing_balance": credit_text(wallet.balance_cents - usage),
        "credits_ongoing_usage_balance": credit_text(usage),
        "balance_cents": wallet.balance_cents,
        "ongoing_balance_cents": wallet.balance_cents - usage,
        "ongoing_usage_balance_cents": usage,
        "consumed_credits": credit_text(wallet.consumed_cents),
        "created_at": iso_text(wallet.created_at),
        "expiration_at": iso_or_null(wallet.expiration_at),
        "last_balance_sync_at": iso_or_null(wallet.synced_at),
        "last_consumed_credit_at": iso_or_null(wallet.consumed_at),
        "terminated_at": None if wallet.terminated_at is None else iso_ms(wallet.terminated_at),
        "invoice_requires_successful_payment": wallet.invoice_requires_successful_payment,
        "paid_top_up_min_amount_cents": wallet.top_up_min_cents,
        "paid_top_up_max_amount_cents": wallet.top_up_max_cents,
        "purchase_order_number": wallet.purchase_order_number,
        "recurring_transaction_rules": [_rule_json(rule) for rule in wallet.rules],
        "applies_to": {
            "fee_types": list[Json](wallet.fee_types),
            "billable_metric_codes": list[Json](wallet.metric_codes),
        },
        "applied_invoice_custom_sections": [],
        "payment_method": {
            "payment_method_type": wallet.payment_method_type,
            "payment_method_id": wallet.payment_method_id,
        },
    }
    if wallet.metadata is not None:
        shown["metadata"] = dict(wallet.metadata)
    return shown


def find(call: Call) -> Wallet:
    """The wallet that the path names: by its id, or by its code below its customer."""
    if not call.route.path.startswith(_BELOW_CUSTOMER):
        wallet = call.store.wallets.find(call.identifier)
        if wallet is None:
            raise refusals.not_found("wallet")
        return wallet
    customer = customers.find(call.store, call.identifier)
    found = [each for each in call.store.wallets if each.customer is customer and each.code == call.path_params[1]]
    # A code is free again when its wallet is closed; the open one is meant, else the last.
    found.sort(key=lambda each: (each.terminated_at is None, each.created_at, each.order))
    if not found:
        raise refusals.not_found("wallet")
    return found[-1]


def _expiration(store: Store, given: Fields) -> datetime | None:
    moment = parse_moment(given.raw("expiration_at"))
    if given.raw("expiration_at") not in {None, ""} and (moment is None or moment <= store.now):
        raise refusals.invalid_field("expiration_at", "invalid_date")
    return moment


def _rule(store: Store, given: Fields) -> RecurringRule:
    trigger, interval = given.text("trigger"), given.filled("interval")
    method = given.filled("method") or "fixed"
    threshold = given.decimal("threshold_credits")
    wrong = trigger not in {"interval", "threshold"} or method not in {"fixed", "target"}
    if wrong or (trigger == "interval" and interval not in _INTERVALS) or (trigger == "threshold" and not threshold):
        raise refusals.invalid_field("recurring_transaction_rules", "invalid_recurring_rule")
    target = given.decimal("target_ongoing_balance")
    payment = given.fields("payment_method")
    return RecurringRule(
        created_at=store.now,
        values={
            "trigger": trigger,
            "method": method,
            "interval": interval,
            "status": "active",
            "threshold_credits": None if threshold is None else decimal_text(threshold),
            "paid_credits": decimal_text(given.decimal("paid_credits") or Decimal(0)),
            "granted_credits": decimal_text(given.decimal("granted_credits") or Decimal(0)),
            "grants_target_top_up": bool(given.boolean("grants_target_top_up")),
            "started_at": iso_or_null(parse_moment(given.raw("started_at"))),
            "target_ongoing_balance": None if target is None else decimal_text(target),
            "expiration_at": iso_or_null(parse_moment(given.raw("expiration_at"))),
            "invoice_requires_successful_payment": bool(given.boolean("invoice_requires_successful_payment")),
            "transaction_metadata": given.raw("transaction_metadata") or [],
            "transaction_name": given.text("transaction_name"),
            "ignore_paid_top_up_limits": bool(given.boolean("ignore_paid_top_up_limits")),
            "purchase_order_number": given.text("purchase_order_number"),
            "applied_invoice_custom_sections": [],
            "payment_method": {
                "payment_method_type": payment.filled("payment_method_type") or "provider",
                "payment_method_id": payment.filled("payment_method_id"),
            },
        },
    )


def _free_code(store: Store, customer: Customer, given: Fields) -> str:
    """The code that was sent, or one made of the name; among the customer's open wallets it is unique."""
    taken = {each.code for each in store.wallets if each.customer is customer and each.terminated_at is None}
    code = given.filled("code")
    if code is not None:
        if code in taken:
            raise refusals.invalid_field("code", "value_already_exist")
        return code
    made = re.sub(r"\W+", "_", (given.filled("name") or "default").lower()).strip("_") or "default"
    number, code = 1, made
    while code in taken:
        number += 1
        code = f"{made}_{number}"
    return code


def _assign(store: Store, wallet: Wallet, given: Fields) -> None:
    """Write what was sent into a wallet; the rest stays."""
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
        wallet.rules = [_rule(store, each) for each in rules]
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
    rate, currency = given.decimal("rate_amount"), given.filled("currency") or customer.currency
    priority = given.integer("priority")
    found = refusals.Errors()
    if rate is None or rate <= 0:
        found.add("rate_amount", "value_is_mandatory" if rate is None else "value_is_out_of_range")
    if currency is None or currency not in currencies.CURRENCIES:
        found.add("currency", "value_is_invalid")
    elif customer.currency not in {None, currency}:
        found.add("currency", "currencies_does_not_match")
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
        wallet_transactions.check_limits(wallet, given)
    return wallet


@handles("create_customer_wallet")
@handles("create_wallet")
def create_wallet(call: Call) -> JsonObject:
    """Open a wallet, and top it up with what is paid or granted with it."""
    store = call.store
    below = call.route.path.startswith(_BELOW_CUSTOMER)
    customer = customers.find(store, call.identifier) if below else None
    given = call.envelope()
    if customer is None:
        customer = customers.find(store, given.filled("external_customer_id"))
    wallet = _open(store, customer, given)
    customer.columns["currency"] = wallet.currency
    store.wallets.add(wallet)
    named: JsonObject = {"name": given.text("transaction_name"), "metadata": given.raw("transaction_metadata")}
    wallet_transactions.top_up(store, wallet, given, Fields(named))
    return wallet_json(store, wallet)


@handles("find_customer_wallet")
@handles("find_wallet")
def find_wallet(call: Call) -> JsonObject:
    """One wallet."""
    return wallet_json(call.store, find(call))


@handles("update_customer_wallet")
@handles("update_wallet")
def update_wallet(call: Call) -> JsonObject:
    """Change a wallet that is open."""
    store, wallet, given = call.store, find(call), call.envelope()
    if wallet.terminated_at is not None:
        raise refusals.not_allowed("wallet_not_active")
    if given.filled("code") not in {None, wallet.code}:
        wallet.code = _free_code(store, wallet.customer, given)
    _assign(store, wallet, given)
    return wallet_json(store, wallet)


@handles("destroy_customer_wallet")
@handles("destroy_wallet")
def destroy_wallet(call: Call) -> JsonObject:
    """Close a wallet; what was left in it stays visible."""
    wallet = find(call)
    if wallet.terminated_at is not None:
        raise refusals.not_allowed("wallet_not_active")
    wallet.terminated_at = call.store.now
    return wallet_json(call.store, wallet)


def _page(call: Call, customer_id: str | None) -> Page:
    store, currency = call.store, call.params.filled("currency")
    found = [
        wallet
        for wallet in store.wallets.newest_first()
        if customer_id in {None, wallet.customer.external_id} and currency in {None, wallet.currency}
    ]
    return Window.of(call.params).page(found, lambda wallet: encode(wallet_json(store, wallet)))


@handles("find_all_wallets")
def find_all_wallets(call: Call) -> Page:
    """Wallets of everybody that match, newest first; an unknown customer is not found."""
    external_id = call.params.filled("external_customer_id")
    return _page(call, None if external_id is None else customers.find(call.store, external_id).external_id)


@handles("find_all_customer_wallets")
def find_all_customer_wallets(call: Call) -> Page:
    """Wallets of one customer, who has to exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
