"""Quotes and their versions. On the server only Lago's own app drafts them; here `draft` does."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from lago_async.sandbox._operations import order_filters
from lago_async.sandbox._operations.customers import find as find_customer
from lago_async.sandbox._operations.order_filters import OrderFilters, fits, one_of, within
from lago_async.sandbox._operations.order_gates import ORDER_TYPES, check_gates, next_number
from lago_async.sandbox._operations.quote_items import check_version, covers
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.quotes import OrderForm, Quote, QuoteVersion
from lago_async.sandbox._state.store import Store

_STATUSES = ("draft", "approved", "voided")


def draft(
    store: Store,
    external_customer_id: str,
    *,
    order_type: str,
    external_subscription_id: str | None,
    currency: str | None,
    content: str | None,
    billing_items: Mapping[str, Json] | None,
    owners: Sequence[str],
) -> JsonObject:
    """Draft a quote with a first version, as Lago's own app does."""
    if order_type not in ORDER_TYPES:
        raise ValueError(f"order_type must be one of {', '.join(ORDER_TYPES)}, not {order_type!r}")
    if (order_type == "subscription_amendment") != (external_subscription_id is not None):
        raise ValueError("give external_subscription_id for a subscription_amendment, and for no other order_type")
    customer = find_customer(store, external_customer_id)
    subscription = None
    if external_subscription_id is not None:
        subscription = store.subscription(external_subscription_id, "active")
        if subscription is None:
            raise refusals.not_found("subscription")
    quote = Quote(
        created_at=store.now,
        updated_at=store.now,
        number=next_number("QT", store.quotes, store.now),
        order_type=order_type,
        customer=customer,
        subscription=subscription,
        owners={store.quote_owners.setdefault(email, str(uuid4())): email for email in owners},
    )
    store.quotes.add(quote)
    items = None if billing_items is None else dict(billing_items)
    version = _add_version(store, quote, currency or customer.currency or "EUR", content, items)
    store.emit("quote.created", version)
    store.tell()
    return _full_json(store, quote)


def _add_version(store: Store, quote: Quote, currency: str | None, content: str | None, items: Json) -> QuoteVersion:
    version = QuoteVersion(
        created_at=store.now,
        updated_at=store.now,
        quote=quote,
        number=len(quote.versions) + 1,
        currency=currency,
        content=content,
        billing_items=items,
    )
    quote.versions.append(version)
    store.quote_versions.add(version)
    return version


def _listed_version_json(store: Store, version: QuoteVersion) -> JsonObject:
    customer = version.quote.customer
    return {
        "lago_id": version.lago_id,
        "lago_quote_id": version.quote.lago_id,
        "lago_organization_id": store.organization_id,
        "version": version.number,
        "status": version.status,
        "currency": version.currency,
        "billing_entity_code": None if customer.deleted_at else customer.billing_entity_code,
        "void_reason": version.void_reason,
        "approved_at": to_iso_or_null(version.approved_at),
        "voided_at": to_iso_or_null(version.voided_at),
        "created_at": to_iso(version.created_at),
        "updated_at": to_iso(version.updated_at),
    }


def _version_json(store: Store, version: QuoteVersion) -> JsonObject:
    return {
        **_listed_version_json(store, version),
        "content": version.content,
        "billing_items": version.billing_items,
    }


def version_with_quote_json(store: Store, version: QuoteVersion) -> JsonObject:
    """Return a version inside of its quote, as webhooks show it."""
    shown = _quote_json(store, version.quote)
    del shown["current_version"]
    return {**shown, "version": _listed_version_json(store, version)}


def _quote_json(store: Store, quote: Quote) -> JsonObject:
    return {
        "lago_id": quote.lago_id,
        "number": quote.number,
        "order_type": quote.order_type,
        "lago_customer_id": quote.customer.lago_id,
        "lago_subscription_id": None if quote.subscription is None else quote.subscription.lago_id,
        "lago_organization_id": store.organization_id,
        "created_at": to_iso(quote.created_at),
        "updated_at": to_iso(quote.updated_at),
        "current_version": _listed_version_json(store, quote.current),
    }


def _full_json(store: Store, quote: Quote) -> JsonObject:
    owners: list[Json] = [{"lago_id": lago_id, "email": email} for lago_id, email in quote.owners.items()]
    return {**_quote_json(store, quote), "owners": owners}


def _find(store: Store, lago_id: str) -> Quote:
    quote = store.quotes.find(lago_id)
    if quote is None:
        raise refusals.not_found("quote")
    return quote


def _find_version(store: Store, lago_id: str) -> QuoteVersion:
    version = store.quote_versions.find(lago_id)
    if version is None:
        raise refusals.not_found("quote_version")
    return version


@handles("find_all_quotes")
def find_all_quotes(call: OperationCall) -> PagedList:
    """List the quotes that match, newest first."""
    store = check_gates(call)
    given = OrderFilters(call.params)
    statuses = given.wrapped("status", "statuses", one_of(*_STATUSES))
    order_types = given.wrapped("order_type", "order_types", one_of(*ORDER_TYPES))
    numbers = given.wrapped("number", "numbers", order_filters.quote_number)
    owners = given.wrapped("owner_id", "owners", order_filters.uuid)
    customers = given.wrapped("external_customer_id", "customers", order_filters.any_text)
    since, until = given.time("from_date", "must be a date"), given.time("to_date", "must be a date")
    given.refuse()
    found = [
        quote
        for quote in store.quotes.newest_first()
        if fits(quote.current.status, statuses)
        and fits(quote.order_type, order_types)
        and fits(quote.number, numbers)
        and (owners is None or not quote.owners.keys().isdisjoint(owners))
        and fits(quote.customer.external_id, customers)
        and within(quote.created_at, since, until)
    ]
    return Window.of(call.params).page(found, lambda quote: encode(_quote_json(store, quote)))


@handles("find_quote")
def find_quote(call: OperationCall) -> JsonObject:
    """Return one quote, with its owners."""
    store = check_gates(call)
    return _full_json(store, _find(store, call.identifier))


@handles("find_all_quote_versions")
def find_all_quote_versions(call: OperationCall) -> PagedList:
    """List the versions of a quote, highest first."""
    store = check_gates(call)
    versions = _find(store, call.identifier).versions[::-1]
    return Window.of(call.params).page(versions, lambda version: encode(_listed_version_json(store, version)))


@handles("find_quote_version")
def find_quote_version(call: OperationCall) -> JsonObject:
    """Return one version."""
    store = check_gates(call)
    return _version_json(store, _find_version(store, call.identifier))


@handles("approve_quote_version")
def approve_quote_version(call: OperationCall) -> JsonObject:
    """Approve a draft, and make its order form."""
    store = check_gates(call, licence=True)
    version = _find_version(store, call.identifier)
    if version.status != "draft":
        raise refusals.invalid_field("status", "not_approvable")
    check_version(store, version)
    given = call.params.raw("expires_at")
    expires_at = parse_timestamp(given)
    if given not in (None, "") and (expires_at is None or expires_at <= store.now):
        raise refusals.invalid_field("expires_at", "invalid_date")
    if not covers(version, expires_at):
        raise refusals.invalid_field("expires_at", "after_deal_expiration")
    version.status, version.approved_at, version.updated_at = "approved", store.now, store.now
    number = next_number("OF", store.order_forms, store.now)
    form = OrderForm(created_at=store.now, updated_at=store.now, number=number, version=version, expires_at=expires_at)
    store.order_forms.add(form)
    store.emit("quote.approved", version)
    store.emit("order_form.created", form)
    return _version_json(store, version)


@handles("void_quote_version")
def void_quote_version(call: OperationCall) -> JsonObject:
    """Void a draft."""
    store = check_gates(call, licence=True)
    version = _find_version(store, call.identifier)
    if version.status != "draft":
        raise refusals.invalid_field("status", "not_voidable")
    version.void("manual", store.now)
    store.emit("quote.voided", version)
    return _version_json(store, version)


@handles("clone_quote_version")
def clone_quote_version(call: OperationCall) -> JsonObject:
    """Make a new draft of a version; the draft that is there is superseded."""
    store = check_gates(call, licence=True)
    version = _find_version(store, call.identifier)
    quote = version.quote
    if any(each.status == "approved" for each in quote.versions):
        raise refusals.invalid_field("status", "not_clonable")
    if quote.current.status == "draft":
        quote.current.void("superseded", store.now)
        store.emit("quote.voided", quote.current)
        store.tell()
    return _version_json(store, _add_version(store, quote, version.currency, version.content, version.billing_items))
