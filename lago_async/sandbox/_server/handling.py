"""From a request of aiohttp to its response: the host, the control routes, limits, faults, and then the API."""

import asyncio
from collections import deque
from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._server import hosts
from lago_async.sandbox._server.api import Api
from lago_async.sandbox._server.control import Control
from lago_async.sandbox._server.fault_responses import TOO_MANY_REQUESTS, drop, fault_response, truncate
from lago_async.sandbox._server.faults import DropConnection, Fault, Faults, TruncatedBody
from lago_async.sandbox._server.limits import Limiter
from lago_async.sandbox._server.messages import (
    IncomingRequest,
    OutgoingResponse,
    ReceivedRequest,
    refusal_response,
    request_id,
)


class RequestHandler:
    """Responds to every request of one sandbox."""

    def __init__(
        self,
        *,
        api: Api,
        control: Control,
        faults: Faults,
        limiter: Limiter | None,
        requests: deque[ReceivedRequest],
        body_limit: int,
    ) -> None:
        self._api = api
        self._control = control
        self._faults = faults
        self._limiter = limiter
        self._requests = requests
        self._body_limit = body_limit

    async def __call__(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Return the response to a request."""
        body = await self._read(incoming)
        request = IncomingRequest(
            method=incoming.method,
            target=_target(incoming.raw_path),
            headers=incoming.headers,
            body=body or b"",
            request_id=request_id(incoming.headers),
        )
        if (wrong := hosts.refused(incoming.headers)) is not None:
            return _response(wrong, {}, close=True)
        if self._control.is_for(request):
            answered = self._control.too_large(self._body_limit) if body is None else self._control.respond(request)
            return _response(answered, answered.headers, close=body is None)
        return await self._respond(incoming, request, too_large=body is None)

    async def _respond(
        self, incoming: web.BaseRequest, request: IncomingRequest, *, too_large: bool
    ) -> web.StreamResponse:
        received = ReceivedRequest(
            method=request.method,
            raw_path=request.raw_path,
            query=request.query,
            headers=CIMultiDictProxy(CIMultiDict(incoming.headers)),
            body=request.body,
            operation=self._api.operation(request),
        )
        limited, limits = self._limit(received.operation)
        seconds, fault = self._begin(received, limited=limited)
        if seconds:
            await asyncio.sleep(seconds)
        outgoing = TOO_MANY_REQUESTS if limited else fault_response(fault)
        if outgoing is None:
            if isinstance(fault, DropConnection) and fault.when == "before_handling":
                return drop(incoming)
            outgoing = refusal_response(refusals.too_large()) if too_large else self._api.respond(request)
            if isinstance(fault, DropConnection):
                return drop(incoming)
        received.status = outgoing.status
        headers = {"X-Request-Id": request.request_id, **limits, **outgoing.headers}
        if outgoing.status < 300:
            headers.setdefault("Cache-Control", "max-age=0, private, must-revalidate")
        if isinstance(fault, TruncatedBody):
            return await truncate(incoming, outgoing, headers, consistent_length=fault.consistent_length)
        return _response(outgoing, headers, close=too_large)

    def _begin(self, received: ReceivedRequest, *, limited: bool) -> tuple[float, Fault | None]:
        """Keep a request, and take its faults."""
        with self._api.store.lock:
            self._requests.append(received)
            # A request that the gateway refuses does not reach the server, and meets no fault.
            return (0.0, None) if limited else self._faults.take(received.operation)

    def _limit(self, operation: str | None) -> tuple[bool, Mapping[str, str]]:
        """Return whether there are too many requests, and the headers that every response has."""
        if self._limiter is None:
            return False, {}
        allowed, headers = self._limiter.take(operation)
        return not allowed, headers

    async def _read(self, incoming: web.BaseRequest) -> bytes | None:
        """Return the body; None if it is longer than the limit."""
        parts: list[bytes] = []
        size = 0
        async for part in incoming.content.iter_any():
            size += len(part)
            if size > self._body_limit:
                return None
            parts.append(part)
        return b"".join(parts)


def _response(outgoing: OutgoingResponse, headers: Mapping[str, str], *, close: bool) -> web.Response:
    response = web.Response(status=outgoing.status, body=outgoing.body, headers=headers)
    response.headers["Content-Type"] = outgoing.content_type
    if close:
        response.force_close()
    return response


def _target(raw_path: str) -> str:
    """Return path and query, also from a request line with a whole URL."""
    _, scheme, rest = raw_path.partition("://")
    if scheme and not raw_path.startswith("/"):
        return "/" + rest.partition("/")[2]
    return raw_path
