"""The state that all views of one client share, without telemetry and with it."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Final

import attrs

from lago_async._codec.collector import notice_fork
from lago_async._telemetry.opentelemetry import recorder_of
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from lago_async._ingest.counters import SinkObserver
    from lago_async._net.options import Options, Settings
    from lago_async._net.transport import Transport
    from lago_async._table.messages import Request, Response
    from lago_async._telemetry.calls import CallSpans
    from lago_async._telemetry.opentelemetry import OpenTelemetry

_LOOKUP: Final = 10.0  # seconds for a lookup after a refused repeat, because the caller has waited already
_SHORTEST: Final = 0.001  # seconds; a time limit of 0 is not one


class ClientState:
    """The state that all views of one client share: the settings, and the connections once they are open."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.transport: Transport | None = None
        self.closed: bool = False
        self._process_id = os.getpid()

    @property
    def sink_observer(self) -> SinkObserver | None:
        """The observer of sinks that send through this client; None without telemetry."""
        return None

    def send(self, request: Request, options: Options) -> Awaitable[Response]:
        """Send a request over the client's connections, and settle a refusal that its own earlier attempt caused."""
        # No coroutine of its own: each step of a call would pass through it.
        transport = self.transport
        if transport is None or self._process_id != os.getpid():
            transport = self.open()
        return transport.send(request, options, self._settle)

    async def _settle(self, response: Response, options: Options, seconds: float) -> Response:
        """Return what the caller gets for a refused repeat, after a call that took ``seconds``."""
        total = options.timeout.total

        async def look_up(request: Request) -> Response:
            limit = _LOOKUP
            if total is not None and options.flow is None:  # the time of bulk work does not include its queue
                limit = min(limit, max(_SHORTEST, total - seconds))
            timeout = attrs.evolve(options.timeout, total=limit)
            return await self.send(request, attrs.evolve(options, timeout=timeout))

        return await response.request.endpoint.settle(response, look_up)

    def open(self) -> Transport:
        """Return the transport; create it on first use in a process.

        A forked child does not use the parent's connections, even if it continues to run the same event loop: each of
        the two could read the response that is for the other.
        """
        if self.closed:
            raise LagoClosedError("the client is closed; create a new one")
        if self._process_id != os.getpid():
            self._process_id, self.transport = os.getpid(), None
            notice_fork()
        if self.transport is None:
            from lago_async._net.transport import Transport  # aiohttp takes longer to import than all the rest

            self.transport = Transport(self.settings)
        return self.transport

    async def close(self) -> None:
        """Close the connections; they cannot be opened again."""
        self.closed = True
        if self.transport is not None and self._process_id == os.getpid():
            await self.transport.close()

    def __del__(self) -> None:
        if (
            not self.closed
            and self.transport is not None
            and self._process_id == os.getpid()
            and self.transport.abandon()
            and not sys.is_finalizing()
        ):
            warnings.warn(
                f"a LagoClient for {self.settings.base_url} was never closed: use `async with`, or call close()",
                ResourceWarning,
                source=self,
                stacklevel=1,
            )


class ObservedClientState(ClientState):
    """The state of a client whose calls are spans."""

    def __init__(self, settings: Settings, spans: CallSpans) -> None:
        super().__init__(settings)
        self._spans = spans

    @property
    def sink_observer(self) -> SinkObserver | None:
        """The observer of sinks that send through this client."""
        return self._spans.recorder

    async def send(self, request: Request, options: Options) -> Response:
        """Send a request as a span. A lookup is a child of that span."""
        call = self._spans.begin(request, options)
        try:
            response = await super().send(request, call.options)
        except BaseException as error:
            call.fail(error)
            raise
        call.end(response)
        return response


def client_state_of(settings: Settings, telemetry: OpenTelemetry | None) -> ClientState:
    """Return the state of a new client.

    Raises:
        LagoConfigError: ``telemetry`` is not an ``OpenTelemetry``.
    """
    if telemetry is None:
        return ClientState(settings)
    recorder = recorder_of(telemetry)
    from lago_async._telemetry.attempts import recording
    from lago_async._telemetry.calls import CallSpans

    settings = attrs.evolve(settings, hooks=recording(settings.hooks))
    return ObservedClientState(settings, CallSpans(recorder, settings))
