"""Serve webhooks with a framework on a listening socket: ``python -m tests.lago_async.webhooks.served KIND FD FILE``.

Each webhook that is handled becomes a line of the file. With ``DEFAULT_LIMITS=1``, the limits are those of the server.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import lago_async.webhooks
import lago_sync.webhooks
from tests.lago_async.webhooks.deliveries import PUBLIC_KEY, deliveries

LONGEST = max(deliveries(), key=lambda each: len(each.headers["X-Lago-Signature"]))
LIMIT = 3_000_000
"""More than Django and aiohttp take without a word."""

HEADER = 131_072


def handlers(package: Any, out: Path) -> Any:
    verifier = package.WebhookVerifier(
        public_key=PUBLIC_KEY, issuer=LONGEST.issuer, organization_id=LONGEST.organization_id, max_body_bytes=LIMIT
    )
    hooks = package.WebhookHandlers(verifier)

    def keep(webhook: Any) -> None:
        with out.open("a") as file:
            file.write(f"{webhook.webhook_type}\n")

    async def keep_later(webhook: Any) -> None:
        keep(webhook)

    hooks.on_other(keep if package is lago_sync.webhooks else keep_later)
    return hooks


def flask_app(out: Path) -> Any:
    from flask import Flask

    from lago_sync.webhooks.flask import endpoint

    app = Flask("served")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    app.add_url_rule("/hooks", view_func=endpoint(handlers(lago_sync.webhooks, out)), methods=["POST"])
    return app


def configure_django(view: Any) -> None:
    import types

    import django
    from django.conf import settings
    from django.urls import path

    urls = types.ModuleType("urls")
    urls.urlpatterns = [path("hooks", view)]  # type: ignore[attr-defined]
    sys.modules["urls"] = urls
    settings.configure(
        ROOT_URLCONF="urls",
        SECRET_KEY="x",
        ALLOWED_HOSTS=["127.0.0.1"],
        MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        DATA_UPLOAD_MAX_MEMORY_SIZE=1000,
        LOGGING_CONFIG=None,
    )
    django.setup()


def django_wsgi(out: Path) -> Any:
    from django.core.wsgi import get_wsgi_application

    from lago_sync.webhooks.django import endpoint

    configure_django(endpoint(handlers(lago_sync.webhooks, out)))
    return get_wsgi_application()


def django_asgi(out: Path) -> Any:
    from django.core.asgi import get_asgi_application

    from lago_async.webhooks.django import endpoint

    configure_django(endpoint(handlers(lago_async.webhooks, out)))
    return get_asgi_application()


def in_gunicorn(app: Any, fd: int, limit: int | None) -> None:
    from gunicorn.app.base import BaseApplication

    class Served(BaseApplication):  # type: ignore[misc,unused-ignore]
        def load_config(self) -> None:
            self.cfg.set("bind", f"fd://{fd}")
            self.cfg.set("loglevel", "critical")
            if "control_socket_disable" in self.cfg.settings:  # since gunicorn 25
                self.cfg.set("control_socket_disable", True)
            if limit is not None:
                self.cfg.set("limit_request_field_size", limit)

        def load(self) -> Any:
            return app

    Served().run()


def in_werkzeug(app: Any, fd: int, limit: int | None) -> None:
    from werkzeug.serving import make_server

    make_server("127.0.0.1", 0, app, threaded=True, fd=fd).serve_forever()


def in_uvicorn(app: Any, fd: int, limit: int | None) -> None:
    import uvicorn

    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, h11_max_incomplete_event_size=limit)
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=fd)])


KINDS = {
    "flask in werkzeug": (flask_app, in_werkzeug),
    "flask in gunicorn": (flask_app, in_gunicorn),
    "django in gunicorn": (django_wsgi, in_gunicorn),
    "django in uvicorn": (django_asgi, in_uvicorn),
}

if __name__ == "__main__":
    kind, descriptor, out = sys.argv[1:]
    make, serve = KINDS[kind]
    serve(make(Path(out)), int(descriptor), None if os.environ.get("DEFAULT_LIMITS") else HEADER)
