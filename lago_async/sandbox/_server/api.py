"""One request in, one answer out: routing, authorization, parameters and envelopes. Knows nothing of sockets."""

import logging
from hmac import compare_digest

from lago_async.sandbox._operations.registered import HANDLERS
from lago_async.sandbox._operations.registry import Call
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import NoBody, PagedList, PlainList, PlainText, Result, Value
from lago_async.sandbox._protocol.params import Fields, nest
from lago_async.sandbox._protocol.route import Route
from lago_async.sandbox._protocol.wire import Json, JsonObject, decode, encode
from lago_async.sandbox._server.messages import PDF_TYPE, TEXT_TYPE, IncomingRequest, OutgoingResponse, refusal_response
from lago_async.sandbox._server.routing import Router
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.api_logs import ApiLog
from lago_async.sandbox._state.store import Store

_logger = logging.getLogger(__name__)


class Api:
    """The operations of one endpoint table on one store."""

    def __init__(self, router: Router, store: Store, api_key: str) -> None:
        self.store = store
        self._api_key = api_key
        self._router = router

    def operation(self, request: IncomingRequest) -> str | None:
        """The name of the operation a request is for."""
        match = self._router.match(request.method, request.raw_path)
        return None if match is None else match[0].name

    def answer(self, request: IncomingRequest) -> OutgoingResponse:
        """Do what is asked, under the store's lock."""
        answer = self._answer_or_refuse(request)
        if self.store.premium and request.method not in {"GET", "HEAD"}:
            self._log(request, answer)
        return answer

    def _log(self, request: IncomingRequest, answer: OutgoingResponse) -> None:
        """Keep what the log of requests shows of one that would change something."""
        with self.store.lock:
            log = ApiLog(
                created_at=self.store.now,
                request_id=request.request_id,
                client=request.headers.get("User-Agent", ""),
                http_method=request.method,
                http_status=answer.status,
                request_body=request.body.decode("utf-8", "replace"),
                request_path=request.raw_path,
                request_response=answer.body.decode("utf-8", "replace"),
            )
            self.store.api_logs.append(log)

    def _answer_or_refuse(self, request: IncomingRequest) -> OutgoingResponse:
        try:
            with self.store.lock:
                return self._answer(request)
        except refusals.RefusalError as refusal:
            return refusal_response(refusal)
        except Exception:
            # As any server would: the client is told, the log has the reason.
            _logger.exception("the sandbox failed on %s %s", request.method, request.raw_path)
            return refusal_response(refusals.crashed())

    def perform(self, operation: str, given: Json, path_params: tuple[str, ...]) -> OutgoingResponse:
        """Do an operation without HTTP; ``given`` is what its request envelope holds, or the whole request."""
        route = self._router.by_name.get(operation)
        if route is None:
            raise LookupError(f"no operation {operation!r} in the endpoint table")
        params: JsonObject = {}
        if given is not None and route.request_root is not None:
            params = {route.request_root: given}
        elif isinstance(given, dict):
            params = given
        try:
            with self.store.lock:
                return self._run(route, path_params, params)
        except refusals.RefusalError as refusal:
            return refusal_response(refusal)

    def _answer(self, request: IncomingRequest) -> OutgoingResponse:
        match = self._router.match(request.method, request.raw_path)
        if match is None:
            document = documents.find(self.store, request.raw_path)
            if document is not None:
                return OutgoingResponse(200, document, PDF_TYPE)
            raise refusals.not_found("resource")
        route, path_params = match
        try:
            sent = _sent_params(request)
        except ValueError:
            # This fails before the API's own error handling, which only those who ask for JSON get.
            if "application/json" in request.headers.get("Accept", ""):
                raise refusals.malformed_json() from None
            return OutgoingResponse(400, b"", "text/html; charset=utf-8")
        # Whatever the scheme is called, the second word is the key.
        words = request.headers.get("Authorization", "").split()
        if len(words) < 2 or not compare_digest(words[1].encode(), self._api_key.encode()):
            raise refusals.unauthorized()
        return self._run(route, path_params, {**nest(request.query), **sent})

    def _run(self, route: Route, path_params: tuple[str, ...], params: JsonObject) -> OutgoingResponse:
        handler = HANDLERS.get(route.name)
        if handler is None:
            raise refusals.not_simulated()
        call = Call(store=self.store, route=route, path_params=path_params, params=Fields(params))
        return _success(route, handler(call))


def _sent_params(request: IncomingRequest) -> JsonObject:
    """The parameters in the body; only JSON counts, and only an object has names."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or not request.body.strip():
        return {}
    body: Json = decode(request.body)
    return body if isinstance(body, dict) else {"_json": body}


def _success(route: Route, result: Result) -> OutgoingResponse:
    match result:
        case NoBody():
            return OutgoingResponse(200, b"")
        case PlainText(text):
            return OutgoingResponse(200, text.encode(), TEXT_TYPE)
        case PagedList(items, meta):
            return OutgoingResponse(200, b'{%b:[%b],"meta":%b}' % (_root(route), b",".join(items), encode(meta)))
        case PlainList(items, root):
            return OutgoingResponse(200, b"{%b:[%b]}" % (_root(route, root), b",".join(items)))
        case Value(value, root):
            return OutgoingResponse(200, b"{%b:%b}" % (_root(route, root), encode(value)))
        case _:
            return OutgoingResponse(200, b"{%b:%b}" % (_root(route), encode(result)))


def _root(route: Route, own: str | None = None) -> bytes:
    root = own or route.root
    if root is None:
        raise ValueError(f"{route.name} has no response root in the endpoint table")
    return encode(root)
