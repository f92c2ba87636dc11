"""Products."""

import attrs

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.product_fields import (
    ATTACHED,
    check_named,
    discard_cards,
    product_in_use,
    searched,
    stripped,
)
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import Product, ProductCategory
from lago_async.sandbox._state.store import Store

_TYPES = ("usage", "fixed")


def _product_json(_: Store, product: Product) -> JsonObject:
    return {
        "lago_id": product.lago_id,
        "product_category_code": None if product.category is None else product.category.code,
        "billable_metric_code": None if product.metric is None else product.metric.code,
        "name": product.name,
        "code": product.code,
        "description": product.description,
        "invoice_display_name": product.invoice_display_name,
        "product_type": product.product_type,
        "filters_count": len(product.filters),
        "created_at": to_iso(product.created_at),
        "updated_at": to_iso(product.updated_at),
    }


PRODUCTS = Catalogue(root="product", records=lambda store: store.products, render=_product_json)
handles("find_product")(PRODUCTS.find)


def _category(store: Store, given: Fields) -> ProductCategory | None:
    code = given.filled("product_category_code")
    category = store.product_categories.find(code)
    if code is not None and category is None:
        raise refusals.not_found("product_category")
    return category


def _check(store: Store, product: Product) -> None:
    found = refusals.FieldErrors()
    if product.product_type not in _TYPES:
        found.add("product_type", "value_is_invalid")
    check_named(found, product.name, product.code, [one for one in store.products if one.lago_id != product.lago_id])
    if product.product_type == "usage" and product.metric is None:
        found.add("billable_metric_code", "value_is_mandatory")
    if product.product_type == "fixed" and product.metric is not None:
        found.add("billable_metric_code", "value_must_be_blank")
    found.refuse()


@handles("create_product")
def create_product(call: OperationCall) -> JsonObject:
    """Create a product. The usage of a metric needs the metric, a fixed item has none."""
    store, given = call.store, call.envelope()
    category = _category(store, given)
    metric = store.billable_metrics.find(given.text("billable_metric_code"))
    if given.has("billable_metric_code") and metric is None:
        raise refusals.not_found("billable_metric")
    product = Product(
        created_at=store.now,
        updated_at=store.now,
        code=stripped(given, "code"),
        name=given.text("name") or "",
        description=given.text("description"),
        invoice_display_name=given.text("invoice_display_name"),
        product_type=given.text("product_type") or "",
        category=category,
        metric=metric,
    )
    _check(store, product)
    store.products.add(product)
    return _product_json(store, product)


@handles("update_product")
def update_product(call: OperationCall) -> JsonObject:
    """Change a product; its code and its category stay while a plan uses it."""
    store, given = call.store, call.envelope()
    category = _category(store, given)
    product = PRODUCTS.record(call)
    changed = attrs.evolve(product, updated_at=store.now)
    for name in ("name", "description", "invoice_display_name"):
        if given.has(name):
            setattr(changed, name, given.text(name))
    if given.has("code"):
        changed.code = stripped(given, "code")
    if given.has("product_category_code"):
        changed.category = category
    if product_in_use(store, product):
        if changed.code != product.code:
            raise refusals.invalid_field("code", ATTACHED)
        if changed.category is not product.category:
            raise refusals.invalid_field("product_category_code", ATTACHED)
    _check(store, changed)
    with store.products.changing(product):
        for field in ("code", "name", "description", "invoice_display_name", "category", "updated_at"):
            setattr(product, field, getattr(changed, field))
    return _product_json(store, product)


def discard_product(store: Store, product: Product) -> None:
    """Delete a product with its filters and rate cards."""
    discard_cards(store, [card for card in store.rate_cards if card.product is product])
    product.filters = []
    store.products.discard(product, store.now)


@handles("destroy_product")
def destroy_product(call: OperationCall) -> JsonObject:
    """Delete a product; not while a plan uses it."""
    store, product = call.store, PRODUCTS.record(call)
    if product_in_use(store, product):
        raise refusals.invalid_field("product", ATTACHED)
    discard_product(store, product)
    return _product_json(store, product)


@handles("find_all_products")
def find_all_products(call: OperationCall) -> PagedList:
    """List the products that match, newest first."""
    store, params = call.store, call.params
    one = params.filled("product_category_code")
    codes = [code for code in params.strings("product_category_code") or ([] if one is None else [one]) if code]
    categories = [store.product_categories.find(code) for code in codes]
    if None in categories or len(set(codes)) < len(codes):
        raise refusals.not_found("product_category")
    kind = params.filled("product_type")
    if kind is not None and kind not in _TYPES:
        raise refusals.invalid_field("product_type", "value_is_invalid")
    accepted: list[ProductCategory | None] = [*categories]
    if params.boolean("without_product_category"):
        accepted.append(None)
    rows = [
        product
        for product in searched(call, store.products.newest_first())
        if (not accepted or product.category in accepted) and kind in {None, product.product_type}
    ]
    return Window.of(params).page(rows, lambda product: encode(_product_json(store, product)))
