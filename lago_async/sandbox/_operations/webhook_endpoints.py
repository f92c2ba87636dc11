"""Webhook endpoints, and the public key for signatures."""

import base64
import json
import re
from uuid import uuid4

from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.webhook_types import WEBHOOK_TYPES
from lago_async.sandbox._protocol import refusals, signatures
from lago_async.sandbox._protocol.envelopes import PagedList, PlainText
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.outbox import ENDPOINTS
from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.store import Store

_ENDPOINTS_MAX = 10
_ENDPOINTS = ENDPOINTS
_URL = re.compile(r"https?://[^\s/$.?#][^\s]*", re.IGNORECASE)


def _encoded_key() -> str:
    encoded = base64.b64encode(signatures.public_key().encode()).decode()
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


def urls(store: Store) -> list[str]:
    """Return the URLs of all endpoints, oldest first."""
    return [str(endpoint.values["webhook_url"]) for endpoint in store.plain_objects[_ENDPOINTS].values()]


def set_first_url(store: Store, given: Fields) -> None:
    """Change the URL of the oldest endpoint, or create an endpoint with it."""
    endpoints = store.plain_objects[_ENDPOINTS]
    first = next(iter(endpoints.values()), None)
    before: JsonObject = {} if first is None else first.values
    values = _values(store, Fields({**before, "webhook_url": given.raw("webhook_url")}), first)
    if first is None:
        first = PlainObject(created_at=store.now, values=values)
        endpoints[first.lago_id] = first
    first.values = values


def _event_types(found: refusals.FieldErrors, given: Fields) -> Json:
    """Return the types of webhooks that are sent; null, which ``["*"]`` is too, means all."""
    raw = given.raw("event_types")
    if raw is None:
        return None
    if not isinstance(raw, list):
        found.add("event_types", "must_be_array")
        return None
    types = list(dict.fromkeys(text for item in raw if (text := str(item).strip().lower())))
    if types == ["*"]:
        return None
    unknown = [item for item in types if item not in WEBHOOK_TYPES]
    if unknown:
        found.add("event_types", f"contains invalid types: {json.dumps(unknown)}")
    return list[Json](types)


def _values(store: Store, given: Fields, own: PlainObject | None = None) -> JsonObject:
    url, algorithm = given.filled("webhook_url"), given.filled("signature_algo") or "jwt"
    found = refusals.FieldErrors()
    if algorithm not in {"jwt", "hmac"}:
        # The server has no rule for it, and fails.
        raise refusals.crashed()
    if url is None:
        found.add("webhook_url", "value_is_mandatory")
    if url is None or not _URL.fullmatch(url):
        found.add("webhook_url", "url_is_invalid")
    others = [item for item in store.plain_objects[_ENDPOINTS].values() if item is not own]
    if any(item.values["webhook_url"] == url for item in others):
        found.add("webhook_url", "value_already_exist")
    if own is None and len(others) >= _ENDPOINTS_MAX:
        found.add("base", "exceeded_limit")
    types = _event_types(found, given)
    found.refuse()
    return {"webhook_url": url, "signature_algo": algorithm, "name": given.text("name"), "event_types": types}


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
    endpoint = PlainObject(created_at=store.now, lago_id=str(uuid4()), values=values)
    endpoints[endpoint.lago_id] = endpoint
    return _endpoint_json(store, endpoint)


@handles("find_webhook_endpoint")
def find_webhook_endpoint(call: OperationCall) -> JsonObject:
    """Return one endpoint."""
    return _endpoint_json(call.store, _find(call))


@handles("find_all_webhook_endpoints")
def find_all_webhook_endpoints(call: OperationCall) -> PagedList:
    """List the endpoints by URL."""
    found = sorted(call.store.plain_objects[_ENDPOINTS].values(), key=lambda item: str(item.values["webhook_url"]))
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
