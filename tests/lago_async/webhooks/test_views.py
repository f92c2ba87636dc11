"""The views of Flask and Django, called by the test clients of the frameworks: their statuses, without a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

import lago_async.webhooks
import lago_sync.webhooks
from tests.lago_async.webhooks.deliveries import Delivery, deliveries

LIMIT = 100_000
DELIVERY: Delivery = next(each for each in deliveries() if each.issuer is None and len(each.body) < LIMIT)

Post = Callable[[bytes, dict[str, str]], int]


def hooks_of(package: Any) -> Any:
    verifier = package.WebhookVerifier(
        hmac_key=DELIVERY.hmac_key, organization_id=DELIVERY.organization_id, max_body_bytes=LIMIT
    )
    return package.WebhookHandlers(verifier)


def flask() -> Post:
    from flask import Flask

    from lago_sync.webhooks.flask import endpoint

    app = Flask("views")
    app.add_url_rule("/hooks", view_func=endpoint(hooks_of(lago_sync.webhooks)), methods=["POST"])
    return lambda body, headers: app.test_client().post("/hooks", data=body, headers=headers).status_code


def _django_request(body: bytes, headers: dict[str, str], method: str = "POST") -> Any:
    from django.conf import settings
    from django.test import RequestFactory

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["testserver"], LOGGING_CONFIG=None)
    return RequestFactory().generic(method, "/hooks", body, content_type="application/json", headers=headers)


def django_wsgi() -> Post:
    from lago_sync.webhooks.django import endpoint

    view = endpoint(hooks_of(lago_sync.webhooks))
    assert view(_django_request(b"", {}, "GET")).status_code == 405
    return lambda body, headers: view(_django_request(body, headers)).status_code


def django_asgi() -> Post:
    from lago_async.webhooks.django import endpoint

    view = async_to_sync(endpoint(hooks_of(lago_async.webhooks)))
    assert view(_django_request(b"", {}, "GET")).status_code == 405
    return lambda body, headers: view(_django_request(body, headers)).status_code


@pytest.mark.parametrize("view", [flask, django_wsgi, django_asgi])
def test_a_view_answers_with_the_status_of_what_it_got(view: Callable[[], Post]) -> None:
    post = view()
    assert post(DELIVERY.body, DELIVERY.headers) == 200
    assert post(DELIVERY.body + b" ", DELIVERY.headers) == 401
    assert post(b"x" * (LIMIT + 1), DELIVERY.headers) == 413
