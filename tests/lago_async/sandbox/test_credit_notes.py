"""Credit notes return at most the amount that is left, and later invoices use their credits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import Caller, Subscribe


@pytest.fixture
def sandbox(premium: Sandbox) -> Sandbox:
    return premium


@pytest.fixture
def call(premium_call: Caller) -> Caller:
    return premium_call


@pytest.fixture
def invoice(sandbox: Sandbox, subscribed: Subscribe) -> Any:
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    subscribed(sandbox, amount_cents=1000)
    sandbox.advance(by=timedelta(days=31))
    listed: Any = sandbox.perform("find_all_invoices")
    (newest,) = listed
    return sandbox.perform("find_invoice", None, newest["lago_id"])


def given(invoice: dict[str, Any], amount: int = 1000, **fields: Any) -> dict[str, Any]:
    items = [{"fee_id": invoice["fees"][0]["lago_id"], "amount_cents": amount}]
    return {"credit_note": {"invoice_id": invoice["lago_id"], "items": items, **fields}}


async def test_a_credit_pays_of_the_next_invoice(call: Caller, sandbox: Sandbox, invoice: dict[str, Any]) -> None:
    note = (await call.post("/credit_notes", given(invoice, 500, credit_amount_cents=600)))["credit_note"]
    assert (note["total_amount_cents"], note["taxes_amount_cents"], note["credit_status"]) == (600, 100, "available")
    assert note["number"] == f"{invoice['number']}-CN001"
    sandbox.advance(by=timedelta(days=28))
    newest = (await call.get("/invoices"))["invoices"][0]
    assert (newest["credit_notes_amount_cents"], newest["total_amount_cents"]) == (600, 600)
    after = (await call.get(f"/credit_notes/{note['lago_id']}"))["credit_note"]
    assert (after["balance_amount_cents"], after["credit_status"]) == (0, "consumed")
    assert (await call("PUT", f"/api/v1/credit_notes/{note['lago_id']}/void")).body["code"] == "no_voidable_amount"


@pytest.mark.parametrize(
    ("amount", "fields", "expected"),
    [
        (1001, {"credit_amount_cents": 1201}, {"amount_cents": ["higher_than_remaining_fee_amount"]}),
        (
            1000,
            {"credit_amount_cents": 1202},
            {
                "base": ["does_not_match_item_amounts", "higher_than_remaining_invoice_amount"],
                "credit_amount_cents": ["higher_than_remaining_invoice_amount"],
            },
        ),
        (1000, {"refund_amount_cents": 1200}, {"refund_amount_cents": ["cannot_refund_unpaid_invoice"]}),
        (1000, {}, {"base": ["does_not_match_item_amounts", "total_amount_must_be_positive"]}),
        (1000, {"credit_amount_cents": -1}, {"credit_amount_cents": ["value_is_out_of_range"]}),
        (
            1000,
            {"credit_amount_cents": 1200, "offset_amount_cents": 1200},
            {"base": ["does_not_match_item_amounts", "higher_than_remaining_invoice_amount"]},
        ),
        (1000, {"credit_amount_cents": 1000}, {"base": ["does_not_match_item_amounts"]}),
        (-1, {"credit_amount_cents": 0}, {"amount_cents": ["invalid_value"]}),
        (1000, {"credit_amount_cents": 1200, "reason": "mood"}, {"reason": ["value_is_invalid"]}),
    ],
)
async def test_what_exceeds_or_contradicts_is_refused(
    call: Caller, invoice: dict[str, Any], amount: int, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    response = await call.post("/credit_notes", given(invoice, amount, **fields))
    assert (response.status, response.body.get("error_details")) == (422, expected)
    assert (await call.get("/credit_notes"))["meta"]["total_count"] == 0


async def test_only_what_was_paid_is_refunded(call: Caller, invoice: dict[str, Any]) -> None:
    await call("PUT", f"/api/v1/invoices/{invoice['lago_id']}", {"invoice": {"payment_status": "pending"}})
    payment = {"invoice_id": invoice["lago_id"], "amount_cents": invoice["total_amount_cents"], "reference": "bank"}
    assert (await call.post("/payments", {"payment": payment})).status == 200
    note = (await call.post("/credit_notes", given(invoice, refund_amount_cents=1200)))["credit_note"]
    assert (note["refund_status"], note["credit_status"]) == ("pending", "available")
    target = f"/api/v1/credit_notes/{note['lago_id']}"
    done = await call("PUT", target, {"credit_note": {"refund_status": "succeeded"}})
    assert done["credit_note"]["refund_status"] == "succeeded"
    odd = await call("PUT", target, {"credit_note": {"refund_status": "odd"}})
    assert odd.body["error_details"] == {"refund_status": ["value_is_invalid"]}


async def test_an_offset_lowers_what_is_due(call: Caller, invoice: dict[str, Any]) -> None:
    await call.post("/credit_notes", given(invoice, 500, offset_amount_cents=600))
    after = (await call.get(f"/invoices/{invoice['lago_id']}"))["invoice"]
    assert (after["total_due_amount_cents"], after["total_offsetted_credit_note_amount_cents"]) == (600, 600)


async def test_an_estimate_tells_the_most_there_is(call: Caller, invoice: dict[str, Any]) -> None:
    estimate = (await call.post("/credit_notes/estimate", given(invoice, 500)))["estimated_credit_note"]
    assert (estimate["sub_total_excluding_taxes_amount_cents"], estimate["taxes_amount_cents"]) == (500, 100)
    assert (estimate["max_creditable_amount_cents"], estimate["max_refundable_amount_cents"]) == (600, 0)
    assert estimate["precise_taxes_amount_cents"] == "100.0"
    await call.post("/credit_notes", given(invoice, 800, credit_amount_cents=960))
    left = await call.post("/credit_notes/estimate", given(invoice, 201))
    assert left.body["error_details"] == {"amount_cents": ["higher_than_remaining_fee_amount"]}


async def test_the_exact_total_of_a_note_is_the_sum_of_its_exact_parts(
    call: Caller, sandbox: Sandbox, invoice: dict[str, Any]
) -> None:
    made = (await call.post("/credit_notes", given(invoice, 333, credit_amount_cents=400)))["credit_note"]
    items = sum(Decimal(item["precise_amount_cents"]) for item in made["items"])
    assert Decimal(made["precise_total_amount_cents"]) == items + Decimal(made["precise_taxes_amount_cents"])
    assert made["taxes_rate"] == 20.0
    sandbox.advance(by=timedelta(days=28))
    used = (await call.get(f"/credit_notes/{made['lago_id']}"))["credit_note"]
    assert (used["credit_status"], used["updated_at"]) == ("consumed", "2026-03-01T00:00:00Z")


async def test_what_a_void_note_has_credited_cannot_be_credited_again(call: Caller, invoice: dict[str, Any]) -> None:
    note = (await call.post("/credit_notes", given(invoice, credit_amount_cents=1200)))["credit_note"]
    voided = (await call("PUT", f"/api/v1/credit_notes/{note['lago_id']}/void"))["credit_note"]
    assert (voided["credit_status"], voided["balance_amount_cents"]) == ("voided", 0)
    again = await call.post("/credit_notes", given(invoice, credit_amount_cents=1200))
    assert again.body["error_details"] == {"amount_cents": ["higher_than_remaining_fee_amount"]}


async def test_unknown_invoices_and_fees_are_not_found(call: Caller, invoice: dict[str, Any]) -> None:
    nobody = {"invoice_id": "no", "items": [{"fee_id": "no", "amount_cents": 1}]}
    assert (await call.post("/credit_notes", {"credit_note": nobody})).body["code"] == "invoice_not_found"
    nobody["invoice_id"] = invoice["lago_id"]
    assert (await call.post("/credit_notes", {"credit_note": nobody})).body["code"] == "fee_not_found"


async def test_credit_notes_need_a_licence(premium: Sandbox, call: Caller, invoice: dict[str, Any]) -> None:
    premium._store.premium = False
    for target in ("/credit_notes", "/credit_notes/estimate"):
        response = await call.post(target, given(invoice, credit_amount_cents=1200))
        assert (response.status, response.body["code"]) == (403, "feature_unavailable")


async def test_the_document_exists_after_the_creation(
    call: Caller, invoice: dict[str, Any], session: aiohttp.ClientSession
) -> None:
    note = (await call.post("/credit_notes", given(invoice, credit_amount_cents=1200)))["credit_note"]
    target = f"/credit_notes/{note['lago_id']}/download"
    assert note["file_url"] is None
    async with session.get((await call.post(target))["credit_note"]["file_url"]) as response:
        assert response.content_type == "application/pdf"
