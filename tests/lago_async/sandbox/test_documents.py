"""Documents and their emails, and the logs that a sandbox does not have, as a running server answered."""

from typing import Any

import aiohttp
import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import Json

from .conftest import START, Caller

ALL = ["invoice.finalized", "credit_note.created", "payment_receipt.created"]


@pytest.fixture
def paid(premium: Sandbox) -> Any:
    """Return an invoice of a premium sandbox whose customer has no email address."""
    premium.perform("create_customer", {"external_id": "cus", "currency": "EUR"})
    premium.perform("create_add_on", {"name": "S", "code": "setup", "amount_cents": 1000, "amount_currency": "EUR"})
    invoice: Any = premium.perform(
        "create_invoice", {"external_customer_id": "cus", "fees": [{"add_on_code": "setup"}]}
    )
    premium.perform("create_payment", {"invoice_id": invoice["lago_id"], "amount_cents": 1000, "reference": "r"})
    return invoice


@pytest.fixture
def paths(premium: Sandbox, paid: dict[str, Any]) -> list[str]:
    """Return the paths of an invoice, of a credit note and of a receipt."""
    items: list[Json] = [{"fee_id": paid["fees"][0]["lago_id"], "amount_cents": 10}]
    note: Any = premium.perform(
        "create_credit_note", {"invoice_id": paid["lago_id"], "credit_amount_cents": 10, "items": items}
    )
    receipts: Any = premium.perform("find_all_payment_receipts")
    (receipt,) = receipts
    kinds = {"invoices": paid, "credit_notes": note, "payment_receipts": receipt}
    return [f"/{kind}/{item['lago_id']}" for kind, item in kinds.items()]


def entity(sandbox: Sandbox, **fields: Any) -> None:
    sandbox.perform("update_billing_entity", fields, "sandbox")


# --- emails -----------------------------------------------------------------------------------------------------------


async def test_an_email_needs_the_entitys_setting_its_address_and_a_recipient(
    premium: Sandbox, premium_call: Caller, paths: list[str]
) -> None:
    for path in paths:
        response = await premium_call.post(f"{path}/resend_email", {})
        assert (response.status, response.body["code"]) == (405, "email_settings_disabled")
    entity(premium, email_settings=ALL)
    for path in paths:
        response = await premium_call.post(f"{path}/resend_email", {})
        assert (response.status, response.body["error_details"]) == (
            422,
            {"billing_entity": ["must have email configured"], "to": ["must have at least one recipient"]},
        )


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"to": ["x@y.example"]}, None),
        ({"to": ["x@y.example"], "cc": [], "bcc": None}, None),
        ({}, {"to": ["must have at least one recipient"]}),
        ({"to": "x@y.example"}, {"to": ["must have at least one recipient"]}),
        ({"invoice": {"to": ["x@y.example"]}}, {"to": ["must have at least one recipient"]}),
        ({"to": [""]}, {"to": ["invalid email format: "]}),
        (
            {"bcc": ["none", "at@all"], "cc": ["no"], "to": ["nothing", "x@y.example"]},
            {
                "bcc": ["invalid email format: none, at@all"],
                "cc": ["invalid email format: no"],
                "to": ["invalid email format: nothing"],
            },
        ),
    ],
)
async def test_an_email_goes_to_addresses(
    premium: Sandbox, premium_call: Caller, paths: list[str], body: dict[str, Any], problems: dict[str, Any] | None
) -> None:
    entity(premium, email_settings=ALL, email="e@b.example")
    for path in paths:
        response = await premium_call.post(f"{path}/resend_email", body)
        assert (response.status, (response.body or {}).get("error_details")) == (422 if problems else 200, problems)


async def test_only_a_finalized_invoice_is_sent_or_downloaded(
    premium: Sandbox, premium_call: Caller, paths: list[str]
) -> None:
    entity(premium, email_settings=ALL, email="e@b.example")
    invoice = premium._store.invoices.find(paths[0].rpartition("/")[2])
    assert invoice is not None
    invoice.status = "voided"
    response = await premium_call.post(f"{paths[0]}/resend_email", {"to": ["x@y.example"]})
    assert (response.status, response.body["code"]) == (405, "invoice_not_finalized")
    for kind in ("download", "download_pdf", "download_xml"):
        response = await premium_call.post(f"{paths[0]}/{kind}", {})
        assert (response.status, response.body["code"]) == (404, "invoice_not_found")


async def test_an_email_needs_a_licence(sandbox: Sandbox, call: Caller) -> None:
    sandbox.perform("create_customer", {"external_id": "cus", "currency": "EUR"})
    sandbox.perform("create_add_on", {"name": "S", "code": "s", "amount_cents": 1, "amount_currency": "EUR"})
    invoice: Any = sandbox.perform("create_invoice", {"external_customer_id": "cus", "fees": [{"add_on_code": "s"}]})
    response = await call.post(f"/invoices/{invoice['lago_id']}/resend_email", {})
    assert (response.status, response.body["code"]) == (403, "premium_license_required")


# --- files ------------------------------------------------------------------------------------------------------------


async def test_the_xml_of_a_credit_note_is_the_note_and_that_of_an_invoice_never_comes(
    premium_call: Caller, paths: list[str]
) -> None:
    invoice, note, _ = paths
    for path in (invoice, note):
        (shown,) = (await premium_call.post(f"{path}/download_pdf", {})).body.values()
        assert shown["file_url"].endswith(".pdf")
    assert (await premium_call.post(f"{invoice}/download_xml", {})).body is None
    assert (await premium_call.post(f"{note}/download_xml", {}))["credit_note"]["xml_url"] is None


async def test_electronic_invoices_are_not_simulated(premium: Sandbox, premium_call: Caller, paths: list[str]) -> None:
    entity(premium, einvoicing=True)
    for path in paths[:2]:
        response = await premium_call.post(f"{path}/download_xml", {})
        assert (response.status, response.body["code"]) == (501, "not_simulated_by_the_sandbox")


# --- logs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("premium", "code"), [(False, "feature_unavailable"), (True, "forbidden")])
@pytest.mark.parametrize("path", ["/security_logs", "/security_logs/1"])
async def test_security_logs_need_a_licence_and_an_integration(
    session: aiohttp.ClientSession, path: str, premium: bool, code: str
) -> None:
    async with Sandbox(now=START, premium=premium) as running:
        response = await Caller(running, session).get(path)
    assert (response.status, response.body["code"]) == (403, code)


async def test_enriched_events_need_clickhouse(call: Caller) -> None:
    response = await call.get("/events_enriched")
    assert (response.status, response.body["code"]) == (403, "endpoint_not_available")


# --- the organization -------------------------------------------------------------------------------------------------


async def test_the_organization_is_found_as_it_was_changed_but_without_its_taxes(
    sandbox: Sandbox, call: Caller
) -> None:
    changed: Any = sandbox.perform("update_organization", {"legal_name": "ACME"})
    found = (await call.get("/organizations"))["organization"]
    assert found == {name: value for name, value in changed.items() if name != "taxes"}
    tokens = {(await call.get("/organizations/grpc_token"))["organization"]["grpc_token"] for _ in range(2)}
    assert {token.count(".") for token in tokens} == {2}
    assert len(tokens) == 2
