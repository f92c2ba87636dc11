"""The pytest plugin and the mixin serve the suite of a program, and cost other suites nothing."""

import os
import re
import subprocess
import sys
import unittest
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import lago_async
import lago_sync
from lago_async.testing import LagoSandboxMixin, client_of, collect_webhooks, running_sandbox

DOCS = Path(__file__).parent.parent / "docs"


INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""


def run_pytest(folder: Path, code: str) -> tuple[str, int]:
    """Run pytest on a module in a process of its own, with warnings as errors, and return what it shows."""
    (folder / "test_it.py").write_text(code)
    (folder / "pytest.ini").write_text(INI)
    plugins = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", *plugins, "test_it.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    return done.stdout + done.stderr, done.returncode


SUITE = """
import asyncio, os, unittest
import pytest
from lago_async import LagoClient
from lago_sync import LagoClient as SyncClient

async def test_async(lago_client, lago_sandbox):
    await lago_client.customers.create({"external_id": "cus_1"})
    assert len(lago_sandbox.requests) == 1

async def test_async_that_leaves_a_call(lago_client):
    asyncio.ensure_future(lago_client.customers.find("nobody"))

async def test_own_client(lago_sandbox):
    async with LagoClient() as client:
        await client.customers.create({"external_id": "cus_1"})

def test_each_test_has_its_own(lago_sync_client):
    assert lago_sync_client.customers.find_all().collect() == []

def test_unused_client(lago_client): ...

@pytest.mark.lago_start("2026-01-01")
def test_naive(lago_sandbox): ...

@pytest.mark.lago_start(2026)
def test_number(lago_sandbox): ...

def test_environment_afterwards():
    assert "LAGO_API_URL" not in os.environ
"""


def test_the_fixtures_serve_a_test_suite_of_a_program(tmp_path: Path) -> None:
    shown, status = run_pytest(tmp_path, SUITE)
    assert status == 1, shown
    assert "6 passed, 2 errors" in shown, shown
    assert shown.count("lago_start takes one time with a time zone") >= 2
    assert "never awaited" not in shown


def test_the_page_on_testing_is_a_test_suite_that_passes(tmp_path: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", (DOCS / "testing.md").read_text(encoding="utf-8"), re.DOTALL))
    shown, status = run_pytest(tmp_path, code)
    assert (status, "4 passed" in shown) == (0, True), shown


def test_other_suites_pay_nothing_for_the_plugin(tmp_path: Path) -> None:
    code = """
import sys
def test_nothing_of_ours_is_imported():
    ours = {name for name in sys.modules if name.partition(".")[0] in {"lago_async", "lago_sync"}}
    assert ours == {"lago_async", "lago_async.version", "lago_async.pytest_plugin"}
"""
    shown, status = run_pytest(tmp_path, code)
    assert status == 0, shown


def test_the_plugin_is_an_entry_point() -> None:
    (found,) = [point for point in entry_points(group="pytest11") if point.name == "lago"]
    assert found.value == "lago_async.pytest_plugin"


def test_a_client_of_the_program_reaches_the_sandbox_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", "the real key")
    monkeypatch.setenv("LAGO_INGEST_URL", "https://ingest.example.com")
    with running_sandbox() as sandbox, lago_sync.LagoClient() as client:
        assert client.base_url == client.ingest_url == f"{sandbox.url}/api/v1"
        assert os.environ["LAGO_API_KEY"] == sandbox.api_key
    assert os.environ["LAGO_API_KEY"] == "the real key"
    assert os.environ["LAGO_INGEST_URL"] == "https://ingest.example.com"


def test_webhooks_are_collected_verified_and_typed() -> None:
    with running_sandbox() as sandbox, collect_webhooks(sandbox) as webhooks:
        assert list(webhooks) == []
        sandbox.perform("create_customer", {"external_id": "cus_1"})
        sandbox.perform("create_customer", {"external_id": "cus_2"})
        assert [len(webhooks), len(webhooks[1:])] == [2, 1]
        assert repr(webhooks) == "<ReceivedWebhooks: customer.created, customer.created>"
        last = webhooks[-1]
        assert isinstance(last, lago_async.webhooks.CustomerCreatedWebhook)
        assert last.payload.external_id == "cus_2"
        assert webhooks.of_type("invoice.created") == []


def test_a_client_that_was_used_on_a_loop_that_has_ended_is_closed() -> None:
    import asyncio

    async def use(client: lago_async.LagoClient) -> None:
        await client.customers.create({"external_id": "cus_1"})

    with running_sandbox() as sandbox, client_of(sandbox) as client:
        asyncio.run(use(client))
        asyncio.run(use(client))
    assert client.closed


class Blocking(LagoSandboxMixin):
    lago_premium = True
    lago_start = datetime(2026, 1, 1, tzinfo=UTC)

    def test_all(self) -> None:
        self.lago_sync_client.customers.create({"external_id": "cus_1", "timezone": "Europe/Paris"})
        assert [webhook.webhook_type for webhook in self.lago_webhooks] == ["customer.created"]
        assert self.lago_sandbox.now == self.lago_start
        assert self.lago_sync_client.customers.find("cus_1").applicable_timezone == "Europe/Paris"


class Asynchronous(LagoSandboxMixin, unittest.IsolatedAsyncioTestCase):
    async def test_all(self) -> None:
        await self.lago_client.customers.create({"external_id": "cus_1"})
        assert len(self.lago_sandbox.requests) == 1
