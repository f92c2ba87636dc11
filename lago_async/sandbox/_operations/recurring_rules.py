"""Rules for topping up wallets automatically."""

from collections.abc import Sequence
from decimal import Decimal

import attrs

from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import RecurringRule, Wallet

_CREDITS = ("threshold_credits", "paid_credits", "granted_credits")
_TIMES = ("started_at", "expiration_at")
_NEW: JsonObject = {
    "trigger": None,
    "method": "fixed",
    "interval": None,
    "status": "active",
    "threshold_credits": "0.0",
    "paid_credits": "0.0",
    "granted_credits": "0.0",
    "grants_target_top_up": False,
    "started_at": None,
    "target_ongoing_balance": None,
    "expiration_at": None,
    "invoice_requires_successful_payment": False,
    "transaction_metadata": [],
    "transaction_name": None,
    "ignore_paid_top_up_limits": False,
    "purchase_order_number": None,
    "applied_invoice_custom_sections": [],
    "payment_method": {"payment_method_type": "provider", "payment_method_id": None},
}


def rules_of_new_wallet(store: Store, wallet: Wallet, given: Fields, rules: Sequence[Fields]) -> list[RecurringRule]:
    """Return the rules of a new wallet; a fixed one without credits adds those that the wallet begins with."""
    first: dict[str, Json] = {name: given.raw(name) for name in ("paid_credits", "granted_credits")}

    def completed(rule: Fields) -> Fields:
        lacks = rule.raw("paid_credits") is None and rule.raw("granted_credits") is None
        fixed = (rule.filled("method") or "fixed") == "fixed"
        return Fields({**dict(rule.items()), **first}) if lacks and fixed else rule

    return [_new_rule(store, wallet, completed(rule)) for rule in rules]


def changed_rules(store: Store, wallet: Wallet, rules: Sequence[Fields]) -> list[RecurringRule]:
    """Return the rules that a wallet has from now on: those sent with the id of an old one change it.

    All other rules that were sent are new, and the old ones that were not sent end.
    """
    known = {rule.lago_id: rule for rule in wallet.rules}
    return [
        _new_rule(store, wallet, item)
        if (old := known.get(item.text("lago_id") or "")) is None
        else _with_values(old, _values(old.values, item))
        for item in rules
    ]


def _new_rule(store: Store, wallet: Wallet, given: Fields) -> RecurringRule:
    before: JsonObject = {**_NEW, "invoice_requires_successful_payment": wallet.invoice_requires_successful_payment}
    return _with_values(RecurringRule(created_at=store.now, values={}), _values(before, given))


def _with_values(rule: RecurringRule, values: JsonObject) -> RecurringRule:
    starts, ends = (parse_timestamp(values[name]) for name in _TIMES)
    return attrs.evolve(rule, values=values, started_at=starts, expiration_at=ends)


def _values(before: JsonObject, given: Fields) -> JsonObject:
    """Return the values of a rule; those that were not sent stay. They were checked before."""
    values = dict(before)
    for name in ("trigger", "interval", "method"):
        if given.has(name):
            values[name] = given.filled(name) or _NEW[name]
    for name in _CREDITS:
        if given.has(name):
            values[name] = decimal_text(given.decimal(name) or Decimal(0))
    for name in _TIMES:
        if given.has(name):
            values[name] = to_iso_or_null(parse_timestamp(given.raw(name)))
    for name in ("invoice_requires_successful_payment", "ignore_paid_top_up_limits", "grants_target_top_up"):
        if given.has(name):
            values[name] = bool(given.boolean(name))
    if values["method"] != "target":
        values["grants_target_top_up"] = False
    if given.has("target_ongoing_balance"):
        target = given.decimal("target_ongoing_balance")
        values["target_ongoing_balance"] = None if target is None else decimal_text(target)
    if given.has("transaction_metadata"):
        values["transaction_metadata"] = given.raw("transaction_metadata") or []
    if given.has("transaction_name"):
        values["transaction_name"] = given.filled("transaction_name")
    if given.has("purchase_order_number"):
        values["purchase_order_number"] = given.text("purchase_order_number")
    method = given.fields("payment_method")
    if method.has("payment_method_type"):
        values["payment_method"] = {
            "payment_method_type": method.filled("payment_method_type") or "provider",
            "payment_method_id": method.filled("payment_method_id"),
        }
    return values
