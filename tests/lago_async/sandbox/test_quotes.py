"""Quotes, order forms and orders, as a running server answered."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from lago_async import LagoClient
from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import Json, JsonObject
from tests.lago_async.sandbox.conftest import Answered

from .conftest import START, Caller

NOWHERE = "00000000-0000-4000-8000-000000000000"
PDF = "data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK"
OPERATIONS = [
    ("GET", "/quotes"),
    ("GET", f"/quotes/{NOWHERE}"),
    ("GET", f"/quotes/{NOWHERE}/versions"),
    ("GET", f"/quote_versions/{NOWHERE}"),
    ("POST", f"/quote_versions/{NOWHERE}/approve"),
    ("POST", f"/quote_versions/{NOWHERE}/void"),
    ("POST", f"/quote_versions/{NOWHERE}/clone"),
    ("GET", "/order_forms"),
    ("GET", f"/order_forms/{NOWHERE}"),
    ("POST", f"/order_forms/{NOWHERE}/mark_as_signed"),
    ("POST", f"/order_forms/{NOWHERE}/void"),
    ("GET", "/orders"),
    ("GET", f"/orders/{NOWHERE}"),
    ("POST", f"/orders/{NOWHERE}/execute"),
]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(now=START, premium=True, features={"order_forms"}) as running:
        running.perform("create_customer", {"external_id": "cus", "currency": "EUR"})
        running.perform(
            "create_add_on", {"name": "Setup", "code": "setup", "amount_cents": 1000, "amount_currency": "EUR"}
        )
        yield running


@pytest.fixture
def call(sandbox: Sandbox, session: aiohttp.ClientSession) -> Caller:
    return Caller(sandbox, session)


def add_on(sandbox: Sandbox, **fields: Any) -> dict[str, Any]:
    """Return the item of a quote for the add-on."""
    payload = {"code": "setup", "units": 2, "unitAmountCents": 500, "totalAmountCents": 1000}
    found: Any = sandbox.perform("find_add_on", None, "setup")
    return {"id": found["lago_id"], "localId": "1", "type": "add_on", "payload": payload, **fields}


def draft(sandbox: Sandbox, **fields: Any) -> Any:
    """Return the id of the version of a new quote."""
    fields.setdefault("billing_items", {"addOns": [add_on(sandbox)]})
    quote: Any = sandbox.draft_quote("cus", **fields)
    return quote["current_version"]["lago_id"]


def order_of(sandbox: Sandbox, version: str, **how: Json) -> Any:
    """Approve a version, sign its form, and return the id of the order."""
    perform: Any = sandbox.perform
    perform("approve_quote_version", None, version)
    form = perform("find_all_order_forms")[0]["lago_id"]
    perform("mark_order_form_as_signed", how or None, form)
    return perform("find_all_orders")[0]["lago_id"]


def details(response: Answered) -> Any:
    assert (response.status, response.body["code"]) == (422, "validation_errors")
    return response.body["error_details"]


# --- gates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize(
    ("premium", "features"), [(True, set()), (False, set()), (False, {"order_forms"}), (True, {"order_forms"})]
)
async def test_the_flag_is_needed_for_all_and_the_licence_for_changes(
    session: aiohttp.ClientSession, method: str, path: str, premium: bool, features: set[str]
) -> None:
    async with Sandbox(now=START, premium=premium, features=features) as running:
        response = await Caller(running, session)(method, f"/api/v1{path}", {} if method == "POST" else None)
    refused = not features or (method == "POST" and not premium)
    assert (response.status == 403) == refused
    if refused:
        assert response.body == {"status": 403, "error": "Forbidden", "code": "feature_unavailable"}


def test_a_feature_that_the_sandbox_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="the sandbox knows order_forms"):
        Sandbox(features={"order_form"})


# --- quotes and versions ----------------------------------------------------------------------------------------------


async def test_the_models_read_a_quote_with_its_camel_case_items(sandbox: Sandbox) -> None:
    version = draft(sandbox, content="Hello", owners=["a@b.example"])
    async with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        read = await client.quote_versions.find(version)
        quote = await client.quotes.find(read.lago_quote_id)
    assert read.billing_items is not None
    assert read.billing_items.add_ons[0].local_id == "1"
    assert read.billing_items.add_ons[0].payload["unitAmountCents"] == 500
    assert (quote.number, [owner.email for owner in quote.owners]) == ("QT-2026-0001", ["a@b.example"])
    assert quote.current_version is not None
    assert quote.current_version.billing_items is None


async def test_only_a_draft_can_be_approved_or_voided_and_nothing_is_cloned_after_an_approval(
    sandbox: Sandbox, call: Caller
) -> None:
    first = draft(sandbox)
    second = (await call.post(f"/quote_versions/{first}/clone", {}))["quote_version"]
    assert (second["version"], second["status"]) == (2, "draft")
    old: Any = sandbox.perform("find_quote_version", None, first)
    assert (old["status"], old["void_reason"]) == ("voided", "superseded")
    assert details(await call.post(f"/quote_versions/{first}/approve", {})) == {"status": ["not_approvable"]}
    assert details(await call.post(f"/quote_versions/{first}/void", {})) == {"status": ["not_voidable"]}
    approved = (await call.post(f"/quote_versions/{second['lago_id']}/approve", {}))["quote_version"]
    assert (approved["status"], approved["approved_at"]) == ("approved", approved["updated_at"])
    for action, code in (("approve", "not_approvable"), ("void", "not_voidable"), ("clone", "not_clonable")):
        response = await call.post(f"/quote_versions/{second['lago_id']}/{action}", {})
        assert details(response) == {"status": [code]}


@pytest.mark.parametrize(
    "expires_at", ["2020-01-09", START.isoformat(), "nothing", 1800000000, ["2099-03-01"]], ids=repr
)
async def test_a_form_expires_in_the_future(sandbox: Sandbox, call: Caller, expires_at: list[str] | int | str) -> None:
    response = await call.post(f"/quote_versions/{draft(sandbox)}/approve", {"expires_at": expires_at})
    assert details(response) == {"expires_at": ["invalid_date"]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"billing_items": None}, {"billing_items.addOns": ["value_is_mandatory"]}),
        ({"billing_items": {"addOns": []}}, {"billing_items.addOns": ["invalid_count"]}),
        (
            {"billing_items": {"nothing": []}},
            {"billing_items.addOns": ["value_is_mandatory"], "billing_items.nothing": ["unsupported_key"]},
        ),
        ({"currency": "ABC"}, {"currency": ["invalid_currency"]}),
        (
            {"order_type": "subscription_creation", "billing_items": {"plans": [], "coupons": []}},
            {"billing_items.plans": ["invalid_count"]},
        ),
        (
            {
                "order_type": "subscription_creation",
                "billing_items": {"plans": [{"payload": {"endDate": 5}}], "coupons": [{"payload": {}}]},
            },
            {
                **{f"billing_items.coupons.0.{name}": ["value_is_mandatory"] for name in ("id", "localId", "type")},
                "billing_items.coupons.0.payload.code": ["value_is_mandatory"],
                "billing_items.coupons.0.payload.type": ["value_is_mandatory"],
                **{f"billing_items.plans.0.{name}": ["value_is_mandatory"] for name in ("id", "type")},
                "billing_items.plans.0.payload.code": ["value_is_mandatory"],
                "billing_items.plans.0.payload.endDate": ["invalid_type"],
            },
        ),
    ],
)
async def test_a_version_that_lacks_something_is_not_approved(
    sandbox: Sandbox, call: Caller, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    response = await call.post(f"/quote_versions/{draft(sandbox, **fields)}/approve", {})
    assert details(response) == expected


async def test_an_add_on_needs_its_price_and_must_exist_but_may_be_deleted(sandbox: Sandbox, call: Caller) -> None:
    async def approved(**fields: object) -> Answered:
        version = draft(sandbox, billing_items={"addOns": [add_on(sandbox), add_on(sandbox, **fields)]})
        return await call.post(f"/quote_versions/{version}/approve", {})

    missing = ("code", "totalAmountCents", "unitAmountCents", "units")
    expected = {f"billing_items.addOns.1.payload.{name}": ["value_is_mandatory"] for name in missing}
    assert details(await approved(payload={})) == expected
    assert details(await approved(id=NOWHERE)) == {"billing_items.addOns.1.id": ["add_on_not_found"]}
    version = draft(sandbox)
    sandbox.perform("destroy_add_on", None, "setup")
    assert (await call.post(f"/quote_versions/{version}/approve", {})).status == 200


async def test_a_form_expires_before_the_deal_ends(sandbox: Sandbox, call: Caller) -> None:
    end = (START + timedelta(days=90)).date().isoformat()
    terms: JsonObject = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
    plan: Any = sandbox.perform("create_plan", {**terms, "pay_in_advance": False})
    version = draft(
        sandbox,
        order_type="subscription_creation",
        billing_items={"plans": [{"id": plan["lago_id"], "type": "plan", "payload": {"code": "p", "endDate": end}}]},
    )
    response = await call.post(f"/quote_versions/{version}/approve", {"expires_at": end})
    assert details(response) == {"expires_at": ["after_deal_expiration"]}
    assert (await call.post(f"/quote_versions/{version}/approve", {})).status == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status[]=draft&status[]=nothing", {"statuses": {"1": ["must be one of: draft, approved, voided"]}}),
        ("status=", {"statuses": {"0": ["must be one of: draft, approved, voided"]}}),
        ("number[]=nothing", {"numbers": {"0": ["is in invalid format"]}}),
        ("owner_id[]=no-uuid", {"owners": {"0": ["is in invalid format"]}}),
        ("from_date=nothing", {"from_date": ["must be a date"]}),
    ],
)
async def test_a_bad_filter_of_quotes_is_refused_by_its_place(
    call: Caller, query: str, expected: dict[str, Any]
) -> None:
    assert details(await call.get(f"/quotes?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["QT-2026-0002", "QT-2026-0001"]),
        ("status=draft", ["QT-2026-0002", "QT-2026-0001"]),
        ("status[]=approved", []),
        ("order_type[]=one_off&number[]=QT-2026-0001", ["QT-2026-0001"]),
        ("external_customer_id=cus&per_page=1", ["QT-2026-0002"]),
        ("external_customer_id[]=other", []),
        (f"owner_id={NOWHERE}", []),
        (f"to_date={START:%Y-%m-%d}", []),
        (f"from_date={START:%Y-%m-%d}", ["QT-2026-0002", "QT-2026-0001"]),
    ],
)
async def test_quotes_are_listed_by_what_they_have(
    sandbox: Sandbox, call: Caller, query: str, found: list[str]
) -> None:
    sandbox.advance(by=timedelta(hours=1))
    draft(sandbox)
    draft(sandbox)
    assert [quote["number"] for quote in (await call.get(f"/quotes?{query}"))["quotes"]] == found


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"order_type": "nothing"}, "order_type must be one of"),
        ({"order_type": "subscription_amendment"}, "give external_subscription_id"),
        ({"external_subscription_id": "sub"}, "give external_subscription_id"),
        ({"order_type": "subscription_amendment", "external_subscription_id": "sub"}, "subscription_not_found"),
    ],
)
def test_a_quote_that_cannot_be_is_not_drafted(sandbox: Sandbox, fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        sandbox.draft_quote("cus", **fields)


# --- order forms ------------------------------------------------------------------------------------------------------


async def form_of(sandbox: Sandbox, call: Caller, **body: str) -> Any:
    """Approve a new quote, and return its form."""
    assert (await call.post(f"/quote_versions/{draft(sandbox)}/approve", body)).status == 200
    forms: Any = sandbox.perform("find_all_order_forms")
    return forms[0]


async def test_a_signed_document_can_be_read_by_its_link(
    sandbox: Sandbox, call: Caller, session: aiohttp.ClientSession
) -> None:
    form = await form_of(sandbox, call)
    given = {"order_form": {"signed_document": PDF}}
    signed = (await call.post(f"/order_forms/{form['lago_id']}/mark_as_signed", given))["order_form"]
    assert (signed["status"], signed["number"]) == ("signed", "OF-2026-0001")
    async with session.get(signed["signed_document_url"]) as response:
        assert (response.content_type, await response.read()) == ("application/pdf", b"%PDF-1.4\n%%EOF\n")
    for action, code in (("mark_as_signed", "not_signable"), ("void", "not_voidable")):
        assert details(await call.post(f"/order_forms/{form['lago_id']}/{action}", {})) == {"status": [code]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"execution_mode": "nothing"}, {"execution_mode": ["value_is_invalid"]}),
        ({"execute_at": "2099-01-01"}, {"execution_mode": ["value_is_mandatory"]}),
        ({"execute_at": "2020-01-01", "execution_mode": "order_only"}, {"execute_at": ["invalid_date"]}),
        ({"execute_at": "nothing", "execution_mode": "order_only"}, {"execute_at": ["invalid_date"]}),
        ({"signed_document": "JVBERi0xLjQ="}, {"signed_document": ["invalid_format"]}),
        ({"signed_document": "data:application/pdf;base64,%%"}, {"signed_document": ["invalid_format"]}),
        ({"signed_document": "data:text/plain;base64,eA=="}, {"signed_document": ["invalid_content_type"]}),
    ],
)
async def test_a_bad_signature_is_refused(
    sandbox: Sandbox, call: Caller, given: dict[str, str], expected: dict[str, Any]
) -> None:
    form = await form_of(sandbox, call)
    response = await call.post(f"/order_forms/{form['lago_id']}/mark_as_signed", {"order_form": given})
    assert details(response) == expected


async def test_voiding_or_expiring_a_form_voids_its_version(sandbox: Sandbox, call: Caller) -> None:
    voided = await form_of(sandbox, call)
    form = (await call.post(f"/order_forms/{voided['lago_id']}/void", {}))["order_form"]
    assert (form["status"], form["void_reason"]) == ("voided", "manual")
    day = (START + timedelta(days=2)).date().isoformat()
    expiring = await form_of(sandbox, call, expires_at=day)
    sandbox.advance(by=timedelta(days=3))
    expired: Any = sandbox.perform("find_order_form", None, expiring["lago_id"])
    assert (expired["status"], expired["void_reason"], expired["voided_at"]) == (
        "expired",
        "expired",
        f"{day}T00:00:00Z",
    )
    reasons = {}
    for each in (voided, expiring):
        version: Any = sandbox.perform("find_quote_version", None, each["lago_quote_version_id"])
        assert (version["status"], version["approved_at"]) == ("voided", None)
        reasons[each["number"]] = version["void_reason"]
    assert reasons == {"OF-2026-0001": "cascade_of_voided", "OF-2026-0002": "cascade_of_expired"}


# --- orders -----------------------------------------------------------------------------------------------------------


async def test_an_order_needs_a_mode_and_keeps_it_once_it_is_executed(sandbox: Sandbox, call: Caller) -> None:
    path = f"/orders/{order_of(sandbox, draft(sandbox))}/execute"
    bodies: list[object] = [{}, {"order": {}}, {"order": {"execution_mode": None}}, {"order": "x"}]
    for body in bodies:
        assert details(await call.post(path, body)) == {"execution_mode": ["value_is_mandatory"]}
    bad = await call.post(path, {"order": {"execution_mode": "nothing"}})
    assert details(bad) == {"execution_mode": ["value_is_invalid"]}
    done = (await call.post(path, {"order": {"execution_mode": "order_only"}}))["order"]
    assert (done["status"], done["execution_record"]["invoice_id"]) == ("executed", None)
    assert (await call.post(path, {}))["order"] == done
    other = await call.post(path, {"order": {"execution_mode": "execute_in_lago"}})
    assert details(other) == {"status": ["not_editable"]}


async def test_a_one_off_order_makes_one_invoice_however_often_it_is_executed(sandbox: Sandbox, call: Caller) -> None:
    order = order_of(sandbox, draft(sandbox), execution_mode="execute_in_lago")
    for _ in range(2):
        record = (await call.post(f"/orders/{order}/execute", {}))["order"]["execution_record"]
    invoices: Any = sandbox.perform("find_all_invoices")
    (invoice,) = invoices
    assert (invoice["lago_id"], invoice["total_amount_cents"]) == (record["invoice_id"], 1000)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/orders?status=nothing",
            {"status": ["must be one of: created, executed, failed or must be an array"]},
        ),
        ("/orders?status[]=nothing", {"status": {"0": ["must be one of: created, executed, failed"]}}),
        ("/orders?customer_id=no-uuid", {"customer_id": ["is in invalid format or must be an array"]}),
        ("/orders?executed_at_from=nothing", {"executed_at_from": ["must be a time"]}),
        ("/order_forms?owner_id[]=no-uuid", {"owner_id": {"0": ["is in invalid format"]}}),
        ("/order_forms?expires_at_to=nothing", {"expires_at_to": ["must be a time"]}),
    ],
)
async def test_a_bad_filter_of_forms_and_orders_is_refused(call: Caller, path: str, expected: dict[str, Any]) -> None:
    assert details(await call.get(path)) == expected


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=created", 1),
        ("status[]=executed&status[]=failed", 0),
        ("order_type=one_off&execution_mode[]=order_only", 1),
        ("execution_mode=execute_in_lago", 0),
        ("number[]=OR-2026-0001&number[]=nothing", 1),
        ("order_form_number=OF-2026-0001&quote_number=QT-2026-0001", 1),
        ("quote_number[]=nothing", 0),
        (f"customer_id={NOWHERE}", 0),
        (f"owner_id={NOWHERE}", 0),
        ("search_term=or-2026-0001", 1),
        ("search_term=nowhere", 0),
        ("executed_at_from=2026-01-01", 0),
    ],
)
async def test_orders_are_listed_by_what_they_have(sandbox: Sandbox, call: Caller, query: str, found: int) -> None:
    order_of(sandbox, draft(sandbox), execution_mode="order_only")
    assert len((await call.get(f"/orders?{query}"))["orders"]) == found
