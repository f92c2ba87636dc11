"""Every operation has its handler in the registry; without a handler it responds with 501."""

from types import SimpleNamespace

import aiohttp
import pytest

from lago_async._registry import ENDPOINTS
from lago_async.sandbox import Sandbox
from lago_async.sandbox._operations.registered import HANDLERS
from tests.contract.facts import OPERATIONS
from tests.lago_async.sandbox.conftest import Caller

from .world import NOT_SIMULATED


def test_every_handler_answers_for_an_operation_of_the_api() -> None:
    assert set(HANDLERS) <= set(OPERATIONS)


async def test_an_operation_without_behaviour_says_so(session: aiohttp.ClientSession) -> None:
    route = SimpleNamespace(
        name="ring_bell", method="GET", version="v1", path="/bells/{id}", root="bell", request_root=None
    )
    async with Sandbox(endpoints={"ring_bell": route}) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        async with session.get(f"{sandbox.url}/api/v1/bells/1", headers=headers) as answer:
            assert answer.status == 501
            assert await answer.json() == {
                "status": 501,
                "error": "Not Implemented",
                "code": "not_simulated_by_the_sandbox",
            }


def test_every_operation_of_the_table_has_a_handler_or_a_reason_to_have_none() -> None:
    assert {row.name for row in ENDPOINTS.rows} - set(HANDLERS) == set(NOT_SIMULATED)
    assert set(HANDLERS) <= {row.name for row in ENDPOINTS.rows}


async def test_without_its_handler_any_operation_answers_501_in_the_envelope_of_all_refusals(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(HANDLERS, "find_tax")
    monkeypatch.delitem(HANDLERS, "create_add_on")
    refusal = {"status": 501, "error": "Not Implemented", "code": "not_simulated_by_the_sandbox"}
    for answer in (await call.get("/taxes/vat"), await call.post("/add_ons", {"add_on": {"code": "a"}})):
        assert (answer.status, answer.body) == (501, refusal)
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_catalogue_operations_need_only_be_in_the_table(session: aiohttp.ClientSession) -> None:
    def row(name: str, method: str, path: str, root: str) -> SimpleNamespace:
        return SimpleNamespace(name=name, method=method, version="v1", path=path, root=root, request_root="tax")

    rows = [
        row("create_tax", "POST", "/taxes", "tax"),
        row("find_tax", "GET", "/taxes/{code}", "tax"),
        row("find_all_taxes", "GET", "/taxes", "taxes"),
        row("destroy_tax", "DELETE", "/taxes/{code}", "tax"),
    ]
    async with Sandbox(endpoints={each.name: each for each in rows}) as sandbox:
        tax = sandbox.perform("create_tax", {"name": "VAT", "code": "vat.20/eu", "rate": 20})
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        async with session.get(f"{sandbox.url}/api/v1/taxes/vat.20/eu", headers=headers) as answer:
            assert await answer.json() == {"tax": tax}
        async with session.get(f"{sandbox.url}/api/v1/taxes", headers=headers) as answer:
            assert (await answer.json())["taxes"] == [tax]
        async with session.delete(f"{sandbox.url}/api/v1/taxes/vat.20/eu", headers=headers) as answer:
            assert answer.status == 200
        async with session.get(f"{sandbox.url}/api/v1/taxes/vat.20/eu", headers=headers) as answer:
            assert (await answer.json())["code"] == "tax_not_found"
