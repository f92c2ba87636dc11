"""The sandbox's responses have every field of the contract, with its type, and null only where it is allowed."""

import re
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import JsonObject
from tests.contract.facts import ENUMS, OBJECTS
from tests.lago_async.sandbox.conftest import Caller, NewCharge, NewMetric, Subscribe

STRINGS = {"string", "uuid", "email", "uri", "datetime", "date", "decimal"}
PATTERNS = {
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z",
    "date": r"\d{4}-\d\d-\d\d",
    "decimal": r"-?\d+\.\d+",
}
JSON_TYPES: dict[str, type | tuple[type, ...]] = {"integer": int, "boolean": bool, "number": (int, float)}

# The charge properties are passed through unchanged, so they have only the fields that were sent.
UNCHECKED = {"ChargeObjectProperties", "ChargeProperties", "MetadataObject", "PlanEntitlement"}


def problems(kind: str | None, value: Any, path: str, fields: dict[str, Any] | None = None) -> list[str]:
    """Yield every difference between ``value`` and the contract's ``kind``."""
    kind = kind or "any"
    if fields:
        if kind.startswith("array") or isinstance(value, list):
            return [each for item in value for each in of_fields(fields, item, f"{path}[]")]
        return of_fields(fields, value, path)
    array = re.fullmatch(r"array<(.+)>", kind)
    if array:
        return [each for item in value for each in problems(array[1], item, f"{path}[]")]
    if kind.startswith("ref:"):
        name = kind[4:]
        if name in UNCHECKED or name in ENUMS:
            return []
        if name not in OBJECTS:
            return [] if isinstance(value, list) else [f"{path}: {value!r} is not a list"]
        found = OBJECTS[name]
        if found.get("array"):
            return [each for item in value for each in of_fields(found["fields"], item, f"{path}[]")]
        return of_fields(found["fields"], value, path)
    if kind in STRINGS and (not isinstance(value, str) or not re.fullmatch(PATTERNS.get(kind, ".*"), value)):
        return [f"{path}: {value!r} is no {kind}"]
    if kind in JSON_TYPES and (not isinstance(value, JSON_TYPES[kind]) or (kind != "boolean" and value is True)):
        return [f"{path}: {value!r} is no {kind}"]
    return []


def of_fields(fields: dict[str, Any], value: dict[str, Any], path: str) -> list[str]:
    found: list[str] = []
    for name, field in fields.items():
        here = f"{path}.{name}"
        if name not in value:
            optional = field.get("conditional") or field.get("spec_only") or field.get("spec_only_in")
            found += [] if optional else [f"{here} is missing"]
        elif value[name] is None:
            found += [] if field.get("nullable") or field.get("nullable_in") else [f"{here} is null"]
        else:
            inner = None if "server_type" in field else field.get("fields")
            found += problems(field.get("server_type", field["type"]), value[name], here, inner)
    return found


@pytest.fixture
def world(sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Sandbox:
    """Create one object of each kind, with as many fields as possible."""
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20"})
    calls = metric(sandbox, "calls", filters=[{"key": "region", "values": ["eu"]}])
    properties = {"amount": "1", "pricing_group_keys": ["cloud"], "presentation_group_keys": [{"value": "team"}]}
    filters = [{"values": {"region": ["eu"]}, "properties": {"amount": "2"}}]
    full = charge(calls, properties=properties, filters=filters, tax_codes=["vat"])
    subscribed(
        sandbox,
        full,
        amount_cents=1000,
        tax_codes=["vat"],
        customer={"tax_codes": ["vat"], "metadata": [{"key": "k", "value": "v"}]},
    )
    for number, region in enumerate(("eu", "us")):
        event = {"transaction_id": str(number), "external_subscription_id": "sub", "code": "calls"}
        sandbox.perform("create_event", {**event, "properties": {"value": 2, "region": region, "cloud": "aws"}})
    return sandbox


PLAN = {"name": "P", "code": "p", "interval": "yearly", "amount_cents": 1, "amount_currency": "EUR"}
PLAN["pay_in_advance"] = False
# Fields that the server omits where there is none.
OMITTED = ("minimum_commitment", "metadata", "entitlements", "applicable_usage_thresholds")
METRIC = {"name": "M", "code": "m", "aggregation_type": "count_agg"}
COUPON = {"name": "C", "code": "c", "coupon_type": "percentage", "percentage_rate": "10", "frequency": "once"}
SUBSCRIPTION = {"external_customer_id": "new", "external_id": "new", "plan_code": "plan"}


@pytest.mark.parametrize(
    ("operation", "given", "path_params", "schema", "path"),
    [
        ("create_customer", {"external_id": "cus"}, (), "CustomerObjectExtended", "customer"),
        ("destroy_customer", None, ("cus",), "CustomerObjectExtended", "customer"),
        ("create_subscription", SUBSCRIPTION, (), "SubscriptionObjectExtended", "subscription"),
        ("destroy_subscription", None, ("sub",), "SubscriptionObject", "subscription"),
        ("create_plan", PLAN, (), "PlanObject", "plan"),
        ("create_billable_metric", METRIC, (), "BillableMetricObject", "metric"),
        ("create_tax", {"name": "T", "code": "t", "rate": 1}, (), "TaxObject", "tax"),
        ("create_coupon", {**COUPON, "expiration": "no_expiration"}, (), "CouponObject", "coupon"),
    ],
)
def test_answers_have_the_fields_of_the_contract(
    world: Sandbox, operation: str, given: dict[str, Any] | None, path_params: tuple[str, ...], schema: str, path: str
) -> None:
    response = world.perform(operation, given, *path_params)
    # An embedded tax does not name billing entities.
    found = [each for each in problems(f"ref:{schema}", response, path) if "taxes[].applied_to_billing" not in each]
    assert [each for each in found if not each.endswith(tuple(f".{name} is missing" for name in OMITTED))] == []


async def test_usage_now_and_past_has_the_fields_of_the_contract(world: Sandbox, call: Caller) -> None:
    from datetime import timedelta

    assert problems("ref:CustomerUsageObject", await call.usage(), "usage") == []
    world.advance(by=timedelta(days=40))
    (period,) = (await call.past())["usage_periods"]
    assert period["charges_usage"][0]["grouped_usage"]
    assert problems("ref:CustomerUsageObject", period, "usage") == []


def test_events_and_applied_coupons_have_the_fields_of_the_contract(world: Sandbox) -> None:
    given: JsonObject = {"transaction_id": "t", "external_subscription_id": "sub", "code": "calls"}
    event: Any = world.perform("create_event", given)
    # Not matched yet, and so without customer and subscription.
    assert problems("ref:EventObject", {**event, "properties": {"operation_type": None}}, "event") == []
    world.perform("create_coupon", {**COUPON, "expiration": "no_expiration"})
    applied = world.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    assert problems("ref:AppliedCouponObject", applied, "applied_coupon") == []
