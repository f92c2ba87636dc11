"""The responses that faults send in place of the real ones."""

from collections.abc import Mapping

import attrs
from aiohttp import web

from lago_async.sandbox._protocol.envelopes import HTML_TYPE
from lago_async.sandbox._server.faults import Fault, RateLimited, RawResponse, ServerFailure
from lago_async.sandbox._server.limits import rate_limit_headers
from lago_async.sandbox._server.messages import OutgoingResponse

TOO_MANY_REQUESTS = OutgoingResponse(429, b'{"status":429,"error":"Too Many Requests"}')
_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


def fault_response(fault: Fault | None) -> OutgoingResponse | None:
    """Return the response of a fault that keeps the request from being handled; None for all other faults."""
    match fault:
        case RateLimited(limit, remaining, reset):
            headers = rate_limit_headers(limit=limit, remaining=remaining, reset=reset)
            return attrs.evolve(TOO_MANY_REQUESTS, headers=headers)
        case ServerFailure(status, html, empty):
            return _server_failure(status, html=html, empty=empty)
        case RawResponse(status, body, content_type, headers):
            return OutgoingResponse(status, body, content_type, headers)
        case _:
            return None


def _server_failure(status: int, *, html: bool, empty: bool) -> OutgoingResponse:
    reason = _REASONS[status]
    if empty:
        return OutgoingResponse(status, b"", HTML_TYPE)
    if html:
        title = f"{status} {reason}"
        page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<h1>{title}</h1>\r\n</body>\r\n</html>\r\n"
        return OutgoingResponse(status, page.encode(), "text/html")
    return OutgoingResponse(status, f'{{"status":{status},"error":"{reason}"}}'.encode())


def drop(incoming: web.BaseRequest) -> web.Response:
    """Close the connection. aiohttp needs a response to be returned, but it is never sent."""
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response()


async def truncate(
    incoming: web.BaseRequest, whole: OutgoingResponse, headers: Mapping[str, str], *, consistent_length: bool
) -> web.StreamResponse:
    """Send the first half of a response's body."""
    half = whole.body[: len(whole.body) // 2]
    response = web.StreamResponse(status=whole.status, headers=headers)
    response.headers["Content-Type"] = whole.content_type
    response.content_length = len(half) if consistent_length else len(whole.body)
    await response.prepare(incoming)
    await response.write(half)
    if not consistent_length:
        if incoming.transport is not None:
            incoming.transport.close()
        response.force_close()
    return response
