"""The part of a blocking client that resources and pagers need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from lago_async._concurrency import InFlight
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async._table.messages import Request, Response
    from lago_sync._runtime import Lease


class ConcurrentCalls:
    """Requests in flight on the loop thread, whose responses the caller's thread takes as they arrive."""

    def __init__(self, lease: Lease, send: Callable[[Request], Awaitable[Response]]) -> None:
        self._lease = lease
        self._in_flight = InFlight(send)

    def swap(self, calls: Sequence[tuple[int, Request]]) -> list[tuple[int, Response | Exception]]:
        """Send requests, wait until at least one has a result, and return the numbers and results that are there."""
        return self._lease.run(self._in_flight.swap, calls)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._in_flight:
            with suppress(LagoClosedError):  # closing the client has ended its calls
                self._lease.run(self._in_flight.aclose)


class Sender(Protocol):
    """A sender of prepared requests, which returns their responses, whatever their status."""

    def send(self, request: Request, /) -> Response:
        """Send one request."""
        ...

    def _calls(self) -> ConcurrentCalls:
        """Return a sender of concurrent requests."""
        ...
