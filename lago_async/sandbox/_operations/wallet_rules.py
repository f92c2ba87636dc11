"""The server's rules for wallets and their top-up rules, in its order."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Wallet

FEE_TYPES = ("charge", "add_on", "subscription", "credit", "commitment", "fixed_charge", "product")
TRIGGERS = ("interval", "threshold")
METHODS = ("fixed", "target")
INTERVALS = ("weekly", "monthly", "quarterly", "yearly", "semiannual")
_WALLETS = 6
_PRIORITIES = range(1, 51)
_METADATA, _KEY_LENGTH, _VALUE_LENGTH = 5, 20, 100


def is_decimal(value: Json) -> bool:
    """Return whether a value is a decimal: text, because a JSON number may have lost digits."""
    if not isinstance(value, str):
        return False
    try:
        return Decimal(value.strip()).is_finite()
    except InvalidOperation:
        return False


def is_amount(value: Json) -> bool:
    """Return whether a value is a decimal that is not negative."""
    return isinstance(value, str) and is_decimal(value) and Decimal(value.strip()) >= 0


def check_request(store: Store, given: Fields, open_wallets: int | None) -> None:
    """Refuse what the server checks before it makes a wallet; ``open_wallets`` is None for an unknown customer."""
    found = refusals.FieldErrors()
    if open_wallets is None:
        found.add("customer", "customer_not_found")
    for name in ("paid_credits", "granted_credits"):
        if given.raw(name) is not None and not is_amount(given.raw(name)):
            found.add(name, f"invalid_{name}")
            found.add(name, "invalid_amount")
    if not _expires_later(store.now, given):
        found.add("expiration_at", "invalid_date")
    _check_rules(store, found, given)
    if (wrong := metadata_error(given.raw("transaction_metadata"))) is not None:
        found.add("metadata", wrong)
    if not _limits_exist(store, given):
        found.add("applies_to", "invalid_limitations")
    if open_wallets is not None and open_wallets >= _WALLETS:
        found.add("customer", "wallet_limit_reached")
    if not valid_payment_method(store, given):
        found.add("payment_method", "invalid_payment_method")
    found.refuse()


def check_change(store: Store, given: Fields) -> None:
    """Refuse what the server checks before it changes a wallet; only the first error is reported."""
    if not _expires_later(store.now, given):
        raise refusals.invalid_field("expiration_at", "invalid_date")
    found = refusals.FieldErrors()
    _check_rules(store, found, given)
    found.refuse()
    _refuse_unknown_limits(store, given)
    if not valid_payment_method(store, given):
        raise refusals.invalid_field("payment_method", "invalid_payment_method")


def check_record(wallet: Wallet, *, rate: Decimal | None, given: Fields, taken: bool) -> None:
    """Refuse a wallet that breaks a rule; all errors are reported. ``taken``: another open wallet has its code."""
    found = refusals.FieldErrors()
    if rate is None:
        found.add("rate_amount", "is not a number")
    elif rate <= 0:
        found.add("rate_amount", "value_is_out_of_range")
    if wallet.currency not in CURRENCIES:
        found.add("currency", "value_is_invalid")
    least, most = wallet.top_up_min_cents, wallet.top_up_max_cents
    for end, amount in (("min", least), ("max", most)):
        if amount is not None and amount <= 0:
            found.add(f"paid_top_up_{end}_amount_cents", "value_is_out_of_range")
    if given.integer("priority") is not None and wallet.priority not in _PRIORITIES:
        found.add("priority", "value_is_invalid")
    if least is not None and most is not None and most < least:
        found.add("paid_top_up_max_amount_cents", "must_be_greater_than_or_equal_min")
    if taken:
        found.add("code", "value_already_exist")
    found.refuse()


def _expires_later(now: datetime, given: Fields) -> bool:
    if given.filled("expiration_at") is None:
        return True
    at = parse_timestamp(given.raw("expiration_at"))
    return at is not None and at > now


def _check_rules(store: Store, found: refusals.FieldErrors, given: Fields) -> None:
    rules = given.list_of_fields("recurring_transaction_rules") or []
    if len(rules) > 1:
        found.add("recurring_transaction_rules", "invalid_number_of_recurring_rules")
    elif rules and not valid_rule(store.now, rules[0]):
        found.add("recurring_transaction_rules", "invalid_recurring_rule")


def valid_rule(now: datetime, rule: Fields) -> bool:
    """Return whether a top-up rule is complete and consistent."""
    trigger, target = rule.text("trigger"), rule.text("method") == "target"
    threshold, balance = rule.raw("threshold_credits"), rule.raw("target_ongoing_balance")
    paid, granted = rule.raw("paid_credits"), rule.raw("granted_credits")
    by_interval = trigger == "interval" and rule.text("interval") in INTERVALS
    by_threshold = trigger == "threshold" and is_decimal(threshold)
    below = target and trigger == "threshold" and is_decimal(balance) and is_decimal(threshold)
    return (
        (by_interval or by_threshold)
        and (not target or is_decimal(balance))
        and not (below and Decimal(str(balance)) < Decimal(str(threshold)))
        and (not (paid or granted) or is_decimal(paid) or is_decimal(granted))
        and metadata_error(rule.raw("transaction_metadata")) is None
        and _expires_later(now, rule)
        and (rule.raw("grants_target_top_up") is None or target)
    )


def metadata_error(metadata: Json, most: int = _METADATA) -> str | None:
    """Return what is wrong with the metadata of a transaction; the server keeps the last error that it finds."""
    if metadata is None or metadata == []:
        return None
    if not isinstance(metadata, list):
        return "invalid_type"
    wrong = "too_many_keys" if len(metadata) > most else None
    for item in metadata:
        wrong = _pair_error(item) or wrong
    return wrong


def _pair_error(item: Json) -> str | None:
    if not isinstance(item, dict) or set(item) != {"key", "value"} or not item["key"] or not item["value"]:
        return "invalid_key_value_pair"
    value = item["value"]
    if isinstance(value, dict | list):
        return "nested_structure_not_allowed"
    if len(str(value)) > _VALUE_LENGTH:
        return "value_too_long"
    return "key_too_long" if len(str(item["key"])) > _KEY_LENGTH else None


def _limits(store: Store, given: Fields) -> Mapping[str, str]:
    """Return what is wrong with the limits of a wallet, by field."""
    limits, found = given.fields("applies_to"), dict[str, str]()
    if not set(limits.strings("fee_types") or []) <= set(FEE_TYPES):
        found["allowed_fee_types"] = "invalid_fee_types"
    codes = set(limits.strings("billable_metric_codes") or [])
    if any(store.billable_metrics.find(code) is None for code in codes):
        found["billable_metrics"] = "invalid_identifier"
    return found


def _limits_exist(store: Store, given: Fields) -> bool:
    return not _limits(store, given)


def _refuse_unknown_limits(store: Store, given: Fields) -> None:
    found = refusals.FieldErrors()
    for field, code in _limits(store, given).items():
        found.add(field, code)
    found.refuse()


def valid_payment_method(store: Store, given: Fields) -> bool:
    """Return whether the type of a payment method fits its id."""
    method = given.fields("payment_method")
    kind, lago_id = method.filled("payment_method_type"), method.filled("payment_method_id")
    if kind is None and lago_id is None:
        return True
    known = store.payment_methods.find(lago_id) is not None
    return (kind == "provider" and (known or method.raw("payment_method_id") is None)) or (
        kind == "manual" and not known
    )
