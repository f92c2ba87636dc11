"""``python -m lago_async sandbox`` prints its address, and stops on a signal."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from lago_async.sandbox import DEMO_HISTORY, Sandbox, add_demo_data, main

# A loop in debug mode reports every step that takes a tenth of a second, which depends only on the machine.
SERVE = """
import logging, sys
from lago_async.sandbox import main
logging.getLogger("asyncio").setLevel(logging.ERROR)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_how_to_reach_it_serves_and_stops_cleanly(number):
    arguments = [sys.executable, "-X", "dev", "-W", "error", "-c", SERVE]
    arguments += ["--api-key", "key", "--demo-data", "--now", "2026-06-15"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline().strip() for _ in range(4)]
        url = lines[1].removeprefix("export LAGO_API_URL=")
        request = urllib.request.Request(
            f"{url}/api/v1/customers/acme/past_usage?external_subscription_id=acme-main",
            headers={"Authorization": "Bearer key"},
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            periods = json.load(response)["usage_periods"]
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stderr.read() == ""
    assert url in lines[0]
    assert lines[2] == "export LAGO_API_KEY=key"
    assert [period["from_datetime"][:7] for period in periods] == ["2026-05", "2026-04", "2026-03"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--host", "0.0.0.0"], "not a loopback address"),
        (["--now", "soon"], "not a date or time"),
        (["--demo-data", "0"], "not a number of customers"),
    ],
)
def test_it_refuses_what_it_cannot_do_with_a_reason(arguments, reason, capsys):
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert reason in capsys.readouterr().err


def test_demo_data_has_as_many_customers_as_asked_for():
    until = datetime(2026, 4, 11, tzinfo=UTC)
    with Sandbox(now=until - DEMO_HISTORY) as sandbox:
        add_demo_data(sandbox, until, 12)
        customers: Any = sandbox.perform("find_all_customers")
        assert len(customers) == 12
        invoices: Any = sandbox.perform("find_all_invoices")
        bills = [invoice["total_amount_cents"] for invoice in invoices]
    assert len(bills) == 3 * 12
    assert len(set(bills)) > 12
