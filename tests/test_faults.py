"""Faults of the network and the server: each gives the right error or the object, on both faces, over a real socket."""

import asyncio
import logging
import pickle
import socket
import traceback
from collections.abc import Mapping
from typing import Any

import pytest

from lago_async import (
    LagoApiError,
    LagoClosedError,
    LagoConnectionError,
    LagoDecodeError,
    LagoTimeoutError,
    RateLimitError,
    ServerError,
    Timeout,
)
from lago_async.sandbox import DropConnection, Latency, RateLimited, RawResponse, Sandbox, ServerFailure, TruncatedBody
from tests.conftest import Face, NewFace


@pytest.fixture
async def customer(face: Face) -> str:
    await face("customers.create", {"external_id": "cus_1"})
    return "cus_1"


def attempts(sandbox: Sandbox, operation: str) -> int:
    return sum(request.operation == operation for request in sandbox.requests)


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_read_survives_a_failing_proxy(face: Face, sandbox: Sandbox, customer: str, status: Any) -> None:
    sandbox.inject(ServerFailure(status=status, html=True), operation="find_customer", times=2)
    found = await face("customers.find", customer)
    assert found.external_id == customer
    assert attempts(sandbox, "find_customer") == 3


async def test_all_attempts_of_a_call_carry_one_request_id(face: Face, sandbox: Sandbox, customer: str) -> None:
    sandbox.inject(ServerFailure(status=503), operation="find_customer", times=3)
    await face("customers.find", customer)
    ids = {request.headers["X-Request-Id"] for request in sandbox.requests if request.operation == "find_customer"}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ServerFailure(status=502, html=True), 502),
        (ServerFailure(status=500, empty=True), 500),
        (ServerFailure(status=500), 500),
        (RawResponse(status=504, body=b"\xff\xfe\x00", content_type="application/octet-stream"), 504),
        (RawResponse(status=503, body=b"[1,2]"), 503),
    ],
)
async def test_a_server_that_stays_broken_is_a_server_error_whatever_its_body(
    face: Face, sandbox: Sandbox, fault: Any, status: int
) -> None:
    sandbox.inject(fault, times=None)
    with pytest.raises(ServerError, match=f"^{status} .*: find_customer 'cus_1'") as failure:
        await face("customers.find", "cus_1")
    error = failure.value
    assert error.status_code == status
    assert error.code is None
    assert error.attempts == (1 if status == 500 else 4)
    assert isinstance(error.body, bytes)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_post_that_may_have_been_applied_is_never_sent_twice(
    face: Face, sandbox: Sandbox, customer: str, status: Any
) -> None:
    sandbox.inject(ServerFailure(status=status), times=None)
    with pytest.raises(ServerError):
        await face("customers.generate_checkout_url", customer)
    assert attempts(sandbox, "generate_customer_checkout_url") == 1


@pytest.mark.parametrize("when", ["before_handling", "after_handling"])
async def test_a_read_survives_a_dropped_connection(face: Face, sandbox: Sandbox, customer: str, when: Any) -> None:
    sandbox.inject(DropConnection(when=when), operation="find_customer", times=2)
    assert (await face("customers.find", customer)).external_id == customer


@pytest.mark.parametrize("when", ["before_handling", "after_handling"])
async def test_a_post_whose_answer_is_lost_is_not_repeated_and_says_so(
    face: Face, sandbox: Sandbox, customer: str, when: Any
) -> None:
    sandbox.inject(DropConnection(when=when), operation="generate_customer_checkout_url", times=None)
    with pytest.raises(LagoConnectionError, match="MAY HAVE BEEN CARRIED OUT") as failure:
        await face("customers.generate_checkout_url", customer)
    assert failure.value.maybe_applied
    assert failure.value.attempts == 1
    assert attempts(sandbox, "generate_customer_checkout_url") == 1


async def test_an_upsert_whose_answer_is_lost_is_repeated_and_applied_once(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(DropConnection(when="after_handling"), operation="create_customer", times=2)
    created = await face("customers.create", {"external_id": "cus_1", "name": "Acme"})
    assert created.sequential_id == 1
    assert len(await face.items("customers.find_all")) == 1


async def test_a_delete_that_is_repeated_into_a_404_says_that_the_first_may_have_worked(
    face: Face, sandbox: Sandbox, customer: str
) -> None:
    # aiohttp repeats a DELETE once by itself when a pooled connection turns out to be gone.
    sandbox.inject(DropConnection(when="after_handling"), operation="destroy_customer", times=2)
    with pytest.raises(LagoApiError, match="earlier attempt was lost, and that attempt has most likely deleted"):
        await face("customers.destroy", customer)


async def test_a_connection_that_cannot_be_made_is_tried_again_even_for_a_post(
    new_face: NewFace, settings: Mapping[str, Any]
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        face = await new_face(**{**settings, "base_url": f"http://127.0.0.1:{unused.getsockname()[1]}"})
        with pytest.raises(LagoConnectionError, match="nothing was sent") as failure:
            await face("customers.generate_checkout_url", "cus_1")
    assert failure.value.attempts == 4
    assert not failure.value.maybe_applied


async def test_a_refused_call_waits_for_the_window_and_succeeds(face: Face, sandbox: Sandbox, customer: str) -> None:
    sandbox.inject(RateLimited(limit=50, remaining=0, reset=0), operation="generate_customer_checkout_url", times=2)
    with pytest.raises(LagoApiError, match="no_linked_payment_provider"):  # it arrived
        await face("customers.generate_checkout_url", customer)
    assert attempts(sandbox, "generate_customer_checkout_url") == 3


async def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RateLimited(limit=50, remaining=0, reset=3600), times=None)
    with pytest.raises(RateLimitError, match="send fewer calls") as failure:
        await face("customers.find", "cus_1")
    assert failure.value.attempts == 1
    assert failure.value.headers["x-ratelimit-reset"] == "3600"


async def test_a_slow_server_runs_into_the_limit_of_the_whole_call(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(seconds=30), times=None)
    with pytest.raises(LagoTimeoutError, match=r"no response in time \(total=0\.05 s\)") as failure:
        await face.with_options(timeout=0.05)("customers.find", "cus_1")
    assert isinstance(failure.value, TimeoutError)
    assert failure.value.maybe_applied


async def test_a_call_that_never_got_a_connection_was_not_sent(
    new_face: NewFace, settings: Mapping[str, Any], sandbox: Sandbox
) -> None:
    face = await new_face(**settings, max_connections=1)
    sandbox.inject(Latency(seconds=30), operation="find_customer")
    slow = asyncio.ensure_future(face.with_options(timeout=1)("customers.find", "cus_1"))
    while not sandbox.requests:
        await asyncio.sleep(0.005)
    with pytest.raises(LagoTimeoutError, match=r"total=0\.1 s.*nothing was sent: all connections were busy") as failure:
        await face.with_options(timeout=0.1)("customers.generate_checkout_url", "cus_1")
    assert not failure.value.maybe_applied
    assert attempts(sandbox, "generate_customer_checkout_url") == 0
    with pytest.raises(LagoTimeoutError):
        await slow


async def test_a_silent_server_runs_into_the_read_limit_of_each_attempt(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(seconds=30), times=None)
    with pytest.raises(LagoTimeoutError, match=r"read=0\.05 s") as failure:
        await face.with_options(timeout=Timeout(30, read=0.05))("customers.find", "cus_1")
    assert failure.value.attempts == 4


async def test_a_call_is_not_tried_again_when_its_time_would_be_up(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RateLimited(limit=50, remaining=0, reset=2), times=None)
    with pytest.raises(RateLimitError) as failure:
        await face.with_options(timeout=1.5)("customers.find", "cus_1")
    assert failure.value.attempts == 1


async def test_an_answer_cut_off_on_the_way_is_fetched_again(face: Face, sandbox: Sandbox, customer: str) -> None:
    sandbox.inject(TruncatedBody(), operation="find_customer", times=2)
    assert (await face("customers.find", customer)).external_id == customer


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (TruncatedBody(consistent_length=True), "not JSON"),
        (RawResponse(status=200, body=b"[]"), "JSON array"),
        (RawResponse(status=200, body=b""), "empty"),
        (RawResponse(status=204, body=b""), "empty"),
        (RawResponse(status=200, body=b"<html>", content_type="text/html"), "not JSON"),
        (RawResponse(status=200, body=b'{"plan":{}}'), "no 'customer'"),
    ],
)
async def test_a_success_that_cannot_be_read_keeps_the_whole_answer(
    face: Face, sandbox: Sandbox, customer: str, fault: Any, reason: str
) -> None:
    sandbox.inject(fault, operation="find_customer")
    with pytest.raises(LagoDecodeError, match=f"{reason}.*find_customer 'cus_1'.*most likely carried out") as failure:
        await face("customers.find", customer)
    error = failure.value
    assert error.status_code in (200, 204)
    assert error.headers["x-request-id"] == error.request_id
    if isinstance(fault, RawResponse):
        assert error.body == fault.body


@pytest.mark.parametrize(
    "body",
    [
        b'{"customer":{}}',
        b'{"customer":{"external_id":null,"taxes":null,"created_at":null,"billing_configuration":null}}',
        b'{"customer":{"account_type":"reseller","sequential_id":"7","net_payment_term":"30","name":5}}',
        b'{"customer":{"taxes":[{"rate":"20.0"},{"rate":20}],"created_at":1650000000,"brand_new":{"a":[]}}}',
        b'{"customer":{"taxes":{},"created_at":"yesterday","metadata":[null,7,{"key":1}],"shipping_address":[]}}',
    ],
)
async def test_a_200_is_never_lost_for_a_field(face: Face, sandbox: Sandbox, body: bytes) -> None:
    sandbox.inject(RawResponse(status=200, body=body))
    customer = await face("customers.find", "cus_1")
    assert isinstance(customer.taxes, list)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(face: Face, sandbox: Sandbox, status: int) -> None:
    headers = {"Location": "https://evil.example.com/api/v1/customers/cus_1?token=x"}
    sandbox.inject(RawResponse(status=status, body=b"", headers=headers))
    with pytest.raises(LagoApiError, match=r"set base_url to where https://evil\.example\.com") as failure:
        await face("customers.find", "cus_1")
    assert failure.value.status_code == status
    assert len(sandbox.requests) == 1


async def test_an_answer_larger_than_allowed_is_not_held(
    new_face: NewFace, settings: Mapping[str, Any], sandbox: Sandbox
) -> None:
    face = await new_face(**settings, max_response_bytes=1_000)
    sandbox.inject(RawResponse(status=200, body=b"x" * 100_000))
    with pytest.raises(LagoDecodeError, match="more than 1000 bytes.*max_response_bytes") as failure:
        await face("customers.find", "cus_1")
    assert len(failure.value.body) == 1_000


async def test_a_closed_client_says_so(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    await face.run(face.client.close)
    await face.run(face.client.close)
    assert face.client.closed
    with pytest.raises(LagoClosedError, match="closed"):
        await face("customers.find", "cus_1")


async def test_closing_ends_the_calls_that_are_under_way(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(Latency(seconds=30), times=None)
    call = asyncio.ensure_future(face("customers.find", "cus_1"))
    while not sandbox.requests:
        await asyncio.sleep(0.005)
    await face.run(face.client.close)
    with pytest.raises(LagoClosedError):
        await call


@pytest.mark.parametrize(
    "fault",
    [
        ServerFailure(status=502, html=True),
        DropConnection(when="before_handling"),
        RawResponse(status=200, body=b"[]"),
        RawResponse(status=401, body=b'{"status":401,"error":"Unauthorized"}'),
        RawResponse(status=200, body=b"x", headers={"Content-Length-X": "1"}),
        RateLimited(limit=1, remaining=0, reset=900),
        TruncatedBody(),
    ],
)
async def test_the_key_is_in_no_log_error_or_traceback(
    face: Face, sandbox: Sandbox, fault: Any, caplog: pytest.LogCaptureFixture
) -> None:
    key = sandbox.api_key
    sandbox.inject(fault, times=None)
    with caplog.at_level(logging.DEBUG):
        try:
            await face("customers.find", "cus_1")
        except Exception as error:  # noqa: BLE001 - every kind is checked
            assert error.__traceback__ is not None
            error.with_traceback(error.__traceback__.tb_next)  # without this frame, whose own `key` would be found
            frames = traceback.TracebackException.from_exception(error, capture_locals=True)
            shown = "".join(frames.format()) + repr(error) + repr(error.__dict__) + repr(face.client)
            assert "transport.py" in shown or "endpoint.py" in shown
            assert key not in shown  # nor in the frames of the HTTP library that are chained to it
            assert key not in pickle.dumps(error).decode("latin-1")
        else:
            pytest.fail("the fault did nothing")
    assert key not in caplog.text


async def test_attempts_are_logged_with_what_one_needs_to_follow_them(
    face: Face, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.inject(ServerFailure(status=503))
    with caplog.at_level(logging.DEBUG, "lago_async"):
        await face("customers.create", {"external_id": "cus_1"})
    lines = [record.getMessage() for record in caplog.records if record.name == "lago_async"]
    assert len(lines) == 3
    assert "POST /customers -> 503" in lines[0]
    assert "create_customer: attempt 1 ended with 503" in lines[1]
    assert "POST /customers -> 200" in lines[2]
    assert sandbox.requests[-1].headers["X-Request-Id"] in lines[2]


async def test_an_error_survives_the_trip_to_another_process(face: Face) -> None:
    with pytest.raises(LagoApiError) as failure:
        await face("customers.find", "nobody")
    error, copy = failure.value, pickle.loads(pickle.dumps(failure.value))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert (copy.code, copy.attempts, copy.headers["X-Request-Id"]) == (error.code, 1, error.request_id)
