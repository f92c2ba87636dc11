"""Fields that the sandbox does not simulate are refused, unless it was opened with ``strict=False``."""

from collections.abc import Callable
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._operations.simulation import TABLE

PLAN: dict[str, Any] = {"name": "P", "code": "plan", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
PLAN["pay_in_advance"] = False
CHARGE = {"charge_model": "standard", "properties": {"amount": "1"}}
SUBSCRIPTION = {"external_customer_id": "cus", "external_id": "sub", "plan_code": "plan"}
WALLET = {"external_customer_id": "cus", "rate_amount": "1", "currency": "EUR"}
Make = Callable[[Any, dict[str, Any]], tuple[str, Any]]


def opened(*, strict: bool) -> Any:
    sandbox: Any = Sandbox(premium=True, strict=strict)
    metric = {"name": "M", "code": "m", "aggregation_type": "count_agg"}
    sandbox.metric_id = sandbox.perform("create_billable_metric", metric)["lago_id"]
    sandbox.perform("create_customer", {"external_id": "cus", "currency": "EUR"})
    sandbox.perform("create_add_on", {"name": "A", "code": "a", "amount_cents": 1, "amount_currency": "EUR"})
    sandbox.perform("create_plan", PLAN)
    sandbox.perform("create_billing_entity", {"code": "other", "name": "Other"})
    sandbox.wallet_id = sandbox.perform("create_wallet", {**WALLET, "code": "first"})["lago_id"]
    return sandbox


def charge(sandbox: Any, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    charges = [{"billable_metric_id": sandbox.metric_id, **CHARGE, **fields}]
    return "create_plan", {**PLAN, "code": "other", "charges": charges}


CASES = [
    ("charge", "applied_pricing_unit", {"code": "tokens", "conversion_rate": "1"}, charge),
    ("charge", "accepts_target_wallet", True, charge),
    (
        "subscription",
        "activation_rules",
        [{"type": "payment"}],
        lambda _, fields: ("create_subscription", {**SUBSCRIPTION, **fields}),
    ),
    (
        "subscription",
        "billing_entity_code",
        "other",
        lambda _, fields: ("create_subscription", {**SUBSCRIPTION, **fields}),
    ),
    (
        "subscription",
        "billing_entity_id",
        "1a901a90-1a90-1a90-1a90-1a901a901a90",
        lambda _, fields: ("create_subscription", {**SUBSCRIPTION, **fields}),
    ),
    ("wallet", "billing_entity_code", "other", lambda _, fields: ("create_wallet", {**WALLET, **fields})),
    (
        "wallet_transaction",
        "voided_transaction_id",
        "1a901a90-1a90-1a90-1a90-1a901a901a90",
        lambda sandbox, fields: ("create_wallet_transaction", {"wallet_id": sandbox.wallet_id, **fields}),
    ),
    ("customer", "account_type", "partner", lambda _, fields: ("create_customer", {"external_id": "p", **fields})),
    (
        "customer",
        "integration_customers",
        [{"integration_type": "anrok", "integration_code": "x"}],
        lambda _, fields: ("create_customer", {"external_id": "p", **fields}),
    ),
    (
        "invoice",
        "billing_entity_code",
        "other",
        lambda _, fields: (
            "create_invoice",
            {"external_customer_id": "cus", "currency": "EUR", "fees": [{"add_on_code": "a"}], **fields},
        ),
    ),
    (
        "billing_entity",
        "eu_tax_management",
        True,
        lambda _, fields: ("create_billing_entity", {"code": "e", "name": "E", **fields}),
    ),
    (
        "billing_entity",
        "document_numbering",
        "per_billing_entity",
        lambda _, fields: ("create_billing_entity", {"code": "e", "name": "E", **fields}),
    ),
    (
        "previewed_subscriptions",
        "plan_code",
        "plan",
        lambda _, fields: ("invoice_preview", {"customer": {"external_id": "cus"}, "subscriptions": fields}),
    ),
]


@pytest.mark.parametrize(
    ("kind", "field", "value", "make"), CASES, ids=lambda item: item if isinstance(item, str) else ""
)
def test_a_field_that_is_not_simulated_is_refused_by_its_name(kind: str, field: str, value: object, make: Make) -> None:
    sandbox = opened(strict=True)
    with pytest.raises(ValueError, match=f'"{field}":\\["not_simulated_by_the_sandbox"\\]'):
        sandbox.perform(*make(sandbox, {field: value}))


@pytest.mark.parametrize(
    ("field", "value", "make"),
    [(case[1], case[2], case[3]) for case in CASES if case[0] in {"charge", "customer"}],
    ids=lambda item: item if isinstance(item, str) else "",
)
def test_a_sandbox_that_is_not_strict_goes_on_without_it(field: str, value: object, make: Make) -> None:
    sandbox = opened(strict=False)
    sandbox.perform(*make(sandbox, {field: value}))


def test_each_kind_of_the_table_is_tried() -> None:
    assert {case[0] for case in CASES} == set(TABLE)
