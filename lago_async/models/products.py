"""Models of products, which the catalogue sells, and of their filters."""

from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model

__all__ = [
    "Product",
    "ProductFilter",
    "ProductFilterInput",
    "ProductFilterUpdateInput",
    "ProductFilterValue",
    "ProductFilterValueInput",
    "ProductInput",
    "ProductType",
    "ProductUpdateInput",
]

ProductType = Literal["usage", "fixed"]


@response_model
class Product:
    """An item of the catalogue that rate cards put a price on.

    Attributes:
        product_category_code: None without a category.
        billable_metric_code: The metric that counts its units; None if ``product_type`` is ``fixed``.
        invoice_display_name: Instead of the name, on invoices.
    """

    lago_id: str
    product_category_code: str | None
    billable_metric_code: str | None
    name: str
    code: str
    description: str | None
    invoice_display_name: str | None
    product_type: Open[ProductType]
    filters_count: int
    created_at: Timestamp
    updated_at: Timestamp


@input_model
class ProductInput:
    """A product to create.

    Attributes:
        code: Spaces around it are removed.
        invoice_display_name: Instead of the name, on invoices.
        billable_metric_code: Required if ``product_type`` is ``usage``. Leave it out if it is ``fixed``: null is
            refused.
    """

    name: str
    code: str
    product_type: Open[ProductType]
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    product_category_code: str | None | UnsetType = UNSET
    billable_metric_code: str | None | UnsetType = UNSET


@input_model
class ProductUpdateInput:
    """Changes to a product. While a plan has a rate card of it, its code and its category cannot change.

    Attributes:
        product_category_code: None removes the product from its category.
    """

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    product_category_code: str | None | UnsetType = UNSET


@response_model
class ProductFilterValue:
    """One value of one filter key of the product's metric.

    Attributes:
        value: None for any value of the key.
    """

    key: str
    value: str | None


@response_model
class ProductFilter:
    """A part of a product's usage that can have its own rate card: the events with these values."""

    lago_id: str
    name: str
    code: str
    description: str | None
    invoice_display_name: str | None
    values: list[ProductFilterValue]
    created_at: Timestamp
    updated_at: Timestamp


@input_model
class ProductFilterValueInput:
    """One value of one filter key of the product's metric.

    Attributes:
        value: Any value of the key, if it is None or not given.
    """

    key: str
    value: str | None | UnsetType = UNSET


@input_model
class ProductFilterInput:
    """A filter of a product to create.

    Attributes:
        values: Pairs of the product's metric. No two filters of a product can have the same ones.
    """

    name: str
    code: str
    values: list[ProductFilterValueInput]
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET


@input_model
class ProductFilterUpdateInput:
    """Changes to a filter of a product. While a plan has a rate card of the product, the code cannot change.

    Attributes:
        values: Replaces all values.
    """

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    values: list[ProductFilterValueInput] | UnsetType = UNSET
