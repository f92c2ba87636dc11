"""Webhook endpoints, which are stored but never called, and the public key for signatures."""

import base64
from uuid import uuid4

from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList, PlainText
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.store import Store

_ENDPOINTS_MAX = 10
_ENDPOINTS = "webhook_endpoints"


# A real key. The sandbox signs nothing with it, and the private key does not exist any more.
_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA8fMxHcf7yUqFGoCxE59+
9ZevRy+SslU/Lx0hlRLCHfQYTr5yWoxlxXs3Q/tOqIUExhUFgidvJWlbi7/e0Gxg
TB4M+2EVfDsEOj9wAXljF2FhJzWGP7BtIizsOUKsTrtspJDOnvalHHPtjQVIl9l4
dajN5OyqjnI4W9JJy+/Wt8wjsi/mM7RBU/L5QpVUd+LOH1ozDbmfNRh1/U9MvAYL
+92xbcK+dDj1XiTkFOnVd3YawAFY9k8/A1gIWulw91BaYxuD6m5YvcBuSHtqCukl
1U3JaYTrcg58d/y2atzmdB0LBoDMyGBKav3wc5zJN1g1UUNa5i7S/mCj1ALgyLPq
9QIDAQAB
-----END PUBLIC KEY-----
"""


def _encoded_key() -> str:
    encoded = base64.b64encode(_PUBLIC_KEY.encode()).decode()
    return "".join(encoded[start : start + 60] + "\n" for start in range(0, len(encoded), 60))


@handles("fetch_public_key")
def fetch_public_key(_: OperationCall) -> PlainText:
    """Return the key in lines of base64."""
    return PlainText(_encoded_key())


@handles("fetch_json_public_key")
def fetch_json_public_key(_: OperationCall) -> JsonObject:
    """Return the key in JSON."""
    return {"public_key": _encoded_key()}


def _endpoint_json(store: Store, endpoint: PlainObject) -> JsonObject:
    return {
        "lago_id": endpoint.lago_id,
        "lago_organization_id": store.organization_id,
        **endpoint.values,
        "created_at": to_iso(endpoint.created_at),
    }


def _values(store: Store, given: Fields, own: PlainObject | None = None) -> JsonObject:
    url, algorithm = given.filled("webhook_url"), given.filled("signature_algo") or "jwt"
    found = refusals.FieldErrors()
    if url is None:
        found.add("webhook_url", "value_is_mandatory")
    elif not url.startswith(("http://", "https://")):
        found.add("webhook_url", "url_is_invalid")
    elif any(
        item is not own and item.values["webhook_url"] == url for item in store.plain_objects[_ENDPOINTS].values()
    ):
        found.add("webhook_url", "value_already_exist")
    if algorithm not in {"jwt", "hmac"}:
        found.add("signature_algo", "value_is_invalid")
    found.refuse()
    return {
        "webhook_url": url,
        "signature_algo": algorithm,
        "name": given.text("name"),
        "event_types": given.raw("event_types") if given.strings("event_types") is not None else None,
    }


def _find(call: OperationCall) -> PlainObject:
    endpoint = call.store.plain_objects[_ENDPOINTS].get(call.identifier)
    if endpoint is None:
        raise refusals.not_found("webhook_endpoint")
    return endpoint


@handles("create_webhook_endpoint")
def create_webhook_endpoint(call: OperationCall) -> JsonObject:
    """Store an endpoint; an organization may have at most ten."""
    store, endpoints = call.store, call.store.plain_objects[_ENDPOINTS]
    values = _values(store, call.envelope())
    if len(endpoints) >= _ENDPOINTS_MAX:
        raise refusals.invalid_field("base", "exceeded_limit")
    endpoint = PlainObject(created_at=store.now, lago_id=str(uuid4()), values=values)
    endpoints[endpoint.lago_id] = endpoint
    return _endpoint_json(store, endpoint)


@handles("find_webhook_endpoint")
def find_webhook_endpoint(call: OperationCall) -> JsonObject:
    """Return one endpoint."""
    return _endpoint_json(call.store, _find(call))


@handles("find_all_webhook_endpoints")
def find_all_webhook_endpoints(call: OperationCall) -> PagedList:
    """List the endpoints, newest first."""
    found = list(reversed(call.store.plain_objects[_ENDPOINTS].values()))
    return Window.of(call.params).page(found, lambda endpoint: encode(_endpoint_json(call.store, endpoint)))


@handles("update_webhook_endpoint")
def update_webhook_endpoint(call: OperationCall) -> JsonObject:
    """Change an endpoint."""
    endpoint = _find(call)
    endpoint.values = _values(call.store, call.envelope().over(endpoint.values), endpoint)
    return _endpoint_json(call.store, endpoint)


@handles("destroy_webhook_endpoint")
def destroy_webhook_endpoint(call: OperationCall) -> JsonObject:
    """Delete an endpoint."""
    endpoint = _find(call)
    del call.store.plain_objects[_ENDPOINTS][endpoint.lago_id]
    return _endpoint_json(call.store, endpoint)
