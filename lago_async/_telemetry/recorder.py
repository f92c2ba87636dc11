"""The recorder: one tracer and the instruments of one meter, which all clients with one setting share."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from opentelemetry import metrics, trace

from lago_async._telemetry import conventions
from lago_async._telemetry.sink_totals import sink_totals_of
from lago_async._validation import described
from lago_async.errors import LagoConfigError
from lago_async.version import __version__

if TYPE_CHECKING:
    from lago_async._ingest.counters import Tally, Waiting

_log = logging.getLogger("lago_async")

_SCOPE: Final = "lago_async"

# Those of the semantic conventions for HTTP clients.
_DURATIONS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_WAITS: Final = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0)
_BATCHES: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


class Recorder:
    """The tracer and the instruments.

    Attributes:
        tracer: The tracer of calls.
        propagates: Whether calls send the ids of their spans to the server.
        duration: The seconds of each attempt.
        retries: The number of retries.
        rate_limit_wait: The seconds of each wait for the rate limit.
    """

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None,
        meter_provider: metrics.MeterProvider | None,
        *,
        propagate: bool,
    ) -> None:
        _check_provider("tracer_provider", tracer_provider, trace.TracerProvider)
        _check_provider("meter_provider", meter_provider, metrics.MeterProvider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self.tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        self.propagates = propagate
        self.duration = meter.create_histogram(
            conventions.DURATION_METRIC,
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_DURATIONS,
        )
        self.retries = meter.create_counter(
            conventions.RETRIES_METRIC, unit="{retry}", description="Attempts of calls that another attempt followed."
        )
        self.rate_limit_wait = meter.create_histogram(
            conventions.WAIT_METRIC,
            unit="s",
            description="Waits of attempts for the rate limit.",
            explicit_bucket_boundaries_advisory=_WAITS,
        )
        self._batch_size = meter.create_histogram(
            conventions.BATCH_SIZE_METRIC,
            unit="{event}",
            description="Events of each request of a sink.",
            explicit_bucket_boundaries_advisory=_BATCHES,
        )
        self._sinks = sink_totals_of(meter_provider, meter)

    def watch(self, tally: Tally, store: Waiting) -> None:
        """Include a sink in the metrics of sinks. The tally is kept until it is counted, the store is not."""
        self._sinks.watch(tally, store)

    def batch_sent(self, size: int) -> None:
        """Record a request of a sink."""
        try:
            self._batch_size.record(size)
        except Exception:  # noqa: BLE001 - a program's own meter must not end a sink
            log_failure()


def _check_provider(name: str, given: object, kind: type) -> None:
    if given is not None and not isinstance(given, kind):
        raise LagoConfigError(f"{name} must be a {kind.__name__} of OpenTelemetry, not {described(given)}")


def log_failure() -> None:
    """Log the exception that is being handled. Telemetry never changes a call: a response must not be lost for it."""
    _log.exception("OpenTelemetry has failed; the call continues without it")
