"""From a request to its response: routing, authorization, parameters and envelopes. It does not know about sockets."""

import logging
from hmac import compare_digest

from lago_async.sandbox._money import usage_checks
from lago_async.sandbox._operations import order_execution, webhook_payloads
from lago_async.sandbox._operations.registered import HANDLERS
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import (
    EMPTY_TYPE,
    HTML_TYPE,
    JSON_TYPE,
    TEXT_TYPE,
    NoBody,
    PlainText,
    rendered,
)
from lago_async.sandbox._protocol.params import Fields, nest, query_pairs
from lago_async.sandbox._protocol.route import Route
from lago_async.sandbox._protocol.wire import Json, JsonObject, decode
from lago_async.sandbox._server.messages import IncomingRequest, OutgoingResponse, refusal_response
from lago_async.sandbox._server.routing import Router
from lago_async.sandbox._server.running_clock import RunningClock
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.api_logs import ApiLog
from lago_async.sandbox._state.store import Store

_logger = logging.getLogger(__name__)


class Api:
    """The operations of one endpoint table on one store."""

    def __init__(self, router: Router, store: Store, api_key: str, running_clock: RunningClock | None = None) -> None:
        self.store = store
        self._running_clock = running_clock
        self._api_key = api_key
        self._router = router
        store.render_webhooks = webhook_payloads.render
        store.execute_order = order_execution.execute_when_due

    def operation(self, request: IncomingRequest) -> str | None:
        """Return the name of the operation that a request is for."""
        match = self._router.match(request.method, request.raw_path)
        return None if match is None else match[0].name

    def accepts(self, request: IncomingRequest) -> bool:
        """Tell whether a request has the sandbox's key."""
        # The server ignores the scheme: the second word is the key.
        words = request.headers.get("Authorization", "").split()
        return len(words) >= 2 and compare_digest(words[1].encode(), self._api_key.encode())

    def respond(self, request: IncomingRequest) -> OutgoingResponse:
        """Handle a request under the store's lock."""
        response = self._respond_or_refuse(request)
        if self.store.premium and request.method not in {"GET", "HEAD"}:
            self._log(request, response)
        return response

    def _log(self, request: IncomingRequest, response: OutgoingResponse) -> None:
        """Keep a request that may have changed something for the log of requests."""
        with self.store.lock:
            log = ApiLog(
                created_at=self.store.now,
                request_id=request.request_id,
                client=request.headers.get("User-Agent", ""),
                http_method=request.method,
                http_status=response.status,
                request_body=request.body.decode("utf-8", "replace"),
                request_path=request.raw_path,
                request_response=response.body.decode("utf-8", "replace"),
            )
            self.store.api_logs.append(log)

    def _respond_or_refuse(self, request: IncomingRequest) -> OutgoingResponse:
        try:
            with self.store.lock:
                if self._running_clock is None:
                    return self._respond(request)
                self._running_clock.catch_up()
                try:
                    return self._respond(request)
                finally:
                    if request.method not in {"GET", "HEAD"}:
                        self._running_clock.changed()
        except refusals.RefusalError as refusal:
            return self._refuse(refusal)
        except Exception:
            # Like a real server: the client gets a 500, and the log has the reason.
            _logger.exception("the sandbox failed on %s %s", request.method, request.raw_path)
            with self.store.lock:
                self.store.outbox.take_happened()
            return refusal_response(refusals.crashed())

    def _refuse(self, refusal: refusals.RefusalError) -> OutgoingResponse:
        """Return the response for a refusal, which undoes what was about to be told."""
        with self.store.lock:
            self.store.outbox.take_happened()
        return refusal_response(refusal)

    def perform(self, operation: str, given: Json, path_params: tuple[str, ...]) -> OutgoingResponse:
        """Perform an operation without HTTP; ``given`` is the content of its request envelope, or the whole request."""
        route = self._router.by_name.get(operation)
        if route is None:
            raise LookupError(f"no operation {operation!r} in the endpoint table")
        params: JsonObject = {}
        if given is not None and route.request_root is not None and route.method not in {"GET", "DELETE"}:
            params = {route.request_root: given}
        elif isinstance(given, dict):
            params = given
        try:
            with self.store.lock:
                if self._running_clock is not None:
                    self._running_clock.catch_up()
                    self._running_clock.changed()
                return self._run(route, path_params, params)
        except refusals.RefusalError as refusal:
            return self._refuse(refusal)

    def _respond(self, request: IncomingRequest) -> OutgoingResponse:
        match = self._router.match(request.method, request.raw_path)
        if match is None:
            document = documents.find(self.store, request.raw_path)
            if document is not None:
                return OutgoingResponse(200, *document)
            raise refusals.not_found("resource")
        route, path_params = match
        try:
            sent = _sent_params(request)
        except ValueError:
            # On the server this fails before the API's own error handling, so only clients that accept JSON get JSON.
            if "application/json" in request.headers.get("Accept", ""):
                raise refusals.malformed_json() from None
            return OutgoingResponse(400, b"", HTML_TYPE)
        if not self.accepts(request):
            raise refusals.unauthorized()
        return self._run(route, path_params, {**nest(request.query), **sent})

    def _run(self, route: Route, path_params: tuple[str, ...], params: JsonObject) -> OutgoingResponse:
        handler = HANDLERS.get(route.name)
        if handler is None:
            raise refusals.not_simulated()
        result = handler(OperationCall(store=self.store, route=route, path_params=path_params, params=Fields(params)))
        body = rendered(result, route.root)
        # The server answers before its jobs run; here they have run when the next request arrives.
        usage_checks.look(self.store)
        self.store.tell()
        content_type = JSON_TYPE
        if isinstance(result, PlainText):
            content_type = TEXT_TYPE
        elif isinstance(result, NoBody):
            content_type = EMPTY_TYPE
        return OutgoingResponse(200, body, content_type)


def _sent_params(request: IncomingRequest) -> JsonObject:
    """Return the parameters of a body; JSON that is not an object goes under the name ``_json``."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return nest(query_pairs(request.body.decode("utf-8", "replace")))
    if kind != "application/json" or not request.body.strip():
        return {}
    body: Json = decode(request.body)
    return body if isinstance(body, dict) else {"_json": body}
