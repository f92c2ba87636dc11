"""The service of the examples, killed under load: all acknowledged usage is counted, and all webhooks are handled."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lago_async.sandbox import Sandbox
from lago_sync import LagoClient

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
NOT_LAGO = {name: value for name, value in os.environ.items() if not name.startswith(("LAGO_", "SERVICE_"))}
EVENTS = 400
WAIT = 100.0  # seconds


def happens(condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    until = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


class Service:
    """The service on one port, which is killed and started again."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.folder = folder
        self._environment = {
            **NOT_LAGO,
            "LAGO_API_KEY": sandbox.api_key,
            "LAGO_API_URL": sandbox.url,
            "SERVICE_DATA": str(folder),
            "SERVICE_HMAC_KEY": sandbox.hmac_key,
            "PYTHONPATH": str(ROOT),
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "examples.fastapi_service:app", "--log-level", "warning"]
        self._process = subprocess.Popen([*command, "--port", str(self.port)], cwd=ROOT, env=self._environment)

    def is_up(self) -> bool:
        assert self._process.poll() is None
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(30)

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(60)

    def effects(self) -> list[str]:
        if not (self.folder / "effects.db").exists():
            return []
        with closing(sqlite3.connect(self.folder / "effects.db", timeout=30)) as database:
            try:
                return [key for (key,) in database.execute("SELECT key FROM effects")]
            except sqlite3.OperationalError:
                return []  # the file exists, and its table is being made


@pytest.mark.timeout(300)
def test_a_service_that_is_killed_under_load_loses_no_usage_and_no_webhook(tmp_path: Path) -> None:
    with Sandbox() as sandbox, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        service = Service(sandbox, tmp_path / "data")
        client.billable_metrics.create(
            {"name": "Calls", "code": "calls", "aggregation_type": "sum_agg", "field_name": "value"}
        )
        client.plans.create({
            "name": "P", "code": "p", "interval": "monthly", "amount_cents": 0, "amount_currency": "EUR",
            "pay_in_advance": False,
        })  # fmt: skip
        client.customers.create({"external_id": "payer", "currency": "EUR"})
        client.subscriptions.create({"external_customer_id": "payer", "plan_code": "p", "external_id": "sub"})
        client.webhook_endpoints.create(
            {"webhook_url": f"http://127.0.0.1:{service.port}/webhooks/lago", "signature_algo": "hmac"}
        )
        service.start()
        happens(service.is_up)
        acknowledged = tmp_path / "acknowledged"
        with acknowledged.open("wb") as out:
            load = subprocess.Popen(
                [sys.executable, "-m", "tests.usage_load", f"http://127.0.0.1:{service.port}", str(EVENTS)],
                cwd=ROOT,
                env=NOT_LAGO,
                stdout=out,
            )
        try:
            for part in (EVENTS // 3, 2 * EVENTS // 3):
                happens(lambda part=part: acknowledged.read_bytes().count(b"\n") >= part)  # type: ignore[misc]
                service.kill()
                service.start()
            assert load.wait(WAIT) == 0
            sandbox.webhooks.wait_until_settled()
            for _ in range(2):  # the second and the third attempt of webhooks that met no service
                sandbox.advance(by=timedelta(seconds=30))
                sandbox.webhooks.wait_until_settled()
            expected = {webhook.unique_key for webhook in sandbox.webhooks}
            assert {webhook.status for webhook in sandbox.webhooks} == {"succeeded"}
            happens(lambda: set(service.effects()) == expected)
        finally:
            load.kill()
            load.wait()
            code = service.stop()
        assert code in (0, -15)
        counted = Counter(event.transaction_id for event in client.events.find_all())
        assert counted == Counter(f"event-{index}" for index in range(EVENTS))
        assert Counter(service.effects()) == Counter(expected)
        assert sum(webhook.type == "customer.created" for webhook in sandbox.webhooks) == EVENTS // 20
