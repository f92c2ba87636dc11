"""The two messages of one call: the request, ready to send, and the response, whatever its status."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import attrs

if TYPE_CHECKING:
    from lago_async._table.gates import Gate
    from lago_async.models import Json

__all__ = ["ApiHost", "ApiVersion", "HttpMethod", "Operation", "Request", "Response", "Sender"]

HttpMethod: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ApiVersion: TypeAlias = Literal["v1", "v2"]
"""The versions of the API; each is below ``/api`` of the same base URL."""

ApiHost: TypeAlias = Literal["api", "ingest"]
"""The host of an operation: that of ``base_url``, or that of ``ingest_url`` if it is set."""


class Operation(Protocol):
    """The part of an ``Endpoint`` that its requests and responses need."""

    @property
    def name(self) -> str:
        """The API's name of the operation, in snake case."""
        ...

    @property
    def method(self) -> str:
        """The HTTP method."""
        ...

    @property
    def path(self) -> str:
        """The path below the version, with path parameters in braces."""
        ...

    @property
    def version(self) -> ApiVersion:
        """The version of the API that has the operation."""
        ...

    @property
    def host(self) -> ApiHost:
        """The host that the operation is sent to."""
        ...

    @property
    def path_params(self) -> tuple[str, ...]:
        """The names in braces."""
        ...

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The requirements of every call, such as a premium licence."""
        ...

    def decode(self, response: Response, /) -> Any:
        """Return the declared result from a response."""
        ...

    async def adecode(self, response: Response, /) -> Any:
        """Like ``decode``, but let the loop run other tasks between responses, and between pieces of a large one."""
        ...

    def content_in(self, whole: Json, /) -> Json:
        """Return the JSON that the declared result was read from; for a page, with the names of its fields."""
        ...

    async def settle(self, response: Response, send: Callable[[Request], Awaitable[Response]], /) -> Response:
        """Return the response that the caller gets instead of the one to a repeat.

        Args:
            response: The response to the last attempt, when the response to an earlier one was lost.
            send: Sends a request that looks something up. It raises ``LagoError`` if that fails.
        """
        ...


def _size(body: bytes | None) -> str:
    """Return the repr of a body: its size, because it may be megabytes, or hold a secret such as a gRPC token."""
    return "None" if body is None else f"<{len(body)} bytes>"


@attrs.define(slots=True)
class Request:
    """One call, ready to send; it does not depend on a connection or an event loop.

    Attributes:
        endpoint: The operation that it calls.
        target: Path and query below the version, percent-encoded.
        body: The JSON to send; None for a request without a body.
        repeatable: Whether sending it twice has the same effect as sending it once.
    """

    endpoint: Operation
    target: str
    body: bytes | None = attrs.field(repr=_size)
    repeatable: bool


@attrs.define(slots=True)
class Response:
    """The server's response to a request, whatever its status.

    Attributes:
        request: The request that it responds to.
        status_code: The HTTP status.
        headers: The headers; names are case-insensitive.
        body: The bytes of the body.
        request_id: The ``X-Request-Id`` of the call.
        attempts: How many times the request was tried.
        uncertain: Whether the response to an earlier attempt was lost, and the server may have acted on that attempt.
        note: What is known of that earlier attempt, for the message of an error.
    """

    request: Request
    status_code: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=_size)
    request_id: str
    attempts: int
    uncertain: bool
    note: str = ""


class Sender(Protocol):
    """The part of a client that a resource needs."""

    async def send(self, request: Request, /) -> Response:
        """Send a prepared request, and return the response, whatever its status."""
        ...
