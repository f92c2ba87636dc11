"""Each call is a span and each attempt a measurement, on both faces; neither can change a call or leak anything."""

import asyncio
import contextvars
import gc
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import lago_async
import lago_sync
from lago_async import (
    ENDPOINTS,
    AttemptStarted,
    EventSinkCounters,
    LagoClient,
    LagoConfigError,
    LagoConnectionError,
    OpenTelemetry,
)
from lago_async._client_state import ObservedClientState
from lago_async._net.options import Options
from lago_async._net.rate_budget import RateBudget
from lago_async.sandbox import DropConnection, Latency, Sandbox, ServerFailure, TruncatedBody
from tests.conftest import Face, NewFace

PORT = "server.port"


class Seen:
    """The spans and metrics that an SDK has received."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._metrics = InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider([self._metrics], shutdown_on_exit=False)
        self.tracer = self.tracers.get_tracer("program")
        self.telemetry = self.another()

    def another(self, *, propagate: bool = False) -> OpenTelemetry:
        return OpenTelemetry(tracer_provider=self.tracers, meter_provider=self.meters, propagate=propagate)

    def spans(self) -> list[ReadableSpan]:
        """Return the finished spans of ours."""
        return [span for span in self._spans.get_finished_spans() if span.name.startswith("lago ")]

    def span(self) -> ReadableSpan:
        (span,) = self.spans()
        return span

    def points(self, name: str) -> list[Any]:
        data = self._metrics.get_metrics_data()
        return [
            point
            for resource in (() if data is None else data.resource_metrics)
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def numbers(self, name: str, attribute: str = "lago.outcome") -> dict[object, int | float]:
        """Return the values of a counter by one of its attributes."""
        found: dict[object, int | float] = {}
        for point in self.points(name):
            assert isinstance(point, NumberDataPoint)
            found[(point.attributes or {}).get(attribute)] = point.value
        return found

    def durations(self) -> list[tuple[int, Mapping[str, Any]]]:
        return [(point.count, dict(point.attributes)) for point in self.points("http.client.request.duration")]

    def everything(self) -> str:
        data = self._metrics.get_metrics_data()
        metrics = "" if data is None else data.to_json()
        return "".join(span.to_json() for span in self._spans.get_finished_spans()) + metrics


def facts(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.fixture
def seen() -> Iterator[Seen]:
    seen = Seen()
    yield seen
    seen.tracers.shutdown()
    seen.meters.shutdown()


@pytest.fixture
async def traced(new_face: NewFace, settings: Mapping[str, Any], seen: Seen) -> Face:
    return await new_face(**settings, telemetry=seen.telemetry)


# --- the span of a call -----------------------------------------------------------------------------------------------


async def test_a_call_is_a_span_with_the_facts_of_the_operation(traced: Face, sandbox: Sandbox, seen: Seen) -> None:
    await traced("customers.create", {"external_id": "cus_1"})
    span = seen.span()
    attributes = facts(span)
    assert (span.name, span.kind, span.status.status_code) == (
        "lago create_customer",
        SpanKind.CLIENT,
        StatusCode.UNSET,
    )
    assert attributes.pop(PORT) == int(sandbox.url.split(":")[2].split("/")[0])
    assert attributes == {
        "http.request.method": "POST",
        "url.template": "/api/v1/customers",
        "server.address": "127.0.0.1",
        "http.response.status_code": 200,
        "lago.operation": "create_customer",
        "lago.attempts": 1,
        "lago.request_id": sandbox.requests[-1].headers["X-Request-Id"],
    }
    assert span.instrumentation_scope is not None
    assert (span.instrumentation_scope.name, span.instrumentation_scope.version) == (
        "lago_async",
        lago_async.__version__,
    )


async def test_a_retry_is_an_event_of_the_span(traced: Face, sandbox: Sandbox, seen: Seen) -> None:
    sandbox.inject(ServerFailure(status=503), times=2)
    await traced("customers.create", {"external_id": "cus_1"})
    span = seen.span()
    assert span.status.status_code is StatusCode.UNSET
    assert (facts(span)["lago.attempts"], facts(span)["http.request.resend_count"]) == (3, 2)
    events = [(event.name, dict(event.attributes or {})) for event in span.events]
    assert [(name, event["lago.attempt"], event["error.type"]) for name, event in events] == [
        ("lago.retry", 1, "503"),
        ("lago.retry", 2, "503"),
    ]
    assert all(isinstance(event["lago.delay"], float) for _, event in events)


async def test_a_refusal_is_an_error_with_its_status(traced: Face, seen: Seen) -> None:
    with pytest.raises(lago_async.NotFoundError):
        await traced("customers.find", "cus_1")
    span = seen.span()
    assert span.status.status_code is StatusCode.ERROR
    assert (facts(span)["http.response.status_code"], facts(span)["error.type"]) == (404, "404")
    assert facts(span)["url.template"] == "/api/v1/customers/{external_customer_id}"
    assert not span.events


async def test_a_call_without_a_response_is_an_error_and_says_what_may_have_happened(
    traced: Face, sandbox: Sandbox, seen: Seen
) -> None:
    sandbox.inject(DropConnection("after_handling"), times=None)
    with pytest.raises(LagoConnectionError):
        await traced("wallets.create", {"external_customer_id": "cus_1", "rate_amount": "1", "currency": "EUR"})
    span = seen.span()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "ServerDisconnectedError: Server disconnected"
    assert facts(span)["error.type"] == "lago_async.errors.LagoConnectionError"
    assert facts(span)["lago.maybe_applied"] is True
    assert "http.response.status_code" not in facts(span)
    ((count, attributes),) = seen.durations()
    assert (count, attributes["error.type"]) == (1, "ServerDisconnectedError")


async def test_half_a_response_is_an_error_with_its_status(traced: Face, sandbox: Sandbox, seen: Seen) -> None:
    sandbox.inject(TruncatedBody(), times=None)
    with pytest.raises(lago_async.LagoError):
        await traced.with_options(max_retries=0)("customers.create", {"external_id": "cus_1"})
    span = seen.span()
    assert facts(span)["error.type"] == "lago_async.errors.LagoDecodeError"
    assert facts(span)["http.response.status_code"] == 200
    assert facts(span)["lago.maybe_applied"] is True


async def test_a_call_that_is_cancelled_has_an_end(sandbox: Sandbox, settings: Mapping[str, Any], seen: Seen) -> None:
    began = asyncio.Event()
    sandbox.inject(Latency(60))
    async with LagoClient(**settings, telemetry=seen.telemetry, on_request=lambda _: began.set()) as client:
        call = asyncio.ensure_future(client.customers.find("cus_1"))
        await began.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    span = seen.span()
    assert (facts(span)["error.type"], span.status.status_code) == ("cancelled", StatusCode.ERROR)
    ((_, attributes),) = seen.durations()
    assert attributes["error.type"] == "cancelled"


def test_a_call_that_is_closed_in_another_context_ends_its_span_and_logs_nothing(
    seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    """As the collector closes the coroutine of a task whose loop has ended."""
    state = LagoClient(api_key="key", telemetry=seen.telemetry)._state
    assert isinstance(state, ObservedClientState)
    request = ENDPOINTS["find_customer"].encode(("cus_1",), {})
    call = contextvars.copy_context().run(state._spans.begin, request, Options())
    call.fail(GeneratorExit())
    assert facts(seen.span())["error.type"] == "cancelled"
    assert not caplog.text


async def test_the_lookup_after_a_lost_response_is_a_child_of_the_call_that_it_saves(
    traced: Face, sandbox: Sandbox, seen: Seen
) -> None:
    event = {"transaction_id": "t_1", "code": "calls", "external_subscription_id": "sub_1", "timestamp": "1700000000"}
    sandbox.inject(DropConnection("after_handling"))
    await traced("events.create", event)
    lookup, call = seen.spans()
    assert (lookup.name, call.name) == ("lago find_event", "lago create_event")
    assert lookup.parent is not None
    assert call.context is not None
    assert lookup.parent.span_id == call.context.span_id
    assert call.status.status_code is StatusCode.UNSET
    assert facts(call)["lago.attempts"] == 2


async def test_the_wait_for_the_rate_limit_is_in_the_span_and_in_the_metrics(
    traced: Face, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RateBudget, "admit_now", lambda *_: None)  # so that every attempt goes through the queue
    await traced("customers.create", {"external_id": "cus_1"})
    span = seen.span()
    (point,) = seen.points("lago.client.rate_limit.wait")
    assert isinstance(point, HistogramDataPoint)
    assert facts(span)["lago.rate_limit.wait"] == point.sum
    assert point.sum > 0
    assert dict(point.attributes or {}) == {"lago.operation": "create_customer"}


async def test_an_operation_that_the_table_lacks_is_a_span_too(traced: Face, seen: Seen) -> None:
    await traced.run(traced.client.request, "GET", "/taxes")
    assert seen.span().name == "lago GET /taxes"
    assert facts(seen.span())["url.template"] == "/api/v1/taxes"


# --- parents ----------------------------------------------------------------------------------------------------------


def parents(spans: list[ReadableSpan]) -> list[int | None]:
    return [None if span.parent is None else span.parent.span_id for span in spans]


def test_spans_of_the_blocking_face_have_the_current_span_of_the_calling_thread_as_their_parent(seen: Seen) -> None:
    with (
        Sandbox() as sandbox,
        lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, telemetry=seen.telemetry) as client,
    ):

        def work(number: int) -> int:
            with seen.tracer.start_as_current_span("work") as span:
                client.customers.create({"external_id": f"cus_{number}"})
                assert trace.get_current_span() is span
                return span.get_span_context().span_id

        with ThreadPoolExecutor(4) as threads:
            expected = list(threads.map(work, range(12)))
        client.customers.find("cus_0")
    assert sorted(filter(None, parents(seen.spans()))) == sorted(expected)
    assert parents(seen.spans())[-1] is None


def test_pages_bulk_work_and_streams_of_the_blocking_face_keep_their_parent(seen: Seen) -> None:
    with (
        Sandbox() as sandbox,
        lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, telemetry=seen.telemetry) as client,
    ):
        for number in range(3):
            client.taxes.create({"name": "VAT", "code": f"vat_{number}", "rate": "20"})
        with seen.tracer.start_as_current_span("work") as span:
            assert len(list(client.taxes.find_all(per_page=1))) == 3
            outcomes = lago_sync.bulk.run([lago_sync.bulk.prepare(client.taxes.find, f"vat_{n}") for n in range(2)])
            assert [outcome.error for outcome in outcomes] == [None, None]
            (result,) = client.events.ingest([{"code": "calls", "external_subscription_id": "sub_1"}])
            assert result.status == "delivered"
    assert [span.name for span in seen.spans()[3:]] == (
        ["lago find_all_taxes"] * 3 + ["lago find_tax"] * 2 + ["lago create_batch_events"]
    )
    assert parents(seen.spans()[3:]) == [span.get_span_context().span_id] * 6


async def test_tasks_have_their_own_parents_and_the_span_is_current_in_hooks(
    sandbox: Sandbox, settings: Mapping[str, Any], seen: Seen
) -> None:
    current: list[trace.Span] = []

    def hook(_: AttemptStarted) -> None:
        current.append(trace.get_current_span())

    async with LagoClient(**settings, telemetry=seen.telemetry, on_request=hook) as client:

        async def work(number: int) -> int:
            with seen.tracer.start_as_current_span("work") as span:
                await client.customers.create({"external_id": f"cus_{number}"})
                assert trace.get_current_span() is span
                return span.get_span_context().span_id

        expected = await asyncio.gather(*map(work, range(10)))
    assert sorted(filter(None, parents(seen.spans()))) == sorted(expected)
    assert {span.get_span_context().span_id for span in current} == {
        span.context.span_id for span in seen.spans() if span.context is not None
    }


# --- headers ----------------------------------------------------------------------------------------------------------


async def test_the_server_gets_the_ids_of_the_span_only_if_that_is_asked_for(
    new_face: NewFace, settings: Mapping[str, Any], sandbox: Sandbox, seen: Seen
) -> None:
    token = context.attach(baggage.set_baggage("customer", "zoe"))
    try:
        for propagate in (False, True):
            face = await new_face(**settings, telemetry=seen.another(propagate=propagate))
            await face("customers.create", {"external_id": "cus_1"})
    finally:
        context.detach(token)
    without, with_ids = (request.headers for request in sandbox.requests)
    span = seen.spans()[-1].context
    assert span is not None
    assert "traceparent" not in without
    assert with_ids["traceparent"] == f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
    assert "baggage" not in with_ids


async def test_a_header_of_the_program_is_not_replaced(
    new_face: NewFace, settings: Mapping[str, Any], sandbox: Sandbox, seen: Seen
) -> None:
    face = await new_face(**settings, headers={"Traceparent": "own"}, telemetry=seen.another(propagate=True))
    await face("customers.create", {"external_id": "cus_1"})
    assert sandbox.requests[-1].headers.getall("traceparent") == ["own"]


# --- metrics ----------------------------------------------------------------------------------------------------------


async def test_each_attempt_is_a_measurement_and_each_retry_is_counted(
    traced: Face, sandbox: Sandbox, seen: Seen
) -> None:
    sandbox.inject(ServerFailure(status=503), times=2)
    await traced("customers.create", {"external_id": "cus_1"})
    common = {
        "http.request.method": "POST",
        "url.template": "/api/v1/customers",
        "server.address": "127.0.0.1",
        PORT: facts(seen.span())[PORT],
    }
    assert seen.durations() == [
        (2, {**common, "http.response.status_code": 503, "error.type": "503"}),
        (1, {**common, "http.response.status_code": 200}),
    ]
    (point,) = seen.points("lago.client.retries")
    assert point.value == 2
    assert dict(point.attributes) == {
        "lago.operation": "create_customer", "http.response.status_code": 503, "error.type": "503",
    }  # fmt: skip
    assert seen.points("http.client.request.duration")[0].explicit_bounds[0] == 0.005


async def test_a_sink_is_measured_by_outcome(new_face: NewFace, settings: Mapping[str, Any], seen: Seen) -> None:
    face = await new_face(**settings, telemetry=seen.telemetry)
    events = [{"code": "calls", "external_subscription_id": "sub_1", "transaction_id": f"t_{n}"} for n in range(5)]

    def use_sync(client: lago_sync.LagoClient) -> None:
        with lago_sync.EventSink(client, linger=60) as sink:
            for part in (events[:3], [*events[:1], *events[3:]]):
                sink.add_many(part)
                sink.flush()
            sink.add({"code": "calls", "external_subscription_id": "sub_1", "properties": {"x": 1}})
            assert seen.numbers("lago.events.waiting") == {None: 1}

    async def use_async(client: LagoClient) -> None:
        async with lago_async.EventSink(client, linger=60) as sink:
            for part in (events[:3], [*events[:1], *events[3:]]):
                await sink.add_many(part)
                await sink.flush()
            await sink.add({"code": "calls", "external_subscription_id": "sub_1", "properties": {"x": 1}})
            assert seen.numbers("lago.events.waiting") == {None: 1}

    if isinstance(face.client, LagoClient):
        await use_async(face.client)
    else:
        await asyncio.to_thread(use_sync, face.client)
    gc.collect()  # the sink is gone, and its counts stay
    assert seen.numbers("lago.events.waiting") == {None: 0}
    assert seen.numbers("lago.events.settled") == {"delivered": 6, "duplicate": 1, "rejected": 0, "dropped": 0}
    assert seen.numbers("lago.events.batch.retries") == {None: 0}
    sizes = seen.points("lago.events.batch.size")
    assert sum(point.sum for point in sizes) >= 7


async def test_sinks_that_drop_and_repeat_are_counted_and_all_settings_of_a_provider_count_together(
    settings: Mapping[str, Any], sandbox: Sandbox, seen: Seen
) -> None:
    sandbox.inject(ServerFailure(status=503), times=1)
    event = {"code": "calls", "external_subscription_id": "sub_1"}
    counted: list[EventSinkCounters] = []
    for telemetry in (seen.telemetry, seen.another()):
        async with (
            LagoClient(**settings, telemetry=telemetry) as client,
            lago_async.EventSink(client, when_full="drop_oldest", max_events=200, linger=60) as sink,
        ):
            await sink.add_many([event] * 99)
            for _ in range(103):
                await sink.add(event)
            await sink.flush()
            counted.append(sink.counters)
    assert all(counters.dropped for counters in counted)
    settled = seen.numbers("lago.events.settled")
    assert settled["dropped"] == sum(counters.dropped for counters in counted)
    assert settled["delivered"] == sum(counters.delivered for counters in counted)
    assert (
        seen.numbers("lago.events.batch.retries") == {None: sum(counters.retries for counters in counted)} == {None: 1}
    )


FORKED = """
import os
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
import lago_sync
from lago_async.sandbox import Sandbox

def delivered(reader):
    metrics = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    (settled,) = [metric for metric in metrics if metric.name == "lago.events.settled"]
    (point,) = [point for point in settled.data.data_points if point.attributes["lago.outcome"] == "delivered"]
    return point.value

with Sandbox() as sandbox:
    reader = InMemoryMetricReader()
    telemetry = lago_sync.OpenTelemetry(meter_provider=MeterProvider([reader], shutdown_on_exit=False))
    with lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, telemetry=telemetry) as client:
        with lago_sync.EventSink(client) as sink:
            event = {"code": "calls", "external_subscription_id": "sub_1"}
            sink.add(event)
            sink.flush()
            child = os.fork()
            if not child:
                sink.add_many([event, event])
                sink.flush()
                os._exit(delivered(reader))
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), delivered(reader))
"""


@pytest.mark.skipif(not hasattr(sys.modules["os"], "fork"), reason="the system cannot fork")
def test_a_forked_child_counts_only_its_own_events() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.split() == ["2", "1"], done.stdout + done.stderr


# --- what may not happen ----------------------------------------------------------------------------------------------


async def test_no_span_and_no_metric_has_the_key_an_id_a_body_or_a_search_term(
    new_face: NewFace, settings: Mapping[str, Any], sandbox: Sandbox, seen: Seen
) -> None:
    face = await new_face(**settings, telemetry=seen.another(propagate=True))
    sandbox.inject(ServerFailure(status=503))
    await face.items("customers.find_all", search_term="zoe@example.com")
    await face("customers.create", {"external_id": "secret-customer", "name": "Zoe Example"})
    with pytest.raises(lago_async.NotFoundError):
        await face("customers.find", "secret-other")
    sandbox.inject(DropConnection(), times=None)
    with pytest.raises(LagoConnectionError):
        await face("customers.find", "secret-customer")
    with pytest.raises(LagoConnectionError):
        await face.items("subscriptions.find_all", external_customer_id="secret-customer")
    shown = seen.everything()
    assert json.dumps("lago find_customer") in shown
    for secret in (sandbox.api_key, "zoe", "Zoe", "example.com", "secret"):
        assert secret not in shown


class BrokenError(Exception):
    """An error of a program's own telemetry."""


def fail(*_: object, **__: object) -> Any:
    raise BrokenError("the program's own")


class BrokenProcessor(SpanProcessor):
    def __init__(self, method: str) -> None:
        setattr(self, method, fail)


class BrokenTracers(trace.TracerProvider):
    def get_tracer(self, *_: Any, **__: Any) -> trace.Tracer:
        tracer = trace.NoOpTracer()
        vars(tracer)["start_span"] = fail
        return tracer


def broken(kind: str, monkeypatch: pytest.MonkeyPatch) -> OpenTelemetry:
    if kind == "tracer":
        return OpenTelemetry(tracer_provider=BrokenTracers())
    if kind == "meter":
        telemetry = OpenTelemetry()
        for name in ("duration", "retries", "_batch_size"):
            instrument = getattr(telemetry._recorder, name)
            monkeypatch.setattr(type(instrument), "record" if hasattr(instrument, "record") else "add", fail)
        return telemetry
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(BrokenProcessor(kind))
    return OpenTelemetry(tracer_provider=tracers)


@pytest.mark.parametrize("kind", ["on_start", "on_end", "tracer", "meter"])
async def test_telemetry_that_fails_is_logged_and_changes_no_call(
    new_face: NewFace,
    settings: Mapping[str, Any],
    sandbox: Sandbox,
    kind: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hooked: list[AttemptStarted] = []
    face = await new_face(**settings, telemetry=broken(kind, monkeypatch), on_request=hooked.append)
    before = context.get_current()
    sandbox.inject(ServerFailure(status=503))
    created = await face("customers.create", {"external_id": "cus_1"})
    assert created.external_id == "cus_1"
    assert len(hooked) == len(sandbox.requests) == 2
    assert context.get_current() == before
    assert "OpenTelemetry has failed; the call continues without it" in caplog.text
    assert sandbox.api_key not in caplog.text
    if isinstance(face.client, LagoClient):
        async with lago_async.EventSink(face.client) as sink:
            await sink.add({"code": "calls", "external_subscription_id": "sub_1"})
            await sink.flush()
            assert sink.counters.delivered == 1


async def test_a_client_without_telemetry_loads_and_runs_none_of_it() -> None:
    code = (
        "import sys, lago_sync\n"
        "from lago_async.sandbox import Sandbox\n"
        "with Sandbox() as s, lago_sync.LagoClient(api_key=s.api_key, base_url=s.url) as client:\n"
        "    client.customers.create({'external_id': 'cus_1'})\n"
        "    with lago_sync.EventSink(client) as sink:\n"
        "        sink.add({'code': 'calls', 'external_subscription_id': 'sub_1'})\n"
        "    assert type(client._async._state).__name__ == 'ClientState'\n"
        "print(*[name for name in sys.modules if 'telemetry' in name])"
    )
    found = subprocess.check_output([sys.executable, "-W", "error", "-c", code], text=True, timeout=100)
    assert found.split() == ["lago_async._telemetry", "lago_async._telemetry.opentelemetry"]


def test_without_the_package_the_error_names_the_extra() -> None:
    code = (
        "import sys\n"
        "sys.modules['opentelemetry'] = None\n"
        "from lago_async import *\n"
        "from lago_sync import OpenTelemetry\n"
        "try:\n"
        "    OpenTelemetry()\n"
        "except LagoConfigError as error:\n"
        "    print(error, error.__cause__)"
    )
    found = subprocess.check_output([sys.executable, "-W", "error", "-c", code], text=True, timeout=100)
    assert found == (
        "OpenTelemetry needs the package opentelemetry-api, which is not installed: "
        "pip install 'lago-async[opentelemetry]' None\n"
    )


@pytest.mark.parametrize(
    ("kind", "name", "value", "problem"),
    [
        (LagoClient, "telemetry", True, "telemetry must be a lago_async.OpenTelemetry, not True"),
        (
            lago_sync.LagoClient,
            "telemetry",
            OpenTelemetry,
            "telemetry must be a lago_async.OpenTelemetry, not a value of",
        ),
        (
            OpenTelemetry,
            "tracer_provider",
            MeterProvider(shutdown_on_exit=False),
            "tracer_provider must be a TracerProv",
        ),
        (OpenTelemetry, "meter_provider", 1, "meter_provider must be a MeterProvider of OpenTelemetry, not 1"),
        (OpenTelemetry, "propagate", "yes", "propagate must be True or False"),
    ],
    ids=["a client", "a blocking client", "tracers", "meters", "a switch"],
)
def test_a_setting_of_another_type_is_refused(
    kind: Callable[..., object], name: str, value: object, problem: str
) -> None:
    key = {} if kind is OpenTelemetry else {"api_key": "key"}
    with pytest.raises(LagoConfigError, match=f"^{problem}"):
        kind(**key, **{name: value})


def test_the_global_providers_are_used_unless_others_are_given() -> None:
    code = (
        "import lago_sync\n"
        "from lago_async.sandbox import Sandbox\n"
        "from opentelemetry import trace\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import SimpleSpanProcessor\n"
        "from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter\n"
        "telemetry, exporter = lago_sync.OpenTelemetry(), InMemorySpanExporter()\n"
        "with Sandbox() as s:\n"
        "    with lago_sync.LagoClient(api_key=s.api_key, base_url=s.url, telemetry=telemetry) as client:\n"
        "        client.taxes.find_all().page()\n"
        "        trace.set_tracer_provider(TracerProvider())\n"
        "        trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(exporter))\n"
        "        client.taxes.find_all().page()\n"
        "print(*[span.name for span in exporter.get_finished_spans()], telemetry)"
    )
    found = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=100)
    assert found == "lago find_all_taxes <OpenTelemetry>\n"


def test_the_log_of_attempts_has_the_kind_of_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG, "lago_async"),
        Sandbox() as sandbox,
        lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, max_retries=0) as client,
    ):
        sandbox.inject(DropConnection())
        with pytest.raises(LagoConnectionError):
            client.customers.find("cus_1")
        client.customers.create({"external_id": "cus_1"})
    kinds = [vars(record).get("lago_error_type") for record in caplog.records if record.name == "lago_async"]
    assert kinds == ["ServerDisconnectedError", None]
    assert [field.name for field in attrs.fields(lago_async.AttemptEnded)].index("error_type") > 0
