"""The items of an order, translated into the fields of the requests that do the same: quotes spell them otherwise."""

import re
from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from lago_async.sandbox._operations.quote_items import quoted
from lago_async.sandbox._operations.quoted_charges import CHARGE, FIXED_CHARGE, charge_id
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.periods import midnight
from lago_async.sandbox._state.plans import Plan

_CALENDAR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch
_ADD_ON = ("units", "unitAmountCents", "invoiceDisplayName", "description", "fromDatetime", "toDatetime")
_SUBSCRIPTION = {"name": "subscriptionName", "billing_time": "billingTime"}
_PLAN = ("amountCents", "amountCurrency", "invoiceDisplayName", "name", "description", "trialPeriod")
_CHARGE = ("properties", "minAmountCents", "invoiceDisplayName")
_FIXED_CHARGE = ("units", "properties", "invoiceDisplayName")
_THRESHOLD = ("amountCents", "recurring", "thresholdDisplayName")
_COUPON = ("amountCents", "percentageRate", "frequency", "frequencyDuration")
_WALLET = (
    "name",
    "rateAmount",
    "paidCredits",
    "grantedCredits",
    "expirationAt",
    "purchaseOrderNumber",
    "invoiceRequiresSuccessfulPayment",
)
_RULE = (
    "trigger",
    "interval",
    "method",
    "thresholdCredits",
    "targetOngoingBalance",
    "grantsTargetTopUp",
    "paidCredits",
    "grantedCredits",
    "startedAt",
    "expirationAt",
    "transactionName",
    "invoiceRequiresSuccessfulPayment",
)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _taken(given: Fields, names: tuple[str, ...]) -> JsonObject:
    """Return the fields that are not null, by their names in requests."""
    return _compact({_snake(name): given.raw(name) for name in names})


def _compact(given: Mapping[str, Json]) -> JsonObject:
    return {name: value for name, value in given.items() if value is not None}


def add_on_fields(item: Fields) -> Fields:
    """Return the fields of the fee of an add-on."""
    fields = _compact({_snake(name): quoted(item, name) for name in _ADD_ON})
    return Fields({"add_on_code": item.fields("payload").raw("code"), **fields})


def subscription_fields(item: Fields, plan: Plan, customer: Customer) -> Fields:
    """Return the fields of a new subscription. Without an id in the quote, each attempt makes up another one."""
    payload = item.fields("payload")
    external_id = payload.filled("subscriptionExternalId") or item.filled("localId") or str(uuid4())
    return Fields(
        _compact(
            {
                "external_id": external_id,
                "external_customer_id": customer.external_id,
                **{name: payload.raw(key) for name, key in _SUBSCRIPTION.items()},
                "subscription_at": _moment(payload.raw("startDate"), customer),
                "ending_at": _moment(payload.raw("endDate"), customer),
                "payment_method": _payment_method(payload),
                "plan_overrides": plan_overrides(item, plan) or None,
                "usage_thresholds": usage_thresholds(item) or None,
            }
        )
    )


def amendment_fields(item: Fields, customer: Customer, external_id: str, name: str | None) -> Fields:
    """Return the fields of the change of a subscription to another plan."""
    payload = item.fields("payload")
    return Fields(
        _compact(
            {
                "external_id": external_id,
                "external_customer_id": customer.external_id,
                "name": payload.filled("subscriptionName") or name,
                "ending_at": _moment(payload.raw("endDate"), customer),
                "payment_method": _payment_method(payload),
            }
        )
    )


def _moment(value: Json, customer: Customer) -> Json:
    """Return a time; a date without one is the start of that day for the customer."""
    if not isinstance(value, str) or not value.strip():
        return None
    if _CALENDAR_DATE(value) is None:
        return value
    try:
        return to_iso(midnight(date.fromisoformat(value), customer.zone))
    except ValueError:
        return value  # the request refuses it


def _payment_method(payload: Fields) -> Json:
    method = payload.raw("paymentMethodId")
    return None if method is None else {"payment_method_type": "provider", "payment_method_id": method}


def plan_overrides(item: Fields, plan: Plan) -> JsonObject:
    """Return what a subscription has otherwise than its plan; refuse prices of charges that are not on it."""
    overrides = item.fields("overrides")
    charges: list[Json] = [
        {"id": charge_id(item, plan.charges, CHARGE, each), **_taken(each, _CHARGE)}
        for each in overrides.list_of_fields("charges") or []
    ]
    fixed: list[Json] = [
        {"id": charge_id(item, plan.fixed_charges, FIXED_CHARGE, each), **_taken(each, _FIXED_CHARGE)}
        for each in overrides.list_of_fields("fixedCharges") or []
    ]
    return _compact(
        {
            **_taken(overrides, _PLAN),
            "minimum_commitment": _commitment(overrides, plan),
            "charges": charges or None,
            "fixed_charges": fixed or None,
        }
    )


def _commitment(overrides: Fields, plan: Plan) -> Json:
    """Return the commitment; one that is only renamed keeps the amount of the plan."""
    given = overrides.mapping("minimumCommitment")
    if not given:
        return None
    amount = given.get("amountCents") or (plan.minimum_commitment or {}).get("amount_cents")
    return _compact({"amount_cents": amount, "invoice_display_name": given.get("invoiceDisplayName")}) or None


def usage_thresholds(item: Fields) -> list[Json]:
    """Return the usage thresholds of a subscription."""
    thresholds = item.fields("overrides").list_of_fields("usageThresholds") or []
    return [_taken(each, _THRESHOLD) for each in thresholds]


def coupon_fields(item: Fields) -> Fields:
    """Return the fields of a coupon on the customer. Only an override has a currency of its own."""
    currency = item.fields("overrides").raw("amountCurrency")
    return Fields(_compact({**{_snake(name): quoted(item, name) for name in _COUPON}, "amount_currency": currency}))


def wallet_fields(item: Fields, currency: str | None) -> Fields:
    """Return the fields of a new wallet."""
    payload = item.fields("payload")
    rules: list[Json] = [_taken(each, _RULE) for each in payload.list_of_fields("recurringTransactionRules") or []]
    limits = payload.fields("appliesTo")
    applies_to = _compact(
        {
            "fee_types": limits.raw("feeTypes") or None,
            "billable_metric_codes": limits.raw("billableMetricCodes") or None,
        }
    )
    return Fields(
        _compact(
            {
                **_taken(payload, _WALLET),
                "currency": payload.raw("currency") or currency,
                "applies_to": applies_to or None,
                "recurring_transaction_rules": rules or None,
            }
        )
    )
