"""Control over HTTP: every route, its errors, and who may use it."""

import asyncio
import http.client
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import aiohttp
import attrs
import pytest

from lago_async.sandbox import (
    DropConnection,
    Fault,
    Latency,
    RateLimited,
    RateLimits,
    RawResponse,
    Sandbox,
    ServerFailure,
    TruncatedBody,
)
from lago_async.sandbox._server.control import PREFIX
from lago_async.sandbox._server.control_routes import ROUTES
from lago_async.sandbox._server.fault_inputs import fault_from, fault_json
from lago_async.sandbox._server.routing import Router

from .conftest import START, Answered, Caller

PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"


@pytest.fixture
def control(call: Caller) -> Any:
    async def send(method: str, path: str, json: object = None, **kwargs: Any) -> Answered:
        return await call(method, PREFIX + path, json, **kwargs)

    return send


# --- the routes -------------------------------------------------------------------------------------------------------


async def test_the_clock_is_read_and_advanced_to_by_and_by_days(control: Any, sandbox: Sandbox) -> None:
    assert (await control("GET", "/clock")).body == {"now": "2026-01-01T00:00:00+00:00", "speed": 0}
    assert (await control("POST", "/clock/advance", {"to": "2026-01-10T12:00:00Z"}))["now"][:13] == "2026-01-10T12"
    assert (await control("POST", "/clock/advance", {"by": 1.5}))["now"] == "2026-01-10T12:00:01.500000+00:00"
    assert (await control("POST", "/clock/advance", {"days": 1}))["now"][:13] == "2026-01-11T12"
    assert sandbox.now == START + timedelta(days=10, hours=12, seconds=1.5)


async def test_the_webhooks_are_listed_by_type_with_what_became_of_them(control: Any, call: Caller) -> None:
    elsewhere = {"webhook_url": "http://hooks.example/lago", "signature_algo": "hmac"}
    await call.post("/webhook_endpoints", {"webhook_endpoint": elsewhere})
    await call.post("/customers", {"customer": {"external_id": "acme"}})
    await call.post("/taxes", {"tax": {"name": "T", "code": "t", "rate": "1"}})
    (told,) = (await control("GET", "/webhooks?type=customer.created"))["webhooks"]
    assert told["payload"]["customer"]["external_id"] == "acme"
    assert (told["status"], told["attempts"], told["url"]) == ("refused", [], "http://hooks.example/lago")
    assert "webhook_hosts" in told["problem"]
    assert told in (await control("GET", "/webhooks"))["webhooks"]


async def test_the_clock_is_set_running_and_stopped(control: Any, sandbox: Sandbox) -> None:
    assert (await control("PUT", "/clock", {"speed": 60}))["speed"] == 60
    assert sandbox.clock_speed == 60
    assert (await control("PUT", "/clock", {"speed": 0}))["speed"] == 0


async def test_a_fault_is_injected_listed_and_cleared(control: Any, call: Caller) -> None:
    fault = {"fault": "server_failure", "status": 503, "operation": "find_all_taxes", "times": 2}
    listed = await control("POST", "/faults", fault)
    assert listed["faults"] == [{**fault, "html": False, "empty": False}]
    assert (await call.get("/plans")).status == 200
    assert (await call.get("/taxes")).status == 503
    assert (await control("GET", "/faults"))["faults"][0]["times"] == 1
    assert (await control("DELETE", "/faults")).body == {"faults": []}
    assert (await call.get("/taxes")).status == 200


@pytest.mark.parametrize(
    "fault",
    [
        Latency(1.5),
        DropConnection("after_handling"),
        RateLimited(limit=3, remaining=0, reset=2),
        ServerFailure(504, empty=True),
        RawResponse(200, b"{oops", "text/plain", {"X-Odd": "1"}),
        TruncatedBody(consistent_length=True),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_every_fault_has_a_form_in_json(control: Any, sandbox: Sandbox, fault: Fault) -> None:
    assert (await control("POST", "/faults", fault_json(fault))).status == 200
    assert [item.fault for item in sandbox.faults] == [fault]
    assert fault_from(fault_json(fault)) == fault


def test_no_fault_is_without_a_test_of_its_json() -> None:
    assert {"Latency", "DropConnection", "RateLimited", "ServerFailure", "RawResponse", "TruncatedBody"} == {
        kind.__name__ for kind in get_args(Fault)
    }


async def test_received_requests_are_listed_with_their_bodies_and_without_the_key(
    control: Any, call: Caller, sandbox: Sandbox
) -> None:
    await call.customer()
    await call("POST", "/api/v1/events?x=1&x=2", data=b"\xff", headers={"X-Mine": "1"})
    listed = (await control("GET", "/requests"))["requests"]
    assert [(item["method"], item["operation"], item["status"]) for item in listed] == [
        ("POST", "create_customer", 200),
        ("POST", "create_event", 400),
    ]
    assert json.loads(listed[0]["body"]) == {"customer": {"external_id": "cus"}}
    assert (listed[1]["body_base64"], listed[1]["query"]) == ("/w==", [["x", "1"], ["x", "2"]])
    assert (listed[1]["headers"]["X-Mine"], listed[1]["headers"]["Authorization"]) == ("1", "[hidden]")
    assert sandbox.api_key not in json.dumps(listed)
    only = (await control("GET", "/requests?operation=create_customer"))["requests"]
    assert only == listed[:1]
    assert (await control("DELETE", "/requests"))["requests"] == []
    assert list(sandbox.requests) == []


async def test_reset_starts_again(control: Any, call: Caller, sandbox: Sandbox) -> None:
    await call.customer()
    sandbox.inject(ServerFailure())
    await control("POST", "/clock/advance", {"days": 9})
    assert (await control("POST", "/reset")).body == {"now": START.isoformat(), "speed": 0}
    assert (await call.get("/customers"))["customers"] == []
    assert len(sandbox.requests) == 1


async def test_a_world_is_downloaded_and_put_back(control: Any, call: Caller) -> None:
    await call.customer("first")
    world = await control("GET", "/world")
    assert world.headers["Content-Type"] == "application/x-ndjson"
    await call.customer("second")
    assert (await control("PUT", "/world", data=world.raw)).body == {"now": START.isoformat(), "speed": 0}
    assert [item["external_id"] for item in (await call.get("/customers"))["customers"]] == ["first"]
    refused = await control("PUT", "/world", data=b"{}")
    assert (refused.status, refused["code"]) == (422, "invalid")
    assert "make one with Sandbox.save" in refused["error"]
    assert len((await call.get("/customers"))["customers"]) == 1


async def test_the_index_lists_every_route(control: Any) -> None:
    for path in ("", "/"):
        routes = (await control("GET", path))["routes"]
        assert [(item["method"], item["path"]) for item in routes] == [
            (route.method, PREFIX + route.path) for route in ROUTES
        ]
    assert routes[2]["takes"].keys() == {"to", "by", "days"}


def test_the_page_has_every_route_and_every_parameter() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z]+) (/_sandbox\S*)` \|", page, flags=re.MULTILINE)
    assert rows == [("GET", PREFIX + "/"), *((route.method, PREFIX + route.path) for route in ROUTES)]
    assert [name for route in ROUTES for name in route.params or () if f"`{name}`" not in page] == []


def test_no_path_of_lago_begins_like_the_control_routes() -> None:
    assert not [route for route in ROUTES if not route.path.startswith("/")]
    assert Router([]).match("GET", PREFIX + "/clock") is None
    assert not PREFIX.startswith(("/api", "/files"))


# --- errors -----------------------------------------------------------------------------------------------------------

ERRORS = [
    ("GET", "/cloc", None, 404, "GET /_sandbox/ lists the control routes"),
    ("DELETE", "/clock", None, 405, "takes GET, PUT, not DELETE"),
    ("POST", "/clock/advance", None, 422, "give one of to, by and days"),
    ("POST", "/clock/advance", {"by": 1, "days": 1}, 422, "give one of to, by and days"),
    ("POST", "/clock/advance", {"weeks": 1}, 422, "takes to, by, days, not weeks"),
    ("POST", "/clock/advance", {"to": "soon"}, 422, "ISO 8601"),
    ("POST", "/clock/advance", {"to": 5}, 422, "ISO 8601"),
    ("POST", "/clock/advance", {"by": "1"}, 422, "by has to be a number"),
    ("POST", "/clock/advance", {"days": True}, 422, "days has to be a number"),
    ("POST", "/clock/advance", {"days": -1}, 422, "time only moves forward"),
    ("POST", "/clock/advance", {"days": 1e300}, 422, "the year 9999"),
    ("POST", "/clock/advance", {"to": "2025-01-01"}, 422, "time only moves forward"),
    ("POST", "/clock/advance", [1], 400, "has to be a JSON object"),
    ("PUT", "/clock", {}, 422, 'such as {"speed": 60}'),
    ("PUT", "/clock", {"speed": -1}, 422, "give 0 (it stands still)"),
    ("POST", "/faults", {}, 422, "fault has to be one of latency, drop_connection"),
    ("POST", "/faults", {"fault": "flood"}, 422, "fault has to be one of"),
    ("POST", "/faults", {"fault": ["x"]}, 422, "fault has to be one of"),
    ("POST", "/faults", {"fault": "latency"}, 422, "seconds"),
    ("POST", "/faults", {"fault": "latency", "seconds": "1"}, 422, "seconds"),
    ("POST", "/faults", {"fault": "latency", "seconds": 1, "html": True}, 422, "latency takes seconds, not html"),
    ("POST", "/faults", {"fault": "server_failure", "status": 404}, 422, "status"),
    ("POST", "/faults", {"fault": "server_failure", "times": 0}, 422, "times must be at least 1"),
    ("POST", "/faults", {"fault": "server_failure", "times": "1"}, 422, "times has to be a whole number"),
    ("POST", "/faults", {"fault": "server_failure", "operation": "fly"}, 422, "python -m lago_async endpoints"),
    (
        "POST",
        "/faults",
        {"fault": "drop_connection", "when": "on_connect", "operation": "create_event"},
        422,
        "leave operation out",
    ),
    ("GET", "/requests?operation=fly", None, 422, "python -m lago_async endpoints"),
    ("GET", "/requests?limit=1", None, 422, "takes operation, not limit"),
    ("POST", "/reset", {"now": 1}, 422, "takes no parameters, not now"),
]


async def test_every_error_says_what_to_do_and_changes_nothing(control: Any, sandbox: Sandbox) -> None:
    before = sandbox.export_world()
    for method, path, body, status, reason in ERRORS:
        refused = await control(method, path, body)
        assert (refused.status, refused["status"]) == (status, status), (path, body)
        assert reason in refused["error"], (path, body)
        assert refused["code"]
    assert (sandbox.export_world(), list(sandbox.faults)) == (before, [])


async def test_a_body_that_is_not_json_or_too_long_is_refused(control: Any, session: aiohttp.ClientSession) -> None:
    assert (await control("POST", "/faults", data=b"{")).status == 400
    async with Sandbox(body_limit=100) as small:
        refused = await Caller(small, session)("PUT", PREFIX + "/world", data=b"x" * 200)
        assert (refused.status, refused["code"]) == (413, "too_large")


async def test_control_needs_the_key(control: Any, sandbox: Sandbox) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer other"}):
        for route in ROUTES:
            refused = await control(route.method, route.path, headers=headers)
            assert (refused.status, refused["code"]) == (401, "unauthorized")
            assert sandbox.api_key not in str(refused.body)


async def test_control_meets_no_fault_and_no_limit_and_is_not_a_received_request(
    session: aiohttp.ClientSession,
) -> None:
    async with Sandbox(now=START, rate_limits=RateLimits(others=1, clock=lambda: 0.0)) as sandbox:
        call = Caller(sandbox, session)
        sandbox.inject(ServerFailure(), times=None)
        for _ in range(3):
            response = await call("GET", PREFIX + "/clock")
            assert response.status == 200
            assert "x-ratelimit-limit" not in response.headers
        assert list(sandbox.requests) == []


async def test_a_failure_of_the_sandbox_is_a_500_that_says_so(
    control: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sandbox, "reset", fails)
    with caplog.at_level(100):
        refused = await control("POST", "/reset")
    assert (refused.status, refused["code"]) == (500, "failed")


# --- the Host header --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:1234", True),
        ("localhost:99", True),
        ("LOCALHOST", True),
        ("[::1]:8080", True),
        ("127.8.9.1", True),
        ("evil.example", False),
        ("evil.example:80", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("127.0.0.1@evil.example", False),
        ("192.168.0.1", False),
        ("0.0.0.0", False),
        ("[::]", False),
        ("", False),
    ],
)
async def test_only_requests_for_this_machine_are_answered(
    call: Caller, sandbox: Sandbox, host: str, allowed: bool
) -> None:
    for target in ("/api/v1/customers", PREFIX + "/clock", "/files/x", "/"):
        response = await call("GET", target, headers={"Host": host})
        assert (response.status == 403) is not allowed
        if not allowed:
            assert response["code"] == "host_not_allowed"
            assert "Use localhost" in response["error"]
    assert len(sandbox.requests) == (3 if allowed else 0)


async def test_a_request_without_a_host_is_refused(sandbox: Sandbox) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    writer.write(b"GET /api/v1/customers HTTP/1.0\r\n\r\n")
    assert b" 403 " in (await reader.read()).partition(b"\r\n")[0]
    writer.close()
    await writer.wait_closed()


# --- a client in any language -----------------------------------------------------------------------------------------


@attrs.define
class RawClient:
    """A client as any language has it: a connection, JSON and a header."""

    url: str
    key: str

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        assert response.status == 200, content
        return json.loads(content)


def test_a_client_that_knows_only_http_sees_a_period_close() -> None:
    with Sandbox(now=START) as served:
        call = RawClient(served.url, served.api_key)
        metric = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
        metric_id = call("POST", "/api/v1/billable_metrics", {"billable_metric": metric})["billable_metric"]["lago_id"]
        charge = {"billable_metric_id": metric_id, "charge_model": "standard", "properties": {"amount": "0.5"}}
        plan = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 1000, "amount_currency": "EUR"}
        call("POST", "/api/v1/plans", {"plan": {**plan, "pay_in_advance": False, "charges": [charge]}})
        call("POST", "/api/v1/customers", {"customer": {"external_id": "cus"}})
        subscription = {"external_customer_id": "cus", "external_id": "sub", "plan_code": "p"}
        call("POST", "/api/v1/subscriptions", {"subscription": subscription})
        for number in range(3):
            event = {"transaction_id": f"t{number}", "external_subscription_id": "sub", "code": "calls"}
            call("POST", "/api/v1/events", {"event": event})
        assert call("GET", "/api/v1/invoices")["invoices"] == []
        call("POST", "/_sandbox/clock/advance", {"to": "2026-02-01T00:00:00Z"})
        (invoice,) = call("GET", "/api/v1/invoices")["invoices"]
        assert (invoice["issuing_date"], invoice["total_amount_cents"]) == ("2026-02-01", 1150)
        seen = call("GET", "/_sandbox/requests?operation=create_event")["requests"]
        assert [item["status"] for item in seen] == [200] * 3
        call("POST", "/_sandbox/reset")
        assert call("GET", "/api/v1/customers")["customers"] == []
