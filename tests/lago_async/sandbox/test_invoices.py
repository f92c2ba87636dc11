"""Invoices: those from billing, those from add-ons, and their later states."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import JsonObject
from tests.lago_async.sandbox.conftest import Answered, Caller, NewCharge, NewMetric, Subscribe


@pytest.fixture
def billed(sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Sandbox:
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    calls = metric(sandbox, "calls", "count_agg")
    add_on: Any = sandbox.perform(
        "create_add_on", {"name": "Setup", "code": "setup", "amount_cents": 250, "amount_currency": "EUR"}
    )
    fixed = [{"add_on_id": add_on["lago_id"], "charge_model": "standard", "units": "3", "properties": {"amount": "2"}}]
    subscribed(sandbox, charge(calls, properties={"amount": "1"}), amount_cents=1000, fixed_charges=fixed)
    for number in range(4):
        event: JsonObject = {"transaction_id": str(number), "external_subscription_id": "sub", "code": "calls"}
        sandbox.perform("create_event", event)
    sandbox.advance(by=timedelta(days=40))
    return sandbox


async def only(call: Caller) -> Any:
    (invoice,) = (await call.get("/invoices"))["invoices"]
    return (await call.get(f"/invoices/{invoice['lago_id']}"))["invoice"]


async def put(call: Caller, target: str, body: dict[str, Any] | None = None) -> Answered:
    return await call("PUT", f"/api/v1{target}", body)


def one_off(sandbox: Sandbox, **fee: Any) -> Any:
    given: JsonObject = {"external_customer_id": "cus", "currency": "EUR", "fees": [{"add_on_code": "setup", **fee}]}
    return sandbox.perform("create_invoice", given)


async def test_a_billed_period_is_an_invoice_with_its_fees(call: Caller, billed: Sandbox) -> None:
    invoice = await only(call)
    assert (invoice["status"], invoice["payment_status"], invoice["issuing_date"]) == (
        "finalized",
        "pending",
        "2026-02-01",
    )
    assert invoice["number"].endswith("-001-001")
    assert {fee["item"]["type"]: fee["amount_cents"] for fee in invoice["fees"]} == {
        "subscription": 1000,
        "charge": 400,
        "fixed_charge": 600,
    }
    assert (invoice["fees_amount_cents"], invoice["taxes_amount_cents"], invoice["total_amount_cents"]) == (
        2000,
        400,
        2400,
    )
    assert invoice["billing_periods"][0]["external_subscription_id"] == "sub"
    (period,) = (await call.past())["usage_periods"]
    assert (period["lago_invoice_id"], period["amount_cents"]) == (invoice["lago_id"], 2000)


async def test_coupons_come_off_before_taxes(
    call: Caller, sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe
) -> None:
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    subscribed(sandbox, amount_cents=1000)
    coupon: JsonObject = {
        "name": "C",
        "code": "c",
        "coupon_type": "fixed_amount",
        "amount_cents": 1500,
        "frequency": "once",
    }
    sandbox.perform("create_coupon", {**coupon, "amount_currency": "EUR", "expiration": "no_expiration"})
    sandbox.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    sandbox.advance(by=timedelta(days=62))
    second, first = (await call.get("/invoices"))["invoices"]
    assert (first["coupons_amount_cents"], first["total_amount_cents"], first["payment_status"]) == (
        1000,
        0,
        "succeeded",
    )
    assert (second["coupons_amount_cents"], second["taxes_amount_cents"], second["total_amount_cents"]) == (
        500,
        100,
        600,
    )
    (applied,) = (await call.get("/applied_coupons"))["applied_coupons"]
    assert (applied["status"], applied["amount_cents_remaining"]) == ("terminated", 0)
    assert [credit["amount_cents"] for credit in applied["credits"]] == [1000, 500]


async def test_days_of_grace_make_a_draft_that_time_or_a_call_finalizes(
    premium: Sandbox, premium_call: Caller, subscribed: Subscribe
) -> None:
    subscribed(premium, amount_cents=1000, customer={"billing_configuration": {"invoice_grace_period": 3}})
    premium.advance(by=timedelta(days=32))
    draft = await only(premium_call)
    assert (draft["status"], draft["sequential_id"], draft["issuing_date"]) == ("draft", None, "2026-02-04")
    target = f"/invoices/{draft['lago_id']}"
    for body, code in (
        ({"payment_status": "succeeded"}, "payment_status_update_on_draft_invoice"),
        ({"metadata": [{"key": "k", "value": "v"}]}, "metadata_on_draft_invoice"),
    ):
        assert (await put(premium_call, target, {"invoice": body})).body["code"] == code
    assert (await put(premium_call, f"{target}/refresh"))["invoice"]["status"] == "draft"
    premium.advance(by=timedelta(days=3))
    assert (await premium_call.get(target))["invoice"]["status"] == "finalized"
    assert (await put(premium_call, f"{target}/finalize")).body["code"] == "invoice_not_found"
    premium.advance(by=timedelta(days=25))
    (second,) = (await premium_call.get("/invoices?status=draft"))["invoices"]
    final = await put(premium_call, f"/invoices/{second['lago_id']}/finalize")
    assert (final["invoice"]["status"], final["invoice"]["sequential_id"]) == ("finalized", 2)


async def test_a_one_off_invoice_takes_from_the_add_on_what_is_not_said(call: Caller, billed: Sandbox) -> None:
    invoice = one_off(billed, units="2")
    assert (invoice["invoice_type"], invoice["fees_amount_cents"], invoice["taxes_amount_cents"]) == (
        "one_off",
        500,
        100,
    )
    dearer = one_off(billed, unit_amount_cents=999, description="Much work", tax_codes=[])
    (fee,) = dearer["fees"]
    assert (fee["amount_cents"], fee["precise_unit_amount"], fee["description"]) == (999, "9.99", "Much work")
    assert dearer["total_amount_cents"] == 999


@pytest.mark.parametrize(
    ("fields", "status", "expected"),
    [
        ({"external_customer_id": "no"}, 404, "customer_not_found"),
        ({"fees": [{"add_on_code": "no"}]}, 404, "add_on_not_found"),
        ({"currency": "XXX"}, 422, {"currency": ["value_is_invalid"]}),
    ],
)
async def test_odd_one_off_invoices_are_refused(
    call: Caller, billed: Sandbox, fields: dict[str, Any], status: int, expected: dict[str, Any] | str
) -> None:
    given = {"external_customer_id": "cus", "currency": "EUR", "fees": [{"add_on_code": "setup"}], **fields}
    response = await call.post("/invoices", {"invoice": given})
    assert (response.status, response.body.get("error_details", response.body["code"])) == (status, expected)


async def test_an_invoice_has_a_link_to_a_real_document(
    call: Caller, billed: Sandbox, session: aiohttp.ClientSession
) -> None:
    invoice = await only(call)
    target = f"/invoices/{invoice['lago_id']}/download"
    url = (await call.post(target))["invoice"]["file_url"]
    assert url.startswith(billed.url)
    async with session.get(url) as response:
        assert (response.status, response.content_type) == (200, "application/pdf")
        document = await response.read()
    assert document.startswith(b"%PDF-1.4")
    assert document.endswith(b"%%EOF\n")
    assert invoice["number"].encode() in document
    async with session.get(f"{billed.url}/files/invoices/none.pdf") as response:
        assert response.status == 404


async def test_voiding_leaves_a_credit_note_only_with_a_licence(call: Caller, billed: Sandbox) -> None:
    invoice = await only(call)
    given = {"generate_credit_note": True, "credit_amount": 2400, "refund_amount": 0}
    refused = await call.post(f"/invoices/{invoice['lago_id']}/void", given)
    assert (refused.status, refused.body["code"]) == (403, "feature_unavailable")
    voided = (await call.post(f"/invoices/{invoice['lago_id']}/void"))["invoice"]
    assert (voided["status"], voided["voided_at"]) == ("voided", "2026-02-10T00:00:00Z")
    assert (await call.post(f"/invoices/{invoice['lago_id']}/void")).body["code"] == "not_voidable"


async def test_payments_pay_an_invoice_bit_by_bit(call: Caller, billed: Sandbox) -> None:
    billed._store.premium = True
    invoice = await only(call)
    given = {"invoice_id": invoice["lago_id"], "reference": "bank"}
    first = (await call.post("/payments", {"payment": {**given, "amount_cents": 1000}}))["payment"]
    assert (first["type"], first["payable_type"], first["invoice_ids"]) == ("manual", "Invoice", [invoice["lago_id"]])
    half = await only(call)
    assert (half["payment_status"], half["total_due_amount_cents"]) == ("pending", 1400)
    too_much = await call.post("/payments", {"payment": {**given, "amount_cents": 1401}})
    assert too_much.body["error_details"] == {"amount_cents": ["value_is_out_of_range"]}
    await call.post("/payments", {"payment": {**given, "amount_cents": 1400}})
    assert (await only(call))["payment_status"] == "succeeded"
    again = await call.post("/payments", {"payment": {**given, "amount_cents": 1}})
    assert again.body["error_details"] == {"amount_cents": ["value_is_out_of_range"]}
    assert len((await call.get(f"/payments?invoice_id={invoice['lago_id']}"))["payments"]) == 2
    receipts = (await call.get(f"/payment_receipts?invoice_id={invoice['lago_id']}"))["payment_receipts"]
    assert [each["payment"]["amount_cents"] for each in receipts] == [1400, 1000]
    async with call.session.get(receipts[0]["file_url"]) as response:
        assert (await response.read()).startswith(b"%PDF")


async def test_overdue_invoices_can_be_asked_for(call: Caller, billed: Sandbox) -> None:
    billed._store.premium = True
    invoice = await only(call)
    assert invoice["payment_overdue"] is True
    given = {"external_customer_id": "cus", "email": "a@b.example", "lago_invoice_ids": [invoice["lago_id"]]}
    asked = (await call.post("/payment_requests", {"payment_request": given}))["payment_request"]
    assert (asked["amount_cents"], asked["invoices"][0]["lago_id"]) == (2400, invoice["lago_id"])
    fresh = one_off(billed)
    given["lago_invoice_ids"] = [fresh["lago_id"]]
    assert (await call.post("/payment_requests", {"payment_request": given})).body["code"] == "invoices_not_overdue"


async def test_an_invoice_is_overdue_from_the_next_run_of_the_jobs_until_it_is_paid(
    call: Caller, billed: Sandbox
) -> None:
    billed.advance(by=timedelta(minutes=10))
    late = one_off(billed)
    overdue = f"/invoices/{late['lago_id']}"
    billed.advance(to=datetime(2026, 2, 10, 23, 59, tzinfo=UTC))
    before = (await call.get(overdue))["invoice"]
    assert (before["payment_due_date"], before["payment_overdue"]) == ("2026-02-10", False)
    billed.advance(to=datetime(2026, 2, 11, tzinfo=UTC))
    marked = (await call.get(overdue))["invoice"]
    assert (marked["payment_overdue"], marked["updated_at"]) == (True, "2026-02-11T00:00:00Z")
    await put(call, overdue, {"invoice": {"payment_status": "succeeded"}})
    assert (await call.get(overdue))["invoice"]["payment_overdue"] is False


async def test_metadata_of_an_invoice_is_replaced_by_id(call: Caller, billed: Sandbox) -> None:
    invoice = await only(call)
    target = f"/invoices/{invoice['lago_id']}"
    first = await put(call, target, {"invoice": {"metadata": [{"key": "a", "value": "1"}]}})
    (item,) = first["invoice"]["metadata"]
    changed = [{"id": item["lago_id"], "value": "2"}, {"key": "b", "value": "3"}]
    second = (await put(call, target, {"invoice": {"metadata": changed}}))["invoice"]["metadata"]
    assert [(each["key"], each["value"]) for each in second] == [("a", "2"), ("b", "3")]
    six = [{"key": str(number), "value": "v"} for number in range(6)]
    assert (await put(call, target, {"invoice": {"metadata": six}})).body["error_details"] == {
        "metadata": ["invalid_count"]
    }
    listed = await call.get("/invoices?metadata[a]=2")
    assert listed["meta"]["total_count"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("statuses[]=finalized", 1),
        ("statuses[]=voided", 0),
        ("payment_statuses[]=pending", 1),
        ("payment_overdue=true", 1),
        ("payment_overdue=false", 0),
        ("amount_from=2400&amount_to=2400", 1),
        ("amount_from=2401", 0),
        ("issuing_date_from=2026-02-01&issuing_date_to=2026-02-01", 1),
        ("issuing_date_to=2026-01-31", 0),
        ("search_term=cus", 1),
        ("search_term=nobody", 0),
        ("external_customer_id=cus", 1),
        ("invoice_type=one_off", 0),
        ("currency=USD", 0),
    ],
)
async def test_invoices_are_filtered(call: Caller, billed: Sandbox, query: str, found: int) -> None:
    assert len((await call.get(f"/invoices?{query}"))["invoices"]) == found


async def test_disputes_are_lost_once_and_deleting_needs_a_draft(call: Caller, billed: Sandbox) -> None:
    invoice = await only(call)
    target = f"/invoices/{invoice['lago_id']}"
    lost = (await call.post(f"{target}/lose_dispute"))["invoice"]
    assert lost["payment_dispute_lost_at"] == "2026-02-10T00:00:00.000Z"
    assert (await call.delete(target)).body["code"] == "not_deletable"
    assert (await call.post(f"{target}/retry")).body["code"] == "invalid_status"
    assert (await call.post(f"{target}/payment_url")).body["error_details"] == {"base": ["no_linked_payment_provider"]}
    assert (await call.post(f"{target}/retry_payment")).body is None
    await put(call, target, {"invoice": {"payment_status": "succeeded"}})
    assert (await call.post(f"{target}/retry_payment")).body["code"] == "invoice_payment_already_succeeded"


async def test_fees_are_listed_filtered_and_belong_to_their_invoice(call: Caller, billed: Sandbox) -> None:
    fees = (await call.get("/fees?fee_type=charge&billable_metric_code=calls"))["fees"]
    (fee,) = fees
    assert (fee["units"], fee["events_count"], fee["taxes_amount_cents"]) == ("4.0", 4, 80)
    assert (fee["from_date"], fee["to_date"]) == ("2026-01-01T00:00:00+00:00", "2026-01-31T23:59:59+00:00")
    assert (await call.get("/fees?external_customer_id=nobody"))["fees"] == []
    assert (await call.delete(f"/fees/{fee['lago_id']}")).body["code"] == "invoiced_fee"
    paid = await put(call, f"/fees/{fee['lago_id']}", {"fee": {"payment_status": "succeeded"}})
    assert paid["fee"]["succeeded_at"] == "2026-02-10T00:00:00Z"
    odd = await put(call, f"/fees/{fee['lago_id']}", {"fee": {"payment_status": "odd"}})
    assert odd.body["error_details"] == {"payment_status": ["value_is_invalid"]}


async def test_analytics_add_invoices_up(call: Caller, billed: Sandbox) -> None:
    assert (await call.get("/analytics/mrr")).body["code"] == "feature_unavailable"
    billed._store.premium = True
    (revenue,) = (await call.get("/analytics/gross_revenue"))["gross_revenues"]
    assert (revenue["month"], revenue["amount_cents"], revenue["invoices_count"]) == (
        "2026-02-01T00:00:00.000Z",
        2400.0,
        "1.0",
    )
    (usage,) = (await call.get("/analytics/invoiced_usage"))["invoiced_usages"]
    assert (usage["code"], usage["amount_cents"]) == ("calls", 400.0)
    (overdue,) = (await call.get("/analytics/overdue_balance"))["overdue_balances"]
    assert overdue["lago_invoice_ids"] == [(await only(call))["lago_id"]]
    assert overdue["amount_cents"] == "2400.0"
    assert (await call.get("/analytics/mrr?currency=USD"))["mrrs"] == []
    revenue = (await call.get("/analytics/mrr"))["mrrs"]
    # The fee of the plan with its taxes, in the month of the invoice; a month without any says so.
    assert [(item["month"][:7], item["amount_cents"]) for item in revenue] == [("2026-01", None), ("2026-02", "1200.0")]
    collections = (await call.get("/analytics/invoice_collection?months=1"))["invoice_collections"]
    assert [(item["payment_status"], item["amount_cents"]) for item in collections] == [("pending", 2400.0)]
