"""The life cycle of the server: on a loop, on a thread, only once; and its record of requests."""

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from lago_async.sandbox import Latency, Sandbox
from lago_async.sandbox._protocol.wire import Json, JsonObject
from tests.lago_async.sandbox.conftest import Caller, Subscribe


def fetch(sandbox: Sandbox, target: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        f"{sandbox.url}/api/v1{target}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {sandbox.api_key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return json.load(response)


def test_blocking_code_gets_a_thread_that_ends_with_the_block() -> None:
    with Sandbox() as sandbox:
        assert fetch(sandbox, "/customers", {"customer": {"external_id": "cus"}})["customer"]["external_id"] == "cus"
        assert any(thread.name == "lago-sandbox" for thread in threading.enumerate())
    assert not any(thread.name == "lago-sandbox" for thread in threading.enumerate())
    with pytest.raises(urllib.error.URLError):
        fetch(sandbox, "/customers")
    assert sandbox.requests[0].operation == "create_customer"


def test_the_thread_ends_without_waiting_for_a_request_in_flight() -> None:
    """If it did wait, this test would take an hour."""
    failures: list[OSError] = []

    def call() -> None:
        try:
            urllib.request.urlopen(f"{sandbox.url}/api/v1/customers")
        except OSError as error:
            failures.append(error)

    caller = threading.Thread(target=call)
    with Sandbox() as sandbox:
        sandbox.inject(Latency(3600))
        caller.start()
        while not sandbox.requests:
            time.sleep(0.005)
    assert not any(thread.name == "lago-sandbox" for thread in threading.enumerate())
    caller.join()
    assert len(failures) == 1
    assert sandbox.requests[0].status is None


def test_a_port_that_is_taken_is_an_error_where_the_sandbox_is_entered() -> None:
    with Sandbox() as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), Sandbox(port=port):
            pass


async def test_keys_are_random_uuids_unless_given() -> None:
    assert UUID(Sandbox().api_key) != UUID(Sandbox().api_key)
    assert Sandbox(api_key="mine").api_key == "mine"


@pytest.mark.parametrize("host", ["0.0.0.0", "example.com", "::", "192.168.0.1"])
def test_others_on_the_network_are_not_served(host: str) -> None:
    with pytest.raises(ValueError, match="not a loopback address"):
        Sandbox(host=host)


async def test_a_sandbox_has_a_url_only_once_it_runs_and_runs_once() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="has not started"):
        _ = sandbox.url
    async with sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")
    with pytest.raises(RuntimeError, match="entered once"):
        await sandbox.__aenter__()


def test_the_clock_stands_still_unless_advanced() -> None:
    sandbox = Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC))
    assert sandbox.now == sandbox.now == datetime(2026, 1, 1, tzinfo=UTC)
    sandbox.advance(by=timedelta(days=1))
    assert sandbox.now == datetime(2026, 1, 2, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        Sandbox(now=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake


async def test_requests_are_remembered_as_they_arrived(call: Caller, sandbox: Sandbox) -> None:
    await call("GET", "/api/v1//customers/a%2Fb?x[]=1&x[]=2&y=%20")
    request = sandbox.requests[-1]
    assert (request.method, request.raw_path, request.status) == ("GET", "/api/v1//customers/a%2Fb", 404)
    assert request.query == [("x[]", "1"), ("x[]", "2"), ("y", " ")]
    assert (request.operation, request.body) == ("find_customer", b"")
    assert request.headers["authorization"] == f"Bearer {sandbox.api_key}"
    await call.customer()
    assert json.loads(sandbox.requests[-1].body)["customer"] == {"external_id": "cus"}


async def test_only_the_last_requests_are_remembered(session: aiohttp.ClientSession) -> None:
    async with Sandbox(requests_kept=2) as sandbox:
        for number in range(3):
            async with session.get(f"{sandbox.url}/{number}"):
                pass
        assert [request.raw_path for request in sandbox.requests] == ["/1", "/2"]


async def test_connections_are_counted_not_requests(call: Caller, sandbox: Sandbox) -> None:
    await call.get("/customers")
    await call.get("/customers")
    assert sandbox.connections_opened == 1
    async with aiohttp.ClientSession() as other, other.get(sandbox.url):
        pass
    assert sandbox.connections_opened == 2


def test_operations_can_be_performed_without_http() -> None:
    sandbox = Sandbox()
    created: Any = sandbox.perform("create_customer", {"external_id": "cus"})
    assert created["sequential_id"] == 1
    found: Any = sandbox.perform("find_customer", None, "cus")
    assert found["external_id"] == "cus"
    with pytest.raises(ValueError, match="customer_not_found"):
        sandbox.perform("find_customer", None, "no")
    with pytest.raises(LookupError, match="no operation"):
        sandbox.perform("fly")


def test_performing_answers_what_has_no_envelope_too(subscribed: Subscribe) -> None:
    sandbox = Sandbox()
    subscribed(sandbox)
    assert sandbox.perform("delete_all_subscription_alerts", None, "sub") is None
    key: Any = sandbox.perform("fetch_public_key")
    assert key.endswith("\n")
    given: JsonObject = {"expression": "event.properties.a * 2", "event": {"code": "c", "properties": {"a": 2}}}
    assert sandbox.perform("evaluate_billable_metric_expression", given) == {"value": "4.0"}
    assert sandbox.perform("replace_plan_metadata", {}, "plan") == {}


async def test_the_clock_may_be_moved_from_another_thread(
    call: Caller, sandbox: Sandbox, subscribed: Subscribe
) -> None:
    subscribed(sandbox, amount_cents=100)
    thread = threading.Thread(target=sandbox.advance, kwargs={"by": timedelta(days=100)})
    thread.start()
    await call.get("/customers")
    thread.join()
    assert len((await call.past())["usage_periods"]) == 3


def test_the_package_does_not_import_the_sandbox() -> None:
    code = "import sys, lago_async; sys.exit('lago_async.sandbox' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sandbox_starts_without_the_models() -> None:
    script = (
        "import sys\n"
        "from lago_async.sandbox import Sandbox\n"
        "with Sandbox() as sandbox:\n"
        "    sandbox.perform('create_customer', {'external_id': 'cus'})\n"
        "assert not [name for name in sys.modules if name.startswith('lago_async.models')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def calls_made(customers: int, events: int) -> int:
    """Return the number of Python calls for billing a year of usage, which does not depend on the machine's speed."""
    count = 0

    def profile(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        live_through_a_year(customers, events)
    finally:
        sys.setprofile(None)
    return count


def live_through_a_year(customers: int, events: int) -> None:
    sandbox = Sandbox(now=datetime(2025, 1, 1, tzinfo=UTC))
    metrics: dict[str, JsonObject] = {
        "calls": {"aggregation_type": "count_agg"},
        "storage": {"aggregation_type": "sum_agg"},
    }
    charges: list[Json] = []
    for code, fields in metrics.items():
        metric: Any = sandbox.perform(
            "create_billable_metric", {"name": code, "code": code, "field_name": "value", **fields}
        )
        charge: JsonObject = {
            "billable_metric_id": metric["lago_id"],
            "charge_model": "standard",
            "properties": {"amount": "1"},
        }
        charges.append(charge)
    plan: JsonObject = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 100, "amount_currency": "EUR"}
    plan["pay_in_advance"] = False
    sandbox.perform("create_plan", {**plan, "charges": charges})
    for number in range(customers):
        given: JsonObject = {"external_customer_id": f"c{number}", "external_id": f"s{number}", "plan_code": "p"}
        sandbox.perform("create_subscription", given)
    start, step = sandbox.now.timestamp(), 365 * 86400 / events
    for first in range(0, events, 100):
        batch: list[Json] = [
            {
                "transaction_id": str(number),
                "external_subscription_id": f"s{number % customers}",
                "code": "calls" if number % 2 else "storage",
                "timestamp": start + number * step,
                "properties": {"value": number},
            }
            for number in range(first, first + 100)
        ]
        sandbox.perform("create_batch_events", batch)
    sandbox.advance(to=datetime(2026, 1, 1, tzinfo=UTC))
    invoices: Any = sandbox.perform("find_all_customer_invoices", None, f"c{customers - 1}")
    assert len(invoices) == 12


def test_the_work_grows_with_customers_and_events_and_not_with_their_square() -> None:
    less, more = calls_made(20, 2_000), calls_made(80, 8_000)
    assert more / less < 4.4  # four times as much of both; quadratic cost would be sixteen times
