"""Every example runs as its reader would run it."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from lago_async import LagoClient as AsyncClient
from lago_async.sandbox import DEMO_CUSTOMER, DEMO_HISTORY, DEMO_SUBSCRIPTION, RateLimits, Sandbox, add_demo_data
from lago_sync import LagoClient
from lago_sync.usage import export

ROOT = Path(__file__).parent.parent
NOT_LAGO = {name: value for name, value in os.environ.items() if not name.startswith("LAGO_")}


def run(*command: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=ROOT,
        env={**NOT_LAGO, "COLUMNS": "120", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return done.stdout


def test_the_demo_bills_a_year_and_shows_the_largest_bills() -> None:
    shown = run("examples/bulk_past_usage.py", "--customers", "15", "--concurrency", "4")
    assert "embedded sandbox" in shown
    assert "Largest bills of the last twelve periods" in shown
    assert "180 periods of 15 subscriptions" in shown
    assert all(step in shown for step in ("creating customers", "sending a year of events", "fetching past usage"))


@pytest.fixture
def billed() -> Iterator[Sandbox]:
    """Serve a Lago with a customer and billed periods in this process."""
    with Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC)) as sandbox:
        add_demo_data(sandbox, datetime(2026, 4, 11, tzinfo=UTC))
        yield sandbox


def test_the_demo_only_reads_from_a_lago_that_the_environment_names(billed: Sandbox) -> None:
    shown = run("examples/bulk_past_usage.py", LAGO_API_KEY=billed.api_key, LAGO_API_URL=billed.url)
    assert "nothing is created there" in shown
    assert DEMO_CUSTOMER in shown
    assert "3 periods of 1 subscriptions" in shown
    assert {request.method for request in billed.requests} == {"GET"}


def test_the_demo_counts_an_invoice_of_two_subscriptions_once() -> None:
    with Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC)) as sandbox:
        plan: dict[str, Any] = {
            "name": "Plan", "code": "plan", "interval": "monthly", "amount_cents": 2160, "amount_currency": "EUR",
            "pay_in_advance": False,
        }  # fmt: skip
        sandbox.perform("create_plan", plan)
        sandbox.perform("create_customer", {"external_id": "acme", "currency": "EUR"})
        for name in ("one", "two"):
            sandbox.perform(
                "create_subscription", {"external_customer_id": "acme", "external_id": name, "plan_code": "plan"}
            )
        sandbox.advance(to=datetime(2026, 2, 2, tzinfo=UTC))
        shown = run("examples/bulk_past_usage.py", LAGO_API_KEY=sandbox.api_key, LAGO_API_URL=sandbox.url)
        assert ("43.20 EUR" in shown, "86.40" in shown) == (True, False)
        (invoice,) = cast("Any", sandbox.perform("find_all_invoices"))
        sandbox.perform("void_invoice", None, invoice["lago_id"])
        assert "43.20" not in run("examples/bulk_past_usage.py", LAGO_API_KEY=sandbox.api_key, LAGO_API_URL=sandbox.url)


def test_blocking_code_on_many_threads() -> None:
    shown = run("examples/legacy_sync.py", "--threads", "8")
    assert "40 customers on 8 threads" in shown
    assert "over 1 background thread" in shown
    assert "404 customer_not_found: find_customer 'nobody'" in shown


def test_blocking_code_only_reads_from_a_lago_that_the_environment_names(billed: Sandbox) -> None:
    shown = run("examples/legacy_sync.py", LAGO_API_KEY=billed.api_key, LAGO_API_URL=billed.url)
    assert "1 customers on 16 threads" in shown
    assert {request.method for request in billed.requests} == {"GET"}


def test_shards_on_a_cluster_make_the_file_that_one_process_makes(tmp_path: Path) -> None:
    until = datetime(2026, 4, 11, tzinfo=UTC)
    with Sandbox(now=until - DEMO_HISTORY, rate_limits=RateLimits(others=100)) as sandbox:
        add_demo_data(sandbox, until, customers=20)
        settings = {"LAGO_API_KEY": sandbox.api_key, "LAGO_API_URL": sandbox.url}
        merged, alone = tmp_path / "merged.ndjson", tmp_path / "alone.ndjson"
        options = ("--workers", "2", "--shards", "4", "--out", str(merged))
        shown = run("examples/distributed_past_usage.py", *options, **settings)
        assert "4 of 4 shards" in shown
        assert "20 subscriptions from 4 shards" in shown
        assert not any(request.status == 429 for request in sandbox.requests)
        with LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            export(client, alone, names=False)
    assert sorted(merged.read_bytes().splitlines()) == sorted(alone.read_bytes().splitlines())
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("merged")) == [
        "merged.ndjson",
        "merged.ndjson.journal",
    ]


@pytest.fixture
def service(billed: Sandbox, tmp_path: Path) -> Iterator[str]:
    """Serve the service on a real uvicorn."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "examples.fastapi_service:app",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ],
        cwd=ROOT,
        env={
            **NOT_LAGO,
            "LAGO_API_KEY": billed.api_key,
            "LAGO_API_URL": billed.url,
            "SERVICE_DATA": str(tmp_path),
            "PYTHONPATH": str(ROOT),
        },
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(20) in (0, -15)


async def test_a_service_awaits_the_client_it_opened_at_its_start(service: str, billed: Sandbox) -> None:
    async with aiohttp.ClientSession(service) as session:
        async with session.post("/customers", json={"id": "a/b@c.d", "name": "New"}) as created:
            assert created.status == 201
            assert (await created.json())["id"] == "a/b@c.d"
        async with session.get(f"/customers/{DEMO_CUSTOMER}/bill?subscription={DEMO_SUBSCRIPTION}") as found:
            bill = await found.json()
            assert (found.status, bill["currency"]) == (200, "EUR")
            assert bill["last_cents"] > 0
        async with session.get("/customers/nobody/bill?subscription=none") as missing:
            assert missing.status == 404
            assert (await missing.json())["error"] == "resource_not_found"
        async with session.get(f"/customers/{DEMO_CUSTOMER}/bill?subscription=none") as refused:
            assert refused.status == 405
    assert billed.connections_opened == 1


async def test_a_service_says_which_field_of_usage_is_wrong_and_keeps_the_time_of_a_repeat(
    service: str, billed: Sandbox
) -> None:
    usage = {"id": "u-1", "at": "2026-03-01T12:00:00Z", "subscription": DEMO_SUBSCRIPTION, "metric": "api_calls"}
    usage["value"] = "1"
    async with aiohttp.ClientSession(service) as session:
        for wrong, field in ({"metric": " "}, "code"), ({"id": "a\0"}, "transaction_id"), ({"at": "1999"}, "at"):
            async with session.post("/usage", json={**usage, **wrong}) as response:
                assert response.status == 422
                assert field in await response.text()
        async with session.post("/usage", json={**usage, "at": "1999-01-01T00:00:00Z"}) as response:
            assert (response.status, "timestamp" in await response.text()) == (422, True)
        for _ in range(2):
            async with session.post("/usage", json=usage) as response:
                assert response.status == 202
    async with AsyncClient(api_key=billed.api_key, base_url=billed.url) as client, asyncio.timeout(60):
        while not (sent := [event async for event in client.events.find_all() if event.transaction_id == "u-1"]):
            await asyncio.sleep(0.05)
    assert [event.timestamp for event in sent] == [datetime(2026, 3, 1, 12, tzinfo=UTC)]
