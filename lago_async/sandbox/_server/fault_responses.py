"""The responses that faults send in place of the real ones."""

from collections.abc import Mapping

from aiohttp import web

from lago_async.sandbox._server.messages import OutgoingResponse

TOO_MANY_REQUESTS = OutgoingResponse(429, b'{"status":429,"error":"Too Many Requests"}')


_REASONS = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


def server_failure(status: int, *, html: bool, empty: bool) -> OutgoingResponse:
    reason = _REASONS[status]
    if empty:
        return OutgoingResponse(status, b"", "text/html; charset=utf-8")
    if html:
        title = f"{status} {reason}"
        page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<h1>{title}</h1>\r\n</body>\r\n</html>\r\n"
        return OutgoingResponse(status, page.encode(), "text/html")
    return OutgoingResponse(status, f'{{"status":{status},"error":"{reason}"}}'.encode())


def dropped(incoming: web.BaseRequest) -> web.Response:
    """Close the connection. The response is needed for form only: it has nowhere to go."""
    if incoming.transport is not None:
        incoming.transport.abort()
    return web.Response()


async def truncated(
    incoming: web.BaseRequest, answer: OutgoingResponse, headers: Mapping[str, str], *, consistent_length: bool
) -> web.StreamResponse:
    half = answer.body[: len(answer.body) // 2]
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.headers["Content-Type"] = answer.content_type
    response.content_length = len(half) if consistent_length else len(answer.body)
    await response.prepare(incoming)
    await response.write(half)
    if not consistent_length:
        if incoming.transport is not None:
            incoming.transport.close()
        response.force_close()
    return response
