"""One request in, one answer out: routing, authorization, parameters and envelopes. Knows nothing of sockets."""

import logging
import re
from collections.abc import Mapping
from hmac import compare_digest
from uuid import uuid4

import attrs

from lago_async.sandbox._money import expressions

# Imported for their handlers, which register themselves.
from lago_async.sandbox._operations import (
    alerts,
    analytics,
    applied_coupons,
    coupons,
    credit_notes,
    customer_links,
    customer_usage,
    customers,
    entitlements,
    event_estimates,
    events,
    fees,
    invoice_actions,
    invoice_previews,
    invoices,
    lifetime_usage,
    logs,
    metadata,
    organization,
    payments,
    plan_charges,
    plans,
    subscriptions,
    taxes,
    wallet_transactions,
    wallets,
    webhook_endpoints,
)
from lago_async.sandbox._operations.registry import HANDLERS, Call, Listing, Nothing, Page, Result, Text, Value
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields, nest, pairs
from lago_async.sandbox._protocol.wire import Json, JsonObject, decode, encode
from lago_async.sandbox._server.routing import Route, Router
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.records import ApiLog
from lago_async.sandbox._state.store import Store

_logger = logging.getLogger(__name__)

JSON_TYPE = "application/json; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"
PDF_TYPE = "application/pdf"
HANDLER_MODULES = (
    alerts,
    analytics,
    applied_coupons,
    taxes,
    coupons,
    credit_notes,
    customer_links,
    customer_usage,
    customers,
    entitlements,
    event_estimates,
    events,
    expressions,
    fees,
    invoice_actions,
    invoices,
    lifetime_usage,
    logs,
    metadata,
    organization,
    payments,
    plan_charges,
    plans,
    invoice_previews,
    subscriptions,
    wallet_transactions,
    wallets,
    webhook_endpoints,
)


@attrs.frozen(kw_only=True)
class Request:
    """A request as it came off the socket. ``target`` is raw: path and query as they were sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    request_id: str

    @property
    def raw_path(self) -> str:
        """The path, not decoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded query, in order."""
        return pairs(self.target.partition("?")[2])


@attrs.frozen
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


def refusal_answer(refusal: refusals.RefusalError) -> Answer:
    """The answer for a refusal."""
    return Answer(refusal.status, encode(refusal.body))


def request_id(headers: Mapping[str, str]) -> str:
    """The caller's own request id, cleaned the way Rails does, or a new one."""
    given = re.sub(r"[^\w\-@]", "", headers.get("X-Request-Id", ""), flags=re.ASCII)[:255]
    return given or str(uuid4())


class Api:
    """The operations of one endpoint table on one store."""

    def __init__(self, router: Router, store: Store, api_key: str) -> None:
        self.store = store
        self._api_key = api_key
        self._router = router

    def operation(self, request: Request) -> str | None:
        """The name of the operation a request is for."""
        match = self._router.match(request.method, request.raw_path)
        return None if match is None else match[0].name

    def answer(self, request: Request) -> Answer:
        """Do what is asked, under the store's lock."""
        answer = self._answer_or_refuse(request)
        if self.store.premium and request.method not in {"GET", "HEAD"}:
            self._log(request, answer)
        return answer

    def _log(self, request: Request, answer: Answer) -> None:
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

    def _answer_or_refuse(self, request: Request) -> Answer:
        try:
            with self.store.lock:
                return self._answer(request)
        except refusals.RefusalError as refusal:
            return refusal_answer(refusal)
        except Exception:
            # As any server would: the client is told, the log has the reason.
            _logger.exception("the sandbox failed on %s %s", request.method, request.raw_path)
            return refusal_answer(refusals.crashed())

    def perform(self, operation: str, given: Json, path_params: tuple[str, ...]) -> Answer:
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
            return refusal_answer(refusal)

    def _answer(self, request: Request) -> Answer:
        match = self._router.match(request.method, request.raw_path)
        if match is None:
            document = documents.find(self.store, request.raw_path)
            if document is not None:
                return Answer(200, document, PDF_TYPE)
            raise refusals.not_found("resource")
        route, path_params = match
        try:
            sent = _sent_params(request)
        except ValueError:
            # This fails before the API's own error handling, which only those who ask for JSON get.
            if "application/json" in request.headers.get("Accept", ""):
                raise refusals.malformed_json() from None
            return Answer(400, b"", "text/html; charset=utf-8")
        # Whatever the scheme is called, the second word is the key.
        words = request.headers.get("Authorization", "").split()
        if len(words) < 2 or not compare_digest(words[1].encode(), self._api_key.encode()):
            raise refusals.unauthorized()
        return self._run(route, path_params, {**nest(request.query), **sent})

    def _run(self, route: Route, path_params: tuple[str, ...], params: JsonObject) -> Answer:
        handler = HANDLERS.get(route.name)
        if handler is None:
            raise refusals.not_implemented()
        call = Call(store=self.store, route=route, path_params=path_params, params=Fields(params))
        return _success(route, handler(call))


def _sent_params(request: Request) -> JsonObject:
    """The parameters in the body; only JSON counts, and only an object has names."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or not request.body.strip():
        return {}
    body: Json = decode(request.body)
    return body if isinstance(body, dict) else {"_json": body}


def _success(route: Route, result: Result) -> Answer:
    match result:
        case Nothing():
            return Answer(200, b"")
        case Text(text):
            return Answer(200, text.encode(), TEXT_TYPE)
        case Page(items, meta):
            return Answer(200, b'{%b:[%b],"meta":%b}' % (_root(route), b",".join(items), encode(meta)))
        case Listing(items, root):
            return Answer(200, b"{%b:[%b]}" % (_root(route, root), b",".join(items)))
        case Value(value, root):
            return Answer(200, b"{%b:%b}" % (_root(route, root), encode(value)))
        case _:
            return Answer(200, b"{%b:%b}" % (_root(route), encode(result)))


def _root(route: Route, own: str | None = None) -> bytes:
    root = own or route.root
    if root is None:
        raise ValueError(f"{route.name} has no response root in the endpoint table")
    return encode(root)
