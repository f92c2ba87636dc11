"""Webhooks in Starlette and FastAPI: ``app.add_route("/webhooks/lago", endpoint(hooks), methods=["POST"])``.

uvicorn with h11 refuses headers of more than 16 KiB. For JWT signatures, start it with
``--h11-max-incomplete-event-size 131072``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from lago_async.webhooks._handlers import WebhookHandlers

__all__ = ["endpoint"]


def endpoint(hooks: WebhookHandlers, /) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint that gives each delivery to the handlers of webhooks."""
    from starlette.responses import Response

    from lago_async.webhooks._bodies import read_bounded

    async def respond(request: Request) -> Response:
        body = await read_bounded(
            request.stream(), request.headers.get("Content-Length"), hooks.verifier.max_body_bytes
        )
        return Response(status_code=413 if body is None else await hooks.handle(body, request.headers))

    return respond
