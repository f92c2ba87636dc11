"""Faults: their effects for the client, and the effects that still happen on the server."""

import asyncio

import aiohttp
import pytest

from lago_async.sandbox import (
    DropConnection,
    Latency,
    RateLimited,
    RawResponse,
    Sandbox,
    ServerFailure,
    TruncatedBody,
)
from tests.lago_async.sandbox.conftest import Caller

LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


async def test_a_rate_limit_has_the_three_headers_and_ends_by_itself(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(RateLimited(limit=50, reset=3), operation="find_all_customers", times=2)
    for _ in range(2):
        response = await call.get("/customers")
        assert response.status == 429
        assert [response.headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining", "reset")] == ["50", "0", "3"]
    assert (await call.get("/customers")).status == 200


async def test_a_fault_meets_only_its_operation(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(ServerFailure(503), operation="find_customer", times=None)
    assert (await call.get("/customers")).status == 200
    assert (await call.get("/customers/x")).status == 503
    assert (await call.get("/customers/x")).status == 503
    sandbox.clear_faults()
    assert (await call.get("/customers/x")).status == 404


async def test_server_errors_come_as_json_html_or_nothing(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(ServerFailure(500))
    sandbox.inject(ServerFailure(502, html=True))
    sandbox.inject(ServerFailure(504, empty=True))
    first, second, third = [await call.customer() for _ in range(3)]
    assert first.body == {"status": 500, "error": "Internal Server Error"}
    assert (second.status, second.headers["Content-Type"]) == (502, "text/html")
    assert b"502 Bad Gateway" in second.body
    assert (third.status, third.body) == (504, b"")
    assert (await call.get("/customers/cus")).status == 404


async def test_a_raw_answer_is_sent_as_it_is(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(200, b"{oops", "text/plain", {"X-Odd": "1"}))
    response = await call.get("/customers")
    assert (response.status, response.body, response.headers["X-Odd"]) == (200, b"{oops", "1")
    assert response.headers["Content-Type"] == "text/plain"


async def test_a_connection_dropped_before_handling_has_changed_nothing(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(DropConnection())
    with pytest.raises(LOST):
        await call.customer()
    assert (await call.get("/customers/cus")).status == 404


async def test_a_connection_dropped_after_handling_has_done_its_work(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(DropConnection("after_handling"), operation="create_customer")
    with pytest.raises(LOST):
        await call.customer()
    assert (await call.get("/customers/cus")).status == 200
    assert [item.status for item in sandbox.requests] == [None, 200]


async def test_a_connection_dropped_on_connect_is_never_read(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(DropConnection("on_connect"))
    with pytest.raises(LOST):
        await call.customer()
    assert (len(sandbox.requests), sandbox.connections_opened) == (0, 1)
    assert (await call.customer()).status == 200
    with pytest.raises(ValueError, match="on_connect has no operation"):
        sandbox.inject(DropConnection("on_connect"), operation="find_customer")


async def test_a_truncated_body_breaks_its_promise(call: Caller, sandbox: Sandbox) -> None:
    await call.customer()
    sandbox.inject(TruncatedBody())
    with pytest.raises(aiohttp.ClientPayloadError):
        await call.get("/customers/cus")
    assert (await call.get("/customers/cus")).status == 200


async def test_a_cut_json_may_have_a_consistent_length(call: Caller, sandbox: Sandbox) -> None:
    await call.customer()
    sandbox.inject(TruncatedBody(consistent_length=True))
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    async with call.session.get(f"{sandbox.url}/api/v1/customers/cus", headers=headers) as response:
        body = await response.read()
        assert int(response.headers["Content-Length"]) == len(body)
    assert body.startswith(b'{"customer":')
    assert not body.endswith(b"}}")
    assert (await call.get("/customers/cus")).status == 200


async def test_latencies_add_up_and_another_fault_follows(
    call: Caller, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    sandbox.inject(Latency(20))
    sandbox.inject(Latency(40))
    sandbox.inject(ServerFailure(503))
    monkeypatch.setattr(asyncio, "sleep", wait)
    assert (await call.get("/customers")).status == 503
    assert [seconds for seconds in waits if seconds] == [60]


async def test_a_client_that_gives_up_leaves_the_sandbox_well(call: Caller, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(3600), operation="find_customer")
    impatient = asyncio.create_task(call.get("/customers/x"))
    while not sandbox.requests:
        await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert (await call.get("/customers")).status == 200


def test_faults_happen_at_least_once(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        sandbox.inject(RateLimited(), times=0)
