"""The span of a call: it begins before the wait for the rate limit and ends with the response that the caller gets."""

from __future__ import annotations

import asyncio
from contextvars import Token
from typing import TYPE_CHECKING, Final

import attrs
from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from yarl import URL

from lago_async._telemetry import conventions
from lago_async._telemetry.recorder import log_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.context import Context
    from opentelemetry.util.types import AttributeValue

    from lago_async._net.hooks import AttemptEnded, AttemptStarted, RetryScheduled
    from lago_async._net.options import Options, Settings
    from lago_async._table.messages import ApiHost, Request, Response
    from lago_async._telemetry.recorder import Recorder

_CALL: Final = context.create_key("lago-call")

_PROPAGATOR: Final = TraceContextTextMapPropagator()


class CallSpans:
    """The spans of the calls of one client."""

    def __init__(self, recorder: Recorder, settings: Settings) -> None:
        self.recorder: Recorder = recorder
        self._servers: Mapping[ApiHost, _Server] = {
            "api": _server_of(settings.base_url),
            "ingest": _server_of(settings.ingest_url),
        }

    def begin(self, request: Request, options: Options) -> CallSpan:
        """Begin the span of a call, and make it the current one."""
        call = CallSpan(self.recorder, options)
        try:
            call.begin(request, self._servers[request.endpoint.host])
        except Exception:  # noqa: BLE001 - a program's own tracer must not end a call
            log_failure()
        return call


class CallSpan:
    """A call and its span.

    Attributes:
        options: The options of the call, with the headers that propagate the span.
    """

    __slots__ = (
        "_attempts",
        "_attributes",
        "_reason",
        "_recorder",
        "_request_id",
        "_span",
        "_token",
        "_waited",
        "options",
    )

    def __init__(self, recorder: Recorder, options: Options) -> None:
        self.options: Options = options
        self._recorder = recorder
        self._span: trace.Span = trace.INVALID_SPAN
        self._token: Token[Context] | None = None
        self._attributes: Mapping[str, AttributeValue] = {}
        self._attempts = 0
        self._waited = 0.0
        self._request_id = ""
        self._reason: str | None = None

    def begin(self, request: Request, server: _Server) -> None:
        """Begin the span, with the attributes that a sampler may look at."""
        endpoint = request.endpoint
        self._attributes = {
            conventions.METHOD: endpoint.method,
            conventions.URL_TEMPLATE: f"{server.path}{endpoint.version}{endpoint.path}",
            conventions.SERVER_ADDRESS: server.address,
            conventions.SERVER_PORT: server.port,
        }
        self._span = self._recorder.tracer.start_span(
            f"lago {endpoint.name}",
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, conventions.OPERATION: endpoint.name},
        )
        here = trace.set_span_in_context(self._span)
        if self._recorder.propagates:
            headers = dict[str, str]()
            _PROPAGATOR.inject(headers, here)
            own = {name.lower() for name in self.options.headers}
            if headers and own.isdisjoint(headers):
                self.options = attrs.evolve(self.options, headers={**self.options.headers, **headers})
        self._token = context.attach(context.set_value(_CALL, self, here))

    def end(self, response: Response) -> None:
        """End the span with the response that the caller gets."""
        status = response.status_code
        attributes: dict[str, AttributeValue] = {conventions.STATUS_CODE: status}
        if status >= 400:
            attributes[conventions.ERROR_TYPE] = str(status)
            if response.uncertain:
                attributes[conventions.MAYBE_APPLIED] = True
        self._end(attributes, Status(StatusCode.ERROR) if status >= 400 else None)
        self._leave()

    def fail(self, error: BaseException) -> None:
        """End the span with the error that the caller gets instead of a response.

        The message of the error may have an id of the program, so it is not in the span.
        """
        cancelled = isinstance(error, asyncio.CancelledError | GeneratorExit)
        kind = type(error)
        attributes: dict[str, AttributeValue] = {
            conventions.ERROR_TYPE: "cancelled" if cancelled else f"{kind.__module__}.{kind.__qualname__}"
        }
        if getattr(error, "maybe_applied", False):
            attributes[conventions.MAYBE_APPLIED] = True
        status: object = getattr(error, "status_code", None)
        if isinstance(status, int):
            attributes[conventions.STATUS_CODE] = status
        self._end(attributes, Status(StatusCode.ERROR, self._reason))
        if not isinstance(error, GeneratorExit):
            self._leave()  # a coroutine that the collector closes is in a context of another task

    def attempt_started(self, event: AttemptStarted) -> None:
        """Note an attempt that begins."""
        self._attempts += 1
        self._request_id = event.request_id
        if event.waited:
            self._waited += event.waited
            self._recorder.rate_limit_wait.record(event.waited, {conventions.OPERATION: event.operation})

    def attempt_ended(self, event: AttemptEnded) -> None:
        """Record an attempt that has ended."""
        self._reason = event.reason
        self._recorder.duration.record(event.seconds, {**self._attributes, **_outcome_of(event)})

    def retry_scheduled(self, event: RetryScheduled) -> None:
        """Record that another attempt follows."""
        outcome = _outcome_of(event)
        self._recorder.retries.add(1, {conventions.OPERATION: event.operation, **outcome})
        self._span.add_event(
            conventions.RETRY_EVENT, {conventions.ATTEMPT: event.attempt, conventions.DELAY: event.delay, **outcome}
        )

    def _end(self, attributes: dict[str, AttributeValue], status: Status | None) -> None:
        try:
            attributes[conventions.ATTEMPTS] = self._attempts
            if self._request_id:
                attributes[conventions.REQUEST_ID] = self._request_id
            if self._attempts > 1:
                attributes[conventions.RESEND_COUNT] = self._attempts - 1
            if self._waited:
                attributes[conventions.RATE_LIMIT_WAIT] = self._waited
            self._span.set_attributes(attributes)
            if status is not None:
                self._span.set_status(status)
            self._span.end()
        except Exception:  # noqa: BLE001 - a program's own exporter must not take the place of a response
            log_failure()

    def _leave(self) -> None:
        if self._token is not None:
            context.detach(self._token)


def current_call() -> CallSpan | None:
    """Return the call that runs in this context."""
    call = context.get_value(_CALL)
    return call if isinstance(call, CallSpan) else None


@attrs.frozen
class _Server:
    """A server, as attributes say it.

    Attributes:
        path: The path before the version of the API.
    """

    address: str
    port: int
    path: str


def _server_of(base_url: str) -> _Server:
    url = URL(base_url, encoded=True)
    return _Server(url.raw_host or "", url.port or 0, url.raw_path.removesuffix("v1"))


def _outcome_of(event: AttemptEnded | RetryScheduled) -> dict[str, AttributeValue]:
    """Return the attributes for the outcome of an attempt: its status, and the kind of its failure."""
    found: dict[str, AttributeValue] = {}
    if event.status_code is not None:
        found[conventions.STATUS_CODE] = event.status_code
    if event.error_type is not None:
        found[conventions.ERROR_TYPE] = event.error_type
    elif event.status_code is not None and event.status_code >= 400:
        found[conventions.ERROR_TYPE] = str(event.status_code)
    return found
