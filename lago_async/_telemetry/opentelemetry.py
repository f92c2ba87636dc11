"""The setting of a client that turns on OpenTelemetry. The API package is imported only when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._validation import check_switch, described
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from lago_async._telemetry.recorder import Recorder

__all__ = ["OpenTelemetry"]


class OpenTelemetry:
    """Spans and metrics of OpenTelemetry, for ``LagoClient(telemetry=OpenTelemetry())``.

    Each call is a span with the name of its operation, such as ``lago find_customer``, and each attempt is a
    measurement of ``http.client.request.duration``. Spans and metrics never have the API key, a body, an id of yours
    or a search term. It needs the extra ``opentelemetry``. Any number of clients of both packages may share one object.

    Args:
        tracer_provider: The provider of the tracer; the global one if not given.
        meter_provider: The provider of the meter; the global one if not given.
        propagate: Whether to send the ids of the span to the server, in the headers ``traceparent`` and ``tracestate``;
            off by default. Baggage is never sent.

    Raises:
        LagoConfigError: The extra is not installed, or a provider is not one.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        propagate: bool = False,
    ) -> None:
        check_switch("propagate", propagate)
        try:
            from lago_async._telemetry.recorder import Recorder
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "opentelemetry":
                raise
            raise LagoConfigError(
                "OpenTelemetry needs the package opentelemetry-api, which is not installed: "
                "pip install 'lago-async[opentelemetry]'"
            ) from None
        self._recorder = Recorder(tracer_provider, meter_provider, propagate=propagate)

    def __repr__(self) -> str:
        return "<OpenTelemetry>"


def recorder_of(telemetry: object) -> Recorder:
    """Return the recorder of a client's spans and metrics.

    Raises:
        LagoConfigError: The setting is not an ``OpenTelemetry``.
    """
    if not isinstance(telemetry, OpenTelemetry):
        raise LagoConfigError(f"telemetry must be a lago_async.OpenTelemetry, not {described(telemetry)}")
    return telemetry._recorder  # pyright: ignore[reportPrivateUsage]
