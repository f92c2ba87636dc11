"""``python -m lago_async sandbox`` prints its address, and stops on a signal."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from http.client import HTTPMessage
from pathlib import Path
from signal import Signals
from typing import Any

import pytest

from lago_async.sandbox import DEMO_HISTORY, Sandbox, add_demo_data, main
from lago_async.sandbox._command import _parser

# A loop in debug mode reports every step that takes a tenth of a second, which depends only on the machine.
SERVE = """
import logging, sys
from lago_async.sandbox import main
logging.getLogger("asyncio").setLevel(logging.ERROR)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_how_to_reach_it_serves_and_stops_cleanly(number: Signals) -> None:
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
        (["--clock", "fast"], "use fixed, real, or x60"),
        (["--clock", "x0"], "use fixed, real, or x60"),
        (["--clock", "60"], "use fixed, real, or x60"),
        (["--clock", "x1e9"], "use fixed, real, or x60"),
        (["--feature", "flying"], "order_forms"),
        (["--world", "a.world", "--now", "2026-01-01"], "leave out --now"),
        (["--world", "a.world", "--premium"], "leave out --now, --premium"),
        (["--world", "a.world", "--feature", "order_forms"], "--feature"),
        (["--world", "a.world", "--demo-data"], "and --demo-data"),
    ],
)
def test_it_refuses_what_it_cannot_do_with_a_reason(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert reason in capsys.readouterr().err


def test_the_page_has_every_option() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    options = {name for action in _parser()._actions for name in action.option_strings if name.startswith("--")}
    assert {name for name in options if f"`{name}" not in page} == {"--help"}


def control(url: str, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[HTTPMessage, Any]:
    request = urllib.request.Request(
        f"{url}/_sandbox{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer key"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.headers, json.load(response)


def served(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Run the command in this thread; yield the sandbox that it serves, and stop it afterwards."""
    sandboxes: list[Sandbox] = []
    told: list[str] = []
    enter = Sandbox.__aenter__

    async def entered(self: Sandbox) -> Sandbox:
        sandboxes.append(await enter(self))
        return self

    def said(text: str) -> None:
        told.append(text)
        raise KeyboardInterrupt

    monkeypatch.setattr(Sandbox, "__aenter__", entered)
    monkeypatch.setattr("lago_async.sandbox._command.say", said)
    assert main(arguments) == 0
    assert sandboxes[0].url in told[0]
    return sandboxes[0]


@pytest.mark.parametrize(
    ("clock", "speed"), [([], 0), (["--clock", "fixed"], 0), (["--clock", "real"], 1), (["--clock", "x2.5"], 2.5)]
)
def test_the_clock_runs_as_the_command_says(clock: list[str], speed: float, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = served(["--now", "2026-06-15", *clock], monkeypatch)
    assert sandbox.clock_speed == speed
    assert sandbox.now.date().isoformat() == "2026-06-15"


def test_licence_features_and_key_are_those_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = served(["--premium", "--feature", "order_forms", "--api-key", "mine"], monkeypatch)
    assert sandbox.api_key == "mine"
    assert sandbox._store.premium
    assert sandbox._store.feature_flags == {"order_forms"}
    plain = served([], monkeypatch)
    assert not plain._store.premium
    assert plain._store.feature_flags == set()


def test_a_saved_world_is_served_and_a_broken_one_is_an_error_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = Sandbox(now=datetime(2026, 3, 1, tzinfo=UTC), premium=True)
    world.perform("create_customer", {"external_id": "cus"})
    path = tmp_path / "a.world"
    world.save(path)
    sandbox = served(["--world", str(path)], monkeypatch)
    assert sandbox.now == world.now
    assert sandbox.perform("find_customer", None, "cus")
    path.write_text("{}", encoding="utf-8")
    assert main(["--world", str(path)]) == 1
    assert main(["--world", str(tmp_path / "none")]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "not a world that a sandbox saved" in first
    assert "No such file" in second


def test_a_process_is_controlled_over_http_and_has_rate_limits() -> None:
    arguments = [sys.executable, "-c", SERVE, "--api-key", "key", "--now", "2026-06-15", "--rate-limits"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3]
        _, clock = control(url, "POST", "/clock/advance", {"days": 1})
        request = urllib.request.Request(f"{url}/api/v1/taxes", headers={"Authorization": "Bearer key"})
        with urllib.request.urlopen(request, timeout=5) as response:
            assert response.headers["x-ratelimit-limit"] == "50"
        process.terminate()
        assert process.wait(5) == 0
    assert clock == {"now": "2026-06-16T00:00:00+00:00", "speed": 0.0}


def test_demo_data_has_as_many_customers_as_asked_for() -> None:
    until = datetime(2026, 4, 11, tzinfo=UTC)
    with Sandbox(now=until - DEMO_HISTORY) as sandbox:
        add_demo_data(sandbox, until, 12)
        customers: Any = sandbox.perform("find_all_customers")
        assert len(customers) == 12
        invoices: Any = sandbox.perform("find_all_invoices")
        bills = [invoice["total_amount_cents"] for invoice in invoices]
    assert len(set(bills)) > 12


def test_demo_data_of_many_customers_look_like_a_business_and_are_the_same_every_time() -> None:
    until = datetime(2026, 4, 11, tzinfo=UTC)
    worlds: list[list[Any]] = []
    for _ in range(2):
        with Sandbox(now=until - DEMO_HISTORY) as sandbox:
            add_demo_data(sandbox, until, 60)
            names: Any = sandbox.perform("find_all_customers")
            found: Any = sandbox.perform("find_all_invoices")
            plans: Any = sandbox.perform("find_all_plans")
            ended: Any = sandbox.perform("find_all_subscriptions", {"status": ["terminated"], "per_page": 100})
        assert len({customer["name"] for customer in names}) == len(names) == 60
        fields = ("issuing_date", "currency", "total_amount_cents")
        worlds.append(sorted([invoice["customer"]["external_id"], *map(invoice.get, fields)] for invoice in found))
    bills = worlds[0]
    assert bills == worlds[1]
    assert len({plan["code"] for plan in plans}) == 4
    billed = {
        currency: sorted((sum(bill[3] for bill in bills if bill[0] == customer), customer) for customer in customers)
        for currency in ("EUR", "USD")
        for customers in [{bill[0] for bill in bills if bill[2] == currency}]
    }
    # A few large customers and a long tail.
    amounts = [amount for amount, _ in billed["EUR"]]
    assert sum(amounts[-5:]) > 0.4 * sum(amounts)
    assert amounts[-1] > 10 * amounts[len(amounts) // 2]
    assert len(billed["USD"]) >= 5
    # Some leave and some upgrade, the price of a plan changes, and use grows and shrinks.
    assert len(ended) >= 4
    assert {plan["amount_cents"] for plan in plans if plan["code"] == "growth"} == {5_900}
    assert len({len([bill for bill in bills if bill[0] == customer]) for customer in {bill[0] for bill in bills}}) > 1
