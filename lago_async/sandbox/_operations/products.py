"""Products of the catalogue."""

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.product_fields import (
    change_display_name,
    change_texts,
    checked_names,
    codes_of,
    is_given,
    record_json,
    searched,
)
from lago_async.sandbox._operations.rate_cards import discard_rate_cards
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.products import Product, ProductCategory
from lago_async.sandbox._state.store import Store

_TYPES = ("usage", "fixed")


def product_json(_: Store, product: Product) -> JsonObject:
    """Return a product as responses show it."""
    return {
        **record_json(product),
        "product_category_code": None if product.category is None else product.category.code,
        "billable_metric_code": None if product.metric is None else product.metric.code,
        "invoice_display_name": product.invoice_display_name,
        "product_type": product.product_type,
        "filters_count": len(product.filters),
    }


PRODUCTS = Catalogue(root="product", records=lambda store: store.products, render=product_json)
handles("find_product")(PRODUCTS.find)


def _category(store: Store, given: Fields) -> ProductCategory | None:
    code = given.filled("product_category_code")
    category = store.product_categories.find(code)
    if category is None and code is not None:
        raise refusals.not_found("product_category")
    return category


def _metric(store: Store, given: Fields) -> BillableMetric | None:
    if not is_given(given, "billable_metric_code"):
        return None
    metric = store.billable_metrics.find(given.text("billable_metric_code"))
    if metric is None:
        raise refusals.not_found("billable_metric")
    return metric


@handles("find_all_products")
def find_all_products(call: OperationCall) -> PagedList:
    """List the products, newest first."""
    store, params = call.store, call.params
    codes = codes_of(params, "product_category_code")
    if len(codes) != len({code for code in codes if store.product_categories.find(code) is not None}):
        raise refusals.not_found("product_category")
    kind = params.raw("product_type")
    if kind and kind not in _TYPES:
        raise refusals.invalid_field("product_type", "value_is_invalid")
    bare = bool(params.boolean("without_product_category"))
    rows = [
        product
        for product in searched(store.products.newest_first(), params)
        if (not kind or product.product_type == kind)
        and (
            (bare and product.category is None)
            or (product.category is not None and product.category.code in codes)
            or not (bare or codes)
        )
    ]
    return Window.of(params).page(rows, lambda product: encode(product_json(store, product)))


@handles("create_product")
def create_product(call: OperationCall) -> JsonObject:
    """Create a product."""
    store, given = call.store, call.envelope()
    category, metric = _category(store, given), _metric(store, given)
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, None, lambda code: store.products.find(code) is not None)
    kind = given.text("product_type")
    if kind not in _TYPES:
        found.add("product_type", "value_is_invalid")
    elif kind == "usage" and metric is None:
        found.add("billable_metric_code", "value_is_mandatory")
    elif kind == "fixed" and metric is not None:
        found.add("billable_metric_code", "value_must_be_blank")
    found.refuse()
    product = Product(
        created_at=store.now,
        updated_at=store.now,
        code=code,
        name=name,
        description=given.text("description"),
        invoice_display_name=given.text("invoice_display_name"),
        product_type=kind or "",
        metric=metric,
        category=category,
    )
    store.products.add(product)
    return product_json(store, product)


@handles("update_product")
def update_product(call: OperationCall) -> JsonObject:
    """Change a product; its type and its metric stay."""
    store, given = call.store, call.envelope()
    category = _category(store, given)
    product = PRODUCTS.record(call)
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, product, lambda code: store.products.find(code) is not None)
    found.refuse()
    with store.products.changing(product):
        product.code = code
    change_texts(product, given, name, store.now)
    change_display_name(product, given)
    if is_given(given, "product_category_code"):
        product.category = category
    return product_json(store, product)


def discard_product(store: Store, product: Product) -> None:
    """Delete a product with its filters and rate cards."""
    discard_rate_cards(store, [card for card in store.rate_cards if card.product is product])
    product.filters.clear()
    store.products.discard(product, store.now)


@handles("destroy_product")
def destroy_product(call: OperationCall) -> JsonObject:
    """Delete a product, and return it a last time."""
    product = PRODUCTS.record(call)
    discard_product(call.store, product)
    return product_json(call.store, product)
