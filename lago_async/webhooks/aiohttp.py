"""Webhooks in aiohttp.web: ``app.router.add_post("/webhooks/lago", endpoint(hooks))``.

aiohttp refuses headers of more than 8,190 bytes. For JWT signatures, make the server with
``web.AppRunner(app, max_field_size=131_072)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from lago_async.webhooks._handlers import WebhookHandlers

__all__ = ["endpoint"]


def endpoint(hooks: WebhookHandlers, /) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the request handler that gives each delivery to the handlers of webhooks.

    The limit of a body is that of the verifier, not ``client_max_size`` of the application.
    """
    from aiohttp import web

    from lago_async.webhooks._bodies import read_bounded

    async def respond(request: web.Request) -> web.Response:
        body = await read_bounded(
            request.content.iter_any(), request.headers.get("Content-Length"), hooks.verifier.max_body_bytes
        )
        return web.Response(status=413 if body is None else await hooks.handle(body, request.headers))

    return respond
