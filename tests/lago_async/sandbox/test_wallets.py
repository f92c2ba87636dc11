"""Wallets: credits are added, invoices use them, and every use can be traced."""

from datetime import timedelta
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import JsonObject
from tests.lago_async.sandbox.conftest import Answered, Caller, NewCharge, NewMetric, Subscribe


@pytest.fixture
def wallet(sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Any:
    calls = metric(sandbox, "calls", "count_agg")
    subscribed(sandbox, charge(calls, properties={"amount": "2"}), amount_cents=1000)
    given: JsonObject = {
        "rate_amount": "0.5",
        "currency": "EUR",
        "external_customer_id": "cus",
        "granted_credits": "10",
    }
    return sandbox.perform("create_wallet", given)


async def shown(call: Caller, wallet: dict[str, Any]) -> Any:
    return (await call.get(f"/wallets/{wallet['lago_id']}"))["wallet"]


async def transactions(call: Caller, wallet: dict[str, Any], query: str = "") -> Any:
    response = await call.get(f"/wallets/{wallet['lago_id']}/wallet_transactions?{query}")
    return response["wallet_transactions"]


async def top_up(call: Caller, wallet: dict[str, Any], **amounts: Any) -> Answered:
    given = {"wallet_transaction": {"wallet_id": wallet["lago_id"], **amounts}}
    return await call.post("/wallet_transactions", given)


async def bought(call: Caller, wallet: dict[str, Any], number: str) -> Any:
    """Buy credits, and return their transaction as it is once the server has made the invoice for them."""
    (made,) = (await top_up(call, wallet, paid_credits=number))["wallet_transactions"]
    assert made["lago_invoice_id"] is None
    return (await call.get(f"/wallet_transactions/{made['lago_id']}"))["wallet_transaction"]


async def test_granted_credits_are_there_after_the_response(call: Caller, wallet: dict[str, Any]) -> None:
    assert (wallet["balance_cents"], wallet["credits_balance"], wallet["rate_amount"]) == (0, "0.0", "0.5")
    assert "metadata" not in wallet
    found = (await call.get(f"/wallets/{wallet['lago_id']}"))["wallet"]
    assert (found["balance_cents"], found["credits_balance"]) == (500, "10.0")


async def test_a_top_up_answers_one_transaction_for_each_amount(call: Caller, wallet: dict[str, Any]) -> None:
    response = await top_up(call, wallet, paid_credits="6", granted_credits="4", voided_credits="2")
    found = {item["transaction_status"]: item for item in response["wallet_transactions"]}
    assert {kind: item["status"] for kind, item in found.items()} == {
        "purchased": "pending",
        "granted": "settled",
        "voided": "settled",
    }
    assert (found["purchased"]["amount"], found["purchased"]["credit_amount"]) == ("3.0", "6.0")
    # 10 and 4 granted, 2 voided; paid credits wait for their invoice.
    assert (await shown(call, wallet))["credits_balance"] == "12.0"


async def test_bought_credits_come_in_when_their_invoice_is_paid(call: Caller, wallet: dict[str, Any]) -> None:
    transaction = await bought(call, wallet, "6")
    invoice = (await call.get(f"/invoices/{transaction['lago_invoice_id']}"))["invoice"]
    assert (invoice["invoice_type"], invoice["total_amount_cents"]) == ("credit", 300)
    paid = {"invoice": {"payment_status": "succeeded"}}
    assert (await call("PUT", f"/api/v1/invoices/{invoice['lago_id']}", paid)).status == 200
    assert (await shown(call, wallet))["balance_cents"] == 800
    assert (await call.get(f"/wallet_transactions/{transaction['lago_id']}"))["wallet_transaction"][
        "status"
    ] == "settled"


async def test_a_failed_payment_fails_the_transaction(call: Caller, wallet: dict[str, Any]) -> None:
    transaction = await bought(call, wallet, "6")
    failed = {"invoice": {"payment_status": "failed"}}
    await call("PUT", f"/api/v1/invoices/{transaction['lago_invoice_id']}", failed)
    assert [item["transaction_status"] for item in await transactions(call, wallet, "status=failed")] == ["purchased"]
    assert (await shown(call, wallet))["balance_cents"] == 500


async def test_invoices_take_credits_and_both_sides_know_it(
    call: Caller, sandbox: Sandbox, wallet: dict[str, Any]
) -> None:
    sandbox.advance(by=timedelta(days=31))
    (invoice,) = (await call.get("/invoices?invoice_type=subscription"))["invoices"]
    assert (invoice["prepaid_credit_amount_cents"], invoice["total_amount_cents"]) == (500, 500)
    assert invoice["prepaid_granted_credit_amount_cents"] == 500
    after = await shown(call, wallet)
    assert (after["balance_cents"], after["consumed_credits"]) == (0, "10.0")
    taken, granted = await transactions(call, wallet)
    assert (taken["transaction_type"], taken["transaction_status"]) == ("outbound", "invoiced")
    assert (granted["remaining_amount_cents"], taken["lago_invoice_id"]) == (0, invoice["lago_id"])
    (part,) = (await call.get(f"/wallet_transactions/{granted['lago_id']}/consumptions"))[
        "wallet_transaction_consumptions"
    ]
    assert (part["amount_cents"], part["wallet_transaction"]["lago_id"]) == (500, taken["lago_id"])
    (part,) = (await call.get(f"/wallet_transactions/{taken['lago_id']}/fundings"))["wallet_transaction_fundings"]
    assert part["wallet_transaction"]["lago_id"] == granted["lago_id"]
    assert (await call.get(f"/wallet_transactions/{taken['lago_id']}/consumptions")).status == 422


async def test_granted_credits_go_before_bought_ones(call: Caller, sandbox: Sandbox, wallet: dict[str, Any]) -> None:
    transaction = await bought(call, wallet, "20")
    paid = {"invoice": {"payment_status": "succeeded"}}
    await call("PUT", f"/api/v1/invoices/{transaction['lago_invoice_id']}", paid)
    sandbox.advance(by=timedelta(days=31))
    (invoice,) = (await call.get("/invoices?invoice_type=subscription"))["invoices"]
    split = ("prepaid_granted_credit_amount_cents", "prepaid_purchased_credit_amount_cents")
    assert [invoice[name] for name in split] == [500, 500]
    assert invoice["payment_status"] == "succeeded"


ONGOING = ("balance_cents", "ongoing_usage_balance_cents", "ongoing_balance_cents")


async def test_ongoing_balances_look_ahead_with_a_licence(
    call: Caller, sandbox: Sandbox, wallet: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await call.event("calls")
    after = await shown(call, wallet)
    # The job that refreshes them after usage needs a licence. A change of the balance refreshes them, too.
    assert [after[name] for name in ONGOING] == [500, 0, 500]
    await top_up(call, wallet, granted_credits="10")
    after = await shown(call, wallet)
    assert [after[name] for name in ONGOING] == [1000, 200, 800]
    monkeypatch.setattr(sandbox._store, "premium", True)
    await call.event("calls")
    after = await shown(call, wallet)
    assert [after[name] for name in ONGOING] == [1000, 400, 600]


async def test_a_closed_wallet_keeps_its_ongoing_balance(
    call: Caller, sandbox: Sandbox, wallet: dict[str, Any]
) -> None:
    await call.event("calls")
    await top_up(call, wallet, granted_credits="10")
    await call.delete(f"/wallets/{wallet['lago_id']}")
    await call.event("calls")
    after = await shown(call, wallet)
    assert [after[name] for name in ONGOING] == [1000, 200, 800]


async def test_usage_and_wallets_change_the_time_of_a_customer(
    call: Caller, sandbox: Sandbox, wallet: dict[str, Any]
) -> None:
    before = (await call.get("/customers/cus"))["customer"]["updated_at"]
    sandbox.advance(by=timedelta(minutes=5))
    await call.get("/customers/cus")
    assert (await call.get("/customers/cus"))["customer"]["updated_at"] == before
    await call.event("calls")
    assert (await call.get("/customers/cus"))["customer"]["updated_at"] > before


async def test_a_voided_invoice_gives_credits_back(call: Caller, sandbox: Sandbox, wallet: dict[str, Any]) -> None:
    sandbox.advance(by=timedelta(days=31))
    (invoice,) = (await call.get("/invoices?invoice_type=subscription"))["invoices"]
    assert (await call.post(f"/invoices/{invoice['lago_id']}/void"))["invoice"]["status"] == "voided"
    assert (await shown(call, wallet))["balance_cents"] == 500


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"paid_credits": "x"}, {"paid_credits": ["invalid_paid_credits"]}),
        ({"granted_credits": "-1"}, {"granted_credits": ["invalid_granted_credits"]}),
        ({"voided_credits": "11"}, {"voided_credits": ["insufficient_credits"]}),
    ],
)
async def test_odd_amounts_are_refused(
    call: Caller, wallet: dict[str, Any], amounts: dict[str, str], expected: dict[str, Any]
) -> None:
    assert (await top_up(call, wallet, **amounts)).body["error_details"] == expected


async def test_limits_of_a_top_up_hold_unless_they_are_ignored(call: Caller, wallet: dict[str, Any]) -> None:
    limits = {"wallet": {"paid_top_up_min_amount_cents": 100, "paid_top_up_max_amount_cents": 200}}
    await call("PUT", f"/api/v1/wallets/{wallet['lago_id']}", limits)
    for paid, code in (("1", "amount_below_minimum"), ("10", "amount_above_maximum")):
        assert (await top_up(call, wallet, paid_credits=paid)).body["error_details"] == {"paid_credits": [code]}
    assert (await top_up(call, wallet, paid_credits="1", ignore_paid_top_up_limits=True)).status == 200


async def test_a_closed_wallet_takes_and_gives_nothing(call: Caller, sandbox: Sandbox, wallet: dict[str, Any]) -> None:
    closed = (await call.delete(f"/wallets/{wallet['lago_id']}"))["wallet"]
    assert (closed["status"], closed["terminated_at"]) == ("terminated", "2026-01-01T00:00:00.000Z")
    again = (await call.delete(f"/wallets/{wallet['lago_id']}"))["wallet"]
    assert again["terminated_at"] == closed["terminated_at"]
    response = await top_up(call, wallet, paid_credits="1")
    assert response.body["error_details"] == {"wallet_id": ["wallet_is_terminated"]}
    sandbox.advance(by=timedelta(days=31))
    (invoice,) = (await call.get("/invoices?invoice_type=subscription"))["invoices"]
    assert invoice["prepaid_credit_amount_cents"] == 0


async def test_a_wallet_ends_when_it_expires(call: Caller, sandbox: Sandbox, wallet: dict[str, Any]) -> None:
    expiring = {"wallet": {"expiration_at": "2026-01-10T00:00:00Z"}}
    await call("PUT", f"/api/v1/wallets/{wallet['lago_id']}", expiring)
    sandbox.advance(by=timedelta(days=15))
    assert (await shown(call, wallet))["status"] == "terminated"


async def test_below_the_customer_a_wallet_goes_by_its_code(call: Caller, wallet: dict[str, Any]) -> None:
    given = {"wallet": {"name": "My Wallet", "rate_amount": "1", "currency": "EUR"}}
    made = (await call.post("/customers/cus/wallets", given))["wallet"]
    assert made["code"] == "my_wallet"
    assert (await call.get("/customers/cus/wallets/my_wallet"))["wallet"]["lago_id"] == made["lago_id"]
    assert (await call.get("/customers/cus/wallets/no")).body["code"] == "wallet_not_found"
    listed = (await call.get("/customers/cus/wallets"))["wallets"]
    assert [item["code"] for item in listed] == ["my_wallet", "default"]
    renamed = await call("PUT", "/api/v1/customers/cus/wallets/my_wallet", {"wallet": {"name": None}})
    assert renamed["wallet"]["name"] is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rate_amount": None}, {"rate_amount": ["is not a number"]}),
        ({"currency": "XXX"}, {"currency": ["value_is_invalid"]}),
        ({"code": "default"}, {"code": ["value_already_exist"]}),
        ({"expiration_at": "2020-01-01"}, {"expiration_at": ["invalid_date"]}),
        ({"priority": 51}, {"priority": ["value_is_invalid"]}),
        ({"recurring_transaction_rules": [{}]}, {"recurring_transaction_rules": ["invalid_recurring_rule"]}),
    ],
)
async def test_odd_wallets_are_refused(
    call: Caller, wallet: dict[str, Any], fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    given = {"rate_amount": "1", "currency": "EUR", "external_customer_id": "cus", **fields}
    assert (await call.post("/wallets", {"wallet": given})).body["error_details"] == expected
    assert (await call.get("/wallets"))["meta"]["total_count"] == 1


async def test_a_link_to_pay_needs_a_provider(call: Caller, sandbox: Sandbox, wallet: dict[str, Any]) -> None:
    transaction = await bought(call, wallet, "6")
    target = f"/wallet_transactions/{transaction['lago_id']}/payment_url"
    assert (await call.post(target)).body["error_details"] == {"base": ["no_linked_payment_provider"]}
    linked: JsonObject = {"payment_provider": "stripe", "sync_with_provider": True}
    sandbox.perform("create_customer", {"external_id": "cus", "billing_configuration": linked})
    assert (await call.post(target))["wallet_transaction_payment_details"]["payment_provider"] == "stripe"
