"""Faults on demand: what a network, a gateway or an overloaded server does to a client."""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import attrs

from lago_async.sandbox._protocol.envelopes import JSON_TYPE


@attrs.frozen
class Latency:
    """A delay before the response. Other faults of the same request apply after it."""

    seconds: float


@attrs.frozen
class DropConnection:
    """The connection is closed without a response.

    ``before_handling``: the request was read, but not handled. ``after_handling``: it was handled, and only the
    response is lost. ``on_connect``: the next new connection is closed before anything is read from it; an operation
    can't be named for this.
    """

    when: Literal["on_connect", "before_handling", "after_handling"] = "before_handling"


@attrs.frozen
class RateLimited:
    """A 429 with the three headers of Lago's gateway; ``reset`` is in seconds from now."""

    limit: int = 50
    remaining: int = 0
    reset: int = 1


@attrs.frozen
class ServerFailure:
    """A 5xx without the request being handled: JSON as the server sends it, a gateway's HTML page, or an empty body."""

    status: Literal[500, 502, 503, 504] = 500
    html: bool = False
    empty: bool = False


@attrs.frozen
class RawResponse:
    """Exactly this response; the request is not handled."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


@attrs.frozen
class TruncatedBody:
    """The request is handled, but only half of the response's body is sent.

    ``Content-Length`` announces the whole body, and the connection closes early. With ``consistent_length`` it
    announces the half, so that only the JSON is broken.
    """

    consistent_length: bool = False


Fault: TypeAlias = Latency | DropConnection | RateLimited | ServerFailure | RawResponse | TruncatedBody


@attrs.define
class Injection:
    """A fault that waits for its requests."""

    fault: Fault
    operation: str | None
    times: int | None


def _on_connect(fault: Fault) -> bool:
    return isinstance(fault, DropConnection) and fault.when == "on_connect"


class Faults:
    """The injected faults in the order of injection. Used under the sandbox's lock."""

    def __init__(self) -> None:
        self._injections: list[Injection] = []

    def __iter__(self) -> Iterator[Injection]:
        return iter(self._injections)

    def inject(self, fault: Fault, operation: str | None, times: int | None) -> None:
        """Inject ``fault`` into the next ``times`` requests of ``operation``."""
        if times is not None and times < 1:
            raise ValueError(f"times must be at least 1, or None for always, not {times}")
        if operation is not None and _on_connect(fault):
            raise ValueError("a connection dropped on_connect has no operation yet: leave operation out")
        self._injections.append(Injection(fault, operation, times))

    def clear(self) -> None:
        """Remove all faults."""
        self._injections.clear()

    def take_on_connect(self) -> bool:
        """Return whether to close this new connection at once."""
        for injection in self._injections:
            if _on_connect(injection.fault):
                self._use(injection)
                return True
        return False

    def take(self, operation: str | None) -> tuple[float, Fault | None]:
        """Return the faults of this request: the sum of all latencies in seconds, and the first other fault."""
        seconds = 0.0
        first: Fault | None = None
        for injection in list(self._injections):
            fault = injection.fault
            if injection.operation not in {None, operation} or _on_connect(fault):
                continue
            if isinstance(fault, Latency):
                seconds += fault.seconds
            elif first is None:
                first = fault
            else:
                continue
            self._use(injection)
        return seconds, first

    def _use(self, injection: Injection) -> None:
        if injection.times is None:
            return
        injection.times -= 1
        if injection.times == 0:
            self._injections.remove(injection)
