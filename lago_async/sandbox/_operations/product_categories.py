"""Product categories."""

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.product_fields import (
    change_display_name,
    change_texts,
    checked_names,
    record_json,
    searched,
)
from lago_async.sandbox._operations.products import discard_product
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import ProductCategory
from lago_async.sandbox._state.store import Store


def product_category_json(store: Store, category: ProductCategory) -> JsonObject:
    """Return a category as responses show it."""
    return {
        **record_json(category),
        "invoice_display_name": category.invoice_display_name,
        "products_count": sum(product.category is category for product in store.products),
    }


PRODUCT_CATEGORIES = Catalogue(
    root="product_category", records=lambda store: store.product_categories, render=product_category_json
)
handles("find_product_category")(PRODUCT_CATEGORIES.find)


@handles("find_all_product_categories")
def find_all_product_categories(call: OperationCall) -> PagedList:
    """List the categories, newest first."""
    rows = searched(call.store.product_categories.newest_first(), call.params)
    return Window.of(call.params).page(rows, lambda category: encode(product_category_json(call.store, category)))


@handles("create_product_category")
def create_product_category(call: OperationCall) -> JsonObject:
    """Create a category."""
    store, given = call.store, call.envelope()
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, None, lambda code: store.product_categories.find(code) is not None)
    found.refuse()
    category = ProductCategory(
        created_at=store.now,
        updated_at=store.now,
        code=code,
        name=name,
        description=given.text("description"),
        invoice_display_name=given.text("invoice_display_name"),
    )
    store.product_categories.add(category)
    return product_category_json(store, category)


@handles("update_product_category")
def update_product_category(call: OperationCall) -> JsonObject:
    """Change a category."""
    store, given = call.store, call.envelope()
    category = PRODUCT_CATEGORIES.record(call)
    found = refusals.FieldErrors()
    code, name = checked_names(found, given, category, lambda code: store.product_categories.find(code) is not None)
    found.refuse()
    with store.product_categories.changing(category):
        category.code = code
    change_texts(category, given, name, store.now)
    change_display_name(category, given)
    return product_category_json(store, category)


@handles("destroy_product_category")
def destroy_product_category(call: OperationCall) -> JsonObject:
    """Delete a category with its products."""
    store, category = call.store, PRODUCT_CATEGORIES.record(call)
    for product in [product for product in store.products if product.category is category]:
        discard_product(store, product)
    return PRODUCT_CATEGORIES.destroy(call)
