"""Webhooks in Django under ASGI: ``path("webhooks/lago", endpoint(hooks))``, without ``csrf_exempt``.

Under WSGI, use ``lago_sync.webhooks.django``: there, Django makes an event loop for each request. Under ASGI, Django
reads the whole body before it calls a view, to a temporary file where it is large: limit bodies in the proxy in front.

uvicorn with h11 refuses headers of more than 16 KiB. For JWT signatures, start it with
``--h11-max-incomplete-event-size 131072``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponse

    from lago_async.webhooks._handlers import WebhookHandlers

__all__ = ["endpoint"]


def endpoint(hooks: WebhookHandlers, /) -> Callable[[HttpRequest], Awaitable[HttpResponse]]:
    """Return the view that gives each delivery to the handlers of webhooks.

    The limit of a body is that of the verifier, not ``DATA_UPLOAD_MAX_MEMORY_SIZE`` of the project.
    """
    from django.http import HttpResponse, HttpResponseNotAllowed
    from django.views.decorators.csrf import csrf_exempt

    from lago_async.webhooks._bodies import read_bounded_stream

    async def lago_webhooks(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        # Django has the body already, in memory or in a file: this read waits for no network.
        body = read_bounded_stream(request, request.headers.get("Content-Length"), hooks.verifier.max_body_bytes)
        return HttpResponse(status=413 if body is None else await hooks.handle(body, request.headers))

    return csrf_exempt(lago_webhooks)
