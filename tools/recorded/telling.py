"""Telling a story to a sandbox: the recorded requests, at the recorded times, with the ids that the sandbox gave."""

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

import attrs

from lago_async._registry import ENDPOINTS
from lago_async.sandbox._money import clock
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._server.api import Api
from lago_async.sandbox._server.messages import IncomingRequest, OutgoingResponse
from lago_async.sandbox._server.routing import Router
from lago_async.sandbox._state.store import Store
from tools.recorded.comparison import Comparison, Difference, Sums
from tools.recorded.console import Console, arranged
from tools.recorded.job_hours import JobHours
from tools.recorded.normal import normal, owned, parsed, shapes
from tools.recorded.recordings import RecordedExchange, Story
from tools.recorded.symbols import Symbols
from tools.recorded.webhooks import ComparedWebhook, Heard, listen

_KEY = "the-key-of-the-story"
_ORGANIZATION_CREATED = datetime(2020, 1, 1, tzinfo=UTC)
_ROUTER = Router(ENDPOINTS.rows)
# The recordings do not keep the headers of requests. Where a story sent others than usual, its note says so.
_HEADERS: dict[str, dict[str, str]] = {
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "text/plain": {"Content-Type": "text/plain"},
    "malformed, any Accept": {"Accept": "*/*"},
}
# A text that a recording writes as a symbol though the story made it up, by the note.
_TEXTS = {"bad prefix": ("<prefix>", "longer-than-ten")}
_KEPT = ("content-type", "location", "retry-after", "x-lago-endpoint-status")


@attrs.frozen
class Compared:
    """An exchange and how our response differs; ``counts`` is false where the running Lago is not a judge."""

    number: int
    exchange: RecordedExchange
    differences: list[Difference]
    counts: bool

    @property
    def operation(self) -> str:
        """Its name in reports."""
        return self.exchange["operation"]


@attrs.frozen
class Told:
    """A story after it was told."""

    name: str
    exchanges: list[Compared]
    sums: Sums
    invoices: int
    invoices_equal: int
    webhooks: list[ComparedWebhook]

    def differing(self) -> list[int]:
        """Return the numbers of the exchanges that differ."""
        return [each.number for each in self.exchanges if each.differences]

    def differing_webhooks(self) -> list[str]:
        """Return the webhooks that differ: the number of the exchange before each, and its type."""
        return [each.key for each in self.webhooks if each.differences]


class _Teller:
    """A sandbox with one story, without a socket."""

    def __init__(self, story: Story) -> None:
        # The running Lago had no payment provider.
        self._store = Store(
            now=_ORGANIZATION_CREATED,
            premium=story["premium_server"],
            front_url="https://app.getlago.com",
            payment_providers={},
            strict=False,
        )
        self._store.now = datetime.fromisoformat(story["start"])
        self._store.url = "http://sandbox"
        # The recordings write these two as one symbol, also where they are a word of a message.
        self._store.billing_entity_code = self._store.slug = "organization"
        self._api = Api(_ROUTER, self._store, _KEY)
        self._arranged = arranged(story["scenario"])
        self._console = Console(self._store)
        self._prefix = story["scenario"].replace(".", "_") + "_"
        known = {
            "<default-entity>": self._store.billing_entity_code,
            "<prefix>": self._store.document_number_prefix,
        }
        self.comparison = Comparison(Symbols(known))
        self.symbols = self.comparison.symbols
        self.heard = Heard(self._store)
        if "webhooks" in story:
            listen(self._store)

    def arrange(self, number: int, until: datetime) -> None:
        """Do what was done in the app before the exchange of this number, which is at ``until``."""
        while self._arranged and self._arranged[0]["before"] <= number:
            action = self._arranged.pop(0)
            # Another telling noted these times.
            at = min(datetime.fromisoformat(action["at"]), until)
            self._console.hold(action["name"], at)
            self._advance(at)
            self.heard.take(number - 1)
            made = self._console.do(action["name"], self.symbols.filled_object(action["facts"], at))
            # Webhooks of things done in the app between two exchanges came after the second.
            self.heard.take(number)
            for name, symbol in action.get("made", {}).items():
                if name in made:
                    self.symbols.bind(symbol, made[name])

    def tell(self, number: int, exchange: RecordedExchange) -> tuple[int, dict[str, str], Json]:
        """Send the request of an exchange at its time; return status, headers and body of our response."""
        at = datetime.fromisoformat(exchange["clock"])
        self.arrange(number, at)
        self._advance(at)
        self.heard.take(number - 1)
        if exchange["method"] != "GET":
            self.comparison.writes.append(at)
        response = self._api.respond(self._request(exchange, at))
        headers = {name.lower(): value for name, value in response.headers.items()}
        headers = {name: value for name, value in headers.items() if name in _KEPT or name.startswith("x-ratelimit-")}
        return response.status, {"content-type": response.content_type, **headers}, self._body(exchange, response)

    def _advance(self, at: datetime) -> None:
        store, target = self._store, max(at, self._store.now)
        zones = {customer.zone for customer in store.customers}
        clock.advance(store, target, JobHours(store.now, target, zones).first_from)

    def _request(self, exchange: RecordedExchange, at: datetime) -> IncomingRequest:
        path = self.symbols.filled(exchange["path"], at)
        query = [(name, self.symbols.filled(value, at)) for name, value in exchange["query"]]
        target = exchange.get("base", "/api/v1") + path + (f"?{urlencode(query)}" if query else "")
        key = "another-key" if exchange.get("other_key") else _KEY
        headers = {"Accept": "application/json", "Authorization": f"Bearer {key}"}
        body = b""
        if "request" in exchange:
            text = json.dumps(exchange["request"]).replace(*_TEXTS.get(exchange.get("note", ""), ("", "")))
            body = json.dumps(self.symbols.filled_object(json.loads(text), at)).encode()
        elif "raw_request" in exchange:
            body = self.symbols.filled(exchange["raw_request"], at).encode()
        if "request" in exchange or "raw_request" in exchange:
            headers["Content-Type"] = "application/json"
        headers |= _HEADERS.get(exchange.get("note", ""), {})
        return IncomingRequest(method=exchange["method"], target=target, headers=headers, body=body, request_id="told")

    def _body(self, exchange: RecordedExchange, response: OutgoingResponse) -> Json:
        body = parsed(response.body, response.content_type)
        scope = exchange.get("scope")
        if scope == "own":
            body = owned(body, self._prefix, self.symbols.ids())
        body = normal(body)
        return shapes(body) if scope == "shape" and response.status < 300 else body


def tell(name: str, story: Story) -> Told:
    """Tell a story to a new sandbox, and compare exchange by exchange."""
    teller = _Teller(story)
    comparison = teller.comparison
    found: list[Compared] = []
    recorded_invoices: dict[str, str] = {}
    our_invoices: dict[str, str] = {}
    for number, exchange in enumerate(story["exchanges"]):
        status, headers, body = teller.tell(number, exchange)
        if exchange["operation"] == "find_invoice" and exchange["status"] == 200:
            recorded_invoices[exchange["path"]] = invoice_facts(exchange["response"])
            our_invoices[exchange["path"]] = invoice_facts(body)
        # A fault of the server's own: any refusal is as good.
        fault = exchange["status"] == 500 and status >= 400
        sums = comparison.sums
        if fault or "unstable" in exchange:
            comparison.sums = Sums()
        comparison.any_order = "unstable" in exchange
        at = datetime.fromisoformat(exchange["clock"])
        differences = list(comparison.statuses(exchange["response"], exchange["status"], body, status))
        if not differences:
            differences = [
                *comparison.headers(exchange["headers"], headers),
                *comparison.bodies(exchange["response"], body, at),
            ]
        comparison.sums, comparison.any_order = sums, False
        counts = not fault and "unstable" not in exchange
        found.append(Compared(number, exchange, differences if counts else [], counts))
        teller.heard.take(number)
    equal = Counter(recorded_invoices.values()) & Counter(our_invoices.values())
    webhooks = teller.heard.compared(story, comparison) if "webhooks" in story else []
    return Told(name, found, comparison.sums, len(recorded_invoices), equal.total(), webhooks)


_INVOICE = (
    "invoice_type",
    "status",
    "issuing_date",
    "currency",
    "total_amount_cents",
    "total_due_amount_cents",
    "taxes_amount_cents",
    "prepaid_credit_amount_cents",
    "coupons_amount_cents",
)


def invoice_facts(body: Json) -> str:
    """Return what a customer pays for and when, without ids and numbers: the facts that make two invoices equal."""
    invoice = body.get("invoice") if isinstance(body, dict) else None
    if not isinstance(invoice, dict):
        return "none"
    listed = invoice.get("fees")
    fees = [fee for fee in listed if isinstance(fee, dict)] if isinstance(listed, list) else []
    facts = [
        json.dumps([fee.get("item") and _item(fee["item"]), _units(fee.get("units")), fee.get("amount_cents")])
        for fee in fees
    ]
    return json.dumps([[invoice.get(key) for key in _INVOICE], sorted(facts)])


def _units(units: Json) -> Json:
    """Return units with six decimals: a weighted sum depends on the part of a second in which a subscription began."""
    return str(round(Decimal(units), 6)) if isinstance(units, str) else units


def _item(item: Json) -> list[Json]:
    return [item.get("type"), item.get("code")] if isinstance(item, dict) else []
