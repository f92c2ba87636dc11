"""Metadata of plans, wallets and credit notes: replaced, merged, emptied, and deleted."""

from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import Json, JsonObject
from tests.lago_async.sandbox.conftest import Caller, Subscribe


@pytest.fixture
def sandbox(premium: Sandbox) -> Sandbox:
    return premium


@pytest.fixture
def call(premium_call: Caller) -> Caller:
    return premium_call


@pytest.fixture(params=["plan", "wallet", "customer_wallet", "credit_note"])
def target(request: pytest.FixtureRequest, sandbox: Sandbox, subscribed: Subscribe) -> str:
    subscribed(sandbox)
    if request.param == "plan":
        return "/plans/plan/metadata"
    if request.param == "credit_note":
        add_on: JsonObject = {"name": "A", "code": "a", "amount_cents": 100, "amount_currency": "EUR"}
        sandbox.perform("create_add_on", add_on)
        fees: list[Json] = [{"add_on_code": "a"}]
        invoice: Any = sandbox.perform(
            "create_invoice", {"external_customer_id": "cus", "currency": "EUR", "fees": fees}
        )
        items: list[Json] = [{"fee_id": invoice["fees"][0]["lago_id"], "amount_cents": 100}]
        note: Any = sandbox.perform(
            "create_credit_note", {"invoice_id": invoice["lago_id"], "items": items, "credit_amount_cents": 100}
        )
        return f"/credit_notes/{note['lago_id']}/metadata"
    given: JsonObject = {"rate_amount": "1", "currency": "EUR", "external_customer_id": "cus", "code": "main"}
    wallet: Any = sandbox.perform("create_wallet", given)
    below = f"/wallets/{wallet['lago_id']}" if request.param == "wallet" else "/customers/cus/wallets/main"
    return f"{below}/metadata"


async def test_metadata_is_replaced_merged_and_emptied(call: Caller, target: str) -> None:
    async def sent(method: str, metadata: dict[str, Any] | None = None, key: str = "") -> Any:
        body = None if metadata is None else {"metadata": metadata}
        response = await call(method, f"/api/v1{target}{key}", body)
        return response.body.get("metadata", response.body.get("code"))

    assert await sent("DELETE", key="/a") == "metadata_not_found"
    assert await sent("POST", {"a": "1", "b": None}) == {"a": "1", "b": None}
    assert await sent("PATCH", {"b": "2", "c": "3"}) == {"a": "1", "b": "2", "c": "3"}
    assert await sent("DELETE", key="/a") == {"b": "2", "c": "3"}
    assert await sent("POST", {"d.e": "4"}) == {"d.e": "4"}
    assert await sent("DELETE", key="/d%2Ee") == {}
    await sent("POST", {"a": "1"})
    assert await sent("DELETE") is None
    assert await sent("DELETE") is None


async def test_too_much_is_refused(call: Caller, target: str) -> None:
    many = {str(number): "v" for number in range(51)}
    response = await call("POST", f"/api/v1{target}", {"metadata": many})
    assert response.body["error_details"] == {"value": ["cannot have more than 50 keys"]}
    nested = await call("POST", f"/api/v1{target}", {"metadata": {"nested": {}}})
    said = "value for key 'nested' must be empty or a String up to 255 characters"
    assert nested.body["error_details"] == {"value": [said]}


async def test_owners_that_do_not_exist_are_not_found(call: Caller) -> None:
    for target, code in (
        ("/plans/no", "plan_not_found"),
        ("/wallets/no", "wallet_not_found"),
        ("/customers/no/wallets/no", "customer_not_found"),
        ("/credit_notes/no", "credit_note_not_found"),
    ):
        assert (await call.post(f"{target}/metadata", {"metadata": {}})).body["code"] == code
