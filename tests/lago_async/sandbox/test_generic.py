"""Rows of the table that nothing handles specially still answer, with the fields of the SDK's models."""

import subprocess
import sys

import pytest

from lago_async._registry import ENDPOINTS
from lago_async.sandbox.generic import generic_handler
from lago_async.sandbox.handlers import HANDLERS


@pytest.fixture
def plain_add_ons(monkeypatch):
    """Add-ons without their own behaviour."""
    rows = {row.name: row for row in ENDPOINTS.rows if row.path.startswith("/add_ons")}
    for name, row in rows.items():
        monkeypatch.setitem(HANDLERS, name, generic_handler(row))


async def test_things_are_kept_shown_and_forgotten(call, plain_add_ons):
    given = {"name": "A", "code": "a", "amount_cents": "5", "amount_currency": "EUR"}
    made = (await call.post("/add_ons", {"add_on": {**given, "unknown": 1}}))["add_on"]
    assert made == {
        "lago_id": made["lago_id"],
        "name": "A",
        "code": "a",
        "amount_cents": 5,
        "amount_currency": "EUR",
        "invoice_display_name": None,
        "description": None,
        "taxes": [],
        "created_at": "2026-01-01T00:00:00Z",
    }
    assert (await call.get("/add_ons/a"))["add_on"] == made
    changed = await call("PUT", "/api/v1/add_ons/a", {"add_on": {"description": "d"}})
    assert (changed["add_on"]["description"], changed["add_on"]["name"]) == ("d", "A")
    cleared = await call("PUT", "/api/v1/add_ons/a", {"add_on": {"description": None}})
    assert cleared["add_on"]["description"] is None
    listed = await call.get("/add_ons")
    assert ([each["code"] for each in listed["add_ons"]], listed["meta"]["total_count"]) == (["a"], 1)
    assert (await call.delete("/add_ons/a"))["add_on"]["code"] == "a"
    assert (await call.get("/add_ons/a")).body["code"] == "add_on_not_found"


async def test_what_is_required_is_mandatory_and_codes_exist_once(call, plain_add_ons):
    refused = await call.post("/add_ons", {"add_on": {"name": "A"}})
    mandatory = ["value_is_mandatory"]
    assert refused.body["error_details"] == dict.fromkeys(("amount_cents", "amount_currency", "code"), mandatory)
    given = {"add_on": {"name": "A", "code": "a", "amount_cents": 5, "amount_currency": "EUR"}}
    await call.post("/add_ons", given)
    assert (await call.post("/add_ons", given)).body["error_details"] == {"code": ["value_already_exist"]}


def test_rows_of_another_shape_are_not_for_it():
    rows = {row.name: row for row in ENDPOINTS.rows}
    assert generic_handler(rows["void_invoice"]) is None
    assert generic_handler(rows["find_all_customer_wallets"]) is None


def test_a_sandbox_starts_without_the_models():
    script = (
        "import sys\n"
        "from lago_async.sandbox import Sandbox\n"
        "with Sandbox() as sandbox:\n"
        "    sandbox.perform('create_customer', {'external_id': 'cus'})\n"
        "assert not [name for name in sys.modules if name.startswith('lago_async.models')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
