"""Webhooks in Flask 3.1: ``app.add_url_rule("/webhooks/lago", view_func=endpoint(hooks), methods=["POST"])``.

gunicorn refuses headers of more than 8,190 bytes. For JWT signatures, start it with
``--limit-request-field_size 131072``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from lago_sync._webhook_handlers import WebhookHandlers

__all__ = ["endpoint"]


def endpoint(hooks: WebhookHandlers, /) -> Callable[[], Response]:
    """Return the view that gives each delivery to the handlers of webhooks.

    The limit of a body is that of the verifier, not ``MAX_CONTENT_LENGTH`` of the application.
    """
    from flask import Response, request
    from werkzeug.exceptions import RequestEntityTooLarge

    from lago_async.webhooks._bodies import says_more_than

    def lago_webhooks() -> Response:
        limit = hooks.verifier.max_body_bytes
        if says_more_than(request.headers.get("Content-Length"), limit):
            return Response(status=413)
        request.max_content_length = limit + 1  # of a body without a length; the handlers compare the rest
        try:
            body = request.get_data()
        except RequestEntityTooLarge:
            return Response(status=413)
        return Response(status=hooks.handle(body, dict(request.headers.items())))

    return lago_webhooks
