"""The webhooks of the sandbox: what happens is told to the endpoints over real HTTP, signed as a Lago server does."""

import asyncio
import base64
import hashlib
import hmac
import http.server
import itertools
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from lago_async.sandbox import Sandbox, WebhookDelivery
from lago_async.sandbox._money.alerts import crossed
from lago_async.sandbox._operations.webhook_payloads import TEMPLATES
from lago_async.sandbox._operations.webhook_types import WEBHOOK_TYPES
from lago_async.sandbox._protocol import signatures
from lago_async.sandbox._state.alerts import Alert
from lago_async.webhooks import WebhookType
from tools.recorded.recordings import ROOT

START = datetime(2026, 1, 1, tzinfo=UTC)
EVENT: dict[str, Any] = {"code": "calls", "external_subscription_id": "sub"}


@attrs.define
class Receiver:
    """An endpoint on loopback: it keeps what it gets, and answers as it is told."""

    url: str = ""
    bodies: list[bytes] = attrs.field(factory=list[bytes])
    headers: list[Mapping[str, str]] = attrs.field(factory=list[Mapping[str, str]])
    statuses: list[int] = attrs.field(factory=list[int])
    hold: asyncio.Event | None = None
    on_webhook: Callable[[], object] | None = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        if self.on_webhook is not None:
            await asyncio.to_thread(self.on_webhook)
        if self.hold is not None:
            await self.hold.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["webhook_type"] for body in self.bodies]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    # The JWT of a webhook is a header as long as the whole body.
    server = web.Server(receiver.handle, max_field_size=1 << 20, max_line_size=1 << 20)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/hooks"
    yield receiver
    listener.close()
    await server.shutdown(0.1)


def listen(sandbox: Sandbox, url: str, **fields: Any) -> Any:
    return sandbox.perform("create_webhook_endpoint", {"webhook_url": url, "signature_algo": "hmac", **fields})


def bill(sandbox: Sandbox, **plan: Any) -> None:
    """Subscribe a customer to a plan with one charge."""
    metric: Any = sandbox.perform(
        "create_billable_metric", {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    )
    charge = {"billable_metric_id": metric["lago_id"], "charge_model": "standard", "properties": {"amount": "1"}}
    fields: dict[str, Any] = {
        "name": "Plan",
        "code": "plan",
        "interval": "monthly",
        "amount_cents": 3100,
        "amount_currency": "EUR",
    }
    sandbox.perform("create_plan", {**fields, "pay_in_advance": False, "charges": [charge], **plan})
    sandbox.perform("create_customer", {"external_id": "cus"})
    sandbox.perform("create_subscription", {"external_customer_id": "cus", "plan_code": "plan", "external_id": "sub"})


async def test_a_webhook_is_posted_with_the_signature_of_its_bytes(receiver: Receiver) -> None:
    async with Sandbox(now=START) as sandbox:
        listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus", "name": "Zoë <&>"})
        await sandbox.webhooks.settled()
        [sent] = sandbox.webhooks
    [body], [headers] = receiver.bodies, receiver.headers
    assert sent.body == body
    assert sent.status == "succeeded"
    assert [attempt.status for attempt in sent.attempts] == [200]
    assert "Zoë \\u003c\\u0026\\u003e".encode() in body  # escaped as in responses
    digest = hmac.digest(sandbox.hmac_key.encode(), body, hashlib.sha256)
    assert headers["X-Lago-Signature"] == base64.b64encode(digest).decode()
    assert headers["X-Lago-Signature-Algorithm"] == "hmac"
    assert headers["X-Lago-Unique-Key"] == sent.unique_key
    assert headers["Content-Type"] == "application/json"
    assert headers.items() >= sent.headers.items()
    assert list(sent.payload) == ["webhook_type", "object_type", "organization_id", "customer"]
    assert sent.object == sent.payload["customer"]


async def test_the_public_key_verifies_a_jwt_that_holds_the_whole_body(receiver: Receiver) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    async with Sandbox(now=START) as sandbox:
        listen(sandbox, receiver.url, signature_algo="jwt")
        bill(sandbox)
        sandbox.advance(by=timedelta(days=31))
        await sandbox.webhooks.settled()
        answered: Any = sandbox.perform("fetch_json_public_key")
        assert base64.b64decode(str(sandbox.perform("fetch_public_key"))) == base64.b64decode(answered["public_key"])
    key = load_pem_public_key(base64.b64decode(answered["public_key"]))
    assert isinstance(key, RSAPublicKey)
    assert "invoice.created" in receiver.types
    for body, headers in zip(receiver.bodies, receiver.headers, strict=True):
        text, _, signature = headers["X-Lago-Signature"].rpartition(".")
        key.verify(base64.urlsafe_b64decode(signature + "=="), text.encode(), PKCS1v15(), SHA256())
        claims = json.loads(base64.urlsafe_b64decode(text.partition(".")[2] + "=="))
        assert claims == {"data": body.decode(), "iss": sandbox.url}


def test_signatures_are_those_of_a_running_lago() -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key((ROOT / "webhooks/public_key.pem").read_bytes())
    assert isinstance(key, RSAPublicKey)
    rows = [json.loads(line) for line in (ROOT / "webhooks/deliveries.ndjson").read_text(encoding="utf-8").splitlines()]
    assert {row["algorithm"] for row in rows} == {"hmac", "jwt"}
    for row in rows:
        body, signature = row["body"].encode(), row["headers"]["X-Lago-Signature"]
        if row["algorithm"] == "hmac":
            assert signatures.hmac_signature(row["hmac_key"], body) == signature
            continue
        text, _, signed = signature.rpartition(".")
        issuer = json.loads(base64.urlsafe_b64decode(text.partition(".")[2] + "=="))["iss"]
        assert signatures.jwt_input(body, issuer) == text
        key.verify(base64.urlsafe_b64decode(signed + "=="), text.encode(), PKCS1v15(), SHA256())


async def test_a_failed_webhook_is_tried_three_times_on_the_clock_of_the_sandbox(receiver: Receiver) -> None:
    receiver.statuses = [500, 301, 203]  # a redirect is not followed, and 203 is not a success
    async with Sandbox(now=START) as sandbox:
        listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus"})
        tried: list[int] = []
        # It waits 3 to 3.15 s, and then 18 to 20.4 s.
        for seconds in (0, 2.9, 0.3, 17.7, 2.7, 1000):
            sandbox.advance(by=timedelta(seconds=seconds))
            await sandbox.webhooks.settled()
            tried.append(len(receiver.bodies))
        assert tried == [1, 1, 2, 2, 3, 3]
        [sent] = sandbox.webhooks
    assert sent.status == "failed"
    assert sent.next_attempt_at is None
    assert [attempt.status for attempt in sent.attempts] == [500, 301, 203]
    first, second = (later.at - earlier.at for earlier, later in itertools.pairwise(sent.attempts))
    assert timedelta(seconds=3) <= first <= timedelta(seconds=3.15)
    assert timedelta(seconds=18) <= second <= timedelta(seconds=20.4)
    assert {headers["X-Lago-Unique-Key"] for headers in receiver.headers} == {sent.unique_key}
    assert len(set(receiver.bodies)) == 1


async def test_one_jump_tries_as_often_as_many_jumps(receiver: Receiver) -> None:
    receiver.statuses = [500, 500, 200]
    async with Sandbox(now=START) as sandbox:
        listen(sandbox, receiver.url, event_types=["subscription.trial_ended"])
        bill(sandbox, trial_period=3)
        sandbox.advance(by=timedelta(days=25))
        await sandbox.webhooks.settled()
        [sent] = sandbox.webhooks
    assert sent.status == "succeeded"
    assert len(sent.attempts) == 3
    assert sent.attempts[0].at == sent.created_at == START + timedelta(days=3)


async def test_an_endpoint_gets_the_types_that_it_names_and_each_webhook_has_a_key_of_its_own(
    receiver: Receiver,
) -> None:
    async with Sandbox(now=START) as sandbox:
        listen(sandbox, f"{receiver.url}/some", event_types=["plan.created", "subscription.started"])
        listen(sandbox, f"{receiver.url}/all", event_types=["*"])
        listen(sandbox, f"{receiver.url}/none", event_types=[])
        bill(sandbox)
        await sandbox.webhooks.settled()
        sent = list(sandbox.webhooks)
    by_url: dict[str, list[str]] = {}
    for webhook in sent:
        by_url.setdefault(webhook.url.rpartition("/")[2], []).append(webhook.type)
    assert by_url == {
        "some": ["plan.created", "subscription.started"],
        "all": ["billable_metric.created", "plan.created", "customer.created", "subscription.started"],
    }
    assert len({webhook.unique_key for webhook in sent}) == len(sent) == len(receiver.bodies)
    assert [webhook.type for webhook in sandbox.webhooks[-1:]] == ["subscription.started"]
    assert sandbox.webhooks[0].type == "billable_metric.created"
    assert [webhook.url for webhook in sandbox.webhooks.of_type("plan.created")] == [
        f"{receiver.url}/some",
        f"{receiver.url}/all",
    ]


async def test_a_retry_goes_to_where_the_endpoint_is_then(receiver: Receiver) -> None:
    receiver.statuses = [500, 200]
    async with Sandbox(now=START) as sandbox:
        endpoint = listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus"})
        await sandbox.webhooks.settled()
        moved: Any = {"webhook_url": f"{receiver.url}/moved", "signature_algo": "jwt"}
        sandbox.perform("update_webhook_endpoint", moved, endpoint["lago_id"])
        sandbox.advance(by=timedelta(seconds=4))
        await sandbox.webhooks.settled()
    assert [headers["X-Lago-Signature-Algorithm"] for headers in receiver.headers] == ["hmac", "jwt"]


async def test_a_deleted_endpoint_gets_no_more_attempts(receiver: Receiver) -> None:
    receiver.statuses = [500]
    async with Sandbox(now=START) as sandbox:
        endpoint = listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus"})
        await sandbox.webhooks.settled()
        sandbox.perform("destroy_webhook_endpoint", None, endpoint["lago_id"])
        sandbox.perform("create_customer", {"external_id": "other"})
        sandbox.advance(by=timedelta(minutes=1))
        await sandbox.webhooks.settled()
        [sent] = sandbox.webhooks
    assert (sent.status, sent.problem) == ("refused", "the endpoint was deleted")
    assert len(receiver.bodies) == 1


async def test_only_this_machine_gets_webhooks_unless_another_host_is_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Sandbox(now=START, webhook_hosts=["hooks.invalid"]) as sandbox:
        for host in ("hooks.example.com", "10.1.2.3", "hooks.invalid"):
            listen(sandbox, f"http://{host}:1/hooks")
        with caplog.at_level(logging.WARNING):
            sandbox.perform("create_customer", {"external_id": "cus"})
            await sandbox.webhooks.settled()
        first, second, allowed = sandbox.webhooks
    assert first.status == second.status == "refused"
    assert first.attempts == ()
    assert first.problem is not None
    assert "'hooks.example.com' is not a loopback address" in first.problem
    assert "Sandbox(webhook_hosts=['hooks.example.com'])" in first.problem
    assert caplog.text.count(first.problem) == 1
    assert allowed.status == "retrying"
    assert allowed.attempts[0].error is not None


async def test_a_jwt_without_cryptography_is_refused_by_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures._private_key.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    async with Sandbox(now=START) as sandbox:
        listen(sandbox, receiver.url)
        listen(sandbox, f"{receiver.url}/jwt", signature_algo="jwt")
        sandbox.perform("create_customer", {"external_id": "cus"})
        await sandbox.webhooks.settled()
        by_hmac, by_jwt = sandbox.webhooks
        with pytest.raises(RuntimeError, match="cryptography"):
            _ = by_jwt.headers
        assert "PUBLIC KEY" in base64.b64decode(str(sandbox.perform("fetch_public_key"))).decode()
    assert by_hmac.status == "succeeded"
    assert by_jwt.status == "refused"
    assert by_jwt.problem is not None
    assert "lago-async[webhooks]" in by_jwt.problem
    assert "signature_algo='hmac'" in by_jwt.problem


async def test_a_slow_endpoint_holds_up_neither_requests_nor_the_end_of_the_sandbox(receiver: Receiver) -> None:
    receiver.hold = asyncio.Event()
    async with Sandbox(now=START) as sandbox:
        listen(sandbox, receiver.url)
        for number in range(30):
            sandbox.perform("create_customer", {"external_id": f"cus_{number}"})
        sandbox.advance(by=timedelta(days=40))
        assert len(sandbox.webhooks) == 30
    tasks = [task for task in asyncio.all_tasks() if "WebhookSender" in repr(task)]
    assert tasks == []
    assert {webhook.status for webhook in sandbox.webhooks} == {"pending"}
    assert len(receiver.bodies) <= 8
    receiver.hold.set()


async def test_an_endpoint_may_ask_the_sandbox_while_it_is_told(receiver: Receiver) -> None:
    async with Sandbox(now=START) as sandbox:
        found: list[Any] = []
        receiver.on_webhook = lambda: found.append(sandbox.perform("find_customer", None, "cus"))
        listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus"})
        await sandbox.webhooks.settled()
        assert found[0]["external_id"] == "cus"


def test_a_sandbox_on_its_own_thread_sends_too() -> None:
    got: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with Sandbox(now=START) as sandbox:
            listen(sandbox, f"http://localhost:{server.server_address[1]}/")
            bill(sandbox)
            sandbox.advance(by=timedelta(days=31))
            sandbox.webhooks.wait_until_settled()
            sent = list(sandbox.webhooks)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert {webhook.status for webhook in sent} == {"succeeded"}
    assert len(got) == len(sent) == 6


async def test_waiting_on_the_loop_that_sends_is_refused() -> None:
    async with Sandbox(now=START) as sandbox:
        with pytest.raises(RuntimeError, match="settled"):
            sandbox.webhooks.wait_until_settled()
    sandbox.webhooks.wait_until_settled()  # nothing is sent any more
    await sandbox.webhooks.settled()


def test_without_an_endpoint_nothing_is_rendered() -> None:
    sandbox = Sandbox(now=START)
    bill(sandbox)
    sandbox.advance(by=timedelta(days=70))
    assert len(sandbox.webhooks) == 0
    listen(sandbox, "http://127.0.0.1:1/")
    sandbox.advance(by=timedelta(days=1))
    assert [webhook.type for webhook in sandbox.webhooks] == []  # what is overdue already is not told
    sandbox.advance(by=timedelta(days=30))
    assert [webhook.type for webhook in sandbox.webhooks] == [
        "invoice.created",
        "invoice.generated",
        "invoice.payment_overdue",
    ]


def test_a_webhook_shows_what_it_tells_as_it_was_then() -> None:
    sandbox = Sandbox(now=START)
    listen(sandbox, "http://127.0.0.1:1/")
    bill(sandbox)
    sandbox.advance(by=timedelta(days=90))
    created, generated, overdue = (
        sandbox.webhooks.of_type(f"invoice.{name}")[0] for name in ("created", "generated", "payment_overdue")
    )

    def told(webhook: WebhookDelivery) -> tuple[bool, bool]:
        invoice: Any = webhook.object
        return invoice["payment_overdue"], invoice["file_url"] is not None

    assert created.created_at == generated.created_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert overdue.created_at == datetime(2026, 2, 2, tzinfo=UTC)
    assert [told(webhook) for webhook in (created, generated, overdue)] == [(False, False), (False, True), (True, True)]


def test_an_operation_that_is_refused_tells_nothing() -> None:
    sandbox = Sandbox(now=START)
    listen(sandbox, "http://127.0.0.1:1/")
    with pytest.raises(ValueError, match="422"):
        sandbox.perform("create_customer", {"external_id": "cus", "currency": "XXXX"})
    with pytest.raises(ValueError, match="404"):
        sandbox.perform("create_subscription", {"external_customer_id": "c", "plan_code": "no", "external_id": "s"})
    assert list(sandbox.webhooks) == []


def test_every_type_that_is_sent_is_one_that_endpoints_can_name() -> None:
    assert set(TEMPLATES) <= WEBHOOK_TYPES


def test_an_alert_that_is_crossed_is_told() -> None:
    sandbox = Sandbox(now=START, premium=True)
    listen(sandbox, "http://127.0.0.1:1/", event_types=["alert.triggered"])
    bill(sandbox)
    thresholds = [{"code": "soon", "value": "200"}, {"code": "again", "value": "100", "recurring": True}]
    alert: Any = {"alert_type": "current_usage_amount", "code": "usage", "thresholds": thresholds}
    sandbox.perform("create_subscription_alert", [alert], "sub")
    for number in range(4):
        sandbox.perform("create_event", {**EVENT, "transaction_id": str(number)})
    told: list[Any] = [webhook.object for webhook in sandbox.webhooks]
    assert [(one["previous_value"], one["current_value"]) for one in told] == [
        ("100.0", "200.0"),
        ("200.0", "300.0"),
        ("300.0", "400.0"),
    ]
    assert [[crossing["value"] for crossing in one["crossed_thresholds"]] for one in told] == [
        ["200.0"],
        ["300.0"],
        ["300.0", "400.0"],  # the server counts the step that was reached last once more
    ]


@given(
    st.lists(st.integers(-20, 20), min_size=2, max_size=6),
    st.sets(st.integers(-20, 20), min_size=1, max_size=3),
    st.none() | st.integers(1, 5),
    st.booleans(),
)
def test_what_one_look_crosses_is_what_many_looks_cross(
    values: list[int], single: set[int], step: int | None, falling: bool
) -> None:
    path = sorted(values, reverse=falling)
    thresholds: list[Any] = [{"code": "one", "value": str(value), "recurring": False} for value in single]
    # The server's steps below zero go the other way for what falls; only the rising ones are compared.
    if step is not None and not falling:
        thresholds.append({"code": "again", "value": str(step), "recurring": True})
    alert = Alert(
        created_at=START, code="a", name=None, alert_type="current_usage_amount", metric=None, thresholds=thresholds
    )

    def seen(before: int, after: int) -> list[tuple[Any, Any]]:
        found = crossed(alert, Decimal(before), Decimal(after), falling=falling)
        return [(item["value"], item["recurring"]) for item in found if not item["recurring"]]

    at_once = seen(path[0], path[-1])
    one_by_one = [item for before, after in itertools.pairwise(path) for item in seen(before, after)]
    assert sorted(at_once) == sorted(one_by_one)


async def test_copies_and_saved_worlds_go_on_with_what_waits(receiver: Receiver, tmp_path: Path) -> None:
    receiver.statuses = [500]
    async with Sandbox(now=START, hmac_key="the-key") as sandbox:
        listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus"})
        await sandbox.webhooks.settled()
        sandbox.save(tmp_path / "world")
        forked, opened = sandbox.fork(), Sandbox.open(tmp_path / "world")
        assert b"the-key" not in (tmp_path / "world").read_bytes()
        assert forked.hmac_key == "the-key" != opened.hmac_key
        for other in (forked, opened):
            async with other:
                other.advance(by=timedelta(seconds=4))
                await other.webhooks.settled()
                assert [attempt.status for attempt in other.webhooks[0].attempts] == [500, 200]
        assert [webhook.status for webhook in sandbox.webhooks] == ["retrying"]
        sandbox.reset()
        assert list(sandbox.webhooks) == []


async def test_a_clock_that_runs_tries_again_by_itself(receiver: Receiver) -> None:
    receiver.statuses = [500, 200]
    again = asyncio.Event()
    loop = asyncio.get_running_loop()
    receiver.on_webhook = lambda: loop.call_soon_threadsafe(again.set) if len(receiver.bodies) > 1 else None
    async with Sandbox(now=START, clock_speed=1000) as sandbox:
        listen(sandbox, receiver.url)
        sandbox.perform("create_customer", {"external_id": "cus"})
        await asyncio.wait_for(again.wait(), 20)


def test_keys_are_in_no_repr() -> None:
    sandbox = Sandbox(now=START, hmac_key="the-hmac-key")
    listen(sandbox, "http://127.0.0.1:1/")
    sandbox.perform("create_customer", {"external_id": "cus"})
    assert sandbox.hmac_key == "the-hmac-key"
    shown = f"{sandbox!r} {sandbox.webhooks!r} {sandbox.webhooks[0]!r} {sandbox._store!r} {sandbox._store.outbox!r}"
    assert "the-hmac-key" not in shown


def test_endpoints_choose_from_the_types_that_are_sent_one_of_which_has_another_name_there() -> None:
    assert set(get_args(WebhookType)) - WEBHOOK_TYPES == {"credit_note.refund_failure"}
    assert WEBHOOK_TYPES - set(get_args(WebhookType)) == {"credit_note.provider_refund_failure"}
