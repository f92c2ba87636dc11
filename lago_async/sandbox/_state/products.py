"""Products of the catalogue, their filters, and the categories that group them."""

from datetime import datetime

import attrs

from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class CatalogueRecord(Record):
    """A record with the fields that everything in the catalogue of products has."""

    code: str
    name: str
    description: str | None
    updated_at: datetime


@attrs.define(kw_only=True, eq=False)
class ProductCategory(CatalogueRecord):
    """A group of products."""

    invoice_display_name: str | None


@attrs.define(kw_only=True, eq=False)
class ProductFilter(CatalogueRecord):
    """The part of a product's usage with these values. A value of None stands for any value of its key."""

    invoice_display_name: str | None
    values: list[tuple[str, str | None]]


@attrs.define(kw_only=True, eq=False)
class Product(CatalogueRecord):
    """An item that rate cards price: the units of a metric, or a fixed one."""

    invoice_display_name: str | None
    product_type: str
    metric: BillableMetric | None
    category: ProductCategory | None
    filters: list[ProductFilter] = attrs.field(factory=list[ProductFilter])
