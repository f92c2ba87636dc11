"""Categories of products."""

import attrs

from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.product_fields import ATTACHED, category_in_use, check_named, searched, stripped
from lago_async.sandbox._operations.products import discard_product
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.products import ProductCategory
from lago_async.sandbox._state.store import Store


def _category_json(store: Store, category: ProductCategory) -> JsonObject:
    return {
        "lago_id": category.lago_id,
        "name": category.name,
        "code": category.code,
        "description": category.description,
        "invoice_display_name": category.invoice_display_name,
        "products_count": sum(product.category is category for product in store.products),
        "created_at": to_iso(category.created_at),
        "updated_at": to_iso(category.updated_at),
    }


CATEGORIES = Catalogue(root="product_category", records=lambda store: store.product_categories, render=_category_json)
handles("find_product_category")(CATEGORIES.find)


def _check(store: Store, category: ProductCategory) -> None:
    found = refusals.FieldErrors()
    others = [other for other in store.product_categories if other.lago_id != category.lago_id]
    check_named(found, category.name, category.code, others)
    found.refuse()


@handles("create_product_category")
def create_product_category(call: OperationCall) -> JsonObject:
    """Create a category."""
    store, given = call.store, call.envelope()
    category = ProductCategory(
        created_at=store.now,
        updated_at=store.now,
        code=stripped(given, "code"),
        name=given.text("name") or "",
        description=given.text("description"),
        invoice_display_name=given.text("invoice_display_name"),
    )
    _check(store, category)
    store.product_categories.add(category)
    return _category_json(store, category)


@handles("update_product_category")
def update_product_category(call: OperationCall) -> JsonObject:
    """Change a category; its code stays while a plan uses one of its products."""
    store = call.store
    given = call.envelope()
    category = CATEGORIES.record(call)
    changed = attrs.evolve(category, updated_at=store.now)
    for name in ("name", "description", "invoice_display_name"):
        if given.has(name):
            setattr(changed, name, given.text(name))
    if given.has("code"):
        changed.code = stripped(given, "code")
        if changed.code != category.code and category_in_use(store, category):
            raise refusals.invalid_field("code", ATTACHED)
    _check(store, changed)
    with store.product_categories.changing(category):
        for field in ("code", "name", "description", "invoice_display_name", "updated_at"):
            setattr(category, field, getattr(changed, field))
    return _category_json(store, category)


@handles("destroy_product_category")
def destroy_product_category(call: OperationCall) -> JsonObject:
    """Delete a category with its products; not while a plan uses one of them."""
    store, category = call.store, CATEGORIES.record(call)
    if category_in_use(store, category):
        raise refusals.invalid_field("product_category", ATTACHED)
    for product in [product for product in store.products if product.category is category]:
        discard_product(store, product)
    return CATEGORIES.destroy(call)


@handles("find_all_product_categories")
def find_all_product_categories(call: OperationCall) -> PagedList:
    """List the categories that match, newest first."""
    rows = searched(call, call.store.product_categories.newest_first())
    return Window.of(call.params).page(rows, lambda category: encode(_category_json(call.store, category)))
