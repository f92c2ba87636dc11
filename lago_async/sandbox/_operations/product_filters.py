"""Filters of products."""

import attrs

from lago_async.sandbox._operations.product_fields import (
    ATTACHED,
    check_named,
    discard_cards,
    product_in_use,
    searched,
    stripped,
)
from lago_async.sandbox._operations.products import PRODUCTS
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import Product, ProductFilter


def _filter_json(one: ProductFilter) -> JsonObject:
    return {
        "lago_id": one.lago_id,
        "name": one.name,
        "code": one.code,
        "description": one.description,
        "invoice_display_name": one.invoice_display_name,
        "values": [{"key": key, "value": value} for key, value in one.values],
        "created_at": to_iso(one.created_at),
        "updated_at": to_iso(one.updated_at),
    }


def _find(call: OperationCall) -> tuple[Product, ProductFilter]:
    product = PRODUCTS.record(call)
    for one in product.filters:
        if one.code == call.path_params[1]:
            return product, one
    raise refusals.not_found("product_filter")


def _values(product: Product, given: Fields, own: ProductFilter | None) -> list[tuple[str, str | None]]:
    """Return the values that were sent; the rules stand in the server's order."""
    known = {} if product.metric is None else product.metric.filters
    items = given.list_of_fields("values") or []
    for item in items:
        if item.filled("key") is not None and item.filled("key") not in known:
            raise refusals.invalid_field("values.key", "value_is_invalid")
    if not items:
        raise refusals.invalid_field("values", "value_is_mandatory")
    if any(item.filled("key") is None for item in items):
        raise refusals.invalid_field("values.billable_metric_filter", "value_is_invalid")
    values = [(item.filled("key") or "", item.text("value")) for item in items]
    alone = {key for key, value in values if value is None}
    if alone & {key for key, value in values if value is not None}:
        raise refusals.invalid_field("values", "key_only_conflicts_with_values")
    if any(_sorted(one.values) == _sorted(values) for one in product.filters if one is not own):
        raise refusals.invalid_field("values", "value_already_exist")
    return values


def _sorted(values: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return sorted((key, value or "") for key, value in values)


def _check_values(product: Product, values: list[tuple[str, str | None]]) -> None:
    known = {} if product.metric is None else product.metric.filters
    for position, (key, value) in enumerate(values):
        found = refusals.FieldErrors()
        if value is not None and not value.strip():
            found.add("values.value", "value_is_mandatory")
        if (key, value) in values[:position]:
            found.add("values.value", "value_already_exist")
        if value is not None and value.strip() and value not in known[key]:
            found.add("values.value", "value_is_invalid")
        found.refuse()


def _check_named(product: Product, one: ProductFilter) -> None:
    found = refusals.FieldErrors()
    check_named(found, one.name, one.code, [other for other in product.filters if other.lago_id != one.lago_id])
    found.refuse()


@handles("create_product_filter")
def create_product_filter(call: OperationCall) -> JsonObject:
    """Add a filter to a product that is the usage of a metric."""
    store, product = call.store, PRODUCTS.record(call)
    given = call.envelope()
    if product.product_type != "usage":
        raise refusals.invalid_field("product", "not_allowed_for_product_type")
    one = ProductFilter(
        created_at=store.now,
        updated_at=store.now,
        code=stripped(given, "code"),
        name=given.text("name") or "",
        description=given.text("description"),
        invoice_display_name=given.text("invoice_display_name"),
        values=_values(product, given, None),
    )
    _check_named(product, one)
    _check_values(product, one.values)
    product.filters.append(one)
    return _filter_json(one)


@handles("find_product_filter")
def find_product_filter(call: OperationCall) -> JsonObject:
    """Return one filter of a product."""
    return _filter_json(_find(call)[1])


@handles("update_product_filter")
def update_product_filter(call: OperationCall) -> JsonObject:
    """Change a filter; its code stays while a plan uses the product."""
    store, (product, one) = call.store, _find(call)
    given = call.envelope()
    code = stripped(given, "code") if given.has("code") else one.code
    if code != one.code and product_in_use(store, product):
        raise refusals.invalid_field("code", ATTACHED)
    values = _values(product, given, one) if given.has("values") else one.values
    changed = attrs.evolve(one, code=code, values=values, updated_at=store.now)
    for name in ("name", "description", "invoice_display_name"):
        if given.has(name):
            setattr(changed, name, given.text(name))
    _check_named(product, changed)
    _check_values(product, values)
    for field in ("code", "name", "description", "invoice_display_name", "values", "updated_at"):
        setattr(one, field, getattr(changed, field))
    return _filter_json(one)


@handles("destroy_product_filter")
def destroy_product_filter(call: OperationCall) -> JsonObject:
    """Delete a filter with its rate cards; not while a plan uses the product."""
    store, (product, one) = call.store, _find(call)
    if product_in_use(store, product):
        raise refusals.invalid_field("product_filter", ATTACHED)
    discard_cards(store, [card for card in store.rate_cards if card.product_filter is one])
    product.filters.remove(one)
    return _filter_json(one)


@handles("find_all_product_filters")
def find_all_product_filters(call: OperationCall) -> PagedList:
    """List the filters of a product that match, oldest first."""
    rows = searched(call, PRODUCTS.record(call).filters)
    return Window.of(call.params).page(rows, lambda one: encode(_filter_json(one)))
