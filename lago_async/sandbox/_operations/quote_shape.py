"""The shape that the items of a quote must have before it is approved, as data, and the check of it.

Each field that the execution of an order reads has a type here; everything else in a payload is kept as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import attrs

from lago_async.sandbox._money import pricing
from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.coupons import COUPON_TYPES, FREQUENCIES
from lago_async.sandbox._operations.wallet_rules import FEE_TYPES, INTERVALS, METHODS, TRIGGERS
from lago_async.sandbox._protocol.refusals import FieldErrors
from lago_async.sandbox._protocol.wire import Json

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").fullmatch
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)").fullmatch


@attrs.frozen(kw_only=True)
class Shape:
    """The rules for a value. A rule for another type than the value's does not apply, as in JSON Schema."""

    kind: str
    nullable: bool = False
    members: "Mapping[str, Shape]" = attrs.field(factory=dict[str, "Shape"])
    only: bool = False  # an object with no other members
    required: tuple[str, ...] = ()
    items: "Shape | None" = None
    fewest: int = 0
    most: int | None = None
    filled: bool = False  # a text that is not empty
    least: int | None = None
    above: int | None = None
    values: tuple[str, ...] | None = None
    unknown: str = "invalid_value"  # the code for other values
    form: Callable[[str], object] | None = None


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_whole(value: Json) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value == int(value)


_KINDS: Mapping[str, Callable[[Json], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": _is_number,
    "integer": _is_whole,
}


def check_shape(shape: Shape, value: Json, place: str, found: FieldErrors) -> None:
    """Report everything in a value that does not have its shape."""
    if value is None and shape.nullable:
        return
    if not _KINDS[shape.kind](value):
        found.add(place, "invalid_type")
    if shape.values is not None and value not in shape.values:
        found.add(place, shape.unknown)
    if isinstance(value, dict):
        _check_members(shape, value, place, found)
    elif isinstance(value, list):
        if len(value) < shape.fewest or (shape.most is not None and len(value) > shape.most):
            found.add(place, "invalid_count")
        for position, item in enumerate(value if shape.items is not None else ()):
            check_shape(shape.items or shape, item, f"{place}.{position}", found)
    else:
        for code in _scalar_errors(shape, value):
            found.add(place, code)


def _check_members(shape: Shape, value: Mapping[str, Json], place: str, found: FieldErrors) -> None:
    for name in shape.required:
        if name not in value:
            found.add(f"{place}.{name}", "value_is_mandatory")
    for name, item in value.items():
        if name in shape.members:
            check_shape(shape.members[name], item, f"{place}.{name}", found)
        elif shape.only:
            found.add(f"{place}.{name}", "unsupported_key")


def _scalar_errors(shape: Shape, value: Json) -> Iterator[str]:
    if isinstance(value, str):
        if shape.filled and not value:
            yield "invalid_value"
        if shape.form is not None and not shape.form(value):
            yield "invalid_format"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if shape.least is not None and value < shape.least:
            yield "invalid_value"
        if shape.above is not None and value <= shape.above:
            yield "invalid_value"


def _is_date_time(text: str) -> bool:
    try:
        return _DATE_TIME(text) is not None and bool(datetime.fromisoformat(text.upper()))
    except ValueError:
        return False


_Members: TypeAlias = Mapping[str, Shape]


def _is(word: str) -> Shape:
    return Shape(kind="string", values=(word,))


def _list(items: Shape, *, nullable: bool = True, fewest: int = 0, most: int | None = None) -> Shape:
    return Shape(kind="array", nullable=nullable, items=items, fewest=fewest, most=most)


def _open(members: _Members, *, required: tuple[str, ...] = (), nullable: bool = False) -> Shape:
    return Shape(kind="object", members=members, required=required, nullable=nullable)


def _only(members: _Members, *, required: tuple[str, ...] = (), nullable: bool = False) -> Shape:
    return Shape(kind="object", members=members, required=required, nullable=nullable, only=True)


def _word(*values: str, nullable: bool = True) -> Shape:
    return Shape(kind="string", nullable=nullable, values=values)


_ID = Shape(kind="string", form=_UUID)
_NAME = Shape(kind="string", filled=True)
_NAME_OR_NULL = Shape(kind="string", filled=True, nullable=True)
_TEXT_OR_NULL = Shape(kind="string", nullable=True)
_CENTS = Shape(kind="integer", least=0)
_CENTS_OR_NULL = Shape(kind="integer", least=0, nullable=True)
_UNITS = Shape(kind="number", above=0)
_MOMENT_OR_NULL = Shape(kind="string", form=_is_date_time, nullable=True)
_CURRENCY_OR_NULL = Shape(kind="string", values=tuple(CURRENCIES), unknown="invalid_currency", nullable=True)
_FLAG_OR_NULL = Shape(kind="boolean", nullable=True)
_PROPERTIES = Shape(kind="object", nullable=True)
_MODEL = _word(*pricing.MODELS, "custom", "dynamic")
_FIXED_MODEL = _word("standard", "graduated", "volume")

_PRICE: _Members = {
    "units": _UNITS,
    "unitAmountCents": _CENTS,
    "totalAmountCents": _CENTS,
    "fromDatetime": _MOMENT_OR_NULL,
    "toDatetime": _MOMENT_OR_NULL,
}
_ADD_ON = _only(
    {
        "id": _ID,
        "localId": _NAME,
        "type": _is("add_on"),
        "payload": _open({"code": _NAME, **_PRICE}, required=("code", "units", "unitAmountCents", "totalAmountCents")),
        "overrides": _only({"description": _NAME, "invoiceDisplayName": _NAME, **_PRICE}),
    },
    required=("id", "localId", "type", "payload"),
)

_SNAPSHOT = _open(
    {"id": _ID, "billableMetric": _open({"code": _NAME}, required=("code",)), "chargeModel": _MODEL}, required=("id",)
)
_FIXED_SNAPSHOT = _open(
    {"id": _ID, "addOn": _open({"code": _NAME}, required=("code",)), "chargeModel": _FIXED_MODEL}, required=("id",)
)
_PLAN_PAYLOAD = _open(
    {
        "code": _NAME,
        "subscriptionExternalId": _NAME_OR_NULL,
        "subscriptionName": _NAME_OR_NULL,
        "billingTime": _word("calendar", "anniversary"),
        "startDate": _TEXT_OR_NULL,
        "endDate": _TEXT_OR_NULL,
        "paymentMethodId": Shape(kind="string", form=_UUID, nullable=True),
        "charges": _list(_SNAPSHOT),
        "fixedCharges": _list(_FIXED_SNAPSHOT),
    },
    required=("code",),
)
_COMMITMENT = _only(
    {"amountCents": Shape(kind="integer", above=0, nullable=True), "invoiceDisplayName": _NAME_OR_NULL}, nullable=True
)
_THRESHOLD = _only(
    {
        "amountCents": Shape(kind="integer", above=0),
        "recurring": _FLAG_OR_NULL,
        "thresholdDisplayName": _NAME_OR_NULL,
    },
    required=("amountCents",),
)
_CHARGE = _only(
    {
        "billableMetricCode": _NAME,
        "chargeModel": _MODEL,
        "properties": _PROPERTIES,
        "minAmountCents": _CENTS_OR_NULL,
        "invoiceDisplayName": _NAME_OR_NULL,
    },
    required=("billableMetricCode",),
)
_FIXED_CHARGE = _only(
    {
        "addOnCode": _NAME,
        "units": _NAME_OR_NULL,
        "properties": _PROPERTIES,
        "invoiceDisplayName": _NAME_OR_NULL,
    },
    required=("addOnCode",),
)
_PLAN_OVERRIDES = _only(
    {
        "amountCents": _CENTS_OR_NULL,
        "amountCurrency": _CURRENCY_OR_NULL,
        "invoiceDisplayName": _NAME_OR_NULL,
        "name": _NAME_OR_NULL,
        "description": _NAME_OR_NULL,
        "trialPeriod": Shape(kind="number", least=0, nullable=True),
        "minimumCommitment": _COMMITMENT,
        "usageThresholds": _list(_THRESHOLD),
        "charges": _list(_CHARGE),
        "fixedCharges": _list(_FIXED_CHARGE),
    },
    nullable=True,
)
_PLAN = _only(
    {
        "id": _ID,
        "localId": _NAME_OR_NULL,
        "type": _is("plan"),
        "payload": _PLAN_PAYLOAD,
        "overrides": _PLAN_OVERRIDES,
    },
    required=("id", "type", "payload"),
)

_DISCOUNT: _Members = {
    "amountCents": _CENTS_OR_NULL,
    "percentageRate": Shape(kind="number", above=0, nullable=True),
    "frequency": _word(*FREQUENCIES),
    "frequencyDuration": Shape(kind="integer", above=0, nullable=True),
}
_COUPON = _only(
    {
        "id": _ID,
        "localId": _NAME,
        "type": _is("coupon"),
        "payload": _open(
            {
                "code": _NAME,
                "type": _word(*COUPON_TYPES, nullable=False),
                "currency": _CURRENCY_OR_NULL,
                **_DISCOUNT,
            },
            required=("code", "type"),
        ),
        "overrides": _only({"amountCurrency": _CURRENCY_OR_NULL, **_DISCOUNT}, nullable=True),
    },
    required=("id", "localId", "type", "payload"),
)

_RULE = _open(
    {
        "trigger": _word(*TRIGGERS, nullable=False),
        "interval": _word(*INTERVALS),
        "method": _word(*METHODS),
        "startedAt": _MOMENT_OR_NULL,
        "expirationAt": _MOMENT_OR_NULL,
        "transactionName": _NAME_OR_NULL,
        "invoiceRequiresSuccessfulPayment": _FLAG_OR_NULL,
        "grantsTargetTopUp": _FLAG_OR_NULL,
        **dict.fromkeys(("thresholdCredits", "targetOngoingBalance", "paidCredits", "grantedCredits"), _TEXT_OR_NULL),
    },
    required=("trigger",),
)
_LIMITS = _open(
    {"feeTypes": _list(_word(*FEE_TYPES, nullable=False)), "billableMetricCodes": _list(_NAME)}, nullable=True
)
_WALLET_AMOUNTS = ("paidCredits", "grantedCredits", "rateAmount")
_WALLET = _only(
    {
        "localId": _NAME,
        "type": _is("wallet_credit"),
        "payload": _open(
            {
                **dict.fromkeys(_WALLET_AMOUNTS, Shape(kind="string")),
                "currency": _CURRENCY_OR_NULL,
                "expirationAt": _MOMENT_OR_NULL,
                "appliesTo": _LIMITS,
                "recurringTransactionRules": _list(_RULE, most=1),
            },
            required=_WALLET_AMOUNTS,
        ),
    },
    required=("localId", "type", "payload"),
)

ONE_OFF = _only({"addOns": _list(_ADD_ON, nullable=False, fewest=1)}, required=("addOns",))
"""The items of an order for one invoice."""

SUBSCRIPTIONS = _only(
    {
        "plans": _list(_PLAN, nullable=False, fewest=1),
        "coupons": _list(_COUPON, nullable=False),
        "walletCredits": _list(_WALLET, nullable=False),
    },
    required=("plans",),
)
"""The items of an order that creates subscriptions, or amends one."""
