"""Deliveries that are answered at once are kept, and handled after that, at least once, on both faces."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lago_async.webhooks
import lago_sync.webhooks
from lago_async import LagoArgumentError, LagoConfigError
from lago_async.webhooks import MemoryDeliveryStore, QueuedDelivery, SqliteDeliveryStore
from lago_async.webhooks._redelivery import LONGEST_DELAY, MAX_ATTEMPTS, delay_after
from tests.lago_async.webhooks.deliveries import deliveries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from lago_async.webhooks import Webhook

CREATED = next(each for each in deliveries() if each.hmac_key and each.webhook_type == "customer.created")
ROOT = Path(__file__).parents[3]


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


class WatchedStore(SqliteDeliveryStore):
    """Counts what it is told, and fails if a test wants it."""

    def __init__(self, path: Path, clock: Clock, lease: float = 300.0) -> None:
        super().__init__(path, clock=clock, lease=lease)
        self.counts: Counter[str] = Counter()
        self.broken: set[str] = set()
        self.renewed = threading.Event()

    def _count(self, name: str) -> None:
        self.counts[name] += 1
        if name in self.broken:
            raise sqlite3.OperationalError(f"disk I/O error in {name}")

    def put(self, key: str, body: bytes, /) -> Any:
        self._count("put")
        return super().put(key, body)

    def take(self) -> QueuedDelivery | None:
        self._count("take")
        return super().take()

    def renew(self, delivery: QueuedDelivery, /) -> None:
        super().renew(delivery)
        self.renewed.set()

    def complete(self, key: str, /) -> None:
        self._count("complete")
        super().complete(key)


class Service:
    """Handlers that answer at once, and their worker, on one of the faces."""

    def __init__(self, kind: str, path: Path, *, lease: float = 300.0) -> None:
        self.blocking = kind == "blocking"
        self.clock = Clock()
        self.store = WatchedStore(path / "deliveries.db", self.clock, lease)
        self.package: Any = lago_sync.webhooks if self.blocking else lago_async.webhooks
        verifier = self.package.WebhookVerifier(hmac_key=CREATED.hmac_key)
        self.hooks = self.package.WebhookHandlers(verifier, store=self.store, respond="at_once")

    def on(self, handle: Callable[[Webhook], object]) -> None:
        """Register a handler; on the asynchronous face, it runs on a thread too, so that it may block."""

        async def later(webhook: Webhook) -> None:
            await asyncio.to_thread(handle, webhook)

        self.hooks.on_other(handle if self.blocking else later)

    async def deliver(self, key: str) -> int:
        headers = CREATED.headers | {"X-Lago-Unique-Key": key}
        status = self.hooks.handle(CREATED.body, headers)
        return int(status if self.blocking else await status)

    def worker(self, **options: Any) -> AbstractAsyncContextManager[object]:
        made = self.package.WebhookWorker(self.hooks, **{"poll": 0.02, "grace": 60.0, **options})

        @asynccontextmanager
        async def on_threads() -> AsyncIterator[object]:
            made.start()
            try:
                yield made
            finally:
                await asyncio.to_thread(made.close)

        return on_threads() if self.blocking else made


@pytest.fixture(params=["async", "blocking"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    return Service(request.param, tmp_path)


async def happens(condition: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_delivery_is_answered_before_it_is_handled_and_handled_once(service: Service) -> None:
    handled: list[Webhook] = []
    service.on(handled.append)
    for _ in range(2):  # Lago repeats a delivery whose answer was lost
        assert await service.deliver("k1") == 200
    assert handled == []
    assert service.store.waiting() == 1
    async with service.worker():
        await happens(lambda: service.store.waiting() == 0)
        assert await service.deliver("k1") == 200
        assert await service.deliver("k2") == 200
        await happens(lambda: service.store.waiting() == 0)
    assert [webhook.unique_key for webhook in handled] == ["k1", "k2"]
    assert {webhook.webhook_type for webhook in handled} == {"customer.created"}


async def test_what_its_own_process_keeps_wakes_a_worker_that_would_wait_for_long(service: Service) -> None:
    handled: list[Webhook] = []
    service.on(handled.append)
    async with service.worker(poll=3600.0, concurrency=3):
        await happens(lambda: service.store.counts["take"] >= (3 if service.blocking else 1))
        for number in range(5):
            assert await service.deliver(f"k{number}") == 200
        await happens(lambda: len(handled) == 5)


async def test_a_handler_that_fails_is_called_again_later_and_set_aside_in_the_end(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[str] = []

    def fail(webhook: Webhook) -> None:
        attempts.append(webhook.unique_key)
        raise RuntimeError("out of order")

    service.on(fail)
    assert await service.deliver("k") == 200
    async with service.worker(max_attempts=3):
        await happens(lambda: len(attempts) == 1)
        for expected, delay in ((2, 1.0), (3, 2.0)):
            await happens(lambda: "out of order" in caplog.text)
            looks = service.store.counts["take"]
            await happens(lambda looks=looks: service.store.counts["take"] > looks + 20)  # type: ignore[misc]
            assert len(attempts) == expected - 1  # not due
            service.clock.now += delay
            await happens(lambda expected=expected: len(attempts) == expected)  # type: ignore[misc]
        await happens(lambda: service.store.waiting() == 0)
    (failed,) = service.store.failed()
    assert (failed.key, failed.body, failed.attempts) == ("k", CREATED.body, 3)
    assert "the webhook k was set aside after 3 attempts" in caplog.text
    assert CREATED.body.decode() not in caplog.text + repr(failed)
    assert await service.deliver("k") == 200  # somebody looks after it
    assert service.store.waiting() == 0
    assert service.store.retry("k")
    assert not service.store.retry("k")
    taken = service.store.take()
    assert taken is not None
    assert taken.attempts == 1
    service.store.set_aside(taken)
    assert service.store.discard("k")
    assert not service.store.discard("k")
    assert await service.deliver("k") == 200
    assert service.store.waiting() == 0


async def test_a_worker_handles_as_many_at_a_time_as_it_was_told(service: Service) -> None:
    lock, running, most, go_on = threading.Lock(), 0, 0, threading.Event()

    def count(webhook: Webhook) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go_on.wait(60)
        with lock:
            running -= 1

    service.on(count)
    for number in range(6):
        assert await service.deliver(f"k{number}") == 200
    async with service.worker(concurrency=2):
        await happens(lambda: running == 2)
        looks = service.store.counts["take"]
        assert looks == 2  # it takes no delivery that would only wait in its hand
        go_on.set()
        await happens(lambda: service.store.waiting() == 0)
    assert most == 2


async def test_a_worker_that_ends_waits_for_its_handlers_and_takes_no_more(service: Service) -> None:
    entered, go_on, handled = threading.Event(), threading.Event(), list[str]()

    def slow(webhook: Webhook) -> None:
        entered.set()
        go_on.wait(60)
        handled.append(webhook.unique_key)

    service.on(slow)
    for key in ("a", "b"):
        await service.deliver(key)
    worker = service.worker(concurrency=1)
    await worker.__aenter__()
    await happens(entered.is_set)
    ending = asyncio.create_task(worker.__aexit__(None, None, None))
    await asyncio.sleep(0)
    go_on.set()
    await ending
    assert len(handled) == 1
    assert service.store.waiting() == 1


async def test_a_handler_that_outlasts_the_grace_is_cancelled_and_its_delivery_put_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service("async", tmp_path)
    entered, never = asyncio.Event(), asyncio.Event()

    @service.hooks.on_other  # type: ignore[untyped-decorator]
    async def hang(webhook: Webhook) -> None:
        entered.set()
        await never.wait()

    await service.deliver("k")
    async with service.worker(grace=0):
        await entered.wait()
    assert "cancelled after 0 seconds" in caplog.text
    again = service.store.take()
    assert again is not None
    assert (again.key, again.attempts) == ("k", 2)


def test_a_thread_that_outlasts_the_grace_is_named_and_keeps_its_delivery(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service("blocking", tmp_path)
    entered, go_on = threading.Event(), threading.Event()

    def hang(webhook: Webhook) -> None:
        entered.set()
        go_on.wait(60)

    service.on(hang)
    assert asyncio.run(service.deliver("k")) == 200
    with lago_sync.webhooks.WebhookWorker(service.hooks, grace=0):
        assert entered.wait(60)
    assert "1 handlers of webhooks still run after 0 seconds" in caplog.text
    assert service.store.take() is None
    go_on.set()
    asyncio.run(happens(lambda: service.store.waiting() == 0))


async def test_the_end_of_the_loop_puts_back_what_was_being_handled(tmp_path: Path) -> None:
    service = Service("async", tmp_path)

    def program() -> None:
        async def main() -> None:
            entered = asyncio.Event()

            @service.hooks.on_other  # type: ignore[untyped-decorator]
            async def hang(webhook: Webhook) -> None:
                entered.set()
                await asyncio.Event().wait()

            await service.deliver("k")
            worker: Any = service.worker()
            await worker.__aenter__()
            await entered.wait()  # and the worker is never ended

        asyncio.run(main())

    await asyncio.to_thread(program)
    again = service.store.take()
    assert again is not None
    assert again.attempts == 2


@pytest.mark.parametrize("kind", ["async", "blocking"])
async def test_a_worker_renews_the_leases_of_what_it_handles(kind: str, tmp_path: Path) -> None:
    service = Service(kind, tmp_path, lease=0.05)
    entered = threading.Event()

    def slow(webhook: Webhook) -> None:
        entered.set()
        service.store.renewed.wait(60)

    service.on(slow)
    await service.deliver("k")
    async with service.worker():
        await happens(lambda: service.store.waiting() == 0)
    assert entered.is_set()
    assert service.store.renewed.is_set()


async def test_a_store_that_fails_makes_lago_deliver_again_and_stops_no_worker(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    handled: list[Webhook] = []
    service.on(handled.append)
    service.store.broken = {"put", "take"}
    async with service.worker():
        assert await service.deliver("a") == 500
        await happens(lambda: service.store.counts["take"] > 5)
        assert caplog.text.count("no webhook can be taken from the queue") == 1
        service.store.broken = {"complete"}
        assert await service.deliver("a") == 200
        await happens(lambda: service.store.counts["complete"] > 0)
        await happens(lambda: "could not be stored" in caplog.text)
        assert "can be taken from the queue again" in caplog.text
        service.store.broken = set()
        service.clock.now += 300.0  # it was handled, which no store knows: at least once
        await happens(lambda: service.store.waiting() == 0)
    assert len(handled) == 2


async def test_a_worker_without_the_handler_keeps_the_delivery(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service.on(print)
    await service.deliver("k")
    other = Service("blocking" if service.blocking else "async", tmp_path)
    async with other.worker(max_attempts=1):
        await happens(lambda: bool(other.store.failed()))
    assert "has none here: register it where the worker runs" in caplog.text
    with pytest.raises(LagoArgumentError, match=r"customer\.created was kept for a handler"):
        found = other.hooks.handle_queued(other.store.failed()[0])
        await found
    assert await other.deliver("without a handler") == 200
    assert other.store.waiting() == 0


def test_a_handler_that_exits_ends_no_thread_of_the_worker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    service = Service("blocking", tmp_path)
    calls: list[str] = []

    def leave(webhook: Webhook) -> None:
        calls.append(webhook.unique_key)
        if len(calls) == 1:
            raise SystemExit(1)

    service.on(leave)

    async def main() -> None:
        for key in ("a", "b"):
            assert await service.deliver(key) == 200
        async with service.worker(concurrency=1):
            await happens(lambda: len(calls) == 2)
            service.clock.now += 1.0
            await happens(lambda: service.store.waiting() == 0)

    asyncio.run(main())
    assert sorted(calls) in (["a", "a", "b"], ["a", "b", "b"])
    assert "has failed in attempt 1" in caplog.text


DIES = """
import os, sys, threading
from lago_sync.webhooks import SqliteDeliveryStore, WebhookHandlers, WebhookVerifier, WebhookWorker
from tests.lago_async.webhooks.deliveries import deliveries

sent = next(each for each in deliveries() if each.hmac_key)
hooks = WebhookHandlers(
    WebhookVerifier(hmac_key=sent.hmac_key), store=SqliteDeliveryStore(sys.argv[1], clock=lambda: float(sys.argv[2])),
    respond="at_once",
)

@hooks.on_other
def die(webhook):
    os.kill(os.getpid(), 9)

assert hooks.handle(sent.body, sent.headers) == 200
if sys.argv[3] == "work":
    with WebhookWorker(hooks, concurrency=1):
        threading.Event().wait(60)
os.kill(os.getpid(), 9)
"""


def test_a_process_that_is_killed_loses_no_delivery_and_one_that_kills_each_process_is_set_aside(
    tmp_path: Path,
) -> None:
    path = tmp_path / "deliveries.db"

    def run(now: float, what: str) -> None:
        command = [sys.executable, "-c", DIES, str(path), str(now), what]
        assert subprocess.run(command, cwd=ROOT, check=False, timeout=60).returncode == -9

    run(0.0, "answer")
    for now in (1.0, 21.0):
        run(now, "work")
    late = SqliteDeliveryStore(path, clock=lambda: 40.0)
    assert late.take() is None  # its lease has not ended
    assert late.waiting() == 1
    hooks = lago_sync.webhooks.WebhookHandlers(
        lago_sync.webhooks.WebhookVerifier(hmac_key="k"),
        store=SqliteDeliveryStore(path, clock=lambda: 41.0),
        respond="at_once",
    )
    with lago_sync.webhooks.WebhookWorker(hooks, max_attempts=2, concurrency=1, poll=0.01):
        asyncio.run(happens(lambda: bool(late.failed())))
    assert late.failed()[0].attempts == 3


def test_a_worker_has_one_run_in_each_process_and_is_entered_once(tmp_path: Path) -> None:
    service = Service("blocking", tmp_path)
    worker = lago_sync.webhooks.WebhookWorker(service.hooks, concurrency=1)
    worker.close()
    before = threading.active_count()
    with worker, pytest.raises(LagoConfigError, match="runs already"):
        worker.start()
    assert threading.active_count() == before
    with worker:
        pass

    async def twice() -> None:
        made = lago_async.webhooks.WebhookWorker(Service("async", tmp_path).hooks)
        async with made:
            with pytest.raises(LagoConfigError, match="entered once"):
                await made.__aenter__()

    asyncio.run(twice())


@pytest.mark.parametrize("kind", ["async", "blocking"])
def test_settings_that_could_lose_a_delivery_are_refused(kind: str, tmp_path: Path) -> None:
    package: Any = lago_sync.webhooks if kind == "blocking" else lago_async.webhooks
    verifier = package.WebhookVerifier(hmac_key="k")
    for store in (None, MemoryDeliveryStore()):
        with pytest.raises(LagoConfigError, match="keeps deliveries when the process dies"):
            package.WebhookHandlers(verifier, store=store, respond="at_once")
    with pytest.raises(LagoConfigError, match='"when_handled" or "at_once"'):
        package.WebhookHandlers(verifier, respond="later")
    with pytest.raises(LagoConfigError, match=r'respond="at_once"'):
        package.WebhookWorker(package.WebhookHandlers(verifier))
    hooks = package.WebhookHandlers(verifier, store=SqliteDeliveryStore(tmp_path / "d"), respond="at_once")
    for name, value in (("concurrency", 0), ("max_attempts", 0), ("poll", 0), ("grace", -1)):
        with pytest.raises(LagoConfigError, match=name):
            package.WebhookWorker(hooks, **{name: value})


# --- the queue --------------------------------------------------------------------------------------------------------


def test_a_delivery_is_for_one_of_many_threads(tmp_path: Path) -> None:
    store = SqliteDeliveryStore(tmp_path / "deliveries.db")
    for number in range(12):
        assert store.put(str(number), b"body") == "new"
    taken: list[str] = []
    start = threading.Barrier(4)

    def take() -> None:
        start.wait()
        while (delivery := store.take()) is not None:
            taken.append(delivery.key)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=int) == [str(number) for number in range(12)]


def test_whoever_lost_a_delivery_to_another_process_changes_nothing_of_it(tmp_path: Path) -> None:
    clock = Clock()
    store = SqliteDeliveryStore(tmp_path / "deliveries.db", clock=clock)
    store.put("k", b"body")
    first = store.take()
    clock.now += 19
    assert first is not None
    store.renew(first)
    clock.now += 19
    assert store.take() is None
    clock.now += 1
    second = store.take()
    assert second is not None
    for change in (store.renew, store.set_aside, lambda delivery: store.put_back(delivery, delay=0)):
        change(first)
    assert store.take() is None
    store.put_back(second, delay=0)
    assert store.take() is not None


def test_a_clock_that_was_set_back_delays_no_delivery_beyond_the_longest_delay(tmp_path: Path) -> None:
    clock = Clock()
    store = SqliteDeliveryStore(tmp_path / "deliveries.db", clock=clock)
    store.put("k", b"body")
    clock.now -= 1e6
    assert store.take() is not None


def test_a_handler_that_answers_later_and_one_that_answers_at_once_share_a_file(tmp_path: Path) -> None:
    store = SqliteDeliveryStore(tmp_path / "deliveries.db")
    assert store.claim("k") == "new"
    assert store.put("k", b"body") == "busy"
    store.release("k")
    assert store.put("k", b"body") == "new"
    assert store.claim("k") == "done"
    store.complete("k")
    assert store.put("k", b"body") == "done"
    assert store.waiting() == 0


def test_only_its_owner_reads_the_file_that_holds_payloads(tmp_path: Path) -> None:
    path = tmp_path / "deliveries.db"
    SqliteDeliveryStore(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(sqlite3.Error):
        SqliteDeliveryStore(tmp_path / "no folder" / "deliveries.db")


def test_delays_grow_to_an_hour_and_add_up_to_eight() -> None:
    delays = [delay_after(attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert delays[:4] == [1.0, 2.0, 4.0, 8.0]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_DELAY == delay_after(10**9)
    assert 7.5 < sum(delays) / 3600 < 8.5


STEPS = st.lists(st.sampled_from(["put", "take", "complete", "fail", "aside", "lease", "renew"]), max_size=12)


@settings(max_examples=12, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_a_kept_delivery_is_waiting_done_or_set_aside(steps: list[str]) -> None:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteDeliveryStore(Path(folder) / "deliveries.db", clock=clock)
        kept: set[str] = set()
        done: set[str] = set()
        aside: set[str] = set()
        hand: list[QueuedDelivery] = []
        for number, step in enumerate(steps):
            if step == "put":
                assert store.put(f"k{number}", b"body") == "new"
                kept.add(f"k{number}")
            elif step == "take":
                if (taken := store.take()) is not None:
                    assert taken.key in kept - done - aside
                    assert taken.key not in {each.key for each in hand}
                    hand.append(taken)
            elif step == "lease":
                clock.now += 3600.0
                hand.clear()
            elif hand:
                held = hand[-1]
                if step == "renew":
                    store.renew(held)
                    continue
                hand.pop()
                if step == "complete":
                    store.complete(held.key)
                    done.add(held.key)
                elif step == "fail":
                    store.put_back(held, delay=1.0)
                else:
                    store.set_aside(held)
                    aside.add(held.key)
        assert {each.key for each in store.failed()} == aside
        assert store.waiting() == len(kept - done - aside)
        clock.now += 3600.0
        left: set[str] = set()
        while (taken := store.take()) is not None:
            left.add(taken.key)
        assert left == kept - done - aside


def test_nothing_is_logged_of_a_payload_by_a_worker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = Service("blocking", tmp_path)

    def fail(webhook: Webhook) -> None:
        raise RuntimeError("x")

    service.on(fail)
    assert asyncio.run(service.deliver("k")) == 200
    with lago_sync.webhooks.WebhookWorker(service.hooks, max_attempts=1):
        asyncio.run(happens(lambda: bool(service.store.failed())))
    assert CREATED.body.decode()[80:120] not in caplog.text
