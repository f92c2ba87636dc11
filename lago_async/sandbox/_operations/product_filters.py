"""Filters of products."""

from collections.abc import Sequence

from lago_async.sandbox._operations.product_fields import (
    change_display_name,
    change_texts,
    checked_names,
    record_json,
    searched,
)
from lago_async.sandbox._operations.products import PRODUCTS
from lago_async.sandbox._operations.rate_cards import discard_rate_cards
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import Product, ProductFilter

Values = list[tuple[str, str | None]]


def product_filter_json(product_filter: ProductFilter) -> JsonObject:
    """Return a filter as responses show it."""
    return {
        **record_json(product_filter),
        "invoice_display_name": product_filter.invoice_display_name,
        "values": [{"key": key, "value": value} for key, value in product_filter.values],
    }


def _filter(call: OperationCall, product: Product) -> ProductFilter:
    for product_filter in product.filters:
        if product_filter.code == call.path_params[1]:
            return product_filter
    raise refusals.not_found("product_filter")


def _normal(values: Sequence[tuple[str, str | None]]) -> list[tuple[str, str]]:
    """Return values in the form in which two filters are compared: in order, and null like an empty text."""
    return sorted((key, value or "") for key, value in values)


def _values(product: Product, given: Fields, own: ProductFilter | None) -> Values:
    """Return the values that were sent, which are keys of the product's metric and not those of another filter."""
    known = {} if product.metric is None else product.metric.filters
    single = given.mapping("values")
    sent = given.list_of_fields("values") if single is None else [Fields(single)]
    values: Values = []
    for item in sent or []:
        key = item.filled("key")
        if key is not None and key not in known:
            raise refusals.invalid_field("values.key", "value_is_invalid")
        values.append((key or "", item.text("value")))
    if not values:
        raise refusals.invalid_field("values", "value_is_mandatory")
    if any(not key for key, _ in values):
        raise refusals.invalid_field("values.billable_metric_filter", "value_is_invalid")
    if {key for key, value in values if value is None} & {key for key, value in values if value is not None}:
        raise refusals.invalid_field("values", "key_only_conflicts_with_values")
    if any(_normal(other.values) == _normal(values) for other in product.filters if other is not own):
        raise refusals.invalid_field("values", "value_already_exist")
    return values


def _check_each(product: Product, values: Values) -> None:
    """Refuse the first value that its key does not have, or that is there twice; only after the names."""
    known = {} if product.metric is None else product.metric.filters
    for place, (key, value) in enumerate(values):
        found = refusals.FieldErrors()
        if value is not None and not value.strip():
            found.add("values.value", "value_is_mandatory")
        if (key, value) in values[:place]:
            found.add("values.value", "value_already_exist")
        if value and value.strip() and value not in known[key]:
            found.add("values.value", "value_is_invalid")
        found.refuse()


@handles("find_all_product_filters")
def find_all_product_filters(call: OperationCall) -> PagedList:
    """List the filters of a product, oldest first."""
    rows = searched(PRODUCTS.record(call).filters, call.params)
    return Window.of(call.params).page(rows, lambda product_filter: encode(product_filter_json(product_filter)))


@handles("find_product_filter")
def find_product_filter(call: OperationCall) -> JsonObject:
    """Return one filter."""
    return product_filter_json(_filter(call, PRODUCTS.record(call)))


@handles("create_product_filter")
def create_product_filter(call: OperationCall) -> JsonObject:
    """Create a filter of a product that counts usage."""
    store, product = call.store, PRODUCTS.record(call)
    given = call.envelope()
    if product.product_type != "usage":
        raise refusals.invalid_field("product", "not_allowed_for_product_type")
    values = _values(product, given, None)
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, None, lambda code: any(each.code == code for each in product.filters))
    found.refuse()
    _check_each(product, values)
    product_filter = ProductFilter(
        created_at=store.now,
        updated_at=store.now,
        code=code,
        name=name,
        description=given.text("description"),
        invoice_display_name=given.text("invoice_display_name"),
        values=values,
    )
    product.filters.append(product_filter)
    return product_filter_json(product_filter)


@handles("update_product_filter")
def update_product_filter(call: OperationCall) -> JsonObject:
    """Change a filter; its values are replaced as a whole."""
    product = PRODUCTS.record(call)
    own = _filter(call, product)
    given = call.envelope()
    values = _values(product, given, own) if given.has("values") else own.values
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, own, lambda code: any(each.code == code for each in product.filters))
    found.refuse()
    if _normal(values) != _normal(own.values):
        _check_each(product, values)
        own.values = values
    own.code = code
    change_texts(own, given, name, call.store.now)
    change_display_name(own, given)
    return product_filter_json(own)


@handles("destroy_product_filter")
def destroy_product_filter(call: OperationCall) -> JsonObject:
    """Delete a filter with its rate cards, and return it a last time."""
    store, product = call.store, PRODUCTS.record(call)
    product_filter = _filter(call, product)
    discard_rate_cards(store, [card for card in store.rate_cards if card.product_filter is product_filter])
    product.filters.remove(product_filter)
    return product_filter_json(product_filter)
