"""Hooks and log lines follow every attempt of a call on both faces, and can neither change a call nor leak anything."""

import asyncio
import contextvars
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

import lago_async
import lago_sync
from lago_async import AttemptEnded, AttemptStarted, LagoConfigError, LagoConnectionError, RetryScheduled
from lago_async.sandbox import DropConnection, Latency, Sandbox, ServerFailure, TruncatedBody
from tests.conftest import Face, NewFace

Event = AttemptStarted | AttemptEnded | RetryScheduled


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
async def followed(new_face: NewFace, settings: Mapping[str, Any], events: list[Event]) -> Face:
    hook = events.append
    return await new_face(**settings, on_request=hook, on_response=hook, on_retry=hook)


async def test_each_attempt_has_a_beginning_and_an_end_and_a_retry_stands_between_them(
    followed: Face, sandbox: Sandbox, events: list[Event]
) -> None:
    sandbox.inject(ServerFailure(status=503))
    await followed("customers.create", {"external_id": "cus_1"})
    assert [type(event) for event in events] == [
        AttemptStarted, AttemptEnded, RetryScheduled, AttemptStarted, AttemptEnded,
    ]  # fmt: skip
    assert {(event.operation, event.method, event.path) for event in events} == {
        ("create_customer", "POST", "/customers")
    }
    assert [event.attempt for event in events] == [1, 1, 1, 2, 2]
    assert {event.request_id for event in events} == {sandbox.requests[-1].headers["X-Request-Id"]}
    assert [event.status_code for event in events if not isinstance(event, AttemptStarted)] == [503, 503, 200]
    last = events[-1]
    assert isinstance(last, AttemptEnded)
    assert last.reason is None
    assert last.received > 100
    assert last.seconds > 0
    assert isinstance(events[2], RetryScheduled)
    assert events[2].delay >= 0


async def test_an_attempt_without_a_response_ends_with_its_reason(
    followed: Face, sandbox: Sandbox, events: list[Event]
) -> None:
    sandbox.inject(DropConnection(), times=None)
    with pytest.raises(LagoConnectionError):
        await followed.with_options(max_retries=1)("customers.find", "cus_1")
    ended = [event for event in events if isinstance(event, AttemptEnded)]
    assert [(event.attempt, event.status_code, event.received) for event in ended] == [(1, None, 0), (2, None, 0)]
    assert all(event.reason for event in ended)
    assert ended[0].path == "/customers/{external_customer_id}"


async def test_half_a_response_has_its_status_and_the_reason(
    followed: Face, sandbox: Sandbox, events: list[Event]
) -> None:
    sandbox.inject(TruncatedBody())
    with pytest.raises(lago_async.LagoError):
        await followed.with_options(max_retries=0)("customers.create", {"external_id": "cus_1"})
    ended = [event for event in events if isinstance(event, AttemptEnded)]
    assert [event.status_code for event in ended] == [200]
    assert ended[0].reason


async def test_a_cancelled_attempt_has_an_end(
    sandbox: Sandbox, settings: Mapping[str, Any], events: list[Event]
) -> None:
    began = asyncio.Event()

    def start(event: AttemptStarted) -> None:
        events.append(event)
        began.set()

    sandbox.inject(Latency(60))
    async with lago_async.LagoClient(**settings, on_request=start, on_response=events.append) as client:
        call = asyncio.ensure_future(client.customers.find("cus_1"))
        await began.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    (_, ended) = events
    assert isinstance(ended, AttemptEnded)
    assert (ended.status_code, ended.reason) == (None, "cancelled")


class HookError(Exception):
    """An error of a program's own."""


async def test_an_exception_in_a_hook_is_logged_and_changes_no_call(
    new_face: NewFace, settings: Mapping[str, Any], sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: object) -> None:
        raise HookError("the hook's own")

    face = await new_face(**settings, on_request=fail, on_response=fail, on_retry=fail)
    sandbox.inject(ServerFailure(status=503))
    created = await face("customers.create", {"external_id": "cus_1"})
    assert created.external_id == "cus_1"
    assert len(sandbox.requests) == 2
    logged = [record.getMessage() for record in caplog.records if record.exc_info]
    assert [text.split()[2] for text in logged] == [
        "on_request",
        "on_response",
        "on_retry",
        "on_request",
        "on_response",
    ]
    assert sandbox.api_key not in caplog.text


async def test_no_event_and_no_line_of_the_log_has_the_key_an_id_or_a_search_term(
    followed: Face, sandbox: Sandbox, events: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "lago_async"):
        sandbox.inject(ServerFailure(status=503))
        await followed.items("customers.find_all", search_term="zoe@example.com")
        with pytest.raises(lago_async.NotFoundError):
            await followed("customers.find", "secret-customer")
    shown = caplog.text + "".join(f"{event!r}{record.__dict__}" for event in events for record in caplog.records)
    assert "GET /customers -> 503" in caplog.text
    for secret in (sandbox.api_key, "zoe", "example.com", "secret-customer"):
        assert secret not in shown


async def test_the_records_of_the_log_have_the_facts_as_fields(
    face: Face, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.inject(ServerFailure(status=503))
    with caplog.at_level(logging.DEBUG, "lago_async"):
        await face("customers.create", {"external_id": "cus_1"})
    first, retry, second = [vars(record) for record in caplog.records if record.name == "lago_async"]
    common = {"lago_operation": "create_customer", "lago_method": "POST", "lago_path": "/customers"}
    for record, attempt in ((first, 1), (retry, 1), (second, 2)):
        assert {name: record[name] for name in common} == common
        assert record["lago_attempt"] == attempt
        assert record["lago_request_id"] == sandbox.requests[-1].headers["X-Request-Id"]
    assert [record["lago_status_code"] for record in (first, retry, second)] == [503, 503, 200]
    assert second["lago_seconds"] > 0
    assert retry["lago_delay"] >= 0


def test_a_log_record_of_a_program_that_sets_fields_itself_is_no_conflict() -> None:
    factory = logging.getLogRecordFactory()

    def with_fields(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = factory(*args, **kwargs)
        for name in ("request_id", "operation", "method", "path", "status", "seconds", "attempt"):
            setattr(record, name, "the program's")
        return record

    logging.setLogRecordFactory(with_fields)
    try:
        with Sandbox() as sandbox:
            logging.getLogger("lago_async").setLevel(logging.DEBUG)
            with lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
                assert client.customers.create({"external_id": "cus_1"}).external_id == "cus_1"
    finally:
        logging.getLogger("lago_async").setLevel(logging.NOTSET)
        logging.setLogRecordFactory(factory)


async def a_coroutine_function(event: object) -> None: ...


@pytest.mark.parametrize("hook", ["on_request", "on_response", "on_retry"])
@pytest.mark.parametrize(
    ("value", "problem"),
    [(1, "must be a function with one parameter, not 1"), (a_coroutine_function, "must be a plain function")],
    ids=["a number", "a coroutine function"],
)
async def test_a_hook_that_is_no_plain_function_is_refused(
    new_face: NewFace, hook: str, value: object, problem: str
) -> None:
    with pytest.raises(LagoConfigError, match=f"^{hook} {problem}"):
        await new_face(api_key="key", **{hook: value})


def test_a_hook_of_the_blocking_face_has_the_context_of_the_thread_that_calls() -> None:
    """So a span of a tracer is the parent of what a hook begins, although the hook runs on another thread."""
    span: contextvars.ContextVar[str] = contextvars.ContextVar("span", default="none")
    seen: list[tuple[str, bool]] = []

    def hook(event: AttemptStarted) -> None:
        seen.append((span.get(), threading.current_thread() is caller))

    with (
        Sandbox() as sandbox,
        lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, on_request=hook) as client,
    ):
        caller = threading.current_thread()
        for name in ("first", "second"):
            span.set(name)
            client.customers.create({"external_id": name})
    assert seen == [("first", False), ("second", False)]


async def test_a_view_has_the_hooks_of_its_client(followed: Face, events: list[Event]) -> None:
    await followed.with_options(timeout=5)("customers.create", {"external_id": "cus_1"})
    assert len(events) == 2


def test_the_events_are_values_that_show_themselves() -> None:
    for kind in (AttemptStarted, AttemptEnded, RetryScheduled):
        names = [field.name for field in attrs.fields(kind)]
        assert names[:5] == ["operation", "method", "path", "attempt", "request_id"]


PROGRAM = """
import logging, lago_sync
from lago_async.sandbox import Sandbox
{before}
with Sandbox() as sandbox, lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
    client.customers.create({{"external_id": "cus_1"}})
    lago_sync.LagoClient(api_key="key").close()
"""


def stderr_of(level: str, before: str = "") -> tuple[int, str]:
    code = PROGRAM.format(before=before)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"LAGO_LOG": level},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("level", "before", "lines"),
    [
        ("debug", "", 1),
        ("DEBUG", "", 1),
        ("warning", "", 0),
        ("", "", 0),
        ("debug", "logging.basicConfig(format='%(message)s own')", 1),
    ],
)
def test_the_environment_asks_for_log_lines_on_standard_error(level: str, before: str, lines: int) -> None:
    status, shown = stderr_of(level, before)
    assert status == 0, shown
    assert shown.count("POST /customers -> 200") == lines
    assert shown.count(" own") == (1 if before else 0)


def test_a_level_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGO_LOG", "loud")
    with pytest.raises(LagoConfigError, match="^LAGO_LOG must be one of debug, info, warning, error$"):
        lago_async.LagoClient(api_key="key")


async def test_a_client_without_hooks_makes_no_event(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Callable[..., object]:
        raise AssertionError("an event was made")

    monkeypatch.setattr("lago_async._net.transport.attempt_started", refuse)
    monkeypatch.setattr("lago_async._net.transport.attempt_ended", refuse)
    await face("customers.create", {"external_id": "cus_1"})


async def test_calls_that_a_hook_interrupts_take_no_part_of_the_budget(sandbox: Sandbox) -> None:
    class Interruption(BaseException):
        """Like KeyboardInterrupt, but not for the event loop."""

    waits: list[float] = []
    interrupted = 50  # more than are sent at once before a limit is known

    def on_request(event: AttemptStarted) -> None:
        waits.append(event.waited)
        if len(waits) <= interrupted:
            raise Interruption

    async with lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, on_request=on_request) as client:
        for _ in range(interrupted):
            with pytest.raises(Interruption):
                await client.taxes.find_all()
        await client.taxes.find_all()
    assert waits == [0.0] * (interrupted + 1)
