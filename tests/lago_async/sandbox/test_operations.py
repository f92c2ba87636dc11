"""Every operation of the API can be called, and its response matches the contract: kind, root and fields."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from lago_async._registry import ENDPOINTS
from lago_async._table.messages import Request, Response
from lago_async.sandbox import Sandbox
from tests.contract.facts import OBJECTS, OPERATIONS, version_of
from tests.lago_async.sandbox.conftest import Answered

from .conftest import START, Caller
from .test_contract import of_fields
from .world import (
    GATED,
    NEVER_MADE,
    NOT_SIMULATED,
    OTHER_PATHS,
    QUERIES,
    WITHOUT_BODY,
    bodies,
    build,
    expected_status,
    path_values,
)


def target(operation: str, ids: dict[str, str]) -> str:
    """Return the path and the query of the smallest valid request."""
    path = OPERATIONS[operation]["path"]
    for value in path_values(operation, ids):
        path = re.sub(r"\{\w+\}", quote(value, safe="").replace(".", "%2E"), path, count=1)
    query = QUERIES.get(operation)
    return f"/api/{version_of(OPERATIONS[operation])}{path}" + (f"?{query}" if query else "")


def fields_of(schema: str) -> dict[str, Any]:
    """Return the fields of the object that a schema names, or of its elements."""
    found = OBJECTS.get(schema.removeprefix("array<").removesuffix(">").removeprefix("ref:"))
    return {} if found is None else found["fields"]


def element_fields(operation: str) -> dict[str, Any]:
    """Return the fields of the object in an operation's response, or of the elements of its list."""
    response = OPERATIONS[operation]["response"]
    schema, root = (response["schema"] or "").partition("|")[0], (response["root"] or "").partition("|")[0]
    wrapper = response.get("fields") or fields_of(schema)
    # The description shows some responses without their envelope, and one list as one of its elements.
    inner = wrapper.get(root) or wrapper.get(root.removesuffix("s"))
    if inner is None:
        return wrapper
    return inner.get("fields") or fields_of(inner["type"])


EMPTIED = {
    f"{verb}_{owner}_metadata": {
        "replace": {"new": "v"},
        "merge": {"k": "v", "l": "v", "new": "v"},
        "delete_all": None,
    }[verb]
    for verb in ("replace", "merge", "delete_all")
    for owner in ("plan", "wallet", "customer_wallet", "credit_note")
}

# The responses that differ from the contract's description, with reasons. Patterns of "operation.path problem".
EXCEPTIONS = {
    # The description is wrong: on the server, these are null or have another type.
    r".*\.(from|to)_date: '\S+\+00:00' is no datetime": "the bounds of a fee are written with an offset",
    r"find_all_\w+\.amount_cents: \d+\.0 is no (integer|decimal)": "floats here; decimals there",
    r"estimate_credit_note\.applied_taxes\[\]\.tax_description is null": "the tax has none",
    r"create_(batch_events|event)\.lago_customer_id is null": "not matched with a customer yet",
    r"event_\w*estimate_instant_fees\.\S+ is null": "what is not stored has no id and no times",
    r"event_\w*estimate_instant_fees\.taxes_precise_amount: 0 is no decimal": "a raw hash: the number 0",
    r"fetch_json_public_key\.public_key: .* is no string": "base64 in lines; the pattern knows one line only",
    # Objects that are passed through have only the fields that were sent.
    r"find_all_gross_revenues\.invoices_count: .* is no integer": "a sum of the server's database is a decimal",
    r"find_all_overdue_balances\.amount_cents: .* is no integer": "a sum of the server's database is a decimal",
    r".*amount_details\.\w+ is missing": "a column of free JSON, empty here",
    r".*properties\.\w+ is missing": "only what was sent, or what the model knows",
    r".*properties\.amount: '\d+' is no decimal": "as it was sent",
    r".*config\.select_options is missing": "only a select has options",
    # Fields that the server omits, as its recorded answers show.
    r".*\.event_transaction_id is missing": "only where an invoice is not embedded, or the fee is paid in advance",
    r".*(fees\[\]|fee)\.applied_taxes is missing": "not in the fees of invoices and of items",
    r"(find|update|delete)_(all_)?fees?\.applied_taxes is missing": "not in the changes of fees",
    r".*\.applied_usage_thresholds is missing": "only of progressive invoices",
    r"(find_all_plans|create_plan)\.(minimum_commitment|metadata) is missing": "only if there is one",
    r".*\.plan\.entitlements is missing": "not in the plan of a subscription",
    r".*wallet_transactions?\w*(\.wallet_transaction)?\.applied_invoice_custom_sections is missing": "only of one",
    r"find_all_rate_cards\.active_rate is missing": "only of one card",
    r"destroy_subscription\.applicable_usage_thresholds is missing": "not in the response to its end",
    r"download_credit_note\w*\.(customer|items|applied_taxes|error_details) is missing": "only of the note",
    # Fields that lists and embedded objects lack.
    r".*taxes\[\]\.applied_to_billing_entities_codes is missing": "embedded taxes say nothing of billing entities",
    r".*(subscriptions|subscriptions\[\])\.(plan|applicable_usage_thresholds) is missing": "not in lists",
}


def excuses(operation: str, problem: str) -> set[str]:
    """Return the exceptions that excuse a problem."""
    return {item for item in EXCEPTIONS if re.fullmatch(item, f"{operation}{problem}", re.DOTALL)}


@asynccontextmanager
async def new_world(
    session: aiohttp.ClientSession,
) -> AsyncIterator[tuple[Caller, dict[str, str]]]:
    """Create one object of each kind; return the client and the ids."""
    async with Sandbox(now=START, premium=True, features={"order_forms"}) as running:
        ids = build(running)
        call = Caller(running, session)
        logged = await call.post("/taxes", {"tax": {"name": "L", "code": "logged", "rate": "1"}})
        ids["request"] = logged.headers["X-Request-Id"]
        ids["activity"] = (await call.get("/activity_logs")).body["activity_logs"][0]["activity_id"]
        yield call, ids


@pytest.fixture
async def world(
    session: aiohttp.ClientSession,
) -> AsyncIterator[tuple[Caller, dict[str, str]]]:
    async with new_world(session) as made:
        yield made


async def ask(call: Caller, ids: dict[str, str], operation: str) -> Answered:
    """Return the response to the smallest valid request."""
    return await call(OPERATIONS[operation]["method"], target(operation, ids), bodies(ids).get(operation))


def elements(operation: str, answer: Answered) -> Any:
    """Return the objects of a response that the contract describes, if any."""
    response = OPERATIONS[operation]["response"]
    root = (response["root"] or "").partition("|")[0]
    if answer.status != 200 or response["kind"] in {"empty", "text"} or not answer.raw or root == "metadata":
        return []
    return answer.body[root] if response["kind"] == "list" else [answer.body[root]]


def problems(operation: str, answer: Answered) -> set[str]:
    """Yield the differences between a response and the contract."""
    fields = element_fields(operation)
    return {item for element in elements(operation, answer) for item in of_fields(fields, element, "")}


def test_the_requests_here_are_for_operations_of_the_contract(world: tuple[Caller, dict[str, str]]) -> None:
    _, ids = world
    assert {*bodies(ids), *OTHER_PATHS, *QUERIES, *NOT_SIMULATED, *NEVER_MADE, *GATED, *WITHOUT_BODY} <= set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_every_operation_answers_with_its_kind_root_and_fields(
    world: tuple[Caller, dict[str, str]], operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    call, ids = world
    answer = await ask(call, ids, operation)
    assert answer.status == expected_status(operation), answer.body
    if answer.status != 200:
        return
    caplog.set_level(logging.DEBUG, "lago_async.codec")
    endpoint = ENDPOINTS[operation]
    endpoint.decode(Response(Request(endpoint, "/", None, True), 200, {}, answer.raw, "", 1, False))
    assert caplog.messages == [], "the package's own models read it at once"
    response = OPERATIONS[operation]["response"]
    kind, root = response["kind"], response["root"]
    if kind in {"empty", "text"} or operation in WITHOUT_BODY:
        assert isinstance(answer.body, bytes if kind == "text" else type(None))
        return
    assert root is not None
    root = root.partition("|")[0]
    assert set(answer.body) == ({root, "meta"} if response["paginated"] else {root})
    value = answer.body[root]
    if root == "metadata":
        assert value == EMPTIED.get(operation, {"l": "v"})
        return
    assert isinstance(value, list if kind == "list" else dict)
    assert bool(elements(operation, answer)) == (operation not in NEVER_MADE), "the world has one of everything"
    assert {each for each in problems(operation, answer) if not excuses(operation, each)} == set()


async def test_every_exception_is_still_needed(session: aiohttp.ClientSession) -> None:
    needed = set()
    for operation in OPERATIONS:
        async with new_world(session) as (call, ids):
            for problem in problems(operation, await ask(call, ids, operation)):
                needed |= excuses(operation, problem)
    assert set(EXCEPTIONS) - needed == set()
