"""Whatever a running Lago took in a recording can be sent with this package, and arrives as it was recorded."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from lago_async import LagoArgumentError
from lago_async._codec.hints import has_origin
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from tests.contract.kinds import members
from tests.contract.recordings import Exchange, exchanges

# Requests that the server took although a part of them means nothing, by operation: it drops an unknown name, and a
# value of a wrong type. In a program that is a mistake, which the client refuses.
NAMES_THAT_MEAN_NOTHING = {
    "approve_quote_version": {"quote_version"},
    "create_customer": {"nothing"},
    "create_product_category": {"lago_id", "nothing"},
    "resend_credit_note_email": {"invoice"},
    "resend_invoice_email": {"invoice"},
    "resend_payment_receipt_email": {"invoice"},
    "update_applied_rate_card": {"rate_card_code"},
    "update_product_category": {"nothing"},
    "update_rate_card": {"product_code", "product_filter_code", "rates"},
}
VALUES_OF_A_WRONG_TYPE = {
    "approve_quote_version: expires_at: expected a date, or a datetime with a time zone, got ''",
    "create_customer: customer.external_id: expected str, got int",
    "create_customer: customer.name: expected str | null, got int",
    "create_event: event.precise_total_amount_cents: Invalid decimal string",
    "create_product_category: product_category.description: expected str | null, got object",
    "create_product_category: product_category.name: expected str, got int",
    "create_rate_card: rate_card.rates: expected array | null, got str",
    "create_rate_card_rate: rate.billing_interval_count: expected int | null, got float",
    "create_rate_card_rate: rate.min_amount_cents: expected int | null, got str",
    "create_tax: tax.rate: Invalid decimal string",
    "event_batch_estimate_instant_fees: expected a list of EventEstimateInput, got dict",
    "replace_customer_wallet_metadata: expected a mapping, got str",
    "replace_wallet_metadata: expected a mapping, got str",
    "resend_credit_note_email: to: expected array | null, got str",
    "resend_invoice_email: to: expected array | null, got str",
    "resend_payment_receipt_email: to: expected array | null, got str",
}
# An event of no subscription, which is on no bill: see reviewed.toml.
MISSING = {"create_event: EventInput.external_subscription_id is missing"}

FILTERS_THAT_MEAN_NOTHING = {"find_all_customer_invoices?customer_external_id", "find_all_quotes?nothing"}


def taken() -> Iterator[tuple[Exchange, list[Endpoint]]]:
    """Yield the exchanges with a success, and the rows of their operation."""
    for exchange in exchanges():
        forms = [row.endpoint for row in ENDPOINTS.rows if row.name == exchange.operation]
        if 200 <= exchange.status < 300 and forms:
            yield exchange, forms


def form_of(request: dict[str, Any], forms: list[Endpoint]) -> Endpoint:
    """Return the row of the shape that a request has."""
    fitting = [form for form in forms if form.request_root is None or form.request_root in request]
    for form in fitting:
        content = request if form.request_root is None else request[form.request_root]
        if has_origin(list)(members(form.body)[0]) == isinstance(content, list):
            return form
    return fitting[0]


def sent(endpoint: Endpoint, request: dict[str, Any]) -> Any:
    """Return the JSON that is sent for the content of a recorded request."""
    content = request if endpoint.request_root is None else request[endpoint.request_root]
    beside = {name: request[name] for name, _ in endpoint.siblings if name in request}
    queries = {each.name: "x" for each in endpoint.query if each.required}
    body = endpoint.encode((*["x" for _ in endpoint.path_params], content), {**queries, **beside}).body
    return None if body is None else json.loads(body)


def without(request: dict[str, Any], root: str | None, names: set[str]) -> dict[str, Any]:
    """Return a request without names that mean nothing."""
    content = request if root is None else request[root]
    kept = (
        {name: value for name, value in content.items() if name not in names} if isinstance(content, dict) else content
    )
    return kept if root is None else {**request, root: kept}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_recorded_request_that_the_server_took_can_be_sent_and_arrives_as_it_was() -> None:
    refused: defaultdict[str, list[str]] = defaultdict(list)
    different: list[str] = []
    same = 0
    for exchange, forms in taken():
        if not exchange.request or all(form.body is None for form in forms):
            continue
        endpoint = form_of(exchange.request, forms)
        request = without(exchange.request, endpoint.request_root, NAMES_THAT_MEAN_NOTHING.get(endpoint.name, set()))
        try:
            arrived = sent(endpoint, request)
        except LagoArgumentError as error:
            refused[str(error)].append(exchange.story)
            continue
        known = {endpoint.request_root, *(name for name, _ in endpoint.siblings)}
        wanted = {name: value for name, value in request.items() if endpoint.request_root is None or name in known}
        if arrived == wanted or (arrived is None and not wanted):
            same += 1
        else:
            different.append(f"{exchange.story} {exchange.number}: {wanted} is sent as {arrived}")
    assert different == []
    assert refused.keys() == VALUES_OF_A_WRONG_TYPE | MISSING, refused
    assert same > 2_700


def test_every_recorded_filter_that_the_server_took_can_be_sent() -> None:
    unknown: set[str] = set()
    for exchange, (endpoint, *_) in taken():
        names = {re.sub(r"\[.*", "", each.wire) for each in endpoint.query}
        unknown |= {f"{endpoint.name}?{name}" for name, _ in exchange.query if re.sub(r"\[.*", "", name) not in names}
    assert unknown == FILTERS_THAT_MEAN_NOTHING
