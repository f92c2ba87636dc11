"""Requests reach the same operations as with Lago's router."""

from typing import Any

import aiohttp
import pytest

from lago_async._registry import ENDPOINTS
from lago_async.sandbox import Sandbox
from lago_async.sandbox._operations.registered import HANDLERS
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._server.routing import Router, normalise
from tests.lago_async.sandbox.conftest import Caller


def matched(method: str, target: str) -> tuple[str, ...] | None:
    match = Router(ENDPOINTS.values()).match(method, "/api/v1" + target)
    return None if match is None else (match[0].name, *match[1])


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/customers", ("find_all_customers",)),
        ("/customers/", ("find_all_customers",)),
        ("/customers.json", ("find_all_customers",)),
        ("/customers/cus", ("find_customer", "cus")),
        ("/customers/a%2Fb", ("find_customer", "a/b")),
        ("/customers/a+b%20c", ("find_customer", "a+b c")),
        ("/customers/%C3%A9", ("find_customer", "é")),
        ("/customers/john%40acme.com", ("find_customer", "john@acme")),
        ("/customers/john%40acme%2Ecom", ("find_customer", "john@acme.com")),
        ("/customers/john%40acme%2ecom", ("find_customer", "john@acme.com")),
        ("//customers///cus//", ("find_customer", "cus")),
        ("/customers//current_usage", ("find_customer", "current_usage")),
        ("/customers/a.b/current_usage", None),
        ("/customers/a%2Eb/current_usage", ("find_customer_current_usage", "a.b")),
        ("/nothing", None),
    ],
)
def test_a_literal_dot_ends_a_parameter_and_slashes_are_squeezed(target: str, expected: tuple[str, ...] | None) -> None:
    assert matched("GET", target) == expected


def test_subscription_ids_take_literal_dots() -> None:
    assert matched("DELETE", "/subscriptions/a.b.c") == ("destroy_subscription", "a.b.c")


def test_the_batch_of_events_is_not_an_event() -> None:
    assert matched("POST", "/events/batch") == ("create_batch_events",)


def test_a_verb_that_no_route_has_matches_nothing() -> None:
    assert matched("PUT", "/customers/cus") is None


def test_head_is_answered_where_get_is() -> None:
    assert matched("HEAD", "/customers/cus") == ("find_customer", "cus")


def test_normalising_decodes_nothing() -> None:
    assert normalise("//a//%2f/b/") == "/a/%2F/b"


async def test_an_unknown_path_is_not_found_even_without_a_key(call: Caller) -> None:
    response = await call("GET", "/api/v1/nothing", headers={"Authorization": ""})
    assert response.status == 404
    assert response.body == {"status": 404, "error": "Not Found", "code": "resource_not_found"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong"])
async def test_a_missing_or_wrong_key_is_unauthorized(call: Caller, header: str) -> None:
    response = await call("GET", "/api/v1/customers", headers={"Authorization": header})
    assert (response.status, response.body) == (401, {"status": 401, "error": "Unauthorized"})


async def test_the_scheme_of_the_key_does_not_matter(call: Caller) -> None:
    response = await call("GET", "/api/v1/customers", headers={"Authorization": f"Whatever {call.sandbox.api_key}"})
    assert response.status == 200


async def test_the_bare_dot_deletes_somebody_else(call: Caller) -> None:
    await call.customer("john@acme")
    await call.customer("john@acme.com")
    assert (await call.delete("/customers/john@acme.com"))["customer"]["external_id"] == "john@acme"
    assert (await call.get("/customers/john%40acme%2Ecom"))["customer"]["external_id"] == "john@acme.com"


async def test_the_request_id_is_echoed_cleaned_or_made(call: Caller) -> None:
    echoed = await call("GET", "/api/v1/customers", headers={"X-Request-Id": "a b/c-@1"})
    assert echoed.headers["X-Request-Id"] == "abc-@1"
    assert len((await call.get("/customers")).headers["X-Request-Id"]) == 36


async def test_answers_are_json_in_utf8(call: Caller) -> None:
    assert (await call.get("/customers")).headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("body", [{}, {"customer": {}}, {"customer": "x"}, {"customer": None}, []])
async def test_a_missing_envelope_is_a_bad_request_without_code(call: Caller, body: list[Any] | dict[str, Any]) -> None:
    response = await call.post("/customers", body)
    sentence = "BadRequest: param is missing or the value is empty or invalid: customer"
    assert (response.status, response.body) == (400, {"status": 400, "error": sentence})


async def test_a_body_that_is_not_sent_as_json_is_no_body(call: Caller) -> None:
    response = await call("POST", "/api/v1/customers", data=b'{"customer":{"external_id":"x"}}')
    assert response.status == 400


@pytest.mark.parametrize("body", [b"{", b'{"a": NaN}', b'{"a": 1e999}', b"\xff", b"[" * 100_000])
async def test_malformed_json_is_refused_in_json_only_to_those_who_accept_it(call: Caller, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await call("POST", "/api/v1/customers", data=body, headers=headers)
    assert (response.status, response.body) == (400, {"status": 400, "error": "Bad Request"})
    response = await call("POST", "/api/v1/customers", data=body, headers={**headers, "Accept": "*/*"})
    assert (response.status, response.body, response.headers["Content-Type"]) == (400, b"", "text/html; charset=utf-8")


async def test_a_body_that_is_too_long_is_refused(session: aiohttp.ClientSession) -> None:
    async with Sandbox(body_limit=100) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.api_key}"}
        async with session.post(f"{sandbox.url}/api/v1/customers", json={"a": "x" * 200}, headers=headers) as response:
            assert response.status == 413


async def test_html_characters_are_escaped_in_the_json_text(call: Caller) -> None:
    await call.customer("cus", name="<b>&\u2028")
    url = f"{call.sandbox.url}/api/v1/customers/cus"
    async with call.session.get(url, headers={"Authorization": f"Bearer {call.sandbox.api_key}"}) as response:
        text = await response.text()
    assert r"\u003cb\u003e\u0026\u2028" in text


async def test_a_handler_that_fails_is_a_500_and_a_log_entry(
    call: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: OperationCall) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(HANDLERS, "find_customer", fail)
    response = await call.get("/customers/cus")
    assert (response.status, response.body) == (500, {"status": 500, "error": "Internal Server Error"})
    assert "the sandbox failed on GET /api/v1/customers/cus" in caplog.text
