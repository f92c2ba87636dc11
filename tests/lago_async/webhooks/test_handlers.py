"""A delivery is handled once, whatever is repeated, fails or dies; and its status makes Lago repeat what has failed."""

import asyncio
import json
import logging
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import anyio
import pytest

import lago_async.webhooks
import lago_sync.webhooks
from lago_async import LagoArgumentError, LagoConfigError
from lago_async.webhooks import (
    DeliveryStore,
    MemoryDeliveryStore,
    SqliteDeliveryStore,
    Webhook,
)
from tests.lago_async.webhooks.deliveries import Delivery, deliveries
from tests.lago_async.webhooks.test_verification import KEYS, Face, jwt, pem

BY_TYPE = {each.webhook_type: each for each in deliveries() if each.hmac_key is not None}
CREATED = BY_TYPE["customer.created"]


class Hooks:
    """Handlers of one face, and what they were called with."""

    def __init__(self, kind: str, delivery: Delivery = CREATED, **settings: Any) -> None:
        self.blocking = kind == "blocking"
        self.calls: list[Webhook] = []
        self.failure: BaseException | None = None
        self.now = 1e9
        package: Any = lago_sync.webhooks if self.blocking else lago_async.webhooks
        verifier = package.WebhookVerifier(hmac_key=delivery.hmac_key, max_body_bytes=100_000)
        self.hooks = package.WebhookHandlers(verifier, clock=lambda: self.now, **settings)

    @property
    def handler(self) -> Callable[[Any], Any]:
        def handle(webhook: Webhook) -> None:
            self.calls.append(webhook)
            if self.failure is not None:
                raise self.failure

        async def later(webhook: Webhook) -> None:
            handle(webhook)

        return handle if self.blocking else later

    async def handle(self, body: bytes, headers: dict[str, str]) -> int:
        status = self.hooks.handle(body, headers)
        return int(status if self.blocking else await status)


@pytest.fixture(params=["async", "blocking"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DeliveryStore:
    return MemoryDeliveryStore() if request.param == "memory" else SqliteDeliveryStore(tmp_path / "deliveries.db")


async def test_a_delivery_goes_to_its_handler_once(kind: str, store: DeliveryStore) -> None:
    made = Hooks(kind, store=store)
    assert made.hooks.on("customer.created")(made.handler) is not None
    for _ in range(3):
        assert await made.handle(CREATED.body, CREATED.headers) == 200
    (webhook,) = made.calls
    assert webhook.webhook_type == "customer.created"
    assert await made.handle(CREATED.body, CREATED.headers | {"X-Lago-Unique-Key": "another"}) == 200
    assert len(made.calls) == 2


async def test_a_handler_that_fails_makes_lago_deliver_again(
    kind: str, store: DeliveryStore, caplog: pytest.LogCaptureFixture
) -> None:
    made = Hooks(kind, store=store)
    made.hooks.on("customer.created")(made.handler)
    made.failure = RuntimeError("out of order")
    for _ in range(2):
        assert await made.handle(CREATED.body, CREATED.headers) == 500
    assert "the handler of customer.created has failed" in caplog.text
    assert "out of order" in caplog.text
    made.failure = None
    for _ in range(2):
        assert await made.handle(CREATED.body, CREATED.headers) == 200
    assert len(made.calls) == 3


async def test_a_handler_that_is_cancelled_or_interrupted_gives_its_delivery_back(
    kind: str, store: DeliveryStore
) -> None:
    made = Hooks(kind, store=store)
    made.hooks.on("customer.created")(made.handler)
    made.failure = KeyboardInterrupt() if kind == "blocking" else asyncio.CancelledError()
    with pytest.raises(type(made.failure)):
        await made.handle(CREATED.body, CREATED.headers)
    made.failure = None
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    assert len(made.calls) == 2


async def test_two_deliveries_of_one_key_at_once_are_handled_once(store: DeliveryStore) -> None:
    made = Hooks("async", store=store)
    entered, go_on = asyncio.Event(), asyncio.Event()
    calls = 0

    async def slow(webhook: Webhook) -> None:
        nonlocal calls
        calls += 1
        entered.set()
        await go_on.wait()

    made.hooks.on("customer.created")(slow)
    first = asyncio.create_task(made.handle(CREATED.body, CREATED.headers))
    await entered.wait()
    assert await made.handle(CREATED.body, CREATED.headers) == 409
    go_on.set()
    assert await first == 200
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    assert calls == 1


class OnThreads:
    """A store that the handlers do not know, so that they call it on worker threads."""

    def __init__(self, store: DeliveryStore) -> None:
        self.claim, self.complete, self.release = store.claim, store.complete, store.release


class SlowStore(MemoryDeliveryStore):
    """A store of which one method waits until the test lets it continue."""

    def __init__(self, slow: str) -> None:
        super().__init__()
        self.slow = slow
        self.entered, self.go_on = threading.Event(), threading.Event()

    def _wait(self, name: str) -> None:
        if name == self.slow:
            self.entered.set()
            assert self.go_on.wait(60)

    def claim(self, key: str, /) -> Any:
        self._wait("claim")
        return super().claim(key)

    def complete(self, key: str, /) -> None:
        self._wait("complete")
        super().complete(key)

    def release(self, key: str, /) -> None:
        self._wait("release")
        super().release(key)


@pytest.mark.parametrize("scope", ["task", "anyio"])
@pytest.mark.parametrize(("slow", "calls"), [("claim", 1), ("release", 2), ("complete", 1)])
async def test_a_delivery_that_is_cancelled_while_the_store_works_is_not_lost(
    slow: str, calls: int, scope: str
) -> None:
    """If it kept its claim, Lago's repeats would be refused until Lago gives up."""
    store = SlowStore(slow)
    made = Hooks("async", store=OnThreads(store))
    made.hooks.on_other(made.handler)
    made.failure = RuntimeError("x") if slow == "release" else None
    cancel = anyio.CancelScope()

    async def handle() -> None:
        with cancel if scope == "anyio" else nullcontext():
            await made.handle(CREATED.body, CREATED.headers)

    task = asyncio.create_task(handle())
    await asyncio.to_thread(store.entered.wait, 60)
    for _ in range(2):  # some servers do it twice
        (cancel if scope == "anyio" else task).cancel()
        await asyncio.sleep(0)
    assert not task.done()
    store.go_on.set()
    await asyncio.wait([task])
    assert task.cancelled() == (scope == "task")
    made.failure = None
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    assert len(made.calls) == calls


async def test_a_store_that_fails_after_the_handler_is_logged_and_changes_no_answer(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(MemoryDeliveryStore):
        def complete(self, key: str, /) -> None:
            raise OSError("no space left")

        release = complete

    made = Hooks(kind, store=OnThreads(Broken()))
    made.hooks.on_other(made.handler)
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    assert "a webhook was handled, which could not be stored" in caplog.text
    made.failure = RuntimeError("out of order")
    assert await made.handle(CREATED.body, CREATED.headers | {"X-Lago-Unique-Key": "other"}) == 500
    assert "out of order" in caplog.text
    assert "a webhook could not be given back" in caplog.text


async def test_a_handler_that_fails_gives_its_delivery_back_on_another_thread(tmp_path: Path) -> None:
    """Disks and networks take their time, which the event loop must not wait for."""
    threads: list[threading.Thread] = []

    class Watched(SqliteDeliveryStore):
        def release(self, key: str, /) -> None:
            threads.append(threading.current_thread())
            super().release(key)

    made = Hooks("async", store=Watched(tmp_path / "deliveries.db"))
    made.hooks.on_other(made.handler)
    made.failure = RuntimeError("x")
    assert await made.handle(CREATED.body, CREATED.headers) == 500
    assert len(threads) == 1
    assert threads != [threading.current_thread()]


async def test_webhooks_without_a_handler_are_accepted_or_go_to_the_one_for_others(kind: str) -> None:
    made = Hooks(kind)
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    made.hooks.on("customer.updated")(made.handler)
    made.hooks.on_other(made.handler)
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    assert [webhook.webhook_type for webhook in made.calls] == ["customer.created"]


async def test_every_refusal_has_its_status_and_calls_no_handler(kind: str) -> None:
    made = Hooks(kind)
    made.hooks.on_other(made.handler)
    body, headers = CREATED.body, CREATED.headers
    without_key = {name: value for name, value in headers.items() if name != "X-Lago-Unique-Key"}
    assert await made.handle(body + b" ", headers) == 401
    assert await made.handle(body, {}) == 401
    assert await made.handle(b"x" * 100_001, headers) == 413
    assert await made.handle(body, without_key) == 400
    for key in ("", "x" * 201, "a\nb", "\u00e9"):
        assert await made.handle(body, headers | {"X-Lago-Unique-Key": key}) == 400
    assert made.calls == []


async def test_a_public_key_that_cannot_be_fetched_makes_lago_deliver_again(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    face = Face(kind, keys=[pem(KEYS[0])])
    face.failure = TimeoutError("down")
    package: Any = lago_sync.webhooks if kind == "blocking" else lago_async.webhooks
    hooks = package.WebhookHandlers(face.verifier)
    headers = jwt() | {"X-Lago-Unique-Key": "k"}
    from tests.lago_async.webhooks.test_verification import BODY

    async def status() -> int:
        found = hooks.handle(BODY, headers)
        return int(found if kind == "blocking" else await found)

    assert await status() == 500
    assert "down" in caplog.text
    face.failure = None
    face.now += 3  # Lago's second attempt
    assert await status() == 200


async def test_a_delivery_that_is_too_old_is_refused_where_its_payload_has_the_time(kind: str) -> None:
    from datetime import datetime

    made = Hooks(kind, max_age=3600)
    created = datetime.fromisoformat(json.loads(CREATED.body)["customer"]["created_at"]).timestamp()
    made.hooks.on_other(made.handler)
    made.now = created + 3601
    assert await made.handle(CREATED.body, CREATED.headers) == 400
    made.now = created + 3599
    assert await made.handle(CREATED.body, CREATED.headers) == 200
    invoice = BY_TYPE["invoice.created"]  # may have been a draft for days
    other = Hooks(kind, invoice, max_age=3600)
    assert await other.handle(invoice.body, invoice.headers) == 200


def test_a_type_that_is_not_known_or_has_a_handler_is_refused(kind: str) -> None:
    made = Hooks(kind)
    with pytest.raises(LagoArgumentError, match=r"'invoice\.made'.*`@hooks.on_other`"):
        made.hooks.on("invoice.made")
    made.hooks.on("invoice.created")(made.handler)
    made.hooks.on_other(made.handler)
    with pytest.raises(LagoArgumentError, match=r"invoice\.created has a handler"):
        made.hooks.on("invoice.created")
    with pytest.raises(LagoArgumentError, match="on_other has a handler"):
        made.hooks.on_other(made.handler)
    with pytest.raises(LagoConfigError, match="max_age"):
        Hooks(kind, max_age=0)


# --- the stores -------------------------------------------------------------------------------------------------------


def test_a_claim_is_for_one_of_many_threads(store: DeliveryStore) -> None:
    results: list[str] = []
    start = threading.Barrier(8)

    def claim() -> None:
        start.wait()
        results.extend(store.claim(f"key {number}") for number in range(20))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count("new") == 20
    assert results.count("busy") == 7 * 20


def test_memory_is_bounded() -> None:
    store = MemoryDeliveryStore(max_keys=3)
    for number in range(5):
        assert store.claim(str(number)) == "new"
        store.complete(str(number))
    assert [store.claim(str(number)) for number in (4, 3, 2, 0)] == ["done", "done", "done", "new"]
    with pytest.raises(LagoConfigError, match="max_keys"):
        MemoryDeliveryStore(max_keys=0)


def test_a_claim_of_a_process_that_has_died_is_free_after_its_lease(tmp_path: Path) -> None:
    path = tmp_path / "deliveries.db"
    code = (
        "import os, sys; from lago_async.webhooks import SqliteDeliveryStore; "
        "SqliteDeliveryStore(sys.argv[1], clock=lambda: 0.0).claim('k'); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    now = 3.0  # Lago's second attempt
    store = SqliteDeliveryStore(path, clock=lambda: now)
    assert store.claim("k") == "busy"
    now = -10.0  # the clock was set back
    assert store.claim("k") == "busy"
    now = 21.0  # the third and last attempt, at the earliest
    assert store.claim("k") == "new"
    store.complete("k")
    store.release("k")  # what is done stays done
    now = 1e6
    assert store.claim("k") == "done"
    now = 90 * 86_400 + 1_000
    assert store.claim("new") == "new"
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT key FROM deliveries").fetchall() == [("new",)]
    connection.close()


def test_a_claim_that_another_process_has_taken_after_the_lease_is_not_given_back(tmp_path: Path) -> None:
    now = 0.0
    late, other = (SqliteDeliveryStore(tmp_path / "deliveries.db", clock=lambda: now) for _ in range(2))
    assert late.claim("k") == "new"
    now = 20.0
    assert other.claim("k") == "new"
    late.release("k")
    assert late.claim("k") == "busy"
    other.release("k")
    assert late.claim("k") == "new"


@pytest.mark.parametrize("path", ["", ":memory:"])
def test_a_path_that_names_no_file_is_refused(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection to it would have a database of its own, and know no delivery."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LagoConfigError, match="use MemoryDeliveryStore"):
        SqliteDeliveryStore(path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_logged_of_a_payload(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = Hooks("blocking")
    made.failure = RuntimeError("x")
    made.hooks.on_other(made.handler)
    assert made.hooks.handle(CREATED.body, CREATED.headers) == 500
    assert json.loads(CREATED.body)["customer"]["external_id"] not in caplog.text
