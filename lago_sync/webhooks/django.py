"""Webhooks in Django: ``path("webhooks/lago", endpoint(hooks))``, without ``csrf_exempt``, which the view has.

gunicorn refuses headers of more than 8,190 bytes. For JWT signatures, start it with
``--limit-request-field_size 131072``. Under ASGI, use ``lago_async.webhooks.django``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from lago_sync._webhook_handlers import WebhookHandlers

__all__ = ["endpoint"]


def endpoint(hooks: WebhookHandlers, /) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view that gives each delivery to the handlers of webhooks.

    The limit of a body is that of the verifier, not ``DATA_UPLOAD_MAX_MEMORY_SIZE`` of the project.
    """
    from django.http import HttpResponse, HttpResponseNotAllowed
    from django.views.decorators.csrf import csrf_exempt

    from lago_async.webhooks._bodies import read_bounded_stream

    def lago_webhooks(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        body = read_bounded_stream(request, request.headers.get("Content-Length"), hooks.verifier.max_body_bytes)
        return HttpResponse(status=413 if body is None else hooks.handle(body, request.headers))

    return csrf_exempt(lago_webhooks)
