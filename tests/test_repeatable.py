"""Which calls the client may repeat by itself: every POST that is marked so was compared with the server's code."""

from typing import Any

import pytest

from lago_async import ENDPOINTS, CustomerInput
from lago_async.models import CustomerMetadataInput, IntegrationCustomerInput

COMPUTES = "computes and stores nothing"
REPLACES = "replaces everything below the path, so that a second time changes nothing"
PREPARES = "returns the document if it is there, and otherwise has it made, once more without another effect"
DECIDED = "decided by the body"

REVIEWED = {
    "create_batch_events": DECIDED,
    "create_customer": DECIDED,
    "create_entitlement": REPLACES,
    "create_event": DECIDED,
    "download_credit_note": PREPARES,
    "download_credit_note_pdf": PREPARES,
    "download_credit_note_xml": PREPARES,
    "download_invoice": PREPARES,
    "download_invoice_pdf": PREPARES,
    "download_invoice_xml": PREPARES,
    "estimate_credit_note": COMPUTES,
    "evaluate_billable_metric_expression": COMPUTES,
    "event_batch_estimate_instant_fees": COMPUTES,
    "event_estimate_fees": COMPUTES,
    "event_estimate_instant_fees": COMPUTES,
    "invoice_preview": COMPUTES,
    "replace_credit_note_metadata": REPLACES,
    "replace_customer_wallet_metadata": REPLACES,
    "replace_plan_metadata": REPLACES,
    "replace_wallet_metadata": REPLACES,
}


def test_every_post_that_may_be_repeated_was_reviewed() -> None:
    marked = {row.name: row.idempotent for row in ENDPOINTS.rows if row.method == "POST" and row.idempotent}
    assert set(marked) == set(REVIEWED)
    assert {name for name, mark in marked.items() if callable(mark)} == {
        name for name, kind in REVIEWED.items() if kind == DECIDED
    }


def test_every_method_but_post_may_be_repeated() -> None:
    assert all(row.idempotent is True for row in ENDPOINTS.rows if row.method != "POST")


PAIR: dict[str, Any] = {"key": "a", "value": "1"}
COUNTERPART = {"integration_type": "netsuite", "integration_code": "n", "sync_with_provider": True}
STRIPE: dict[str, Any] = {"payment_provider": "stripe"}


@pytest.mark.parametrize(
    ("fields", "repeatable"),
    [
        ({}, True),
        ({"name": None, "tax_codes": ["vat"]}, True),
        ({"metadata": None}, True),
        ({"metadata": []}, True),
        ({"metadata": [PAIR]}, False),
        ({"metadata": [{**PAIR, "id": None}]}, False),
        ({"metadata": [{**PAIR, "id": "1"}]}, True),
        ({"metadata": [{**PAIR, "id": "1"}, PAIR]}, False),
        ({"metadata": (PAIR,)}, False),
        ({"metadata": [CustomerMetadataInput(**PAIR)]}, False),
        ({"metadata": [CustomerMetadataInput(id="1", **PAIR)]}, True),
        ({"integration_customers": None}, True),
        ({"integration_customers": []}, True),
        ({"integration_customers": [COUNTERPART]}, False),
        ({"integration_customers": [IntegrationCustomerInput(**COUNTERPART)]}, False),  # type: ignore[arg-type]
        ({"integration_customers": [{**COUNTERPART, "id": "1"}]}, True),
        ({"billing_configuration": None}, True),
        ({"billing_configuration": STRIPE}, True),
        ({"billing_configuration": {**STRIPE, "sync_with_provider": False}}, True),
        ({"billing_configuration": {**STRIPE, "sync_with_provider": True}}, False),
    ],
)
def test_a_customer_is_only_sent_twice_if_that_changes_nothing(fields: dict[str, Any], repeatable: bool) -> None:
    endpoint = ENDPOINTS["create_customer"]
    given = {"external_id": "x", **fields}
    assert endpoint.encode((given,), {}).repeatable is repeatable
    if not isinstance(fields.get("metadata"), tuple):
        assert endpoint.encode((CustomerInput(**given),), {}).repeatable is repeatable
