"""Control over HTTP: what a test in any language does to a sandbox, below a path that is never Lago's.

`_server/control_routes.py` has the routes. All of them need the sandbox's key, as the API does: otherwise any web page
in a browser on this machine could send a request that resets it.
"""

import logging
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

import attrs

from lago_async.sandbox._protocol.wire import Json, JsonObject, decode, encode
from lago_async.sandbox._server.faults import Fault, Injection
from lago_async.sandbox._server.messages import IncomingRequest, OutgoingResponse, ReceivedRequest
from lago_async.sandbox._server.webhooks import SandboxWebhooks

ControlResult: TypeAlias = "Json | OutgoingResponse"
PREFIX = "/_sandbox"
_logger = logging.getLogger(__name__)


class Controllable(Protocol):
    """The part of a sandbox that the routes use."""

    requests: deque[ReceivedRequest]
    webhooks: SandboxWebhooks

    @property
    def now(self) -> datetime: ...
    @property
    def clock_speed(self) -> float: ...
    @property
    def faults(self) -> Sequence[Injection]: ...
    def set_clock_speed(self, speed: float) -> None: ...
    def advance(
        self, *, to: datetime | None = None, by: timedelta | None = None, days: float | None = None
    ) -> None: ...
    def inject(self, fault: Fault, *, operation: str | None = None, times: int | None = 1) -> None: ...
    def clear_faults(self) -> None: ...
    def reset(self) -> None: ...
    def export_world(self) -> bytes: ...
    def import_world(self, content: bytes) -> None: ...


class ControlError(Exception):
    """A request that cannot be done; the message says what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@attrs.frozen(kw_only=True)
class ControlCall:
    """One request of a route: the parameters of its query or body, and the body itself."""

    sandbox: Controllable
    params: JsonObject
    body: bytes
    operations: Container[str]

    def operation(self) -> str | None:
        """Return the operation that the parameters name."""
        name = self.params.get("operation")
        if name is None or (isinstance(name, str) and name in self.operations):
            return name
        message = f"There is no operation {name!r}. `python -m lago_async endpoints` lists them, such as create_event."
        raise ControlError(422, "invalid_parameter", message)


@attrs.frozen
class ControlRoute:
    """A row of the table of routes.

    Attributes:
        method: The HTTP verb.
        path: The path below the prefix.
        summary: What it does, in one line.
        handle: Does it, and returns the content of the response.
        params: The parameters that it takes, each with what it means: of the query for GET, else members of the body.
            None if it takes the body as it is.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[ControlCall], ControlResult]
    params: Mapping[str, str] | None = attrs.field(factory=dict[str, str])

    @property
    def shown(self) -> JsonObject:
        """The row as the index shows it."""
        shown: JsonObject = {"method": self.method, "path": PREFIX + self.path, "does": self.summary}
        if self.params:
            shown["takes"] = dict(self.params)
        return shown


class Control:
    """The routes on one sandbox."""

    def __init__(
        self,
        sandbox: Controllable,
        routes: Iterable[ControlRoute],
        *,
        operations: Container[str],
        accepts: Callable[[IncomingRequest], bool],
    ) -> None:
        self._sandbox = sandbox
        self._operations = operations
        self._routes = tuple(routes)
        self._accepts = accepts

    def is_for(self, request: IncomingRequest) -> bool:
        """Tell whether a request is for the control routes."""
        return request.raw_path == PREFIX or request.raw_path.startswith(PREFIX + "/")

    def too_large(self, limit: int) -> OutgoingResponse:
        """Return the refusal of a body that is too long."""
        message = f"The body is longer than {limit} bytes, which is the sandbox's body_limit."
        return _error_response(ControlError(413, "too_large", message))

    def respond(self, request: IncomingRequest) -> OutgoingResponse:
        """Return the response to a request for the control routes."""
        try:
            result = self._run(request)
        except ControlError as error:
            return _error_response(error)
        except ValueError as error:
            return _error_response(ControlError(422, "invalid", str(error)))
        except Exception:
            _logger.exception("the sandbox failed on %s %s", request.method, request.raw_path)
            message = "The sandbox failed; its log has the reason. Reset it before you go on."
            return _error_response(ControlError(500, "failed", message))
        return result if isinstance(result, OutgoingResponse) else OutgoingResponse(200, encode(result))

    def _run(self, request: IncomingRequest) -> ControlResult:
        if not self._accepts(request):
            message = "Send the sandbox's API key: Authorization: Bearer KEY. The control routes need it too."
            raise ControlError(401, "unauthorized", message)
        path = request.raw_path.removeprefix(PREFIX).rstrip("/")
        if not path and request.method == "GET":
            return {"routes": [route.shown for route in self._routes]}
        found = [route for route in self._routes if route.path == path]
        for route in found:
            if route.method == request.method:
                return route.handle(self._call(route, request))
        if found:
            allowed = ", ".join(route.method for route in found)
            message = f"{request.raw_path} takes {allowed}, not {request.method}."
            raise ControlError(405, "method_not_allowed", message)
        message = f"There is no {request.raw_path}. GET {PREFIX}/ lists the control routes."
        raise ControlError(404, "route_not_found", message)

    def _call(self, route: ControlRoute, request: IncomingRequest) -> ControlCall:
        if route.params is None:
            return self._with({}, request)
        params: JsonObject = dict(request.query) if route.method == "GET" else _body_params(request)
        if unknown := sorted(set(params) - set(route.params)):
            known = f"takes {', '.join(route.params)}" if route.params else "takes no parameters"
            message = f"{route.method} {PREFIX}{route.path} {known}, not {', '.join(unknown)}."
            raise ControlError(422, "unknown_parameter", message)
        return self._with(params, request)

    def _with(self, params: JsonObject, request: IncomingRequest) -> ControlCall:
        return ControlCall(sandbox=self._sandbox, params=params, body=request.body, operations=self._operations)


def _body_params(request: IncomingRequest) -> JsonObject:
    if not request.body.strip():
        return {}
    try:
        body = decode(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ControlError(400, "not_json", "The body has to be a JSON object, such as {}.")
    return body


def _error_response(error: ControlError) -> OutgoingResponse:
    body: JsonObject = {"status": error.status, "error": str(error), "code": error.code}
    return OutgoingResponse(error.status, encode(body))
